package cassette

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofrs/flock"
)

// A Raw exchange is one as it was on the wire, secrets and all.
type Raw struct {
	At       time.Time
	Took     time.Duration
	Method   string
	Host     string
	Target   string // path and query
	Status   int
	Request  Content
	Response Content
}

// Content is a header and a body of up to MaxBody bytes, or why the body is not there.
type Content struct {
	Header  http.Header
	Body    []byte
	Omitted string
}

// A Recorder appends exchanges to a cassette, each whole and without its secrets. It
// is safe for concurrent use.
type Recorder struct {
	mu   sync.Mutex
	file *os.File
	lock *flock.Flock
	hide *redactor
}

// Options are how a Recorder is made.
type Options struct {
	// People has e-mail addresses and telephone numbers replaced too.
	People bool
	// Of says in the heading of a new cassette what is recorded.
	Of string
}

// Open opens a cassette to append to it, or makes it, for nobody else on the machine to
// read. What a crash left of a last exchange is removed. Nothing is done to a file that
// is no cassette.
func Open(path string, o Options) (*Recorder, error) {
	lock := flock.New(path, flock.SetPermissions(0o600))
	if ok, err := lock.TryLock(); err != nil {
		return nil, err
	} else if !ok {
		return nil, fmt.Errorf("%s is being recorded to by another program", path)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	r := &Recorder{file: file, lock: lock, hide: newRedactor(o.People)}
	if err := r.begin(o.Of); err != nil {
		r.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// begin writes the heading of a new cassette, and finds the end of one that is there.
func (r *Recorder) begin(of string) error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return r.write(heading{Cassette: version, Of: of})
	}
	c, err := NewReader(r.file)
	if err != nil {
		return err
	}
	end := c.end()
	for {
		value, err := c.next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		r.hide.remember(value)
		end = c.end()
	}
	if err := r.file.Truncate(end); err != nil {
		return err
	}
	_, err = r.file.WriteString("\n")
	return err
}

// Record appends an exchange. If it fails, nothing of the exchange counts as written.
func (r *Recorder) Record(raw Raw) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.write(r.hide.exchange(raw))
}

// write appends a value by one call of the system, so that a crash can only leave a
// beginning of it.
func (r *Recorder) write(v any) error {
	text, err := render(v)
	if e, ok := v.(*Exchange); ok && (errors.Is(err, errTooLong) || err == nil && r.hide.shows(text)) {
		// JSON may be longer when it is indented; and a secret that is still there is
		// in a form that is not known here.
		why := "it holds a secret in a form that could not be removed"
		if err != nil {
			why = err.Error()
		}
		e.Request.Message, e.Response.Message = omit(e.Request.Message, why), omit(e.Response.Message, why)
		if text, err = render(v); err == nil && r.hide.shows(text) {
			err = errors.New("a secret could not be removed from it")
		}
	}
	if err != nil {
		return err
	}
	before, err := r.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err = r.file.Write(text); err != nil {
		// The next record must not follow on a part of this one.
		return errors.Join(err, r.file.Truncate(before))
	}
	return nil
}

func render(v any) ([]byte, error) {
	var text limited
	err := json.MarshalWrite(&text, v, json.Deterministic(true), jsontext.WithIndent("  "))
	if text.over {
		return nil, errTooLong
	}
	return append(text.Bytes(), '\n'), err
}

// limited is a buffer for a record. Deep JSON grows many times when it is indented.
type limited struct {
	bytes.Buffer
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) >= maxRecord {
		l.over = true
		return 0, errTooLong
	}
	return l.Buffer.Write(p)
}

// omit is a message without its body.
func omit(m Message, why string) Message {
	if m.JSON != nil || m.Text != "" || m.Base64 != nil {
		return Message{Headers: m.Headers, Omitted: why}
	}
	return m
}

// Close waits until what was recorded is on disk.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.file.Sync(), r.file.Close(), r.lock.Unlock())
}

// exchange is what is kept of an exchange.
func (r *redactor) exchange(raw Raw) *Exchange {
	// Tokens come first, so that they are found wherever else they are.
	authorization := r.authorization(raw.Request.Header.Get("Authorization"))
	r.grown()
	codes := strings.HasPrefix(raw.Target, "/auth/") // where codes become tokens
	e := &Exchange{At: raw.At.UTC().Truncate(time.Millisecond), TookMS: float64(raw.Took.Microseconds()) / 1000}
	for again := true; again; again = r.grown() { // a secret may be named after it has been seen
		e.Request = Request{Method: raw.Method, Host: raw.Host, Path: r.target(raw.Target), Message: r.message(raw.Request, requestHeaders, codes)}
		e.Response = Response{Status: raw.Status, Message: r.message(raw.Response, responseHeaders, false)}
	}
	if authorization != "" {
		if e.Request.Headers == nil {
			e.Request.Headers = map[string]string{}
		}
		e.Request.Headers["Authorization"] = authorization
	}
	return e
}

// Only headers that are known to be harmless are kept.
var (
	requestHeaders  = []string{"Accept", "Content-Type", "Intercom-Version", "User-Agent"}
	responseHeaders = []string{"Content-Disposition", "Content-Encoding", "Content-Type", "Intercom-Version", "Location", "Retry-After",
		"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "X-Request-Id"}
)

func (r *redactor) message(c Content, headers []string, codes bool) Message {
	var m Message
	for _, name := range headers {
		if values := c.Header.Values(name); len(values) > 0 {
			if m.Headers == nil {
				m.Headers = map[string]string{}
			}
			m.Headers[name] = r.text(strings.ToValidUTF8(strings.Join(values, ", "), "\uFFFD"))
		}
	}
	media, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	encoding := c.Header.Get("Content-Encoding")
	switch {
	case c.Omitted != "":
		m.Omitted = c.Omitted
	case len(c.Body) == 0:
	case encoding != "" && !strings.EqualFold(encoding, "identity"):
		m.Omitted = "it is compressed, so that secrets in it cannot be found"
	case strings.HasPrefix(media, "multipart/"):
		m.Omitted = "it has several parts, in which secrets are not looked for"
	case media == "application/x-www-form-urlencoded":
		m.Text = r.query(strings.ToValidUTF8(string(c.Body), "\uFFFD"), codes)
	case !utf8.Valid(c.Body):
		if m.Base64 = bytes.Clone(c.Body); r.shows(c.Body) {
			m.Base64, m.Omitted = nil, "it is binary and holds a secret"
		}
	default:
		var ok bool
		if m.JSON, ok = r.json(c.Body, codes); !ok {
			m.JSON, m.Text = nil, r.text(string(c.Body))
		}
	}
	return m
}
