package conformance

func visitors() group {
	return group{"Visitors", []*operation{
		{id: "retrieveVisitorWithUserId", method: get, path: "/visitors", calls: []call{
			{to: "/visitors?user_id=${visitor_user_id}", keep: map[string]string{"visitor": "id"}},
			{to: "/visitors?user_id=${second_visitor_user_id}", keep: map[string]string{"second_visitor": "id"}},
		}},
		{id: "updateVisitor", method: put, path: "/visitors", calls: []call{
			{body: `{"user_id":"${visitor_user_id}","name":"Wren Castell${mark}"}`},
		}},
		{id: "retrieveVisitor", method: get, path: "/visitors/{id}", beyond: true, unknown: []string{"not_found"}, calls: []call{
			{to: "/visitors/${visitor}"},
		}},
		{id: "updateVisitorById", method: put, path: "/visitors/{id}", beyond: true, unknown: []string{"not_found"}, calls: []call{
			{to: "/visitors/${visitor}", body: `{"name":"Wren Castell-Roy${mark}"}`},
		}},
		{id: "deleteVisitor", method: del, path: "/visitors/{id}", beyond: true, unknown: []string{"not_found"}, end: true, calls: []call{
			{to: "/visitors/${second_visitor}"},
		}},
		{id: "convertVisitor", method: post, path: "/visitors/convert", end: true, calls: []call{
			{body: `{"visitor":{"user_id":"${visitor_user_id}"},"user":{"email":"wren.castell${word}@harbour-bikes.example"},"type":"user"}`,
				keep: map[string]string{"converted_visitor": "id"},
				undo: undo{method: del, path: "/contacts/${converted_visitor}"}},
		}},
	}}
}
