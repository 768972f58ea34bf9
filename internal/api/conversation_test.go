package api_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
)

// TestReplies goes through what each reply does, to a conversation in each state.
func TestReplies(t *testing.T) {
	tests := []struct {
		name   string
		before string // what is done to the open conversation first: close, snoozed or nothing
		body   object // of the reply; <contact>, <admin> and <team> stand for ids
		part   string
		want   object
	}{
		{"a contact comments", "", object{"message_type": "comment", "type": "user", "intercom_user_id": "<contact>", "body": "Hi"}, "comment",
			object{"state": "open", "read": false}},
		{"a contact comments, by e-mail address", "", object{"message_type": "comment", "type": "user", "email": "<email>", "body": "Hi"}, "comment", nil},
		{"a contact comments, by external id", "", object{"message_type": "comment", "type": "user", "user_id": "<external>", "body": "Hi"}, "comment", nil},
		{"a contact reopens a closed one", "close", object{"message_type": "comment", "type": "user", "intercom_user_id": "<contact>", "body": "Hi"}, "open",
			object{"state": "open", "open": true, "conversation_parts.conversation_parts.1.body": "<p>Hi</p>", "statistics.count_reopens": 1.0}},
		{"a contact wakes a snoozed one", "snoozed", object{"message_type": "comment", "type": "user", "intercom_user_id": "<contact>", "body": "Hi"}, "open",
			object{"state": "open", "snoozed_until": nil, "statistics.count_reopens": 0.0}},
		{"an admin comments", "", object{"message_type": "comment", "type": "admin", "admin_id": "<admin>", "body": "Hi"}, "comment",
			object{"waiting_since": nil, "conversation_parts.conversation_parts.0.author.type": "admin"}},
		{"an admin comments on a closed one", "close", object{"message_type": "comment", "type": "admin", "admin_id": "<admin>", "body": "Hi"}, "comment",
			object{"state": "closed"}},
		{"an admin comments on a snoozed one", "snoozed", object{"message_type": "comment", "type": "admin", "admin_id": "<admin>", "body": "Hi"}, "comment",
			object{"state": "snoozed"}},
		{"an admin notes", "", object{"message_type": "note", "type": "admin", "admin_id": "<admin>", "body": "<h2>List</h2><ul><li>Tea</li></ul>"}, "note",
			object{"conversation_parts.conversation_parts.0.body": "<h2>List</h2>\n<ul>\n<li>Tea</li>\n</ul>", "statistics.last_admin_reply_at": nil}},
		{"a quick reply", "", object{"message_type": "quick_reply", "type": "admin", "admin_id": "<admin>", "reply_options": []object{{"text": "Yes", "uuid": "a5e1"}}}, "quick_reply",
			object{"conversation_parts.conversation_parts.0.metadata.quick_reply_options": []any{object{"text": "Yes", "uuid": "a5e1"}}}},
		{"an answer to a quick reply", "", object{"message_type": "comment", "type": "user", "intercom_user_id": "<contact>", "body": "Yes", "reply_options": []object{{"text": "Yes", "uuid": "a5e1"}}}, "comment",
			object{"conversation_parts.conversation_parts.0.metadata.quick_reply_uuid": "a5e1"}},
		{"close", "", object{"message_type": "close", "type": "admin", "admin_id": "<admin>"}, "close",
			object{"state": "closed", "open": false, "waiting_since": nil, "conversation_parts.conversation_parts.0.body": nil}},
		{"close with a text", "", object{"message_type": "close", "type": "admin", "admin_id": "<admin>", "body": "Bye"}, "close",
			object{"conversation_parts.conversation_parts.0.body": "<p>Bye</p>"}},
		{"close a closed one", "close", object{"message_type": "close", "admin_id": "<admin>"}, "close", object{"state": "closed"}},
		{"open a closed one", "close", object{"message_type": "open", "admin_id": "<admin>"}, "open", object{"state": "open", "conversation_parts.conversation_parts.1.body": nil}},
		{"open an open one", "", object{"message_type": "open", "admin_id": "<admin>"}, "open", object{"state": "open"}},
		{"open a snoozed one", "snoozed", object{"message_type": "open", "admin_id": "<admin>"}, "open", object{"state": "open", "snoozed_until": nil}},
		{"assign to an admin", "", object{"message_type": "assignment", "type": "admin", "admin_id": "<admin>", "assignee_id": "<admin>"}, "assignment",
			object{"team_assignee_id": nil, "conversation_parts.conversation_parts.0.assigned_to.type": "admin"}},
		{"assign to a team", "", object{"message_type": "assignment", "type": "team", "admin_id": "<admin>", "assignee_id": "<team>"}, "assignment",
			object{"admin_assignee_id": nil, "conversation_parts.conversation_parts.0.assigned_to.type": "team"}},
		{"assign with a text", "", object{"message_type": "assignment", "type": "admin", "admin_id": "<admin>", "assignee_id": "<admin>", "body": "Yours"}, "assignment",
			object{"conversation_parts.conversation_parts.0.body": "<p>Yours</p>", "waiting_since": nil}},
		{"assign a closed one", "close", object{"message_type": "assignment", "type": "admin", "admin_id": "<admin>", "assignee_id": "<admin>"}, "assign_and_reopen", object{"state": "open"}},
		{"assign a snoozed one", "snoozed", object{"message_type": "assignment", "type": "admin", "admin_id": "<admin>", "assignee_id": "<admin>"}, "assign_and_unsnooze", object{"state": "open", "snoozed_until": nil}},
		{"unassign", "", object{"message_type": "assignment", "type": "admin", "admin_id": "<admin>", "assignee_id": "0"}, "assignment",
			object{"admin_assignee_id": nil, "conversation_parts.conversation_parts.0.assigned_to": object{"type": "nobody_admin", "id": nil}}},
		{"unassign a team", "close", object{"message_type": "assignment", "type": "team", "admin_id": "<admin>", "assignee_id": 0}, "assignment",
			object{"state": "closed", "conversation_parts.conversation_parts.1.assigned_to.type": "nobody_team"}},
		{"a text as it was written", "", object{"message_type": "comment", "type": "user", "intercom_user_id": "<contact>", "body": "one\ntwo\n\n日本語 🎟️ é <3"}, "comment",
			object{"conversation_parts.conversation_parts.0.body": "<p>one<br>two</p>\n<p>日本語 🎟️ é &lt;3</p>"}},
		{"a script", "", object{"message_type": "comment", "type": "admin", "admin_id": "<admin>", "body": `<p onclick="x()">Hi<script>alert(1)</script></p>`}, "comment",
			object{"conversation_parts.conversation_parts.0.body": "<p>Hi</p>"}},
		{"in the past", "", object{"message_type": "comment", "type": "admin", "admin_id": "<admin>", "body": "Hi", "created_at": 1500000000}, "comment",
			object{"conversation_parts.conversation_parts.0.created_at": 1500000000.0}},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made, err := r.App.Workspace.CreateTeam(context.Background(), r.Actor(), model.Team{Name: "Support"})
		if err != nil {
			t.Fatal(err)
		}
		team := made.ID.String()
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				c := newTalk(t, r)
				external := "ext-" + c.id
				email := r.Put(t, "/contacts/"+c.contact, object{"external_id": external}).OK().At("email").(string)
				at := 0
				if test.before != "" {
					c.does(t, test.before, "snoozed_until", r.Clock.Now().Unix()+100).OK()
					at = 1
				}
				body := object{}
				for name, v := range test.body {
					if s, ok := v.(string); ok {
						v = fill(s, "<contact>", c.contact, "<admin>", c.admin, "<team>", team, "<email>", email, "<external>", external)
					}
					body[name] = v
				}
				operation := "/reply"
				if len(test.name)%2 == 0 { // they do the same
					operation = "/parts"
				}
				a := r.Post(t, c.path+operation, body)
				holds(t, a, nil, test.want)
				shows(t, a, fmt.Sprintf("conversation_parts.conversation_parts.%d.part_type", at), test.part)
			})
		}
	})
}

