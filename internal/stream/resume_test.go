package stream_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model/event"
)

// TestStreamHasNoGapAndTellsNothingTwice has writers on two nodes while a client
// goes away and comes back, to either node, at random. It is told each change
// once, in an order that never turns.
func TestStreamHasNoGapAndTellsNothingTwice(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		nodes := []*apptest.Rig{r.Unjudged(), r.Restarted(t, app.Options{}).Unjudged()}
		seed := rand.Uint64()
		t.Logf("the seed is %d", seed)
		rnd := rand.New(rand.NewPCG(seed, 0))
		c := &client{nodes: nodes, rnd: rnd, s: r.Listen(t, "")}

		const writers, changes = 4, 25
		made := make([][]string, writers)
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range changes {
					node, name := nodes[(w+i)%2], fmt.Sprintf("w%d-%d", w, i)
					id, _ := node.Post(t, "/contacts", object{"role": "user", "external_id": name}).At("id").(string)
					// One transaction that tells of several things.
					a := node.Post(t, "/tags", object{"name": name, "users": []object{{"id": id}}})
					if a.Status != http.StatusOK {
						t.Errorf("%s: %s", a.Call, a.Body)
					}
					made[w] = append(made[w], id)
				}
			})
		}
		over := make(chan string, 1)
		var ending sync.WaitGroup
		t.Cleanup(ending.Wait)
		ending.Go(func() {
			all.Wait()
			id, _ := nodes[0].Post(t, "/contacts", object{"role": "user", "external_id": "last"}).At("id").(string)
			over <- id
			// The last may have been read before it was known which it is: then this one has it looked for.
			nodes[0].Post(t, "/contacts", object{"role": "user", "external_id": "behind it"}).OK()
		})
		seen := map[string]int{}
		var last event.Position
		for end := ""; ; {
			f := c.next(t)
			select {
			case end = <-over:
			default:
			}
			at, ok := event.ParsePosition(f.ID)
			if !ok || !less(last, at) {
				t.Fatalf("%+v comes after %s", f, last)
			}
			last = at
			seen[f.Event+" "+f.Object()]++
			if end != "" && seen["contact.user.created "+end] > 0 {
				break
			}
		}
		for _, ids := range made {
			for _, id := range ids {
				for _, topic := range []string{"contact.user.created ", "contact.user.tag.created "} {
					if seen[topic+id] != 1 {
						t.Errorf("%s%s was told %d times", topic, id, seen[topic+id])
					}
				}
			}
		}
		t.Logf("the client came back %d times", c.returns)
	})
}

func less(a, b event.Position) bool {
	return a.Transaction < b.Transaction || a.Transaction == b.Transaction && a.Number < b.Number
}

// A client reads a stream, leaves it at random and comes back.
type client struct {
	nodes   []*apptest.Rig
	rnd     *rand.Rand
	s       *apptest.Stream
	returns int
}

func (c *client) next(t *testing.T) apptest.Frame {
	t.Helper()
	for {
		if c.rnd.IntN(8) == 0 {
			c.s.Close()
			c.back(t)
		}
		f, ok := c.s.Read()
		switch {
		case !ok:
			c.back(t)
		case f.Event == "position":
		default:
			return f
		}
	}
}

func (c *client) back(t *testing.T) {
	t.Helper()
	c.returns++
	node, at := c.nodes[c.rnd.IntN(len(c.nodes))], c.s.LastID
	if c.rnd.IntN(2) == 0 {
		c.s = node.Listen(t, "?after="+at)
	} else { // as a browser does: with the URL it began with
		c.s = node.Listen(t, "?after=0-0", apptest.Header("Last-Event-ID", at))
	}
	if c.s.First.Event != "ready" || c.s.First.ID != at {
		t.Fatalf("the stream goes on at %+v instead of %s", c.s.First, at)
	}
}

