package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/cassette"
	"parley/internal/means"
	"parley/internal/proxy"
)

const host = "api.intercom.io"

// A rig is a proxy on a port, before a server.
type rig struct {
	*proxy.Proxy
	address   string
	authority *proxy.Authority
}

// serve starts a proxy before a server, with options of the test's own.
func serve(t *testing.T, to string, edit func(*proxy.Options)) *rig {
	t.Helper()
	authority, err := proxy.OpenAuthority(t.TempDir(), proxy.Hosts(), time.Now)
	must(t, err)
	o := proxy.Options{Hosts: proxy.Hosts(), Authority: authority, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)}
	if to != "" {
		o.To, err = url.Parse(to)
		must(t, err)
	}
	if edit != nil {
		edit(&o)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	r := &rig{proxy.New(o), l.Addr().String(), authority}
	served := make(chan error, 1)
	go func() { served <- r.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(r.Shutdown(ctx), <-served); err != nil {
			t.Error(err)
		}
	})
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (r *rig) trust() *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(r.authority.Certificate)
	return &tls.Config{RootCAs: pool}
}

// asHost is a client for whom every name leads to the proxy, as by /etc/hosts.
func (r *rig) asHost(t *testing.T, trust *tls.Config) *http.Client {
	transport := &http.Transport{TLSClientConfig: trust, ForceAttemptHTTP2: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, r.address)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

// byProxy is a client that was told of the proxy, as by HTTPS_PROXY.
func (r *rig) byProxy(t *testing.T, trust *tls.Config) *http.Client {
	transport := &http.Transport{TLSClientConfig: trust, Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: r.address})}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 20 * time.Second}
}

func read(t *testing.T, answer *http.Response, err error) (int, string) {
	t.Helper()
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	return answer.StatusCode, string(text)
}

// backend is a server that tells what it was asked.
func backend(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Keep-Alive", "x")
		w.Header().Set("X-Asked", r.Host)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.RequestURI, body)
		for name := range r.Header {
			w.Header().Add("X-Header", name)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func TestTwoWaysIn(t *testing.T) {
	t.Parallel()
	s := backend(t)
	r := serve(t, s.URL+"/below", nil)
	for name, client := range map[string]*http.Client{"as the host": r.asHost(t, r.trust()), "as a proxy": r.byProxy(t, r.trust())} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer, err := client.Post("https://"+host+"/contacts/a%2Fb?x=1;y&z=%zz", "text/plain", strings.NewReader("hello"))
			status, text := read(t, answer, err)
			if want := "POST /below/contacts/a%2Fb?x=1;y&z=%zz hello"; status != 200 || text != want {
				t.Errorf("%d %q, want %q", status, text, want)
			}
			if got := answer.Header.Get("X-Asked"); "http://"+got != s.URL {
				t.Errorf("the server was asked as %s", got)
			}
			if answer.Header.Get("Keep-Alive") != "" {
				t.Error("what was meant for one connection is handed on")
			}
		})
	}
	for name, client := range map[string]*http.Client{"as the host, not trusted": r.asHost(t, nil), "as a proxy, not trusted": r.byProxy(t, nil)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client.Get("https://" + host + "/me")
			if unknown, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
				t.Errorf("%v, %v", err, unknown)
			}
		})
	}
	t.Run("without TLS", func(t *testing.T) {
		t.Parallel()
		answer, err := r.byProxy(t, nil).Get("http://" + host + "/me?a=b")
		if status, text := read(t, answer, err); status != 200 || text != "GET /below/me?a=b " {
			t.Errorf("%d %q", status, text)
		}
	})
}

// TestHopByHop sends what is for one connection only, and looks what arrives.
func TestHopByHop(t *testing.T) {
	t.Parallel()
	arrived := make(chan http.Header, 1)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- r.Header }))
	t.Cleanup(s.Close)
	r := serve(t, s.URL, nil)
	q, err := http.NewRequest("GET", "http://"+host+"/me", nil)
	must(t, err)
	for _, name := range []string{"Proxy-Authorization", "Proxy-Connection", "Keep-Alive", "Te", "X-Once", "Authorization", "X-Kept", "User-Agent"} {
		q.Header.Set(name, "v")
	}
	q.Header.Set("Connection", "X-Once")
	answer, err := r.byProxy(t, nil).Do(q)
	read(t, answer, err)
	h := <-arrived
	h.Del("Accept-Encoding") // Go's client wants it
	if len(h) != 3 || h.Get("Authorization") != "v" || h.Get("X-Kept") != "v" || h.Get("User-Agent") != "v" {
		t.Errorf("arrived: %v", h)
	}
}