// TestReplyRefusals has both operations refuse what cannot be, and change nothing.
func TestReplyRefusals(t *testing.T) {
	admin := func(fields ...any) object {
		body := object{"message_type": "comment", "type": "admin", "admin_id": "<admin>", "body": "Hi"}
		for i := 0; i < len(fields); i += 2 {
			body[fields[i].(string)] = fields[i+1]
		}
		return body
	}
	user := func(fields ...any) object {
		body := object{"message_type": "comment", "type": "user", "intercom_user_id": "<contact>", "body": "Hi"}
		for i := 0; i < len(fields); i += 2 {
			body[fields[i].(string)] = fields[i+1]
		}
		return body
	}
	file := func(name, contentType, data string) []object {
		return []object{{"name": name, "content_type": contentType, "data": data}}
	}
	many := make([]string, 1000)
	for i := range many {
		many[i] = "https://files.test/a.png"
	}
	nobody := &refusal{404, "not_found", "User Not Found"}
	noAdmin := &refusal{404, "admin_not_found", "Admin for admin_id not found"}
	noAssignee := &refusal{404, "assignee_not_found", "Assignee not found"}
	types := invalid("message_type is comment, note, quick_reply, close, open, snoozed or assignment")
	past := invalid("snoozed_until must be a time in the future, in Unix seconds")
	tests := []struct {
		name    string
		body    any
		refused *refusal
	}{
		{"nothing", `{}`, missing("admin_id is required")},
		{"no body at all", ``, missing("admin_id is required")},
		{"no type of message", admin("message_type", nil), types},
		{"an unknown type of message", admin("message_type", "shout"), types},
		{"an unknown type of author", admin("type", "bot"), invalid("type is admin, team or user")},
		{"an empty text", admin("body", ""), invalid("Body is required")},
		{"only blanks", admin("body", " \n\t"), invalid("Body is required")},
		{"only markup", admin("body", "<p><b></b></p><script>x</script>"), invalid("Body is required")},
		{"a note without a text", admin("message_type", "note", "body", nil), invalid("Body is required")},
		{"a contact's empty text", user("body", nil), invalid("Body is required")},
		{"a text too long", admin("body", strings.Repeat("x", 100_001)), invalid("Body is too long (maximum is 100000 characters)")},
		{"a text that is a list", admin("body", []string{"a"}), invalid("body is invalid")},
		{"no admin", admin("admin_id", nil), missing("admin_id is required")},
		{"an unknown admin", admin("admin_id", "404"), noAdmin},
		{"an admin that is none", admin("admin_id", "joe"), noAdmin},
		{"no contact", user("intercom_user_id", nil), missing("The contact is required: intercom_user_id, user_id or email")},
		{"an unknown contact", user("intercom_user_id", "6657ab376abd0164c24b0d68"), nobody},
		{"a contact who does not take part", user("intercom_user_id", "<stranger>"), nobody},
		{"a contact who closes", user("message_type", "close"), missing("admin_id is required")},
		{"a contact's note", user("message_type", "note"), missing("admin_id is required")},
		{"a snooze without a time", admin("message_type", "snoozed"), past},
		{"a snooze in the past", admin("message_type", "snoozed", "snoozed_until", 1000), past},
		{"a snooze until now", admin("message_type", "snoozed", "snoozed_until", apptest.Start.Unix()), past},
		{"a snooze until the end of time", admin("message_type", "snoozed", "snoozed_until", 1<<53-1), past},
		{"a snooze until a word", admin("message_type", "snoozed", "snoozed_until", "tomorrow"), invalid("snoozed_until is invalid")},
		{"an assignment to nobody in particular", admin("message_type", "assignment"), missing("assignee_id is required")},
		{"an assignment to an unknown admin", admin("message_type", "assignment", "assignee_id", "404"), noAssignee},
		{"an assignment to a word", admin("message_type", "assignment", "assignee_id", "joe"), noAssignee},
		{"an assignment to an unknown team", admin("message_type", "assignment", "type", "team", "assignee_id", "404"), noAssignee},
		{"an assignment to a team and an admin at once", admin("message_type", "assignment", "type", []string{"team", "admin"}, "assignee_id", "1"), invalid("type is invalid")},
		{"a quick reply without options", admin("message_type", "quick_reply"), missing("A quick reply needs reply_options")},
		{"an option without a text", admin("message_type", "quick_reply", "reply_options", []object{{"uuid": "1"}}), invalid("A reply option needs a text")},
		{"two options alike", admin("message_type", "quick_reply", "reply_options", []object{{"text": "a", "uuid": "1"}, {"text": "b", "uuid": "1"}}), invalid("Two reply options have the same uuid")},
		{"from the future", admin("created_at", apptest.Start.Unix()+86400), invalid("created_at cannot be in the future")},
		{"a thousand attachments", admin("attachment_urls", many), invalid("A message has at most 10 attachments")},
		{"an attachment that is no URL", admin("attachment_urls", []string{"javascript:alert(1)"}), nil},
		{"an attachment that is no base64", admin("attachment_files", file("a.png", "image/png", "%%%")), invalid(`The data of attachment "a.png" is not base64`)},
		{"an attachment that lies", admin("attachment_files", file("a.png", "image/png", base64.StdEncoding.EncodeToString([]byte("<html>"+strings.Repeat(" ", 600))))), nil},
		{"an attachment of 11 MB", admin("attachment_files", file("a.bin", "application/octet-stream", strings.Repeat("AAAA", 11<<20/3+1))), invalid("The attachments of a message are larger than 10 MB together")},
		{"an attachment of 30 MB", admin("attachment_files", file("a.bin", "application/octet-stream", strings.Repeat("AAAA", 10<<20))), &refusal{413, "parameter_invalid", "The request body is larger than 15 MB"}},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		stranger := r.Post(t, "/contacts", `{"external_id":"stranger"}`).OK().ID()
		before := string(r.Get(t, c.path).OK().Body)
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				body := test.body
				if fields, ok := body.(object); ok {
					filled := object{}
					for name, v := range fields {
						if s, ok := v.(string); ok && len(s) < 100 {
							v = fill(s, "<contact>", c.contact, "<admin>", c.admin, "<stranger>", stranger)
						}
						filled[name] = v
					}
					body = filled
				}
				for _, operation := range []string{"/reply", "/parts"} {
					a := r.Post(t, c.path+operation, body)
					if test.refused == nil {
						a.Is(400)
					} else {
						holds(t, a, test.refused, nil)
					}
				}
			})
		}
		if after := string(r.Get(t, c.path).OK().Body); after != before {
			t.Errorf("a refused reply has changed the conversation:\n%s\n%s", before, after)
		}
		for _, id := range []string{"404", "abc", "0", "-1", "99999999999999999999"} {
			r.Post(t, "/conversations/"+id+"/reply", object{"message_type": "comment", "type": "admin", "admin_id": c.admin, "body": "Hi"}).
				Fails(404, "not_found", "Resource Not Found")
			r.Get(t, "/conversations/"+id).Fails(404, "not_found", "Resource Not Found")
			r.Put(t, "/conversations/"+id, `{"read":true}`).Fails(404, "not_found", "Resource Not Found")
			r.Post(t, "/conversations/"+id+"/run_assignment_rules", nil).Fails(404, "not_found", "Resource Not Found")
		}
	})
}

