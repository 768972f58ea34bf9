package api_test

import (
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
)

func TestTeams(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx, rules := t.Context(), r.App.Workspace
		is(t, r.Get(t, "/teams"), `{"type":"team.list","teams":[]}`)
		bob := newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		cat := newAdmin(t, r, model.Admin{Name: "Cat", Email: "cat@acme.test"})
		_, err := rules.CreateTeam(ctx, r.Actor(), model.Team{Name: " Sales "})
		must(t, err)
		_, err = rules.CreateTeam(ctx, r.Actor(), model.Team{Name: "Support", Members: []model.TeamMember{
			{Admin: cat.ID, Priority: model.Secondary}, {Admin: 1}, {Admin: bob.ID, Priority: model.Primary}}})
		must(t, err)
		const (
			sales   = `{"type":"team","id":"1","name":"Sales","admin_ids":[]}`
			support = `{"type":"team","id":"2","name":"Support","admin_ids":[1,2,3],
				"admin_priority_level":{"primary_admin_ids":[2],"secondary_admin_ids":[3]}}`
		)
		is(t, r.Get(t, "/teams"), `{"type":"team.list","teams":[`+sales+`,`+support+`]}`)
		is(t, r.Get(t, "/teams/1"), sales)
		is(t, r.Get(t, "/teams/2"), support)

		_, err = rules.UpdateTeam(ctx, r.Actor(), model.Team{ID: 2, Name: "Care", Members: []model.TeamMember{{Admin: bob.ID}}})
		must(t, err)
		is(t, r.Get(t, "/teams/2"), `{"type":"team","id":"2","name":"Care","admin_ids":[2]}`)
		must(t, rules.DeleteTeam(ctx, r.Actor(), 1))
		is(t, r.Get(t, "/teams"), `{"type":"team.list","teams":[{"type":"team","id":"2","name":"Care","admin_ids":[2]}]}`)

		_, _, elsewhere := r.NewWorkspace(t)
		r.Get(t, "/teams/2", apptest.As(elsewhere)).Fails(404, "team_not_found", "Team not found")
		is(t, r.Get(t, "/teams", apptest.As(elsewhere)), `{"type":"team.list","teams":[]}`)
		for _, id := range []string{"1", "3", "0", "abc", "02", "-2", "99999999999999999999"} {
			r.Get(t, "/teams/"+id).Fails(404, "team_not_found", "Team not found")
		}
		r.Get(t, "/teams", apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
		r.Get(t, "/teams/2", apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
	})
}

func TestTeamRules(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx, rules := t.Context(), r.App.Workspace
		_, err := rules.CreateTeam(ctx, r.Actor(), model.Team{Name: "Sales"})
		must(t, err)
		_, err = rules.CreateTeam(ctx, r.Actor(), model.Team{Name: "Support"})
		must(t, err)
		for _, c := range []struct {
			name          string
			team          model.Team
			code, message string
		}{
			{"no name", model.Team{Name: "\t"}, "parameter_not_found", "A team needs a name"},
			{"a long name", model.Team{Name: strings.Repeat("a", 256)}, "parameter_invalid", "Name is too long (maximum is 255 characters)"},
			{"the name of another", model.Team{Name: "Sales"}, "conflict", "There is a team named Sales already"},
			{"a stranger", model.Team{Name: "A", Members: []model.TeamMember{{Admin: 1}, {Admin: 99}}}, "admin_not_found", "Admin not found"},
			{"nobody", model.Team{Name: "A", Members: []model.TeamMember{{}}}, "admin_not_found", "Admin not found"},
			{"somebody twice", model.Team{Name: "A", Members: []model.TeamMember{{Admin: 1}, {Admin: 1, Priority: model.Primary}}},
				"parameter_invalid", "Admin 1 is in the team twice"},
			{"an odd rank", model.Team{Name: "A", Members: []model.TeamMember{{Admin: 1, Priority: "third"}}},
				"parameter_invalid", `"third" is not a team priority`},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := rules.CreateTeam(ctx, r.Actor(), c.team)
				fails(t, err, c.code, c.message)
				c.team.ID = 2
				_, err = rules.UpdateTeam(ctx, r.Actor(), c.team)
				fails(t, err, c.code, c.message)
			})
		}
		_, err = rules.UpdateTeam(ctx, r.Actor(), model.Team{ID: 9, Name: "A"})
		fails(t, err, "team_not_found", "Team not found")
		fails(t, rules.DeleteTeam(ctx, r.Actor(), 9), "team_not_found", "Team not found")
		is(t, r.Get(t, "/teams"), `{"type":"team.list","teams":[{"type":"team","id":"1","name":"Sales","admin_ids":[]},
			{"type":"team","id":"2","name":"Support","admin_ids":[]}]}`)
	})
}
