package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"parley/internal/blob"
)

func TestS3Names(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	put(t, newS3(t, b, ""), "acme/1", []byte("one"))
	put(t, newS3(t, b, "some/prefix"), "acme/1", []byte("two"))
	if string(b.objects["acme/1"]) != "one" || string(b.objects["some/prefix/acme/1"]) != "two" || b.types["acme/1"] != "text/plain" {
		t.Errorf("the bucket holds %q of types %q", b.objects, b.types)
	}
	if err := newS3(t, b, "").Put(t.Context(), "acme/2", strings.NewReader(""), 0, ""); err != nil || b.types["acme/2"] != "application/octet-stream" {
		t.Errorf("without a type it has %q, %v", b.types["acme/2"], err)
	}
}

// A store that is busy is asked again, with the whole blob; one that refuses or stays
// busy is an error, and not "there is no such blob".
func TestS3Tries(t *testing.T) {
	t.Parallel()
	empty := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }
	}
	busy := refusing(503, "SlowDown")
	for _, c := range []struct {
		name    string
		instead []http.HandlerFunc
		tries   int
		ok      bool
	}{
		{"well at once", nil, 1, true},
		{"busy once", []http.HandlerFunc{busy}, 2, true},
		{"busy twice", []http.HandlerFunc{busy, busy}, 3, true},
		{"busy for long", []http.HandlerFunc{busy, busy, busy}, 3, false},
		{"too many requests", []http.HandlerFunc{empty(429)}, 2, true},
		{"an error of its own", []http.HandlerFunc{empty(500)}, 2, true},
		{"no way to it", []http.HandlerFunc{empty(502)}, 2, true},
		{"too slow behind", []http.HandlerFunc{empty(504)}, 2, true},
		{"a code that passes", []http.HandlerFunc{refusing(400, "RequestTimeout")}, 2, true},
		{"a connection that breaks", []http.HandlerFunc{breaking}, 2, true},
		{"connections that break", []http.HandlerFunc{breaking, breaking, breaking}, 3, false},
		{"a bad request", []http.HandlerFunc{refusing(400, "InvalidArgument")}, 1, false},
		{"forbidden", []http.HandlerFunc{refusing(403, "AccessDenied")}, 1, false},
		{"no such bucket", []http.HandlerFunc{refusing(404, "NoSuchBucket")}, 1, false},
		{"not built", []http.HandlerFunc{empty(501)}, 1, false},
		{"elsewhere", []http.HandlerFunc{empty(307)}, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			for what, call := range map[string]func(s *blob.S3) error{
				"put": func(s *blob.S3) error { return s.Put(ctx, "acme/1", strings.NewReader("one"), 3, "") },
				"open": func(s *blob.S3) error {
					file, _, err := s.Open(ctx, "acme/1")
					if err == nil {
						file.Close()
					}
					return err
				},
				"delete": func(s *blob.S3) error { return s.Delete(ctx, "acme/1") },
			} {
				b := newBucket(t)
				b.objects["acme/1"] = []byte("one")
				b.instead = c.instead
				err := call(newS3(t, b, ""))
				if (err == nil) != c.ok || errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: %v", what, err)
				}
				if err != nil && !strings.HasPrefix(err.Error(), "blob: "+what+" acme/1: ") {
					t.Errorf("%s says %q", what, err)
				}
				if got := b.count(); got != c.tries {
					t.Errorf("%s is tried %d times, want %d", what, got, c.tries)
				}
				if got := string(b.objects["acme/1"]); what == "put" && got != "one" {
					t.Errorf("put again it is %q", got)
				}
			}
		})
	}
}

// leaving is a way on which whoever asks leaves once the answer is read.
type leaving struct {
	way   http.RoundTripper
	leave func()
}

func (l *leaving) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.way.RoundTrip(r)
	if err == nil {
		answer.Body = leavingBody{answer.Body, l.leave}
	}
	return answer, err
}

type leavingBody struct {
	io.ReadCloser
	leave func()
}

func (b leavingBody) Close() error {
	defer b.leave()
	return b.ReadCloser.Close()
}

// Whoever left is not waited for, and nothing is asked in his name.
func TestS3Left(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	s := newS3(t, b, "")
	s.SetPause(1000 * time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	way := &leaving{way: &http.Transport{}, leave: cancel}
	s.SetTransport(way)
	b.instead = []http.HandlerFunc{refusing(503, "SlowDown")}
	if err := s.Put(ctx, "acme/1", strings.NewReader("one"), 3, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("before a pause: %v", err)
	}
	if got := b.count(); got != 1 {
		t.Errorf("it is asked %d times", got)
	}
	s.SetTransport(way.way)
	ctx, cancel = context.WithCancel(t.Context())
	b.instead = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) { cancel(); complain(w, 503, "SlowDown") }}
	if err := s.Delete(ctx, "acme/1"); !errors.Is(err, context.Canceled) || err.Error() != "blob: delete acme/1: context canceled" {
		t.Errorf("during a request: %v", err)
	}
	if _, _, err := s.Open(ctx, "acme/1"); !errors.Is(err, context.Canceled) || err.Error() != "blob: open acme/1: context canceled" {
		t.Errorf("before a request: %v", err)
	}
	if got := b.count(); got != 1 {
		t.Errorf("it is asked %d times", got)
	}
}

