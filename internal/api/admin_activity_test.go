package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

// An activity is an entry of the log, but for its id.
type activity struct {
	Type, Description, By, Email, IP string
	CreatedAt                        float64
	Metadata                         any
}

// activities reads a page of the log.
func activities(t *testing.T, a *apptest.Answer) (entries []activity, ids []string) {
	t.Helper()
	var page struct {
		Type string
		Logs []struct {
			ID          string
			PerformedBy struct{ Type, ID, Email, IP string } `json:"performed_by"`
			Metadata    any
			CreatedAt   float64 `json:"created_at"`
			Type        string  `json:"activity_type"`
			Description string  `json:"activity_description"`
		} `json:"activity_logs"`
	}
	a.OK().Decode(&page)
	if page.Type != "activity_log.list" {
		t.Errorf("the log is a %q", page.Type)
	}
	for _, e := range page.Logs {
		if !regexp.MustCompile(`^[0-9a-f-]{36}$`).MatchString(e.ID) || e.PerformedBy.Type != "admin" {
			t.Errorf("an entry is %+v", e)
		}
		ids = append(ids, e.ID)
		entries = append(entries, activity{e.Type, e.Description, e.PerformedBy.ID, e.PerformedBy.Email, e.PerformedBy.IP, e.CreatedAt, e.Metadata})
	}
	return entries, ids
}

