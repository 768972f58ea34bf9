package api_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

// TestPagesFollow asks for the same pages again and again while what they are found by changes, and holds each time that they are those of who asks for the first
// time: nobody has asked for what is true of all in addition, nor for pages of another size.
func TestPagesFollow(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		declare(t, r, "plan", "string")
		declare(t, r, "seats", "integer")
		tag := r.Post(t, "/tags", `{"name":"vip"}`).OK().ID()
		friend := r.Post(t, "/contacts", object{"role": "user", "external_id": "friend", "name": "A friend", "email": "friend@bolt.test", "custom_attributes": object{"plan": "pro", "seats": 5}}).OK().ID()
		for i := range 3 {
			r.Post(t, "/contacts", object{"role": "lead", "name": fmt.Sprint("Lead ", i), "custom_attributes": object{"plan": "free", "seats": i}}).OK()
		}
		paying := segment(t, r, "Paying", model.PersonUser, test("custom_attributes.plan", model.Equal, "pro"))
		lately := segment(t, r, "Seen lately", model.PersonUser, test("last_seen_at", model.Greater, model.DaysAgo(3)))
		another := r.Elsewhere(t)

		contacts := []object{
			{"query": filter("created_at", ">", 0), "sort": object{"field": "name", "order": "ascending"}}, {"query": filter("role", "=", "user")}, {"query": filter("role", "=", "lead")},
			{"query": filter("custom_attributes.plan", "=", "pro")}, {"query": filter("custom_attributes.seats", ">", 1)}, {"query": filter("tag_id", "=", tag)}, {"query": filter("email", "=", "friend@bolt.test")},
			{"query": filter("name", "~", "friend")}, {"query": filter("email", "~", "bolt")}, {"query": filter("last_seen_at", ">", 0), "sort": object{"field": "last_seen_at", "order": "descending"}},
			{"query": filter("segment_id", "=", paying)}, {"query": filter("segment_id", "=", lately)}, {"query": filter("custom_attributes.seats", "=", 5)}, {"query": filter("custom_attributes.seats", "=", "5")},
			{"query": object{"operator": "OR", "value": []any{filter("role", "=", "lead"), filter("custom_attributes.plan", "=", "pro")}}},
		}
		conversations := []object{
			{"query": filter("created_at", ">", 0)}, {"query": filter("state", "=", "open")}, {"query": filter("open", "=", true)}, {"query": filter("tag_ids", "=", tag)}, {"query": filter("contact_ids", "=", friend)},
			{"query": filter("source.body", "~", "help")}, {"query": filter("source.author.email", "=", "renamed@bolt.test")}, {"query": filter("teammate_ids", "=", c.admin)}, {"query": filter("read", "=", true)},
			{"query": filter("statistics.count_conversation_parts", ">", 2)}, {"query": filter("contact_ids", "=", c.contact), "sort": object{"field": "updated_at", "order": "descending"}},
		}
		fresh, perPage := 0, 20
		look := func(after string) {
			t.Helper()
			perPage++
			for i, of := range slices.Concat(contacts, conversations) {
				path, items := "/contacts/search", "data"
				if i >= len(contacts) {
					path, items = "/conversations/search", "conversations"
				}
				page := func(query any) (total any, ids []any) {
					body := maps.Clone(of)
					body["query"] = query
					a := r.Post(t, path, body).OK()
					for _, item := range a.At(items).([]any) {
						ids = append(ids, item.(map[string]any)["id"])
					}
					return a.At("total_count"), ids
				}
				fresh++
				want, wanted := page(object{"operator": "AND", "value": []any{of["query"], filter("created_at", ">", fresh)}})
				for range 2 {
					if total, found := page(of["query"]); total != want || !slices.Equal(found, wanted) {
						t.Errorf("%s: %v finds %v, in all %v; and for the first time %v, in all %v", after, of, found, total, wanted, want)
					}
				}
			}
			for _, path := range []string{"/conversations?per_page=%d", "/contacts?per_page=%d"} {
				var new, again map[string]any
				r.Get(t, fmt.Sprintf(path, perPage)).OK().Decode(&new)
				r.Get(t, fmt.Sprintf(path, 20)).OK().Decode(&again)
				delete(new, "pages")
				delete(again, "pages")
				if diff := cmp.Diff(new, again); diff != "" {
					t.Errorf("%s: %s (-for the first time +again):\n%s", after, path, diff)
				}
			}
		}
		reply := func(body object) { r.Post(t, c.path+"/reply", body).OK() }
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"nothing", func() {}},
			{"a new contact", func() {
				r.Post(t, "/contacts", object{"role": "user", "external_id": "new", "name": "A new friend", "custom_attributes": object{"plan": "pro"}}).OK()
			}},
			{"a new contact of another workspace", func() { another.Post(t, "/contacts", `{"role":"user","external_id":"new"}`).OK() }},
			{"another name", func() { r.Put(t, "/contacts/"+friend, `{"name":"Renamed"}`).OK() }},
			{"another address", func() { r.Put(t, "/contacts/"+c.contact, `{"email":"renamed@bolt.test"}`).OK() }},
			{"an attribute", func() { r.Put(t, "/contacts/"+friend, `{"custom_attributes":{"plan":"free","seats":0}}`).OK() }},
			{"a tag", func() { r.Post(t, "/contacts/"+friend+"/tags", object{"id": tag}).OK() }},
			{"tags in bulk", func() {
				r.Post(t, "/tags", object{"name": "vip", "users": []object{{"id": c.contact}, {"id": friend}}}).OK()
			}},
			{"seen", func() { r.Put(t, "/contacts/"+friend, object{"last_seen_at": r.Clock.Now().Unix()}).OK() }},
			{"a week goes by", func() { r.Clock.Pass(7 * 24 * time.Hour) }},
			{"the segment is of others", func() {
				segment(t, r, "Paying", model.PersonUser, test("custom_attributes.plan", model.Equal, "free"))
			}},
			{"a reply", func() {
				reply(object{"message_type": "comment", "type": "admin", "admin_id": c.admin, "body": "Hello"})
			}},
			{"somebody takes part", func() {
				r.Post(t, c.path+"/customers", object{"admin_id": c.admin, "customer": object{"intercom_user_id": friend}}).OK()
			}},
			{"another conversation", func() {
				r.Post(t, "/conversations", object{"from": object{"type": "user", "id": friend}, "body": "I need help"}).OK()
			}},
			{"a tag of a conversation", func() { r.Post(t, c.path+"/tags", object{"id": tag, "admin_id": c.admin}).OK() }},
			{"read", func() { r.Put(t, c.path, `{"read":true}`).OK() }},
			{"closed", func() {
				r.Post(t, c.path+"/parts", object{"message_type": "close", "type": "admin", "admin_id": c.admin}).OK()
			}},
			{"a tag less", func() { r.Delete(t, "/contacts/"+friend+"/tags/"+tag, nil).OK() }},
			{"a tag of a conversation less", func() { r.Delete(t, c.path+"/tags/"+tag, object{"admin_id": c.admin}).OK() }},
			{"archived", func() { r.Post(t, "/contacts/"+friend+"/archive", nil).OK() }},
			{"and back", func() { r.Post(t, "/contacts/"+friend+"/unarchive", nil).OK() }},
			{"deleted", func() { r.Delete(t, "/contacts/"+friend, nil).OK() }},
		} {
			step.do()
			look(step.name)
		}
	})
}
