package conformance

// A ticket cannot be deleted; it is resolved in the end.
func tickets() group {
	return group{"Tickets", []*operation{
		{id: "createTicket", method: post, path: "/tickets", calls: []call{
			{body: `{"ticket_type_id":"${ticket_type}","contacts":[{"id":"${user}"}],` +
				`"ticket_attributes":{"_default_title_":"Bookings of the old calendar${mark}","_default_description_":"About 400 of them, in a spreadsheet."}}`,
				keep: map[string]string{"ticket": "id"}, late: true,
				undo: undo{method: put, path: "/tickets/${ticket}", body: `{"state":"resolved"}`}},
		}},
		{id: "getTicket", method: get, path: "/tickets/{id}", unknown: []string{"not_found"}, calls: []call{{to: "/tickets/${ticket}", late: true}}},
		{id: "updateTicket", method: put, path: "/tickets/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/tickets/${ticket}", late: true,
				body: `{"state":"in_progress","ticket_attributes":{"_default_description_":"About 400 of them, in a spreadsheet; the clients are in a second one."},` +
					`"assignment":{"admin_id":"${me}","assignee_id":"${me}"}}`},
		}},
		{id: "replyTicket", method: post, path: "/tickets/{id}/reply", unknown: []string{"not_found"}, calls: []call{
			{to: "/tickets/${ticket}/reply", late: true,
				body: `{"message_type":"note","type":"admin","admin_id":"${me}","body":"Both files can be read. The import runs tonight."}`},
		}},
	}}
}
