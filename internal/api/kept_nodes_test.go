package api_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/means"
	"parley/internal/model"
)

// TestServersAgree has several clients write and ask at once, of one server on SQLite and of two on PostgreSQL. When all have their answers, each server has to
// answer whatever is asked as one does that keeps nothing in memory.
func TestServersAgree(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		r := apptest.New(t).Unjudged()
		serversAgree(t, r.Restarted(t, app.Options{Cache: -1}).Unjudged(), r)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		nodes, at := apptest.Nodes(t, 2, app.Options{})
		serversAgree(t, apptest.Beside(t, nodes[0], at, app.Options{Cache: -1}).Unjudged(), nodes[0].Unjudged(), nodes[1].Unjudged())
	})
}

func serversAgree(t *testing.T, plain *apptest.Rig, servers ...*apptest.Rig) {
	w := &clientele{started: plain.Clock.Now().Unix(), does: []int{0, 14}}
	declare(t, plain, "plan", "string")
	declare(t, plain, "seats", "integer")
	for _, name := range []string{"vip", "new"} {
		w.tags = append(w.tags, plain.Post(t, "/tags", object{"name": name}).OK().ID())
	}
	for range 6 {
		w.write(t, rand.New(rand.NewPCG(1, 1)), plain)
	}
	rounds := 30
	if means.Long() {
		rounds = 1000
	}
	for round := range rounds {
		random := rand.New(rand.NewPCG(uint64(round), 0))
		w.does = random.Perm(writes)[:4] // so that what is written to is seldom written to again
		var clients sync.WaitGroup
		asked := make([][]question, 3)
		for client := range asked {
			random := rand.New(rand.NewPCG(uint64(round), uint64(client+1)))
			clients.Go(func() {
				for range 4 {
					w.write(t, random, servers[random.IntN(len(servers))])
					for range 2 {
						q := w.question(random, plain.Admin)
						if a := q(t, servers[random.IntN(len(servers))]); a.Status >= 500 {
							t.Errorf("%s is answered %d: %s", a.Call, a.Status, a.Body)
						}
						asked[client] = append(asked[client], q)
					}
				}
			})
		}
		clients.Wait()
		for _, q := range slices.Concat(asked...) {
			want := q(t, plain)
			for i, server := range servers {
				switch a := q(t, server); {
				case a.Status != want.Status:
					t.Fatalf("round %d: server %d answers %s with %d, want %d", round, i, a.Call, a.Status, want.Status)
				case a.Status == 200 && string(a.Body) != string(want.Body):
					t.Fatalf("round %d: server %d answers %s with %s\nand is to: %s", round, i, a.Call, a.Body, want.Body)
				}
			}
		}
		plain.Clock.Pass(time.Duration(random.IntN(40)) * time.Hour)
	}
}

// clientele is what several clients write and ask.
type clientele struct {
	started int64
	does    []int // some of writes

	mu                      sync.Mutex
	contacts, conversations []string
	tags, segments          []string
}

func (w *clientele) one(random *rand.Rand, of *[]string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(*of) == 0 {
		return "0"
	}
	return (*of)[random.IntN(len(*of))]
}

func (w *clientele) add(to *[]string, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(*to, id) {
		*to = append(*to, id)
	}
}

// A question is one that servers answer by what they keep.
type question func(*testing.T, *apptest.Rig) *apptest.Answer

const writes = 22

