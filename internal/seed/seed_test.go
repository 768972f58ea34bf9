package seed_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/seed"
)

func parse(t *testing.T, text string) *seed.File {
	t.Helper()
	f, err := seed.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestOnWhatIsThere applies a seed to a workspace that has some of it already.
func TestOnWhatIsThere(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/data_attributes", map[string]any{"model": "contact", "name": "score", "data_type": "float"}).OK()
		r.Post(t, "/data_attributes", map[string]any{"model": "contact", "name": "due", "data_type": "date"}).OK()
		r.Post(t, "/tags", map[string]any{"name": "vip"}).OK()
		company := r.Post(t, "/companies", map[string]any{"company_id": "c-1", "name": "One"}).OK().ID()
		joe := r.Post(t, "/contacts", map[string]any{"external_id": "joe", "email": "joe@a.test", "name": "Joe",
			"custom_attributes": map[string]any{"score": 4}}).OK()
		lead := r.Post(t, "/contacts", map[string]any{"role": "lead", "email": "lea@a.test"}).OK()

		const text = `
data_attributes:
  - {model: contact, name: score, data_type: float, description: How warm}
tags: [VIP, New]
companies:
  - {company_id: c-1, name: One, plan: Pro, tags: [New]}
contacts:
  - external_id: joe
    name: Joseph
    created_at: -10d
    last_seen_at: -1d
    location: {city: Porto}
    custom_attributes: {score: 4.0, due: "+30d"}
    tags: [vip, New]
    companies: [c-1]
    notes: [{body: Likes tea.}, {body: Likes tea.}]
    events:
      - {name: ordered, at: 2026-01-02T10:00:00Z, metadata: {price: {amount: 100, currency: eur}, item: {url: "https://a.test/1", value: one}, n: 2}}
      - {name: called, at: -1h}
  - {role: lead, email: LEA@a.test, name: Lea, phone: "+15550100"}
  - {email: new@a.test, owner: ann@acme.test, signed_up_at: 1767225600}
visitors:
  - {user_id: v-1, name: Vic, session_count: 3}
`
		f := parse(t, text)
		first := apply(t, r, f, r.Workspace.ID)
		want := []seed.Count{
			{Kind: "data attributes", Updated: 1}, {Kind: "tags", Created: 1, Unchanged: 1}, {Kind: "companies", Updated: 1},
			{Kind: "contacts", Created: 1, Updated: 2}, {Kind: "notes", Created: 1, Unchanged: 1},
			{Kind: "events", Created: 1, Unchanged: 1}, {Kind: "visitors", Created: 1},
		}
		if diff := cmp.Diff(want, first.Counts); diff != "" {
			t.Error(diff)
		}
		if second := apply(t, r, f, r.Workspace.ID); changed(second) {
			t.Errorf("the second application changed something: %+v", second.Counts)
		}

		after := r.Get(t, "/contacts/"+joe.ID()).OK()
		for path, want := range map[string]any{
			"name": "Joseph", "email": "joe@a.test", "created_at": joe.At("created_at"), "location.city": "Porto",
			"custom_attributes.score": 4.0, "custom_attributes.due": float64(apptest.Start.AddDate(0, 0, 30).Unix()),
			"tags.total_count": 2.0, "companies.data.0.id": company, "notes.total_count": 1.0,
		} {
			if got := after.At(path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
		if got := r.Get(t, "/contacts/"+lead.ID()).OK(); got.At("name") != "Lea" || got.At("external_id") != lead.At("external_id") {
			t.Errorf("the lead is %s", got.Pretty())
		}
		events := r.Get(t, "/events?type=user&user_id=joe").OK()
		if events.At("events.0.event_name") != "ordered" || events.At("events.0.metadata.price.amount") != 100.0 {
			t.Errorf("events: %s", events.Pretty())
		}

		f.Contacts[1].Name = "Léa"
		f.Contacts[0].Tags = nil // what a seed does not name stays
		third := apply(t, r, f, r.Workspace.ID)
		for _, c := range third.Counts {
			if c.Kind == "contacts" && (c.Updated != 1 || c.Unchanged != 2) {
				t.Errorf("after one change: %+v", c)
			}
		}
		if got := r.Get(t, "/contacts/"+joe.ID()).OK().At("tags.total_count"); got != 2.0 {
			t.Errorf("the contact has %v tags, want 2", got)
		}
	})
}

func TestOfficeHours(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		hours := func() map[string][]string {
			t.Helper()
			w, err := r.App.Workspace.Find(context.Background(), r.Workspace.ID)
			if err != nil {
				t.Fatal(err)
			}
			return w.OfficeHours.Days()
		}
		some := map[string][]string{"monday": {"09:00-17:00"}}
		for _, c := range []struct {
			name, text string
			count      seed.Count
			want       map[string][]string
		}{
			{"some", `workspace: {office_hours: {monday: ["09:00-17:00"]}}`, seed.Count{Updated: 1}, some},
			{"the same", `workspace: {office_hours: {monday: ["09:00-17:00"], friday: []}}`, seed.Count{Unchanged: 1}, some},
			{"not said", `workspace: {name: Acme}`, seed.Count{Unchanged: 1}, some},
			{"none", `workspace: {office_hours: {}}`, seed.Count{Updated: 1}, map[string][]string{}},
		} {
			report := apply(t, r, parse(t, c.text), r.Workspace.ID)
			c.count.Kind = "workspaces"
			if diff := cmp.Diff([]seed.Count{c.count}, report.Counts); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
			if diff := cmp.Diff(c.want, hours()); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}

		fresh := apply(t, r, parse(t, `
workspace: {id: "`+string(model.NewWorkspaceID())+`", name: New, office_hours: {sunday: ["10:00-24:00"]}}
admins: [{email: a@new.test, name: A}]`), "")
		if diff := cmp.Diff(map[string][]string{"sunday": {"10:00-24:00"}}, fresh.Workspace.OfficeHours.Days()); diff != "" {
			t.Error(diff)
		}
		log := enter(t, r, fresh).Get(t, "/admins/activity_logs?created_at_after=0").OK()
		if strings.Contains(string(log.Body), "office_hours_change") {
			t.Errorf("the hours that a workspace begins with are in the log: %s", log.Pretty())
		}
	})
}

