package trial

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// Several clients change one thing and read it, each through whatever node comes next.
// When a few steps of a thing have got no answer, they go over to a new one: a step that
// may come at any time makes a history easy to explain and hard to judge.
const (
	clientsOfThing  = 3
	maxStepsOfThing = 150
	maxUnknown      = 4
)

// A register is a thing with its history.
type register struct {
	id      string
	contact string // who takes part, in a conversation
	initial thing

	mu      sync.Mutex
	history []porcupine.Operation
	unknown int
}

func (r *register) took(client int, from, to int64, s step, saw thing, by string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if to == never {
		r.unknown++
	}
	r.history = append(r.history, porcupine.Operation{ClientId: client, Input: s, Call: from, Output: saw, Return: to, Metadata: by})
}

func (r *register) isFull() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.history) >= maxStepsOfThing || r.unknown >= maxUnknown
}

// A table is where the clients of a thing sit.
type table struct {
	mu   sync.Mutex
	all  []*register
	make func() *register // nil if that got no answer
}

// current is the thing that is changed now.
func (b *table) current() *register {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.all); n > 0 && !b.all[n-1].isFull() {
		return b.all[n-1]
	}
	r := b.make()
	if r != nil {
		b.all = append(b.all, r)
	}
	return r
}

// registers is an exercise: clients at tables, who step by step change things and read
// them. In the end each thing is read once more, and every history judged.
func (u user) registers(name string, tables int, start func() *register, path func(*register) string,
	choose func(dice *rand.Rand, n int64, r *register) (s step, method, path, body string), see func(answer) (thing, error)) exercise {
	all := make([]*table, tables)
	for i := range all {
		all[i] = &table{make: start}
	}
	var steps, writes atomic.Int64
	// walk takes a step and takes it down.
	walk := func(client int, r *register, s step, method, path, body string) {
		from := u.since()
		a := u.ask(method, path, body)
		to := u.since()
		steps.Add(1)
		switch {
		case a.unknown():
			if s.Kind != read {
				r.took(client, from, never, s, thing{}, a.String())
			}
			return
		case !a.ok():
			u.wrong("%s %s %s (%s) is answered %s\n%s", name, r.id, s.Kind, body, a, tell(r.history))
			return
		}
		if s.Kind != read {
			writes.Add(1)
			u.note(name)
			r.took(client, from, to, s, thing{}, a.node)
		}
		// An answer to a change shows the thing too, as it was at some time between.
		saw, err := see(a)
		if err != nil {
			u.wrong("%s %s: %v", name, r.id, err)
			return
		}
		r.took(client, from, to, step{Kind: read}, saw, a.node)
	}
	return exercise{
		name: name,
		run: func(ctx context.Context) {
			var workers sync.WaitGroup
			for i, b := range all {
				for client := range clientsOfThing {
					workers.Go(func() {
						dice := u.dice(name, i*clientsOfThing+client)
						for range u.ticks(ctx, u.pace) {
							r := b.current()
							if r == nil {
								continue
							}
							if dice.IntN(2) == 0 {
								walk(client, r, step{Kind: read}, "GET", path(r), "")
								continue
							}
							s, method, path, body := choose(dice, steps.Load(), r)
							walk(client, r, s, method, path, body)
						}
					})
				}
			}
			workers.Wait()
		},
		judge: func(context.Context) {
			things := 0
			for _, b := range all {
				for _, r := range b.all {
					things++
					walk(clientsOfThing, r, step{Kind: read}, "GET", path(r), "")
					u.judge(name, r)
				}
			}
			u.Logf("%s: %d steps, %d changes confirmed, %d things", name, steps.Load(), writes.Load(), things)
		},
	}
}

// judge holds a thing's history against the law, and leaves a picture of one that breaks
// it: `go test -artifacts` keeps it.
func (u user) judge(name string, r *register) {
	info, err := judgeLife(r.initial, r.history)
	if err == nil {
		return
	}
	picture := filepath.Join(u.ArtifactDir(), name+"-"+r.id+".html")
	u.hold("the picture", porcupine.VisualizePath(lifeOf(r.initial), info, picture))
	u.wrong("%s %s, at first %+v: %v (picture: %s)\n%s", name, r.id, r.initial, err, picture, tell(r.history))
}

// names are contacts whose names several clients change.
func (u user) names() exercise {
	var made atomic.Int64
	return u.registers("names", 2, func() *register {
		first := fmt.Sprintf("first %d", made.Add(1))
		a := u.ask("POST", "/contacts", fmt.Sprintf(`{"role":"lead","name":%q}`, first))
		if !a.ok() {
			return nil
		}
		return &register{id: a.id("id"), initial: thing{Name: first}}
	}, func(r *register) string { return "/contacts/" + r.id },
		func(dice *rand.Rand, n int64, r *register) (step, string, string, string) {
			name := fmt.Sprintf("%d of %d", dice.Uint32(), n)
			return step{Kind: rename, Value: name}, "PUT", "/contacts/" + r.id, fmt.Sprintf(`{"name":%q}`, name)
		}, func(a answer) (thing, error) {
			var c struct{ Name string }
			err := a.read(&c)
			return thing{Name: c.Name}, err
		})
}

