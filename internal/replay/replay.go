// Package replay sends the requests of a cassette to a server and tells where its
// answers are not those that were recorded.
// It must not send anything to any other server, whatever a cassette says, or know how
// the server works.
package replay

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley/internal/cassette"
)

// Options say what is replayed, and how it is compared.
type Options struct {
	// Base is the URL that the paths of the cassette are below, http or https.
	Base  string
	Token string // is sent where a request had one that was accepted
	// Ignore has JSON pointers in which * stands for any one step, and names of members
	// wherever they are.
	Ignore []string
	// IDs are what recorded ids are on the server, where no answer tells.
	IDs map[string]string
	// Strict has times compared as values, and the seconds between two of them.
	Strict bool
	// Shape leaves out differences of values.
	Shape bool
	// Timeout bounds each call; 0 is half a minute.
	Timeout time.Duration
	// Transport sends the requests; nil is that of net/http, without a proxy.
	Transport http.RoundTripper
}

const (
	usualTimeout = 30 * time.Second
	maxAnswer    = 64 << 20
	// wrongToken is nobody's. It has the form of one.
	wrongToken = "dG9rOm5vYm9keQ=="
)

// A Result is an exchange and what differs in it.
type Result struct {
	Number      int          `json:"number"` // from 1
	Method      string       `json:"method"`
	Path        string       `json:"path"` // as it was recorded
	Status      int          `json:"status"`
	Compared    bool         `json:"body_compared"`
	Differences []Difference `json:"differences"`
	More        int          `json:"more_differences,omitempty"`
}

// A Report is what came of a replay.
type Report struct {
	Results []Result `json:"exchanges"`
	Totals  Totals   `json:"totals"`
	// Torn says that the cassette ends within an exchange.
	Torn bool `json:"torn,omitempty"`
}

// Totals count exchanges, and differences by their kind.
type Totals struct {
	Exchanges int `json:"exchanges"`
	Same      int `json:"same"`
	Shapes    int `json:"shape_differences"`
	Values    int `json:"value_differences"`
}

// Differs reports whether anything does.
func (t Totals) Differs() bool { return t.Shapes+t.Values > 0 }

// Run replays a cassette, which is read twice. An error means that the replay did not
// come to its end: the cassette cannot be read, asks for what is not sent, or the server
// gives no answer. Nothing is sent before the whole cassette has been looked at.
func Run(ctx context.Context, tape io.ReadSeeker, o Options) (*Report, error) {
	base, err := url.Parse(o.Base)
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" || base.RawQuery != "" || base.User != nil {
		return nil, fmt.Errorf("%q is not the URL of a server: want something like http://127.0.0.1:8080", o.Base)
	}
	p := &player{options: o, base: strings.TrimRight(base.String(), "/"), ids: newIDs(), accepted: map[string]bool{}}
	transport := o.Transport
	if transport == nil {
		own := &http.Transport{}
		defer own.CloseIdleConnections()
		transport = own
	}
	p.client = &http.Client{Transport: transport, Timeout: max(o.Timeout, 0),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if o.Timeout == 0 {
		p.client.Timeout = usualTimeout
	}
	for recorded, now := range o.IDs {
		p.ids.learn("", recorded, now)
	}
	for _, text := range o.Ignore {
		p.ignore = append(p.ignore, newPattern(text))
	}
	if _, err := each(tape, p.look); err != nil {
		return nil, err
	}
	report := &Report{Results: []Result{}}
	report.Torn, err = each(tape, func(n int, e *cassette.Exchange) error {
		result, err := p.play(ctx, n, e)
		if err != nil {
			return err
		}
		report.add(result)
		return nil
	})
	return report, err
}

func (r *Report) add(result Result) {
	r.Results = append(r.Results, result)
	r.Totals.Exchanges++
	if len(result.Differences) == 0 {
		r.Totals.Same++
	}
	for _, d := range result.Differences {
		if d.Kind == Shape {
			r.Totals.Shapes++
		} else {
			r.Totals.Values++
		}
	}
}

// each reads a cassette from its start.
func each(tape io.ReadSeeker, do func(n int, e *cassette.Exchange) error) (torn bool, err error) {
	if _, err := tape.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	c, err := cassette.NewReader(tape)
	if err != nil {
		return false, err
	}
	for n := 1; ; n++ {
		e, err := c.Next()
		if errors.Is(err, io.EOF) {
			return c.Torn(), nil
		}
		if err == nil {
			if err = do(n, e); err != nil {
				err = fmt.Errorf("exchange %d: %w", n, err)
			}
		}
		if err != nil {
			return false, err
		}
	}
}

