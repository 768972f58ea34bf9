package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/model"
)

// talk is a conversation that a new contact has begun.
type talk struct {
	r              *apptest.Rig
	contact, admin string
	id             string
	path           string
}

// newTalk makes a contact who says hello.
func newTalk(t testing.TB, r *apptest.Rig) *talk {
	t.Helper()
	c := &talk{r: r, admin: r.Admin.ID.String()}
	c.contact = r.Post(t, "/contacts", object{"email": "joe." + model.NewUUID() + "@bloggs.test", "name": "Joe Bloggs"}).OK().ID()
	c.id = c.begin(t, "Hello")
	c.path = "/conversations/" + c.id
	return c
}

func (c *talk) begin(t testing.TB, body string) string {
	t.Helper()
	return c.r.Post(t, "/conversations", map[string]any{"from": map[string]any{"type": "user", "id": c.contact}, "body": body}).
		OK().At("conversation_id").(string)
}

// says adds a contact's message.
func (c *talk) says(t testing.TB, body string) *apptest.Answer {
	t.Helper()
	return c.r.Post(t, c.path+"/reply", map[string]any{"message_type": "comment", "type": "user", "intercom_user_id": c.contact, "body": body}).OK()
}

// does has the admin reply or manage; fields are name, value, name, value….
func (c *talk) does(t testing.TB, messageType string, fields ...any) *apptest.Answer {
	t.Helper()
	body := map[string]any{"message_type": messageType, "type": "admin", "admin_id": c.admin}
	for i := 0; i < len(fields); i += 2 {
		body[fields[i].(string)] = fields[i+1]
	}
	return c.r.Post(t, c.path+"/parts", body)
}

// shows checks what is at each path: path, want, path, want….
func shows(t testing.TB, a *apptest.Answer, want ...any) {
	t.Helper()
	for i := 0; i < len(want); i += 2 {
		path := want[i].(string)
		got, wanted := asWritten(a.At(path)), asWritten(want[i+1])
		if fmt.Sprint(got) != fmt.Sprint(wanted) {
			t.Errorf("%s: %s is %v, want %v", a.Call, path, got, wanted)
		}
	}
}

// asWritten is a number as it is written.
func asWritten(v any) any {
	if n, ok := v.(float64); ok && n == float64(int64(n)) {
		return int64(n)
	}
	return v
}

// partTypes are the types of the parts that an answer shows, in order.
func partTypes(t testing.TB, a *apptest.Answer) string {
	t.Helper()
	var c struct {
		Parts struct {
			List []struct {
				Type string `json:"part_type"`
			} `json:"conversation_parts"`
			Total int `json:"total_count"`
		} `json:"conversation_parts"`
	}
	a.Decode(&c)
	if len(c.Parts.List) != c.Parts.Total {
		t.Errorf("%d parts, total_count %d", len(c.Parts.List), c.Parts.Total)
	}
	types := make([]string, len(c.Parts.List))
	for i, p := range c.Parts.List {
		types[i] = p.Type
	}
	return strings.Join(types, " ")
}

func TestSupportLoop(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		c := newTalk(t, r)
		began := r.Clock.Now().Unix()
		shows(t, r.Get(t, c.path).OK(), "type", "conversation", "id", c.id, "open", true, "state", "open", "read", false,
			"created_at", began, "updated_at", began, "waiting_since", began, "first_contact_reply.created_at", began,
			"source.body", "<p>Hello</p>", "source.delivered_as", "customer_initiated", "source.author.type", "user",
			"source.author.name", "Joe Bloggs", "contacts.contacts.0.id", c.contact, "admin_assignee_id", nil,
			"statistics.first_contact_reply_at", began, "statistics.first_admin_reply_at", nil, "conversation_parts.total_count", 0)

		r.Clock.Pass(time.Minute)
		shows(t, c.does(t, "assignment", "assignee_id", c.admin).OK(), "admin_assignee_id", c.admin,
			"conversation_parts.conversation_parts.0.part_type", "assignment",
			"conversation_parts.conversation_parts.0.assigned_to.id", c.admin,
			"statistics.first_assignment_at", began+60, "statistics.time_to_assignment", 60, "statistics.count_assignments", 1)

		r.Clock.Pass(time.Minute)
		shows(t, c.does(t, "comment", "body", "How can I help?").OK(), "waiting_since", nil, "read", false,
			"conversation_parts.conversation_parts.1.body", "<p>How can I help?</p>",
			"statistics.time_to_admin_reply", 120, "statistics.median_time_to_reply", 120,
			"statistics.last_assignment_admin_reply_at", began+120, "teammates.admins.0.id", c.admin)

		r.Clock.Pass(time.Minute)
		c.does(t, "note", "body", "<b>careful</b>").OK()
		shows(t, c.says(t, "It <does> not work"), "waiting_since", began+180,
			"conversation_parts.conversation_parts.3.body", "<p>It &lt;does&gt; not work</p>")

		until := r.Clock.Now().Add(time.Hour).Unix()
		shows(t, c.does(t, "snoozed", "snoozed_until", fmt.Sprint(until)).OK(), "open", true, "state", "snoozed", "snoozed_until", until)
		r.Clock.Pass(59 * time.Minute)
		r.RunJobs()
		shows(t, r.Get(t, c.path).OK(), "state", "snoozed")
		r.Clock.Pass(time.Minute)
		r.RunJobs()
		shows(t, r.Get(t, c.path).OK(), "state", "open", "snoozed_until", nil)

		shows(t, c.does(t, "close", "body", "Goodbye :)").OK(), "open", false, "state", "closed",
			"statistics.last_closed_by_id", c.admin, "statistics.time_to_first_close", until-began)
		shows(t, c.says(t, "One more thing"), "open", true, "state", "open", "statistics.count_reopens", 1)
		types := partTypes(t, r.Get(t, c.path).OK())
		if want := "assignment comment note comment snoozed timer_unsnooze close open"; types != want {
			t.Errorf("parts are %s, want %s", types, want)
		}
	})
}
