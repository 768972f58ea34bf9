package seed_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/seed"
)

// TestHelpCenterOnWhatIsThere applies a seed to a workspace that has some of its
// help center already, and then one that says other things of it.
func TestHelpCenterOnWhatIsThere(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		guides := r.Post(t, "/help_center/collections", `{"name":"Guides","description":"old"}`).OK().ID()
		kept := r.Post(t, "/articles", map[string]any{"title": "Install it", "author_id": r.Admin.ID, "parent_id": guides, "body": "<p>Take the cable</p>"}).OK().ID()
		r.Post(t, "/contacts", `{"external_id":"u-1"}`).OK()
		r.Post(t, "/contacts", `{"email":"v@acme.test","role":"lead"}`).OK()
		const text = `
help_centers:
  - {name: Acme Help, locales: [pt]}
  - {name: Partners, identifier: partners-<ws>, at: -9d}
collections:
  - name: Guides
    description: new
    translations: {pt: {name: Guias}}
    articles:
      - {title: Install it, body: Take the cable}
      - title: Use it
        description: d
        author: ann@acme.test
        state: published
        at: -8d
        updated_at: -7d
        body: |
          <h2>First</h2>
        translations: {pt: {title: Usar, state: published}}
        views: 12
        reactions: {happy: [u-1], sad: [v@acme.test]}
    sections:
      - name: Cables
        at: -8d
        sections: [{name: Long cables, articles: [{title: Very long}]}]
  - {name: For partners, help_center: partners-<ws>}
articles:
  - {title: Imprint, body: Acme Ltd}
`
		apply := func(text string, want ...seed.Count) {
			t.Helper()
			f := parse(t, strings.ReplaceAll(text, "<ws>", string(r.Workspace.ID)))
			if diff := cmp.Diff(want, apply(t, r, f, r.Workspace.ID).Counts); diff != "" {
				t.Error(diff)
			}
			if second := apply(t, r, f, r.Workspace.ID); changed(second) {
				t.Errorf("the second application changed something: %+v", second.Counts)
			}
		}
		apply(text, seed.Count{Kind: "help centers", Created: 1, Updated: 1}, seed.Count{Kind: "collections", Created: 1, Updated: 1},
			seed.Count{Kind: "articles", Created: 3, Unchanged: 1}, seed.Count{Kind: "sections", Created: 2})
		const now = 1768478400.0
		for path, want := range map[string]map[string]any{
			"/help_center/help_centers": {"data.0.display_name": "Acme Help", "data.0.identifier": string(r.Workspace.ID), "data.1.display_name": "Partners",
				"data.1.created_at": now - 9*86400, "data.2": nil},
			"/help_center/collections/" + guides: {"description": "new", "translated_content.pt.name": "Guias"},
			"/help_center/collections/4":         {"name": "For partners", "help_center_id": 2.0},
			"/help_center/sections/3":            {"name": "Long cables", "parent_id": 2.0},
			"/articles/" + kept:                  {"state": "draft", "updated_at": now},
			"/articles/2": {"title": "Use it", "state": "published", "created_at": now - 8*86400, "updated_at": now - 7*86400, "translated_content.pt.title": "Usar",
				"translated_content.pt.author_id": 1.0, "statistics.views": 12.0, "statistics.happy_reaction_percentage": 50.0, "statistics.sad_reaction_percentage": 50.0},
			"/articles/3": {"title": "Very long", "parent_type": "section", "parent_id": 3.0},
			"/articles/4": {"title": "Imprint", "parent_id": nil, "author_id": 1.0},
		} {
			a := r.Get(t, path).OK()
			for at, value := range want {
				if diff := cmp.Diff(value, a.At(at)); diff != "" {
					t.Errorf("%s: %s: %s", path, at, diff)
				}
			}
		}
		apply(`
help_centers: [{name: Acme Help 2, website_turned_on: true}]
collections:
  - name: Guides
    icon: rocket
    articles: [{title: Use it, state: draft, translations: {pt: {title: Usar isto}}}]
    sections: [{name: Cables, translations: {pt: {name: Cabos}}}]
`, seed.Count{Kind: "help centers", Updated: 1}, seed.Count{Kind: "collections", Updated: 1}, seed.Count{Kind: "articles", Updated: 1}, seed.Count{Kind: "sections", Updated: 1})
		a := r.Get(t, "/articles/2").OK()
		if a.At("state") != "draft" || a.At("translated_content.pt.title") != "Usar isto" || a.At("description") != "d" || a.At("statistics.views") != 12.0 {
			t.Error(a.Pretty())
		}
	})
}

func TestMistakesInAHelpCenter(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	for text, want := range map[string]string{
		`help_centers: [{identifier: x}]`:                                                               "help_centers, number 1: A help center needs a display name",
		`collections: [{name: A, help_center: nowhere}]`:                                                `collections, number 1: A: there is no help center "nowhere"`,
		`collections: [{name: A, sections: [{name: B, help_center: x}]}]`:                               "collections, number 1: A: sections, number 1: a section is in the help center of what it is within",
		`collections: [{name: A, articles: [{title: T, author: b@acme.test}]}]`:                         `collections, number 1: A: articles, number 1: T: there is no admin "b@acme.test"`,
		`collections: [{description: x}]`:                                                               "collections, number 1: Name cannot be blank",
		`articles: [{title: T, state: live}]`:                                                           "articles, number 1: T: State must be either draft or published",
		`articles: [{title: T, translations: {xx: {title: U}}}]`:                                        `articles, number 1: T: "xx" is not a supported locale`,
		`articles: [{title: T, reactions: {bored: [a@acme.test]}}]`:                                     "articles, number 1: T: bored, by a@acme.test: A reaction is happy, neutral or sad",
		`articles: [{title: T, reactions: {sad: [a@acme.test]}}]`:                                       "articles, number 1: T: sad, by a@acme.test: User Not Found",
		`articles: [{title: T, views: -1}]`:                                                             "articles, number 1: T: An article is viewed at least once",
		`collections: [{name: A, sections: [{name: B, sections: [{name: C, sections: [{name: D}]}]}]}]`: "collections, number 1: A: sections, number 1: B: sections, number 1: C: sections, number 1: D: Collections and sections can have 3 levels at most",
	} {
		_, err := r.Seeds.Apply(t.Context(), parse(t, text), r.Workspace.ID)
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if got := r.Get(t, "/articles").OK().At("total_count"); got != 0.0 {
		t.Errorf("%v articles are left of files with mistakes", got)
	}
}
