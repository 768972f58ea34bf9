package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/model/words"
	"parley/internal/richtext"
	"parley/internal/service/inbox"
)

// operatorsOf are what the API documents for each kind.
var operatorsOf = map[string]string{
	"text":     `= != IN NIN ~ !~ ^ $`,
	"decimal":  `= != IN NIN ~ !~ ^ $ > <`,
	"number":   `= != IN NIN > <`,
	"assigned": `= != IN NIN > <`,
	"second":   `= != IN NIN > <`,
	"truth":    `= != IN NIN`,
	"several":  `= != IN NIN`,
	"body":     `= != IN NIN ~ !~ ^ $`,
}

// A searchable is a field of conversations, where its value is shown, and what
// may be asked of it besides the values there are.
type searchable struct {
	name  string
	kind  string
	path  string // the name, where it is empty
	asked []any
}

// Every field that is documented, and custom attributes.
var conversationFields = []searchable{
	{"id", "decimal", "", []any{"1", 3, "nonsense"}},
	{"created_at", "second", "", []any{1, float64(apptest.Start.Unix()) + 100.5, "1768478400", 1768478400000}},
	{"updated_at", "second", "", []any{float64(apptest.Start.Unix())}},
	{"waiting_since", "second", "", []any{1}},
	{"snoozed_until", "second", "", []any{0}},
	{"state", "text", "", []any{"OPEN", "snooze", "d", ""}},
	{"open", "truth", "", []any{"true"}},
	{"read", "truth", "", []any{true, "false"}},
	{"priority", "text", "", []any{"PRIORITY", "not", "low"}},
	{"admin_assignee_id", "assigned", "", []any{0, "0", 1, "2", 7}},
	{"team_assignee_id", "assigned", "", []any{0, "1"}},
	{"contact_ids", "several", "contacts.contacts", []any{"ffffffffffffffffffffffff", "x", 5}},
	{"teammate_ids", "several", "teammates.admins", []any{2, "77", "x"}},
	{"tag_ids", "several", "tags.tags", []any{1, "77", "x"}},
	{"channel_initiated", "text", "source.type", []any{"EMAIL", "facebook", "e"}},
	{"source.type", "text", "", []any{"Conversation", "sms", "ail"}},
	{"source.id", "decimal", "", []any{2, "1", "x"}},
	{"source.delivered_as", "text", "", []any{"ADMIN", "automated", "initiated"}},
	{"source.subject", "text", "", []any{"", "WHY", "é", "%"}},
	{"source.body", "body", "", []any{"support", "SUPPORT", "need support", "support support", "<p>", "", "support!", "naïve", "up"}},
	{"source.url", "text", "", []any{"HTTPS://x.test/", "pricing", "_"}},
	{"source.author.id", "text", "", []any{1, "77"}},
	{"source.author.type", "text", "", []any{"bot", "USER"}},
	{"source.author.name", "text", "", []any{"ZOË", "öw", "ann", ""}},
	{"source.author.email", "text", "", []any{"ANN@acme.test", ".test", "nobody"}},
	{"statistics.first_contact_reply_at", "second", "", nil},
	{"statistics.first_assignment_at", "second", "", nil},
	{"statistics.first_admin_reply_at", "second", "", nil},
	{"statistics.first_close_at", "second", "", nil},
	{"statistics.last_assignment_at", "second", "", nil},
	{"statistics.last_assignment_admin_reply_at", "second", "", nil},
	{"statistics.last_contact_reply_at", "second", "", nil},
	{"statistics.last_admin_reply_at", "second", "", nil},
	{"statistics.last_close_at", "second", "", nil},
	{"statistics.last_closed_by_id", "text", "", []any{1, "2"}},
	{"statistics.time_to_assignment", "number", "", []any{0, "100"}},
	{"statistics.time_to_admin_reply", "number", "", []any{0, 100}},
	{"statistics.time_to_first_close", "number", "", []any{100}},
	{"statistics.time_to_last_close", "number", "", []any{100}},
	{"statistics.median_time_to_reply", "number", "", []any{100}},
	{"statistics.count_reopens", "number", "", []any{0, 1, "2"}},
	{"statistics.count_assignments", "number", "", []any{0, 1}},
	{"statistics.count_conversation_parts", "number", "", []any{3}},
	{"conversation_rating.requested_at", "second", "conversation_rating.created_at", nil},
	{"conversation_rating.replied_at", "second", "", nil},
	{"conversation_rating.score", "number", "conversation_rating.rating", []any{1, "5"}},
	{"conversation_rating.remark", "text", "", []any{"GREAT", "a", ""}},
	{"conversation_rating.contact_id", "text", "conversation_rating.contact.id", []any{"x"}},
	{"conversation_rating.admin_id", "text", "conversation_rating.teammate.id", []any{1}},
	{"conversation_rating.admin_d", "text", "conversation_rating.teammate.id", []any{"2"}},
	{"ai_agent_participated", "truth", "", []any{true, false}},
	{"ai_agent.resolution_state", "text", "", []any{"confirmed_resolution"}},
	{"ai_agent.last_answer_type", "text", "", []any{"ai_answer"}},
	{"ai_agent.rating", "number", "", []any{5}},
	{"ai_agent.rating_remark", "text", "", []any{"good"}},
	{"ai_agent.source_type", "text", "", []any{"profile"}},
	{"ai_agent.source_title", "text", "", []any{"x"}},
	{"custom_attributes.plan", "text", "", []any{"pro", "%"}},
	{"custom_attributes.order number", "number", "", []any{5}},
	{"custom_attributes.paid", "truth", "", []any{"true"}},
	{"custom_attributes.due", "second", "", []any{1704067200.75}},
	{"custom_attributes.price", "number", "", []any{"0.5"}},
}

