package app_test

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/conformance"
	"parley/internal/contract"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/model/identity"
)

// What scripts/keep-release keeps of each release, in a folder of its own: what a server of
// that version left behind, and what it answered.
const (
	releases      = "testdata/releases"
	keptFolder    = "data.tar.gz"     // a data folder with the embedded database and files
	keptFiles     = "files.tar.gz"    // the data folder of a server on PostgreSQL
	keptDump      = "postgres.sql.gz" // of pg_dump
	keptArchive   = "parley.backup"
	keptAnswers   = "answers.sqlite.json" // by the data folder, of which the archive is
	keptElsewhere = "answers.postgres.json"
	keptToken     = "dG9rOmEtcmVsZWFzZS1pcy1rZXB0" // of the workspace's owner
	keptWorkspace = model.WorkspaceID("kept0001")
)

// TestReleases has this version open what each release left behind: it answers at least what
// that one answered, what is counted is right, and all of the API works on it.
func TestReleases(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadDir(releases)
	must(t, err)
	if len(kept) == 0 {
		t.Fatal("no release is kept")
	}
	for _, version := range kept {
		dir := filepath.Join(releases, version.Name())
		t.Run(version.Name(), func(t *testing.T) {
			t.Parallel()
			t.Run("sqlite", func(t *testing.T) {
				t.Parallel()
				o := later(t, "")
				unpack(t, filepath.Join(dir, keptFolder), o.Data)
				goesOn(t, o, filepath.Join(dir, keptAnswers))
			})
			t.Run("postgres", func(t *testing.T) {
				t.Parallel()
				o := later(t, means.Postgres(t))
				load(t, filepath.Join(dir, keptDump), o.Database)
				unpack(t, filepath.Join(dir, keptFiles), o.Data)
				goesOn(t, o, filepath.Join(dir, keptElsewhere))
			})
			t.Run("archive", func(t *testing.T) {
				t.Parallel()
				f, err := os.Open(filepath.Join(dir, keptArchive))
				must(t, err)
				defer f.Close()
				o := later(t, "")
				_, _, err = app.Restore(t.Context(), o, true, f)
				must(t, err)
				holdsAnswers(t, opened(t, o), filepath.Join(dir, keptAnswers))
			})
		})
	}
}

// later are options an hour after what is kept was left.
func later(t *testing.T, url string) app.Options {
	o := at(t, url)
	o.Clock = func() time.Time { return apptest.Start.Add(time.Hour) }
	return o
}

// goesOn opens what is kept and works with it.
func goesOn(t *testing.T, o app.Options, answered string) {
	t.Helper()
	a := opened(t, o)
	holdsAnswers(t, a, answered)
	if wrong := recount(t, o); len(wrong) > 0 {
		t.Errorf("a recount says %v", wrong)
	}
	text, err := a.API.Document()
	must(t, err)
	judge, err := contract.New(text, nil)
	must(t, err)
	report, err := conformance.Run(t.Context(), conformance.Options{
		Base: "https://parley.test", Token: keptToken, Description: judge, Mark: "later", Clock: o.Clock,
		Visitors: []string{"kept-visitor-1", "kept-visitor-2"}, Transport: within{a},
		Wait: func(ctx context.Context, _ time.Duration) error { _, err := a.RunJobs(ctx, keptWorkspace); return err },
	})
	must(t, err)
	for _, op := range report.Operations {
		if op.Result != conformance.Passed {
			t.Errorf("%s: %s %v", op.ID, op.Reason, op.Problems)
		}
	}
	if wrong := recount(t, o); len(wrong) > 0 {
		t.Errorf("after all of the API was used, a recount says %v", wrong)
	}
}

// holdsAnswers checks that all of what the release answered is answered still. There may be
// more: a release may add to what it shows.
func holdsAnswers(t *testing.T, a *app.App, path string) {
	t.Helper()
	now := answers(t, a)
	if os.Getenv("PARLEY_TEST_UPDATE") != "" {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) { // what a release answered stays
			must(t, os.WriteFile(path, byLines(t, now), 0o644))
		}
	}
	text, err := os.ReadFile(path)
	must(t, err)
	var then map[string]any
	must(t, json.Unmarshal(text, &then))
	if len(then) < 30 {
		t.Errorf("of the release %d answers are known", len(then))
	}
	_, link, _ := strings.Cut(mustAsk(t, a, keptToken, "GET", "/conversations/1", ""), `"url":"https://parley.test`)
	link, _, _ = strings.Cut(link, `"`)
	if text := mustAsk(t, a, "", "GET", link, ""); text != "kept has no route" {
		t.Errorf("the file at %s is %q", link, text)
	}
	for call, want := range then {
		for _, lacks := range lacking(want, now[call], "") {
			t.Errorf("%s lacks %s", call, lacks)
		}
	}
}

