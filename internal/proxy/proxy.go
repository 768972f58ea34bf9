// Package proxy stands in for hosts that a client cannot be told to change: it answers
// for them over TLS, by a certificate of its own authority, and hands what they are
// asked to another server.
// It must not answer for a host that it was not given, or know what it hands on.
package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"parley/internal/cassette"
)

// Hosts are those of the service: of its API in each region, and of what a page of the
// web loads.
func Hosts() []string {
	return []string{"api.intercom.io", "api.eu.intercom.io", "api.au.intercom.io", "api-iam.intercom.io", "widget.intercom.io", "js.intercomcdn.com"}
}

// The bounds of a connection. Answers have none in time: one may be a stream that lasts
// for as long as somebody reads it.
const (
	helloTimeout    = 10 * time.Second // until a client has said something
	headerTimeout   = 10 * time.Second // to send a request's header
	stallTimeout    = time.Minute      // between two parts of a body, either way
	idleTimeout     = 2 * time.Minute  // between two requests
	connectTimeout  = 10 * time.Second // to the server
	answerTimeout   = 2 * time.Minute  // from a request's end to the header of its answer
	maxHeader       = 64 << 10
	maxIdlePerHost  = 64
	tlsHandshake    = 10 * time.Second
	tunnelIdleLimit = 10 * time.Minute // of a tunnel through which nothing goes
)

// Options are how a Proxy is made.
type Options struct {
	Hosts     []string // names in lower case
	Authority *Authority
	// To is the server that is asked, below its path. Nil is the host that the client
	// meant, over TLS.
	To *url.URL
	// Pass has CONNECT to other hosts answered too, at port 443 of public addresses.
	Pass bool
	// Recorder, if it is set, gets every exchange.
	Recorder *cassette.Recorder
	Clock    func() time.Time
	Logger   *slog.Logger
	// Dial connects to servers, and Trust says which of them are believed over TLS; nil
	// is what the system has. They are for tests.
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Trust *tls.Config
}

// A Proxy answers for hosts, on connections that begin with TLS as the host itself, on
// others as an HTTP proxy.
type Proxy struct {
	options   Options
	forward   *httputil.ReverseProxy
	secure    *http.Server
	plain     *http.Server
	secureIn  *queue
	plainIn   *queue
	transport *http.Transport
	tunnels   sync.WaitGroup
	closing   context.Context
	close     context.CancelFunc

	mu       sync.Mutex
	listener net.Listener
	stopped  bool

	unrecorded atomic.Int64
}

// New makes a proxy.
func New(o Options) *Proxy {
	p := &Proxy{options: o}
	p.closing, p.close = context.WithCancel(context.Background())
	dialer := &net.Dialer{Timeout: connectTimeout, Control: p.notItself}
	if p.options.Dial == nil {
		p.options.Dial = dialer.DialContext
	}
	p.transport = &http.Transport{
		DialContext:            p.options.Dial, // and no proxy: the environment may name this one
		TLSClientConfig:        o.Trust,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    tlsHandshake,
		ResponseHeaderTimeout:  answerTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConnsPerHost:    maxIdlePerHost,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // a body is handed on as it is
	}
	warnings := slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug) // clients break off, or do not trust us
	p.forward = &httputil.ReverseProxy{
		Rewrite: p.rewrite, Transport: p.transport, FlushInterval: -1, ErrorLog: warnings,
		ModifyResponse: p.answered, ErrorHandler: p.failed,
	}
	p.secureIn, p.plainIn = newQueue(), newQueue()
	p.plain = newServer(p.answerPlain, warnings)
	p.secure = newServer(p.answer, warnings)
	p.secure.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: p.certificate}
	return p
}

func newServer(h http.HandlerFunc, warnings *log.Logger) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: warnings}
}

// CheckListen fails unless the address is one of this machine alone, or others are
// wanted.
func CheckListen(address string, others, pass bool) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("%q is not host:port", address)
	}
	ip, err := netip.ParseAddr(host)
	if host == "localhost" || err == nil && ip.IsLoopback() {
		return nil
	}
	if !others {
		return fmt.Errorf("%s can be reached from other machines, which could then use the server through the proxy: listen on 127.0.0.1, or say --allow-remote if you mean it", address)
	}
	if pass {
		return fmt.Errorf("--pass on %s would lend this machine's connection to anybody: it is for 127.0.0.1 only", address)
	}
	return nil
}

// Serve answers on a listener until Shutdown, which makes it return nil.
func (p *Proxy) Serve(l net.Listener) error {
	p.mu.Lock()
	p.listener = l
	stopped := p.stopped
	p.mu.Unlock()
	if stopped {
		return l.Close()
	}
	var servers sync.WaitGroup
	servers.Go(func() { _ = p.secure.ServeTLS(p.secureIn, "", "") })
	servers.Go(func() { _ = p.plain.Serve(p.plainIn) })
	defer servers.Wait()
	for wait := time.Duration(0); ; {
		c, err := l.Accept()
		if err == nil {
			wait = 0
			go p.sort(c)
			continue
		}
		if p.closing.Err() != nil {
			return nil
		}
		// As in net/http: too many open files is no reason to end.
		if _, ok := errors.AsType[net.Error](err); !ok || errors.Is(err, net.ErrClosed) {
			return err
		}
		wait = min(max(2*wait, 5*time.Millisecond), time.Second)
		select {
		case <-time.After(wait):
		case <-p.closing.Done():
		}
	}
}

