package stream_test

import (
	"strings"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model/identity"
)

// A scene is a workspace in which a contact has a conversation and a ticket, and a
// friend has some as well.
type scene struct {
	*apptest.Rig
	contact, friend                         string
	conversation, foreign, ticket, ticketOf string
}

func newScene(t *testing.T, r *apptest.Rig) *scene {
	t.Helper()
	before := r.Listen(t, "")
	defer before.Close()
	s := &scene{Rig: r, contact: contact(t, r, "contact"), friend: contact(t, r, "friend")}
	write := func(by string) string {
		return r.Post(t, "/conversations", object{"from": object{"type": "user", "id": by}, "body": "Hello"}).OK().At("conversation_id").(string)
	}
	s.conversation, s.foreign = write(s.contact), write(s.friend)
	s.ticketOf = r.Post(t, "/ticket_types", `{"name":"Bug"}`).OK().ID()
	s.ticket = s.open(t)
	before.Next("ticket.created") // nothing of it is told later, whatever else runs on PostgreSQL
	return s
}

func (s *scene) open(t *testing.T) string {
	t.Helper()
	return s.Post(t, "/tickets", object{"ticket_type_id": s.ticketOf, "contacts": []object{{"id": s.contact}},
		"ticket_attributes": object{"_default_title_": "Broken"}}).OK().ID()
}

func (s *scene) conv(t *testing.T, path string, body object) {
	t.Helper()
	body["admin_id"] = s.Admin.ID.String()
	s.Post(t, "/conversations/"+s.conversation+path, body).OK()
}

// TestContactsSeeWhatIsTheirs does one thing after another; the contact is told of
// those that are for it, and of nothing else.
func TestContactsSeeWhatIsTheirs(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := newScene(t, r)
		reply := func(kind, body string) func() {
			return func() { s.conv(t, "/reply", object{"type": "admin", "message_type": kind, "body": body}) }
		}
		part := func(kind string, more object) func() {
			return func() {
				more["message_type"], more["type"] = kind, "admin"
				s.conv(t, "/parts", more)
			}
		}
		tag := r.Post(t, "/tags", object{"name": "vip"}).OK().ID()
		for _, c := range []struct {
			name string
			do   func()
			want string // the topic and the object, if the contact is told
		}{
			{"an admin's reply", reply("comment", "Hi"), "conversation.admin.replied " + s.conversation},
			{"a note", reply("note", "psst"), ""},
			{"a close", part("close", object{}), "conversation.admin.closed " + s.conversation},
			{"an opening", part("open", object{}), "conversation.admin.opened " + s.conversation},
			{"a snooze", part("snoozed", object{"snoozed_until": 1768490000}), ""},
			{"an assignment", part("assignment", object{"assignee_id": s.Admin.ID.String()}), ""},
			{"a tag on the conversation", func() { s.conv(t, "/tags", object{"id": tag}) }, ""},
			{"a reply to somebody else", func() {
				s.Post(t, "/conversations/"+s.foreign+"/reply", object{"type": "admin", "admin_id": s.Admin.ID.String(), "message_type": "comment", "body": "x"}).OK()
			}, ""},
			{"itself", func() { s.Put(t, "/contacts/"+s.contact, object{"name": "Joe"}).OK() }, "contact.user.updated " + s.contact},
			{"somebody else", func() { s.Put(t, "/contacts/"+s.friend, object{"name": "Fred"}).OK() }, ""},
			{"a note on it", func() { s.Post(t, "/contacts/"+s.contact+"/notes", object{"body": "x"}).OK() }, ""},
			{"a tag on it", func() { s.Post(t, "/contacts/"+s.contact+"/tags", object{"id": tag}).OK() }, ""},
			{"a company", func() { s.Post(t, "/companies", object{"company_id": "1", "name": "x"}).OK() }, ""},
			{"a ticket that is not shared", func() { s.Put(t, "/tickets/"+s.ticket, `{"state":"in_progress"}`).OK() }, ""},
			{"a ticket that becomes shared", func() { s.Put(t, "/tickets/"+s.ticket, `{"is_shared":true}`).OK() }, "parley.changed " + s.ticket},
			{"a shared ticket", func() { s.Put(t, "/tickets/"+s.ticket, `{"state":"resolved"}`).OK() }, "ticket.state.updated " + s.ticket},
			{"a ticket that is shared no more", func() { s.Put(t, "/tickets/"+s.ticket, `{"is_shared":false}`).OK() }, ""},
			{"somebody who joins", func() { s.conv(t, "/customers", object{"customer": object{"intercom_user_id": s.friend}}) },
				"conversation.contact.attached " + s.conversation},
			{"it is taken out", func() {
				s.Delete(t, "/conversations/"+s.conversation+"/customers/"+s.contact, object{"admin_id": s.Admin.ID.String()}).OK()
			}, ""},
			{"a reply after that", reply("comment", "Without you"), ""},
		} {
			// Who may see something is who may when it is told, so that each step waits.
			own, all := s.Listen(t, "?contact_id="+s.contact), s.Listen(t, "")
			c.do()
			s.Post(t, "/messages", object{"message_type": "inapp", "body": "end", "from": object{"type": "admin", "id": s.Admin.ID.String()},
				"to": object{"type": "user", "id": s.contact}}).OK()
			var got []string
			for f := own.Next(""); f.Event != "content_stat.chat"; f = own.Next("") {
				got = append(got, f.Event+" "+f.Object())
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%s: the contact was told %q, want %q", c.name, got, c.want)
			}
			told := 0
			for f := all.Next(""); f.Event != "content_stat.chat"; f = all.Next("") {
				told++
			}
			if told < 1 {
				t.Errorf("%s: the admin was told nothing", c.name)
			}
			own.Close()
			all.Close()
		}
	})
}