func TestConversationCreation(t *testing.T) {
	nobody := &refusal{404, "not_found", "User Not Found"}
	tests := []struct {
		name    string
		body    string
		refused *refusal
		want    object
	}{
		{"a user", `{"from":{"type":"user","id":"<contact>"},"body":"Hello there"}`, nil,
			object{"type": "user_message", "body": "Hello there", "message_type": "inapp"}},
		{"by e-mail address", `{"from":{"type":"user","email":"JOE@bloggs.test"},"body":"Hello"}`, nil, object{"body": "Hello"}},
		{"by external id", `{"from":{"type":"user","user_id":"joe"},"body":"Hello"}`, nil, object{"body": "Hello"}},
		{"of any type", `{"from":{"type":"contact","id":"<contact>"},"body":"Hello"}`, nil, object{"body": "Hello"}},
		{"markup is text", `{"from":{"id":"<contact>"},"body":"<b>Hello</b>"}`, nil, object{"body": "<b>Hello</b>"}},
		{"the published failure", `{"from":{"type":"user","id":"123_doesnt_exist"},"body":"Hello there"}`, nobody, nil},
		{"nothing", `{}`, missing("from is required"), nil},
		{"from nobody", `{"from":{},"body":"Hello"}`, missing("The contact is required: intercom_user_id, user_id or email"), nil},
		{"from a word", `{"from":"joe","body":"Hello"}`, invalid("from is invalid"), nil},
		{"no body", `{"from":{"type":"user","id":"<contact>"}}`, invalid("Body is required"), nil},
		{"a blank body", `{"from":{"type":"user","id":"<contact>"},"body":"  "}`, invalid("Body is required"), nil},
		{"an admin", `{"from":{"type":"admin","id":"1"},"body":"Hello"}`, nobody, nil},
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := r.Post(t, "/contacts", `{"external_id":"joe","email":"joe@bloggs.test"}`).OK().ID()
		began := 0.0
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				a := r.Post(t, "/conversations", fill(test.body, "<contact>", contact))
				holds(t, a, test.refused, test.want)
				if test.refused == nil {
					began++
					shows(t, r.Get(t, "/conversations/"+a.At("conversation_id").(string)).OK(), "source.id", a.At("id"))
				}
			})
		}
		shows(t, r.Get(t, "/conversations").OK(), "total_count", began)
		shows(t, r.Post(t, "/conversations/search", object{"query": filter("contact_ids", "=", contact), "sort": object{"field": "created_at", "order": "ascending"}}).OK(),
			"total_count", began, "conversations.4.source.body", "<p>&lt;b&gt;Hello&lt;/b&gt;</p>")
	})
}

