package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

// asRead checks that what a change of a conversation is answered with is what is read right after it.
func asRead(t testing.TB, r *apptest.Rig, name, id string, changed *apptest.Answer) {
	t.Helper()
	if diff := cmp.Diff(r.Get(t, "/conversations/"+id).OK().Pretty(), changed.OK().Pretty()); diff != "" {
		t.Errorf("%s: the answer is not what is read after it (-read +answered):\n%s", name, diff)
	}
}

// toldAsRead checks that what the webhook was told last is what it is told of that by hand, which is read for it.
func toldAsRead(t testing.TB, r *apptest.Rig, name, id string) {
	t.Helper()
	item := func() (*apptest.Answer, any) {
		last := r.Get(t, "/_parley/webhooks/1/deliveries?per_page=1").OK().At("data.0.id").(string)
		told := r.Get(t, "/_parley/deliveries/"+last).OK()
		return told, told.At("item")
	}
	told, was := item()
	if told.At("test") != false {
		return // nothing was told since
	}
	topic := told.At("topic").(string)
	r.Post(t, "/_parley/webhooks/1/trigger", object{"topic": topic, "object_id": id}).OK()
	if _, is := item(); cmp.Diff(is, was) != "" {
		t.Errorf("%s: what is told of %s is not what is read (-read +told):\n%s", name, topic, cmp.Diff(is, was))
	}
}

