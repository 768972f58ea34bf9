package conformance

func tags() group {
	return group{"Tags", []*operation{
		{id: "createTag", method: post, path: "/tags", calls: []call{
			{body: `{"name":"Spring opening${mark}"}`,
				keep: map[string]string{"tag": "id", "tag_name": "name"},
				undo: undo{method: del, path: "/tags/${tag}"}},
			{body: `{"name":"${tag_name}","companies":[{"id":"${company}"}]}`, late: true},
			{body: `{"name":"${tag_name}","users":[{"id":"${user}"}]}`, late: true},
		}},
		{id: "listTags", method: get, path: "/tags", calls: []call{{found: map[string]string{"tag": "data.0.id"}}}},
		{id: "findTag", method: get, path: "/tags/{id}", unknown: []string{"not_found"}, calls: []call{{to: "/tags/${tag}"}}},
		{id: "attachTagToContact", method: post, path: "/contacts/{contact_id}/tags", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/tags", body: `{"id":"${tag}"}`, late: true},
		}},
		{id: "listTagsForAContact", method: get, path: "/contacts/{contact_id}/tags", unknown: []string{"not_found"}, calls: []call{
			{to: "/contacts/${user}/tags"},
		}},
		{id: "detachTagFromContact", method: del, path: "/contacts/{contact_id}/tags/{id}", unknown: []string{"not_found", "not_found"}, calls: []call{
			{to: "/contacts/${user}/tags/${tag}", after: []string{"attachTagToContact"}},
		}},
		{id: "attachTagToConversation", method: post, path: "/conversations/{conversation_id}/tags", unknown: []string{"not_found"}, calls: []call{
			{to: "/conversations/${conversation}/tags", body: `{"id":"${tag}","admin_id":"${me}"}`, late: true},
		}},
		{id: "detachTagFromConversation", method: del, path: "/conversations/{conversation_id}/tags/{id}",
			unknown: []string{"not_found", "tag_not_found"}, calls: []call{
				{to: "/conversations/${conversation}/tags/${tag}", body: `{"admin_id":"${me}"}`, after: []string{"attachTagToConversation"}},
			}},
		{id: "deleteTag", method: del, path: "/tags/{id}", unknown: []string{"not_found"}, end: true, calls: []call{{to: "/tags/${tag}"}}},
	}}
}