// TestStreamWaitsForTransactionsThatBeganEarlier has a transaction that began first
// commit last. What it wrote comes in its place: nothing that follows it is told
// before.
func TestStreamWaitsForTransactionsThatBeganEarlier(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		if r.Database.Dialect().Name() != "postgres" {
			t.Skip("transactions run one after another on SQLite")
		}
		for _, c := range []struct {
			name   string
			writes string // by the transaction that stays open, when it begins
			want   []string
		}{
			{"it has written", `INSERT INTO events (workspace_id, id, topic, object_type, object_id, created_at) VALUES ($1, 'x', 'parley.changed', 'tag', 'slow', 1768478400)`,
				[]string{"slow", "quick"}},
			{"it has only read", `SELECT count(*) FROM events WHERE workspace_id = $1`, []string{"quick", "slow"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := r.Elsewhere(t)
				s := r.Listen(t, "?topics=parley.changed,contact.user.created")
				begun, finish, ended := make(chan error), make(chan struct{}), make(chan error, 1)
				go func() {
					ended <- r.Database.Update(context.Background(), func(tx *db.Tx) error {
						_, err := tx.Exec(c.writes, r.Workspace.ID)
						begun <- err
						<-finish
						if err == nil && c.want[1] == "slow" {
							_, err = tx.Exec(`INSERT INTO events (workspace_id, id, topic, object_type, object_id, created_at)
								VALUES ($1, 'x', 'parley.changed', 'tag', 'slow', 1768478400)`, r.Workspace.ID)
						}
						return err
					})
				}()
				if err := <-begun; err != nil {
					t.Fatal(err)
				}
				quick := contact(t, r, "quick")
				told := func(f apptest.Frame) string {
					if f.Object() == quick {
						return "quick"
					}
					return f.Object()
				}
				var got []string
				if c.want[0] == "quick" {
					got = append(got, told(s.Next("")))
				}
				close(finish)
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				for len(got) < 2 {
					if f := s.Next(""); f.Event != "position" {
						got = append(got, told(f))
					}
				}
				if fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("the stream told %q, want %q", got, c.want)
				}
			})
		}
	})
}

func TestStreamIsReset(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := r.Listen(t, "")
		contact(t, r, "one")
		first := s.Next("contact.user.created").ID
		contact(t, r, "two")
		second := s.Next("contact.user.created").ID
		other := r.Elsewhere(t)
		foreign := other.Listen(t, "")
		contact(t, other, "foreign")
		elsewhere := foreign.Next("contact.user.created").ID

		r.Clock.Pass(time.Hour)
		for name, at := range map[string]string{"an hour": first, "the newest": second} {
			if s := r.Listen(t, "?after="+at); s.First.Event != "ready" || s.First.ID != at {
				t.Errorf("%s: the stream begins with %+v", name, s.First)
			}
		}
		r.Clock.Pass(time.Second)
		contact(t, r, "three")
		three := s.Next("contact.user.created").ID
		for _, c := range []struct{ name, last, event string }{
			{"more than an hour", first, "reset"},
			{"nothing missed in more than an hour", second, "ready"}, // three is new
			{"of another workspace", elsewhere, "reset"},
			{"of the future", "9223372036854775807-1", "reset"},
			{"no position", "x", "reset"},
			{"too large", "99999999999999999999-1", "reset"},
			{"before all", "0-0", "reset"},
		} {
			s := r.Listen(t, "", apptest.Header("Last-Event-ID", c.last))
			if s.First.Event != c.event || s.First.ID == "" || (s.First.ID == c.last) != (c.event == "ready") {
				t.Errorf("%s: the stream begins with %+v", c.name, s.First)
			}
			if c.event == "ready" {
				if f := s.Next("contact.user.created"); f.ID != three {
					t.Errorf("%s: the stream goes on with %+v instead of %s", c.name, f, three)
				}
				continue
			}
			last := contact(t, r, c.name)
			for f := s.Next("contact.user.created"); f.Object() != last; f = s.Next("contact.user.created") {
				if f.ID == first || f.ID == second {
					t.Errorf("%s: the stream goes back to %+v", c.name, f)
				}
			}
		}
		r.Refused(t, "?after=x").Fails(http.StatusBadRequest, "parameter_invalid", "after is not a position")
	})
}

// TestSweep sweeps what is too old to be told. A client that missed something of it
// is told so, and one that did not goes on.
func TestSweep(t *testing.T) {
	onOwn(t, func(t *testing.T, r *apptest.Rig) { // what is swept is that of all workspaces
		s := r.Listen(t, "?topics=contact.user.created")
		var ids []string
		for _, name := range []string{"one", "two", "three"} {
			contact(t, r, name)
			ids = append(ids, s.Next("contact.user.created").ID)
		}
		r.Clock.Pass(3 * time.Hour)
		contact(t, r, "four")
		s.Next("contact.user.created")
		if err := r.Webhooks.SweepWorkspace(t.Context(), r.Workspace.ID); err != nil {
			t.Fatal(err)
		}
		var left int
		err := r.Database.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT count(*) FROM events WHERE workspace_id = $1`, r.Workspace.ID).Scan(&left)
		})
		if err != nil || left != 2 {
			t.Errorf("%d events are left (%v), want the last old one and the new one", left, err)
		}
		for i, want := range []string{"reset", "reset", "ready"} {
			if s := r.Listen(t, "?after="+ids[i]); s.First.Event != want {
				t.Errorf("after event %d the stream begins with %+v, want %s", i, s.First, want)
			}
		}
	})
}
