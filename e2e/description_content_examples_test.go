package e2e

import "testing"

// contentExamples are the examples of what a workspace publishes and exports.
var contentExamples = map[string]arrangement{
	"GET /articles successful":                at("/articles"),
	"POST /articles article_created":          authored("/articles", (*world).collection),
	"POST /articles bad_request":              at("/articles"),
	"GET /articles/{id} article_found":        of("/articles/%s", (*world).article),
	"GET /articles/{id} article_not_found":    at("/articles/" + noDecimal),
	"PUT /articles/{id} successful":           of("/articles/%s", (*world).article),
	"PUT /articles/{id} article_not_found":    at("/articles/" + noDecimal),
	"DELETE /articles/{id} successful":        of("/articles/%s", (*world).article),
	"DELETE /articles/{id} article_not_found": at("/articles/" + noDecimal),

	"GET /help_center/collections successful":                   at("/help_center/collections"),
	"POST /help_center/collections collection_created":          at("/help_center/collections"),
	"POST /help_center/collections bad_request":                 at("/help_center/collections"),
	"GET /help_center/collections/{id} collection_found":        of("/help_center/collections/%s", (*world).collection),
	"GET /help_center/collections/{id} collection_not_found":    at("/help_center/collections/" + noDecimal),
	"PUT /help_center/collections/{id} successful":              of("/help_center/collections/%s", (*world).collection),
	"PUT /help_center/collections/{id} collection_not_found":    at("/help_center/collections/" + noDecimal),
	"DELETE /help_center/collections/{id} successful":           of("/help_center/collections/%s", (*world).collection),
	"DELETE /help_center/collections/{id} collection_not_found": at("/help_center/collections/" + noDecimal),
	"GET /help_center/help_centers/{id} collection_found":       of("/help_center/help_centers/%s", (*world).helpCenter),
	"GET /help_center/help_centers/{id} collection_not_found":   at("/help_center/help_centers/" + noDecimal),
	"GET /help_center/help_centers help_centers_found":          at("/help_center/help_centers"),
	"GET /help_center/sections successful":                      at("/help_center/sections"),
	"POST /help_center/sections section_created":                within("/help_center/sections", nil),
	"GET /help_center/sections/{id} section_found":              of("/help_center/sections/%s", (*world).section),
	"GET /help_center/sections/{id} section_not_found":          at("/help_center/sections/" + noDecimal),
	"PUT /help_center/sections/{id} successful":                 within("/help_center/sections/", (*world).section),
	"PUT /help_center/sections/{id} section_not_found":          at("/help_center/sections/" + noDecimal),
	"DELETE /help_center/sections/{id} successful":              of("/help_center/sections/%s", (*world).section),
	"DELETE /help_center/sections/{id} section_not_found":       at("/help_center/sections/" + noDecimal),

	"GET /news/news_items successful":                  at("/news/news_items"),
	"POST /news/news_items successful":                 announced("/news/news_items", nil),
	"GET /news/news_items/{id} successful":             of("/news/news_items/%s", (*world).newsItem),
	"GET /news/news_items/{id} news_item_not_found":    at("/news/news_items/" + noDecimal),
	"PUT /news/news_items/{id} successful":             announced("/news/news_items/", (*world).newsItem),
	"PUT /news/news_items/{id} news_item_not_found":    at("/news/news_items/" + noDecimal),
	"DELETE /news/news_items/{id} successful":          of("/news/news_items/%s", (*world).newsItem),
	"DELETE /news/news_items/{id} news_item_not_found": at("/news/news_items/" + noDecimal),
	"GET /news/newsfeeds/{id}/items successful":        of("/news/newsfeeds/%s/items", (*world).newsfeed),
	"GET /news/newsfeeds successful":                   at("/news/newsfeeds"),
	"GET /news/newsfeeds/{id} successful":              of("/news/newsfeeds/%s", (*world).newsfeed),

	"POST /export/content/data successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		w.must(t, "POST", "/export/cancel/"+w.dataExport(t), nil) // so that none is at work
		return "/export/content/data", body
	},
	"GET /export/content/data/{job_identifier} successful": of("/export/content/data/%s", (*world).dataExport),
	"POST /export/cancel/{job_identifier} successful":      of("/export/cancel/%s", (*world).dataExport),

	"POST /phone_call_redirects successful": func(t *testing.T, w *world, body []byte) (string, []byte) {
		for _, name := range []string{"issue_type", "priority"} {
			w.send(t, "POST", "/data_attributes", []byte(`{"name":"`+name+`","model":"contact","data_type":"string"}`), token)
		}
		return "/phone_call_redirects", body
	},
	"POST /phone_call_redirects bad_request_invalid_number": func(t *testing.T, w *world, body []byte) (string, []byte) {
		return "/phone_call_redirects", with(t, body, "phone", "+353 1")
	},
	"POST /phone_call_redirects unprocessable_entity": at("/phone_call_redirects"),
}