// Shutdown takes no more connections, and waits for what is being answered until ctx
// ends.
func (p *Proxy) Shutdown(ctx context.Context) error {
	p.close()
	p.mu.Lock()
	p.stopped = true
	l := p.listener
	p.mu.Unlock()
	if l != nil {
		l.Close()
	}
	p.plainIn.Close()
	p.secureIn.Close()
	err := errors.Join(p.plain.Shutdown(ctx), p.secure.Shutdown(ctx))
	if err != nil {
		p.plain.Close()
		p.secure.Close()
	}
	p.tunnels.Wait()
	p.transport.CloseIdleConnections()
	return err
}

// Unrecorded is how many exchanges could not be recorded.
func (p *Proxy) Unrecorded() int64 { return p.unrecorded.Load() }

// certificate is that of the host that the client means.
func (p *Proxy) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	host := strings.ToLower(hello.ServerName)
	if !p.serves(host) {
		return nil, fmt.Errorf("a client means the host %q, for which nobody answers here", host)
	}
	return p.options.Authority.leaf(host)
}

func (p *Proxy) serves(host string) bool { return slices.Contains(p.options.Hosts, host) }

// answer answers what a host is asked.
func (p *Proxy) answer(w http.ResponseWriter, r *http.Request) {
	host, _ := splitHost(r.Host, "")
	if !p.serves(host) {
		refuse(w, http.StatusMisdirectedRequest, fmt.Sprintf("this is a Parley proxy, which answers for %s and not for %q", strings.Join(p.options.Hosts, ", "), host))
		return
	}
	p.hand(w, r, host)
}

// splitHost is the name and the port that a client means.
func splitHost(hostport, usual string) (host, port string) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		host, port = hostport, usual
	}
	return strings.ToLower(host), port
}

// hand hands a request on, and its answer back.
func (p *Proxy) hand(w http.ResponseWriter, r *http.Request, host string) {
	began := p.options.Clock()
	connection := http.NewResponseController(w)
	if r.Body != http.NoBody {
		r.Body = &steadyBody{ReadCloser: r.Body, connection: connection, clock: p.options.Clock}
	}
	x := &exchange{host: host, began: began, method: r.Method, target: r.URL.RequestURI()}
	if p.options.Recorder != nil {
		x.header = r.Header.Clone()
		x.request.length = r.ContentLength
		if r.Body != http.NoBody {
			r.Body = x.request.follow(r.Body, nil)
		}
	}
	p.forward.ServeHTTP(&steadyWriter{ResponseWriter: w, connection: connection, clock: p.options.Clock}, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
	p.options.Logger.Debug("answered", "method", r.Method, "host", host, "path", r.URL.Path, "took", p.options.Clock().Sub(began))
}

// rewrite makes the request what the server is asked: all is as it was, but for the host
// and what was meant for this connection.
func (p *Proxy) rewrite(r *httputil.ProxyRequest) {
	x := of(r.In.Context())
	to := p.options.To
	if to == nil {
		to = &url.URL{Scheme: "https", Host: x.host}
	}
	r.SetURL(to)
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	if p.options.Recorder != nil {
		r.Out.Header.Set("Accept-Encoding", "identity") // so that secrets can be found
	}
}

// answered is called with the header of an answer.
func (p *Proxy) answered(answer *http.Response) error {
	if p.options.Recorder != nil {
		p.record(of(answer.Request.Context()), answer)
	}
	return nil
}

// failed is called when a server gave no answer.
func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client has gone
	}
	message := "the server that stands for it cannot be asked: " + err.Error()
	if p.options.To == nil && errors.Is(err, errItself) {
		message = of(r.Context()).host + " is the proxy itself: the name leads to this machine, by /etc/hosts maybe; record with HTTPS_PROXY instead"
	}
	p.options.Logger.Warn("not answered", "method", r.Method, "path", r.URL.Path, "error", err)
	refuse(w, http.StatusBadGateway, message)
}

var errItself = errors.New("the proxy would ask itself")

// notItself refuses to connect to the proxy's own port.
func (p *Proxy) notItself(_, address string, _ syscall.RawConn) error {
	p.mu.Lock()
	l := p.listener
	p.mu.Unlock()
	if l == nil {
		return nil
	}
	own, err := netip.ParseAddrPort(l.Addr().String())
	to, err2 := netip.ParseAddrPort(address)
	if err != nil || err2 != nil || own.Port() != to.Port() {
		return nil
	}
	if ip := to.Addr().Unmap(); ip == own.Addr().Unmap() || ip.IsLoopback() && own.Addr().IsUnspecified() || ip.IsUnspecified() {
		return errItself
	}
	return nil
}

// refuse answers with an error in the API's form, which clients of it can show.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"type":"error.list","request_id":null,"errors":[{"code":"parley_proxy","message":%s}]}`+"\n", quote(message))
}
