package blob_test

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"parley/internal/blob"
)

// The first of the examples in Amazon's description of signatures in a header.
func TestS3KnownSignature(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Range", "bytes=0-9")
	r.Header.Set("User-Agent", "any")
	at := time.Date(2013, 5, 24, 2, 0, 0, 0, time.FixedZone("", 2*60*60))
	blob.Sign(r, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", at)
	const want = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, " +
		"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("it is signed %s", got)
	}
	if got := r.Header.Get("X-Amz-Date"); got != "20130524T000000Z" {
		t.Errorf("it is of %s", got)
	}
}

// caught is a way to a store on which the last request is kept.
type caught struct{ r *http.Request }

func (c *caught) RoundTrip(r *http.Request) (*http.Response, error) {
	c.r = r
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// Whatever the endpoint, the bucket and the name, a request goes to where minio-go
// sends it, with the same signature.
func TestS3AsMinio(t *testing.T) {
	t.Parallel()
	endpoints := []string{
		"http://store.test", "https://store.test", "http://store.test:9000", "https://store.test:443", "http://store.test:80", "http://store.test:443",
		"http://127.0.0.1:9000", "http://127.0.0.1:80", "https://127.0.0.1", "http://[::1]:9000", "http://[::1]:80", "https://[2001:db8::1]", "https://store.test/",
		"https://s3.amazonaws.com", "http://s3.amazonaws.com", "https://s3.amazonaws.com:443", "https://s3.eu-west-1.amazonaws.com", "https://s3-eu-west-1.amazonaws.com",
		"https://s3.dualstack.eu-west-1.amazonaws.com", "https://s3-external-1.amazonaws.com", "https://s3.cn-north-1.amazonaws.com.cn",
		"https://s3.dualstack.cn-north-1.amazonaws.com.cn", "https://s3-fips.us-gov-west-1.amazonaws.com", "https://s3-fips.dualstack.us-east-1.amazonaws.com",
		"https://bucket.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com", "https://accesspoint.vpce-1a2b3c4d-5e6f.s3.us-east-1.vpce.amazonaws.com",
		"https://s3-balancer.eu-west-1.elb.amazonaws.com", "https://elsewhere.amazonaws.com", "https://s3.elsewhere.test",
		"https://storage.googleapis.com", "http://storage.googleapis.com:80", "https://oss-cn-hangzhou.aliyuncs.com", "https://oss-cn-hangzhou.aliyuncs.com:8443",
		"https://nyc3.digitaloceanspaces.com", "https://0123.r2.cloudflarestorage.com", "https://s3.eu-central-003.backblazeb2.com",
	}
	names := []string{"", "some/prefix", "a b", "ä€/😀", "a+b", "a%20b", "~", "!*'()", "a=b&c?d#e;f:g@h,i$j[k]", strings.Repeat("deep/", 30)}
	for _, endpoint := range endpoints {
		u, err := url.Parse(endpoint)
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range []string{"us-east-1", "eu-west-1", "cn-northwest-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1", "ap-southeast-6"} {
			for _, name := range []string{"parley-files", "parley.files"} {
				theirs, ours := &caught{}, &caught{}
				judge, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewStaticV4(accessKey, secretKey, ""),
					Secure: u.Scheme == "https", Region: in, Transport: theirs})
				if err != nil {
					t.Fatalf("%s: %v", endpoint, err)
				}
				for _, prefix := range names {
					s, err := blob.NewS3(blob.S3Options{Endpoint: endpoint, Bucket: name, Prefix: prefix, Region: in, AccessKey: accessKey, SecretKey: secretKey})
					if err != nil {
						t.Fatalf("%s: %v", endpoint, err)
					}
					s.SetTransport(ours)
					if err := judge.RemoveObject(t.Context(), name, path.Join(prefix, "acme/1"), minio.RemoveObjectOptions{}); err != nil {
						t.Fatal(err)
					}
					at, err := time.Parse("20060102T150405Z", theirs.r.Header.Get("X-Amz-Date"))
					s.SetClock(func() time.Time { return at })
					if err := errors.Join(err, s.Delete(t.Context(), "acme/1")); err != nil {
						t.Fatal(err)
					}
					if got, want := ours.r.URL.String(), theirs.r.URL.String(); got != want {
						t.Errorf("%s in %s: it goes to %s, want %s", endpoint, in, got, want)
					}
					if ours.r.Host != theirs.r.Host || ours.r.Header.Get("Authorization") != theirs.r.Header.Get("Authorization") {
						t.Errorf("%s in %s: it goes to %s with %s, want %s with %s", endpoint, in, ours.r.Host, ours.r.Header, theirs.r.Host, theirs.r.Header)
					}
				}
			}
		}
	}
}

// A region that is newer than a list of them has its host too.
func TestS3NewRegion(t *testing.T) {
	t.Parallel()
	s, err := blob.NewS3(blob.S3Options{Endpoint: "HTTPS://S3.AmazonAWS.com", Bucket: bucketName, Region: "mars-north-1"})
	if err != nil {
		t.Fatal(err)
	}
	way := &caught{}
	s.SetTransport(way)
	if err := s.Delete(t.Context(), "acme/1"); err != nil {
		t.Fatal(err)
	}
	if got := way.r.URL.String(); got != "https://parley-files.s3.dualstack.mars-north-1.amazonaws.com/acme/1" {
		t.Errorf("it goes to %s", got)
	}
}

func TestS3Endpoint(t *testing.T) {
	t.Parallel()
	for _, endpoint := range []string{"", "://", "http://", "http://a b", "https:///x", "store.test", "store.test:9000", "ftp://store.test", "https://store.test/x",
		"https://store.test?x", "https://-store.test", "https://.test", "https://störe.test", "https://store.test%2f", "https://[fe80::1%25eth0]", "https://store.test:x",
		"https://" + strings.Repeat("a.", 128) + "test", "https://bucket.s3.amazonaws.com", "https://bucket.storage.googleapis.com",
		"https://s3express-control.us-east-1.amazonaws.com", "https://op-1.s3-outposts.us-east-1.amazonaws.com"} {
		if _, err := blob.NewS3(blob.S3Options{Endpoint: endpoint, Bucket: bucketName}); err == nil {
			t.Errorf("%q is taken for an endpoint", endpoint)
		}
	}
	for _, bucket := range []string{"", "a", "ab", strings.Repeat("a", 64), "a/b", "a..b", ".abc", "abc.", "-abc", "abc-", "a b", "ä-b", "a@b", "a:b", "a?b"} {
		if _, err := blob.NewS3(blob.S3Options{Endpoint: "https://store.test", Bucket: bucket}); err == nil {
			t.Errorf("%q is taken for a bucket", bucket)
		}
	}
	for _, in := range []string{"a/b", "a.b", "a b", strings.Repeat("a", 64)} {
		if _, err := blob.NewS3(blob.S3Options{Endpoint: "https://s3.amazonaws.com", Bucket: bucketName, Region: in}); err == nil {
			t.Errorf("%q is taken for a region", in)
		}
	}
	if _, err := blob.NewS3(blob.S3Options{Endpoint: "HTTPS://Store.Test:", Bucket: bucketName, Region: "any one"}); err != nil {
		t.Error(err)
	}
}
