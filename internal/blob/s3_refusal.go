package blob

import (
	"crypto/tls"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// A refusal is an answer of the store that is not what was asked for.
type refusal struct {
	status        int
	code, message string // as the store says; may be empty
	region        string // where the bucket is, if the store says so
	date          time.Time
}

// maxRefusal is how much is read of a refusal's body, and maxMessage how much of what
// it says is shown.
const (
	maxRefusal = 64 << 10
	maxMessage = 200
)

// readRefusal makes a refusal of an answer, and is done with its body.
func readRefusal(answer *http.Response) *refusal {
	defer discard(answer.Body)
	var said struct{ Code, Message string }
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxRefusal))
	_ = xml.Unmarshal(body, &said) // if it is cut off, what came before; if it is no XML, the status must do
	date, _ := http.ParseTime(answer.Header.Get("Date"))
	return &refusal{status: answer.StatusCode, code: shown(said.Code), message: shown(said.Message),
		region: shown(answer.Header.Get("X-Amz-Bucket-Region")), date: date}
}

// shown is a text of the store as it may stand in a log: in one line, of bounded length
// and without what we signed.
func shown(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.TrimSpace(text))
	if strings.Contains(text, signAlgorithm) {
		return ""
	}
	if r := []rune(text); len(r) > maxMessage {
		return string(r[:maxMessage]) + "…"
	}
	return text
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("the store answers %d", r.status)
	if name := http.StatusText(r.status); name != "" {
		text += " " + name
	}
	for _, more := range []string{r.code, r.message} {
		if more != "" {
			text += ": " + more
		}
	}
	if r.status/100 == 3 {
		text += ": it is elsewhere, and a redirect is not followed"
	}
	if r.region != "" {
		text += "; the bucket is in the region " + r.region
	}
	return text
}

// passes reports whether another try may be answered better.
func (r *refusal) passes() bool {
	switch r.code {
	case "RequestTimeout", "InternalError", "SlowDown", "SlowDownRead", "SlowDownWrite", "ServiceUnavailable",
		"Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestThrottled":
		return true
	}
	const clientLeft, unknownError = 499, 520 // as nginx and Cloudflare say
	switch r.status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout, clientLeft, unknownError:
		return true
	}
	return false
}

// isMissing reports that there is no such object, which some stores say by the status
// alone. That there is no such bucket is another thing.
func isMissing(err error) bool {
	var r *refusal
	return errors.As(err, &r) && (r.code == "NoSuchKey" || r.code == "" && r.status == http.StatusNotFound)
}

// isLasting reports whether a request that got no answer will never get one.
func isLasting(err error) bool {
	var certificate *tls.CertificateVerificationError
	return errors.As(err, &certificate) || errors.Is(err, http.ErrSchemeMismatch)
}
