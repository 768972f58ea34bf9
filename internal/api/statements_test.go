package api_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
)

// several is how much there is where a statement for each would be seen.
const several = 12

// told is how many statements it takes that a change is told, whoever wants to know
// as long as it is no webhook.
const told = 1

// traced makes a rig on a database of its own that tells its statements: those of a
// server that is for nobody's tests.
func traced(t *testing.T, o db.Options) (*apptest.Rig, *apptest.Trace) {
	t.Helper()
	return apptest.Traced(t, o, app.Options{DevToken: apptest.NoDevToken})
}

// onEachTraced runs a test on each database, on one of its own that tells its
// statements.
func onEachTraced(t *testing.T, test func(t *testing.T, r *apptest.Rig, tr *apptest.Trace)) {
	t.Helper()
	t.Parallel()
	run := func(name string, options func(*testing.T) db.Options) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, tr := traced(t, options(t))
			test(t, r, tr)
		})
	}
	run("sqlite", func(t *testing.T) db.Options { return db.Options{Path: filepath.Join(t.TempDir(), "parley.db")} })
	run("postgres", func(t *testing.T) db.Options { return db.Options{URL: means.Postgres(t)} })
}

// holdPlans checks that SQLite runs statements without reading what they are not
// about. How PostgreSQL runs them depends on what is in its tables.
func holdPlans(t *testing.T, r *apptest.Rig, statements []apptest.Statement) {
	t.Helper()
	if r.Database.Dialect().Name() != "sqlite" {
		return
	}
	for _, s := range statements {
		plan := s.Plan(t, r.Database)
		for _, fault := range apptest.Faults(plan) {
			t.Errorf("%s\nin %s\nof %s", fault, s.String(), strings.Join(plan, "\n   "))
		}
	}
}

// How many statements an operation takes does not depend on how much there is to
// show.
func TestStatementsDoNotGrow(t *testing.T) {
	onEachTraced(t, func(t *testing.T, r *apptest.Rig, tr *apptest.Trace) {
		tag := r.Post(t, "/tags", `{"name":"vip"}`).OK().ID()
		begin := func(i int) string {
			contact := r.Post(t, "/contacts", object{"external_id": fmt.Sprint(i)}).OK().ID()
			id := r.Post(t, "/conversations", object{"from": object{"type": "user", "id": contact}, "body": "Help",
				"attachment_files": []any{object{"content_type": "text/plain", "name": "a.txt", "data": "aGk="}}}).OK().At("conversation_id").(string)
			r.Post(t, "/conversations/"+id+"/tags", object{"id": tag, "admin_id": "1"}).OK()
			r.Post(t, "/conversations/"+id+"/parts", object{"message_type": "assignment", "type": "admin", "admin_id": "1", "assignee_id": "1"}).OK()
			return "/conversations/" + id
		}
		short, long := begin(0), begin(1)
		for i := range several {
			begin(2 + i)
			person := r.Post(t, "/contacts", object{"external_id": fmt.Sprint("friend", i)}).OK().ID()
			r.Post(t, long+"/customers", object{"admin_id": "1", "customer": object{"intercom_user_id": person}}).OK()
			r.Post(t, long+"/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": person, "body": "Me too",
				"attachment_files": []any{object{"content_type": "text/plain", "name": "a.txt", "data": "aGk="}}}).OK()
		}
		find := func(perPage int) string {
			return fmt.Sprintf(`{"query":{"field":"tag_ids","operator":"=","value":%s},"pagination":{"per_page":%d}}`, tag, perPage)
		}
		reply := `{"message_type":"comment","type":"admin","admin_id":"1","body":"Yes"}`
		for _, tt := range []struct {
			name       string
			few, many  func()
			statements int // at most, those of who asks apart
		}{
			{"list", func() { r.Get(t, "/conversations?per_page=1").OK() }, func() { r.Get(t, "/conversations?per_page=50").OK() }, 8},
			{"search", func() { r.Post(t, "/conversations/search", find(1)).OK() }, func() { r.Post(t, "/conversations/search", find(50)).OK() }, 8},
			{"retrieve", func() { r.Get(t, short).OK() }, func() { r.Get(t, long).OK() }, 6},
			{"reply", func() { r.Post(t, short+"/reply", reply).OK() }, func() { r.Post(t, long+"/reply", reply).OK() }, 16},
			{"read", func() { r.Put(t, short, `{"read":true}`).OK() }, func() { r.Put(t, long, `{"read":true}`).OK() }, 10},
		} {
			few, many := tr.Of(tt.few), tr.Of(tt.many)
			if len(few) != len(many) || len(few) > tt.statements {
				t.Errorf("%s takes %d statements of little and %d of much, want the same, and %d at most:\n%s",
					tt.name, len(few), len(many), tt.statements, texts(many))
			}
		}
	})
}

// TestWhatIsToldIsNotReadAnew holds that a reply which webhooks are told takes no more statements than to read whose files links are signed for, and to
// write what they are sent.
func TestWhatIsToldIsNotReadAnew(t *testing.T) {
	onEachTraced(t, func(t *testing.T, r *apptest.Rig, tr *apptest.Trace) {
		c := newTalk(t, r)
		reply := func() []apptest.Statement {
			c.does(t, "comment", "body", "Hi").OK() // since a webhook was made, nobody has known who is told
			return tr.Of(func() { c.does(t, "comment", "body", "Hi").OK() })
		}
		untold := reply()
		r.Post(t, "/_parley/webhooks", object{"url": "https://hook.test/x", "topics": []string{"conversation.admin.replied"}}).OK()
		if told := reply(); len(told) > len(untold)+2 {
			t.Errorf("a reply takes %d statements, and %d where a webhook is told:\n%s", len(untold), len(told), texts(told))
		}
	})
}

