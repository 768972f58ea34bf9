package blob

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"sync/atomic"
	"time"
)

// S3Options say where an S3-compatible store is and how to get in.
type S3Options struct {
	Bucket, Prefix       string // the bucket must be there; the prefix, of every key, may be empty
	Endpoint             string // http or https URL without a path
	Region               string
	AccessKey, SecretKey string
}

// An S3 keeps blobs in a bucket of a store that speaks S3's protocol.
type S3 struct {
	client *http.Client
	bucket *url.URL // what the names of objects are appended to
	prefix string
	signer signer

	now   func() time.Time // the machine's clock
	ahead atomic.Int64     // by how many nanoseconds the store's clock is ahead of it
	pause time.Duration    // at most so long before the second try
}

// The bounds of a request. Its whole time is bounded by the caller's context.
const (
	// maxTries is how often a request is sent that fails for the store's reasons.
	// Somebody is waiting meanwhile.
	maxTries      = 3
	firstPause    = 200 * time.Millisecond
	headerTimeout = time.Minute // from the request's end to the answer's header
	maxHeader     = 64 << 10
	idlePerHost   = 16
	// maxDrain is how much is read of a body that nobody wants, so that its connection
	// can be used again.
	maxDrain = 64 << 10
)

// NewS3 makes the way to a bucket. It does not go there yet.
func NewS3(o S3Options) (*S3, error) {
	region := cmp.Or(o.Region, "us-east-1")
	if err := checkBucket(o.Bucket); err != nil {
		return nil, fmt.Errorf("blob: the S3 bucket: %w", err)
	}
	bucket, err := bucketURL(o.Endpoint, o.Bucket, region)
	if err != nil {
		return nil, fmt.Errorf("blob: the S3 endpoint: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = idlePerHost
	transport.ResponseHeaderTimeout = headerTimeout
	transport.MaxResponseHeaderBytes = maxHeader
	transport.DisableCompression = true // a blob comes as it was put
	return &S3{
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a signature is for one host
		}},
		bucket: bucket, prefix: o.Prefix,
		signer: signer{access: o.AccessKey, secret: o.SecretKey, region: region},
		now:    time.Now, pause: firstPause,
	}, nil
}

// Put holds the whole blob in memory, so that it can be sent again.
func (s *S3) Put(ctx context.Context, key string, from io.Reader, size int64, contentType string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(from, size+1))
	if err == nil && int64(len(data)) != size {
		err = errSize(size)
	}
	if err == nil {
		var answer *http.Response
		header := http.Header{"Content-Type": {cmp.Or(contentType, "application/octet-stream")}}
		if answer, err = s.send(ctx, http.MethodPut, key, header, data); err == nil {
			discard(answer.Body)
		}
	}
	if err != nil {
		return fmt.Errorf("blob: put %s: %w", key, err)
	}
	return nil
}

// Open asks for the whole blob at once: who reads it from its beginning to its end
// makes one request.
func (s *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, int64, error) {
	if err := CheckKey(key); err != nil {
		return nil, 0, err
	}
	o, err := s.open(ctx, key)
	if isMissing(err) {
		return nil, 0, unknown(key)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("blob: open %s: %w", key, err)
	}
	return o, o.size, nil
}

func (s *S3) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	answer, err := s.send(ctx, http.MethodDelete, key, http.Header{}, nil)
	if err == nil {
		discard(answer.Body)
	}
	if err != nil && !isMissing(err) {
		return fmt.Errorf("blob: delete %s: %w", key, err)
	}
	return nil
}

// send sends a request about a key, again if it fails for a reason that may pass, and
// gives an answer that is not an error.
func (s *S3) send(ctx context.Context, method, key string, header http.Header, body []byte) (*http.Response, error) {
	sum := hex.EncodeToString(sha256Of(body))
	for try := 1; ; try++ {
		r, err := s.request(ctx, method, key, header, body)
		if err != nil {
			return nil, err
		}
		s.signer.sign(r, sum, s.now().Add(time.Duration(s.ahead.Load())))
		answer, err := s.client.Do(r)
		if err == nil {
			if answer.StatusCode/100 == 2 {
				return answer, nil
			}
			err = readRefusal(answer)
		}
		if try == maxTries || !s.again(err) {
			return nil, err
		}
		if err := s.wait(ctx, try); err != nil {
			return nil, err
		}
	}
}

// request makes a request for an object, without a signature.
func (s *S3) request(ctx context.Context, method, key string, header http.Header, body []byte) (*http.Request, error) {
	name := path.Join(s.prefix, key)
	at := *s.bucket
	at.RawPath = at.Path + escape(name)
	at.Path += name
	r, err := http.NewRequestWithContext(ctx, method, at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = header.Clone()
	r.Header.Set("User-Agent", "Parley")
	return r, nil
}

// again reports whether a request that failed is worth another try. The store's clock
// is believed if ours is too far from it.
func (s *S3) again(err error) bool {
	var refused *refusal
	if !errors.As(err, &refused) {
		return !isLasting(err)
	}
	if refused.code == "RequestTimeTooSkewed" && !refused.date.IsZero() {
		s.ahead.Store(int64(refused.date.Sub(s.now())))
		return true
	}
	return refused.passes()
}

// wait waits before the next try: a random time, of twice as much at most each time,
// so that those who failed together do not come again together.
func (s *S3) wait(ctx context.Context, try int) error {
	timer := time.NewTimer(rand.N(s.pause << (try - 1)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// discard is done with a body. Its connection is kept if little more would come.
func discard(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxDrain)
	body.Close()
}
