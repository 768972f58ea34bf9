package api_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/db"
)

// a library is a workspace with some of everything that is published.
func library(t *testing.T, r *apptest.Rig, size int) {
	t.Helper()
	multilingual(t, r)
	within := ""
	for i := range size {
		collection := newCollection(t, r, fmt.Sprint("Collection ", i))
		within = newSection(t, r, collection, "Section")
		newSection(t, r, within, "Section of a section")
		newArticle(t, r, object{"title": fmt.Sprint("Guide ", i), "body": "Words", "state": "published", "parent_id": within,
			"translated_content": object{"fr": object{"title": "Guide", "state": "published"}}})
	}
}

// How many statements a list takes does not depend on how much it shows.
func TestStatementsOfContentDoNotGrow(t *testing.T) {
	onEachTraced(t, func(t *testing.T, r *apptest.Rig, tr *apptest.Trace) {
		library(t, r, several)
		for path, most := range map[string]int{"/articles": 7, "/help_center/collections": 7, "/help_center/sections": 7, "/articles/search?phrase=guide": 7} {
			if !strings.Contains(path, "?") {
				path += "?"
			}
			one := tr.Of(func() { r.Get(t, path+"&per_page=1").OK() })
			many := tr.Of(func() { r.Get(t, path+"&per_page=30").OK() })
			if len(one) != len(many) || len(many) > most {
				t.Errorf("%s takes %d statements for one and %d for many, want the same, and %d at most:\n%s", path, len(one), len(many), most, texts(many))
			}
		}
	})
}

// TestPlansOfContent holds what is published to the law of TestPlansOfConversations.
func TestPlansOfContent(t *testing.T) {
	t.Parallel()
	r, tr := traced(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")})
	library(t, r, 3)
	reader := r.Post(t, "/contacts", `{"email":"reader@acme.test"}`).OK().ID()
	next := func(path string) func() {
		return func() {
			link := r.Get(t, path+"?per_page=1").OK().At("pages.next").(string)
			r.Get(t, strings.TrimPrefix(link, "http://parley.test")).OK()
		}
	}
	for name, call := range map[string]func(){
		"list articles":    next("/articles"),
		"list collections": next("/help_center/collections"),
		"list sections":    next("/help_center/sections"),
		"help centers":     func() { r.Get(t, "/help_center/help_centers").OK() },
		"read an article":  func() { r.Get(t, "/articles/1").OK() },
		"find articles":    func() { r.Get(t, "/articles/search?phrase=guide&state=all").OK() },
		"change an article": func() {
			r.Put(t, "/articles/1", `{"title":"New","body":"Other words","parent_id":2,"translated_content":{"fr":null}}`).OK()
		},
		"delete an article": func() { r.Delete(t, "/articles/2", nil).OK() },
		"make a collection": func() { newCollection(t, r, "x") },
		"make a section":    func() { newSection(t, r, "1", "x") },
		"move a section":    func() { r.Put(t, "/help_center/sections/2", `{"parent_id":4}`).OK() },
		"delete a section":  func() { r.Delete(t, "/help_center/sections/6", nil).OK() },
		"a conversation on an article's page": func() {
			r.Post(t, "/messages", object{"from": object{"type": "user", "id": reader}, "body": "Hello",
				"referer": "http://parley.test/help/acme-" + string(r.Workspace.ID) + "/en/articles/3"}).OK()
		},
	} {
		t.Run(name, func(t *testing.T) {
			holdPlans(t, r, tr.Of(call))
		})
	}
}