// A machine whose clock is wrong goes by the store's, once it is told.
func TestS3Clock(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{-time.Hour, time.Hour, 26 * time.Hour} {
		b := newBucket(t)
		s := newS3(t, b, "")
		s.SetClock(func() time.Time { return time.Now().Add(by) })
		put(t, s, "acme/1", []byte("one"))
		if got := b.count(); got != 2 {
			t.Errorf("by a clock %v ahead it is tried %d times", by, got)
		}
		if got := read(t, s, "acme/1"); string(got) != "one" || b.count() != 1 {
			t.Errorf("by a clock %v ahead the store's is asked for again", by)
		}
	}
}

// What the store says is shown, in bounds, and without what proves who we are.
func TestS3Refusals(t *testing.T) {
	t.Parallel()
	say := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"code and message", say(403, `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Who are
 you &amp; why?</Message><Key>x</Key></Error>`), "the store answers 403 Forbidden: AccessDenied: Who are  you & why?"},
		{"nothing", say(403, ""), "the store answers 403 Forbidden"},
		{"a page", say(403, "<html><p>no<br></html>"), "the store answers 403 Forbidden"},
		{"cut off", say(400, "<Error><Code>Some</Code><Mess"), "the store answers 400 Bad Request: Some"},
		{"a status of its own", say(477, ""), "the store answers 477"},
		{"a long message", say(400, "<Error><Code>X</Code><Message>"+strings.Repeat("é", 300)+"</Message></Error>"),
			"the store answers 400 Bad Request: X: " + strings.Repeat("é", 200) + "…"},
		{"a body without an end", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			for err := error(nil); err == nil; {
				_, err = w.Write(bytes.Repeat([]byte("<Error>"), 1000))
			}
		}, "the store answers 400 Bad Request"},
		{"elsewhere", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amz-Bucket-Region", "eu-west-9")
			w.Header().Set("Location", "http://127.0.0.1:1/")
			complain(w, 301, "PermanentRedirect")
		}, "the store answers 301 Moved Permanently: PermanentRedirect: as asked: it is elsewhere, and a redirect is not followed; the bucket is in the region eu-west-9"},
		{"an echo", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(403)
			fmt.Fprintf(w, "<Error><Code>X</Code><Message>%s</Message></Error>", r.Header.Get("Authorization"))
		}, "the store answers 403 Forbidden: X"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBucket(t)
			s := newS3(t, b, "")
			b.instead = []http.HandlerFunc{c.answer, c.answer}
			for _, err := range []error{s.Delete(t.Context(), "acme/1"), s.Put(t.Context(), "acme/1", strings.NewReader("one"), 3, "")} {
				if err == nil || !strings.HasSuffix(err.Error(), " acme/1: "+c.want) {
					t.Errorf("it says %v", err)
				}
			}
			if got := b.count(); got != 2 {
				t.Errorf("it is asked %d times", got)
			}
		})
	}
}

// That there is no object some stores say by the status alone.
func TestS3Missing(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	s := newS3(t, b, "")
	none := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }
	b.instead = []http.HandlerFunc{none, none}
	gone(t, s, "acme/1")
	if err := s.Delete(t.Context(), "acme/1"); err != nil {
		t.Errorf("deleting what is not there: %v", err)
	}
	b.instead = []http.HandlerFunc{refusing(404, "NoSuchKey")}
	if err := s.Delete(t.Context(), "acme/1"); err != nil {
		t.Errorf("deleting what is not there: %v", err)
	}
	if len(b.instead) > 0 {
		t.Error("not all was asked")
	}
}

// One who is not let in is an error each time.
func TestS3Stranger(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	for name, o := range map[string]blob.S3Options{
		"another key":    {AccessKey: "other", SecretKey: secretKey, Region: region},
		"another secret": {AccessKey: accessKey, SecretKey: "other", Region: region},
		"another region": {AccessKey: accessKey, SecretKey: secretKey, Region: "other"},
	} {
		o.Endpoint, o.Bucket = b.url, bucketName
		s, err := blob.NewS3(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Put(t.Context(), "acme/1", strings.NewReader("x"), 1, ""); err == nil || !strings.Contains(err.Error(), "SignatureDoesNotMatch") {
			t.Errorf("with %s: %v", name, err)
		}
	}
}

// One connection does for all that is done one after the other, errors included.
func TestS3Connections(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	s := newS3(t, b, "")
	talkative := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 10_000)) }
	for range 5 {
		b.instead = []http.HandlerFunc{talkative, talkative}
		put(t, s, "acme/1", []byte("0123456789"))
		if err := s.Delete(t.Context(), "acme/1"); err != nil {
			t.Fatal(err)
		}
		put(t, s, "acme/1", []byte("0123456789"))
		read(t, s, "acme/1")
		gone(t, s, "acme/2")
		file, _, err := s.Open(t.Context(), "acme/1")
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		b.instead = []http.HandlerFunc{refusing(403, "AccessDenied")}
		if err := s.Delete(t.Context(), "acme/1"); err == nil {
			t.Error("it is deleted")
		}
	}
	if b.connections != 1 {
		t.Errorf("there were %d connections", b.connections)
	}
}

