package api_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/store"
)

// TestManyWriteAtOnce has 64 clients of two servers, on PostgreSQL, write into one
// workspace. Meanwhile every page agrees with its total; afterwards every number is
// what a recount finds, no id was given twice, and what one client wrote after another
// thing comes after it, whichever server it went to.
func TestManyWriteAtOnce(t *testing.T) {
	const clients = 64
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Unjudged() // what is answered is held against the contracts elsewhere
		all := []*apptest.Rig{r, r}
		if r.Database.Dialect().Shared() {
			all[1] = nodes(t, r)[0].Unjudged()
		}
		article := newArticle(t, r, object{"title": "How it works", "state": "published"})
		page := r.Get(t, "/articles/"+article).OK().At("url").(string)
		kind := r.Post(t, "/ticket_types", `{"name":"Bug"}`).OK().ID()
		shared := newTalk(t, r)

		over := make(chan struct{})
		var reader sync.WaitGroup
		reader.Go(func() {
			for range 25 { // a look at each list costs more than a write
				a := r.Get(t, "/conversations?per_page=150").OK()
				if listed := len(a.At("conversations").([]any)); a.At("total_count") != float64(listed) {
					t.Errorf("a page has %d conversations of %v", listed, a.At("total_count"))
				}
				select {
				case <-over:
					return
				default:
				}
			}
		})
		var mu sync.Mutex
		given := map[string][]string{}
		note := func(what, id string) {
			mu.Lock()
			defer mu.Unlock()
			given[what] = append(given[what], id)
		}
		together(clients, func(i int) *apptest.Answer {
			r, other := all[i%2], all[1-i%2]
			contact := r.Post(t, "/contacts", object{"external_id": fmt.Sprint(i)}).OK().ID()
			for _, r := range all {
				a := r.Post(t, "/messages", object{"from": object{"type": "user", "id": contact}, "body": "Hello", "referer": page}).OK()
				note("conversation", a.At("conversation_id").(string))
				note("message", a.ID())
			}
			a := r.Post(t, "/tickets", object{"ticket_type_id": kind, "contacts": []object{{"id": contact}}}).OK()
			note("conversation", a.ID())
			note("ticket", a.At("ticket_id").(string))
			for n, r := range []*apptest.Rig{r, other} {
				r.Post(t, shared.path+"/parts", object{"message_type": "comment", "type": "admin", "admin_id": shared.admin, "body": fmt.Sprint(i, " ", n)}).OK()
			}
			if i%4 == 0 {
				return other.Delete(t, "/contacts/"+contact, nil).OK()
			}
			return a
		})
		close(over)
		reader.Wait()

		for what, ids := range given {
			slices.Sort(ids)
			if len(slices.Compact(ids)) != len(ids) {
				t.Errorf("a %s has the id of another: %v", what, ids)
			}
		}
		const left = clients*3/4*2 + 1
		if a := r.Get(t, "/conversations").OK(); a.At("total_count") != float64(left) {
			t.Errorf("a list counts %v conversations, want %d", a.At("total_count"), left)
		}
		everyone := object{"query": object{"field": "created_at", "operator": ">", "value": 0}}
		if a := r.Post(t, "/conversations/search", everyone).OK(); a.At("total_count") != float64(left) {
			t.Errorf("a search finds %v conversations, want %d", a.At("total_count"), left)
		}
		if a := r.Get(t, "/articles/"+article).OK(); a.At("statistics.conversations") != 2.*clients {
			t.Errorf("the article counts %v conversations, want %d", a.At("statistics.conversations"), 2*clients)
		}
		parts := r.Get(t, shared.path).OK().At("conversation_parts.conversation_parts").([]any)
		place := map[string]int{}
		for i, p := range parts {
			place[p.(object)["body"].(string)] = i + 1
		}
		for i := range clients {
			first, second := place[fmt.Sprintf("<p>%d 0</p>", i)], place[fmt.Sprintf("<p>%d 1</p>", i)]
			if first == 0 || second <= first {
				t.Errorf("what client %d wrote is in the places %d and %d", i, first, second)
			}
		}
		if len(parts) != 2*clients {
			t.Errorf("the conversation has %d parts, want %d", len(parts), 2*clients)
		}
	})
}

