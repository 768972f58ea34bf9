package api_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

// newAdmin adds a teammate to the rig's workspace.
func newAdmin(t *testing.T, r *apptest.Rig, a model.Admin) *model.Admin {
	t.Helper()
	added, err := r.App.Workspace.CreateAdmin(t.Context(), r.Actor(), a)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

// fails checks that a rule that no operation reaches refuses.
func fails(t *testing.T, err error, code, message string) {
	t.Helper()
	e, ok := model.AsError(err)
	if !ok || e.Code != code || e.Message != message {
		t.Errorf("failed with %v, want %s: %s", err, code, message)
	}
}

func TestMe(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		is(t, r.Get(t, "/me"), `{"type":"admin","id":"1","email":"ann@acme.test","name":"Ann Owner","email_verified":true,
			"app":{"type":"app","id_code":"<ws>","name":"Acme","created_at":1768478400,"secure":false,
				"identity_verification":false,"timezone":"America/Los_Angeles","region":"US"},
			"avatar":{"type":"avatar","image_url":null},"has_inbox_seat":true}`, "<ws>", string(r.Workspace.ID))
	})
}

func TestAdmins(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		bob := newAdmin(t, r, model.Admin{Name: " Bob ", Email: " Bob@Acme.test ", JobTitle: "Support", Avatar: "https://acme.test/bob.png"})
		cat := newAdmin(t, r, model.Admin{Name: "Cat", Email: "cat@acme.test"})
		for _, team := range []model.Team{
			{Name: "Sales", Members: []model.TeamMember{{Admin: bob.ID, Priority: model.Primary}}},
			{Name: "Support", Members: []model.TeamMember{{Admin: cat.ID}, {Admin: bob.ID, Priority: model.Secondary}}},
		} {
			if _, err := r.App.Workspace.CreateTeam(t.Context(), r.Actor(), team); err != nil {
				t.Fatal(err)
			}
		}
		const (
			annJSON = `{"type":"admin","id":"1","name":"Ann Owner","email":"ann@acme.test","away_mode_enabled":false,
				"away_mode_reassign":false,"has_inbox_seat":true,"team_ids":[]<no avatar>}`
			bobJSON = `{"type":"admin","id":"2","name":"Bob","email":"bob@acme.test","job_title":"Support",
				"away_mode_enabled":false,"away_mode_reassign":false,"has_inbox_seat":false,"team_ids":[1,2],
				"team_priority_level":{"primary_team_ids":[1],"secondary_team_ids":[2]}<avatar>}`
			catJSON = `{"type":"admin","id":"3","name":"Cat","email":"cat@acme.test","away_mode_enabled":false,
				"away_mode_reassign":false,"has_inbox_seat":false,"team_ids":[2]<no avatar>}`
			all = `{"type":"admin.list","admins":[` + annJSON + "," + bobJSON + "," + catJSON + `]}`
		)
		plain := []string{"<avatar>", "", "<no avatar>", ""}
		pictures := []string{"<avatar>", `,"avatar":{"type":"avatar","image_url":"https://acme.test/bob.png"}`,
			"<no avatar>", `,"avatar":{"type":"avatar","image_url":null}`}
		for _, c := range []struct {
			path, want string
			values     []string
		}{
			{"/admins", all, plain},
			{"/admins?display_avatar=false", all, plain},
			{"/admins?display_avatar=true&unknown=1", all, pictures},
			{"/admins/2", bobJSON, plain},
			{"/admins/2?display_avatar=true", bobJSON, pictures},
			{"/admins/1?display_avatar=true", annJSON, pictures},
		} {
			is(t, r.Get(t, c.path), c.want, c.values...)
		}
		for _, path := range []string{"/admins", "/admins/1"} {
			r.Get(t, path+"?display_avatar=maybe").Fails(400, "parameter_invalid", "display_avatar must be true or false")
			r.Get(t, path, apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
		}
	})
}