// TestNewestParts has a conversation show its newest 500 parts, oldest first.
func TestNewestParts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		note := func(i int) {
			r.Post(t, c.path+"/reply", object{"message_type": "note", "type": "admin", "admin_id": c.admin, "body": fmt.Sprint("n", i)}).OK()
		}
		note(0)
		copyPart(t, r, c.id, 499) // answers with all there is are long
		note(500)
		note(501)
		shows(t, r.Get(t, c.path).OK(), "conversation_parts.total_count", 500, "conversation_parts.conversation_parts.0.body", "<p>n2</p>",
			"conversation_parts.conversation_parts.499.body", "<p>n501</p>", "statistics.count_conversation_parts", 502)
	})
}

// TestTeammatesAtOnce has teammates close and reply at the same moment: all their
// parts are kept, in one order.
func TestTeammatesAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		var all sync.WaitGroup
		for i := range 12 {
			kind := []string{"close", "comment", "open"}[i%3]
			all.Go(func() { c.does(t, kind, "body", fmt.Sprint("by ", i)).OK() })
		}
		all.Wait()
		a := r.Get(t, c.path).OK()
		types := strings.Fields(partTypes(t, a))
		state := "open"
		for _, part := range types {
			switch part {
			case "close":
				state = "closed"
			case "open":
				state = "open"
			}
		}
		shows(t, a, "conversation_parts.total_count", 12, "statistics.count_conversation_parts", 12, "state", state)
		if again := strings.Fields(partTypes(t, r.Get(t, c.path).OK())); strings.Join(again, " ") != strings.Join(types, " ") {
			t.Errorf("the parts are %v and then %v", types, again)
		}
	})
}