// TestAttributesAreNotAskedFirst holds that what makes or changes something with custom attributes asks for something else before those: PostgreSQL says
// along with that whether they are as they were read before, and then they are not asked for at all.
func TestAttributesAreNotAskedFirst(t *testing.T) {
	onEachTraced(t, func(t *testing.T, r *apptest.Rig, tr *apptest.Trace) {
		for of, name := range map[string]string{"contact": "plan", "company": "tier"} {
			r.Post(t, "/data_attributes", object{"name": name, "model": of, "data_type": "string"}).OK()
		}
		for name, write := range map[string]func(n int){
			"a contact": func(n int) {
				r.Post(t, "/contacts", object{"external_id": fmt.Sprint(n), "email": fmt.Sprint(n, "@example.com"), "custom_attributes": object{"plan": "gold"}}).OK()
			},
			"a company": func(n int) {
				r.Post(t, "/companies", object{"company_id": fmt.Sprint(n), "custom_attributes": object{"tier": "gold"}}).OK()
			},
			"a company by name": func(n int) {
				r.Post(t, "/companies", object{"name": fmt.Sprint("Company ", n), "custom_attributes": object{"tier": "gold"}}).OK()
			},
			"a visitor": func(n int) {
				_, err := r.People.PutVisitor(t.Context(), r.Actor(), model.VisitorDraft{UserID: fmt.Sprint("visitor", n), Attributes: model.Attributes{"plan": "gold"}})
				noError(t, err)
			},
		} {
			write(0)
			statements := tr.Of(func() { write(1) })
			at := slices.IndexFunc(statements, func(s apptest.Statement) bool { return strings.Contains(s.Text, "FROM data_attributes") })
			before := slices.IndexFunc(statements, func(s apptest.Statement) bool {
				return strings.Contains(s.Text, "FROM contacts") || strings.Contains(s.Text, "FROM companies")
			})
			if before < 0 || at >= 0 && at < before {
				t.Errorf("%s: custom attributes are asked for first:\n%s", name, texts(statements))
			}
		}
	})
}

func texts(statements []apptest.Statement) string {
	var b strings.Builder
	for _, s := range statements {
		b.WriteString(s.String() + "\n")
	}
	return b.String()
}

// Whatever there is, SQLite reads the few rows that an operation is about: through
// an index of more than the workspace or, where a page of a list is read, in the
// list's own order.
func TestPlansOfConversations(t *testing.T) {
	t.Parallel()
	r, tr := traced(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")})
	c := newTalk(t, r)
	searches := func(body string) func() { return func() { r.Post(t, "/conversations/search", body).OK() } }
	test := func(field, value string) string {
		return `{"field":"` + field + `","operator":"=","value":` + value + `}`
	}
	for _, tt := range []struct {
		name string
		call func()
	}{
		{"list", func() {
			c.begin(t, "Hello")
			a := r.Get(t, "/conversations?per_page=1").OK()
			r.Get(t, "/conversations?per_page=1&starting_after="+a.At("pages.next.starting_after").(string)).OK()
		}},
		{"retrieve", func() { r.Get(t, c.path).OK() }},
		{"create", func() { c.begin(t, "Hello") }},
		{"reply of an admin", func() { c.does(t, "comment", "body", "Hi").OK() }},
		{"reply of a contact", func() { c.says(t, "Hi") }},
		{"reply to the last", func() {
			r.Post(t, "/conversations/last/reply", object{"message_type": "comment", "type": "user", "intercom_user_id": c.contact, "body": "Hi"}).OK()
		}},
		{"search by id", searches(`{"query":` + test("id", c.id) + `}`)},
		{"search by contact", searches(`{"query":` + test("contact_ids", `"`+c.contact+`"`) + `,"sort":{"field":"updated_at"}}`)},
		{"search by contacts", searches(`{"query":{"field":"contact_ids","operator":"IN","value":["` + c.contact + `","x"]}}`)},
		{"search by source", searches(`{"query":` + test("source.id", "1") + `}`)},
		{"search by assignee", searches(`{"query":{"operator":"AND","value":[` + test("admin_assignee_id", "1") + `,` + test("state", `"open"`) + `]}}`)},
		{"search by team", searches(`{"query":{"operator":"AND","value":[` + test("team_assignee_id", "1") + `,` + test("open", "true") + `]}}`)},
		{"search by word", searches(`{"query":` + test("source.body", `"hello"`) + `}`)},
		{"search by tag", searches(`{"query":` + test("tag_ids", "1") + `}`)},
		{"search by teammate", searches(`{"query":` + test("teammate_ids", "1") + `}`)},
		{"search by author's address", searches(`{"query":` + test("source.author.email", `"joe@bloggs.test"`) + `}`)},
		{"search by change", searches(`{"query":{"field":"updated_at","operator":">","value":1},"sort":{"field":"updated_at","order":"ascending"}}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			holdPlans(t, r, tr.Of(tt.call))
		})
	}
}
