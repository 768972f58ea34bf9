package blob_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/blob"
)

const (
	bucketName = "parley-files"
	accessKey  = "AKIDEXAMPLE"
)

func newS3(t *testing.T, b *bucket, prefix string) *blob.S3 {
	t.Helper()
	s, err := blob.NewS3(blob.S3Options{Endpoint: b.url, Region: "eu-test-1", Bucket: bucketName, Prefix: prefix,
		AccessKey: accessKey, SecretKey: "hush"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A bucket speaks as much of S3's protocol, over HTTP, as objects need that are
// put, read and deleted one by one. It takes signatures on trust.
type bucket struct {
	url string

	mu       sync.Mutex
	objects  map[string][]byte
	types    map[string]string
	failures int // how many of the next requests fail
	asked    []string
}

func newBucket(t *testing.T) *bucket {
	b := &bucket{objects: map[string][]byte{}, types: map[string]string{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, r.Method)
	if b.failures > 0 {
		b.failures--
		complain(w, http.StatusServiceUnavailable, "SlowDown")
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+accessKey+"/") ||
		!strings.Contains(r.Header.Get("Authorization"), "/eu-test-1/s3/aws4_request") {
		complain(w, http.StatusForbidden, "AccessDenied")
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/"+bucketName+"/")
	if !ok || name == "" || r.URL.RawQuery != "" {
		complain(w, http.StatusNotImplemented, "NotImplemented")
		return
	}
	object, there := b.objects[name]
	switch r.Method {
	case http.MethodPut:
		body, err := readBody(r)
		if err != nil {
			complain(w, http.StatusBadRequest, "IncompleteBody")
			return
		}
		b.objects[name], b.types[name] = body, r.Header.Get("Content-Type")
		w.Header().Set("ETag", `"an-etag"`)
	case http.MethodDelete:
		delete(b.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet, http.MethodHead:
		if !there {
			complain(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", `"an-etag"`)
		w.Header().Set("Content-Type", b.types[name])
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(object))
	}
}

func complain(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
		Message string
	}{Code: code, Message: "as asked"})
}

// readBody reads a body, which over plain HTTP comes in signed chunks: a line with
// the length in hexadecimal and a signature, then the bytes and an empty line.
func readBody(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	var body []byte
	for in := bufio.NewReader(r.Body); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		length, signature, _ := strings.Cut(strings.TrimSpace(line), ";chunk-signature=")
		n, err := strconv.ParseInt(length, 16, 64)
		if err != nil || len(signature) != 64 {
			return nil, fmt.Errorf("%q begins no chunk", line)
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(in, chunk); err != nil && n > 0 {
			return nil, err
		}
		if n == 0 {
			break
		}
		body = append(body, chunk[:n]...)
	}
	if want := r.Header.Get("X-Amz-Decoded-Content-Length"); want != strconv.Itoa(len(body)) {
		return nil, fmt.Errorf("the body has %d bytes and says %s", len(body), want)
	}
	return body, nil
}

func TestS3Names(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	put(t, newS3(t, b, ""), "acme/1", []byte("one"))
	put(t, newS3(t, b, "some/prefix"), "acme/1", []byte("two"))
	if string(b.objects["acme/1"]) != "one" || string(b.objects["some/prefix/acme/1"]) != "two" || b.types["acme/1"] != "text/plain" {
		t.Errorf("the bucket holds %q of types %q", b.objects, b.types)
	}
}

// A store that is busy is asked again, with the whole blob; one that refuses or
// stays busy is an error, and not "there is no such blob".
func TestS3Failures(t *testing.T) {
	t.Parallel()
	b := newBucket(t)
	s := newS3(t, b, "")
	b.failures = 1
	put(t, s, "acme/1", []byte("one"))
	if string(b.objects["acme/1"]) != "one" || len(b.asked) != 2 {
		t.Errorf("after %q the bucket holds %q", b.asked, b.objects)
	}
	stranger, err := blob.NewS3(blob.S3Options{Endpoint: b.url, Region: "eu-test-1", Bucket: bucketName, AccessKey: "other", SecretKey: "x"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, _, err := stranger.Open(ctx, "acme/1"); err == nil || !strings.Contains(err.Error(), "acme/1") {
		t.Errorf("a stranger opens a blob: %v", err)
	}
	if err := stranger.Put(ctx, "acme/1", strings.NewReader("x"), 1, ""); err == nil {
		t.Error("a stranger puts a blob")
	}
	if err := stranger.Delete(ctx, "acme/1"); err == nil {
		t.Error("a stranger deletes a blob")
	}
}

func TestS3Endpoint(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"", "://", "http://", "http://a b"} {
		if _, err := blob.NewS3(blob.S3Options{Endpoint: endpoint, Bucket: bucketName}); err == nil {
			t.Errorf("%q is taken for an endpoint", endpoint)
		}
	}
}
