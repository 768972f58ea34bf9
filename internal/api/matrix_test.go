package api_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/api"
	"parley/internal/apptest"
	"parley/internal/conformance"
	"parley/internal/contract"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/model/identity"
)

// TestSecurityMatrix has each operation, those of Parley's own too, asked for by those who may
// not: without a token, with one that is malformed, unknown or revoked, with an app's that is
// gone or may do something else, with another workspace's; and by who may, with another
// workspace's id in each place of the path, the query and the body that takes an id. The
// requests are those of the script of package conformance that then succeed, and the places
// those that the contract has, so that no operation can be forgotten. Whose token it is is
// found out alike on both databases: on PostgreSQL a third of the tokens that nobody has is tried.
func TestSecurityMatrix(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Unjudged().Furnish(t, "amber")
		m := newMatrix(t, r)
		m.whole = r.Database.Dialect().Name() == "sqlite"
		before := m.rows(m.victim)
		m.remember(strings.Join(m.rows(r), " "))

		judge, err := contract.New(m.api, nil)
		if err != nil {
			t.Fatal(err)
		}
		report, err := conformance.Run(t.Context(), conformance.Options{
			Base: "https://parley.example", Token: r.Token, Description: judge, Plain: true, Clock: r.Clock.Now,
			Only: groups(judge), Visitors: []string{"amber-visitor-1", "amber-visitor-2"}, Transport: m,
			Wait:    func(context.Context, time.Duration) error { r.RunJobs(); m.ours.hear(t); return nil },
			Observe: func(conformance.Exchange) { r.Clock.Pass(time.Second) },
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range report.Operations {
			if op.Result != conformance.Passed {
				t.Errorf("%s: %s %v: the requests of those who may not are in its way", op.ID, op.Reason, op.Problems)
			}
		}
		m.extensions()

		// What may succeed, as the place takes a name of the client's own.
		for _, late := range m.late {
			a := m.send(late.request, late.body, r.Token)
			m.showsNothing(late.what, a, m.victim, late.request, late.body)
		}
		if diff := cmp.Diff(before, m.rows(m.victim)); diff != "" {
			t.Errorf("rows of another workspace are not what they were (-before +after):\n%s", diff)
		}
		for id := range m.operations {
			if !m.seen[id] {
				t.Errorf("%s was not tried: no request of it succeeded", id)
			}
		}
		for _, excuses := range []map[string]string{ownNames, noIDs, empty} {
			for place := range excuses {
				if !m.excused[place] {
					t.Errorf("%s needs no excuse, or is no place", place)
				}
			}
		}
		t.Logf("%d attempts at %d operations, %d of them by a stranger who had an id; %d ids were shown to nobody", m.cells, len(m.operations), m.foreign, len(m.ids))
		if least := 7 * len(m.operations); m.whole && m.cells < least || m.cells < least/2 || m.foreign < 90 || len(m.ids) < 10 {
			t.Error("that is too few")
		}
	})
}

// A matrix is a transport of a workspace's owner. Before each request goes on, those make it
// who may not.
type matrix struct {
	direct
	t *testing.T
	r *apptest.Rig // of the owner

	victim   *apptest.Rig // the workspace whose ids are asked for
	stranger *apptest.Rig // the workspace whose token is tried
	ours     *ear
	whole    bool // all tokens are tried

	api        []byte
	operations map[string]*matrixOperation
	routes     *http.ServeMux
	theirs     map[string]string // by noun: an id of the victim
	intruders  map[string]string // what is in Authorization, of who is not known
	lacking    map[identity.Scope]string

	seen, excused map[string]bool
	ids           map[string]bool // of 24 digits, of the owner's workspace
	late          []attempt
	cells         int
	foreign       int // of them, a stranger's with an id of the owner's in the path
}

// An attempt is a request that is made when the owner's are over.
type attempt struct {
	what    string
	request *http.Request
	body    []byte
}