// TestChangesAnswerWithWhatThereIs has everybody do anything to conversations that have everything.
func TestChangesAnswerWithWhatThereIs(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		_, err := r.People.DeclareDataAttribute(t.Context(), r.Actor(), model.DataAttributePatch{Model: model.ConversationAttributes, Name: "size", Type: model.TypeFloat})
		noError(t, err)
		_, err = r.App.Workspace.CreateTeam(t.Context(), r.Actor(), model.Team{Name: "Support"})
		noError(t, err)
		first, second := r.Admin.ID.String(), newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"}).ID.String()
		ann := r.Post(t, "/contacts", `{"email":"ann@shown.test","name":"Ann","external_id":"ann"}`).OK().ID()
		joe := r.Post(t, "/contacts", `{"role":"lead","email":"joe@shown.test"}`).OK().ID()
		r.Post(t, "/_parley/webhooks", object{"url": "https://hook.test/x", "topics": []string{"conversation.user.created", "conversation.user.replied", "conversation.admin.single.created",
			"conversation.admin.replied", "conversation.admin.noted", "conversation.admin.assigned", "conversation.admin.open.assigned", "conversation.admin.opened",
			"conversation.admin.closed", "conversation.admin.snoozed", "conversation.admin.unsnoozed", "conversation.contact.attached", "conversation.read"}}).OK()
		files := []any{object{"content_type": "image/gif", "name": "a.gif", "data": "R0lGODlhAQABAAAAACw="}, object{"content_type": "text/plain", "name": "b.txt", "data": "aGk="}}
		reply := func(id string, fields ...any) *apptest.Answer {
			t.Helper()
			body := object{"message_type": "comment", "type": "admin", "admin_id": first}
			for i := 0; i < len(fields); i += 2 {
				body[fields[i].(string)] = fields[i+1]
				if fields[i] == "user" {
					body = object{"message_type": "comment", "type": "user", "intercom_user_id": fields[i+1]}
				}
			}
			return r.Post(t, "/conversations/"+id+"/reply", body)
		}
		changes := []struct {
			name string
			do   func(id string) *apptest.Answer
		}{
			{"another admin notes", func(id string) *apptest.Answer {
				return reply(id, "message_type", "note", "admin_id", second, "body", "Hm")
			}},
			{"an admin writes", func(id string) *apptest.Answer { return reply(id, "body", "<b>Hi</b>") }},
			{"an admin who has written writes", func(id string) *apptest.Answer { return reply(id, "admin_id", second, "body", "Well") }},
			{"an admin sends files", func(id string) *apptest.Answer { return reply(id, "attachment_files", files) }},
			{"an admin writes in the past", func(id string) *apptest.Answer { return reply(id, "body", "Before", "created_at", 1_500_000_000) }},
			{"an admin asks", func(id string) *apptest.Answer {
				return reply(id, "message_type", "quick_reply", "reply_options", []any{object{"text": "Yes"}, object{"text": "No", "uuid": "a5e1"}})
			}},
			{"a contact writes", func(id string) *apptest.Answer { return reply(id, "user", ann, "body", "Hi") }},
			{"a lead picks", func(id string) *apptest.Answer {
				return reply(id, "user", joe, "body", "No", "reply_options", []any{object{"text": "No", "uuid": "a5e1"}})
			}},
			{"a contact sends files", func(id string) *apptest.Answer {
				return reply(id, "user", ann, "body", "See", "attachment_files", files)
			}},
			{"assigned to a team", func(id string) *apptest.Answer {
				return reply(id, "message_type", "assignment", "type", "team", "assignee_id", 1)
			}},
			{"assigned to an admin", func(id string) *apptest.Answer {
				return reply(id, "message_type", "assignment", "assignee_id", second, "body", "Yours")
			}},
			{"a contact writes to one who is away", func(id string) *apptest.Answer {
				r.Put(t, "/admins/"+second+"/away", `{"away_mode_enabled":true,"away_mode_reassign":true}`).OK()
				a := reply(id, "user", ann, "body", "Where are you?")
				r.Put(t, "/admins/"+second+"/away", `{"away_mode_enabled":false,"away_mode_reassign":false}`).OK()
				return a
			}},
			{"closed", func(id string) *apptest.Answer { return reply(id, "message_type", "close", "body", "Bye") }},
			{"a contact reopens", func(id string) *apptest.Answer { return reply(id, "user", joe, "body", "Wait") }},
			{"snoozed", func(id string) *apptest.Answer {
				return reply(id, "message_type", "snoozed", "snoozed_until", r.Clock.Now().Unix()+1000)
			}},
			{"opened", func(id string) *apptest.Answer { return reply(id, "message_type", "open") }},
			{"to the latest", func(string) *apptest.Answer {
				return r.Post(t, "/conversations/last/reply", object{"message_type": "comment", "type": "user", "user_id": "ann", "body": "Last"})
			}},
			{"rules are run", func(id string) *apptest.Answer { return r.Post(t, "/conversations/"+id+"/run_assignment_rules", nil) }},
			{"read", func(id string) *apptest.Answer { return r.Put(t, "/conversations/"+id, `{"read":true}`) }},
			{"an attribute", func(id string) *apptest.Answer {
				return r.Put(t, "/conversations/"+id, `{"custom_attributes":{"size":2.50}}`)
			}},
			{"an attribute is whole", func(id string) *apptest.Answer {
				return r.Put(t, "/conversations/"+id, `{"custom_attributes":{"size":3.0}}`)
			}},
			{"an attribute is taken away", func(id string) *apptest.Answer {
				return r.Put(t, "/conversations/"+id, `{"custom_attributes":{"size":null}}`)
			}},
			{"nothing", func(id string) *apptest.Answer { return r.Put(t, "/conversations/"+id, `{}`) }},
		}
		for _, from := range []object{
			{"from": object{"type": "user", "id": ann}, "body": "Help", "attachment_files": files},
			{"message_type": "inapp", "from": object{"type": "admin", "id": second}, "to": object{"type": "user", "id": ann}, "body": "Hello"},
		} {
			var id string
			if from["message_type"] == nil {
				id = r.Post(t, "/conversations", from).OK().At("conversation_id").(string)
				toldAsRead(t, r, "made", id)
			} else {
				r.Post(t, "/messages", from).OK()
				begun := r.Post(t, "/conversations/last/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": ann, "body": "Begun"}).OK()
				id = begun.ID()
				asRead(t, r, "begun", id, begun)
				toldAsRead(t, r, "begun", id)
			}
			r.Post(t, "/conversations/"+id+"/customers", object{"admin_id": second, "customer": object{"intercom_user_id": joe}}).OK()
			tag := r.Post(t, "/tags", object{"name": "of " + id}).OK().ID()
			r.Post(t, "/conversations/"+id+"/tags", object{"id": tag, "admin_id": first}).OK()
			for round := range 2 { // more parts than are read at once
				for _, c := range changes {
					r.Clock.Pass(time.Minute)
					asRead(t, r, fmt.Sprintf("%s, the %d. time", c.name, round+1), id, c.do(id))
					toldAsRead(t, r, c.name, id)
				}
			}
			last := r.Get(t, "/conversations/"+id).OK()
			if n := last.At("statistics.count_conversation_parts").(float64); n < 35 {
				t.Errorf("there are %v parts, not more than are read at once", n)
			}
			shows(t, last, "teammates.admins.0.id", first, "teammates.admins.1.id", second, "tags.tags.0.id", tag)
		}
	})
}
