package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxAnswer  = 10 << 20                           // bytes of an answer
	maxWait    = 60 * time.Second                   // for a rate limit, each time
	maxRetries = 5                                  // of a call that met a rate limit
	wrongToken = "dG9rOnBhcmxleS1jb25mb3JtYW5jZQ==" // of nobody
)

// A client sends requests to one server. It follows no redirect: the token is for
// the server that was named.
type client struct {
	base  *url.URL
	token string
	http  *http.Client
	wait  func(context.Context, time.Duration) error
	clock func() time.Time
	limit time.Duration
}

func newClient(base *url.URL, o Options) *client {
	return &client{base: base, token: o.Token, wait: o.Wait, clock: o.Clock, limit: o.Timeout, http: &http.Client{
		Transport:     o.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// An answer is what a server said, read to its end.
type answer struct {
	status      int
	header      http.Header
	contentType string
	body        []byte
	took        time.Duration
}

// A request is what a server is asked.
type request struct {
	method, target string // path and query
	body           string
	accept         string
	token          string // instead of the client's own
}

// send sends a request and reads the answer. A rate limit is waited for, unless
// the answer is about something else than the rate.
func (c *client) send(ctx context.Context, q request) (*answer, error) {
	for try := 0; ; try++ {
		a, err := c.once(ctx, q)
		if err != nil || a.status != http.StatusTooManyRequests || try == maxRetries || !a.isRateLimit() {
			return a, err
		}
		if err := c.wait(ctx, a.untilReset(c.clock())); err != nil {
			return nil, err
		}
	}
}

// isRateLimit tells a spent rate from other things there are too many of: then
// the headers say that requests are left.
func (a *answer) isRateLimit() bool {
	left, err := strconv.Atoi(a.header.Get("X-RateLimit-Remaining"))
	return err != nil && a.header.Get("X-RateLimit-Reset") != "" || err == nil && left <= 0
}

// untilReset is how long the server wants to be left alone, by its own clock
// where it tells the time.
func (a *answer) untilReset(now time.Time) time.Duration {
	if date, err := http.ParseTime(a.header.Get("Date")); err == nil {
		now = date
	}
	reset, err := strconv.ParseInt(a.header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		return time.Second
	}
	return min(max(time.Unix(reset, 0).Sub(now), time.Second), maxWait)
}

func (c *client) once(ctx context.Context, q request) (*answer, error) {
	ctx, stop := context.WithTimeout(ctx, c.limit)
	defer stop()
	hr, err := http.NewRequestWithContext(ctx, q.method, c.base.String()+q.target, strings.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	token := c.token
	if q.token != "" {
		token = q.token
	}
	hr.Header.Set("Authorization", "Bearer "+token)
	hr.Header.Set("Intercom-Version", "2.9")
	hr.Header.Set("User-Agent", "parley-conformance")
	hr.Header.Set("Accept", "application/json")
	if q.accept != "" {
		hr.Header.Set("Accept", q.accept)
	}
	if q.body != "" {
		hr.Header.Set("Content-Type", "application/json")
	}
	began := c.clock()
	res, err := c.http.Do(hr)
	if err != nil {
		return nil, c.plain(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer broke off: %w", c.plain(err))
	case len(body) > maxAnswer:
		return nil, fmt.Errorf("the answer is longer than %d MB", maxAnswer>>20)
	}
	return &answer{res.StatusCode, res.Header, res.Header.Get("Content-Type"), body, c.clock().Sub(began)}, nil
}

// plain is the error of a call without the URL, and in plain words if it is that
// time was up.
func (c *client) plain(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return fmt.Errorf("no answer within %v", c.limit)
	}
	return err
}

// A failure is the error that an answer's body tells, in either form of the API.
type failure struct {
	Type   string
	Errors []struct{ Code, Message string }

	ErrorKey string `json:"error_key"`
	Message  string
}

func (a *answer) failure() failure {
	var f failure
	_ = json.Unmarshal(a.body, &f) // what is no error tells none
	return f
}

// code is the code of the error that the answer tells, or empty.
func (a *answer) code() string {
	f := a.failure()
	if len(f.Errors) > 0 {
		return f.Errors[0].Code
	}
	return f.ErrorKey
}

// String is the answer in a few words: its status, and the error or where it
// leads.
func (a *answer) String() string {
	text := strconv.Itoa(a.status)
	f := a.failure()
	switch {
	case a.header.Get("Location") != "":
		text += " with a redirect to " + a.header.Get("Location") + ", which was not followed"
	case len(f.Errors) > 0:
		text += " " + f.Errors[0].Code + " (" + f.Errors[0].Message + ")"
	case f.ErrorKey != "":
		text += " " + f.ErrorKey + " (" + f.Message + ")"
	}
	return text
}