// An inboxWorld is a workspace with conversations, as lists show them.
type inboxWorld struct {
	rig    *apptest.Rig
	shown  []object
	values map[string][]any // of each field, those there are
}

// GoString keeps the messages of a failed property short.
func (w *inboxWorld) GoString() string { return fmt.Sprintf("a world of %d", len(w.shown)) }

// newInboxWorld fills a workspace with conversations that many things happened
// to; the seed tells which.
func newInboxWorld(t *testing.T, r *apptest.Rig, conversations, seed int) *inboxWorld {
	t.Helper()
	ctx := context.Background()
	for name, kind := range map[string]model.DataType{"plan": model.TypeString, "order number": model.TypeInteger,
		"paid": model.TypeBoolean, "due": model.TypeDate, "price": model.TypeFloat} {
		_, err := r.People.DeclareDataAttribute(ctx, r.Actor(), model.DataAttributePatch{Model: model.ConversationAttributes, Name: name, Type: kind})
		noError(t, err)
	}
	_, err := r.App.Workspace.CreateAdmin(ctx, r.Actor(), model.Admin{Name: "ÖWEN", Email: "öwen@acme.test"})
	noError(t, err)
	teams := []any{"0"}
	for _, name := range []string{"Support", "Sales"} {
		team, err := r.App.Workspace.CreateTeam(ctx, r.Actor(), model.Team{Name: name})
		noError(t, err)
		teams = append(teams, team.ID.String())
	}
	contacts := []any{
		r.Post(t, "/contacts", object{"role": "user", "email": "Zoë@writer.test", "name": "Zoë Öwner"}).OK().ID(),
		r.Post(t, "/contacts", object{"role": "lead", "name": "Ann_Ow"}).OK().ID(),
		r.Post(t, "/contacts", object{"role": "user", "email": "bob@writer.test"}).OK().ID(),
		r.Post(t, "/contacts", object{"role": "lead", "name": "Lea"}).OK().ID(),
	}
	tags := []any{r.Post(t, "/tags", object{"name": "one"}).OK().ID(), r.Post(t, "/tags", object{"name": "two"}).OK().ID()}
	replied := map[string]any{} // when a conversation was rated, which it does not show

	life := rapid.Custom(func(rt *rapid.T) []func() {
		var id string
		one := func(label string, from ...any) any { return rapid.SampledFrom(from).Draw(rt, label) }
		contact := one("contact", contacts...)
		manage := func(kind string, fields object) {
			fields["message_type"], fields["type"], fields["admin_id"] = kind, "admin", one("admin", "1", "2")
			if to, team := fields["team"]; team {
				fields["type"], fields["assignee_id"] = "team", to
			}
			r.Post(t, "/conversations/"+id+"/parts", fields).OK()
		}
		acts := []func(){
			func() {
				r.Post(t, "/conversations/"+id+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": contact, "body": "Well"}).OK()
			},
			func() { manage("comment", object{"body": "Yes"}) },
			func() { manage("note", object{"body": "Hm"}) },
			func() { manage("close", object{}) },
			func() { manage("open", object{}) },
			func() { manage("snoozed", object{"snoozed_until": r.Clock.Now().Unix() + 100_000_000}) },
			func() { manage("assignment", object{"assignee_id": one("to", "1", "2", "0")}) },
			func() { manage("assignment", object{"team": one("team", teams...)}) },
			func() {
				r.Post(t, "/conversations/"+id+"/tags", object{"id": one("tag", tags...), "admin_id": "1"}).OK()
			},
			func() { r.Put(t, "/conversations/"+id, object{"read": true}).OK() },
			func() {
				r.Put(t, "/conversations/"+id, object{"custom_attributes": object{
					"plan": one("plan", "Pro % Plan", "", nil), "order number": one("order", 5, 10, -1), "paid": one("paid", true, false, nil),
					"due": one("due", 1704067200, 1704067201), "price": one("price", 0.5, 9.75)}}).OK()
			},
			func() {
				delete(replied, id)
				manage("assignment", object{"assignee_id": one("rated", "1", "2")})
				noError(t, r.Inbox.AskForRating(ctx, r.Actor(), model.Decimal[model.ConversationID](id)))
			},
			func() {
				err := r.Inbox.RateConversation(ctx, r.Actor(), model.Decimal[model.ConversationID](id),
					model.ContactRef{ID: model.ContactID(contact.(string))}, int64(one("score", 1, 4, 5).(int)), one("remark", "", "Great!", "a_b").(string))
				noError(t, err)
				replied[id] = float64(r.Clock.Now().Unix())
			},
			func() {
				noError(t, r.Inbox.LabelConversation(ctx, r.Actor(), model.Decimal[model.ConversationID](id), inbox.Label{Priority: true}))
			},
			func() {
				r.Post(t, "/conversations/"+id+"/customers", object{"admin_id": "1", "customer": object{"intercom_user_id": one("friend", contacts...)}}).OK()
			},
		}
		words := one("body", "I need Support", "support, please! <b>x</b>", "naïve up_set NAÏVE", "über 100% ΣΑΣ", "日本語 support").(string)
		subject := one("subject", "", "Why?", "É 100%")
		lived := []func(){func() {
			if rapid.IntRange(0, 2).Draw(rt, "begin") > 0 {
				id = r.Post(t, "/conversations", object{"from": object{"type": "user", "id": contact}, "body": words, "subject": subject,
					"url": one("url", "", "https://x.test/Pricing_1", "https://y.test/")}).OK().At("conversation_id").(string)
				return
			}
			id = r.Post(t, "/messages", object{"from": object{"type": "admin", "id": one("from", "1", "2")}, "to": object{"type": "user", "id": contacts[0]},
				"message_type": one("type", "email", "inapp"), "subject": "Hey", "body": words, "create_conversation_without_contact_reply": true}).OK().At("conversation_id").(string)
			contact = contacts[0]
		}}
		for range rapid.IntRange(1, 15).Draw(rt, "acts") {
			lived = append(lived, rapid.SampledFrom(acts).Draw(rt, "act"))
		}
		for _, act := range lived {
			act()
			r.Clock.Pass(time.Duration(rapid.IntRange(0, 200).Draw(rt, "pass")) * time.Second)
		}
		return lived
	})
	for i := range conversations {
		life.Example(seed*conversations + i)
	}
	r.Put(t, "/contacts/"+contacts[3].(string), object{"role": "user"}).OK() // who is shown as what it is now

	w := &inboxWorld{rig: r, values: map[string][]any{}}
	for _, item := range r.Get(t, "/conversations?per_page=150").OK().At("conversations").([]any) {
		c := item.(object)
		if rating, ok := c["conversation_rating"].(object); ok {
			rating["replied_at"] = replied[c["id"].(string)]
		}
		w.shown = append(w.shown, c)
		for _, f := range conversationFields {
			for _, v := range f.of(c) {
				if !slices.Contains(w.values[f.name], v) {
					w.values[f.name] = append(w.values[f.name], v)
				}
			}
		}
	}
	return w
}

// of are the values that a shown conversation has of a field: none, one, or of
// some fields several.
func (f searchable) of(c object) []any {
	if f.name == "ai_agent_participated" {
		return []any{false}
	}
	path := f.path
	if path == "" {
		path = f.name
	}
	var v any = c
	if name, custom := strings.CutPrefix(path, "custom_attributes."); custom {
		v = c["custom_attributes"].(object)[name]
	} else {
		for _, step := range strings.Split(path, ".") {
			o, _ := v.(object)
			v = o[step]
		}
	}
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		var all []any
		for _, item := range v {
			all = append(all, item.(object)["id"])
		}
		return all
	case string:
		if f.kind == "body" {
			v = richtext.Text(v)
		}
		if v == "" && !strings.HasPrefix(f.name, "custom_attributes.") {
			return nil
		}
		return []any{v}
	default:
		return []any{v}
	}
}