// notReplayed are the examples that cannot be had here, and why.
var notReplayed = map[string]string{
	"POST /phone_call_redirects bad_request_exception_sending_sms": "a message that the gateway does not take is tried again, and no request waits for it",
}

// authored is a new article in a parent and of an admin that there are.
func authored(path string, parent func(*world, *testing.T) string) arrangement {
	return func(t *testing.T, w *world, body []byte) (string, []byte) {
		translation := map[string]any{"title": "Merci pour tout", "body": "Corps de l'article", "author_id": w.admin, "state": "published"}
		return path, with(t, body, "author_id", w.admin, "parent_id", parent(w, t), "translated_content", map[string]any{"fr": translation})
	}
}

// within is a section that goes into a collection that there is.
func within(path string, make func(*world, *testing.T) string) arrangement {
	return func(t *testing.T, w *world, body []byte) (string, []byte) {
		id := ""
		if make != nil {
			id = make(w, t)
		}
		return path + id, with(t, body, "parent_id", w.collection(t))
	}
}

// announced is a news item of an admin in a newsfeed that there are.
func announced(path string, make func(*world, *testing.T) string) arrangement {
	return func(t *testing.T, w *world, body []byte) (string, []byte) {
		if make != nil {
			return path + make(w, t), with(t, body, "sender_id", w.admin)
		}
		return path, with(t, body, "sender_id", w.admin, "newsfeed_assignments", []any{map[string]any{"newsfeed_id": w.newsfeed(t), "published_at": 1664638214}})
	}
}

func (w *world) collection(t *testing.T) string {
	return w.must(t, "POST", "/help_center/collections", map[string]any{"name": w.unique()})["id"].(string)
}

func (w *world) section(t *testing.T) string {
	return w.must(t, "POST", "/help_center/sections", map[string]any{"name": w.unique(), "parent_id": w.collection(t)})["id"].(string)
}

func (w *world) article(t *testing.T) string {
	return w.must(t, "POST", "/articles", map[string]any{"title": w.unique(), "author_id": w.admin})["id"].(string)
}

func (w *world) helpCenter(t *testing.T) string {
	return w.text(t, w.get(t, "/help_center/help_centers"), "data", 0, "id")
}

func (w *world) newsItem(t *testing.T) string {
	return w.must(t, "POST", "/news/news_items", map[string]any{"title": w.unique(), "sender_id": w.admin})["id"].(string)
}

func (w *world) newsfeed(t *testing.T) string {
	return w.text(t, w.get(t, "/news/newsfeeds"), "data", 0, "id")
}

// dataExport is the one export that the examples read and cancel: a second one
// would have to wait for the first to end.
func (w *world) dataExport(t *testing.T) string {
	if w.export == "" {
		w.export = w.must(t, "POST", "/export/content/data", map[string]any{"created_at_after": 1717003608, "created_at_before": 1717021608})["job_identifier"].(string)
	}
	return w.export
}