func TestActivityLog(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx, rules := t.Context(), r.App.Workspace
		command, err := rules.Operator(ctx, r.Workspace.ID)
		must(t, err)
		r.Clock.Pass(time.Hour)
		start := r.Clock.Now().Unix()
		tick := func() { r.Clock.Pass(time.Millisecond) } // the log knows the order of what a second holds
		bob, err := rules.CreateAdmin(ctx, command, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		must(t, err)
		tick()
		r.Put(t, "/admins/1/away", `{"away_mode_enabled":true,"away_mode_reassign":true}`).OK()
		r.Put(t, "/admins/1/away", `{"away_mode_enabled":true,"away_mode_reassign":true}`).OK() // changes nothing
		tick()
		r.Put(t, "/admins/2/away", `{"away_mode_enabled":false,"away_mode_reassign":true}`).OK()
		tick()
		team, err := rules.CreateTeam(ctx, command, model.Team{Name: "Sales", Members: []model.TeamMember{{Admin: bob.ID}}})
		must(t, err)
		tick()
		renamed := model.Team{ID: team.ID, Name: "Support", Members: team.Members}
		_, err = rules.UpdateTeam(ctx, command, renamed) // its members stay
		must(t, err)
		renamed.Members = []model.TeamMember{{Admin: 1, Priority: model.Primary}, {Admin: bob.ID}}
		_, err = rules.UpdateTeam(ctx, command, renamed)
		must(t, err)
		tick()
		must(t, rules.DeleteTeam(ctx, command, team.ID))
		tick()
		_, err = rules.CreateToken(ctx, command, bob.ID, "deploy", "")
		must(t, err)
		tick()
		tokens, err := rules.ListTokens(ctx, command)
		must(t, err)
		token := tokens[1].ID()
		must(t, rules.RevokeToken(ctx, command, token))
		must(t, rules.RevokeToken(ctx, command, token)) // changes nothing
		tick()
		contact := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		r.Delete(t, "/contacts/"+contact, nil).OK()
		tick()
		company := r.Post(t, "/companies", `{"company_id":"a"}`).OK().ID()
		r.Delete(t, "/companies/"+company, nil).OK()
		tick()
		visitor := putVisitor(t, r, visitorDraft{UserID: visitorUUID}).ID()
		r.Delete(t, "/visitors/"+visitor, nil).OK()
		r.Delete(t, "/contacts/"+contact, nil).Is(404) // what fails is not logged

		got, _ := activities(t, r.Get(t, fmt.Sprintf("/admins/activity_logs?created_at_after=%d", start)))
		at := float64(start)
		sales := object{"id": 1.0, "name": "Sales"}
		support := object{"id": 1.0, "name": "Support"}
		theToken := object{"access_token": object{"id": token, "name": "deploy", "admin_id": 2.0}}
		want := []activity{
			{"app_data_deletion", "Ann Owner deleted the visitor " + visitor + ".", "1", "ann@acme.test", "192.0.2.1", at, object{"visitor": object{"id": visitor}}},
			{"app_data_deletion", "Ann Owner deleted the company " + company + ".", "1", "ann@acme.test", "192.0.2.1", at, object{"company": object{"id": company}}},
			{"app_data_deletion", "Ann Owner deleted the contact " + contact + ".", "1", "ann@acme.test", "192.0.2.1", at, object{"contact": object{"id": contact}}},
			{"app_package_uninstallation", "Ann Owner revoked the access token " + token + ".", "1", "ann@acme.test", "", at, theToken},
			{"app_package_installation", "Ann Owner created the access token " + token + ".", "1", "ann@acme.test", "", at, theToken},
			{"app_team_deletion", "Ann Owner deleted the team Support.", "1", "ann@acme.test", "", at, object{"team": support}},
			{"app_team_membership_modification", "Ann Owner changed who is in the team Support.", "1", "ann@acme.test", "", at,
				object{"team": support, "before": []any{2.0}, "after": []any{1.0, 2.0}}},
			{"app_team_creation", "Ann Owner created the team Sales.", "1", "ann@acme.test", "", at, object{"team": sales}},
			{"admin_away_mode_change", "Ann Owner turned away mode off for Bob.", "1", "ann@acme.test", "192.0.2.1", at,
				object{"away_mode": false, "reassign_conversations": true, "update_by": 1.0}},
			{"admin_away_mode_change", "Ann Owner turned away mode on.", "1", "ann@acme.test", "192.0.2.1", at,
				object{"away_mode": true, "reassign_conversations": true, "update_by": 1.0}},
			{"app_admin_join", "Ann Owner added Bob to the workspace.", "1", "ann@acme.test", "", at,
				object{"admin": object{"id": 2.0, "name": "Bob", "email": "bob@acme.test"}}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the log (-want +got):\n%s", diff)
		}

		// The first admin joined by itself, and its token was made in its name.
		got, _ = activities(t, r.Get(t, fmt.Sprintf("/admins/activity_logs?created_at_after=0&created_at_before=%d", start-1)))
		slices.SortFunc(got, func(a, b activity) int { return strings.Compare(a.Type, b.Type) }) // they share an instant
		if len(got) != 2 || got[0].Description != "Ann Owner joined the workspace." || got[0].By != "1" || got[1].By != "1" {
			t.Errorf("the log begins with %+v", got)
		}
	})
}

