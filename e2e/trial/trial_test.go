package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A trial is a cluster, the load on it, and what was wrong.
type trial struct {
	testing.TB
	seed  uint64
	d     *database
	nodes []*node
	lb    *balancer
	began time.Time
	pace  time.Duration // between two requests of one worker
	http  *http.Client

	mu       sync.Mutex
	statuses map[int]int // answers
	counts   map[string]int
	wrongs   int
	outages  []span // of the database
}

// A span is some time, in Unix seconds.
type span struct{ from, to int64 }

// An exercise is one way to use the cluster.
type exercise struct {
	name string
	// run goes on until the context ends, whatever is killed meanwhile.
	run func(ctx context.Context)
	// judge says what was wrong, when everything works again and nothing is left to do.
	judge func(ctx context.Context)
}

// requestTimeout is how long a client waits. What it asked for may be done later.
const requestTimeout = 10 * time.Second

// An answer is what a client was told. Its status is 0 if it was told nothing, or not
// all.
type answer struct {
	status int
	body   []byte
	node   string
	header http.Header
}

func (a answer) ok() bool { return a.status/100 == 2 }

// unknown says that what was asked for may have been done, be done later, or not at all.
func (a answer) unknown() bool { return a.status == 0 || a.status >= 500 }

func (a answer) String() string { return fmt.Sprintf("%d from %s: %.300s", a.status, a.node, a.body) }

// read decodes the answer's JSON into v.
func (a answer) read(v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return fmt.Errorf("%w in %s", err, a)
	}
	return nil
}

// id is the id that the answer tells under a name.
func (a answer) id(name string) string {
	var all map[string]any
	if a.read(&all) != nil {
		return ""
	}
	id, _ := all[name].(string)
	return id
}

// A user asks in one workspace.
type user struct {
	*trial
	token string
}

// ask sends a request through the balancer.
func (u user) ask(method, path, body string) answer { return u.askAt(u.lb.url, method, path, body) }

// askAt sends a request to one place.
func (u user) askAt(base, method, path, body string) answer {
	ctx, end := context.WithTimeout(context.Background(), requestTimeout)
	defer end()
	a := u.send(ctx, base, method, path, body)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.statuses[a.status]++
	if method != http.MethodGet && a.ok() {
		u.counts["writes"]++
	}
	return a
}

func (u user) send(ctx context.Context, base, method, path, body string) answer {
	r, err := http.NewRequestWithContext(ctx, method, base+path, strings.NewReader(body))
	if err != nil {
		return answer{body: []byte(err.Error())}
	}
	r.Header.Set("Authorization", "Bearer "+u.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if strings.HasPrefix(path, "/download/") {
		r.Header.Set("Accept", "application/octet-stream")
	}
	got, err := u.http.Do(r)
	if err != nil {
		return answer{body: []byte(err.Error())}
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	a := answer{got.StatusCode, text, got.Header.Get(servedBy), got.Header}
	if err != nil {
		a.status, a.body = 0, []byte(err.Error())
	}
	return a
}

// insist asks for something that can be asked for again until it is answered, while the
// cluster is whole.
func (u user) insist(ctx context.Context, method, path, body string) answer {
	for range u.ticks(ctx, 20*time.Millisecond) {
		if a := u.ask(method, path, body); !a.unknown() {
			return a
		}
	}
	return answer{}
}

// must is ask for what has to work, before anything is broken.
func (u user) must(method, path, body string) answer {
	u.Helper()
	a := u.ask(method, path, body)
	if !a.ok() {
		u.Fatalf("%s %s is answered %s", method, path, a)
	}
	return a
}

// ticks is a pace that ends with the context.
func (t *trial) ticks(ctx context.Context, every time.Duration) iter.Seq[int] {
	return func(yield func(int) bool) {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for i := 0; ctx.Err() == nil && yield(i); i++ {
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	}
}

// until waits for a condition, and fails the test if it does not come.
func (t *trial) until(ctx context.Context, what string, patience time.Duration, reached func() (bool, string)) {
	t.Helper()
	ctx, end := context.WithTimeout(ctx, patience)
	defer end()
	last := ""
	for range t.ticks(ctx, 50*time.Millisecond) {
		ok, state := reached()
		if ok {
			return
		}
		last = state
	}
	t.wrong("%s did not come within %s: %s", what, patience, last)
}

// maxWrongs is how many faults are told; those after them are most often the same.
const maxWrongs = 30

// wrong takes down a fault.
func (t *trial) wrong(format string, args ...any) {
	t.Helper()
	t.mu.Lock()
	t.wrongs++
	n := t.wrongs
	t.mu.Unlock()
	if n <= maxWrongs {
		t.Errorf(format, args...)
	}
}

// hold takes down an error as a fault.
func (t *trial) hold(what string, err error) {
	t.Helper()
	if err != nil {
		t.wrong("%s: %v", what, err)
	}
}

// dice are chance that is the same with the same seed.
func (t *trial) dice(name string, worker int) *rand.Rand {
	h := t.seed
	for _, c := range []byte(name) {
		h = h*1099511628211 + uint64(c)
	}
	return rand.New(rand.NewPCG(h, uint64(worker)))
}

// note counts something that a trial must have seen to say anything.
func (t *trial) note(what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what]++
}

// seen reports whether a trial has seen enough, and what not. On a machine that is slow
// it takes longer. Beside what all trials do, there may be more that it must have seen once.
func (t *trial) seen(besides ...string) (bool, string) {
	wanted := map[string]int{"names": 5, "conversations": 5, "sleeps": 3, "counts": 5, "cuts of a stream": 1, "wins": 1,
		"shared keys": 2, "tickets": 2, "batches": 5, "lists": 2, "scrolls": 1, "attachments": 1}
	for _, what := range besides {
		wanted[what] = 1
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for what, n := range wanted {
		if t.counts[what] < n {
			return false, fmt.Sprintf("%d %s, want %d", t.counts[what], what, n)
		}
	}
	return true, ""
}

// since is how long the trial has lasted.
func (t *trial) since() int64 { return int64(time.Since(t.began)) }

// outage notes when the database was away.
func (t *trial) outage(from, to time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.outages = append(t.outages, span{from.Unix(), to.Unix() + 1})
}

// wasAway reports whether the database was away in some time.
func (t *trial) wasAway(from, to int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(t.outages, func(s span) bool { return s.from <= to && from <= s.to })
}