func TestUnknownAdmin(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		bob := newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		_, _, elsewhere := r.NewWorkspace(t)
		r.Get(t, "/admins/"+bob.ID.String(), apptest.As(elsewhere)).Fails(404, "admin_not_found", "Admin not found")
		r.Put(t, "/admins/"+bob.ID.String()+"/away", `{"away_mode_enabled":true,"away_mode_reassign":true}`, apptest.As(elsewhere)).
			Fails(404, "admin_not_found", "Admin for admin_id not found")
		for _, id := range []string{"3", "0", "-1", "01", "abc", "99999999999999999999", "%00", "%ff", "1%2F2"} {
			a := r.Get(t, "/admins/"+id)
			if id == "%00" || id == "%ff" {
				a.Fails(404, "not_found", "Resource Not Found")
				continue
			}
			a.Fails(404, "admin_not_found", "Admin not found")
			r.Put(t, "/admins/"+id+"/away", `{"away_mode_enabled":true,"away_mode_reassign":true}`).
				Fails(404, "admin_not_found", "Admin for admin_id not found")
		}
	})
}

func TestAwayMode(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name, body string
			enabled    bool
			reassign   bool
			refused    *refusal
		}{
			{"away", `{"away_mode_enabled":true,"away_mode_reassign":false}`, true, false, nil},
			{"again", `{"away_mode_enabled":true,"away_mode_reassign":false}`, true, false, nil},
			{"as texts", `{"away_mode_enabled":"true","away_mode_reassign":"true"}`, true, true, nil},
			{"back", `{"away_mode_enabled":false,"away_mode_reassign":false,"unknown":1}`, false, false, nil},
			{"nothing", ``, false, false, missing("away_mode_enabled is required")},
			{"without reassign", `{"away_mode_enabled":true}`, false, false, missing("away_mode_reassign is required")},
			{"null", `{"away_mode_enabled":null,"away_mode_reassign":true}`, false, false, missing("away_mode_enabled is required")},
			{"a number", `{"away_mode_enabled":1,"away_mode_reassign":true}`, false, false, invalid("away_mode_enabled is invalid")},
			{"a word", `{"away_mode_enabled":true,"away_mode_reassign":"maybe"}`, false, false, invalid("away_mode_reassign is invalid")},
			{"not JSON", `{`, false, false, invalid("The request body is not valid JSON")},
		} {
			a := r.Put(t, "/admins/1/away", c.body)
			if c.refused != nil {
				a.Fails(c.refused.status, c.refused.code, c.refused.message)
			} else {
				is(t, a, `{"type":"admin","id":"1","name":"Ann Owner","email":"ann@acme.test","away_mode_enabled":<enabled>,
					"away_mode_reassign":<reassign>,"has_inbox_seat":true,"team_ids":[]}`,
					"<enabled>", word(c.enabled), "<reassign>", word(c.reassign))
			}
			after := r.Get(t, "/admins/1").OK()
			if after.At("away_mode_enabled") != c.enabled || after.At("away_mode_reassign") != c.reassign {
				t.Errorf("%s: the admin is %s", c.name, after.Body)
			}
		}
	})
}

func word(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func TestAdminRules(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx, rules := t.Context(), r.App.Workspace
		long := strings.Repeat("é", 256)
		for _, c := range []struct {
			name    string
			admin   model.Admin
			code    string
			message string
		}{
			{"no name", model.Admin{Name: " ", Email: "b@acme.test"}, "parameter_not_found", "An admin needs a name"},
			{"a long name", model.Admin{Name: long, Email: "b@acme.test"}, "parameter_invalid", "Name is too long (maximum is 255 characters)"},
			{"a long job title", model.Admin{Name: "B", JobTitle: long, Email: "b@acme.test"}, "parameter_invalid", "Job title is too long (maximum is 255 characters)"},
			{"no address", model.Admin{Name: "B"}, "parameter_invalid", "Email is invalid"},
			{"a taken address", model.Admin{Name: "B", Email: "ANN@acme.TEST"}, "conflict", "There is an admin with the e-mail address ann@acme.test already"},
		} {
			_, err := rules.CreateAdmin(ctx, r.Actor(), c.admin)
			fails(t, err, c.code, c.message)
		}
		bob := newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		if !r.Admin.Owner || bob.Owner {
			t.Error("the first admin owns the workspace, and no other unless it says so")
		}
		other, _, _ := r.NewWorkspace(t) // has an ann@acme.test of its own
		operator, err := rules.Operator(ctx, other.ID)
		if err != nil || operator.Admin != 1 || operator.Workspace.ID != other.ID || operator.IP != "" {
			t.Errorf("the operator is %+v, %v", operator, err)
		}
		admins, err := rules.ListAdmins(ctx, operator)
		if err != nil || len(admins) != 1 || admins[0].Email != "ann@acme.test" {
			t.Errorf("the admins are %v, %v", admins, err)
		}
	})
}

