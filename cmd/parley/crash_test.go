package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A writer writes until the server is gone, and remembers what the server has
// confirmed. Each of its requests changes several rows.
type writer struct {
	name   string
	one    string // ids of two contacts
	other  string
	events int // on the one, by its external id
	tags   int // each put on both in one request
	ids    []string
}

// enough is how many writes are confirmed before the server is killed; each
// writer counts three at a time.
const enough = 1500

func (w *writer) contact(s *server, name string) (string, bool) {
	status, body, err := s.do("POST", "/contacts", s.token, fmt.Sprintf(`{"external_id":%q,"name":"Somebody"}`, name))
	if err != nil || status != http.StatusOK {
		return "", false
	}
	var c struct{ ID string }
	return c.ID, json.Unmarshal([]byte(body), &c) == nil
}

func (w *writer) write(s *server, began int64, confirmed *atomic.Int64, reached chan struct{}) {
	var ok bool
	if w.one, ok = w.contact(s, w.name); !ok {
		return
	}
	if w.other, ok = w.contact(s, w.name+"-other"); !ok {
		return
	}
	for i := 1; ; i++ {
		status, _, err := s.do("POST", "/events", s.token,
			fmt.Sprintf(`{"event_name":"step","user_id":%q,"created_at":%d,"metadata":{"n":%d}}`, w.name, began+int64(i), i))
		if err != nil || status != http.StatusAccepted {
			return
		}
		w.events++
		status, _, err = s.do("POST", "/tags", s.token,
			fmt.Sprintf(`{"name":"%s-%d","users":[{"id":%q},{"id":%q}]}`, w.name, i, w.one, w.other))
		if err != nil || status != http.StatusOK {
			return
		}
		w.tags++
		id, ok := w.contact(s, fmt.Sprintf("%s-%d", w.name, i))
		if !ok {
			return
		}
		w.ids = append(w.ids, id)
		if confirmed.Add(3) == enough {
			close(reached)
		}
	}
}

// TestKill kills the server while 64 clients write. All that it had confirmed
// must be there afterwards, and of what it had not, all or nothing.
func TestKill(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data, "--log-level", "error")
	began := time.Now().Add(-time.Hour).Unix()
	writers := make([]*writer, 64)
	var confirmed atomic.Int64
	reached := make(chan struct{})
	var done sync.WaitGroup
	for i := range writers {
		w := &writer{name: fmt.Sprintf("writer%02d", i)}
		writers[i] = w
		done.Go(func() { w.write(s, began, &confirmed, reached) })
	}
	select {
	case <-reached:
	case <-time.After(patience):
		t.Fatalf("only %d writes were confirmed", confirmed.Load())
	}
	s.signal(syscall.SIGKILL)
	s.wait()
	done.Wait()
	t.Logf("killed after %d confirmed writes", confirmed.Load())

	after := start(t, nil, "--data", data, "--log-level", "error")
	after.token = s.token
	for _, w := range writers {
		w.check(t, after)
	}
}

func (w *writer) check(t *testing.T, s *server) {
	t.Helper()
	between := func(what string, got, confirmed int) {
		t.Helper()
		if got < confirmed || got > confirmed+1 {
			t.Errorf("%s has %d %s; %d were confirmed, and one was under way at most", w.name, got, what, confirmed)
		}
	}
	if w.one != "" {
		var summary struct{ Events []struct{ Count int } }
		s.read(t, "/events?type=user&summary=true&user_id="+w.name, &summary)
		var events struct{ Events []any }
		s.read(t, "/events?type=user&per_page=150&user_id="+w.name, &events)
		counted := 0
		for _, e := range summary.Events {
			counted += e.Count
		}
		between("events", len(events.Events), w.events)
		if counted != len(events.Events) {
			t.Errorf("%s has %d events and counts %d", w.name, len(events.Events), counted)
		}
	}
	if w.other != "" {
		var one, other struct{ Data []any }
		s.read(t, "/contacts/"+w.one+"/tags", &one)
		s.read(t, "/contacts/"+w.other+"/tags", &other)
		between("tags", len(one.Data), w.tags)
		if len(one.Data) != len(other.Data) {
			t.Errorf("%s has half a change: one contact has %d tags, the other %d", w.name, len(one.Data), len(other.Data))
		}
	}
	for i, id := range w.ids {
		var c struct {
			ExternalID string `json:"external_id"`
		}
		s.read(t, "/contacts/"+id, &c)
		if want := fmt.Sprintf("%s-%d", w.name, i+1); c.ExternalID != want {
			t.Errorf("the contact %s is %q, want %q", id, c.ExternalID, want)
		}
	}
}

// read reads what a path answers.
func (s *server) read(t *testing.T, path string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.ask("GET", path, s.token, "")), into); err != nil {
		t.Fatal(err)
	}
}
