package trial

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// devToken opens what is for developers on a server that its machine alone reaches.
const devToken = "parley-dev"

// A sandbox is a workspace that one client makes, fills, brings back and deletes, with
// what it may look like.
type sandbox struct {
	id, token string
	base      string   // what a reset goes back to
	may       []string // what it looks like is one of these; several where an answer did not come
	snapshots map[string]string
	added     int  // names that were given
	lost      bool // something may still be on its way, so that nobody knows what it will look like
}

const (
	workersOfSandboxes = 2
	contactsOfSandbox  = 12
	maxSnapshots       = 8
)

// seedOfSandbox is of several kinds of things, so that half of it would be seen.
func seedOfSandbox() string {
	text := "tags: [one, two]\ncontacts:\n"
	for i := range contactsOfSandbox {
		text += fmt.Sprintf("  - {role: user, external_id: base-%02d, name: Base, tags: [one, two]}\n", i)
	}
	return text + "conversations:\n  - {from: base-00, body: From the seed}\n  - {from: base-01, body: From the seed too}\n"
}

// sandboxes are made of a seed or of a snapshot, changed, kept, restored, reset and
// deleted. Each is wholly what it was at one of these steps.
func (u user) sandboxes() exercise {
	var mu sync.Mutex
	var all []*sandbox
	var gone []string // whose end was confirmed
	steps := map[string]int{}
	did := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		steps[what]++
	}
	// work uses one sandbox until it is gone, or until nobody knows what is still on its way.
	work := func(ctx context.Context, dice *rand.Rand) {
		s := u.newSandbox(nil)
		for range u.ticks(ctx, 3*u.pace) {
			if s == nil {
				s = u.newSandbox(nil)
				continue
			}
			mu.Lock()
			if !slices.Contains(all, s) {
				all = append(all, s)
			}
			mu.Unlock()
			path := "/_parley/workspaces/" + s.id
			do := func(what, method, path, body string, leads ...string) answer {
				a := u.ask(method, path, body)
				switch {
				case a.ok():
					s.may = leads
					did(what)
				case a.unknown():
					s.may = append(s.may, leads...)
					s.lost = s.lost || a.status == 0
				default:
					u.wrong("%s of %s is answered %s", what, s.id, a)
				}
				return a
			}
			state, ok := u.settled(s)
			if !ok {
				continue
			}
			var names []string
			for name := range s.snapshots {
				names = append(names, name)
			}
			slices.Sort(names)
			switch n := dice.IntN(12); {
			case n < 4:
				s.added++
				key := fmt.Sprintf("more-%03d", s.added)
				a := user{u.trial, s.token}.ask("POST", "/contacts", fmt.Sprintf(`{"role":"user","external_id":%q,"name":"More"}`, key))
				with := addTo(state, key)
				switch {
				case a.ok():
					s.may = []string{with}
					did("writes")
				case a.unknown():
					s.may = []string{state, with}
					s.lost = s.lost || a.status == 0
				default:
					u.wrong("a contact of %s is answered %s", s.id, a)
				}
			case n < 6 && len(names) < maxSnapshots:
				s.added++
				name := fmt.Sprintf("at-%d", s.added)
				if a := do("snapshots", "POST", path+"/snapshots", fmt.Sprintf(`{"name":%q}`, name), state); a.ok() {
					s.snapshots[name] = state
				}
			case n < 8 && len(names) > 0:
				name := names[dice.IntN(len(names))]
				do("restores", "POST", path+"/snapshots/"+name+"/restore", "", s.snapshots[name])
			case n < 10:
				do("resets", "POST", path+"/reset", "", s.base)
			case n < 11 && len(names) > 0:
				name := names[dice.IntN(len(names))]
				if other := u.newSandbox(&from{s.id, name, s.snapshots[name]}); other != nil {
					did("copies")
					other.added = s.added
					s = other
				}
			case n == 11:
				a := u.ask("DELETE", path, "")
				if a.ok() {
					did("deletions")
				}
				mu.Lock()
				if a.ok() {
					gone = append(gone, s.id)
				}
				mu.Unlock()
				s.lost = true
			}
			if s.lost {
				mu.Lock()
				all = slices.DeleteFunc(all, func(o *sandbox) bool { return o == s })
				mu.Unlock()
				s = nil
			}
		}
	}
	return exercise{
		name: "sandboxes",
		run: func(ctx context.Context) {
			var workers sync.WaitGroup
			for w := range workersOfSandboxes {
				workers.Go(func() { work(ctx, u.dice("sandboxes", w)) })
			}
			workers.Wait()
		},
		judge: func(ctx context.Context) {
			for _, s := range all {
				if _, ok := u.settled(s); !ok {
					u.wrong("the sandbox %s gives no answer", s.id)
				}
				for name, state := range s.snapshots {
					if a := u.ask("POST", "/_parley/workspaces/"+s.id+"/snapshots/"+name+"/restore", ""); !a.ok() {
						u.wrong("the snapshot %s of %s, which was confirmed, is answered %s", name, s.id, a)
					}
					s.may = []string{state}
					u.settled(s)
				}
			}
			for _, id := range gone {
				if a := u.ask("GET", "/_parley/workspaces/"+id, ""); a.status != http.StatusNotFound {
					u.wrong("the sandbox %s, whose end was confirmed, is answered %s", id, a)
				}
			}
			u.Logf("sandboxes: %v; %d are there, %d are gone", steps, len(all), len(gone))
		},
	}
}

