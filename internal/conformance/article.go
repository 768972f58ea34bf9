package conformance

// The article stays a draft, which no reader sees.
func articles() group {
	return group{"Articles", []*operation{
		{id: "createArticle", method: post, path: "/articles", calls: []call{
			{body: `{"title":"How to take a deposit${mark}","description":"What to ask for, and when to pay it back",` +
				`"body":"<p>Ask for the deposit when the booking is made.</p>","author_id":${me},"state":"draft",` +
				`"parent_id":${collection},"parent_type":"collection"}`,
				keep: map[string]string{"article": "id"}, late: true,
				undo: undo{method: del, path: "/articles/${article}"}},
		}},
		{id: "listArticles", method: get, path: "/articles", calls: []call{
			{to: "/articles?per_page=2", found: map[string]string{"article": "data.0.id"}},
		}},
		{id: "searchArticles", method: get, path: "/articles/search", beyond: true, calls: []call{{to: "/articles/search?phrase=deposit"}}},
		{id: "retrieveArticle", method: get, path: "/articles/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/articles/${article}", late: true},
		}},
		{id: "updateArticle", method: put, path: "/articles/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/articles/${article}", body: `{"title":"How to take a deposit, and pay it back${mark}"}`, late: true},
		}},
		{id: "deleteArticle", method: del, path: "/articles/{id}", unknown: []string{"not_found"}, end: true, calls: []call{
			{to: "/articles/${article}"},
		}},
	}}
}