func TestOtherHosts(t *testing.T) {
	t.Parallel()
	s := backend(t)
	closed := serve(t, s.URL, nil)
	passing := serve(t, s.URL, func(o *proxy.Options) { o.Pass = true })
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	must(t, err)
	for _, c := range []struct {
		name, request string
		rig           *rig
		status        int
		want          string
	}{
		{"tunnel", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", closed, 403, "leads to Parley only"},
		{"a part of a name", "CONNECT xapi.intercom.io:443 HTTP/1.1\r\nHost: api.intercom.io\r\n\r\n", closed, 403, "leads to Parley only"},
		{"another port of ours", "CONNECT api.intercom.io:22 HTTP/1.1\r\nHost: x\r\n\r\n", closed, 403, "at port 443 only"},
		{"http", "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", closed, 421, "not for"},
		{"http with another header", "GET http://example.com/ HTTP/1.1\r\nHost: api.intercom.io\r\n\r\n", closed, 421, "not for"},
		{"another scheme", "GET ftp://api.intercom.io/ HTTP/1.1\r\nHost: api.intercom.io\r\n\r\n", closed, 400, "only http"},
		{"a page that was rebound", "GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", closed, 421, "not for"},
		{"http although tunnels are let through", "GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", passing, 421, "not for"},
		{"a tunnel to another port", "CONNECT example.com:25 HTTP/1.1\r\nHost: example.com:25\r\n\r\n", passing, 403, "port 443"},
		{"a tunnel to this machine", "CONNECT 127.0.0.1:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", passing, 403, "public addresses only"},
		{"a tunnel to this machine by name", "CONNECT localhost:443 HTTP/1.1\r\nHost: x\r\n\r\n", passing, 403, "public addresses only"},
		{"a tunnel to what clouds tell machines", "CONNECT 169.254.169.254:443 HTTP/1.1\r\nHost: x\r\n\r\n", passing, 403, "public addresses only"},
		{"a tunnel to the server", "CONNECT 127.0.0.1:" + port + " HTTP/1.1\r\nHost: x\r\n\r\n", passing, 403, "port 443"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", c.rig.address)
			must(t, err)
			defer conn.Close()
			_, err = io.WriteString(conn, c.request)
			must(t, err)
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if status, text := read(t, answer, err); status != c.status || !strings.Contains(text, c.want) || !strings.Contains(text, `"error.list"`) {
				t.Errorf("%d %s", status, text)
			}
		})
	}
	t.Run("over TLS", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"example.com", "127.0.0.1"} { // an address is not named to the server
			if _, err := closed.asHost(t, closed.trust()).Get("https://" + name + "/"); err == nil {
				t.Errorf("%s is answered for", name)
			}
		}
		q, err := http.NewRequest("GET", "https://"+host+"/me", nil)
		must(t, err)
		q.Host = "example.com"
		answer, err := closed.asHost(t, closed.trust()).Do(q)
		if status, _ := read(t, answer, err); status != http.StatusMisdirectedRequest {
			t.Errorf("within the connection of another host: %d", status)
		}
	})
}

// TestStreams reads the beginning of an answer that has no end.
func TestStreams(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		part := make([]byte, 4)
		_, _ = io.ReadFull(r.Body, part)
		_, _ = w.Write(part)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(gone)
	}))
	t.Cleanup(s.Close)
	r := serve(t, s.URL, nil)
	ctx, cancel := context.WithCancel(context.Background())
	q, err := http.NewRequestWithContext(ctx, "POST", "https://"+host+"/", io.LimitReader(strings.NewReader("ping"), 4)) // of a length that nobody knows
	must(t, err)
	answer, err := r.asHost(t, r.trust()).Do(q)
	must(t, err)
	part := make([]byte, 4)
	if _, err := io.ReadFull(answer.Body, part); err != nil || string(part) != "ping" {
		t.Errorf("%q, %v", part, err)
	}
	cancel()
	answer.Body.Close()
	select {
	case <-gone:
	case <-time.After(20 * time.Second):
		t.Error("the server is not told that the client has gone")
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	s.Close()
	r := serve(t, s.URL, nil)
	answer, err := r.asHost(t, r.trust()).Get("https://" + host + "/me")
	if status, text := read(t, answer, err); status != 502 || !strings.Contains(text, "cannot be asked") {
		t.Errorf("%d %s", status, text)
	}
}

// TestItself has a proxy that would ask itself, as by /etc/hosts while it records.
func TestItself(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	to := &url.URL{Scheme: "http", Host: l.Addr().String()}
	authority, err := proxy.OpenAuthority(t.TempDir(), proxy.Hosts(), time.Now)
	must(t, err)
	p := proxy.New(proxy.Options{Hosts: proxy.Hosts(), Authority: authority, To: to, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)})
	served := make(chan error, 1)
	go func() { served <- p.Serve(l) }()
	r := &rig{p, l.Addr().String(), authority}
	answer, err := r.asHost(t, r.trust()).Get("https://" + host + "/me")
	if status, text := read(t, answer, err); status != 502 || !strings.Contains(text, "would ask itself") {
		t.Errorf("%d %s", status, text)
	}
	must(t, errors.Join(p.Shutdown(context.Background()), <-served))
}

