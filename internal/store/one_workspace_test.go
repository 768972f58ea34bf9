package store_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/conformance"
	"parley/internal/contract"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/seed"
	rules "parley/internal/service/identity"
	"parley/internal/store"
)

// ofNone are the statements that name no workspace, and why they may. Where the
// workspaces are on several databases, each needs an answer of its own: see
// docs/scaling.md.
var ofNone = []struct{ statement, reason string }{
	{`^SELECT w\.id, .* FROM access_tokens t JOIN workspaces w .* WHERE t\.token_hash = \$1`, "whose a token is"},
	{`^SELECT count\(\*\) FROM access_tokens WHERE token_hash = \$1$`, "a token is one workspace's alone"},
	{`^SELECT workspace_id FROM app_client_ids WHERE client_id = \$1$`, "whose an app is"},
	{`^SELECT .* FROM workspaces WHERE NOT EXISTS \(SELECT 1 FROM workspaces other `, "the command line, where there is one workspace"},
	{`^SELECT .* FROM workspaces WHERE id < '~' AND secret < '~' ORDER BY created_at, id$`, "the command line, and the first start"},
	{`^WITH due AS MATERIALIZED \(SELECT id FROM jobs `, "which jobs are due, of whatever workspace"},
	{`^SELECT k\.kind, .* FROM jobs `, "how many jobs there are, for the metrics"},
	{`^UPDATE jobs SET .* WHERE id = \$1 AND attempt = \$2$`, "a job that was claimed, by its id"},
	{`^DELETE FROM jobs WHERE id = \$1 AND attempt = \$2$`, "a job that was claimed, by its id"},
	{`^SELECT state, waiting, count\(\*\), .* FROM webhooks w`, "how many webhooks are behind, for the metrics"},
	{`^SELECT w\.workspace_id, w\.id FROM webhooks w WHERE w\.state = 'live'`, "which webhooks have something to be sent"},
}

// A transaction is what was asked of the database in one.
type transaction []statement

type statement struct {
	text string
	args []any
}

// transactions are all that a database was asked for.
type transactions struct {
	mu  sync.Mutex
	all []*transaction
}

func (ts *transactions) begin() func(string, []any) {
	tx := new(transaction)
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.all = append(ts.all, tx)
	return func(text string, args []any) {
		*tx = append(*tx, statement{strings.Join(strings.Fields(strings.TrimPrefix(text, db.ByValues)), " "), args})
	}
}

// TestOneWorkspace runs every operation of the API, and what has no operation, on two
// workspaces, and reads each statement that this takes: it names one workspace, for
// every table that it reads or writes, and its transaction no other.
func TestOneWorkspace(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]func(*testing.T) db.Options{
		"sqlite":   func(t *testing.T) db.Options { return db.Options{Path: filepath.Join(t.TempDir(), "parley.db")} },
		"postgres": func(t *testing.T) db.Options { return db.Options{URL: means.Postgres(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := &transactions{}
			o := options(t)
			o.Migrations, o.TraceEach = store.Migrations(), told.begin
			d, err := db.Open(t.Context(), o)
			must(t, err)
			everything(t, apptest.On(t, d))
			must(t, d.Close())
			holdToOne(t, told.all)
		})
	}
}

func holdToOne(t *testing.T, all []*transaction) {
	t.Helper()
	exceptions := make([]*regexp.Regexp, len(ofNone))
	seen := make([]bool, len(ofNone))
	for i, e := range ofNone {
		exceptions[i] = regexp.MustCompile(e.statement)
	}
	excepted := func(text string) (is bool) {
		for i, e := range exceptions {
			if e.MatchString(text) {
				seen[i], is = true, true
			}
		}
		return is
	}
	readings := map[string]reading{}
	workspaces := map[string]bool{}
	for _, tx := range all {
		of := ""
		for _, s := range *tx {
			r, known := readings[s.text]
			if !known {
				if r = readWorkspaces(s.text); excepted(s.text) {
					r = reading{}
				} else if len(r.unnamed) > 0 {
					t.Errorf("whose rows of %v are meant is not said in %s", r.unnamed, s.text)
				}
				readings[s.text] = r
			}
			for _, n := range r.params {
				switch ws := fmt.Sprint(s.args[n-1]); {
				case of == "" || of == ws:
					of = ws
				default:
					t.Errorf("a transaction of the workspace %s asks that of %s: %s", of, ws, s.text)
				}
			}
		}
		workspaces[of] = true
	}
	if len(readings) < 300 || len(workspaces) < 3 {
		t.Errorf("%d statements of %d workspaces were read", len(readings), len(workspaces)-1)
	}
	for i, was := range seen {
		if !was {
			t.Errorf("no statement is %s: %s", ofNone[i].statement, ofNone[i].reason)
		}
	}
}

