package api_test

import (
	"fmt"
	"sync"
	"testing"

	"parley/internal/apptest"
)

// together makes n calls at once and returns their answers.
func together(n int, call func(i int) *apptest.Answer) []*apptest.Answer {
	answers := make([]*apptest.Answer, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			answers[i] = call(i)
		})
	}
	done.Wait()
	return answers
}

// Of many who create the same contact at once, one does, and the others are
// told which it is.
func TestContactCreatedByManyAtOnce(t *testing.T) {
	bodies := map[string]func(i int) object{
		"one external id": func(i int) object { return object{"external_id": "70", "name": fmt.Sprint(i)} },
		"one address":     func(i int) object { return object{"email": []string{"a@x.test", "A@X.test"}[i%2]} },
		"one address, one of them identified": func(i int) object {
			if i == 7 {
				return object{"email": "a@x.test", "external_id": "70"}
			}
			return object{"email": "a@x.test"}
		},
		"one external id, users and leads": func(i int) object { return object{"external_id": "70", "role": []string{"user", "lead"}[i%2]} },
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for name, body := range bodies {
			t.Run(name, func(t *testing.T) {
				r := r.Elsewhere(t)
				answers := together(32, func(i int) *apptest.Answer { return r.Post(t, "/contacts", body(i)) })
				all := ids(t, r.Get(t, "/contacts"))
				if len(all) != 1 {
					t.Fatalf("there are %d contacts", len(all))
				}
				created := 0
				for _, a := range answers {
					if a.Status == 200 {
						created++
						continue
					}
					a.Fails(409, "conflict", "A contact matching those details already exists with id="+all[0])
				}
				if created != 1 {
					t.Errorf("%d were created", created)
				}
			})
		}
	})
}

// An address is one user's alone or that of several with an external id each,
// whoever was first.
func TestAddressSharedByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for range 5 {
			r := r.Elsewhere(t)
			together(32, func(i int) *apptest.Answer {
				if i%2 == 0 {
					return r.Post(t, "/contacts", object{"email": "a@x.test"})
				}
				return r.Post(t, "/contacts", object{"email": "a@x.test", "external_id": fmt.Sprint(i)})
			})
			alone, identified := 0, 0
			for _, c := range r.Get(t, "/contacts").At("data").([]any) {
				if c.(object)["external_id"] == nil {
					alone++
				} else {
					identified++
				}
			}
			if alone > 1 || alone == 1 && identified > 0 || alone+identified == 0 {
				t.Errorf("%d have it alone and %d with an external id", alone, identified)
			}
		}
	})
}

// Of many who change their address to the same one at once, one does.
func TestAddressTakenByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var contacts []string
		for i := range 16 {
			contacts = append(contacts, r.Post(t, "/contacts", object{"email": fmt.Sprintf("%d@x.test", i)}).OK().ID())
		}
		winner := ""
		for i, a := range together(16, func(i int) *apptest.Answer { return r.Put(t, "/contacts/"+contacts[i], `{"email":"the@one.test"}`) }) {
			if a.Status == 200 {
				if winner != "" {
					t.Errorf("both %s and %s have it", winner, contacts[i])
				}
				winner = contacts[i]
			}
		}
		finds(t, r, map[string]string{winner: "winner"}, filter("email", "=", "the@one.test"), "winner")
	})
}

// Changes of different fields at once are all kept.
func TestContactChangedByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for i := range 16 {
			declare(t, r, fmt.Sprintf("a%d", i), "integer")
		}
		c := r.Post(t, "/contacts", `{"external_id":"1"}`).OK().ID()
		together(16, func(i int) *apptest.Answer {
			return r.Put(t, "/contacts/"+c, object{"custom_attributes": object{fmt.Sprintf("a%d", i): i}})
		})
		if got := r.Get(t, "/contacts/"+c).At("custom_attributes").(object); len(got) != 16 {
			t.Errorf("only %v is left", got)
		}
	})
}

// Merges, deletes, tags and changes of the same few contacts at once fail as they
// may, and leave nobody behind who was merged away.
func TestContactsInTurmoil(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var users, leads []string
		for i := range 4 {
			users = append(users, r.Post(t, "/contacts", object{"external_id": fmt.Sprint(i)}).OK().ID())
			leads = append(leads, r.Post(t, "/contacts", object{"role": "lead", "email": "lead@x.test"}).OK().ID())
		}
		tag := r.Post(t, "/tags", `{"name":"t"}`).OK().ID()
		for _, a := range together(64, func(i int) *apptest.Answer {
			user, lead := users[i%4], leads[i/4%4]
			switch i % 8 {
			case 0, 1, 2:
				return merge(t, r, lead, user)
			case 3:
				return r.Post(t, "/contacts/"+lead+"/tags", object{"id": tag})
			case 4:
				return r.Post(t, "/tags", object{"name": "t", "users": []any{object{"id": user}, object{"id": lead}}})
			case 5:
				return r.Put(t, "/contacts/"+lead, object{"name": fmt.Sprint(i), "role": "user"})
			case 6:
				return r.Delete(t, "/contacts/"+lead, nil)
			default:
				return r.Post(t, "/contacts/"+user+"/archive", nil)
			}
		}) {
			if a.Status >= 500 {
				t.Errorf("%s answers %d %s", a.Call, a.Status, a.Body)
			}
		}
	})
}

// Of many who convert a visitor at once, one does.
func TestVisitorConvertedByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		putVisitor(t, r, visitorDraft{UserID: visitorUUID})
		converted := 0
		for _, a := range together(16, func(i int) *apptest.Answer {
			return r.Post(t, "/visitors/convert", object{"type": "user", "visitor": object{"user_id": visitorUUID}, "user": object{"email": fmt.Sprintf("%d@x.test", i)}})
		}) {
			if a.Status == 200 {
				converted++
			} else {
				a.Fails(404, "not_found", "Visitor Not Found")
			}
		}
		if n := r.Get(t, "/contacts").At("total_count"); converted != 1 || n != 1. {
			t.Errorf("%d were converted, and there are %v contacts", converted, n)
		}
	})
}

// Two who put the same new visitor at once get the same one.
func TestVisitorPutByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for range 5 {
			r := r.Elsewhere(t)
			seen := map[string]bool{}
			for _, a := range together(16, func(int) *apptest.Answer { return putVisitor(t, r, visitorDraft{UserID: visitorUUID}) }) {
				seen[a.ID()] = true
			}
			if len(seen) != 1 {
				t.Errorf("there are %d visitors", len(seen))
			}
		}
	})
}