// TestAttributesOfConversations declares what the API itself cannot.
func TestAttributesOfConversations(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		f := parse(t, `
data_attributes:
  - {model: contact, name: plan, data_type: integer}
  - {model: conversation, name: plan, data_type: options, options: [a, b]}
  - {model: conversation, name: urgent, data_type: boolean}
`)
		apply(t, r, f, r.Workspace.ID)
		if again := apply(t, r, f, r.Workspace.ID); changed(again) {
			t.Errorf("the second application changed something: %+v", again.Counts)
		}
		f.DataAttributes[1].Options = []string{"a", "c"}
		if third := apply(t, r, f, r.Workspace.ID); third.Counts[0].Updated != 1 {
			t.Errorf("after one change: %+v", third.Counts)
		}
		list := r.Get(t, "/data_attributes?model=conversation").OK()
		for path, want := range map[string]any{"data.0.name": "plan", "data.0.options.1": "c", "data.1.name": "urgent", "data.1.model": "conversation"} {
			if got := list.At(path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
	})
}

// TestDocumentedKeys applies the example of the documentation, which has every key.
func TestDocumentedKeys(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		page, err := os.ReadFile("../../docs/seed.md")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(page), "```yaml\n")
		example, _, ok := strings.Cut(rest, "```")
		if !ok {
			t.Fatal("docs/seed.md has no example")
		}
		f := parse(t, example)
		f.Workspace.ID = model.NewWorkspaceID()
		apply(t, r, f, "")
		if again := apply(t, r, f, ""); changed(again) {
			t.Errorf("the second application changed something: %+v", again.Counts)
		}
	})
}

func TestRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct{ name, text, want string }{
			{"unknown admin", "contacts: [{email: a@a.test, owner: b@a.test}]",
				`contacts, number 1: a@a.test: there is no admin "b@a.test"`},
			{"unknown tag", "contacts: [{external_id: x, tags: [None]}]", `contacts, number 1: x: there is no tag "None"`},
			{"unknown company", "contacts: [{external_id: x, companies: [None]}]", `contacts, number 1: x: there is no company "None"`},
			{"unknown subscription", "contacts: [{external_id: x, subscriptions: [None]}]",
				`contacts, number 1: x: there is no subscription type "None"`},
			{"undeclared attribute", "contacts: [{external_id: x, custom_attributes: {none: 1}}]",
				"contacts, number 1: x: Custom attribute 'none' does not exist"},
			{"nobody", "contacts: [{name: X}]", "contacts, number 1: a contact of a seed needs an external_id or an email"},
			{"no such role", "contacts: [{external_id: x, role: visitor}]", "contacts, number 1: x: Role must be either user or lead"},
			{"event without a time", "contacts: [{external_id: x, events: [{name: e}]}]", "contacts, number 1: x: events, number 1: an event needs a time"},
			{"company without an id", "companies: [{name: X}]", "companies, number 1: a company of a seed needs a company_id"},
			{"filter", "segments: [{name: S, person_type: user, filter: {field: name}}]",
				"segments, number 1: S: a filter is {field, operator, value}, or {operator: AND or OR, value: a list of filters}"},
			{"value of a filter", "segments: [{name: S, person_type: user, filter: {field: tag_id, operator: =, value: {tag: None}}}]",
				`segments, number 1: S: tag_id: there is no tag "None"`},
			{"office hours", `workspace: {office_hours: {monday: ["9-5"]}}`, `workspace: Office hours of a monday are like 09:00-17:00, not "9-5"`},
			{"attribute of nothing", "data_attributes: [{model: tag, name: x, data_type: string}]",
				"data_attributes, number 1: x: The Data Attribute model field must be either contact or company"},
			{"the wrong workspace", "workspace: {id: elsewher}", "the seed is for the workspace elsewher, not for " + string(r.Workspace.ID)},
		} {
			_, err := r.Seeds.Apply(context.Background(), parse(t, c.text), r.Workspace.ID)
			if err == nil || err.Error() != c.want {
				t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
			}
		}
		if n := r.Get(t, "/contacts").OK().At("total_count"); n != 0.0 {
			t.Errorf("%v contacts are left of seeds that failed", n)
		}
	})
}

func TestParseRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "tags: [a]\ncontcats: []", `test.yaml, line 2: unknown field "contcats"`},
		{"several unknown keys", "tags: [a]\nteams:\n  - name: x\n    zz: 1\n    ab: 2\nq: 1\nr: 3", `test.yaml, line 4: unknown field "zz"`},
		{"one unknown key begins with another", "a: &x {b: 1}\nab: *x\n<<: {abc: 1, d: 2}", `test.yaml, line 1: unknown field "a"`},
		{"unknown keys in one line", "admins: [{c, X: {Y: 1}}]", `test.yaml, line 1: unknown field "c"`},
		{"unknown key inside", "contacts:\n  - external_id: x\n    nmae: X", `test.yaml, line 3: unknown field "nmae"`},
		{"wrong type", "tags: 5", "test.yaml, line 1: "},
		{"no time", "contacts:\n  - external_id: x\n    created_at: yesterday", "test.yaml: yesterday is no time: "},
		{"not YAML", "tags: [a", "test.yaml, line 1: "},
	} {
		_, err := seed.Parse("test.yaml", []byte(c.text))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
		}
	}
}

// changed reports whether applying a file created or updated anything.
func changed(r *seed.Report) bool {
	return slices.ContainsFunc(r.Counts, func(c seed.Count) bool { return c.Created+c.Updated > 0 })
}