// everything runs what there is, in the rig's workspace and in the example company.
func everything(t *testing.T, r *apptest.Rig) {
	t.Helper()
	ctx := t.Context()
	_, err := r.App.Workspace.Sole(ctx)
	must(t, err)
	r = r.Restarted(t, app.Options{AllowPrivateAddresses: true})
	company := inDemo(t, r)

	// Somebody listens, and somebody is told.
	for _, r := range []*apptest.Rig{r, company} {
		receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		t.Cleanup(receiver.Close)
		r.Post(t, "/_parley/webhooks", map[string]any{"url": receiver.URL, "topics": []string{"*"}}).OK()
		listening := r.Listen(t, "")
		r.Post(t, "/contacts", `{"email":"joe@acme.test"}`).OK()
		listening.Next("")
		listening.Close()
		r.RunJobs()
		delivery := r.Get(t, "/_parley/webhooks/1/deliveries").OK().At("data.0.id").(string)
		r.Get(t, "/_parley/deliveries/"+delivery).OK()
		r.Post(t, "/_parley/deliveries/"+delivery+"/replay", nil).OK()
	}

	text, err := api.Document("")
	must(t, err)
	judge, err := contract.New(text, nil)
	must(t, err)
	for r, only := range map[*apptest.Rig][]string{company: nil, r: {"Tags", "Conversations"}} {
		report, err := conformance.Run(ctx, conformance.Options{Base: "http://parley.test", Token: r.Token, Description: judge, Mark: "t3st", Only: only,
			Clock: r.Clock.Now, Visitors: []string{"demo-visitor-1", "demo-visitor-2"}, Transport: direct{r.Handler()},
			Wait: func(context.Context, time.Duration) error { r.RunJobs(); return nil }})
		must(t, err)
		if n := report.Totals; n.Passed != n.Operations || r == company && n.Operations < 108 {
			t.Errorf("not every operation passed: %+v", n)
		}
	}

	// What no operation of the API does.
	company.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", nil))
	r.AppToken(t, identity.ReadConversations)
	by := r.Actor()
	must(t, r.Identity.SetPassword(ctx, by, by.Admin, "a long password"))
	entry, err := r.Identity.SignIn(ctx, rules.Attempt{Workspace: by.Workspace.ID, Email: r.Admin.Email, Password: "a long password"})
	must(t, err)
	must(t, r.Identity.SignOut(ctx, by.Workspace.ID, entry.Token, ""))
	_, err = r.App.Workspace.SetRateLimits(ctx, by.Workspace.ID, func(l *model.RateLimits) { l.App = 1000 })
	must(t, err)
	tokens, err := r.App.Workspace.ListTokens(ctx, by)
	must(t, err)
	must(t, r.App.Workspace.RevokeToken(ctx, by, tokens[0].ID()))
	// The rules that delete a workspace look at its copies, too, and ask for its files to be deleted, which are of no workspace.
	must(t, store.New(r.Database, r.Clock.Now, store.Options{}).Update(ctx, by.Workspace.ID, func(tx *store.Tx) error { return tx.Workspaces.Delete() }))
}

// inDemo is the rig inside the example company.
func inDemo(t *testing.T, r *apptest.Rig) *apptest.Rig {
	t.Helper()
	f, err := seed.Demo()
	must(t, err)
	f.Workspace.ID = model.NewWorkspaceID()
	report, err := r.Seeds.Apply(t.Context(), f, "")
	must(t, err)
	token, err := r.App.Workspace.CreateToken(t.Context(), &model.Actor{Workspace: report.Workspace, Admin: report.Owner}, report.Owner, "test", "")
	must(t, err)
	inside := *r
	inside.Workspace, inside.Token = report.Workspace, token
	return &inside
}

// A direct transport hands requests to a handler, without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	hr := httptest.NewRequest(r.Method, r.URL.String(), r.Body)
	hr.Header = r.Header
	d.handler.ServeHTTP(w, hr)
	return w.Result(), nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