func TestConversationUpdate(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		_, err := r.People.DeclareDataAttribute(context.Background(), r.Actor(),
			model.DataAttributePatch{Model: model.ConversationAttributes, Name: "mood", Type: model.TypeString})
		if err != nil {
			t.Fatal(err)
		}
		r.Clock.Pass(time.Minute)
		shows(t, r.Put(t, c.path, `{"read":true}`).OK(), "read", true, "updated_at", r.Clock.Now().Unix(), "conversation_parts.total_count", 1,
			"conversation_parts.conversation_parts.0.part_type", "conversation_attribute_updated_by_admin",
			"conversation_parts.conversation_parts.0.author.type", "bot")
		shows(t, r.Put(t, c.path, `{"custom_attributes":{"mood":"good"}}`).OK(), "custom_attributes.mood", "good", "conversation_parts.total_count", 2)
		shows(t, r.Put(t, c.path, `{"custom_attributes":{"mood":"good"}}`).OK(), "conversation_parts.total_count", 2)
		shows(t, r.Put(t, c.path, ``).OK(), "conversation_parts.total_count", 2)
		shows(t, r.Put(t, c.path, `{"custom_attributes":{"mood":null}}`).OK(), "custom_attributes", object{}, "conversation_parts.total_count", 3)
		r.Put(t, c.path, `{"custom_attributes":{"anything":"you want"}}`).Fails(400, "parameter_invalid", "Conversation attribute 'anything' does not exist")
		r.Put(t, c.path, `{"read":"maybe"}`).Fails(400, "parameter_invalid", "read is invalid")
		shows(t, c.says(t, "Hm"), "read", false)
		c.does(t, "comment", "body", "<p>See <a href=\"https://x.test/a\">this</a></p><ul><li>one</li><li>two</li></ul>").OK()
		shows(t, r.Get(t, c.path+"?display_as=plaintext").OK(), "conversation_parts.conversation_parts.4.body", "See this\n\none\ntwo", "source.body", "Hello")
		shows(t, r.Put(t, c.path+"?display_as=plaintext", `{"read":true}`).OK(), "source.body", "Hello", "read", true)
		r.Get(t, c.path+"?display_as=rtf").Fails(400, "parameter_invalid", "display_as is plaintext, or is left out")
	})
}

