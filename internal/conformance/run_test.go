package conformance_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/api"
	"parley/internal/apptest"
	"parley/internal/conformance"
	"parley/internal/contract"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/seed"
)

// ours is our own contract and the groups in it, read once.
var ours = sync.OnceValues(func() (*contract.Judge, []string) {
	text, err := api.Document("")
	if err != nil {
		panic(err)
	}
	j, err := contract.New(text, nil)
	if err != nil {
		panic(err)
	}
	var groups []string
	for _, op := range j.Operations() {
		for _, tag := range op.Tags {
			if !slices.Contains(groups, tag) {
				groups = append(groups, tag)
			}
		}
	}
	return j, groups
})

// options check the rig's server with its own contract. Waiting takes no time; it
// runs the jobs that are due.
func options(r *apptest.Rig, base string) conformance.Options {
	judge, _ := ours()
	return conformance.Options{Base: base, Token: r.Token, Description: judge, Mark: "t3st", Clock: r.Clock.Now,
		Wait: func(ctx context.Context, _ time.Duration) error {
			r.RunJobs()
			return ctx.Err()
		}}
}

// inDemo is the rig inside the example company.
func inDemo(t *testing.T, r *apptest.Rig) *apptest.Rig {
	t.Helper()
	f, err := seed.Demo()
	if err != nil {
		t.Fatal(err)
	}
	f.Workspace.ID = model.NewWorkspaceID()
	report, err := r.Seeds.Apply(t.Context(), f, "")
	if err != nil {
		t.Fatal(err)
	}
	token, err := r.App.Workspace.CreateToken(t.Context(), &model.Actor{Workspace: report.Workspace, Admin: report.Owner}, report.Owner, "test", "")
	if err != nil {
		t.Fatal(err)
	}
	inside := *r
	inside.Workspace, inside.Token = report.Workspace, token
	return &inside
}

// serve has a handler reached over the network for as long as the test runs.
func serve(t *testing.T, h http.Handler) (base string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func run(t *testing.T, o conformance.Options) *conformance.Report {
	t.Helper()
	report, err := conformance.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func table(t *testing.T, report *conformance.Report) string {
	t.Helper()
	var text strings.Builder
	if err := report.Table(&text, true); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// inventory is what the workspace lists, by list.
func inventory(t *testing.T, r *apptest.Rig) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for _, list := range []struct{ path, key string }{
		{"/contacts?per_page=150", "data"}, {"/tags", "data"}, {"/data_attributes", "data"}, {"/visitors?user_id=demo-visitor-3", ""},
		{"/help_center/collections?per_page=150", "data"}, {"/help_center/sections?per_page=150", "data"}, {"/articles?per_page=150", "data"},
		{"/news/news_items?per_page=50", "data"},
	} {
		a := r.Get(t, list.path)
		if a.Status == 404 {
			continue // not served
		}
		items, _ := a.OK().At(list.key).([]any)
		for _, item := range items {
			o := item.(map[string]any)
			found[list.path] = append(found[list.path], fmt.Sprint(o["id"], o["name"]))
		}
	}
	for _, item := range r.Post(t, "/companies/list?per_page=60", nil).OK().At("data").([]any) {
		found["companies"] = append(found["companies"], fmt.Sprint(item.(map[string]any)["id"]))
	}
	slices.Sort(found["companies"]) // by the last request, which attaching counts as
	for _, item := range r.Get(t, "/ticket_types").OK().At("data").([]any) {
		if o := item.(map[string]any); o["archived"] == false {
			found["ticket types"] = append(found["ticket types"], fmt.Sprint(o["id"]))
		}
	}
	open := r.Post(t, "/conversations/search", `{"query":{"field":"open","operator":"=","value":true}}`).OK()
	found["open conversations"] = []string{fmt.Sprint(open.At("total_count"))}
	return found
}

func TestOwnServerConforms(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		// Deadlines of real connections are reckoned by the clock of the server.
		r.Clock.Pass(time.Since(apptest.Start))
		r = inDemo(t, r)
		base := serve(t, r.Handler())
		before := inventory(t, r)
		_, served := ours()

		t.Run("to its own contract", func(t *testing.T) {
			o := options(r, base)
			o.Only = served
			o.Visitors = []string{"demo-visitor-1", "demo-visitor-2"}
			report := run(t, o)
			got := report.Totals
			if want := (conformance.Totals{Operations: got.Operations, Passed: got.Operations}); got != want || got.Operations < 103 {
				t.Errorf("not everything passed:\n%s", table(t, report))
			}
			if len(report.LeftBehind) > 0 {
				t.Errorf("left behind: %v", report.LeftBehind)
			}
			if diff := cmp.Diff(before, inventory(t, r)); diff != "" {
				t.Errorf("the workspace is not as it was (-before +after):\n%s", diff)
			}
			for _, o := range report.Operations {
				tokens := 0
				for _, e := range o.Exchanges {
					if e.Purpose == conformance.PurposeToken {
						tokens++
					}
				}
				if tokens != 1 {
					t.Errorf("%s was asked for %d times with a wrong token", o.ID, tokens)
				}
			}
		})
		// What is known to be mistaken there is counted separately.
		t.Run("to the published description", func(t *testing.T) {
			o := options(r, base)
			o.Mark = "t3st2"
			var err error
			if o.Description, err = contract.Load(means.PublishedDescription(t), contract.Description()); err != nil {
				t.Fatal(err)
			}
			o.Only = slices.DeleteFunc(slices.Clone(served), func(group string) bool { return group == "Counts" }) // no longer described
			o.Visitors = []string{"demo-visitor-3"}
			report := run(t, o)
			if got := report.Totals; got.Passed != got.Operations || got.Operations < 103 || got.Excused < 10 {
				t.Errorf("not everything passed, or nothing was excused:\n%s", table(t, report))
			}
		})
		t.Run("reading only", func(t *testing.T) {
			before := inventory(t, r)
			o := options(r, base)
			o.ReadOnly = true
			o.Only = served
			o.Observe = func(e conformance.Exchange) {
				if path, _, _ := strings.Cut(e.Path, "?"); e.Method != "GET" && !strings.HasSuffix(path, "/search") && path != "/companies/list" {
					t.Errorf("%s %s was sent", e.Method, e.Path)
				}
			}
			report := run(t, o)
			passed := map[string]bool{}
			for _, op := range report.Operations {
				passed[op.ID] = op.Result == conformance.Passed
				if op.Result == conformance.Failed {
					t.Errorf("%s failed: %v", op.ID, op.Problems)
				}
			}
			for _, id := range []string{"showContact", "retrieveACompanyById", "findTag", "retrieveConversation", "getTicketType", "retrieveTeam", "retrieveSegment"} {
				if !passed[id] {
					t.Errorf("%s was not read:\n%s", id, table(t, report))
				}
			}
			if report.Mark != "" || len(report.Others) > 0 {
				t.Errorf("the report speaks of what was made: %q, %v", report.Mark, report.Others)
			}
			if diff := cmp.Diff(before, inventory(t, r)); diff != "" {
				t.Errorf("the workspace is not as it was (-before +after):\n%s", diff)
			}
		})
	})
}

