package trial

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A receiver is what a webhook leads to. It notes in which order it hears of each
// contact that counts.
type receiver struct {
	url string

	mu    sync.Mutex
	heard map[string][]int // by contact
	ids   map[string]bool  // of notifications
	again int
	names map[string]told // by notification
}

// told is what a notification tells of a contact that counts.
type told struct {
	contact string
	number  int
}

func (u user) newReceiver() *receiver {
	r := &receiver{heard: map[string][]int{}, ids: map[string]bool{}, names: map[string]told{}}
	server := httptest.NewServer(r)
	u.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	if name, ok := strings.CutPrefix(hr.URL.Path, "/files/"); ok { // to be attached
		fmt.Fprintf(w, "the file %s", name)
		return
	}
	var n struct {
		ID   string
		Data struct {
			Item struct{ Type, ID, Name string }
		}
	}
	if err := json.NewDecoder(hr.Body).Decode(&n); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	n.ID = strings.TrimPrefix(n.ID, "notif_")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids[n.ID] {
		r.again++
		return
	}
	r.ids[n.ID] = true
	if number, err := strconv.Atoi(n.Data.Item.Name); err == nil && n.Data.Item.Type == "contact" {
		r.heard[n.Data.Item.ID] = append(r.heard[n.Data.Item.ID], number)
		r.names[n.ID] = told{n.Data.Item.ID, number}
	}
}

// A counter is a contact whose name one client counts up.
type counter struct {
	id                 string
	confirmed, unknown []int
}

const counters = 4

// told is an exercise: contacts count, a webhook is told of everything, and listeners
// hear it on the live stream, on one node after the other.
func (u user) told(hook *receiver) exercise {
	before, err := u.d.number(u.Context(), `SELECT COALESCE(max(number), 0) FROM events`)
	u.hold("the events", err)
	u.must("POST", "/_parley/webhooks", fmt.Sprintf(`{"url":%q,"topics":["*"]}`, hook.url))
	all := make([]*counter, counters)
	for i := range all {
		all[i] = &counter{id: u.must("POST", "/contacts", fmt.Sprintf(`{"role":"user","external_id":"counter-%d"}`, i)).id("id")}
	}
	listeners := []*listener{{user: u}, {user: u}, {user: u}}
	for _, l := range listeners {
		l.hear(u.Context(), func() bool { return l.first != "" })
	}
	return exercise{
		name: "told",
		run: func(ctx context.Context) {
			var workers sync.WaitGroup
			for _, c := range all {
				workers.Go(func() {
					for n := range u.ticks(ctx, 2*u.pace) {
						a := u.ask("PUT", "/contacts/"+c.id, fmt.Sprintf(`{"name":"%d"}`, n))
						switch {
						case a.ok():
							c.confirmed = append(c.confirmed, n)
							u.note("counts")
						case a.unknown():
							c.unknown = append(c.unknown, n)
						default:
							u.wrong("the contact %s, who counts, is answered %s", c.id, a)
						}
					}
				})
			}
			for _, l := range listeners {
				workers.Go(func() { l.hear(ctx, func() bool { return false }) })
			}
			workers.Wait()
		},
		judge: func(ctx context.Context) { u.judgeTold(ctx, hook, before, all, listeners) },
	}
}