func TestConversationCustomers(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		friend := r.Post(t, "/contacts", `{"external_id":"friend"}`).OK().ID()
		add := func(body object) *apptest.Answer { return r.Post(t, c.path+"/customers", body) }
		shows(t, add(object{"admin_id": c.admin, "customer": object{"user_id": "friend"}}).OK(), "customers", sorted(t, c.contact, friend))
		shows(t, add(object{"admin_id": c.admin, "customer": object{"intercom_user_id": friend}}).OK(), "customers", sorted(t, c.contact, friend))
		lead := add(object{"intercom_user_id": c.contact, "customer": object{"email": "new@x.test"}}).OK()
		if n := len(lead.At("customers").([]any)); n != 3 {
			t.Errorf("%d take part, want 3", n)
		}
		shows(t, searchFor(t, r, "email", "new@x.test"), "data.0.role", "lead")
		if types := partTypes(t, r.Get(t, c.path).OK()); types != "participant_added participant_added" {
			t.Errorf("parts are %s", types)
		}
		r.Post(t, "/conversations/404/customers", object{"admin_id": c.admin, "customer": object{"intercom_user_id": friend}}).Fails(404, "not_found", "Resource Not Found")
		add(object{"admin_id": "404", "customer": object{"intercom_user_id": friend}}).Fails(404, "admin_not_found", "Admin for admin_id not found")
		add(object{"admin_id": c.admin, "customer": object{"intercom_user_id": "nobody"}}).Fails(404, "not_found", "User Not Found")
		add(object{"admin_id": c.admin}).Fails(400, "parameter_not_found", "The contact is required: intercom_user_id, user_id or email")
		add(object{"customer": object{"intercom_user_id": friend}}).Fails(400, "parameter_not_found", "admin_id is required")
		add(object{"admin_id": c.admin, "customer": object{"email": "no address"}}).Fails(400, "parameter_invalid", "Email is invalid")

		path := c.path + "/customers/"
		r.Delete(t, "/conversations/404/customers/"+friend, object{"admin_id": c.admin}).Fails(404, "not_found", "Resource Not Found")
		r.Delete(t, path+"nobody", object{"admin_id": c.admin}).Fails(404, "not_found", "User Not Found")
		r.Delete(t, path+friend, `{}`).Fails(400, "parameter_not_found", "admin_id is required")
		r.Delete(t, path+friend, object{"admin_id": c.admin, "customer": object{"intercom_user_id": friend}}).OK()
		r.Delete(t, path+friend, object{"admin_id": c.admin}).Fails(404, "not_found", "User Not Found")
		r.Delete(t, path+c.contact, object{"admin_id": c.admin}).OK()
		last := r.Get(t, c.path).OK().At("contacts.contacts.0.id").(string)
		r.Delete(t, path+last, object{"admin_id": c.admin}).Fails(422, "parameter_invalid", "Removing the last customer is not allowed")
	})
}