// matches reads a query by the rules, without SQL.
func matches(c object, query object) bool {
	operator, asked := query["operator"].(string), query["value"]
	if operator == "AND" || operator == "OR" {
		for _, inner := range asked.([]any) {
			if matches(c, inner.(object)) != (operator == "AND") {
				return operator == "OR"
			}
		}
		return operator == "AND"
	}
	f := conversationFields[slices.IndexFunc(conversationFields, func(f searchable) bool { return f.name == query["field"] })]
	has := f.of(c)
	if asked == nil {
		return len(has) == 0 == (operator == "=")
	}
	switch operator {
	case "!=":
		return !f.holds(has, "=", asked)
	case "!~":
		return !f.holds(has, "~", asked)
	case "IN", "NIN":
		among := slices.ContainsFunc(asked.([]any), func(one any) bool { return f.holds(has, "=", one) })
		return among == (operator == "IN")
	}
	return f.holds(has, operator, asked)
}

// holds reports whether one of the values is as asked.
func (f searchable) holds(has []any, operator string, asked any) bool {
	if f.kind == "assigned" && len(has) == 0 && operator == "=" {
		return asNumber(asked) == 0
	}
	return slices.ContainsFunc(has, func(v any) bool {
		switch operator {
		case "~":
			return contains(fmt.Sprint(v), fmt.Sprint(asked))
		case "^":
			return contains("\x00"+fmt.Sprint(v), "\x00"+fmt.Sprint(asked))
		case "$":
			return contains(fmt.Sprint(v)+"\x00", fmt.Sprint(asked)+"\x00")
		case ">":
			return asNumber(v) > f.number(asked)
		case "<":
			return asNumber(v) < f.number(asked)
		}
		switch f.kind {
		case "text":
			return strings.EqualFold(v.(string), fmt.Sprint(asked))
		case "number", "assigned", "second":
			return asNumber(v) == f.number(asked)
		case "body":
			if len(strings.Fields(asked.(string))) != 1 {
				return false
			}
			one := words.Of(asked.(string))
			return len(one) == 1 && slices.Contains(words.Of(v.(string)), one[0])
		default:
			return fmt.Sprint(v) == fmt.Sprint(asked)
		}
	})
}

// number is a number that is asked for; of a time the second that it is in.
func (f searchable) number(asked any) float64 {
	n := asNumber(asked)
	if f.kind == "second" {
		return float64(int64(n))
	}
	return n
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