// byLines is JSON with a line for each call.
func byLines(t *testing.T, answers map[string]any) []byte {
	t.Helper()
	var lines []string
	for _, call := range slices.Sorted(maps.Keys(answers)) {
		name, err := json.Marshal(call)
		must(t, err)
		answer, err := json.Marshal(answers[call])
		must(t, err)
		lines = append(lines, string(name)+": "+string(answer))
	}
	return []byte("{\n" + strings.Join(lines, ",\n") + "\n}\n")
}

// answers are what the API says of all sorts of things, by the calls that ask.
func answers(t *testing.T, a *app.App) map[string]any {
	t.Helper()
	all := map[string]any{}
	ask := func(method, path, body string) any {
		t.Helper()
		var v any
		must(t, json.Unmarshal([]byte(mustAsk(t, a, keptToken, method, path, body)), &v))
		all[strings.TrimSpace(method+" "+path+" "+body)] = v
		return v
	}
	for _, path := range []string{"/me", "/admins", "/teams", "/teams/1", "/admins/activity_logs?created_at_after=1", "/contacts", "/tags", "/segments?include_count=true",
		"/segments?type=company", "/subscription_types", "/data_attributes?model=contact", "/data_attributes?model=company", "/conversations",
		"/conversations/1", "/conversations/2", "/tickets/3", "/ticket_types", "/articles", "/articles/1", "/articles/search?phrase=cable", "/help_center/collections",
		"/help_center/sections", "/help_center/help_centers", "/news/news_items", "/news/newsfeeds", "/news/newsfeeds/1/items", "/companies?company_id=kept-company",
		"/visitors?user_id=kept-visitor-1", "/counts", "/counts?type=conversation&count=admin", "/events?type=user&user_id=kept-user", "/_parley/apps",
		"/_parley/webhooks", "/_parley/webhooks/1/deliveries"} {
		ask(http.MethodGet, path, "")
	}
	ask(http.MethodPost, "/companies/list", "")
	ask(http.MethodPost, "/conversations/search", `{"query":{"field":"source.body","operator":"~","value":"door"}}`)
	found := ask(http.MethodPost, "/contacts/search", `{"query":{"field":"external_id","operator":"=","value":"kept-user"}}`)
	id := found.(map[string]any)["data"].([]any)[0].(map[string]any)["id"].(string)
	for _, of := range []string{"", "/notes", "/tags", "/companies", "/segments", "/subscriptions"} {
		ask(http.MethodGet, "/contacts/"+id+of, "")
	}
	return all
}

// lacking are the places at which a value has not what another has.
func lacking(want, got any, at string) (all []string) {
	switch want := want.(type) {
	case map[string]any:
		o, _ := got.(map[string]any)
		for name, value := range want {
			if _, there := o[name]; !there {
				all = append(all, at+"."+name)
			} else if !ofTheMoment(name) {
				all = append(all, lacking(value, o[name], at+"."+name)...)
			}
		}
	case []any:
		items, _ := got.([]any)
		if len(items) != len(want) {
			return []string{at + "[]"}
		}
		for i := range want {
			all = append(all, lacking(want[i], items[i], at+"[]")...)
		}
	default:
		if want != got {
			all = append(all, at)
		}
	}
	return all
}

// ofTheMoment tells members that are another in each answer, and signed ones.
func ofTheMoment(name string) bool {
	return name == "request_id" || name == "starting_after" || name == "next" || name == "url"
}

// within hands requests to a server, without a network.
type within struct{ *app.App }

func (w within) RoundTrip(r *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	hr := httptest.NewRequest(r.Method, r.URL.String(), r.Body)
	hr.Header = r.Header
	w.Handler().ServeHTTP(rec, hr)
	return rec.Result(), nil
}