// draws are what a transaction that begins a conversation and a ticket takes from what
// it shares with all others of the workspace.
func draws(tx *store.Tx, with model.Participant) (ids []int64, err error) {
	conversation, err := tx.Conversations.NewID()
	if err != nil {
		return nil, err
	}
	message, err := tx.Conversations.NewMessageID()
	if err != nil {
		return nil, err
	}
	number, err := tx.Tickets.NewNumber()
	if err != nil {
		return nil, err
	}
	c := model.NewConversation(conversation, model.Source{ID: message, Type: model.FromMessenger, DeliveredAs: model.CustomerInitiated,
		Author: model.Author{Type: model.AuthorUser, Contact: with.ID}}, tx.Now(), with)
	part := c.Mark(model.PartAttributeUpdated, model.Act{By: model.ByOperator(), At: tx.Now()})
	if err := tx.Conversations.Insert(c); err != nil { // which counts the part
		return nil, err
	}
	if err := tx.Conversations.AddPart(c, part); err != nil {
		return nil, err
	}
	return []int64{int64(conversation), int64(message), number, int64(part.ID)}, nil
}

// TestNobodyWaitsForAWriter has a transaction stay open that has begun a conversation:
// on PostgreSQL, others begin and end. Its ids are its own, and those of one that
// failed are given to nobody else.
func TestNobodyWaitsForAWriter(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx := context.Background()
		mine, theirs := store.New(r.Database, r.Clock.Now, store.Options{}), store.New(r.Database, r.Clock.Now, store.Options{})
		with := model.Participant{ID: model.ContactID(r.Post(t, "/contacts", `{"external_id":"1"}`).OK().ID()), Role: model.RoleUser}
		write := func(s *store.Store, then func() error) (drawn []int64, err error) {
			err = s.Update(ctx, r.Workspace.ID, func(tx *store.Tx) (err error) {
				if drawn, err = draws(tx, with); err != nil {
					return err
				}
				return then()
			})
			return drawn, err
		}
		nothing := func() error { return nil }
		failure := errors.New("no")
		_, err := write(mine, func() error { return failure })
		if err != failure {
			t.Fatal(err)
		}
		want := []int64{1, 1, 1}
		if !r.Database.Dialect().Shared() {
			got, err := write(mine, nothing)
			noError(t, err)
			if diff := cmp.Diff(want, got[:3]); diff != "" {
				t.Error("one writer gives out the ids again of what failed (-want +got):\n", diff)
			}
			return
		}
		var second []int64
		first, err := write(mine, func() (err error) {
			second, err = write(theirs, nothing)
			return err
		})
		noError(t, err)
		third, err := write(mine, nothing)
		noError(t, err)
		for i, ids := range [][]int64{first, second, third} {
			n := int64(i) + 2 // 1 was of the one that failed
			if diff := cmp.Diff([]int64{n, n, n}, ids[:3]); diff != "" {
				t.Errorf("transaction %d (-want +got):\n%s", i, diff)
			}
		}
		if total := r.Get(t, "/conversations").OK().At("total_count"); total != 3. {
			t.Errorf("there are %v conversations, want 3", total)
		}
	})
}

// TestIDsOfRulesTogetherAreDense fills a workspace by rules in one transaction, as a
// seed does: when it is done again after a failure the ids are the same, and who comes
// after it goes on.
func TestIDsOfRulesTogetherAreDense(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := model.ContactID(r.Post(t, "/contacts", `{"external_id":"1"}`).OK().ID())
		failure := errors.New("no")
		fill := func(n int, end error) (ids []model.NoteID, err error) {
			err = r.App.Workspace.Together(context.Background(), "fill", func(ctx context.Context) error {
				ids = nil
				for range n {
					note, err := r.People.CreateNote(ctx, r.Actor(), contact, model.Opt[model.AdminID]{}, "Called")
					if err != nil {
						return err
					}
					ids = append(ids, note.ID)
				}
				return end
			})
			return ids, err
		}
		if _, err := fill(3, failure); !errors.Is(err, failure) {
			t.Fatal(err)
		}
		filled, err := fill(2, nil)
		noError(t, err)
		late := r.Post(t, "/contacts/"+string(contact)+"/notes", `{"body":"Called again"}`).OK().ID()
		if diff := cmp.Diff([]model.NoteID{1, 2}, filled); diff != "" || late != "3" {
			t.Errorf("one more note has the id %s, and (-want +got):\n%s", late, diff)
		}
	})
}
