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
	w := &clientele{started: plain.Clock.Now().Unix(), theme: theme{writes: []int{newContact, newConversation}}}
	declare(t, plain, "plan", "string")
	declare(t, plain, "seats", "integer")
	for _, name := range []string{"vip", "new"} {
		w.tags = append(w.tags, plain.Post(t, "/tags", object{"name": name}).OK().ID())
	}
	first := rand.New(rand.NewPCG(0, 0))
	for range 6 {
		w.write(t, first, plain)
	}
	rounds := 3 * len(themes)
	if means.Long() {
		rounds = 1000
	}
	for round := range rounds {
		random := rand.New(rand.NewPCG(uint64(round), 0))
		w.theme, w.seed = themes[round%len(themes)], random.Uint64()
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
	theme   theme
	seed    uint64 // of how pages are asked for, so that the same ones are asked for often

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

// A theme is what is written in a round and what is asked then: what belongs together, with little else, so that what servers keep is seldom made anew by
// chance.
type theme struct{ writes, questions []int }

// What is written.
const (
	newContact = iota
	changeContact
	archiveContact
	mergeContacts
	deleteContact
	tagContact
	untagContact
	putSegment
	newAttribute
	newNote
	newConversation
	reply
	closeOrOpen
	tagConversation
	read
	takePart
	writes
)

// What is asked: for one, for lists, and for what searches find.
const (
	aContact = iota
	aConversation
	allContacts
	allConversations
	byState
	byTagOfConversation
	byContact
	byBody
	byRead
	byParts
	byID
	byRole
	byPlan
	bySeats
	byTag
	byName
	byEmail
	byOwner
	byLastSeen
	bySegment
	byRoleAndPlan
	questions
)

var themes = []theme{
	{[]int{newContact, changeContact, archiveContact, mergeContacts}, []int{aContact, allContacts, byRole, byName, byEmail, byOwner}},
	{[]int{newContact, changeContact, newAttribute}, []int{byPlan, bySeats, byLastSeen, byRoleAndPlan, bySegment}},
	{[]int{tagContact, untagContact, deleteContact}, []int{aContact, allContacts, byTag}},
	{[]int{putSegment, putSegment, putSegment, putSegment, changeContact}, []int{bySegment, bySegment, byPlan}},
	{[]int{newConversation, reply, closeOrOpen, read, newNote}, []int{aConversation, allConversations, byState, byBody, byRead, byParts, aContact}},
	{[]int{takePart, changeContact, mergeContacts, tagConversation, newConversation}, []int{aConversation, allConversations, byTagOfConversation, byContact, byID}},
	{upTo(writes), upTo(questions)},
}

func upTo(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

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
		switch w.theme.writes[random.IntN(len(w.theme.writes))] {
		case newContact:
			body := about()
			body["role"] = pick("user", "lead")
			made := r.Post(t, "/contacts", body)
			if made.Status == 200 {
				w.add(&w.contacts, made.ID())
			}
			return made
		case changeContact:
			return r.Put(t, "/contacts/"+contact, about())
		case archiveContact:
			return r.Post(t, "/contacts/"+contact+"/"+pick("archive", "unarchive").(string), nil)
		case mergeContacts:
			return r.Post(t, "/contacts/merge", object{"from": contact, "into": w.one(random, &w.contacts)})
		case deleteContact:
			return r.Delete(t, "/contacts/"+contact, nil)
		case tagContact:
			return r.Post(t, "/contacts/"+contact+"/tags", object{"id": w.one(random, &w.tags)})
		case untagContact:
			return r.Delete(t, "/contacts/"+contact+"/tags/"+w.one(random, &w.tags), nil)
		case putSegment:
			filters := []model.Filter{test("custom_attributes.plan", model.Equal, "pro"), test("custom_attributes.seats", model.Greater, 1.),
				test("last_seen_at", model.Greater, model.DaysAgo(2)), test("name", model.Contains, "Bea")}
			g, err := r.People.PutSegment(t.Context(), r.Actor(), model.Segment{Name: pick("One", "Two", "Three").(string), PersonType: model.PersonUser, Filter: filters[random.IntN(len(filters))]})
			if err != nil {
				t.Error(err)
				return nil
			}
			w.add(&w.segments, string(g.ID))
			return nil
		case newAttribute:
			return r.Post(t, "/data_attributes", object{"name": pick("a", "b", "c", "d"), "model": "contact", "data_type": "string"})
		case newNote:
			return r.Post(t, "/contacts/"+contact+"/notes", object{"body": "A note", "admin_id": admin})
		case newConversation:
			made := r.Post(t, "/conversations", object{"from": object{"type": "user", "id": contact}, "body": pick("Please help", "Hello")})
			if made.Status == 200 {
				w.add(&w.conversations, made.At("conversation_id").(string))
			}
			return made
		case reply:
			return r.Post(t, "/conversations/"+conversation+"/reply", object{"message_type": pick("comment", "note"), "type": "admin", "admin_id": admin, "body": "I can help"})
		case closeOrOpen:
			return r.Post(t, "/conversations/"+conversation+"/parts", object{"message_type": pick("close", "open"), "type": "admin", "admin_id": admin})
		case tagConversation:
			return r.Post(t, "/conversations/"+conversation+"/tags", object{"id": w.one(random, &w.tags), "admin_id": admin})
		case read:
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
	tag, like := w.one(random, &w.tags), rand.New(rand.NewPCG(w.seed, 0))
	perPage := []int{3, 20}[like.IntN(2)]
	sort := object{"field": []string{"created_at", "updated_at"}[like.IntN(2)], "order": []string{"ascending", "descending"}[like.IntN(2)]}
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
	search := func(path string, query object) question {
		body := object{"query": query, "pagination": object{"per_page": perPage}, "sort": sort}
		return func(t *testing.T, r *apptest.Rig) *apptest.Answer { return r.Post(t, path, body) }
	}
	switch kind := w.theme.questions[random.IntN(len(w.theme.questions))]; kind {
	case aContact:
		return get("/contacts/" + w.one(random, &w.contacts))
	case aConversation:
		return get("/conversations/" + w.one(random, &w.conversations))
	case allContacts:
		return get(fmt.Sprint("/contacts?per_page=", perPage))
	case allConversations:
		return get(fmt.Sprint("/conversations?per_page=", perPage))
	default:
		if kind < byRole {
			return search("/conversations/search", conversations[kind-byState])
		}
		return search("/contacts/search", contacts[kind-byRole])
	}
}
