package seed_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/seed"
)

// demo is the example company under another workspace id, so that several can
// stand side by side.
func demo(t *testing.T) *seed.File {
	t.Helper()
	f, err := seed.Demo()
	if err != nil {
		t.Fatal(err)
	}
	f.Workspace.ID = model.NewWorkspaceID()
	return f
}

func apply(t *testing.T, r *apptest.Rig, f *seed.File, into model.WorkspaceID) *seed.Report {
	t.Helper()
	report, err := r.Seeds.Apply(context.Background(), f, into)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// enter makes the rig ask in the name of the owner of a seeded workspace.
func enter(t *testing.T, r *apptest.Rig, report *seed.Report) *apptest.Rig {
	t.Helper()
	by := &model.Actor{Workspace: report.Workspace, Admin: report.Owner}
	token, err := r.App.Workspace.CreateToken(context.Background(), by, report.Owner, "test", "")
	if err != nil {
		t.Fatal(err)
	}
	inside := *r
	inside.Workspace, inside.Token = report.Workspace, token
	return &inside
}

// TestDemo applies the example once for all that look at it.
func TestDemo(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		f := demo(t)
		first := apply(t, r, f, "")
		for _, c := range first.Counts {
			if c.Created == 0 || c.Updated+c.Unchanged > 0 {
				t.Errorf("at first, %s: %+v", c.Kind, c)
			}
		}
		inside := enter(t, r, first)
		t.Run("people", func(t *testing.T) { holdPeople(t, inside) })
		t.Run("conversations", func(t *testing.T) { holdConversations(t, inside) })
		t.Run("help center", func(t *testing.T) { holdHelpCenter(t, inside) })
		t.Run("the same ids everywhere", func(t *testing.T) { holdSameIDs(t, r, inside) })
		t.Run("twice", func(t *testing.T) { holdTwice(t, r, f, first) })
	})
}