func newMatrix(t *testing.T, r *apptest.Rig) *matrix {
	t.Helper()
	m := &matrix{direct: direct{r.Handler()}, t: t, r: r, ours: &ear{r: r}, lacking: map[identity.Scope]string{},
		operations: map[string]*matrixOperation{}, routes: http.NewServeMux(), seen: map[string]bool{}, excused: map[string]bool{}, ids: map[string]bool{}}
	m.read()
	m.victim, m.stranger = m.elsewhere(900_000), m.elsewhere(700_000)
	m.furnishVictim()

	revoked, err := r.App.Workspace.CreateToken(t.Context(), r.Actor(), r.Admin.ID, "revoked", "")
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := r.App.Workspace.ListTokens(t.Context(), r.Actor())
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		if token.Name == "revoked" {
			if err := r.App.Workspace.RevokeToken(t.Context(), r.Actor(), token.ID()); err != nil {
				t.Fatal(err)
			}
		}
	}
	gone := r.AppToken(t, identity.Scopes()...)
	r.Delete(t, "/_parley/apps/"+m.onlyApp(), nil).OK()
	// TestEveryOperationWantsAToken has more that is no token.
	m.intruders = map[string]string{
		"nobody":                   "",
		"a malformed header":       r.Token,
		"a token that is unknown":  "Bearer dG9rOmFtYmVyLWFtYmVyLWFtYmVyLWFtYmVy",
		"a token that was revoked": "Bearer " + revoked,
		"the token of a gone app":  "Bearer " + gone,
	}
	m.ours.hear(t)
	return m
}

// onlyApp is the id of the only app of the owner's workspace.
func (m *matrix) onlyApp() string { return m.r.Get(m.t, "/_parley/apps").OK().At("data.0.id").(string) }

// elsewhere is a new workspace whose decimal ids are all beyond a number.
func (m *matrix) elsewhere(number int) *apptest.Rig {
	m.t.Helper()
	ctx, other := m.t.Context(), *m.r
	check := func(err error) {
		m.t.Helper()
		if err != nil {
			m.t.Fatal(err)
		}
	}
	var err error
	other.Workspace, err = m.r.App.Workspace.Create(ctx, model.Workspace{Name: "Elsewhere", Timezone: "UTC", Region: "US"})
	check(err)
	check(m.r.Database.Update(ctx, func(tx *db.Tx) error {
		for _, noun := range []string{"admin", "app", "article", "assignment rule", "collection", "conversation", "data attribute", "help center", "message",
			"news item", "newsfeed", "note", "part", "plan", "subscription_type", "tag", "team", "ticket type attribute", "ticket type", "ticket", "webhook"} {
			if _, err := tx.Exec(`INSERT INTO sequences (workspace_id, name, last) VALUES ($1, $2, $3)
				ON CONFLICT (workspace_id, name) DO UPDATE SET last = sequences.last + $3`, other.Workspace.ID, noun, number); err != nil {
				return err
			}
		}
		return nil
	}))
	by, err := m.r.App.Workspace.Operator(ctx, other.Workspace.ID)
	check(err)
	other.Admin, err = m.r.App.Workspace.CreateAdmin(ctx, by, model.Admin{Name: "Bo Owner", Email: "bo@elsewhere.test", HasInboxSeat: true})
	check(err)
	by.Admin = other.Admin.ID
	other.Token, err = m.r.App.Workspace.CreateToken(ctx, by, by.Admin, "test", "")
	check(err)
	return other.Unjudged()
}

func (m *matrix) RoundTrip(hr *http.Request) (*http.Response, error) {
	var body []byte
	if hr.Body != nil {
		var err error
		if body, err = io.ReadAll(hr.Body); err != nil {
			return nil, err
		}
	}
	op := m.operations[m.operationOf(hr)]
	mayAsk := hr.Header.Get("Authorization") == "Bearer "+m.r.Token
	if op != nil && mayAsk && !asksForNothing(hr) {
		m.ours.hear(m.t) // what the owner did
		if m.seen[op.id] {
			m.estrange(op, hr, body)
		} else {
			m.try(op, hr, body)
		}
	}
	hr.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := m.direct.RoundTrip(hr)
	if err == nil && op != nil && mayAsk && answer.StatusCode < 300 {
		m.seen[op.id] = true
		var text []byte
		if text, err = io.ReadAll(answer.Body); err == nil {
			m.remember(string(text))
			answer.Body = io.NopCloser(bytes.NewReader(text))
		}
	}
	return answer, err
}