func TestAppsSeeWhatTheirScopesSay(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := newScene(t, r)
		people := r.Listen(t, "", apptest.As(r.AppToken(t, identity.ReadUsersCompanies)))
		talk := r.Listen(t, "", apptest.As(r.AppToken(t, identity.ReadConversations)))
		s.conv(t, "/reply", object{"type": "admin", "message_type": "comment", "body": "Hi"})
		id := contact(t, r, "new")
		s.conv(t, "/parts", object{"type": "admin", "message_type": "close"})
		people.Nothing("contact.user.created", id)
		talk.Next("conversation.admin.replied")
		talk.Nothing("conversation.admin.closed", s.conversation)
	})
}

func TestSignals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := newScene(t, r)
		all, own, other := r.Listen(t, "?topics=parley.typing,parley.presence"), r.Listen(t, "?contact_id="+s.contact+"&topics=parley.typing,parley.presence"),
			r.Listen(t, "?contact_id="+s.friend+"&topics=parley.typing,parley.presence")
		about := object{"conversation_id": s.conversation}
		byContact := object{"conversation_id": s.conversation, "contact_id": s.contact}

		typed := r.Post(t, "/_parley/typing", about).OK()
		want := `{"type":"signal","topic":"parley.typing","object":{"type":"conversation","id":"` + s.conversation + `"},"from":{"type":"admin","id":"` +
			r.Admin.ID.String() + `"},"active":true,"created_at":1768478400,"expires_at":1768478415}`
		if string(typed.Body) != want {
			t.Errorf("typing answers %s, want %s", typed.Body, want)
		}
		for _, to := range []*apptest.Stream{all, own} {
			if f := to.Next("parley.typing"); f.ID != "" || f.Data != want {
				t.Errorf("a signal is told as %+v", f)
			}
		}
		r.Post(t, "/_parley/presence", byContact).OK()
		r.Post(t, "/_parley/presence", "{}").OK() // in no conversation: for teammates alone
		r.Post(t, "/_parley/presence", object{"contact_id": s.friend, "conversation_id": s.foreign}).OK()
		if f := own.Next("parley.presence"); !strings.Contains(f.Data, s.contact) {
			t.Errorf("the contact is told %+v", f)
		}
		if f := other.Next("parley.presence"); !strings.Contains(f.Data, s.friend) {
			t.Errorf("the friend is told %+v", f)
		}
		for range 3 {
			all.Next("parley.presence")
		}

		present := func(query string) int { return len(r.Get(t, "/_parley/presence"+query).OK().At("data").([]any)) }
		check := func(when string, everywhere, here int) {
			t.Helper()
			if got := present(""); got != everywhere {
				t.Errorf("%s %d are there, want %d", when, got, everywhere)
			}
			for _, query := range []string{"", "&contact_id=" + s.contact} {
				if got := present("?conversation_id=" + s.conversation + query); got != here {
					t.Errorf("%s %d are in the conversation, want %d", when, got, here)
				}
			}
		}
		check("at first", 3, 1)
		r.Clock.Pass(40 * time.Second)
		r.Post(t, "/_parley/presence", byContact).OK()
		check("after 40 seconds", 3, 1)
		r.Clock.Pass(30 * time.Second)
		check("after 70 seconds", 1, 1)
		byContact["active"] = false
		r.Post(t, "/_parley/presence", byContact).OK()
		check("after it left", 0, 0)

		for _, c := range []struct {
			name, path    string
			body          object
			status        int
			code, message string
		}{
			{"no conversation", "/typing", object{}, 400, "parameter_not_found", "A conversation_id is required"},
			{"unknown", "/typing", object{"conversation_id": "77"}, 404, "not_found", "Resource Not Found"},
			{"no id", "/presence", object{"conversation_id": "x"}, 404, "not_found", "Resource Not Found"},
			{"not in it", "/typing", object{"conversation_id": s.foreign, "contact_id": s.contact}, 404, "not_found", "Resource Not Found"},
			{"a ticket that is not shared", "/typing", object{"conversation_id": s.ticket, "contact_id": s.contact}, 404, "not_found", "Resource Not Found"},
			{"no contact", "/presence", object{"contact_id": "x"}, 404, "not_found", "User Not Found"},
		} {
			t.Run(c.name, func(t *testing.T) { r.Post(t, "/_parley"+c.path, c.body).Fails(c.status, c.code, c.message) })
		}
		r.Get(t, "/_parley/presence?contact_id="+s.contact).Fails(400, "parameter_not_found", "A contact needs a conversation_id")
		r.Get(t, "/_parley/presence?conversation_id="+s.foreign+"&contact_id="+s.contact).Fails(404, "not_found", "Resource Not Found")
		r.Elsewhere(t).Get(t, "/_parley/presence?conversation_id=77").Fails(404, "not_found", "Resource Not Found")
	})
}