// write does something, which may be refused: of others who do the same at once, one has it.
func (w *clientele) write(t *testing.T, random *rand.Rand, r *apptest.Rig) {
	pick := func(values ...any) any { return values[random.IntN(len(values))] }
	about := func() object {
		return object{"name": pick("Ann", "Bea", "Ann Bea", nil), "email": pick(fmt.Sprintf("a%d@bolt.test", random.IntN(40)), nil), "owner_id": pick(int64(r.Admin.ID), nil),
			"custom_attributes": object{"plan": pick("pro", "free", nil), "seats": pick(1, 2, 3, nil)}, "last_seen_at": pick(r.Clock.Now().Unix(), w.started, nil)}
	}
	contact, conversation := w.one(random, &w.contacts), w.one(random, &w.conversations)
	admin := r.Admin.ID.String()
	a := func() *apptest.Answer {
		switch w.does[random.IntN(len(w.does))] {
		case 0, 1, 2:
			body := about()
			body["role"] = pick("user", "lead")
			made := r.Post(t, "/contacts", body)
			if made.Status == 200 {
				w.add(&w.contacts, made.ID())
			}
			return made
		case 3, 4, 5:
			return r.Put(t, "/contacts/"+contact, about())
		case 6:
			return r.Post(t, "/contacts/"+contact+"/"+pick("archive", "unarchive").(string), nil)
		case 7:
			if random.IntN(4) > 0 {
				return r.Post(t, "/contacts/merge", object{"from": contact, "into": w.one(random, &w.contacts)})
			}
			return r.Delete(t, "/contacts/"+contact, nil)
		case 8, 9:
			return r.Post(t, "/contacts/"+contact+"/tags", object{"id": w.one(random, &w.tags)})
		case 10:
			return r.Delete(t, "/contacts/"+contact+"/tags/"+w.one(random, &w.tags), nil)
		case 11:
			filters := []model.Filter{test("custom_attributes.plan", model.Equal, "pro"), test("custom_attributes.seats", model.Greater, 1.),
				test("last_seen_at", model.Greater, model.DaysAgo(2)), test("name", model.Contains, "Bea")}
			g, err := r.People.PutSegment(t.Context(), r.Actor(), model.Segment{Name: pick("One", "Two", "Three").(string), PersonType: model.PersonUser, Filter: filters[random.IntN(len(filters))]})
			if err != nil {
				t.Error(err)
				return nil
			}
			w.add(&w.segments, string(g.ID))
			return nil
		case 12:
			return r.Post(t, "/data_attributes", object{"name": pick("a", "b", "c", "d"), "model": "contact", "data_type": "string"})
		case 13:
			return r.Post(t, "/contacts/"+contact+"/notes", object{"body": "A note", "admin_id": admin})
		case 14, 15:
			made := r.Post(t, "/conversations", object{"from": object{"type": "user", "id": contact}, "body": pick("Please help", "Hello")})
			if made.Status == 200 {
				w.add(&w.conversations, made.At("conversation_id").(string))
			}
			return made
		case 16, 17:
			return r.Post(t, "/conversations/"+conversation+"/reply", object{"message_type": pick("comment", "note"), "type": "admin", "admin_id": admin, "body": "I can help"})
		case 18:
			return r.Post(t, "/conversations/"+conversation+"/parts", object{"message_type": pick("close", "open"), "type": "admin", "admin_id": admin})
		case 19:
			return r.Post(t, "/conversations/"+conversation+"/tags", object{"id": w.one(random, &w.tags), "admin_id": admin})
		case 20:
			return r.Put(t, "/conversations/"+conversation, object{"read": pick(true, false)})
		default:
			return r.Post(t, "/conversations/"+conversation+"/customers", object{"admin_id": admin, "customer": object{"intercom_user_id": contact}})
		}
	}()
	if a != nil && a.Status >= 500 {
		t.Errorf("%s is answered %d: %s", a.Call, a.Status, a.Body)
	}
}

// question is what somebody may ask.
func (w *clientele) question(random *rand.Rand, admin *model.Admin) question {
	pick := func(values ...any) any { return values[random.IntN(len(values))] }
	tag, perPage := w.one(random, &w.tags), pick(3, 20)
	contacts := []object{
		filter("role", "=", pick("user", "lead")), filter("custom_attributes.plan", "=", pick("pro", "free")), filter("custom_attributes.seats", ">", 1), filter("tag_id", "=", tag),
		filter("name", "~", pick("ann", "bea")), filter("email", "~", "bolt"), filter("owner_id", "=", int64(admin.ID)), filter("last_seen_at", ">", w.started),
		filter("segment_id", "=", w.one(random, &w.segments)), {"operator": "AND", "value": []any{filter("role", "=", "user"), filter("custom_attributes.plan", "=", "pro")}},
	}
	conversations := []object{filter("state", "=", pick("open", "closed")), filter("tag_ids", "=", tag), filter("contact_ids", "=", w.one(random, &w.contacts)),
		filter("source.body", "~", "help"), filter("read", "=", true), filter("statistics.count_conversation_parts", ">", 2), filter("id", ">", 0)}
	get := func(path string) question {
		return func(t *testing.T, r *apptest.Rig) *apptest.Answer { return r.Get(t, path) }
	}
	search := func(path string, queries []object) question {
		body := object{"query": queries[random.IntN(len(queries))], "pagination": object{"per_page": perPage},
			"sort": object{"field": pick("created_at", "updated_at"), "order": pick("ascending", "descending")}}
		return func(t *testing.T, r *apptest.Rig) *apptest.Answer { return r.Post(t, path, body) }
	}
	switch random.IntN(8) {
	case 0:
		return get("/contacts/" + w.one(random, &w.contacts))
	case 1:
		return get("/conversations/" + w.one(random, &w.conversations))
	case 2:
		return get(fmt.Sprint("/contacts?per_page=", perPage))
	case 3:
		return get(fmt.Sprint("/conversations?per_page=", perPage))
	case 4, 5:
		return search("/conversations/search", conversations)
	default:
		return search("/contacts/search", contacts)
	}
}
