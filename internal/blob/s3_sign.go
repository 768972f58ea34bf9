package blob

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A signer signs requests by Amazon's Signature Version 4, in a header.
type signer struct{ access, secret, region string }

const (
	signAlgorithm = "AWS4-HMAC-SHA256"
	signTime      = "20060102T150405Z"
	signDay       = "20060102"
)

// sign signs a request whose body has the SHA-256 sum, in hexadecimal. The request must
// have no query.
func (s signer) sign(r *http.Request, sum string, now time.Time) {
	now = now.UTC()
	r.Header.Set("X-Amz-Date", now.Format(signTime))
	r.Header.Set("X-Amz-Content-Sha256", sum)

	names, lines := signed(r)
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), "", lines, names, sum}, "\n")

	day := now.Format(signDay)
	scope := strings.Join([]string{day, s.region, "s3", "aws4_request"}, "/")
	text := strings.Join([]string{signAlgorithm, now.Format(signTime), scope, hex.EncodeToString(sha256Of([]byte(canonical)))}, "\n")

	key := []byte("AWS4" + s.secret)
	for _, part := range []string{day, s.region, "s3", "aws4_request", text} {
		key = hmacOf(key, part)
	}
	r.Header.Set("Authorization", signAlgorithm+" Credential="+s.access+"/"+scope+
		", SignedHeaders="+names+", Signature="+hex.EncodeToString(key))
}

// signed names the headers that are signed, and gives them with their values. A proxy
// may change the others.
func signed(r *http.Request) (names, lines string) {
	values := map[string]string{"host": r.URL.Host}
	all := []string{"host"}
	for name, value := range r.Header {
		name = strings.ToLower(name)
		if name == "content-type" || name == "range" || strings.HasPrefix(name, "x-amz-") {
			all = append(all, name)
			values[name] = strings.Join(value, ",")
		}
	}
	slices.Sort(all)
	var b strings.Builder
	for _, name := range all {
		b.WriteString(name + ":" + strings.Join(strings.Fields(values[name]), " ") + "\n")
	}
	return strings.Join(all, ";"), b.String()
}

func sha256Of(data []byte) []byte {
	sum := sha256.Sum256(data)
	return sum[:]
}

func hmacOf(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// escape encodes an object's name for a path as the signature has it: all but the
// unreserved characters of RFC 3986, and the slash, byte by byte.
func escape(name string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~/", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
