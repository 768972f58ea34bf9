package seed_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/seed"
)

const talks = `
admins:
  - {email: bo@acme.test, name: Bo}
teams:
  - {name: Support, members: [{admin: bo@acme.test}]}
tags: [billing]
data_attributes:
  - {model: conversation, name: mood, data_type: string}
ticket_types:
  - {name: Bug}
contacts:
  - {external_id: joe, email: joe@x.test, name: Joe}
  - {role: lead, email: ada@x.test}
conversations:
  - from: joe
    at: -3d
    body: |
      Hello,
      it is broken
    url: https://acme.test/app
    attachments: [{name: log.txt, content_type: text/plain, text: "boom"}]
    title: Broken
    priority: true
    read: true
    tags: [Billing]
    contacts: [ada@x.test]
    custom_attributes: {mood: bad}
    parts:
      - {at: -2d, by: bo@acme.test, type: assign, to: Support}
      - {at: -2d, by: bo@acme.test, type: assign, to: bo@acme.test, body: On it}
      - {at: -47h, by: bo@acme.test, type: note, body: "@Ann look"}
      - {at: -46h, by: joe, body: Thanks}
      - {at: -46h, by: ada@x.test, body: It is broken here too}
      - {at: -45h, by: bo@acme.test, type: snooze, until: -44h}
      - {at: -43h, by: bo@acme.test, type: close, body: Done}
      - {at: -43h, type: ask_rating}
      - {at: -42h, by: joe, type: rate, rating: 5, remark: Great}
  - from: ada@x.test
    at: -1d
    body: I am new
  - message: {from: bo@acme.test, to: joe, type: email, subject: Welcome}
    at: -5d
    body: Welcome!
  - message: {from: bo@acme.test, to: joe, type: inapp}
    at: -5d
    body: How do you like it?
    parts:
      - {at: -4d, by: joe, body: Very much}
tickets:
  - type: Bug
    contact: joe
    at: -2d
    attributes: {title: Found a bug, description: It crashes}
    parts:
      - {at: -1d, by: bo@acme.test, note: Looking, state: in_progress, to: bo@acme.test, shared: true}
      - {at: -1h, by: bo@acme.test, state: resolved}
`

func TestSeedConversations(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		apply := func() map[string]seed.Count {
			t.Helper()
			f, err := seed.Parse("talks.yaml", []byte(talks))
			if err != nil {
				t.Fatal(err)
			}
			report, err := r.App.Seeds.Apply(context.Background(), f, r.Workspace.ID)
			if err != nil {
				t.Fatal(err)
			}
			counts := map[string]seed.Count{}
			for _, c := range report.Counts {
				counts[c.Kind] = c
			}
			return counts
		}
		counts := apply()
		if diff := cmp.Diff(seed.Count{Kind: "conversations", Created: 4}, counts["conversations"]); diff != "" {
			t.Error(diff)
		}
		now := apptest.Start.Unix()
		found := r.Post(t, "/conversations/search", `{"query":{"field":"created_at","operator":">","value":0},"sort":{"field":"created_at","order":"ascending"}}`).OK()
		id := ""
		for i, want := range []string{"<p>How do you like it?</p>", "<p>Hello,<br>it is broken</p>", "<p>I am new</p>"} {
			item := found.At("conversations").([]any)[i].(map[string]any)
			if got := item["source"].(map[string]any)["body"]; got != want {
				t.Errorf("number %d began with %v, want %s", i+1, got, want)
			}
			if i == 1 {
				id = item["id"].(string)
			}
		}
		c := r.Get(t, "/conversations/"+id).OK()
		for path, want := range map[string]any{
			"created_at": float64(now - 3*86400), "updated_at": float64(now - 42*3600), "title": "Broken", "priority": "priority", "read": true,
			"state": "closed", "tags.tags.0.name": "billing", "custom_attributes.mood": "bad", "source.url": "https://acme.test/app",
			"source.attachments.0.filesize": 4.0, "conversation_rating.rating": 5.0, "conversation_rating.remark": "Great",
			"conversation_rating.created_at": float64(now - 43*3600), "statistics.time_to_admin_reply": 86400.0,
			"statistics.last_close_at": float64(now - 43*3600),
		} {
			if diff := cmp.Diff(want, c.At(path)); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
		}
		again := apply()
		if again["conversations"].Unchanged != 4 || again["tickets"].Unchanged != 1 {
			t.Errorf("applied again: %v", again)
		}
		if n := r.Get(t, "/conversations").OK().At("total_count"); n != 3.0 {
			t.Errorf("%v conversations, want 3", n)
		}
	})
}

func TestSeedConversationMistakes(t *testing.T) {
	r := apptest.New(t)
	for _, test := range []struct{ name, from, to, want string }{
		{"nobody", "from: joe\n    at: -3d", "at: -3d", "a conversation begins from: a contact, or with a message: of an admin"},
		{"an unknown contact", "from: ada@x.test", "from: eve@x.test", "User Not Found"},
		{"an unknown part", "type: note", "type: scream", `"scream" is no type of part`},
		{"an unknown team", "to: Support", "to: Sales", `there is no team "Sales"`},
		{"an unknown tag", "tags: [Billing]", "tags: [Nope]", `there is no tag "Nope"`},
		{"an unknown key", "url:", "uri:", `unknown field "uri"`},
		{"a bad rating", "rating: 5", "rating: 9", "A rating is a number from 1 to 5"},
		{"an unknown ticket type", "type: Bug", "type: Wish", `there is no ticket type "Wish"`},
		{"a ticket's state", "state: resolved", "state: done", "state"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := seed.Parse("talks.yaml", []byte(strings.Replace(talks, test.from, test.to, 1)))
			if err == nil {
				_, err = r.App.Seeds.Apply(context.Background(), f, r.Elsewhere(t).Workspace.ID)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the mistake is told as %v, want %s", err, test.want)
			}
		})
	}
}