func TestRedaction(t *testing.T) {
	gone := &refusal{404, "conversation_part_or_message_not_found", "Conversation part or message not found"}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		said := c.says(t, "my card is 4111")
		part, source := said.At("conversation_parts.conversation_parts.0.id").(string), said.At("source.id").(string)
		closed := c.does(t, "close").OK().At("conversation_parts.conversation_parts.1.id").(string)
		redact := func(kind string, fields ...any) *apptest.Answer {
			body := object{"type": kind, "conversation_id": c.id}
			for i := 0; i < len(fields); i += 2 {
				body[fields[i].(string)] = fields[i+1]
			}
			return r.Post(t, "/conversations/redact", body)
		}
		r.Clock.Pass(time.Minute)
		for range 2 { // the second changes nothing
			shows(t, redact("conversation_part", "conversation_part_id", part).OK(), "conversation_parts.conversation_parts.0.body", "<p><i>This message was deleted</i></p>",
				"conversation_parts.conversation_parts.0.redacted", true, "conversation_parts.conversation_parts.0.updated_at", r.Clock.Now().Unix())
		}
		shows(t, redact("source", "source_id", source).OK(), "source.body", "<p><i>This message was deleted</i></p>", "source.redacted", true)
		shows(t, r.Post(t, "/conversations/search", object{"query": filter("source.body", "=", "hello")}).OK(), "total_count", 0)
		shows(t, r.Get(t, "/admins/activity_logs?created_at_after=0").OK(), "activity_logs.0.activity_type", "conversation_part_deletion",
			"activity_logs.1.activity_type", "conversation_part_deletion")
		holds(t, redact("conversation_part", "conversation_part_id", closed), &refusal{400, "conversation_part_not_redactable", "This conversation part cannot be redacted"}, nil)
		holds(t, redact("conversation_part", "conversation_part_id", "404"), gone, nil)
		holds(t, redact("conversation_part"), gone, nil)
		holds(t, redact("source", "source_id", "404"), gone, nil)
		holds(t, redact("conversation_part", "conversation_id", "really_123_doesnt_exist", "conversation_part_id", part), gone, nil)
		holds(t, redact("everything"), invalid("type is conversation_part or source"), nil)
		other := newTalk(t, r)
		holds(t, redact("conversation_part", "conversation_id", other.id, "conversation_part_id", part), gone, nil)

		// What an admin wrote first cannot be redacted.
		r.Post(t, "/messages", object{"from": object{"type": "admin", "id": c.admin}, "to": object{"type": "user", "id": other.contact},
			"message_type": "in_app", "body": "Welcome", "create_conversation_without_contact_reply": true}).OK()
		found := r.Post(t, "/conversations/search", object{"query": filter("source.body", "=", "welcome")}).OK()
		holds(t, redact("source", "conversation_id", found.At("conversations.0.id"), "source_id", found.At("conversations.0.source.id")),
			&refusal{400, "conversation_part_not_redactable", "This conversation part cannot be redacted"}, nil)
	})
}

func TestConversationTags(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		tag := r.Post(t, "/tags", `{"name":"Manual tag"}`).OK().ID()
		r.Clock.Pass(time.Minute)
		want := `{"type":"tag","id":"<tag>","name":"Manual tag","applied_at":1768478460,"applied_by":{"type":"admin","id":"<admin>"}}`
		for range 2 {
			is(t, r.Post(t, c.path+"/tags", object{"id": tag, "admin_id": c.admin}), want, "<tag>", tag, "<admin>", c.admin)
			r.Clock.Pass(time.Minute)
		}
		shows(t, r.Get(t, c.path).OK(), "tags.tags.0.id", tag, "tags.tags.0.applied_by.id", c.admin)
		shows(t, r.Post(t, "/conversations/search", object{"query": filter("tag_ids", "=", tag)}).OK(), "conversations.0.id", c.id)
		r.Post(t, "/conversations/404/tags", object{"id": tag, "admin_id": c.admin}).Fails(404, "not_found", "Conversation not found")
		r.Post(t, c.path+"/tags", object{"id": "404", "admin_id": c.admin}).Fails(404, "not_found", "Resource Not Found")
		r.Post(t, c.path+"/tags", object{"id": tag, "admin_id": "404"}).Fails(404, "admin_not_found", "Admin for admin_id not found")
		r.Delete(t, "/conversations/404/tags/"+tag, object{"admin_id": c.admin}).Fails(404, "not_found", "Conversation not found")
		r.Delete(t, c.path+"/tags/404", object{"admin_id": c.admin}).Fails(404, "tag_not_found", "Tag not found")
		r.Delete(t, c.path+"/tags/"+tag, `{}`).OK()
		r.Delete(t, c.path+"/tags/"+tag, object{"admin_id": c.admin}).Fails(404, "tag_not_found", "Tag not found")
		r.Post(t, c.path+"/tags", object{"id": tag}).OK()
		r.Delete(t, "/tags/"+tag, nil).OK()
		shows(t, r.Get(t, c.path).OK(), "tags.tags", []any{})
	})
}