// conversations are closed, opened, snoozed and assigned by several clients.
func (u user) conversations(admins []string) exercise {
	var made atomic.Int64
	far := time.Now().Add(24 * time.Hour).Unix()
	return u.registers("conversations", 3, func() *register {
		contact, id := u.newConversation(fmt.Sprintf("talker-%d", made.Add(1)))
		if id == "" {
			return nil
		}
		a := u.ask("GET", "/conversations/"+id, "")
		if !a.ok() {
			return nil
		}
		initial, err := seeConversation(a)
		u.hold("a new conversation", err)
		return &register{id: id, contact: contact, initial: initial}
	}, func(r *register) string { return "/conversations/" + r.id },
		func(dice *rand.Rand, n int64, r *register) (step, string, string, string) {
			parts, reply := "/conversations/"+r.id+"/parts", "/conversations/"+r.id+"/reply"
			admin := admins[dice.IntN(len(admins))]
			switch dice.IntN(7) {
			case 0:
				return step{Kind: shut}, "POST", parts, fmt.Sprintf(`{"message_type":"close","type":"admin","admin_id":%q}`, admin)
			case 1:
				return step{Kind: reopen}, "POST", parts, fmt.Sprintf(`{"message_type":"open","admin_id":%q}`, admin)
			case 2:
				until := far + dice.Int64N(1e6)
				return step{Kind: snooze, Until: until}, "POST", parts,
					fmt.Sprintf(`{"message_type":"snoozed","admin_id":%q,"snoozed_until":%d}`, admin, until)
			case 3:
				return step{Kind: assign}, "POST", parts,
					fmt.Sprintf(`{"message_type":"assignment","type":"admin","admin_id":%q,"assignee_id":"0"}`, admin)
			case 4:
				return step{Kind: assign, Value: admin}, "POST", parts,
					fmt.Sprintf(`{"message_type":"assignment","type":"admin","admin_id":%q,"assignee_id":%q}`, admin, admin)
			case 5:
				return step{Kind: comment}, "POST", reply,
					fmt.Sprintf(`{"message_type":"comment","type":"user","intercom_user_id":%q,"body":"%d"}`, r.contact, n)
			}
			return step{Kind: teamNote}, "POST", reply, fmt.Sprintf(`{"message_type":"note","type":"admin","admin_id":%q,"body":"%d"}`, admin, n)
		}, seeConversation)
}

// newConversation makes a contact who begins a conversation. The id is empty if that got
// no answer.
func (u user) newConversation(name string) (contact, id string) {
	a := u.ask("POST", "/contacts", fmt.Sprintf(`{"role":"user","external_id":%q}`, name))
	if !a.ok() {
		return "", ""
	}
	contact = a.id("id")
	a = u.ask("POST", "/conversations", fmt.Sprintf(`{"from":{"type":"user","id":%q},"body":"Hello from %s"}`, contact, name))
	if !a.ok() {
		if !a.unknown() {
			u.wrong("a conversation of %s, who is there: %s", name, a)
		}
		return "", ""
	}
	return contact, a.id("conversation_id")
}

// A conversation, as far as the exercises look at it.
type conversation struct {
	State        string `json:"state"`
	SnoozedUntil int64  `json:"snoozed_until"`
	Assignee     *int64 `json:"admin_assignee_id"`
	Statistics   struct {
		Parts int `json:"count_conversation_parts"`
	} `json:"statistics"`
	Parts struct {
		List []struct {
			Type        string `json:"part_type"`
			CreatedAt   int64  `json:"created_at"`
			Attachments []struct {
				URL string `json:"url"`
			} `json:"attachments"`
		} `json:"conversation_parts"`
	} `json:"conversation_parts"`
}

func seeConversation(a answer) (thing, error) {
	var c conversation
	if err := a.read(&c); err != nil {
		return thing{}, err
	}
	saw := thing{State: c.State, Until: c.SnoozedUntil, Parts: c.Statistics.Parts}
	if c.Assignee != nil && *c.Assignee != 0 {
		saw.Assignee = strconv.FormatInt(*c.Assignee, 10)
	}
	if n := len(c.Parts.List); n != c.Statistics.Parts {
		return saw, fmt.Errorf("it shows %d parts and counts %d: %s", n, c.Statistics.Parts, a)
	}
	return saw, nil
}
