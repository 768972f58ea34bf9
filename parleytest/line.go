package parleytest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// usualURL is where a client finds the server that listens nowhere. Nobody can have the name.
const usualURL = "http://parley.test"

// A line is the way of a test's client to the server: connections of HTTP as over a socket, of which the process holds
// both ends. What net/http does of dropped connections, of ends that come too early, of answers that come bit by bit
// and of requests that are given up is so the same.
type line struct {
	server *server
	direct *http.Transport

	mu     sync.Mutex
	open   map[*end]bool
	closed bool
}

// newLine makes a line of which nothing is open.
func (s *server) newLine() *line {
	l := &line{server: s, open: map[*end]bool{}}
	l.direct = &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return l.dial(ctx, false) },
		DialTLSContext:      func(ctx context.Context, _, _ string) (net.Conn, error) { return l.dial(ctx, true) },
		MaxIdleConnsPerHost: 16, // what is more is used by more requests at once, and closed again
	}
	return l
}

// RoundTrip sends a request to the server, if it is for one of its hosts.
func (l *line) RoundTrip(r *http.Request) (*http.Response, error) {
	if !l.has(r.URL) {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, fmt.Errorf("parleytest: %s is not the API, and a test's client goes nowhere else: Transport makes one that does", r.URL.Host)
	}
	return l.direct.RoundTrip(r)
}

// has reports whether the server answers for the host of a URL, by whichever port.
func (l *line) has(u *url.URL) bool {
	switch strings.ToLower(u.Hostname()) {
	case "api.intercom.io", "api.eu.intercom.io", "api.au.intercom.io", "parley.test":
		return true
	}
	return l.server.listens(u.Host)
}

// CloseIdleConnections is for http.Client.
func (l *line) CloseIdleConnections() { l.direct.CloseIdleConnections() }

// dial makes a connection.
func (l *line) dial(ctx context.Context, secure bool) (net.Conn, error) {
	near, far := net.Pipe()
	mine := &end{Conn: near, secure: secure}
	mine.gone = func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, mine)
	}
	l.mu.Lock()
	closed := l.closed
	if !closed {
		l.open[mine] = true
	}
	l.mu.Unlock()
	err := errors.New("parleytest: the test has ended")
	if !closed {
		err = l.server.pipe.take(ctx, &end{Conn: far, secure: secure, gone: func() {}})
	}
	if err != nil {
		mine.Close()
		far.Close()
		return nil, err
	}
	return mine, nil
}

// close ends all that is open, and has nothing be opened any more.
func (l *line) close() {
	l.mu.Lock()
	l.closed = true
	open := l.open
	l.open = map[*end]bool{}
	l.mu.Unlock()
	for e := range open {
		e.Close()
	}
	l.direct.CloseIdleConnections()
}

// A detour is a line for requests to the API, and another way for others.
type detour struct {
	line  *line
	other http.RoundTripper
}

func (d *detour) RoundTrip(r *http.Request) (*http.Response, error) {
	if d.line.has(r.URL) {
		return d.line.RoundTrip(r)
	}
	return d.other.RoundTrip(r)
}

// An end is one of the two of a connection.
type end struct {
	net.Conn
	secure bool
	gone   func()
}

func (e *end) Close() error {
	e.gone()
	return e.Conn.Close()
}

// local is the address of both ends: whoever asks is on this machine.
func local() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

func (e *end) LocalAddr() net.Addr  { return local() }
func (e *end) RemoteAddr() net.Addr { return local() }

// A pipe is what the server listens on in the place of a port.
type pipe struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipe() *pipe { return &pipe{conns: make(chan net.Conn), closed: make(chan struct{})} }

// take hands the server the far end of a connection.
func (p *pipe) take(ctx context.Context, c net.Conn) error {
	select {
	case p.conns <- c:
		return nil
	case <-p.closed:
		return net.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Accept is for http.Server, as are Close and Addr.
func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipe) Addr() net.Addr { return local() }