// TestConversationPages walks the list page by page.
func TestConversationPages(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		is(t, r.Get(t, "/conversations"), `{"type":"conversation.list","conversations":[],"total_count":0,"pages":{"type":"pages","page":1,"per_page":20,"total_pages":0}}`)
		c := newTalk(t, r)
		want := []string{c.id}
		for i := range 6 {
			if i%2 == 0 {
				r.Clock.Pass(time.Second) // two at a time are of one second
			}
			want = append([]string{c.begin(t, "again")}, want...)
		}
		var got []string
		cursor := ""
		for page := 1.0; ; page++ {
			a := r.Get(t, "/conversations?per_page=2&starting_after="+cursor).OK()
			shows(t, a, "pages.page", page, "pages.total_pages", 4, "total_count", 7)
			for _, item := range a.At("conversations").([]any) {
				conversation := item.(object)
				got = append(got, conversation["id"].(string))
				if _, has := conversation["conversation_parts"]; has {
					t.Error("an item of a list has parts")
				}
			}
			if a.At("pages").(object)["next"] == nil {
				break
			}
			cursor = a.At("pages.next.starting_after").(string)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the pages are %v, want %v", got, want)
		}
		r.Get(t, "/conversations?per_page=151").Fails(400, "parameter_invalid", "Per Page is too big")
		r.Get(t, "/conversations?starting_after=nonsense").Fails(400, "client_error",
			"Invalid starting_after param. Please try again using a starting_after value from a paginated response")
	})
}

// searchFor searches contacts by one field.
func searchFor(t *testing.T, r *apptest.Rig, field, value string) *apptest.Answer {
	t.Helper()
	return search(t, r, filter(field, "=", value)).OK()
}

// sorted are users as customers, in the order of their ids.
func sorted(t *testing.T, ids ...string) []any {
	t.Helper()
	if ids[0] > ids[1] {
		ids[0], ids[1] = ids[1], ids[0]
	}
	return []any{object{"type": "user", "id": ids[0]}, object{"type": "user", "id": ids[1]}}
}

// copyPart copies the newest part of a conversation or a ticket, of an admin, n times. Of a
// text like n0 in it the copies have n1 and so on.
func copyPart(t testing.TB, r *apptest.Rig, id string, n int) {
	t.Helper()
	conversation := model.Decimal[model.ConversationID](id)
	execute(t, r, `WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < $3)
		INSERT INTO conversation_parts (workspace_id, conversation_id, id, type, body, author_type, admin_id, created_at, updated_at, redacted, details)
		SELECT p.workspace_id, p.conversation_id, p.id + many.n, p.type, replace(p.body, 'n0', 'n' || many.n), p.author_type, p.admin_id,
			p.created_at, p.updated_at, p.redacted, p.details
		FROM conversation_parts p, many
		WHERE p.workspace_id = $1 AND p.id = (SELECT max(id) FROM conversation_parts WHERE workspace_id = $1 AND conversation_id = $2)
			AND p.conversation_id = $2`, conversation, n)
	execute(t, r, `UPDATE conversations SET count_parts = count_parts + $3 WHERE workspace_id = $1 AND id = $2`, conversation, n)
	execute(t, r, `UPDATE sequences SET last = last + $2 WHERE workspace_id = $1 AND name = 'part'`, n)
}