func TestActivityLogRange(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		first := apptest.Start.Unix()
		r.Clock.Pass(time.Minute)
		r.Put(t, "/admins/1/away", `{"away_mode_enabled":true,"away_mode_reassign":true}`).OK()
		_, _, elsewhere := r.NewWorkspace(t)
		for _, c := range []struct {
			query string
			want  int
		}{
			{fmt.Sprintf("created_at_after=%d", first), 3},
			{fmt.Sprintf("created_at_after=%d", first+1), 1},
			{fmt.Sprintf("created_at_after=%d", first+60), 1},
			{fmt.Sprintf("created_at_after=%d", first+61), 0},
			{fmt.Sprintf("created_at_after=%d&created_at_before=%d", first, first+59), 2},
			{fmt.Sprintf("created_at_after=%d&created_at_before=%d", first, first), 2},
			{fmt.Sprintf("created_at_after=%d&created_at_before=%d", first+60, first), 0},
			{"created_at_after=0&sort=created_at&order=asc", 3},
		} {
			if got, _ := activities(t, r.Get(t, "/admins/activity_logs?"+c.query)); len(got) != c.want {
				t.Errorf("%s has %d entries, want %d", c.query, len(got), c.want)
			}
		}
		is(t, r.Get(t, "/admins/activity_logs?created_at_after=9999999999"),
			`{"type":"activity_log.list","pages":{"type":"pages","next":null,"page":1,"per_page":20,"total_pages":0},"activity_logs":[]}`)
		got, _ := activities(t, r.Get(t, "/admins/activity_logs?created_at_after=0", apptest.As(elsewhere)))
		if len(got) != 2 {
			t.Errorf("the log of another workspace is %+v", got)
		}

		needed := missing("created_at_after is required")
		for _, c := range []struct {
			query   string
			refused *refusal
		}{
			{"", needed},
			{"created_at_after=", needed},
			{"created_at_before=1", needed},
			{"created_at_after=yesterday", invalid("created_at_after must be a time in Unix seconds")},
			{"created_at_after=-1", invalid("created_at_after must be a time in Unix seconds")},
			{"created_at_after=1.5", invalid("created_at_after must be a time in Unix seconds")},
			{"created_at_after=99999999999999999999", invalid("created_at_after must be a time in Unix seconds")},
			{"created_at_after=1&created_at_before=x", invalid("created_at_before must be a time in Unix seconds")},
			{"created_at_after=1&per_page=151", invalid("Per Page is too big")},
			{"created_at_after=1&per_page=0", invalid("Per Page is invalid")},
			{"created_at_after=1&page=0", invalid("Page is invalid")},
			{"created_at_after=1&starting_after=abc", &refusal{400, "client_error",
				"Invalid starting_after param. Please try again using a starting_after value from a paginated response"}},
		} {
			r.Get(t, "/admins/activity_logs?"+c.query).Fails(c.refused.status, c.refused.code, c.refused.message)
		}
		r.Get(t, "/admins/activity_logs?created_at_after=1", apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
		r.Do(t, http.MethodPost, "/admins/activity_logs?created_at_after=1", nil).Fails(404, "not_found", "Resource Not Found")
	})
}

// TestActivityLogWalk follows the links while entries are added: each that was
// there at the start is seen once, and in order.
func TestActivityLogWalk(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		toggle := func(i int) {
			t.Helper()
			r.Put(t, "/admins/1/away", fmt.Sprintf(`{"away_mode_enabled":%v,"away_mode_reassign":false}`, i%2 == 0)).OK()
		}
		for i := range 23 { // several in each second
			if i%5 == 0 {
				r.Clock.Pass(time.Second)
			}
			toggle(i)
		}
		_, want := activities(t, r.Get(t, "/admins/activity_logs?created_at_after=0&per_page=150"))
		if len(want) != 25 {
			t.Fatalf("the log has %d entries", len(want))
		}
		var got []string
		path := "/admins/activity_logs?created_at_after=0&per_page=7"
		for page := 1; path != ""; page++ {
			a := r.Get(t, path)
			_, seen := activities(t, a)
			got = append(got, seen...)
			if a.At("pages.page") != float64(page) || a.At("pages.per_page") != 7.0 {
				t.Errorf("page %d is %v", page, a.At("pages"))
			}
			path = next(t, a)
			toggle(page)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the walk (-want +got):\n%s", diff)
		}
		_, second := activities(t, r.Get(t, "/admins/activity_logs?created_at_after=0&per_page=7&page=2"))
		if len(second) != 7 {
			t.Errorf("page 2 by number has %d entries", len(second))
		}
		_, past := activities(t, r.Get(t, "/admins/activity_logs?created_at_after=0&per_page=7&page=99"))
		if len(past) != 0 {
			t.Errorf("the page past the last has %d entries", len(past))
		}
	})
}

// next is the path of the page after an answer, or empty.
func next(t *testing.T, a *apptest.Answer) string {
	t.Helper()
	link, _ := a.At("pages.next").(string)
	if link == "" {
		return ""
	}
	u, err := url.Parse(link)
	must(t, err)
	if u.Scheme != "http" || u.Host != "parley.test" || strings.Contains(link, "Bearer") {
		t.Errorf("the next page is at %s", link)
	}
	return u.RequestURI()
}
