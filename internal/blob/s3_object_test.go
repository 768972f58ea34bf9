package blob_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// A plain read is one request, as is one by a handler of HTTP; to seek is none.
func TestS3Requests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		use  func(t *testing.T, file io.ReadSeeker)
		want []string
	}{
		{"opened", func(*testing.T, io.ReadSeeker) {}, []string{"GET"}},
		{"sought", func(t *testing.T, file io.ReadSeeker) { seek(t, file, 4, io.SeekStart) }, []string{"GET"}},
		{"served", func(t *testing.T, file io.ReadSeeker) { served(t, file, "", "0123456789") }, []string{"GET"}},
		{"served in part", func(t *testing.T, file io.ReadSeeker) { served(t, file, "bytes=3-5", "345") }, []string{"GET", "GET bytes=3- if the same"}},
		{"read at its end", func(t *testing.T, file io.ReadSeeker) {
			seek(t, file, 0, io.SeekEnd)
			readsAll(t, file, "")
			seek(t, file, 100, io.SeekStart)
			readsAll(t, file, "")
		}, []string{"GET"}},
		{"read twice", func(t *testing.T, file io.ReadSeeker) {
			readsAll(t, file, "0123456789")
			seek(t, file, 0, io.SeekStart)
			readsAll(t, file, "0123456789")
		}, []string{"GET", "GET if the same"}},
		{"read on after seeking away and back", func(t *testing.T, file io.ReadSeeker) {
			if _, err := io.ReadFull(file, make([]byte, 4)); err != nil {
				t.Fatal(err)
			}
			seek(t, file, 0, io.SeekEnd)
			seek(t, file, -6, io.SeekCurrent)
			readsAll(t, file, "456789")
		}, []string{"GET"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBucket(t)
			b.objects["acme/1"] = []byte("0123456789")
			file, size, err := newS3(t, b, "").Open(t.Context(), "acme/1")
			if err != nil || size != 10 {
				t.Fatal(size, err)
			}
			c.use(t, file)
			if err := errors.Join(file.Close(), file.Close()); err != nil {
				t.Error(err)
			}
			if _, err := file.Read(make([]byte, 1)); !errors.Is(err, fs.ErrClosed) {
				t.Errorf("read when closed: %v", err)
			}
			if !slices.Equal(b.asked, c.want) {
				t.Errorf("it asked %q, want %q", b.asked, c.want)
			}
		})
	}
}

func seek(t *testing.T, file io.Seeker, offset int64, whence int) {
	t.Helper()
	if _, err := file.Seek(offset, whence); err != nil {
		t.Fatal(err)
	}
}

func readsAll(t *testing.T, file io.Reader, want string) {
	t.Helper()
	if got, err := io.ReadAll(file); err != nil || string(got) != want {
		t.Errorf("it reads %q, %v", got, err)
	}
}

func served(t *testing.T, file io.ReadSeeker, part, want string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if part != "" {
		r.Header.Set("Range", part)
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "text/plain")
	http.ServeContent(w, r, "", time.Time{}, file)
	if w.Body.String() != want {
		t.Errorf("%d %q is served", w.Code, w.Body)
	}
}

func TestS3BadSeek(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.objects["acme/1"] = []byte("0123456789")
	file, _, err := newS3(t, b, "").Open(t.Context(), "acme/1")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seek(t, file, 3, io.SeekStart)
	for offset, whence := range map[int64]int{-1: io.SeekStart, -4: io.SeekCurrent, -11: io.SeekEnd, 0: 7} {
		if _, err := file.Seek(offset, whence); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%d from %d: %v", offset, whence, err)
		}
	}
	readsAll(t, file, "3456789")
}

