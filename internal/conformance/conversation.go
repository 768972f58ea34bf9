package conformance

// A conversation cannot be deleted; it is closed in the end.
func conversations() group {
	return group{"Conversations", []*operation{
		{id: "createConversation", method: post, path: "/conversations", calls: []call{
			{body: `{"from":{"type":"user","id":"${user}"},"body":"Hello! Can two of us share one calendar, and each see the other's bookings?${mark}"}`,
				keep: map[string]string{"conversation": "conversation_id"}, late: true,
				undo: undo{method: post, path: "/conversations/${conversation}/parts",
					body: `{"message_type":"close","type":"admin","admin_id":"${me}"}`}},
		}},
		{id: "listConversations", method: get, path: "/conversations", calls: []call{
			{to: "/conversations?per_page=1", found: map[string]string{"conversation": "conversations.0.id"}},
		}},
		{id: "searchConversations", method: post, path: "/conversations/search", reads: true, calls: []call{
			{body: `{"query":{"operator":"AND","value":[{"field":"open","operator":"=","value":true},` +
				`{"field":"created_at","operator":">","value":${month_ago}}]},` +
				`"sort":{"field":"updated_at","order":"descending"},"pagination":{"per_page":1}}`},
		}},
		{id: "retrieveConversation", method: get, path: "/conversations/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/conversations/${conversation}", late: true},
		}},
		{id: "updateConversation", method: put, path: "/conversations/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/conversations/${conversation}", body: `{"read":true}`, late: true},
		}},
		{id: "replyConversation", method: post, path: "/conversations/{id}/reply", unknown: []string{"not_found"}, calls: []call{
			{to: "/conversations/${conversation}/reply", late: true,
				body: `{"message_type":"comment","type":"admin","admin_id":"${me}","body":"Yes: share it under Settings, and both of you see everything."}`},
			{to: "/conversations/${conversation}/reply",
				body: `{"message_type":"comment","type":"user","intercom_user_id":"${user}","body":"Found it. My telephone number is ${phone}."}`,
				keep: map[string]string{"part": "conversation_parts.conversation_parts.last.id"}},
			{to: "/conversations/${conversation}/reply",
				body: `{"message_type":"note","type":"admin","admin_id":"${me}","body":"Left a telephone number, to be redacted."}`},
		}},
		{id: "manageConversation", method: post, path: "/conversations/{id}/parts", unknown: []string{"not_found"}, calls: []call{
			{to: "/conversations/${conversation}/parts", late: true,
				body: `{"message_type":"assignment","type":"admin","admin_id":"${me}","assignee_id":"${me}"}`},
			{to: "/conversations/${conversation}/parts", body: `{"message_type":"snoozed","admin_id":"${me}","snoozed_until":${tomorrow}}`},
			{to: "/conversations/${conversation}/parts", body: `{"message_type":"open","admin_id":"${me}"}`},
			{to: "/conversations/${conversation}/parts", body: `{"message_type":"close","type":"admin","admin_id":"${me}"}`},
		}},
		{id: "autoAssignConversation", method: post, path: "/conversations/{id}/run_assignment_rules", unknown: []string{"not_found"}, calls: []call{
			{to: "/conversations/${conversation}/run_assignment_rules", late: true},
		}},
		{id: "autoAssignConversationParts", method: post, path: "/conversations/{id}/run_assignment_rules/parts", beyond: true,
			unknown: []string{"not_found"}, calls: []call{{to: "/conversations/${conversation}/run_assignment_rules/parts", late: true}}},
		{id: "redactConversation", method: post, path: "/conversations/redact", calls: []call{
			{body: `{"type":"conversation_part","conversation_id":"${conversation}","conversation_part_id":"${part}"}`},
		}},
		{id: "attachContactToConversation", method: post, path: "/conversations/{id}/customers", unknown: []string{"not_found"}, calls: []call{
			{to: "/conversations/${conversation}/customers", body: `{"admin_id":"${me}","customer":{"intercom_user_id":"${second_user}"}}`, late: true},
		}},
		{id: "detachContactFromConversation", method: del, path: "/conversations/{conversation_id}/customers/{contact_id}",
			unknown: []string{"not_found", "not_found"}, calls: []call{
				{to: "/conversations/${conversation}/customers/${second_user}", body: `{"admin_id":"${me}"}`,
					after: []string{"attachContactToConversation"}},
			}},
	}}
}