// TestEmptyWorkspace has nothing of what no operation makes.
func TestEmptyWorkspace(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	base := serve(t, r.Handler())
	o := options(r, base)
	o.Only = []string{"Teams", "Segments", "subscription types", "visitors", "createtag"}
	report := run(t, o)
	skipped := map[string]string{}
	for _, op := range report.Operations {
		switch op.Result {
		case conformance.Failed:
			t.Errorf("%s failed: %v", op.ID, op.Problems)
		case conformance.Skipped:
			skipped[op.ID] = op.Reason
		}
	}
	want := map[string]string{
		"retrieveTeam":                     "the workspace has no team",
		"retrieveSegment":                  "the workspace has no segment",
		"attachSubscriptionTypeToContact":  "the workspace has no live subscription type",
		"detachSubscriptionTypeToContact":  "the workspace has no live subscription type",
		"attachSubscriptionTypeOfAContact": "the workspace has no live subscription type",
		"detachSubscriptionTypeOfAContact": "the workspace has no live subscription type",
		"retrieveVisitorWithUserId":        "it needs a visitor, whom no operation makes: name one",
		"updateVisitor":                    "it needs a visitor, whom no operation makes: name one",
		"retrieveVisitor":                  "it needs a visitor, whom no operation makes: name one",
		"updateVisitorById":                "it needs a visitor, whom no operation makes: name one",
		"convertVisitor":                   "it needs a visitor, whom no operation makes: name one",
		"deleteVisitor":                    "it needs a second visitor, whom no operation makes: name two",
	}
	if diff := cmp.Diff(want, skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestOnly(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	base := serve(t, r.Handler())
	for _, c := range []struct {
		only string
		want []string
	}{
		{"notes", []string{"createNote", "listNotes", "retrieveNote"}},
		{"detachTagFromConversation", []string{"detachTagFromConversation"}},
		{"listDataEvents, ticket_types", []string{"listDataEvents", "createTicketType", "listTicketTypes", "getTicketType", "updateTicketType"}},
	} {
		t.Run(c.only, func(t *testing.T) {
			t.Parallel()
			r := r.Elsewhere(t)
			o := options(r, base)
			o.Only = strings.Split(c.only, ",")
			report := run(t, o)
			var got []string
			for _, op := range report.Operations {
				got = append(got, op.ID)
				if op.Result != conformance.Passed {
					t.Errorf("%s: %s %v", op.ID, op.Reason, op.Problems)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("checked (-want +got):\n%s", diff)
			}
			if n := r.Get(t, "/contacts").OK().At("total_count"); n != 0.0 {
				t.Errorf("%v contacts are left", n)
			}
		})
	}
}

func TestOptionsThatAreWrong(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	for _, c := range []struct {
		name   string
		change func(*conformance.Options)
		want   string
	}{
		{"no URL", func(o *conformance.Options) { o.Base = "" }, `"" is not the URL of a server`},
		{"no host", func(o *conformance.Options) { o.Base = "localhost:8080" }, `"localhost:8080" is not the URL of a server`},
		{"another scheme", func(o *conformance.Options) { o.Base = "ftp://a.test" }, "is not the URL of a server"},
		{"a password in it", func(o *conformance.Options) { o.Base = "http://a:b@a.test" }, "is not the URL of a server"},
		{"no token", func(o *conformance.Options) { o.Token = "" }, "the access token is missing"},
		{"an unknown group", func(o *conformance.Options) { o.Only = []string{"Tags", "Weather"} }, `no group and no operation "Weather"; the groups are Admins, Teams,`},
		{"an empty one", func(o *conformance.Options) { o.Only = []string{""} }, `no group and no operation ""`},
		{"three visitors", func(o *conformance.Options) { o.Visitors = []string{"a", "b", "c"} }, "two visitors are enough"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := options(r, "http://127.0.0.1:1")
			c.change(&o)
			if _, err := conformance.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
