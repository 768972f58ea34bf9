package api_test

import (
	"fmt"
	"testing"

	"parley/internal/apptest"
)

// How many statements news take does not depend on how much there is; and SQLite
// reads lists in their own order.
func TestNewsStatementsDoNotGrow(t *testing.T) {
	onEachTraced(t, func(t *testing.T, r *apptest.Rig, tr *apptest.Trace) {
		few, many := r, r.Elsewhere(t)
		fill := func(r *apptest.Rig, n int) (path string) {
			feeds := make([]string, n)
			for i := range feeds {
				feeds[i] = newsfeed(t, r, fmt.Sprint(i))
			}
			for range n {
				path = news(t, r, object{"newsfeed_assignments": in(feeds...), "state": "live"})
			}
			return path
		}
		short, long := fill(few, 2), fill(many, 40)
		list := func(path string) func(*apptest.Rig, string) {
			return func(r *apptest.Rig, _ string) {
				a := r.Get(t, path+"?per_page=1").OK()
				r.Get(t, next(t, a)).OK()
				r.Get(t, path+"?per_page=250").OK()
			}
		}
		for _, tt := range []struct {
			name       string
			call       func(r *apptest.Rig, path string)
			statements int // at most, those of who asks apart
		}{
			{"list", list("/news/news_items"), 12},
			{"list newsfeeds", list("/news/newsfeeds"), 12},
			{"list what is live", list("/news/newsfeeds/1/items"), 15},
			{"retrieve", func(r *apptest.Rig, path string) { r.Get(t, path).OK() }, 3},
			{"create", func(r *apptest.Rig, _ string) { news(t, r, object{"newsfeed_assignments": in("1", "2")}) }, 6 + told},
			{"update", func(r *apptest.Rig, path string) { r.Put(t, path, `{"title":"x","sender_id":1}`).OK() }, 5 + told},
			{"draft", func(r *apptest.Rig, path string) { r.Put(t, path, `{"state":"draft"}`).OK() }, 6 + told},
			{"live", func(r *apptest.Rig, path string) { r.Put(t, path, `{"state":"live"}`).OK() }, 6 + told},
			{"delete", func(r *apptest.Rig, path string) { r.Delete(t, path, nil).OK() }, 4 + told},
		} {
			little, much := tr.Of(func() { tt.call(few, short) }), tr.Of(func() { tt.call(many, long) })
			if len(little) != len(much) || len(much) > tt.statements {
				t.Errorf("%s takes %d statements of little and %d of much, want the same, and %d at most:\n%s",
					tt.name, len(little), len(much), tt.statements, texts(much))
			}
			holdPlans(t, r, much)
		}
	})
}