// A player replays one cassette.
type player struct {
	options  Options
	base     string
	client   *http.Client
	ids      *ids
	ignore   []pattern
	accepted map[string]bool // tokens, by their placeholders
}

// look makes sure that an exchange can be sent, and learns whether its token was one.
func (p *player) look(_ int, e *cassette.Exchange) error {
	if err := check(&e.Request); err != nil {
		return err
	}
	if e.Response.Status != http.StatusUnauthorized {
		p.accepted[token(&e.Request)] = true
	}
	return nil
}

// check refuses what no client of the API sends.
func check(q *cassette.Request) error {
	if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, q.Method) {
		return fmt.Errorf("the method %q is not one of the API", q.Method)
	}
	path, _, _ := strings.Cut(q.Path, "?")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsFunc(q.Path, func(c rune) bool { return c <= ' ' || c == '\\' || c == '#' || c >= 0x7f }) {
		return fmt.Errorf("%q is not a path of the API", cut(q.Path))
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil || plain == "." || plain == ".." || i == 1 && strings.HasPrefix(plain, "_") {
			return fmt.Errorf("%q is not a path of the API", cut(q.Path))
		}
	}
	return nil
}

// token is the placeholder of a request's token, or empty.
func token(q *cassette.Request) string {
	text := q.Header("Authorization")
	return text[strings.LastIndexByte(text, ' ')+1:]
}

// play sends one request and compares the answers.
func (p *player) play(ctx context.Context, n int, e *cassette.Exchange) (Result, error) {
	result := Result{Number: n, Method: e.Request.Method, Path: e.Request.Path, Status: e.Response.Status,
		Compared: e.Response.Omitted == "", Differences: []Difference{}}
	request, err := p.request(ctx, &e.Request)
	if err != nil {
		return result, err
	}
	answer, err := p.client.Do(request)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return result, fmt.Errorf("the server gives no answer to %s %s: %w", e.Request.Method, cut(e.Request.Path), err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return result, fmt.Errorf("the answer to %s %s broke off: %w", e.Request.Method, cut(e.Request.Path), err)
	case len(body) > maxAnswer:
		return result, fmt.Errorf("the answer to %s %s is longer than %d MB", e.Request.Method, cut(e.Request.Path), maxAnswer>>20)
	}
	replayed := &cassette.Response{Status: answer.StatusCode}
	replayed.Headers = map[string]string{}
	for name := range answer.Header {
		replayed.Headers[name] = answer.Header.Get(name)
	}
	c := &comparison{ids: p.ids, ignore: p.ignore, strict: p.options.Strict, kind: pathKind(e.Request.Path)}
	c.answers(&e.Response, replayed, body)
	for _, d := range c.found {
		if d.Kind == Shape || !p.options.Shape {
			result.Differences = append(result.Differences, d)
		}
	}
	result.More = c.more
	return result, nil
}

// pathKind is the kind of thing that a path begins with.
func pathKind(path string) string {
	path, _, _ = strings.Cut(path, "?")
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return kindOf(first)
}

// request is a recorded request with the ids of this server.
func (p *player) request(ctx context.Context, q *cassette.Request) (*http.Request, error) {
	if plain, err := url.QueryUnescape(q.Path); err == nil {
		p.ids.sent(plain)
	}
	p.ids.sent(string(q.JSON) + q.Text)
	target := p.ids.target(q.Path)
	if err := check(&cassette.Request{Method: q.Method, Path: target}); err != nil {
		return nil, err // a server's id is no path either
	}
	request, err := http.NewRequestWithContext(ctx, q.Method, p.base+target, strings.NewReader(string(p.body(q))))
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "parley-diff")
	for _, name := range []string{"Accept", "Content-Type", "Intercom-Version"} {
		if text := q.Header(name); text != "" {
			request.Header.Set(name, text)
		}
	}
	secret := wrongToken
	if p.accepted[token(q)] {
		secret = p.options.Token
	}
	scheme, _, _ := strings.Cut(q.Header("Authorization"), " ")
	switch scheme {
	case "":
	case "Basic":
		request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret+":")))
	default:
		request.Header.Set("Authorization", "Bearer "+secret)
	}
	return request, nil
}

func (p *player) body(q *cassette.Request) []byte {
	switch {
	case q.JSON != nil:
		v, err := parse(q.JSON)
		if err != nil {
			return q.JSON
		}
		p.ids.rewrite(v, "", pathKind(q.Path))
		return v.append(nil)
	case q.Base64 != nil:
		return q.Base64
	case strings.HasPrefix(q.Header("Content-Type"), "application/x-www-form-urlencoded"):
		return []byte(p.ids.query(q.Text))
	default:
		return []byte(p.ids.text(q.Text))
	}
}