// judgeTold holds what was told against what happened: each event once on every stream,
// in its order, and each that a webhook wants at least once, in the order of its object.
func (u user) judgeTold(ctx context.Context, hook *receiver, before int64, all []*counter, listeners []*listener) {
	workspace := "(SELECT workspace_id FROM contacts WHERE id = '" + all[0].id + "')"
	events, err := u.d.texts(ctx, `SELECT transaction_id || '-' || number || ' ' || id || ' ' || topic FROM events
		WHERE workspace_id = `+workspace+` ORDER BY transaction_id, number`)
	u.hold("the events", err)
	var positions, ids, missing []string
	wanted := 0
	hook.mu.Lock()
	defer hook.mu.Unlock()
	for _, e := range events {
		f := strings.Fields(e)
		positions, ids = append(positions, f[0]), append(ids, f[1])
		_, text, _ := strings.Cut(f[0], "-")
		if number, err := strconv.ParseInt(text, 10, 64); err != nil || number <= before || f[2] == "parley.changed" {
			continue
		}
		if wanted++; !hook.ids[f[1]] {
			missing = append(missing, e)
		}
	}
	for i, e := range missing {
		if i == 5 {
			u.wrong("the webhook was never told of %d more", len(missing)-i)
			break
		}
		_, rest, _ := strings.Cut(e, " ")
		id, _, _ := strings.Cut(rest, " ")
		sent, err := u.d.texts(ctx, `SELECT d.number || ' ' || d.state || ' after ' || d.attempts || ' attempts, the last answered ' || COALESCE(CAST(a.status AS TEXT), 'nothing')
			FROM deliveries d LEFT JOIN delivery_attempts a ON a.workspace_id = d.workspace_id AND a.delivery = d.number
			WHERE d.notification_id = $1`, id)
		u.wrong("the webhook was never told of %s: %v (%v)", e, sent, err)
	}
	// On the stream contacts count as they do for the webhook.
	counted := map[string][]int{}
	for _, id := range ids {
		if t, ok := hook.names[id]; ok {
			counted[t.contact] = append(counted[t.contact], t.number)
		}
	}
	confirmed := 0
	for _, c := range all {
		confirmed += len(c.confirmed)
		u.hold("the webhook, of "+c.id, judgeHearing(hook.heard[c.id], c.confirmed, c.unknown))
		u.hold("the events of "+c.id, judgeHearing(counted[c.id], c.confirmed, c.unknown))
	}
	for i, l := range listeners {
		if len(positions) > 0 {
			last := positions[len(positions)-1]
			u.until(ctx, "the last event on a stream", settled, func() (bool, string) {
				short, end := context.WithTimeout(ctx, 5*time.Second)
				defer end()
				l.hear(short, func() bool { return l.position == last })
				return l.position == last, l.position
			})
		}
		from := slices.Index(positions, l.first) + 1 // 0 if that was before all of them
		u.hold(fmt.Sprintf("the stream of listener %d, that began at %s and was cut %d times", i, l.first, l.cuts), judgeSame(l.heard, positions[from:]))
	}
	u.Logf("told: %d changes confirmed; the webhook was told of %d events, and %d once more; the streams were cut %d times",
		confirmed, wanted, hook.again, listeners[0].cuts)
}

// A listener hears the live stream, and goes on where it was when that ends.
type listener struct {
	user
	first    string // where it began
	position string // the last it was told
	heard    []string
	cuts     int
}

// hear listens until enough, on one node after another.
func (l *listener) hear(ctx context.Context, enough func() bool) {
	for range l.ticks(ctx, 50*time.Millisecond) {
		if enough() || l.listen(ctx, enough) {
			return
		}
		if ctx.Err() == nil {
			l.cuts++
			l.note("cuts of a stream")
		}
	}
}

// silence is how long a stream may say nothing before its client comes back.
const silence = 20 * time.Second

// listen opens the stream where the last one ended. It reports whether it is enough.
func (l *listener) listen(ctx context.Context, enough func() bool) bool {
	ctx, end := context.WithCancel(ctx)
	defer end()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.lb.url+"/_parley/events", nil)
	if err != nil {
		l.wrong("a stream: %v", err)
		return true
	}
	r.Header.Set("Authorization", "Bearer "+l.token)
	if l.position != "" {
		r.Header.Set("Last-Event-ID", l.position)
	}
	got, err := l.http.Do(r)
	if err != nil {
		return false
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		if got.StatusCode < 500 {
			l.wrong("the stream after %s is answered %d by %s", l.position, got.StatusCode, got.Header.Get(servedBy))
		}
		return false
	}
	tooLong := time.AfterFunc(silence, end)
	defer tooLong.Stop()
	var id, kind string
	for lines := bufio.NewScanner(got.Body); lines.Scan(); {
		tooLong.Reset(silence)
		line := lines.Text()
		if rest, ok := strings.CutPrefix(line, "id: "); ok {
			id = rest
		}
		if rest, ok := strings.CutPrefix(line, "event: "); ok {
			kind = rest
		}
		if line != "" { // only an empty line ends a frame: half of one was not told
			continue
		}
		switch {
		case id == "":
		case kind == "reset":
			l.wrong("the stream after %s begins anew", l.position)
			l.position = id
		case kind == "ready" && l.first == "":
			l.first, l.position = id, id
		case kind == "ready" || kind == "position":
			l.position = id
		default:
			l.heard, l.position = append(l.heard, id), id
		}
		if id, kind = "", ""; enough() {
			return true
		}
	}
	return false
}