func holdPeople(t *testing.T, r *apptest.Rig) {
	t.Helper()
	me := r.Get(t, "/me").OK()
	if me.At("app.name") != "Larkpool" || me.At("email") != "nadia@larkpool.example" {
		t.Errorf("GET /me: %s", me.Pretty())
	}
	for _, c := range []struct {
		path, list string
		atLeast    int
	}{
		{"/admins", "admins", 5}, {"/teams", "teams", 2}, {"/tags", "data", 8}, {"/segments", "segments", 5},
		{"/segments?type=company", "segments", 2}, {"/subscription_types", "data", 4},
		{"/contacts?per_page=150", "data", 68}, {"/companies?per_page=50", "data", 16},
	} {
		list, _ := r.Get(t, c.path).OK().At(c.list).([]any)
		if len(list) != c.atLeast {
			t.Errorf("GET %s lists %d, want %d", c.path, len(list), c.atLeast)
		}
	}
	for role, atLeast := range map[string]float64{"user": 45, "lead": 15} {
		found := r.Post(t, "/contacts/search", `{"query":{"field":"role","operator":"=","value":"`+role+`"}}`).OK()
		if n, _ := found.At("total_count").(float64); n < atLeast {
			t.Errorf("there are %v contacts of role %s, want %v at least", n, role, atLeast)
		}
	}
	for i := 1; i <= 4; i++ {
		v := r.Get(t, fmt.Sprintf("/visitors?user_id=demo-visitor-%d", i)).OK()
		if v.At("type") != "visitor" {
			t.Errorf("visitor %d: %s", i, v.Pretty())
		}
	}

	found := r.Post(t, "/contacts/search", `{"query":{"field":"external_id","operator":"=","value":"lp-1001"}}`).OK()
	contact := found.At("data.0").(map[string]any)
	for path, want := range map[string]any{
		"data.0.name": "Isobel Hartley", "data.0.owner_id": 4.0, "data.0.location.city": "London",
		"data.0.custom_attributes.satisfaction": 10.0, "data.0.tags.total_count": 1.0, "data.0.notes.total_count": 2.0,
		"data.0.companies.total_count": 1.0, "data.0.opted_in_subscription_types.total_count": 1.0,
		"data.0.created_at": float64(apptest.Start.Add(-405 * 24 * time.Hour).Unix()),
	} {
		if got := found.At(path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	id, _ := contact["id"].(string)
	notes := r.Get(t, "/contacts/"+id+"/notes").OK()
	if notes.At("data.0.created_at") != float64(apptest.Start.Add(-12*24*time.Hour).Unix()) ||
		notes.At("data.0.author.name") != "Mei-Ling Zhou" {
		t.Errorf("notes: %s", notes.Pretty())
	}
	events := r.Get(t, "/events?type=user&user_id=lp-1001&summary=true").OK()
	if list, _ := events.At("events").([]any); len(list) < 2 {
		t.Errorf("events: %s", events.Pretty())
	}
	segments := r.Get(t, "/segments?include_count=true").OK()
	list, _ := segments.At("segments").([]any)
	for _, g := range list {
		if n, _ := g.(map[string]any)["count"].(float64); n == 0 {
			t.Errorf("nobody is in the segment %v", g.(map[string]any)["name"])
		}
	}
}

func holdConversations(t *testing.T, r *apptest.Rig) {
	t.Helper()
	if n, _ := r.Get(t, "/conversations").OK().At("total_count").(float64); n < 200 {
		t.Errorf("there are %v conversations, want 200 at least", n)
	}
	for _, c := range []struct {
		field, value string
		atLeast      float64
	}{
		{"state", `"open"`, 30}, {"state", `"closed"`, 100}, {"state", `"snoozed"`, 8}, {"priority", `"priority"`, 10}, {"read", "false", 15},
		{"admin_assignee_id", "0", 10}, {"conversation_rating.score", "5", 20}, {"source.delivered_as", `"admin_initiated"`, 3},
	} {
		found := r.Post(t, "/conversations/search", `{"query":{"field":"`+c.field+`","operator":"=","value":`+c.value+`}}`).OK()
		if n, _ := found.At("total_count").(float64); n < c.atLeast {
			t.Errorf("there are %v conversations with %s %s, want %v at least", n, c.field, c.value, c.atLeast)
		}
	}
	if list, _ := r.Get(t, "/ticket_types").OK().At("data").([]any); len(list) != 4 {
		t.Errorf("there are %d ticket types, want 4", len(list))
	}
}

// TestDemoTells holds what the threads of the example show: everything that a
// conversation can have, and who speaks which script.
func TestDemoTells(t *testing.T) {
	t.Parallel()
	f := demo(t)
	shown, first, states := map[string]int{}, map[string]bool{}, map[model.TicketState]int{}
	for _, c := range f.Conversations {
		if first[c.Body] {
			t.Errorf("two conversations begin with %q", c.Body)
		}
		first[c.Body] = true
		for _, of := range []*unicode.RangeTable{unicode.Latin, unicode.Han, unicode.Hiragana, unicode.Arabic, unicode.Cyrillic, unicode.Devanagari, unicode.Hangul} {
			if strings.ContainsFunc(c.Body, func(letter rune) bool { return unicode.Is(of, letter) }) {
				shown[scriptName(of)]++
			}
		}
		if c.Message != nil && len(c.Parts) == 0 {
			shown["waiting message "+string(c.Message.Type)]++
		}
		for _, p := range c.Parts {
			shown[string(p.Type)]++
			if p.Type == "note" && strings.Contains(p.Body, "@") {
				shown["mention"]++
			}
			if len(p.Attachments) > 0 {
				shown["attachment"]++
			}
		}
	}
	for _, want := range []string{"note", "close", "snooze", "assign", "ask_rating", "rate", "mention", "attachment", "waiting message inapp",
		"waiting message email", "Latin", "Han", "Hiragana", "Arabic", "Cyrillic", "Devanagari", "Hangul"} {
		if shown[want] < 2 {
			t.Errorf("the example shows %s %d times", want, shown[want])
		}
	}
	for _, k := range f.Tickets {
		state := model.Submitted
		for _, p := range k.Parts {
			if p.State != "" {
				state = p.State
			}
		}
		states[state]++
	}
	for _, s := range []model.TicketState{model.Submitted, model.InProgress, model.WaitingOnCustomer, model.Resolved} {
		if states[s] == 0 {
			t.Errorf("no ticket is %s", s)
		}
	}
}

func scriptName(of *unicode.RangeTable) string {
	for name, table := range unicode.Scripts {
		if table == of {
			return name
		}
	}
	return ""
}

// TestDemoKeepsToItself holds the promises about whom the example is of.
func TestDemoKeepsToItself(t *testing.T) {
	t.Parallel()
	f := demo(t)
	for _, c := range f.Contacts {
		if !strings.HasSuffix(c.Email, ".example") && !strings.HasSuffix(c.Email, ".test") {
			t.Errorf("%s may be somebody's address", c.Email)
		}
	}
	for _, a := range f.Admins {
		if !strings.HasSuffix(a.Email, "@larkpool.example") {
			t.Errorf("%s may be somebody's address", a.Email)
		}
	}
}

// holdTwice applies what was applied at first again, a day later.
func holdTwice(t *testing.T, r *apptest.Rig, f *seed.File, first *seed.Report) {
	t.Helper()
	r.Clock.Pass(26 * time.Hour) // what is relative to now must not move
	second := apply(t, r, f, "")
	for i, c := range second.Counts {
		want := seed.Count{Kind: c.Kind, Unchanged: first.Counts[i].Created}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Errorf("at second: %s", diff)
		}
	}
	if changed(second) {
		t.Error("the second application changed something")
	}
}

// holdSameIDs applies the example to another workspace, later.
func holdSameIDs(t *testing.T, r, inside *apptest.Rig) {
	t.Helper()
	ids := func(r *apptest.Rig) map[string][]string {
		all := map[string][]string{}
		for path, list := range map[string]string{
			"/admins": "admins", "/teams": "teams", "/tags": "data", "/segments": "segments", "/segments?type=company": "segments",
			"/subscription_types": "data", "/contacts?per_page=150": "data", "/companies?per_page=50": "data", "/data_attributes": "data",
			"/events?type=user&user_id=lp-1001": "events",
		} {
			items, _ := r.Get(t, path).OK().At(list).([]any)
			for _, item := range items {
				item := item.(map[string]any)
				all[path] = append(all[path], fmt.Sprint(item["id"], " ", item["external_id"]))
			}
			slices.Sort(all[path])
			if len(all[path]) == 0 {
				t.Errorf("GET %s lists nothing", path)
			}
		}
		return all
	}
	one := ids(inside)
	r.Clock.Pass(90 * time.Minute)
	other := ids(enter(t, r, apply(t, r, demo(t), "")))
	if diff := cmp.Diff(one, other); diff != "" {
		t.Error(diff)
	}
}

// holdHelpCenter looks at what the demo publishes.
func holdHelpCenter(t *testing.T, r *apptest.Rig) {
	t.Helper()
	for path, want := range map[string]float64{"/articles": 40, "/help_center/collections": 8, "/help_center/sections": 15,
		"/news/news_items": 10, "/news/newsfeeds": 2} {
		if got := r.Get(t, path).OK().At("total_count"); got != want {
			t.Errorf("GET %s lists %v, want %v", path, got, want)
		}
	}
	nested, translated, statistics := 0, 0, 0
	sections := r.Get(t, "/help_center/sections?per_page=250").OK()
	within := map[any]bool{}
	for i := range 15 {
		within[sections.At(fmt.Sprintf("data.%d.id", i))] = true
	}
	for i := range 15 {
		if parent, _ := sections.At(fmt.Sprintf("data.%d.parent_id", i)).(float64); within[fmt.Sprint(parent)] {
			nested++
		}
	}
	articles := r.Get(t, "/articles?per_page=250").OK()
	for i := range 40 {
		at := fmt.Sprintf("data.%d.", i)
		if articles.At(at+"translated_content.pt.title") != nil {
			translated++
		}
		if views, _ := r.Get(t, "/articles/"+articles.At(at+"id").(string)).OK().At("statistics.views").(float64); views > 0 {
			statistics++
		}
		if body, _ := articles.At(at + "body").(string); len(body) < 500 {
			t.Errorf("the article %v is %d characters long", articles.At(at+"title"), len(body))
		}
	}
	if nested != 4 || translated != 38 || statistics < 35 {
		t.Errorf("%d sections within sections, %d articles in Portuguese, %d with readers", nested, translated, statistics)
	}
	if got := r.Get(t, "/articles/search?phrase=marca%C3%A7%C3%A3o").OK().At("total_count"); got == 0.0 {
		t.Error("no article is found by a Portuguese word")
	}
	if got := r.Get(t, "/news/newsfeeds/1/items").OK().At("total_count"); got == 0.0 {
		t.Error("the first newsfeed shows nothing")
	}
}
