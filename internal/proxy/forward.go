package proxy

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"parley/internal/outbound"
)

// sort hands a connection to the server for what it begins with: 22 is the first byte of
// a handshake of TLS, and of no method of HTTP.
func (p *Proxy) sort(c net.Conn) {
	_ = c.SetReadDeadline(p.options.Clock().Add(helloTimeout))
	r := bufio.NewReader(c)
	first, err := r.Peek(1)
	_ = c.SetReadDeadline(time.Time{})
	switch {
	case err != nil:
		c.Close()
	case first[0] == 22:
		p.secureIn.put(&begun{c, r})
	default:
		p.plainIn.put(&begun{c, r})
	}
}

// begun is a connection of which something has been read already.
type begun struct {
	net.Conn
	rest *bufio.Reader
}

func (b *begun) Read(p []byte) (int, error) { return b.rest.Read(p) }

// A queue is a listener for connections that were accepted elsewhere.
type queue struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newQueue() *queue { return &queue{conns: make(chan net.Conn), done: make(chan struct{})} }

func (q *queue) put(c net.Conn) {
	select {
	case q.conns <- c:
	case <-q.done:
		c.Close()
	}
}

func (q *queue) Accept() (net.Conn, error) {
	select {
	case c := <-q.conns:
		return c, nil
	case <-q.done:
		return nil, net.ErrClosed
	}
}

func (q *queue) Close() error {
	q.once.Do(func() { close(q.done) })
	return nil
}

func (q *queue) Addr() net.Addr { return &net.TCPAddr{} }

// answerPlain answers as an HTTP proxy: what the hosts are asked by itself, and nothing
// else unless tunnels are allowed.
func (p *Proxy) answerPlain(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.Host != "" && r.URL.Scheme != "http":
		refuse(w, http.StatusBadRequest, "only http URLs can be asked for without CONNECT")
	default: // with and without the host in the URL, net/http takes it to r.Host
		p.answer(w, r)
	}
}

// connect opens a tunnel. That to a host of ours ends here.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host, port := splitHost(r.Host, "443")
	ours := p.serves(host)
	switch {
	case ours && port != "443":
		refuse(w, http.StatusForbidden, fmt.Sprintf("%s is answered for at port 443 only, not %s", host, port))
		return
	case !ours && !p.options.Pass:
		refuse(w, http.StatusForbidden, fmt.Sprintf("this proxy leads to Parley only, and not to %q: set NO_PROXY for that host, or start parley proxy with --pass", host))
		return
	case !ours && port != "443":
		refuse(w, http.StatusForbidden, fmt.Sprintf("--pass is for port 443, not %s", port))
		return
	}
	var far net.Conn
	if !ours {
		var err error
		if far, err = outbound.PublicDialer().DialContext(r.Context(), "tcp", net.JoinHostPort(host, port)); err != nil {
			if errors.Is(err, outbound.ErrRefused) {
				refuse(w, http.StatusForbidden, fmt.Sprintf("--pass leads to public addresses only, and that of %q is not", host))
			} else {
				refuse(w, http.StatusBadGateway, "no connection: "+err.Error())
			}
			return
		}
	}
	near, buffered, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_, err = io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
	}
	switch {
	case err != nil:
		for _, c := range []net.Conn{near, far} {
			if c != nil {
				c.Close()
			}
		}
	case ours:
		p.secureIn.put(&begun{near, buffered.Reader})
	default:
		p.tunnels.Go(func() { p.tunnel(&begun{near, buffered.Reader}, far) })
	}
}

// tunnel carries bytes both ways until one side ends, nothing has come for long, or the
// proxy stops.
func (p *Proxy) tunnel(near, far net.Conn) {
	stop := context.AfterFunc(p.closing, func() { near.Close(); far.Close() })
	defer stop()
	var ways sync.WaitGroup
	carry := func(to, from net.Conn) {
		_, _ = io.Copy(to, &live{from, to, p.options.Clock})
		near.Close()
		far.Close()
	}
	ways.Go(func() { carry(near, far) })
	ways.Go(func() { carry(far, near) })
	ways.Wait()
}

// live is a connection of a tunnel: what comes gives both sides more time.
type live struct {
	from, to net.Conn
	clock    func() time.Time
}

func (l *live) Read(p []byte) (int, error) {
	deadline := l.clock().Add(tunnelIdleLimit)
	_ = l.from.SetDeadline(deadline)
	_ = l.to.SetDeadline(deadline)
	return l.from.Read(p)
}

// steadyBody is the body of a request, which may take long but must not stall.
type steadyBody struct {
	io.ReadCloser
	connection *http.ResponseController
	clock      func() time.Time
}

func (b *steadyBody) Read(p []byte) (int, error) {
	_ = b.connection.SetReadDeadline(b.clock().Add(stallTimeout))
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.connection.SetReadDeadline(time.Time{}) // the answer may take its time
	}
	return n, err
}

// steadyWriter writes an answer, which may take long but must be read.
type steadyWriter struct {
	http.ResponseWriter
	connection *http.ResponseController
	clock      func() time.Time
}

func (w *steadyWriter) Write(p []byte) (int, error) {
	_ = w.connection.SetWriteDeadline(w.clock().Add(stallTimeout))
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *steadyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
