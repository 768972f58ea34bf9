package proxy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"parley/internal/cassette"
)

// An exchange is a request on its way, and what is kept of it for a cassette.
type exchange struct {
	host, method, target string
	began                time.Time
	header               http.Header
	request, response    body
	once                 sync.Once
}

type exchangeKey struct{}

func of(ctx context.Context) *exchange { return ctx.Value(exchangeKey{}).(*exchange) }

// A body is what has been read of one so far, up to what a cassette keeps. The request's
// may still be read when the answer is there.
type body struct {
	mu     sync.Mutex
	length int64 // as it was announced, or below 0
	n      int64
	kept   bytes.Buffer
	whole  bool
}

// follow keeps what is read from a body, and calls done, if it is set, before the reader
// is told the last of it.
func (b *body) follow(from io.ReadCloser, done func()) io.ReadCloser {
	return &followed{ReadCloser: from, body: b, done: done}
}

type followed struct {
	io.ReadCloser
	body *body
	done func()
}

func (f *followed) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if f.body.add(p[:n], err) && f.done != nil {
		f.done()
	}
	return n, err
}

// add adds what was read and reports whether it was the last.
func (b *body) add(p []byte, err error) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n += int64(len(p))
	if b.n <= cassette.MaxBody {
		b.kept.Write(p)
	}
	// A client that knows the length may go on before the end is read here.
	b.whole = b.whole || errors.Is(err, io.EOF) || b.length >= 0 && b.n >= b.length
	return b.whole
}

func (b *body) content(header http.Header) cassette.Content {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := cassette.Content{Header: header}
	switch {
	case b.n > cassette.MaxBody:
		c.Omitted = fmt.Sprintf("it is longer than %d MB", cassette.MaxBody>>20)
	case b.n > 0 && !b.whole || b.length > 0 && b.n < b.length:
		c.Omitted = "it was not sent to its end"
	default:
		c.Body = bytes.Clone(b.kept.Bytes())
	}
	return c
}

// record follows an answer, and records the exchange when it has come to its end.
func (p *Proxy) record(x *exchange, answer *http.Response) {
	if answer.StatusCode == http.StatusSwitchingProtocols {
		p.options.Logger.Warn("not recorded: the connection was made one of another protocol", "path", x.target)
		return
	}
	header := answer.Header.Clone()
	done := func() {
		x.once.Do(func() {
			err := p.options.Recorder.Record(cassette.Raw{At: x.began, Took: p.options.Clock().Sub(x.began), Method: x.method, Host: x.host,
				Target: x.target, Status: answer.StatusCode, Request: x.request.content(x.header), Response: x.response.content(header)})
			if err != nil {
				p.unrecorded.Add(1)
				p.options.Logger.Error("not recorded", "method", x.method, "error", err)
			}
		})
	}
	x.response.length = answer.ContentLength
	if answer.Body == http.NoBody || answer.ContentLength == 0 || x.method == http.MethodHead {
		x.response.length = 0
		done()
		return
	}
	answer.Body = &ended{ReadCloser: x.response.follow(answer.Body, done), done: func() {
		x.once.Do(func() {
			p.unrecorded.Add(1)
			p.options.Logger.Warn("not recorded: the answer broke off", "method", x.method)
		})
	}}
}

// ended is a body that tells when it is closed.
type ended struct {
	io.ReadCloser
	done func()
}

func (e *ended) Close() error {
	e.done()
	return e.ReadCloser.Close()
}

func quote(s string) []byte {
	text, _ := json.Marshal(s) // a string always can be
	return text
}
