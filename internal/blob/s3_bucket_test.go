package blob_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7/pkg/signer"

	"parley/internal/blob"
)

const (
	bucketName = "parley-files"
	accessKey  = "AKIDEXAMPLE"
	secretKey  = "hush"
	region     = "eu-test-1"
)

var quiet = log.New(io.Discard, "", 0)

func newS3(t testing.TB, b *bucket, prefix string) *blob.S3 {
	t.Helper()
	s, err := blob.NewS3(blob.S3Options{Endpoint: b.url, Region: region, Bucket: bucketName, Prefix: prefix,
		AccessKey: accessKey, SecretKey: secretKey})
	if err != nil {
		t.Fatal(err)
	}
	s.SetPause(time.Millisecond)
	return s
}

// A bucket speaks as much of S3's protocol, over HTTP, as objects need that are
// put, read and deleted one by one.
type bucket struct {
	url string

	mu          sync.Mutex
	objects     map[string][]byte
	types       map[string]string
	instead     []http.HandlerFunc // answer the next requests
	asked       []string           // methods, with ranges and conditions
	connections int
}

func newBucket(t testing.TB) *bucket {
	b := &bucket{objects: map[string][]byte{}, types: map[string]string{}}
	server := httptest.NewUnstartedServer(b)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			b.mu.Lock()
			b.connections++
			b.mu.Unlock()
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked := strings.TrimSpace(r.Method + " " + r.Header.Get("Range"))
	if r.Header.Get("If-Match") != "" {
		asked += " if the same"
	}
	b.asked = append(b.asked, asked)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		complain(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	if err := checkSignature(r, body); err != nil {
		complain(w, http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	if at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date")); err != nil || time.Since(at).Abs() > 15*time.Minute {
		complain(w, http.StatusForbidden, "RequestTimeTooSkewed")
		return
	}
	if len(b.instead) > 0 {
		next := b.instead[0]
		b.instead = b.instead[1:]
		next(w, r)
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
		b.objects[name], b.types[name] = body, r.Header.Get("Content-Type")
		w.Header().Set("ETag", etag(body))
	case http.MethodDelete:
		delete(b.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodGet:
		if !there {
			complain(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", etag(object))
		w.Header().Set("Content-Type", b.types[name])
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(object))
	default:
		complain(w, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

// count is how many requests came, and forgets them.
func (b *bucket) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() { b.asked = nil }()
	return len(b.asked)
}

func etag(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
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

// refusing answers with an error.
func refusing(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { complain(w, status, code) }
}

// breaking ends the connection without an answer.
func breaking(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// checkSignature looks whether what arrived is what was signed. It signs that once
// more, and then again at the present time, which is the only one that minio-go's signer
// knows: there that must find the same.
func checkSignature(r *http.Request, body []byte) error {
	sum := sha256.Sum256(body)
	if got := r.Header.Get("X-Amz-Content-Sha256"); got != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("the body has another sum than %s", got)
	}
	got := r.Header.Get("Authorization")
	_, names, _ := strings.Cut(got, "SignedHeaders=")
	names, _, _ = strings.Cut(names, ",")
	signed := strings.Split(names, ";")
	arrived := &http.Request{Method: r.Method, Host: r.Host, Header: http.Header{},
		URL: &url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath}}
	for name, values := range r.Header {
		lower := strings.ToLower(name)
		if slices.Contains(signed, lower) {
			arrived.Header[name] = slices.Clone(values)
		} else if lower == "content-type" || lower == "range" || strings.HasPrefix(lower, "x-amz-") {
			return fmt.Errorf("%s is not signed", name)
		}
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return err
	}
	sign := func(at time.Time) string {
		blob.Sign(arrived, accessKey, secretKey, region, hex.EncodeToString(sum[:]), at)
		return arrived.Header.Get("Authorization")
	}
	if want := sign(at); got != want {
		return fmt.Errorf("it is signed %s, and what arrived %s", got, want)
	}
	arrived.Header.Del("Authorization")
	judge := signer.SignV4(*arrived, accessKey, secretKey, "", region)
	want := judge.Header.Get("Authorization")
	if at, err = time.Parse("20060102T150405Z", judge.Header.Get("X-Amz-Date")); err != nil {
		return err
	}
	if got := sign(at); got != want {
		return fmt.Errorf("it is signed %s, and by the judge %s", got, want)
	}
	return nil
}