// Who a server is must be certain; that it is not will not pass.
func TestS3Certificate(t *testing.T) {
	t.Parallel()
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Config.ErrorLog = quiet
	server.StartTLS()
	t.Cleanup(server.Close)
	s := newS3(t, &bucket{url: server.URL}, "")
	if err := s.Delete(t.Context(), "acme/1"); err == nil || !strings.Contains(err.Error(), "certificate") || connections.Load() != 1 {
		t.Errorf("after %d connections: %v", connections.Load(), err)
	}
	s.SetTransport(server.Client().Transport)
	if err := s.Delete(t.Context(), "acme/1"); err != nil {
		t.Error(err)
	}
}

// Any key that is one arrives, signed as it should be, behind whatever prefix.
func FuzzS3Key(f *testing.F) {
	for _, prefix := range []string{"", "files", "a b/c+d%2f~!*'()/ä€😀/=&?#;:@,$[]", "/a", "\x00\x7f", strings.Repeat("d/", 100)} {
		f.Add(prefix, "acme/1f3a", "text/plain")
		f.Add(prefix, "a-b_c.D9", "text/html;  charset=utf-8 ")
		f.Add(prefix, strings.Repeat("k/", 255)+"k", "")
	}
	b := newBucket(f)
	way := &http.Transport{} // one, so that connections are used again
	f.Fuzz(func(t *testing.T, prefix, key, contentType string) {
		if blob.CheckKey(key) != nil || !utf8.ValidString(prefix) {
			t.Skip("no key")
		}
		if len(prefix) > 1000 || strings.ContainsFunc(contentType, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Skip("no name, or no header")
		}
		s := newS3(t, b, prefix)
		s.SetTransport(way)
		if err := s.Put(t.Context(), key, strings.NewReader(key), int64(len(key)), contentType); err != nil {
			t.Fatal(err)
		}
		b.mu.Lock()
		got, there := b.objects[path.Join(prefix, key)]
		if !there || string(got) != key || len(b.objects) != 1 {
			t.Errorf("the bucket holds %q", b.objects)
		}
		b.mu.Unlock()
		if got := read(t, s, key); string(got) != key {
			t.Errorf("it is read as %q", got)
		}
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		gone(t, s, key)
	})
}

// Whatever a store answers is the bytes that came or an error, in one line and in bounds.
func FuzzS3Answer(f *testing.F) {
	f.Add(200, "", "text")
	f.Add(206, "", "text")
	f.Add(204, "", "")
	f.Add(404, "", "<Error><Code>NoSuchKey</Code></Error>")
	f.Add(404, "", "<Error><Code>NoSuchBucket</Code><Message>a\nb&#10;c\u202e</Message></Error>")
	f.Add(301, "eu\u2028west", "<Error><Code>"+strings.Repeat("x", 1000))
	f.Add(503, "", "<!DOCTYPE a [<!ENTITY b \"c\">]><Error><Code>&b;</Code></Error>")
	f.Add(403, "", "<?xml version=\"1.0\" encoding=\"latin-9\"?><Error/>")
	b := newBucket(f)
	s := newS3(f, b, "")
	f.Fuzz(func(t *testing.T, status int, region, body string) {
		if status < 200 || status > 999 || strings.ContainsFunc(region, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Skip("not an answer")
		}
		answer := func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["X-Amz-Bucket-Region"] = []string{region}
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
		b.mu.Lock()
		b.instead = []http.HandlerFunc{answer, answer, answer}
		b.mu.Unlock()
		file, size, err := s.Open(t.Context(), "acme/1")
		if err != nil {
			if text := err.Error(); len(text) > 3000 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("it says %q", text)
			}
			if status == http.StatusOK || errors.Is(err, fs.ErrNotExist) && status != http.StatusNotFound && !strings.Contains(body, "NoSuchKey") {
				t.Errorf("%d %q is %v", status, body, err)
			}
			return
		}
		defer file.Close()
		if got, err := io.ReadAll(file); err != nil || string(got) != body || size != int64(len(body)) || status != http.StatusOK {
			t.Errorf("%d is %q of %d, %v", status, got, size, err)
		}
	})
}