// from is a snapshot that a sandbox is made of.
type from struct{ id, name, state string }

// newSandbox makes one, of a snapshot if there is one. It is nil if that got no answer.
func (u user) newSandbox(of *from) *sandbox {
	body := map[string]any{"name": "sandbox", "seed": seedOfSandbox()}
	if of != nil {
		body = map[string]any{"name": "sandbox", "snapshot": map[string]string{"workspace_id": of.id, "name": of.name}}
	}
	text, err := json.Marshal(body)
	u.hold("a sandbox", err)
	a := u.ask("POST", "/_parley/workspaces", string(text))
	if !a.ok() {
		if !a.unknown() {
			u.wrong("a sandbox is answered %s", a)
		}
		return nil
	}
	u.note("sandboxes")
	s := &sandbox{id: a.id("id"), token: a.id("access_token"), snapshots: map[string]string{}}
	if s.base = seeded(); of != nil {
		s.base = of.state
	}
	s.may = []string{s.base}
	return s
}

// settled is what the sandbox looks like, once that is answered. It is wrong if it may not
// look so.
func (u user) settled(s *sandbox) (state string, ok bool) {
	inside := user{u.trial, s.token}
	var contacts struct {
		Data []struct {
			ExternalID string `json:"external_id"`
			Name       string
			Tags       struct {
				Total int `json:"total_count"`
			}
		}
	}
	var conversations struct {
		Total int `json:"total_count"`
	}
	a, b := inside.ask("GET", "/contacts?per_page=150", ""), inside.ask("GET", "/conversations", "")
	if a.unknown() || b.unknown() {
		return "", false
	}
	if !a.ok() || !b.ok() || a.read(&contacts) != nil || b.read(&conversations) != nil {
		u.wrong("the sandbox %s is answered %s and %s", s.id, a, b)
		return "", false
	}
	var lines []string
	for _, c := range contacts.Data {
		lines = append(lines, fmt.Sprintf("%s: %s, %d tags", c.ExternalID, c.Name, c.Tags.Total))
	}
	slices.Sort(lines)
	state = fmt.Sprintf("%d conversations\n", conversations.Total) + strings.Join(lines, "\n")
	if !slices.Contains(s.may, state) {
		u.wrong("the sandbox %s is\n%s\nand may be\n%s", s.id, state, strings.Join(s.may, "\nor\n"))
	}
	s.may = []string{state}
	return state, true
}

// seeded is what a sandbox looks like at first.
func seeded() string {
	state := "2 conversations"
	for i := range contactsOfSandbox {
		state += fmt.Sprintf("\nbase-%02d: Base, 2 tags", i)
	}
	return state
}

// addTo is a state with one more contact.
func addTo(state, key string) string { return state + "\n" + key + ": More, 0 tags" }
