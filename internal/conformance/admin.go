package conformance

func admins() group {
	return group{"Admins", []*operation{
		{id: "identifyAdmin", method: get, path: "/me", calls: []call{{keep: map[string]string{"me": "id"}}}},
		{id: "listAdmins", method: get, path: "/admins", calls: []call{{}}},
		{id: "listActivityLogs", method: get, path: "/admins/activity_logs", calls: []call{
			{to: "/admins/activity_logs?created_at_after=${month_ago}&per_page=2"},
		}},
		{id: "retrieveAdmin", method: get, path: "/admins/{id}", unknown: []string{"admin_not_found"}, calls: []call{
			{to: "/admins/${me}", keep: map[string]string{"away": "away_mode_enabled", "reassign": "away_mode_reassign"}},
		}},
		// Nobody is sent away: what is set is what there is.
		{id: "setAwayAdmin", method: put, path: "/admins/{id}/away", unknown: []string{"admin_not_found"}, calls: []call{
			{to: "/admins/${me}/away", body: `{"away_mode_enabled":${away},"away_mode_reassign":${reassign}}`},
		}},
	}}
}
