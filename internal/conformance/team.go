package conformance

func teams() group {
	return group{"Teams", []*operation{
		{id: "listTeams", method: get, path: "/teams", calls: []call{{pick: map[string]string{"team": "teams.0.id"}}}},
		{id: "retrieveTeam", method: get, path: "/teams/{id}", unknown: []string{"team_not_found"}, calls: []call{{to: "/teams/${team}"}}},
	}}
}
