package apptest

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// patience is how long a test waits for what a stream is to tell.
const patience = 30 * time.Second

// A port is where a rig's Parley is reached over the network, once it is asked for.
type port struct {
	once sync.Once
	url  string
}

// URL is where the rig's Parley answers over the network.
func (r *Rig) URL() string {
	r.port.once.Do(func() {
		server := httptest.NewServer(r.Handler())
		r.port.url = server.URL
		r.t.Cleanup(func() {
			r.Live.Close()
			server.Close()
		})
	})
	return r.port.url
}

// A Frame is what a stream told at once.
type Frame struct {
	ID, Event, Data string
}

// Object is the id of what an event or a signal is about.
func (f Frame) Object() string {
	var told struct{ Object struct{ ID string } }
	if json.Unmarshal([]byte(f.Data), &told, json.MatchCaseInsensitiveNames(true)) != nil {
		return ""
	}
	return told.Object.ID
}

// A Stream is a client that listens. A test reads what it is told, which waits.
type Stream struct {
	Answer *http.Response
	First  Frame  // ready, or reset
	LastID string // where to go on

	t    testing.TB
	from *bufio.Reader
	end  context.CancelFunc
}

// Listen opens the live stream with a query, "" or "?topics=…", and reads its first
// frame: what happens from then on is told.
func (r *Rig) Listen(t testing.TB, query string, edits ...Edit) *Stream {
	t.Helper()
	s := r.Try(t, query, edits...)
	if s.Answer.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(s.from)
		t.Fatalf("the stream %s answers %d %s", query, s.Answer.StatusCode, body)
	}
	var ok bool
	if s.First, ok = s.Read(); !ok {
		t.Fatal("the stream ended before it began")
	}
	return s
}

// Refused opens the live stream and returns why it was not opened.
func (r *Rig) Refused(t testing.TB, query string, edits ...Edit) *Answer {
	t.Helper()
	s := r.Try(t, query, edits...)
	defer s.Close()
	if s.Answer.StatusCode == http.StatusOK {
		t.Fatalf("the stream %s is opened", query)
	}
	body, err := io.ReadAll(s.from)
	must(t, err)
	return &Answer{t: t, Status: s.Answer.StatusCode, Header: s.Answer.Header, Body: body, Call: "GET /_parley/events" + query}
}

// Try asks for the live stream, which may be refused.
func (r *Rig) Try(t testing.TB, query string, edits ...Edit) *Stream {
	t.Helper()
	return ListenAt(t, http.DefaultClient, r.URL(), query, append([]Edit{As(r.Token)}, edits...)...)
}

// ListenAt asks a server for its live stream.
func ListenAt(t testing.TB, by *http.Client, url, query string, edits ...Edit) *Stream {
	t.Helper()
	s, err := TryAt(t, by, url, query, edits...)
	must(t, err)
	return s
}

// TryAt asks a server for its live stream. It fails where there is no answer.
func TryAt(t testing.TB, by *http.Client, url, query string, edits ...Edit) (*Stream, error) {
	t.Helper()
	ctx, end := context.WithTimeout(context.Background(), patience)
	hr, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/_parley/events"+query, nil)
	must(t, err)
	hr.Header.Set("Accept", "text/event-stream")
	for _, edit := range edits {
		edit(hr)
	}
	answer, err := by.Do(hr)
	if err != nil {
		end()
		return nil, err
	}
	s := &Stream{Answer: answer, t: t, from: bufio.NewReader(answer.Body), end: end}
	t.Cleanup(s.Close)
	return s, nil
}

// Close leaves.
func (s *Stream) Close() {
	s.end()
	s.Answer.Body.Close()
}

// Read waits for the next frame. It reports false at the end of the stream.
func (s *Stream) Read() (Frame, bool) {
	s.t.Helper()
	var f Frame
	for {
		line, err := s.from.ReadString('\n')
		if err == io.EOF && line == "" {
			return f, false
		}
		if err != nil {
			s.t.Fatalf("the stream ended with %q: %v", line, err)
		}
		switch name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": "); name {
		case "id":
			f.ID = value
		case "event":
			f.Event = value
		case "data":
			f.Data = value
		case "": // the end of a frame
			if f == (Frame{}) {
				continue
			}
			if f.ID != "" {
				s.LastID = f.ID
			}
			return f, true
		}
	}
}

// Next waits for the next frame of a topic, or of any if that is empty. Others are
// passed over.
func (s *Stream) Next(topic string) Frame {
	s.t.Helper()
	for {
		f, ok := s.Read()
		if !ok {
			s.t.Fatalf("the stream ended before %q", topic)
		}
		if topic == "" || f.Event == topic {
			return f
		}
	}
}

// Nothing checks that nothing was told before the next frame of a topic about an
// object, which the test has caused: what was told before it is an error.
func (s *Stream) Nothing(topic, object string) {
	s.t.Helper()
	for {
		f, ok := s.Read()
		switch {
		case ok && f.Event == topic && f.Object() == object:
			return
		case !ok:
			s.t.Fatalf("the stream ended before %s of %s", topic, object)
		case f.Event != "position":
			s.t.Errorf("the stream told %s %s", f.Event, f.Data)
		}
	}
}