// remember notes which ids the owner's workspace has.
func (m *matrix) remember(text string) {
	for _, id := range objectIDs.FindAllString(text, -1) {
		m.ids[id] = true
	}
}

// asksForNothing reports whether the script asks for an id that nothing has.
func asksForNothing(hr *http.Request) bool {
	return strings.Contains(hr.URL.Path, strings.Repeat("f", 24)) || strings.Contains(hr.URL.Path, "2147483000") || strings.Contains(hr.URL.Path, "zzzzzzzz")
}

// try makes a request as all who may not.
func (m *matrix) try(op *matrixOperation, hr *http.Request, body []byte) {
	m.t.Helper()
	at := op.id + " " + hr.URL.RequestURI() + " " + string(body)
	for _, who := range slices.Sorted(maps.Keys(m.intruders)) {
		if m.whole || means.Third(op.id+who) {
			m.refused(who+": "+at, m.ask(hr, body, m.intruders[who]), 401, "unauthorized", "Access Token Invalid")
		}
	}
	if op.dev {
		// No token of a workspace is that of the server.
		for who, token := range map[string]string{"the owner": m.r.Token, "an app": m.without("")} {
			m.refused(who+": "+at, m.send(hr, body, token), 401, "unauthorized", "Access Token Invalid")
		}
	} else {
		needed := api.Scopes()[op.id]
		if m.judgeScope(op, needed); needed != identity.NoScope {
			m.refused("an app without the scope: "+at, m.send(hr, body, m.without(needed)), 403, "forbidden",
				"You do not have the required scope ("+string(needed)+") to access this resource")
		}
	}
	m.estrange(op, hr, body)
	for _, p := range m.places(op, hr, body) {
		what := fmt.Sprintf("%s with an id of another workspace in %s: %s %s %s", op.id, p.name, p.request.Method, p.request.URL.RequestURI(), p.body)
		if reason := ownNames[op.id+" "+p.name]; reason != "" {
			m.excused[op.id+" "+p.name] = true
			m.late = append(m.late, attempt{what, p.request, p.body})
			continue
		}
		token := m.r.Token
		if op.dev {
			token = apptest.DevToken
		}
		a := m.send(p.request, p.body, token)
		m.showsNothing(what, a, m.victim, p.request, p.body)
		switch {
		case empty[op.id+" "+p.name] != "":
			m.excused[op.id+" "+p.name] = true
			if a.Code != http.StatusOK {
				m.t.Errorf("%s is answered %d %s", what, a.Code, a.Body)
			}
		case a.Code != 400 && a.Code != 404 && a.Code != 422:
			m.t.Errorf("%s is answered %d %s", what, a.Code, a.Body)
		}
	}
	m.nothingHappened(at)
}

// estrange makes a request as the owner of another workspace. Those of an operation that was tried have other ids and bodies.
func (m *matrix) estrange(op *matrixOperation, hr *http.Request, body []byte) {
	m.t.Helper()
	if op.dev {
		return
	}
	at := op.id + " " + hr.URL.RequestURI() + " " + string(body)
	a := m.send(hr, body, m.stranger.Token)
	m.showsNothing("a stranger: "+at, a, m.r, hr, body)
	if a.Code == http.StatusUnauthorized {
		m.t.Errorf("a stranger is not who may ask: %s: %s", at, a.Body)
	}
	if m.namesAnID(op, hr) {
		m.foreign++
		if a.Code/100 != 4 {
			m.t.Errorf("a stranger is answered %d %s: %s", a.Code, a.Body, at)
		}
	}
	m.nothingHappened(at)
}

// nothingHappened checks that nobody has changed anything of the owner's.
func (m *matrix) nothingHappened(at string) {
	m.t.Helper()
	if topics, objects := m.ours.hear(m.t); len(topics) > 0 {
		m.t.Errorf("what was refused had %v happen to %v: %s", topics, objects, at)
	}
}

