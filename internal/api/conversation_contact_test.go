package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/internal/apptest"
)

// What a merge does to conversations and tickets: they are the user's, and so is
// what the lead wrote.
func TestMergeMovesConversations(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := newTalk(t, r)
		lead := r.Post(t, "/contacts", `{"role":"lead","name":"A lead"}`).OK().ID()
		id := r.Post(t, "/conversations", object{"from": object{"type": "lead", "id": lead}, "body": "I am new"}).OK().At("conversation_id").(string)
		r.Post(t, "/conversations/"+id+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": lead, "body": "Hello?"}).OK()
		// One in which both take part.
		r.Post(t, user.path+"/customers", object{"admin_id": user.admin, "customer": object{"intercom_user_id": lead}}).OK()
		kind := r.Post(t, "/ticket_types", `{"name":"Bug"}`).OK().ID()
		ticket := r.Post(t, "/tickets", object{"ticket_type_id": kind, "contacts": []object{{"id": lead}}}).OK().ID()
		r.Post(t, "/messages", object{"from": object{"type": "admin", "id": user.admin}, "to": object{"type": "lead", "id": lead}, "message_type": "in_app", "body": "Welcome"}).OK()

		r.Post(t, "/contacts/merge", object{"from": lead, "into": user.contact}).OK()
		shows(t, r.Get(t, "/conversations/"+id).OK(), "contacts.contacts", []any{map[string]any{"type": "contact", "id": user.contact}},
			"source.author.id", user.contact, "source.author.type", "user",
			"conversation_parts.conversation_parts.0.author.id", user.contact)
		shows(t, r.Get(t, user.path).OK(), "contacts.contacts", []any{map[string]any{"type": "contact", "id": user.contact}})
		shows(t, r.Get(t, "/tickets/"+ticket).OK(), "contacts.contacts.0.id", user.contact)
		// The message waits for the user's answer now.
		shows(t, r.Post(t, "/conversations/last/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": user.contact, "body": "Thanks"}).OK(),
			"source.body", "<p>Welcome</p>")
	})
}

// What is left of a deleted contact: nothing in what was its own, and no text in
// what was others' too.
func TestDeletedContactLeavesConversations(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		own := c.path
		file := r.Post(t, own+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": c.contact, "body": "See",
			"attachment_files": []object{{"name": "a.txt", "content_type": "text/plain", "data": "aGVsbG8="}}}).OK().
			At("conversation_parts.conversation_parts.0.attachments.0.url").(string)
		fetch := func() int {
			w := httptest.NewRecorder()
			r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, file, nil))
			return w.Code
		}
		if fetch() != 200 {
			t.Fatalf("the attachment is not served")
		}
		group := c.begin(t, "Teardrops in a group")
		friend := r.Post(t, "/contacts", `{"email":"friend@bloggs.test"}`).OK().ID()
		r.Post(t, "/conversations/"+group+"/customers", object{"admin_id": c.admin, "customer": object{"intercom_user_id": friend}}).OK()
		r.Post(t, "/conversations/"+group+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": c.contact, "body": "private"}).OK()
		r.Post(t, "/conversations/"+group+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": friend, "body": "mine"}).OK()
		found := func() float64 {
			return r.Post(t, "/conversations/search", object{"query": filter("source.body", "=", "teardrops")}).OK().At("total_count").(float64)
		}
		if found() != 1 {
			t.Errorf("the group is not found by its word")
		}

		r.Post(t, "/contacts/"+c.contact+"/archive", nil).OK()
		shows(t, r.Get(t, own).OK(), "source.body", "<p>Hello</p>")
		r.Delete(t, "/contacts/"+c.contact, nil).OK()
		r.RunJobs()
		r.Get(t, own).Fails(404, "not_found", "Resource Not Found")
		if status := fetch(); status != 404 {
			t.Errorf("the attachment of a deleted contact answers %d", status)
		}
		a := r.Get(t, "/conversations/"+group).OK()
		if body := string(a.Body); strings.Contains(body, "private") || strings.Contains(body, "Teardrops") || strings.Contains(body, "Joe") || !strings.Contains(body, "mine") {
			t.Errorf("of a deleted contact is left: %s", a.Pretty())
		}
		shows(t, a, "source.redacted", true, "contacts.contacts.0.id", friend, "conversation_parts.conversation_parts.1.redacted", true)
		if found() != 0 {
			t.Errorf("the group is still found by a deleted word")
		}
		shows(t, r.Get(t, "/conversations").OK(), "total_count", 1)
		shows(t, r.Get(t, "/counts?type=conversation").OK(), "conversation.open", 1, "conversation.unassigned", 1)
	})
}

func TestVisitorWhoWritesBecomesALead(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		visitor := putVisitor(t, r, visitorDraft{UserID: "v-1"}).ID()
		r.Get(t, "/contacts/"+visitor).Fails(404, "not_found", "User Not Found")
		r.Clock.Pass(time.Minute)
		id := r.Post(t, "/conversations", object{"from": object{"type": "contact", "id": visitor}, "body": "Anybody there?"}).OK().At("conversation_id").(string)
		shows(t, r.Get(t, "/contacts/"+visitor).OK(), "role", "lead", "last_replied_at", r.Clock.Now().Unix())
		shows(t, r.Get(t, "/conversations/"+id).OK(), "source.author.type", "lead", "source.author.id", visitor)
	})
}
