package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/outbound"
)

var (
	guarded = outbound.Options{}
	open    = outbound.Options{AllowPrivate: true}
)

// serve starts a server that counts its requests.
func serve(t *testing.T, handler http.HandlerFunc) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

func TestGet(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %q", r.Method, r.UserAgent(), r.Header.Get("Accept-Encoding"))
	})
	got, err := outbound.New(open).Get(context.Background(), url, 100)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != http.StatusTeapot || string(got.Body) != `GET Parley ""` || got.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("got %d %q %v", got.Status, got.Body, got.Header)
	}
}

func TestDo(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		body.ReadFrom(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.UserAgent(), &body)
	})
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := outbound.New(outbound.Options{AllowPrivate: true, UserAgent: "Tester"}).Do(r, 100)
	if err != nil || string(got.Body) != "POST Tester hello" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	here, asked := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(here, "http://"))
	for _, c := range []struct {
		name string
		with outbound.Options
		url  string
	}{
		{"this machine", guarded, here},
		{"this machine by name", guarded, "http://localhost:" + port},
		{"this machine in other words", guarded, "http://[::ffff:127.0.0.1]:" + port},
		{"this machine as nobody", guarded, "http://0.0.0.0:" + port},
		{"metadata", guarded, "http://169.254.169.254/latest/meta-data/"},
		{"a file", open, "file:///etc/passwd"},
		{"another protocol", open, "ftp://example.test/x"},
		{"no protocol", open, "example.test/x"},
		{"no host", open, "http:///x"},
		{"a port alone", open, "http://:80/x"},
		{"a password", open, "http://joe:hush@" + strings.TrimPrefix(here, "http://")},
		{"no URL", open, "http://a b/"},
		{"nothing", open, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := outbound.New(c.with).Get(context.Background(), c.url, 10); !errors.Is(err, outbound.ErrRefused) {
				t.Errorf("got %v", err)
			}
		})
	}
	if asked.Load() != 0 {
		t.Errorf("%d requests were made nevertheless", asked.Load())
	}
}

// The environment's proxy would be asked in place of the address that is checked.
func TestNoProxy(t *testing.T) {
	proxy, asked := serve(t, func(http.ResponseWriter, *http.Request) {})
	t.Setenv("HTTP_PROXY", proxy)
	t.Setenv("HTTPS_PROXY", proxy)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err := outbound.New(open).Get(ctx, "http://parley-has-no-such-host.invalid/", 10)
	if err == nil || asked.Load() != 0 {
		t.Errorf("the proxy was asked %d times: %v", asked.Load(), err)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var url string
	url, asked := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/1", "/2", "/3", "/4":
			http.Redirect(w, r, fmt.Sprintf("%s/%d", url, r.URL.Path[1]-'1'), http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/password":
			http.Redirect(w, r, strings.Replace(url, "://", "://joe:hush@", 1), http.StatusFound)
		default:
			fmt.Fprint(w, "here")
		}
	})
	for path, want := range map[string]error{"/0": nil, "/1": nil, "/3": nil, "/4": outbound.ErrRefused,
		"/file": outbound.ErrRefused, "/password": outbound.ErrRefused} {
		got, err := outbound.New(open).Get(context.Background(), url+path, 100)
		if !errors.Is(err, want) || err == nil && string(got.Body) != "here" {
			t.Errorf("%s: got %v, %v", path, got, err)
		}
	}
	asked.Store(0)
	got, err := outbound.New(outbound.Options{AllowPrivate: true, StayPut: true}).Get(context.Background(), url+"/1", 100)
	if err != nil || got.Status != http.StatusFound || got.Header.Get("Location") != url+"/0" || asked.Load() != 1 {
		t.Errorf("staying put: got %+v, %v after %d requests", got, err, asked.Load())
	}
}

func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/declared":
			w.Header().Set("Content-Length", "11")
			fmt.Fprint(w, "01234567890")
		case "/zipped":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			z.Write(make([]byte, 1000))
			z.Close()
		case "/headers":
			w.Header().Set("X-Long", strings.Repeat("x", 100_000))
		case "/fits":
			fmt.Fprint(w, "0123456789")
		default:
			for range 1000 {
				fmt.Fprint(w, "0123456789")
				w.(http.Flusher).Flush()
			}
		}
	})
	c := outbound.New(open)
	for _, path := range []string{"/declared", "/streamed", "/zipped"} {
		if _, err := c.Get(context.Background(), url+path, 10); !errors.Is(err, outbound.ErrTooLarge) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := c.Get(context.Background(), url+"/headers", 10); err == nil {
		t.Error("a header of 100 kB is taken")
	}
	if got, err := c.Get(context.Background(), url+"/fits", 10); err != nil || len(got.Body) != 10 {
		t.Errorf("what fits: %v, %v", got, err)
	}
}

func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/body" {
			fmt.Fprint(w, "x")
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	})
	for _, path := range []string{"/header", "/body"} {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, err := outbound.New(open).Get(ctx, url+path, 10)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, outbound.ErrRefused) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestTruncatedAnswer(t *testing.T) {
	t.Parallel()
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "10")
		fmt.Fprint(w, "12345")
		panic(http.ErrAbortHandler)
	})
	if got, err := outbound.New(open).Get(context.Background(), url, 100); err == nil {
		t.Errorf("half an answer is taken: %q", got.Body)
	}
}
