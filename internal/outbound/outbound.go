// Package outbound sends requests to URLs that people outside wrote, and to public
// addresses only.
// It must not know what a request is for.
package outbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// The bounds of a request. That of all of it is also that of a client's context.
const (
	connectTimeout  = 10 * time.Second
	headerTimeout   = 20 * time.Second // from the request's end to the answer's header
	requestTimeout  = 60 * time.Second // for all of it, redirects and body included
	idleTimeout     = 90 * time.Second
	maxRedirects    = 3
	maxHeader       = 64 << 10
	maxIdlePerHost  = 2
	maxIdleTogether = 32
)

// Failures that asking again would not mend.
var (
	// ErrRefused is a URL that is not asked: of another scheme than http and
	// https, at an address that is not public, or behind too many redirects.
	ErrRefused = errors.New("outbound: refused")
	// ErrTooLarge is an answer that is longer than the caller takes.
	ErrTooLarge = errors.New("outbound: the answer is too large")
)

// Options are how a Client is made.
type Options struct {
	AllowPrivate bool   // addresses that are not public are asked as well
	StayPut      bool   // redirects are not followed: one is an answer like others
	UserAgent    string // empty: Parley

	Allow       Allowed       // is asked though it is not public
	Resolver    *net.Resolver // of host names; nil: the machine's
	IdlePerHost int           // connections that are kept for a host; 0 means 2
	Idle        int           // connections that are kept in all; 0 means 32
}

// A Client sends requests. It is safe for concurrent use, uses no proxy and keeps
// no cookies.
type Client struct {
	http      *http.Client
	userAgent string
}

// New makes a client.
func New(o Options) *Client {
	dialer := &net.Dialer{Timeout: connectTimeout, Resolver: o.Resolver}
	if !o.AllowPrivate {
		// This is after the name was resolved, for each address that is tried: a
		// name cannot be public when asked and private when connected to.
		dialer.ControlContext = func(_ context.Context, network, address string, _ syscall.RawConn) error {
			return o.Allow.check(network, address)
		}
	}
	dial := dialer.DialContext
	if len(o.Allow.Hosts) > 0 {
		free := &net.Dialer{Timeout: connectTimeout, Resolver: o.Resolver}
		dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if host, _, err := net.SplitHostPort(address); err == nil && o.Allow.host(host) {
				return free.DialContext(ctx, network, address)
			}
			return dialer.DialContext(ctx, network, address)
		}
	}
	c := &Client{userAgent: o.UserAgent}
	if c.userAgent == "" {
		c.userAgent = "Parley"
	}
	c.http = &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{
			DialContext:            dial,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    connectTimeout,
			ResponseHeaderTimeout:  headerTimeout,
			IdleConnTimeout:        idleTimeout,
			MaxIdleConns:           cmp.Or(o.Idle, maxIdleTogether),
			MaxIdleConnsPerHost:    cmp.Or(o.IdlePerHost, maxIdlePerHost),
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // a small answer must not become a large one
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if o.StayPut {
				return http.ErrUseLastResponse
			}
			if len(via) > maxRedirects {
				return fmt.Errorf("%w: more than %d redirects", ErrRefused, maxRedirects)
			}
			return checkURL(r)
		},
	}
	return c
}

// An Answer is what a server said.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Get asks for a URL, following redirects, and reads an answer of at most so many
// bytes. An answer of whatever status is no error.
func (c *Client) Get(ctx context.Context, url string, most int64) (*Answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return c.Do(r, most)
}

// Do sends a request and reads an answer of at most so many bytes. An answer of
// whatever status is no error.
func (c *Client) Do(r *http.Request, most int64) (*Answer, error) {
	answer, err := c.send(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.ContentLength > most {
		return nil, ErrTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, most+1))
	if err != nil {
		return nil, fmt.Errorf("outbound: reading the answer: %w", err)
	}
	if int64(len(body)) > most {
		return nil, ErrTooLarge
	}
	return &Answer{answer.StatusCode, answer.Header, body}, nil
}

// Post sends a request of which the status counts: of the answer's body no more is
// read than so many bytes, and whether its end comes does not matter.
func (c *Client) Post(r *http.Request, most int64) (*Answer, error) {
	answer, err := c.send(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, most))
	if int64(len(body)) == most {
		// The connection can be used again if little more comes.
		_, _ = io.CopyN(io.Discard, answer.Body, drain)
	}
	return &Answer{answer.StatusCode, answer.Header, body}, nil
}

// drain is how much more is read of an answer's body than anybody wants.
const drain = 16 << 10

func (c *Client) send(r *http.Request) (*http.Response, error) {
	if err := checkURL(r); err != nil {
		return nil, err
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", c.userAgent)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("outbound: %w", err)
	}
	return answer, nil
}

// checkURL refuses what is not asked, whatever its address.
func checkURL(r *http.Request) error {
	if r.URL.Scheme != "http" && r.URL.Scheme != "https" || r.URL.Hostname() == "" {
		return fmt.Errorf("%w: not an http or https URL", ErrRefused)
	}
	if r.URL.User != nil {
		return fmt.Errorf("%w: a URL with a password", ErrRefused)
	}
	return nil
}