// TestKeepRelease leaves behind what is kept of a release: for scripts/keep-release, which says
// where.
func TestKeepRelease(t *testing.T) {
	dir := os.Getenv("PARLEY_KEEP_RELEASE")
	if dir == "" {
		t.Skip("PARLEY_KEEP_RELEASE names no folder: it is for scripts/keep-release alone")
	}
	for data, url := range map[string]string{"sqlite": "", "postgres": os.Getenv("PARLEY_KEEP_DATABASE")} {
		o := at(t, url)
		o.Data, o.AllowPrivateAddresses = filepath.Join(dir, data), false
		must(t, os.MkdirAll(o.Data, 0o700))
		a, err := app.Open(t.Context(), o)
		must(t, err)
		leave(t, a)
		must(t, a.Close())
		if url == "" {
			f, err := os.Create(filepath.Join(dir, keptArchive))
			must(t, err)
			_, err = app.Backup(t.Context(), o, true, f)
			must(t, errors.Join(err, f.Close()))
		}
	}
}

// leave does something of all sorts.
func leave(t *testing.T, a *app.App) {
	t.Helper()
	ctx := t.Context()
	by, err := a.CreateWorkspace(ctx, model.Workspace{ID: keptWorkspace, Name: "Kept", Timezone: "Europe/Berlin", Region: "EU"}, app.Owner())
	must(t, err)
	_, err = a.Workspace.CreateToken(ctx, by, by.Admin, "kept", keptToken)
	must(t, err)
	_, err = a.Seeds.Apply(ctx, apptest.OneOfEach(t, "kept"), keptWorkspace)
	must(t, err)
	must(t, a.Identity.SetPassword(ctx, by, by.Admin, "a password that is kept"))
	_, err = a.Identity.RegisterApp(ctx, by, "Kept", []string{"https://app.test/back"}, []identity.Scope{identity.ReadTags})
	must(t, err)
	mustAsk(t, a, keptToken, "POST", "/_parley/webhooks", `{"url":"https://hook.test/","topics":["*"]}`)
	mustAsk(t, a, keptToken, "POST", "/contacts", `{"role":"user","external_id":"kept-archived","email":"kept-archived@acme.test"}`)
	id := found(t, a, "kept-archived")
	mustAsk(t, a, keptToken, "POST", "/contacts/"+id+"/archive", "")
	mustAsk(t, a, keptToken, "POST", "/messages", `{"message_type":"email","subject":"kept","body":"kept","template":"plain","from":{"type":"admin","id":"1"},"to":{"type":"user","id":"`+found(t, a, "kept-user")+`"}}`)
	mustAsk(t, a, keptToken, "POST", "/conversations/2/reply", `{"message_type":"comment","type":"admin","admin_id":"1","body":"Which kept one?"}`)
	mustAsk(t, a, keptToken, "POST", "/conversations/2/parts", `{"message_type":"snoozed","admin_id":"1","snoozed_until":1768600000}`)
	mustAsk(t, a, keptToken, "POST", "/export/content/data", `{"created_at_after":1760000000,"created_at_before":1770000000}`)
	_, err = a.RunJobs(ctx, keptWorkspace)
	must(t, err)
	_, err = a.Sandbox.Snapshot(ctx, keptWorkspace, "kept", false)
	must(t, err)
}

// found is the id of the contact with an external id.
func found(t *testing.T, a *app.App, externalID string) string {
	t.Helper()
	var page struct{ Data []struct{ ID string } }
	must(t, json.Unmarshal([]byte(mustAsk(t, a, keptToken, "POST", "/contacts/search",
		`{"query":{"field":"external_id","operator":"=","value":"`+externalID+`"}}`)), &page))
	if len(page.Data) != 1 {
		t.Fatalf("%d contacts are %s", len(page.Data), externalID)
	}
	return page.Data[0].ID
}

// unpack puts the files of an archive into a folder.
func unpack(t *testing.T, archive, folder string) {
	t.Helper()
	f, err := os.Open(archive)
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		must(t, err)
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(h.Name) {
			t.Fatalf("%s has %s", archive, h.Name)
		}
		to := filepath.Join(folder, h.Name)
		text, err := io.ReadAll(r)
		must(t, err)
		must(t, os.MkdirAll(filepath.Dir(to), 0o700))
		must(t, os.WriteFile(to, text, 0o600))
	}
}

// load runs the statements of a dump on an empty database.
func load(t *testing.T, dump, url string) {
	t.Helper()
	f, err := os.Open(dump)
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	text, err := io.ReadAll(z)
	must(t, err)
	c, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer c.Close(context.Background())
	_, err = c.PgConn().Exec(t.Context(), string(text)).ReadAll()
	must(t, err)
}