// send makes a request with another token and body.
func (m *matrix) send(hr *http.Request, body []byte, token string) *httptest.ResponseRecorder {
	return m.ask(hr, body, "Bearer "+token)
}

func (m *matrix) ask(hr *http.Request, body []byte, authorization string) *httptest.ResponseRecorder {
	m.cells++
	again := httptest.NewRequest(hr.Method, hr.URL.String(), bytes.NewReader(body))
	again.Header = hr.Header.Clone()
	again.Header.Set("Authorization", authorization)
	if len(body) > 0 {
		again.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, again)
	if w.Code >= 500 {
		m.t.Errorf("%s %s %s is answered %d %s", hr.Method, hr.URL.RequestURI(), body, w.Code, w.Body)
	}
	return w
}

func (m *matrix) refused(what string, a *httptest.ResponseRecorder, status int, code, message string) {
	m.t.Helper()
	text := a.Body.String()
	if a.Code != status || !strings.Contains(text, `"`+code+`"`) || !strings.Contains(text, message) || a.Header().Get("X-Request-Id") == "" {
		m.t.Errorf("%s is answered %d %s", what, a.Code, text)
	}
	m.showsNothing(what, a, m.r, nil, nil)
}

// without is a token of an app that may do everything but what needs this scope.
func (m *matrix) without(scope identity.Scope) string {
	if m.lacking[scope] == "" {
		others := slices.DeleteFunc(identity.Scopes(), func(s identity.Scope) bool { return s == scope || scope != "" && s.Includes(scope) })
		m.lacking[scope] = m.r.AppToken(m.t, others...)
		m.ours.hear(m.t)
	}
	return m.lacking[scope]
}

// showsNothing checks that an answer has nothing of a workspace but what was asked with.
func (m *matrix) showsNothing(what string, a *httptest.ResponseRecorder, of *apptest.Rig, hr *http.Request, body []byte) {
	m.t.Helper()
	asked := string(body)
	if hr != nil {
		asked += " " + hr.URL.Path + " " + hr.URL.RawQuery
	}
	text := a.Body.String()
	// Of what overlaps, the longer first.
	given := strings.FieldsFunc(asked, func(c rune) bool { return strings.ContainsRune(`"{}[],:/=& `, c) })
	slices.SortFunc(given, func(a, b string) int { return len(b) - len(a) })
	for _, given := range given {
		if len(given) > 3 {
			text = strings.ReplaceAll(text, given, "")
		}
	}
	word := "amber"
	if of == m.victim {
		word = "beryl"
	} else {
		for _, id := range objectIDs.FindAllString(text, -1) {
			if m.ids[id] {
				m.t.Errorf("%s is shown the id %s: %s", what, id, text)
			}
		}
	}
	if strings.Contains(text, word) || of == m.victim && bigIDs.MatchString(text) {
		m.t.Errorf("%s is shown %s", what, text)
	}
}

// rows are all rows of a workspace, in the order of their texts.
func (m *matrix) rows(of *apptest.Rig) []string {
	m.t.Helper()
	var all []string
	err := of.Database.View(m.t.Context(), func(tx *db.Tx) error {
		all = nil
		tables, err := tx.Tables()
		if err != nil {
			return err
		}
		for _, table := range tables {
			var columns []string
			for _, c := range table.Columns {
				columns = append(columns, c.Name)
			}
			if !slices.Contains(columns, "workspace_id") {
				continue
			}
			rows, err := tx.Query(`SELECT `+strings.Join(columns, ", ")+` FROM `+table.Name+` WHERE workspace_id = $1`, of.Workspace.ID)
			if err != nil {
				return err
			}
			for rows.Next() {
				values, into := make([]any, len(columns)), make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				if err := rows.Scan(into...); err != nil {
					rows.Close()
					return err
				}
				all = append(all, fmt.Sprintf("%s %v", table.Name, values))
			}
			if err := rows.Close(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		m.t.Fatal(err)
	}
	if len(all) < 100 {
		m.t.Fatalf("another workspace has %d rows", len(all))
	}
	slices.Sort(all)
	return all
}
