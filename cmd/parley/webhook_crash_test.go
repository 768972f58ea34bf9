package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"parley/internal/means"
)

// A listener is told of contacts whose names are numbers, and remembers in which
// order it heard each number of each for the first time.
type listener struct {
	mu    sync.Mutex
	heard map[string][]int
	seen  map[string]bool // ids of notifications
	again int
	slow  time.Duration

	// fails says whether a notification of a number is answered 503 when it comes for the
	// first time; nil is never. failed are those that were.
	fails  func(number int) bool
	failed map[string]bool
	mended chan struct{} // is told when one that had failed is taken
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var n struct {
		ID   string
		Data struct{ Item struct{ ID, Name string } }
	}
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		w.WriteHeader(400)
		return
	}
	time.Sleep(l.slow)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen[n.ID] {
		l.again++
		return
	}
	number, err := strconv.Atoi(n.Data.Item.Name)
	if err == nil && l.fails != nil && l.fails(number) && !l.failed[n.ID] {
		l.failed[n.ID] = true
		w.WriteHeader(503)
		return
	}
	l.seen[n.ID] = true
	if err == nil {
		l.heard[n.Data.Item.ID] = append(l.heard[n.Data.Item.ID], number)
	}
	if l.failed[n.ID] {
		select {
		case l.mended <- struct{}{}:
		default:
		}
	}
}

// count is how many changes were heard of.
func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, list := range l.heard {
		n += len(list)
	}
	return n
}

// A counter counts up the name of a contact; confirmed is how far the server has
// said that it is.
type counter struct {
	id        string
	confirmed int
}

// count changes contacts until so many changes were confirmed or the server is gone.
func count(s *server, token string, counters []*counter, most int64) {
	var left atomic.Int64
	left.Store(most)
	var all sync.WaitGroup
	for _, c := range counters {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				status, _, err := s.do("PUT", "/contacts/"+c.id, token, fmt.Sprintf(`{"name":"%d"}`, c.confirmed+1))
				if err != nil || status != http.StatusOK {
					return
				}
				c.confirmed++
			}
		})
	}
	all.Wait()
}

// unwritten is how many deliveries are sent again at most after a sender was killed:
// eight requests may have been under way, and of 32 the answers may not have been
// written, since those are written together.
const unwritten = 8 + 32

// hears waits until the listener has heard of every change that was confirmed, and
// holds that it heard of each object's in their order, and of no more than so many
// once more.
func (l *listener) hears(t *testing.T, counters []*counter, again int) {
	t.Helper()
	want := 0
	for _, c := range counters {
		want += c.confirmed
	}
	// A busy machine has it wait for longer, but not without hearing anything.
	for had, end := 0, time.Now().Add(patience); had < want && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
		if n := l.count(); n > had {
			had, end = n, time.Now().Add(patience)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range counters {
		heard := l.heard[c.id]
		if len(heard) < c.confirmed {
			t.Errorf("of %s %d changes were confirmed, and %d heard of", c.id, c.confirmed, len(heard))
		}
		for i, n := range heard {
			if n != i+1 {
				t.Errorf("of %s change %d was heard of as number %d", c.id, n, i+1)
				break
			}
		}
	}
	if l.again > again {
		t.Errorf("%d changes were heard of once more, and %d may be", l.again, again)
	}
}

// listen starts a listener and subscribes it, and makes contacts to be changed.
func listen(t *testing.T, s *server, token string, contacts int, slow time.Duration) (*listener, []*counter) {
	t.Helper()
	l := &listener{heard: map[string][]int{}, seen: map[string]bool{}, slow: slow, failed: map[string]bool{}, mended: make(chan struct{}, 1)}
	to := httptest.NewServer(l)
	t.Cleanup(to.Close)
	s.ask("POST", "/_parley/webhooks", token, fmt.Sprintf(`{"url":%q,"topics":["contact.user.updated"]}`, to.URL))
	counters := make([]*counter, contacts)
	for i := range counters {
		var made struct{ ID string }
		if err := json.Unmarshal([]byte(s.ask("POST", "/contacts", token, fmt.Sprintf(`{"role":"user","external_id":"c%d"}`, i))), &made); err != nil {
			t.Fatal(err)
		}
		counters[i] = &counter{id: made.ID}
	}
	return l, counters
}

// TestKillAmongWebhooks kills the server twenty times during 10,000 changes. Each is
// told at least once, and those of one contact in their order.
func TestKillAmongWebhooks(t *testing.T) {
	t.Parallel()
	const kills, changes = 20, 10_000
	data := t.TempDir()
	s := start(t, nil, "--data", data, "--log-level", "error")
	token := s.token
	l, counters := listen(t, s, token, 48, 0)
	for range kills {
		count(s, token, counters, changes/kills) // while it is sending what came before
		s.signal(syscall.SIGKILL)
		s.wait()
		s = start(t, nil, "--data", data, "--log-level", "error")
	}
	l.hears(t, counters, kills*unwritten)
	s.stop()
}

// TestKillAmongHolds kills the server again and again right after a delivery that had
// failed has arrived, when others of its object that it held up are let go. None is
// forgotten, and they come in their order.
func TestKillAmongHolds(t *testing.T) {
	t.Parallel()
	const kills, changes = 5, 100
	data := t.TempDir()
	args := []string{"--data", data, "--log-level", "error", "--webhook-retry-delay", "1s", "--webhook-max-retry-delay", "1s"}
	s := start(t, nil, args...)
	token := s.token
	l, counters := listen(t, s, token, 6, 0)
	l.mu.Lock()
	l.fails = func(number int) bool { return number%20 == 5 }
	l.mu.Unlock()
	for range kills {
		count(s, token, counters, changes)
		select {
		case <-l.mended:
		case <-time.After(patience):
			t.Error("nothing that had failed arrived")
		}
		s.signal(syscall.SIGKILL)
		s.wait()
		select {
		case <-l.mended: // at the same moment as the one that was waited for
		default:
		}
		s = start(t, nil, args...)
	}
	l.hears(t, counters, kills*unwritten)
	s.stop()
}

// TestKillOneOfTwoSenders has two servers on one database. One of them is killed.
func TestKillOneOfTwoSenders(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(secret, []byte(means.Postgres(t)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"PARLEY_DATABASE_FILE=" + secret, "PARLEY_DATA=" + t.TempDir()}
	one := start(t, env, "--log-level", "error")
	token := one.token
	l, counters := listen(t, one, token, 16, 2*time.Millisecond)
	other := start(t, env, "--log-level", "error")
	var both sync.WaitGroup
	both.Go(func() { count(one, token, counters[:8], 200) })
	both.Go(func() { count(other, token, counters[8:], 200) })
	both.Wait()
	l.hears(t, counters, 0) // while both are well, one of them sends, and writes what came of it before the other does
	both.Go(func() { count(other, token, counters[8:], 200) })
	count(one, token, counters[:8], 200)
	one.signal(syscall.SIGKILL)
	one.wait()
	both.Wait()
	l.hears(t, counters, unwritten) // when the lease of the one that was killed has ended
	other.stop()
}
