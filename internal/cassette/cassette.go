// Package cassette keeps exchanges with an HTTP API in a file that people can read
// and compare, and keeps the secrets in them out of it.
// It must not send anything, or know what an operation is for.
package cassette

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// The bounds of a cassette.
const (
	// MaxBody is the length of the longest body that is kept, in bytes: what the API
	// takes at most.
	MaxBody = 5 << 20
	// maxRecord is the length of the longest record. Indented, a body is longer.
	maxRecord = 32 << 20
	// maxDepth is how deep JSON may be to be kept as such; the API takes 32 levels.
	maxDepth = 64
	version  = 1
)

// An Exchange is a request and its answer, without secrets.
type Exchange struct {
	At       time.Time `json:"recorded_at"`
	TookMS   float64   `json:"took_ms"` // milliseconds from the request's header to the end of the answer
	Request  Request   `json:"request"`
	Response Response  `json:"response"`
}

// A Request is what was asked.
type Request struct {
	Method string `json:"method"`
	Host   string `json:"host,omitzero"` // that was asked for; nothing is ever sent to it
	Path   string `json:"path"`          // and query, as they were sent
	Message
}

// A Response is what was answered.
type Response struct {
	Status int `json:"status"`
	Message
}

// A Message is what requests and answers have in common. At most one of the four
// forms of a body is there; none is an empty body.
type Message struct {
	// Headers are those that matter, by their canonical names; several values of one
	// are joined by ", ".
	Headers map[string]string `json:"headers,omitzero"`

	JSON    jsontext.Value `json:"json,omitzero"`
	Text    string         `json:"text,omitzero"`   // what is UTF-8 and no JSON
	Base64  []byte         `json:"base64,omitzero"` // what is no UTF-8
	Omitted string         `json:"omitted,omitzero"`
}

// Header is the value of a header, or empty.
func (m *Message) Header(name string) string { return m.Headers[http.CanonicalHeaderKey(name)] }

// A heading is the first value of every cassette.
type heading struct {
	Cassette int    `json:"cassette"` // version of the format
	Of       string `json:"of,omitzero"`
}

// ErrNotCassette is a file that does not begin as a cassette does.
var ErrNotCassette = errors.New("it is not a cassette: it does not begin with {\"cassette\": 1")

// A Reader reads a cassette, one exchange at a time. It is safe to give it what
// somebody else wrote.
type Reader struct {
	from *bounded
	dec  *jsontext.Decoder
	n    int
	torn bool
}

// NewReader reads the heading of a cassette.
func NewReader(r io.Reader) (*Reader, error) {
	from := &bounded{r: r, left: maxRecord}
	c := &Reader{from: from, dec: jsontext.NewDecoder(from)}
	value, err := c.dec.ReadValue()
	if err == nil {
		var h heading
		if err = json.Unmarshal(value, &h); err == nil && h.Cassette != version && h.Cassette != 0 {
			return nil, fmt.Errorf("it is a cassette of the form %d, and this program knows %d", h.Cassette, version)
		} else if err == nil && h.Cassette == version {
			return c, nil
		}
	}
	return nil, ErrNotCassette
}

// Next is the next exchange, or io.EOF. A last one that a crash has cut off counts as
// not there; Torn tells of it.
func (c *Reader) Next() (*Exchange, error) {
	value, err := c.next()
	if err != nil {
		return nil, err
	}
	e := new(Exchange)
	if err := json.Unmarshal(value, e); err != nil {
		return nil, c.fail(err)
	}
	return e, nil
}

func (c *Reader) next() (jsontext.Value, error) {
	c.n++
	c.from.left = maxRecord
	value, err := c.dec.ReadValue()
	switch {
	case err == nil:
		return value, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		c.torn = true
		return nil, io.EOF
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	}
	return nil, c.fail(err)
}

func (c *Reader) fail(err error) error { return fmt.Errorf("exchange %d: %w", c.n, err) }

// Torn reports, at the end, whether the last exchange was cut off.
func (c *Reader) Torn() bool { return c.torn }

// end is where the last whole value ended, in bytes from the start.
func (c *Reader) end() int64 { return c.dec.InputOffset() }

// A bounded reader fails when more is read from it than is left.
type bounded struct {
	r    io.Reader
	left int64
}

var errTooLong = fmt.Errorf("it is longer than %d MB", maxRecord>>20)

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
