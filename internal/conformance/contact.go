package conformance

// Addresses end in .example, where nobody gets e-mail.
func contacts() group {
	return group{"Contacts", []*operation{
		{id: "createContact", method: post, path: "/contacts", calls: []call{
			{body: `{"role":"user","external_id":"hb-1042${word}","email":"ada.lindqvist${word}@harbour-bikes.example",` +
				`"name":"Ada Lindqvist${mark}","phone":"${phone}","signed_up_at":${month_ago}}`,
				keep: map[string]string{"user": "id", "user_external_id": "external_id", "user_phone": "phone"},
				undo: undo{method: del, path: "/contacts/${user}"}},
			{body: `{"role":"lead","email":"noah.pereira${word}@harbour-bikes.example","name":"Noah Pereira${mark}"}`,
				keep: map[string]string{"lead": "id"},
				undo: undo{method: del, path: "/contacts/${lead}"}},
			{body: `{"role":"user","external_id":"hb-1043${word}","email":"sofia.marin${word}@harbour-bikes.example","name":"Sofía Marín${mark}"}`,
				keep: map[string]string{"second_user": "id"},
				undo: undo{method: del, path: "/contacts/${second_user}"}},
		}},
		{id: "listContacts", method: get, path: "/contacts", calls: []call{
			{to: "/contacts?per_page=2", found: map[string]string{"user": "data.0.id"}},
		}},
		{id: "searchContacts", method: post, path: "/contacts/search", reads: true, calls: []call{
			{body: `{"query":{"operator":"AND","value":[{"field":"role","operator":"=","value":"user"},` +
				`{"field":"created_at","operator":">","value":${month_ago}}]},` +
				`"sort":{"field":"created_at","order":"descending"},"pagination":{"per_page":2}}`},
		}},
		{id: "showContact", method: get, path: "/contacts/{contact_id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}", late: true},
		}},
		{id: "updateContact", method: put, path: "/contacts/{contact_id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}", body: `{"name":"Ada Lindqvist-Berg${mark}","unsubscribed_from_emails":true}`, late: true},
		}},
		{id: "mergeContact", method: post, path: "/contacts/merge", calls: []call{
			{body: `{"from":"${lead}","into":"${user}"}`, late: true},
		}},
		{id: "archiveContact", method: post, path: "/contacts/{contact_id}/archive", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${second_user}/archive", late: true},
		}},
		{id: "unarchiveContact", method: post, path: "/contacts/{contact_id}/unarchive", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${second_user}/unarchive", after: []string{"archiveContact"}},
		}},
		{id: "deleteContact", method: del, path: "/contacts/{contact_id}", unknown: []string{"not_found"}, end: true, calls: []call{
			{to: "/contacts/${second_user}"},
		}},
	}}
}
