package blob

import (
	"net/http"
	"time"
)

// SetClock has requests be signed by another clock than the machine's.
func (s *S3) SetClock(now func() time.Time) { s.now = now }

// SetPause sets how long the wait for the second try is at most.
func (s *S3) SetPause(most time.Duration) { s.pause = most }

// SetTransport has requests go another way.
func (s *S3) SetTransport(t http.RoundTripper) { s.client.Transport = t }

// Sign signs a request as an S3 does.
func Sign(r *http.Request, access, secret, region, sum string, now time.Time) {
	signer{access, secret, region}.sign(r, sum, now)
}