func TestCheckListen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address      string
		others, pass bool
		want         string
	}{
		{"127.0.0.1:8443", false, true, ""},
		{"[::1]:8443", false, true, ""},
		{"localhost:8443", false, false, ""},
		{":8443", false, false, "--allow-remote"},
		{"0.0.0.0:8443", false, false, "--allow-remote"},
		{"192.168.1.2:8443", false, false, "--allow-remote"},
		{"example.com:8443", false, false, "--allow-remote"},
		{":8443", true, false, ""},
		{":8443", true, true, "--pass"},
		{"8443", true, false, "is not host:port"},
	} {
		if err := proxy.CheckListen(c.address, c.others, c.pass); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// TestCurl asks with curl, both ways.
func TestCurl(t *testing.T) {
	t.Parallel()
	curl := means.Curl(t)
	r := serve(t, backend(t).URL, nil)
	for name, args := range map[string][]string{
		"as the host": {"--connect-to", host + ":443:" + r.address}, "as a proxy": {"--proxy", "http://" + r.address},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ask := func(more ...string) (string, error) {
				cmd := exec.Command(curl, append(append([]string{"--silent", "--show-error", "--max-time", "20", "https://" + host + "/me"}, args...), more...)...)
				cmd.Env = []string{"NO_PROXY="}
				out, err := cmd.CombinedOutput()
				return string(out), err
			}
			if out, err := ask("--cacert", r.authority.Path); err != nil || out != "GET /me " {
				t.Errorf("%v, %s", err, out)
			}
			if out, err := ask(); err == nil || !strings.Contains(out, "certificate") {
				t.Errorf("curl trusts it unasked: %v, %s", err, out)
			}
		})
	}
}

// TestRawTLS asks as a library does that knows no more than sockets and a file of
// authorities.
func TestRawTLS(t *testing.T) {
	t.Parallel()
	r := serve(t, backend(t).URL, nil)
	trust := r.trust()
	trust.ServerName, trust.MaxVersion = host, tls.VersionTLS12
	conn, err := tls.Dial("tcp", r.address, trust)
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /contacts HTTP/1.1\r\nHost: api.intercom.io\r\nAuthorization: Bearer t\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
	must(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if status, text := read(t, answer, err); status != 200 || text != "POST /contacts {}" {
		t.Errorf("%d %q", status, text)
	}
	leaf := conn.ConnectionState().PeerCertificates[0]
	if life := time.Until(leaf.NotAfter); life > 25*time.Hour || len(leaf.DNSNames) != 1 || leaf.IsCA {
		t.Errorf("the certificate is for %v, %v more", leaf.DNSNames, life)
	}
}

// TestStolenKey makes certificates for others with the key of an authority. Nobody may
// take them.
func TestStolenKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := proxy.OpenAuthority(dir, []string{"api.intercom.io"}, time.Now)
	must(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "authority.pem"))
	must(t, err)
	private, rest := pem.Decode(text)
	public, _ := pem.Decode(rest)
	key, err := x509.ParsePKCS8PrivateKey(private.Bytes)
	must(t, err)
	ca, err := x509.ParseCertificate(public.Bytes)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.Certificate)
	for _, c := range []struct {
		name     string
		template x509.Certificate
		ok       bool
	}{
		{"its own host", x509.Certificate{DNSNames: []string{"api.intercom.io"}}, true},
		{"another host", x509.Certificate{DNSNames: []string{"bank.example"}}, false},
		{"a host beside it", x509.Certificate{DNSNames: []string{"www.intercom.io"}}, false},
		{"an address", x509.Certificate{IPAddresses: []net.IP{net.IPv4(1, 1, 1, 1)}}, false},
		{"an address of IPv6", x509.Certificate{IPAddresses: []net.IP{net.ParseIP("2606:4700::1111")}}, false},
		{"another beside its own", x509.Certificate{DNSNames: []string{"api.intercom.io", "bank.example"}}, false},
		{"a client", x509.Certificate{DNSNames: []string{"api.intercom.io"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			must(t, err)
			c.template.SerialNumber, c.template.NotBefore, c.template.NotAfter = big.NewInt(7), time.Now().Add(-time.Minute), time.Now().Add(time.Hour)
			der, err := x509.CreateCertificate(rand.Reader, &c.template, ca, &leafKey.PublicKey, key)
			must(t, err)
			leaf, err := x509.ParseCertificate(der)
			must(t, err)
			if _, err = leaf.Verify(x509.VerifyOptions{Roots: pool}); (err == nil) != c.ok {
				t.Errorf("verified: %v", err)
			}
		})
	}
}