func TestWorkspaceRules(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx, rules := t.Context(), r.App.Workspace
		for _, c := range []struct {
			name      string
			workspace model.Workspace
			code      string
			message   string
		}{
			{"no name", model.Workspace{Timezone: "UTC"}, "parameter_not_found", "A workspace needs a name"},
			{"no time zone", model.Workspace{Name: "A"}, "parameter_invalid", `"" is not a time zone of the IANA database`},
			{"no such time zone", model.Workspace{Name: "A", Timezone: "Mars"}, "parameter_invalid", `"Mars" is not a time zone of the IANA database`},
			{"no such region", model.Workspace{Name: "A", Timezone: "UTC", Region: "MARS"}, "parameter_invalid", `A region is US, EU or AU, not "MARS"`},
			{"an odd id", model.Workspace{ID: "Acme", Name: "A", Timezone: "UTC"}, "parameter_invalid", `"Acme" is not a workspace id: 8 lower-case letters and digits`},
			{"a taken id", model.Workspace{ID: r.Workspace.ID, Name: "A", Timezone: "UTC"}, "conflict", "There is a workspace " + string(r.Workspace.ID) + " already"},
		} {
			_, err := rules.Create(ctx, c.workspace)
			fails(t, err, c.code, c.message)
		}
		w, err := rules.Create(ctx, model.Workspace{Name: "A", Timezone: "UTC"})
		if err != nil || w.Region != "US" || w.Secret == "" {
			t.Fatal(w, err)
		}
		found, err := rules.Find(ctx, w.ID)
		if diff := cmp.Diff(w, found); diff != "" || err != nil {
			t.Error(diff, err)
		}
		nobody, err := rules.Operator(ctx, w.ID)
		if err != nil || nobody.Admin != 0 {
			t.Errorf("the operator of a workspace without admins is %+v, %v", nobody, err)
		}
		all, err := rules.List(ctx)
		if err != nil || !hasWorkspace(all, w.ID) || !hasWorkspace(all, r.Workspace.ID) {
			t.Errorf("the workspaces are %v, %v", all, err)
		}
		must(t, r.App.Sandbox.Delete(ctx, w.ID))
		for _, gone := range []func() error{
			func() error { return r.App.Sandbox.Delete(ctx, w.ID) },
			func() error { _, err := rules.Find(ctx, w.ID); return err },
			func() error { _, err := rules.Operator(ctx, w.ID); return err },
		} {
			fails(t, gone(), "not_found", "Resource Not Found")
		}
	})
}

// TestDeleteWorkspace deletes one that has something of everything.
func TestDeleteWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := r.Post(t, "/contacts", `{"email":"a@b.test"}`).OK().ID()
		r.Post(t, "/contacts/"+contact+"/notes", `{"body":"x"}`).OK()
		r.Post(t, "/companies", `{"company_id":"a","plan":"Pro"}`).OK()
		_, err := r.App.Workspace.CreateTeam(t.Context(), r.Actor(),
			model.Team{Name: "Sales", Members: []model.TeamMember{{Admin: r.Admin.ID}}})
		must(t, err)
		must(t, r.App.Sandbox.Delete(t.Context(), r.Workspace.ID))
		r.Get(t, "/me").Fails(401, "unauthorized", "Access Token Invalid")
	})
}

