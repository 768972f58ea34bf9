package conformance

// The news item stays a draft and is in no newsfeed, so that no contact sees it.
func news() group {
	return group{"News", []*operation{
		{id: "createNewsItem", method: post, path: "/news/news_items", calls: []call{
			{body: `{"title":"Calendars in two colours${mark}","body":"<p>From today each room has a colour of its own.</p>",` +
				`"sender_id":${me},"state":"draft","deliver_silently":true,"reactions":["😀","😕"]}`,
				keep: map[string]string{"news_item": "id"},
				undo: undo{method: del, path: "/news/news_items/${news_item}"}},
		}},
		{id: "listNewsItems", method: get, path: "/news/news_items", calls: []call{
			{to: "/news/news_items?per_page=2", found: map[string]string{"news_item": "data.0.id"}},
		}},
		{id: "retrieveNewsItem", method: get, path: "/news/news_items/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/news/news_items/${news_item}", late: true},
		}},
		{id: "updateNewsItem", method: put, path: "/news/news_items/{id}", unknown: []string{"not_found"}, calls: []call{
			{to: "/news/news_items/${news_item}", late: true,
				body: `{"title":"Calendars in three colours${mark}","body":"<p>Each room has a colour of its own, and so has each teacher.</p>","sender_id":${me}}`},
		}},
		{id: "deleteNewsItem", method: del, path: "/news/news_items/{id}", unknown: []string{"not_found"}, end: true, calls: []call{
			{to: "/news/news_items/${news_item}"},
		}},
		{id: "listNewsfeeds", method: get, path: "/news/newsfeeds", calls: []call{
			{to: "/news/newsfeeds?per_page=2", pick: map[string]string{"newsfeed": "data.0.id"}},
		}},
		{id: "retrieveNewsfeed", method: get, path: "/news/newsfeeds/{id}", unknown: []string{"not_found"}, calls: []call{{to: "/news/newsfeeds/${newsfeed}"}}},
		{id: "listLiveNewsfeedItems", method: get, path: "/news/newsfeeds/{id}/items", unknown: []string{"not_found"}, calls: []call{
			{to: "/news/newsfeeds/${newsfeed}/items?per_page=2"},
		}},
	}}
}