func TestAuthority(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	hosts := []string{"api.intercom.io"}
	first, err := proxy.OpenAuthority(dir, hosts, time.Now)
	must(t, err)
	key := filepath.Join(dir, "authority.pem")
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v, %v", info, err)
	}
	must(t, os.Remove(first.Path)) // it comes back
	second, err := proxy.OpenAuthority(dir, hosts, time.Now)
	must(t, err)
	if held, err := os.ReadFile(second.Path); err != nil || !bytes.Equal(held, first.Certificate) || !bytes.Equal(held, second.Certificate) {
		t.Errorf("the certificate is another: %v", err)
	}
	refused := func(want string, hosts []string, clock func() time.Time) {
		t.Helper()
		if _, err := proxy.OpenAuthority(dir, hosts, clock); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	refused("is for api.intercom.io and not for bank.example: remove the folder", []string{"api.intercom.io", "bank.example"}, time.Now)
	refused("has expired on", hosts, func() time.Time { return time.Now().AddDate(3, 0, 0) })
	must(t, os.Chmod(key, 0o640))
	refused("others may read the key of the authority: chmod 600", hosts, time.Now)
	must(t, os.Chmod(key, 0o600))
	must(t, os.WriteFile(key, []byte("rubbish"), 0o600))
	refused("holds no authority", hosts, time.Now)
}

// TestRecord records what a server answers, and looks for what was secret in the file.
func TestRecord(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "s=cookie-of-the-answer")
		switch r.URL.Path {
		case "/long":
			for range 6 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		case "/broken":
			w.Header().Set("Content-Length", "10")
			_, _ = w.Write([]byte("half"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		default:
			body, _ := io.ReadAll(r.Body)
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"host":%q,"encoding":%q,"length":%d,"access_token":"token-of-the-answer"}`, r.Host, r.Header.Get("Accept-Encoding"), len(body))
		}
	}))
	t.Cleanup(s.Close)
	path := filepath.Join(t.TempDir(), "c")
	recorder, err := cassette.Open(path, cassette.Options{})
	must(t, err)
	r := serve(t, "", func(o *proxy.Options) { // the real hosts, which are here
		o.Recorder = recorder
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address != host+":443" {
				t.Errorf("%s is asked", address)
			}
			raw, err := new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
			return raw, err
		}
		o.Trust = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		o.Trust.InsecureSkipVerify = true // the test's server is not called so
	})
	client := r.asHost(t, r.trust())
	ask := func(method, target, body string) (int, string, error) {
		q, err := http.NewRequest(method, "https://"+host+target, strings.NewReader(body))
		must(t, err)
		q.Header.Set("Authorization", "Bearer token-of-the-request")
		q.Header.Set("Cookie", "s=cookie-of-the-request")
		q.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(q)
		if err != nil {
			return 0, "", err
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text), err
	}
	secret := `{"client_secret":"secret-in-a-body"}`
	if status, text, err := ask("POST", "/a?token=token-in-the-query", secret); err != nil || status != 200 ||
		text != fmt.Sprintf(`{"host":"%s","encoding":"identity","length":%d,"access_token":"token-of-the-answer"}`, host, len(secret)) {
		t.Errorf("%d %s %v", status, text, err)
	}
	for _, c := range [][2]string{{"GET", "/long"}, {"GET", "/none"}, {"HEAD", "/a"}} {
		if _, _, err := ask(c[0], c[1], ""); err != nil {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, _, err := ask("GET", "/broken", ""); err == nil {
		t.Error("an answer that broke off seems whole")
	}
	must(t, r.Shutdown(context.Background()))
	must(t, recorder.Close())
	if n := r.Unrecorded(); n != 1 {
		t.Errorf("%d exchanges were not recorded", n)
	}
	text, err := os.ReadFile(path)
	must(t, err)
	for _, secret := range []string{"of-the-request", "of-the-answer", "in-the-query", "in-a-body"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s is in\n%s", secret, text)
		}
	}
	tape, err := cassette.NewReader(bytes.NewReader(text))
	must(t, err)
	for _, want := range []string{"POST /a?token=REDACTED-2 200", "GET /long 200 it is longer than 5 MB", "GET /none 204", "HEAD /a 200"} {
		e, err := tape.Next()
		must(t, err)
		if got := strings.TrimSpace(fmt.Sprintf("%s %s %d %s", e.Request.Method, e.Request.Path, e.Response.Status, e.Response.Omitted)); got != want {
			t.Errorf("recorded: %q, want %q", got, want)
		}
		if e.At.IsZero() || e.TookMS <= 0 || e.Request.Host != host {
			t.Errorf("recorded: %+v", e)
		}
	}
	if e, err := tape.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("recorded: %+v, %v", e, err)
	}
}
