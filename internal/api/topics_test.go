package api_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	topics "parley/internal/model/event"
	"parley/internal/service/inbox"
)

// An ear hears what a workspace tells.
type ear struct {
	r     *apptest.Rig
	heard int
}

// hear are the topics and objects that were told since it was last asked.
func (e *ear) hear(t testing.TB) (topics, objects []string) {
	t.Helper()
	err := e.r.Database.View(context.Background(), func(tx *db.Tx) error {
		topics, objects = nil, nil
		rows, err := tx.Query(`SELECT topic, object_type || ' ' || object_id FROM events WHERE workspace_id = $1
			ORDER BY transaction_id, number LIMIT 100000 OFFSET $2`, e.r.Workspace.ID, e.heard)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var topic, object string
			if err := rows.Scan(&topic, &object); err != nil {
				return err
			}
			topics, objects = append(topics, topic), append(objects, object)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	e.heard += len(topics)
	return topics, objects
}

// wantAll has a webhook, number 1, want every topic of a workspace, so that what
// happens is rendered.
func wantAll(t testing.TB, r *apptest.Rig) {
	t.Helper()
	err := r.Database.Update(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE workspaces SET webhook_routes = '{"*":[1]}' WHERE id = $1`, r.Workspace.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTopics does what can be done, one thing after another, and lists what is
// told of each.
func TestTopics(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		wantAll(t, r)
		e := &ear{r: r}
		tell := func(steps string, call func() *apptest.Answer, want ...string) string {
			t.Helper()
			e.hear(t)
			a := call()
			r.Clock.Pass(time.Second) // so that ids are in order
			got, _ := e.hear(t)
			slices.Sort(got) // ids, by which some are ordered, are random
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +told):\n%s", steps, diff)
			}
			if a == nil {
				return ""
			}
			if a.Status/100 != 2 {
				t.Fatalf("%s: %s answered %d: %s", steps, a.Call, a.Status, a.Body)
			}
			if len(a.Body) == 0 {
				return ""
			}
			id, _ := a.At("id").(string)
			return id
		}
		post := func(path string, body any) func() *apptest.Answer {
			return func() *apptest.Answer { return r.Post(t, path, body) }
		}
		put := func(path string, body any) func() *apptest.Answer {
			return func() *apptest.Answer { return r.Put(t, path, body) }
		}
		remove := func(path string, body any) func() *apptest.Answer {
			return func() *apptest.Answer { return r.Delete(t, path, body) }
		}
		rule := func(do func() error) func() *apptest.Answer {
			return func() *apptest.Answer {
				if err := do(); err != nil {
					t.Fatal(err)
				}
				return nil
			}
		}
		ctx, by := t.Context(), r.Actor()
		admin := r.Admin.ID.String()

		// People.
		user := tell("a user", post("/contacts", `{"role":"user","email":"rosa@example.test"}`), "contact.user.created")
		lead := tell("a lead", post("/contacts", `{"role":"lead","name":"Lee"}`), "contact.lead.created")
		tell("a user's name", put("/contacts/"+user, `{"name":"Rosa"}`), "contact.user.updated")
		tell("a user's address", put("/contacts/"+user, `{"email":"r@example.test"}`), "contact.user.updated", "contact.email.updated")
		tell("a lead's address", put("/contacts/"+lead, `{"email":"lee@example.test"}`),
			"contact.lead.updated", "contact.email.updated", "contact.lead.added_email")
		tell("no e-mails", put("/contacts/"+user, `{"unsubscribed_from_emails":true}`), "contact.user.updated", "contact.unsubscribed")
		tell("e-mails again", put("/contacts/"+user, `{"unsubscribed_from_emails":false}`), "contact.user.updated", "contact.subscribed")
		tag := tell("a tag", post("/tags", `{"name":"VIP"}`), "parley.changed")
		tell("tagging a user", post("/contacts/"+user+"/tags", object{"id": tag}), "contact.user.tag.created")
		tell("tagging it again", post("/contacts/"+user+"/tags", object{"id": tag}))
		tell("tagging both", post("/tags", object{"name": "VIP", "users": []object{{"id": user}, {"id": lead}}}), "contact.lead.tag.created")
		tell("untagging both", post("/tags", object{"name": "VIP", "users": []object{{"id": user, "untag": true}, {"id": lead, "untag": true}}}),
			"contact.lead.tag.deleted", "contact.user.tag.deleted")
		tell("untagging neither", post("/tags", object{"name": "VIP", "users": []object{{"id": user, "untag": true}}}))
		tell("archiving", post("/contacts/"+user+"/archive", nil), "contact.archived")
		tell("archiving twice", post("/contacts/"+user+"/archive", nil))
		tell("unarchiving", post("/contacts/"+user+"/unarchive", nil), "contact.unarchived")
		signed := tell("a lead to sign up", post("/contacts", `{"role":"lead","email":"sue@example.test"}`), "contact.lead.created")
		tell("signing up", put("/contacts/"+signed, `{"role":"user"}`), "contact.user.updated", "contact.lead.signed_up")
		tell("merging", post("/contacts/merge", object{"from": lead, "into": user}), "contact.merged")
		gone := tell("a user to delete", post("/contacts", `{"role":"user","external_id":"x"}`), "contact.user.created")
		last := tell("its conversation", post("/conversations", object{"from": object{"type": "user", "id": gone}, "body": "x"}), "conversation.user.created")
		tell("deleting it", remove("/contacts/"+gone, nil), "conversation.deleted", "contact.deleted")
		_ = last
		tell("what it did", post("/events", object{"event_name": "bought", "created_at": r.Clock.Now().Unix(), "id": user}), "event.created")
		tell("a note", post("/contacts/"+user+"/notes", object{"body": "x"}), "parley.changed")
		_, err := r.App.People.CreateSubscriptionType(ctx, by, model.SubscriptionType{ConsentType: model.OptOut, DefaultLocale: "en",
			Translations: []model.Translation{{Locale: "en", Name: "News"}}})
		if err != nil {
			t.Fatal(err)
		}
		tell("opting out", post("/contacts/"+user+"/subscriptions", object{"id": "1", "consent_type": "opt_out"}),
			"contact.unsubscribed", "granular.unsubscribe")
		tell("opting out twice", post("/contacts/"+user+"/subscriptions", object{"id": "1", "consent_type": "opt_out"}))
		tell("opting in again", remove("/contacts/"+user+"/subscriptions/1", nil), "contact.subscribed", "granular.subscribe")
		tell("a visitor", rule(func() error {
			_, err := r.People.PutVisitor(ctx, by, model.VisitorDraft{UserID: "v1"})
			return err
		}), "parley.changed")
		tell("its sign-up", post("/visitors/convert", object{"type": "user", "visitor": object{"user_id": "v1"}, "user": object{"email": "v@example.test"}}),
			"visitor.signed_up", "contact.user.created")

		// Companies and admins.
		company := tell("a company", post("/companies", `{"company_id":"c1","name":"Acme"}`), "company.created")
		tell("the company again", post("/companies", `{"company_id":"c1","name":"Acme Inc"}`), "company.updated")
		tell("a contact of it", post("/contacts/"+user+"/companies", object{"id": company}), "parley.changed", "parley.changed")
		tell("deleting the company", remove("/companies/"+company, nil), "company.deleted")
		tell("an admin", rule(func() error {
			_, err := r.App.Workspace.CreateAdmin(ctx, by, model.Admin{Name: "Bo", Email: "bo@acme.test", HasInboxSeat: true})
			return err
		}), "admin.added_to_workspace")
		tell("going away", put("/admins/"+admin+"/away", `{"away_mode_enabled":true,"away_mode_reassign":false}`), "admin.away_mode_updated")
		tell("being away", put("/admins/"+admin+"/away", `{"away_mode_enabled":true,"away_mode_reassign":false}`))

		// Conversations.
		message := r.Post(t, "/conversations", object{"from": object{"type": "user", "id": user}, "body": "Hello"}).OK()
		e.hear(t)
		at := "/conversations/" + message.At("conversation_id").(string)
		reply := func(body object) func() *apptest.Answer {
			body["type"], body["admin_id"] = "admin", admin
			return post(at+"/reply", body)
		}
		manage := func(body object) func() *apptest.Answer {
			body["admin_id"] = admin
			return post(at+"/parts", body)
		}
		tell("an admin's reply", reply(object{"message_type": "comment", "body": "x"}), "conversation.admin.replied")
		tell("a note", reply(object{"message_type": "note", "body": "x"}), "conversation.admin.noted")
		tell("a contact's reply", post(at+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": user, "body": "x"}),
			"conversation.user.replied")
		tell("assigning", manage(object{"message_type": "assignment", "type": "admin", "assignee_id": admin}), "conversation.admin.assigned")
		tell("snoozing", manage(object{"message_type": "snoozed", "snoozed_until": r.Clock.Now().Unix() + 60}), "conversation.admin.snoozed")
		r.Clock.Pass(2 * time.Minute)
		tell("waking", func() *apptest.Answer { r.RunJobs(); return nil }, "conversation.admin.unsnoozed")
		tell("closing", manage(object{"message_type": "close", "type": "admin"}), "conversation.admin.closed")
		tell("assigning what is closed", manage(object{"message_type": "assignment", "type": "admin", "assignee_id": "0"}), "conversation.admin.assigned")
		tell("giving what is closed to somebody", manage(object{"message_type": "assignment", "type": "admin", "assignee_id": admin}),
			"conversation.admin.open.assigned")
		tell("closing again", manage(object{"message_type": "close", "type": "admin"}), "conversation.admin.closed")
		tell("opening", manage(object{"message_type": "open"}), "conversation.admin.opened")
		tell("closing with words", manage(object{"message_type": "close", "type": "admin", "body": "Bye"}), "conversation.admin.replied", "conversation.admin.closed")
		tell("a contact opens it", post(at+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": user, "body": "x"}),
			"conversation.user.replied", "conversation.admin.opened")
		tell("reading", put(at, `{"read":true}`), "conversation.read", "parley.changed")
		tell("a tag", post(at+"/tags", object{"id": tag, "admin_id": admin}), "conversation_part.tag.created")
		tell("the tag again", post(at+"/tags", object{"id": tag, "admin_id": admin}))
		tell("no tag", remove(at+"/tags/"+tag, object{"admin_id": admin}), "parley.changed")
		tell("another contact", post(at+"/customers", object{"admin_id": admin, "customer": object{"intercom_user_id": signed}}),
			"conversation.contact.attached")
		tell("an address nobody has", post(at+"/customers", object{"admin_id": admin, "customer": object{"email": "new@example.test"}}),
			"contact.lead.created", "conversation.contact.attached")
		tell("no other contact", remove(at+"/customers/"+signed, object{"admin_id": admin}), "conversation.contact.detached")
		conversation := model.Decimal[model.ConversationID](strings.TrimPrefix(at, "/conversations/"))
		tell("asking for a rating", rule(func() error { return r.Inbox.AskForRating(ctx, by, conversation) }), "parley.changed")
		tell("a rating", rule(func() error {
			return r.Inbox.RateConversation(ctx, by, conversation, model.ContactRef{ID: model.ContactID(user)}, 5, "")
		}), "conversation.rating.added")
		tell("a label", rule(func() error {
			return r.Inbox.LabelConversation(ctx, by, conversation, inbox.Label{Priority: true, Read: true})
		}), "conversation.priority.updated", "parley.changed")
		tell("taking out a text", post("/conversations/redact", object{"type": "source", "conversation_id": conversation.String(),
			"source_id": message.ID()}), "conversation_part.redacted")
		tell("a message", post("/messages", object{"message_type": "inapp", "body": "x", "from": object{"type": "admin", "id": admin},
			"to": object{"type": "user", "id": user}}), "content_stat.chat")
		tell("an e-mail", post("/messages", object{"message_type": "email", "subject": "x", "body": "x", "template": "plain",
			"from": object{"type": "admin", "id": admin}, "to": object{"type": "user", "id": user}}), "content_stat.email")
		tell("a message that begins", post("/messages", object{"message_type": "inapp", "body": "x", "from": object{"type": "admin", "id": admin},
			"to": object{"type": "user", "id": user}, "create_conversation_without_contact_reply": true}),
			"conversation.admin.single.created", "content_stat.chat")

		// Tickets.
		w := newWork(t, r)
		e.hear(t)
		var ticket string
		tell("a ticket", func() *apptest.Answer { ticket = w.ticket(t, nil); return nil }, "ticket.created")
		tell("its state", put(ticket, `{"state":"in_progress"}`), "ticket.state.updated")
		tell("its attribute", put(ticket, `{"ticket_attributes":{"_default_title_":"x"}}`), "ticket.attribute.updated")
		tell("its admin", put(ticket, object{"assignment": object{"admin_id": admin, "assignee_id": admin}}), "ticket.admin.assigned")
		tell("a note on it", post(ticket+"/reply", object{"message_type": "note", "admin_id": admin, "body": "x"}), "ticket.note.created")
		tell("whether it is shared", put(ticket, `{"is_shared":true}`), "parley.changed")
		team, err := r.App.Workspace.CreateTeam(ctx, by, model.Team{Name: "Support"})
		if err != nil {
			t.Fatal(err)
		}
		e.hear(t)
		tell("its team", put(ticket, object{"assignment": object{"admin_id": admin, "assignee_id": team.ID.String(), "type": "team"}}), "ticket.team.assigned")

		heard := map[string]bool{
			// These are told elsewhere, where their own tests are.
			"admin.logged_in": true, "admin.logged_out": true, "ping": true,
		}
		items := notificationItems(t, r)
		for topic := range items {
			heard[topic] = true
		}
		for _, topic := range topics.Caused {
			if !heard[string(topic)] {
				t.Errorf("nothing above tells %s", topic)
			}
		}
		text, err := json.Marshal(items, json.Deterministic(true), jsontext.WithIndent("  "))
		if err != nil {
			t.Fatal(err)
		}
		got := withStandIns(strings.ReplaceAll(string(text), string(r.Workspace.ID), "acme0000"), nil) + "\n"
		if os.Getenv("PARLEY_TEST_UPDATE") != "" {
			if err := os.WriteFile(toldItems, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		golden, err := os.ReadFile(toldItems)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(golden), got); diff != "" {
			t.Errorf("%s is not what is told (-golden +told):\n%s", toldItems, diff)
		}
	})
}

// toldItems has what is told first of each topic, by topic, without what is null.
const toldItems = "testdata/notifications.json"

// notificationItems are what is told first of each topic.
func notificationItems(t testing.TB, r *apptest.Rig) map[string]any {
	t.Helper()
	items := map[string]any{}
	err := r.Database.View(context.Background(), func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT topic, item FROM deliveries WHERE workspace_id = $1 ORDER BY number`, r.Workspace.ID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var topic, item string
			if err := rows.Scan(&topic, &item); err != nil {
				return err
			}
			if items[topic] != nil {
				continue
			}
			var v any
			if err := json.Unmarshal([]byte(item), &v); err != nil {
				return err
			}
			items[topic] = withoutNulls(v)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return items
}

// withoutNulls is a JSON value without the members of objects that are null.
func withoutNulls(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if member == nil {
				delete(v, name)
			} else {
				v[name] = withoutNulls(member)
			}
		}
	case []any:
		for i := range v {
			v[i] = withoutNulls(v[i])
		}
	}
	return v
}
