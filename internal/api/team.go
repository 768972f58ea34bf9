package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /teams
func (a *API) listTeams(r *request, _ none) (wire.TeamList, error) {
	teams, err := a.Workspace.ListTeams(r.Context(), r.actor)
	return one(teams, err, wire.NewTeamList)
}

// GET /teams/{id}
func (a *API) retrieveTeam(r *request, _ none) (wire.Team, error) {
	t, err := a.Workspace.FindTeam(r.Context(), r.actor, model.Decimal[model.TeamID](r.path("id")))
	return one(t, err, wire.FromTeam)
}