func TestTokens(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx, rules := t.Context(), r.App.Workspace
		bob := newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		r.Clock.Pass(60e9)
		random, err := rules.CreateToken(ctx, r.Actor(), bob.ID, "deploy", "")
		must(t, err)
		r.Clock.Pass(60e9)
		chosen, err := rules.CreateToken(ctx, r.Actor(), bob.ID, "", "chosen-"+string(r.Workspace.ID))
		must(t, err)
		for _, token := range []string{random, chosen} {
			if id := r.Get(t, "/me", apptest.As(token)).OK().ID(); id != bob.ID.String() {
				t.Errorf("the token is that of admin %s", id)
			}
		}

		tokens, err := rules.ListTokens(ctx, r.Actor())
		must(t, err)
		if len(tokens) != 3 || tokens[1].Name != "deploy" || tokens[1].Admin != bob.ID || tokens[1].RevokedAt != 0 ||
			len(tokens[1].ID()) != 12 || strings.Contains(random, tokens[1].ID()) {
			t.Fatalf("the tokens are %+v", tokens)
		}

		elsewhere, _, _ := r.NewWorkspace(t)
		operator, err := rules.Operator(ctx, elsewhere.ID)
		must(t, err)
		for _, c := range []struct {
			name          string
			by            *model.Actor
			admin         model.AdminID
			token         string
			code, message string
		}{
			{"of nobody", r.Actor(), 99, "", "admin_not_found", "Admin not found"},
			{"in use", r.Actor(), bob.ID, chosen, "conflict", "That access token is in use, or was"},
			{"in use elsewhere", operator, 1, chosen, "conflict", "That access token is in use, or was"},
			{"with a colon", r.Actor(), bob.ID, "a:b", "parameter_invalid", "A token is made of visible ASCII characters without a colon"},
			{"with a space", r.Actor(), bob.ID, "a b", "parameter_invalid", "A token is made of visible ASCII characters without a colon"},
			{"with an umlaut", r.Actor(), bob.ID, "ä", "parameter_invalid", "A token is made of visible ASCII characters without a colon"},
			{strings.Repeat("n", 256), r.Actor(), bob.ID, "", "parameter_invalid", "Name is too long (maximum is 255 characters)"},
			{"too long", r.Actor(), bob.ID, strings.Repeat("a", 256), "parameter_invalid", "Token is too long (maximum is 255 characters)"},
		} {
			token, err := rules.CreateToken(ctx, c.by, c.admin, c.name, c.token)
			fails(t, err, c.code, c.message)
			if token != "" {
				t.Errorf("%s: a token was returned all the same", c.name)
			}
		}

		id := tokens[1].ID()
		fails(t, rules.RevokeToken(ctx, operator, id), "token_not_found", "Access token not found")
		fails(t, rules.RevokeToken(ctx, r.Actor(), "000000000000"), "token_not_found", "Access token not found")
		fails(t, rules.RevokeToken(ctx, r.Actor(), ""), "token_not_found", "Access token not found")
		for range 2 {
			must(t, rules.RevokeToken(ctx, r.Actor(), id))
			r.Get(t, "/me", apptest.As(random)).Fails(401, "unauthorized", "Access Token Invalid")
		}
		r.Get(t, "/me", apptest.As(chosen)).OK()
		_, err = rules.CreateToken(ctx, r.Actor(), bob.ID, "", random)
		fails(t, err, "conflict", "That access token is in use, or was")
		if tokens, err = rules.ListTokens(ctx, r.Actor()); err != nil || len(tokens) != 3 || tokens[1].RevokedAt != r.Clock.Now().Unix() {
			t.Errorf("the tokens are %+v, %v", tokens, err)
		}
	})
}

// TestAdminsAtOnce adds admins of one address at the same time: one is added.
func TestAdminsAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		results := make(chan error)
		for range 8 {
			go func() {
				_, err := r.App.Workspace.CreateAdmin(context.Background(), r.Actor(), model.Admin{Name: "Bob", Email: "bob@acme.test"})
				results <- err
			}()
		}
		added := 0
		for range 8 {
			err := <-results
			var refused *model.Error
			switch {
			case err == nil:
				added++
			case !errors.As(err, &refused):
				t.Error(err)
			}
		}
		if added != 1 {
			t.Errorf("%d were added", added)
		}
	})
}

func hasWorkspace(all []*model.Workspace, id model.WorkspaceID) bool {
	for _, w := range all {
		if w.ID == id {
			return true
		}
	}
	return false
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
