package conformance

func notes() group {
	return group{"Notes", []*operation{
		{id: "createNote", method: post, path: "/contacts/{contact_id}/notes", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/notes", body: `{"admin_id":"${me}","body":"Prefers to be called in the morning.${mark}"}`,
				keep: map[string]string{"note": "id"}, late: true},
		}},
		{id: "listNotes", method: get, path: "/contacts/{contact_id}/notes", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/notes?per_page=2", found: map[string]string{"note": "data.0.id"}},
		}},
		{id: "retrieveNote", method: get, path: "/notes/{id}", unknown: []string{"not_found"}, calls: []call{{to: "/notes/${note}"}}},
	}}
}
