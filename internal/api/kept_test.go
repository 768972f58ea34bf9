package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
)

// TestListsFollow does one thing after another to conversations and contacts that lists have shown before, and holds each time that lists and searches show
// them as they are: as they are shown one by one, where a conversation is read anew.
func TestListsFollow(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		friend := r.Post(t, "/contacts", `{"role":"user","external_id":"friend","name":"Friend","email":"friend@bolt.test"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead","name":"A lead"}`).OK().ID()
		r.Post(t, "/conversations", object{"from": object{"type": "lead", "id": lead}, "body": "I am new"}).OK()
		tag := r.Post(t, "/tags", `{"name":"vip"}`).OK().ID()
		company := r.Post(t, "/companies", `{"company_id":"bolt","name":"Bolt"}`).OK().ID()
		r.Post(t, "/data_attributes", `{"name":"plan","model":"contact","data_type":"string"}`).OK()

		look := func(after string) {
			t.Helper()
			list := r.Get(t, "/conversations").OK()
			found := r.Post(t, "/conversations/search", object{"query": object{"field": "created_at", "operator": ">", "value": 0}, "sort": object{"field": "created_at", "order": "descending"}}).OK()
			for i, item := range list.At("conversations").([]any) {
				shown := item.(map[string]any)
				var one map[string]any
				r.Get(t, "/conversations/"+shown["id"].(string)).OK().Decode(&one)
				delete(one, "conversation_parts")
				if !reflect.DeepEqual(shown, one) {
					t.Errorf("%s: the list shows %v, and it is %v", after, shown, one)
				}
				if also := found.At("conversations").([]any)[i]; !reflect.DeepEqual(also, item) {
					t.Errorf("%s: a search shows %v, and a list %v", after, also, item)
				}
			}
			people := r.Get(t, "/contacts").OK().At("data").([]any)
			for i, item := range r.Post(t, "/contacts/search", object{"query": object{"field": "created_at", "operator": ">", "value": 0}}).OK().At("data").([]any) {
				var one any
				r.Get(t, "/contacts/"+item.(map[string]any)["id"].(string)).OK().Decode(&one)
				if !reflect.DeepEqual(item, one) || !reflect.DeepEqual(item, people[i]) {
					t.Errorf("%s: a search shows %v, a list %v, and it is %v", after, item, people[i], one)
				}
			}
		}
		reply := func(body object) { r.Post(t, c.path+"/reply", body).OK() }
		for _, step := range []struct {
			name string
			do   func()
		}{
			{"nothing", func() {}},
			{"a reply of an admin", func() {
				reply(object{"message_type": "comment", "type": "admin", "admin_id": c.admin, "body": "Hello"})
			}},
			{"a reply of the contact", func() {
				reply(object{"message_type": "comment", "type": "user", "intercom_user_id": c.contact, "body": "Hello?"})
			}},
			{"somebody takes part", func() {
				r.Post(t, c.path+"/customers", object{"admin_id": c.admin, "customer": object{"intercom_user_id": friend}}).OK()
			}},
			{"who began it has another name", func() { r.Put(t, "/contacts/"+c.contact, `{"name":"Renamed","email":"renamed@bolt.test"}`).OK() }},
			{"who takes part has another name", func() { r.Put(t, "/contacts/"+friend, `{"name":"A friend"}`).OK() }},
			{"an attribute", func() { r.Put(t, "/contacts/"+friend, `{"custom_attributes":{"plan":"pro"}}`).OK() }},
			{"a tag of a conversation", func() { r.Post(t, c.path+"/tags", object{"id": tag, "admin_id": c.admin}).OK() }},
			{"a tag of a contact", func() { r.Post(t, "/contacts/"+friend+"/tags", object{"id": tag}).OK() }},
			{"tags in bulk", func() {
				r.Post(t, "/tags", object{"name": "bulk", "users": []object{{"id": c.contact}, {"id": friend}}}).OK()
			}},
			{"a tag has another name", func() { r.Post(t, "/tags", object{"id": tag, "name": "very important"}).OK() }},
			{"a note", func() { r.Post(t, "/contacts/"+friend+"/notes", object{"body": "Nice", "admin_id": c.admin}).OK() }},
			{"a company", func() { r.Post(t, "/contacts/"+friend+"/companies", object{"id": company}).OK() }},
			{"a company has another name", func() { r.Post(t, "/companies", `{"company_id":"bolt","name":"Bolts"}`).OK() }},
			{"closed", func() {
				r.Post(t, c.path+"/parts", object{"message_type": "close", "type": "admin", "admin_id": c.admin}).OK()
			}},
			{"assigned", func() {
				r.Post(t, c.path+"/parts", object{"message_type": "assignment", "type": "admin", "admin_id": c.admin, "assignee_id": c.admin}).OK()
			}},
			{"read, with an attribute", func() { r.Put(t, c.path, `{"read":true}`).OK() }},
			{"who takes part leaves", func() { r.Delete(t, c.path+"/customers/"+friend, object{"admin_id": c.admin}).OK() }},
			{"a lead becomes the friend", func() { r.Post(t, "/contacts/merge", object{"from": lead, "into": friend}).OK() }},
			{"a tag less", func() { r.Delete(t, "/contacts/"+friend+"/tags/"+tag, nil).OK() }},
			{"a tag goes", func() {
				r.Delete(t, c.path+"/tags/"+tag, object{"admin_id": c.admin}).OK()
				r.Delete(t, "/tags/"+tag, nil).OK()
			}},
			{"the company goes", func() { r.Delete(t, "/companies/"+company, nil).OK() }},
			{"archived", func() { r.Post(t, "/contacts/"+friend+"/archive", nil).OK() }},
			{"and back", func() { r.Post(t, "/contacts/"+friend+"/unarchive", nil).OK() }},
			{"the friend is deleted", func() { r.Delete(t, "/contacts/"+friend, nil).OK() }},
			{"who began it is deleted", func() { r.Delete(t, "/contacts/"+c.contact, nil).OK() }},
		} {
			step.do()
			look(step.name)
		}
	})
}

// TestListWithinAList asks for a list while another one is being sent, which it must not be put in the place of.
func TestListWithinAList(t *testing.T) {
	t.Parallel()
	r := apptest.With(t, app.Options{DevToken: apptest.NoDevToken}) // a log of calls would keep what was sent
	other := r.Elsewhere(t)
	for i := range 40 {
		r.Post(t, "/contacts", object{"external_id": fmt.Sprint(i)}).OK()
		other.Post(t, "/contacts", object{"external_id": fmt.Sprint("other ", i), "name": "Somebody else"}).OK()
	}
	for range 8 { // the room of an answer may be anybody's next
		w := &slowWriter{header: http.Header{}, meanwhile: func() { other.Get(t, "/contacts").OK() }}
		q := httptest.NewRequest(http.MethodGet, "/contacts", nil)
		q.Header.Set("Authorization", "Bearer "+r.Token)
		r.Handler().ServeHTTP(w, q)
		if want := r.Get(t, "/contacts").OK().Body; !bytes.Equal(w.sent, want) {
			t.Fatalf("a list is sent as %s, want %s", w.sent, want)
		}
	}
}

// slowWriter does something before it takes what is sent.
type slowWriter struct {
	header    http.Header
	meanwhile func()
	sent      []byte
}

func (w *slowWriter) Header() http.Header { return w.header }
func (w *slowWriter) WriteHeader(int)     {}
func (w *slowWriter) Write(b []byte) (int, error) {
	w.meanwhile()
	w.sent = append(w.sent, b...)
	return len(b), nil
}
