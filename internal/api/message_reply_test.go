package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
)

// send has the rig's admin send an in-app message, and returns its id.
func send(t testing.TB, r *apptest.Rig, to, body string) string {
	t.Helper()
	return r.Post(t, "/messages", object{"to": object{"id": to}, "message_type": "inapp", "body": body}).OK().ID()
}

// replyLast has a contact answer what it got last.
func replyLast(t testing.TB, r *apptest.Rig, contact, body string) *apptest.Answer {
	t.Helper()
	return r.Post(t, "/conversations/last/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": contact, "body": body})
}

func TestContactAnswersAMessage(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"email":"joe@bloggs.com","name":"Joe Bloggs"}`).OK().ID()
		message := send(t, r, user, "this is the <b>message</b> body")
		r.Clock.Pass(time.Minute)
		a := replyLast(t, r, user, "Thanks again :)")
		is(t, a, `{"type":"conversation","id":"<id>","created_at":1768478460,"updated_at":1768478460,"waiting_since":1768478460,
			"snoozed_until":null,"source":{"type":"conversation","id":"<message>","delivered_as":"admin_initiated","subject":"",
			"body":"<p>this is the <b>message</b> body</p>","author":{"type":"admin","id":"1","name":"Ann Owner","email":"ann@acme.test"},
			"attachments":[],"url":null,"redacted":false},"contacts":{"type":"contact.list","contacts":[{"type":"contact","id":"<user>"}]},
			"first_contact_reply":{"created_at":1768478460,"type":"conversation","url":null},"admin_assignee_id":null,
			"team_assignee_id":null,"open":true,"state":"open","read":false,"tags":{"type":"tag.list","tags":[]},"priority":"not_priority",
			"sla_applied":null,"statistics":<statistics>,"conversation_rating":null,"teammates":null,"title":null,"topics":{},"ticket":null,
			"custom_attributes":{},"conversation_parts":{"type":"conversation_part.list","conversation_parts":[
			{"type":"conversation_part","id":"<part>","part_type":"open","body":"<p>Thanks again :)</p>","created_at":1768478460,
			"updated_at":1768478460,"notified_at":1768478460,"assigned_to":null,
			"author":{"id":"<user>","type":"user","name":"Joe Bloggs","email":"joe@bloggs.com"},"attachments":[],"external_id":null,
			"redacted":false}],"total_count":1}}`,
			"<id>", a.ID(), "<message>", message, "<user>", user, "<part>", fmt.Sprint(a.At("conversation_parts.conversation_parts.0.id")),
			"<statistics>", `{"type":"conversation_statistics","time_to_assignment":null,"time_to_admin_reply":null,"time_to_first_close":null,
			"time_to_last_close":null,"median_time_to_reply":null,"first_contact_reply_at":1768478460,"first_assignment_at":null,
			"first_admin_reply_at":null,"first_close_at":null,"last_assignment_at":null,"last_assignment_admin_reply_at":null,
			"last_contact_reply_at":1768478460,"last_admin_reply_at":null,"last_close_at":null,"last_closed_by_id":null,"count_reopens":0,
			"count_assignments":0,"count_conversation_parts":1}`)
		holds(t, r.Get(t, "/contacts/"+user), nil, object{"last_replied_at": 1768478460., "last_contacted_at": 1768478400.})

		// The next answer goes to the same conversation, which the message is found by.
		again := replyLast(t, r, user, "And again").OK()
		if again.ID() != a.ID() || partTypes(t, again) != "open comment" {
			t.Errorf("the second answer is in %s: %s", again.ID(), partTypes(t, again))
		}
		found := r.Post(t, "/conversations/search", object{"query": object{"field": "source.id", "operator": "=", "value": message}}).OK()
		shows(t, found, "total_count", 1, "conversations.0.id", a.ID())
		shows(t, r.Get(t, "/conversations").OK(), "total_count", 1)
	})
}

// A conversation that begins before the contact answers is closed until then.
func TestMessageThatBeginsAConversation(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		for _, c := range []struct {
			name, kind, source string
			body               object
		}{
			{"in-app", "inapp", "conversation", object{"message_type": "inapp", "create_conversation_without_contact_reply": true}},
			{"an e-mail", "email", "email", object{"message_type": "email", "subject": "Hey", "create_conversation_without_contact_reply": "true"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				c.body["to"], c.body["body"] = object{"id": user}, "Hello"
				a := r.Post(t, "/messages", c.body).OK()
				id, _ := a.At("conversation_id").(string)
				shows(t, a, "type", "admin_message", "message_type", c.kind)
				shows(t, r.Get(t, "/conversations/"+id).OK(), "source.id", a.ID(), "source.type", c.source, "open", false, "state", "closed",
					"waiting_since", nil, "first_contact_reply", nil, "statistics", nil, "teammates", nil, "conversation_parts.total_count", 0,
					"contacts.contacts.0.id", user, "source.delivered_as", "admin_initiated", "source.author.id", "1")

				b := replyLast(t, r, user, "Hi").OK()
				shows(t, b, "id", id, "state", "open", "statistics.count_reopens", 0)
				if got := partTypes(t, b); got != "open" {
					t.Errorf("the parts are %s", got)
				}
			})
		}
		a := r.Post(t, "/messages", object{"to": object{"id": user}, "message_type": "inapp", "body": "x",
			"create_conversation_without_contact_reply": false}).OK()
		shows(t, a, "conversation_id", nil)
	})
}

// What is last of a contact's is told by when it was sent, be it a message or a
// conversation.
func TestLatestOfMessagesAndConversations(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		other := r.Post(t, "/contacts", `{"email":"ann@bloggs.test"}`).OK().ID()
		replyLast(t, r, user, "Hi").Fails(404, "not_found", "Resource Not Found")
		send(t, r, other, "for another")
		replyLast(t, r, user, "Hi").Fails(404, "not_found", "Resource Not Found")

		first := send(t, r, user, "first")
		second := send(t, r, user, "second")
		own := r.Post(t, "/messages", object{"from": object{"type": "user", "id": user}, "body": "own"}).OK()
		shows(t, replyLast(t, r, user, "1").OK(), "source.id", own.ID(), "id", own.At("conversation_id"))
		third := send(t, r, user, "third")
		begun := replyLast(t, r, user, "2").OK()
		shows(t, begun, "source.id", third, "source.body", "<p>third</p>")
		shows(t, replyLast(t, r, user, "3").OK(), "id", begun.ID())
		if first == second {
			t.Errorf("two messages have the id %s", first)
		}

		// An admin who answers last goes on with the message, which stays closed.
		fourth := send(t, r, user, "fourth")
		a := r.Post(t, "/conversations/last/reply", object{"message_type": "comment", "type": "admin", "admin_id": "1",
			"intercom_user_id": user, "body": "Are you there?"}).OK()
		shows(t, a, "source.id", fourth, "state", "closed", "waiting_since", nil, "statistics", nil)
		b := replyLast(t, r, user, "Yes").OK()
		shows(t, b, "id", a.ID(), "state", "open")
		if got := partTypes(t, b); got != "comment open" {
			t.Errorf("the parts are %s", got)
		}
		shows(t, r.Get(t, "/conversations").OK(), "total_count", 3)

		// What fails leaves no conversation.
		send(t, r, user, "fifth")
		replyLast(t, r, user, "").Fails(400, "parameter_invalid", "Body is required")
		r.Post(t, "/conversations/last/reply", object{"message_type": "comment", "type": "admin", "admin_id": "9",
			"intercom_user_id": user, "body": "x"}).Is(404)
		shows(t, r.Get(t, "/conversations").OK(), "total_count", 3)
	})
}

// A message that is answered by many at once begins one conversation, with all
// answers in it.
func TestMessageAnsweredByManyAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for range 5 {
			r := r.Elsewhere(t)
			user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
			message := send(t, r, user, "Hello")
			answers := together(16, func(i int) *apptest.Answer { return replyLast(t, r, user, fmt.Sprint(i)) })
			id := answers[0].OK().ID()
			for _, a := range answers {
				shows(t, a.OK(), "id", id, "source.id", message)
			}
			shows(t, r.Get(t, "/conversations").OK(), "total_count", 1)
			shows(t, r.Get(t, "/conversations/"+id).OK(), "conversation_parts.total_count", 16)
		}
	})
}

// Messages and answers cross: each message is in one conversation at most, and no
// answer is lost.
func TestMessagesAndAnswersAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		sent := map[string]bool{send(t, r, user, "Hello"): true}
		for _, a := range together(32, func(i int) *apptest.Answer {
			if i%2 == 0 {
				return r.Post(t, "/messages", object{"to": object{"id": user}, "message_type": "inapp", "body": "Hello"})
			}
			return replyLast(t, r, user, fmt.Sprint(i))
		}) {
			if a.OK().At("type") == "admin_message" {
				sent[a.ID()] = true
			}
		}
		if len(sent) != 17 {
			t.Errorf("%d messages have ids of their own, want 17", len(sent))
		}
		parts := 0.0
		begun := map[string]bool{}
		for _, c := range r.Get(t, "/conversations?per_page=150").OK().At("conversations").([]any) {
			source := c.(object)["source"].(object)["id"].(string)
			if begun[source] || !sent[source] {
				t.Errorf("message %s began a conversation, and not the first", source)
			}
			begun[source] = true
			parts += r.Get(t, "/conversations/"+c.(object)["id"].(string)).OK().At("conversation_parts.total_count").(float64)
		}
		if parts != 16 {
			t.Errorf("%v answers are there, want 16", parts)
		}
	})
}

// A merge moves messages that wait for an answer.
func TestMergeMovesMessages(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead","email":"joe@home.test"}`).OK().ID()
		message := r.Post(t, "/messages", object{"to": object{"id": lead}, "message_type": "email", "subject": "Hey", "body": "Hello"}).OK().ID()
		r.Post(t, "/contacts/merge", object{"from": lead, "into": user}).OK()
		shows(t, replyLast(t, r, user, "Hi").OK(), "source.id", message, "source.type", "email", "contacts.contacts.0.id", user)
		var contacts []string
		for _, e := range outbox(t, r, "queued") {
			contacts = append(contacts, string(e.Contact))
		}
		if diff := cmp.Diff([]string{user}, contacts); diff != "" {
			t.Errorf("e-mails are for (-want +got):\n%s", diff)
		}
	})
}
