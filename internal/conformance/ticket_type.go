package conformance

// Ticket types and their attributes cannot be deleted; they are archived in the
// end. The type is one for teammates only, so that no contact is offered it.
func ticketTypes() group {
	return group{"Ticket Types", []*operation{
		{id: "createTicketType", method: post, path: "/ticket_types", calls: []call{
			{body: `{"name":"Import${mark}","description":"Bookings to bring over from another system","icon":"📦","is_internal":true}`,
				keep: map[string]string{"ticket_type": "id"},
				undo: undo{method: put, path: "/ticket_types/${ticket_type}", body: `{"archived":true}`}},
		}},
		{id: "listTicketTypes", method: get, path: "/ticket_types", calls: []call{{found: map[string]string{"ticket_type": "data.0.id"}}}},
		{id: "getTicketType", method: get, path: "/ticket_types/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/ticket_types/${ticket_type}", late: true},
		}},
		{id: "updateTicketType", method: put, path: "/ticket_types/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/ticket_types/${ticket_type}", body: `{"description":"Bookings and clients to bring over from another system"}`, late: true},
		}},
	}}
}

func ticketTypeAttributes() group {
	return group{"Ticket Type Attributes", []*operation{
		{id: "createTicketTypeAttribute", method: post, path: "/ticket_types/{ticket_type_id}/attributes", unknown: []string{"not_found"},
			calls: []call{
				{to: "/ticket_types/${ticket_type}/attributes",
					body: `{"name":"Old system${mark}","description":"Where the bookings are now","data_type":"string","required_to_create":false}`,
					keep: map[string]string{"ticket_type_attribute": "id"}, late: true,
					undo: undo{method: put, path: "/ticket_types/${ticket_type}/attributes/${ticket_type_attribute}", body: `{"archived":true}`}},
			}},
		{id: "updateTicketTypeAttribute", method: put, path: "/ticket_types/{ticket_type_id}/attributes/{id}",
			unknown: []string{"not_found", "not_found"}, calls: []call{
				{to: "/ticket_types/${ticket_type}/attributes/${ticket_type_attribute}",
					body: `{"description":"Where the bookings are now, and in which version"}`, late: true},
			}},
	}}
}