// Bytes of two blobs are never mixed, and a part is never taken for the whole.
func TestS3ReadingFails(t *testing.T) {
	t.Parallel()
	const text = "0123456789"
	answer := func(status int, header map[string]string, body string) func(*bucket) {
		return func(b *bucket) {
			b.instead = []http.HandlerFunc{func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", etag([]byte(text)))
				for name, value := range header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}}
		}
	}
	for _, c := range []struct {
		name   string
		at     int64
		change func(b *bucket)
		want   string
		is     error
	}{
		{"replaced", 4, func(b *bucket) { b.objects["acme/1"] = []byte("abcdefghij") }, "it was replaced meanwhile", nil},
		{"replaced by less", 4, func(b *bucket) { b.objects["acme/1"] = []byte("abc") }, "it was replaced meanwhile", nil},
		{"replaced, by a store without If-Match", 4, answer(206, map[string]string{"Content-Range": "bytes 4-9/10", "ETag": `"x"`}, "efghij"), "it was replaced meanwhile", nil},
		{"replaced by more, in such a store", 4, answer(206, map[string]string{"Content-Range": "bytes 4-10/11"}, "efghijk"), "it was replaced meanwhile", nil},
		{"no longer so long", 4, answer(416, nil, ""), "it was replaced meanwhile", nil},
		{"deleted", 4, func(b *bucket) { delete(b.objects, "acme/1") }, "file does not exist", fs.ErrNotExist},
		{"all instead of a part", 4, answer(200, nil, text), "another part", nil},
		{"all, called a part", 4, answer(200, map[string]string{"Content-Range": "bytes 4-9/10"}, text), "another part", nil},
		{"another part", 4, answer(206, map[string]string{"Content-Range": "bytes 3-9/10"}, "3456789"), "another part", nil},
		{"a part without its place", 4, answer(206, nil, "456789"), "another part", nil},
		{"a part instead of all", 0, answer(206, map[string]string{"Content-Range": "bytes 0-8/10"}, "012345678"), "another part", nil},
		{"replaced from the start", 0, answer(200, map[string]string{"ETag": `"x"`}, "abcdefghij"), "it was replaced meanwhile", nil},
		{"longer from the start", 0, answer(200, nil, "abcdefghijk"), "it was replaced meanwhile", nil},
		{"refused", 4, answer(403, nil, ""), "the store answers 403 Forbidden", nil},
		{"broken off", 4, answer(206, map[string]string{"Content-Range": "bytes 4-9/10", "Content-Length": "6"}, "45"), "unexpected EOF", io.ErrUnexpectedEOF},
		{"a part that is too short", 4, answer(206, map[string]string{"Content-Range": "bytes 4-9/10"}, "45678"), "unexpected EOF", io.ErrUnexpectedEOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBucket(t)
			b.objects["acme/1"] = []byte(text)
			file, _, err := newS3(t, b, "").Open(t.Context(), "acme/1")
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			readsAll(t, file, text)
			seek(t, file, c.at, io.SeekStart)
			b.mu.Lock()
			c.change(b)
			b.mu.Unlock()
			got, err := io.ReadAll(file)
			if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("reading %q gives %v", got, err)
			}
			if !strings.HasPrefix(text[c.at:], string(got)) || len(got) == len(text[c.at:]) {
				t.Errorf("it reads %q", got)
			}
		})
	}
}

// A blob that breaks off is not taken for a shorter one, and can be read on.
func TestS3BreaksOff(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	text := bytes.Repeat([]byte("0123456789"), 1000)
	b.objects["acme/1"] = text
	b.instead = []http.HandlerFunc{func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10000")
		w.Header().Set("ETag", etag(text))
		_, _ = w.Write(text[:5005])
	}}
	file, size, err := newS3(t, b, "").Open(t.Context(), "acme/1")
	if err != nil || size != 10000 {
		t.Fatal(size, err)
	}
	defer file.Close()
	got, err := io.ReadAll(file)
	if !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got, text[:5005]) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	readsAll(t, file, string(text[5005:]))
}

// A store that does not say how long a blob is cannot be used.
func TestS3WithoutLength(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	b.instead = []http.HandlerFunc{
		func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() },
		func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusPartialContent) },
	}
	s := newS3(t, b, "")
	for range 2 {
		if file, _, err := s.Open(t.Context(), "acme/1"); err == nil {
			file.Close()
			t.Error("it is opened")
		}
	}
}

// A tag that is weak never matches: it is compared, and not sent.
func TestS3WeakTag(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	weak := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `W/"1"`)
		http.ServeContent(w, r, "a.txt", time.Time{}, strings.NewReader("0123456789"))
	}
	b.instead = []http.HandlerFunc{weak, weak}
	file, _, err := newS3(t, b, "").Open(t.Context(), "acme/1")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	seek(t, file, 4, io.SeekStart)
	readsAll(t, file, "456789")
	if !slices.Equal(b.asked, []string{"GET", "GET bytes=4-"}) {
		t.Errorf("it asked %q", b.asked)
	}
}
