package seed_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/seed"
)

const newsText = `
admins: [{email: bob@acme.test, name: Bob}]
segments:
  - {name: Active, person_type: user, filter: {field: last_seen_at, operator: ">", value: {days_ago: 30}}}
  - {name: Active, person_type: contact, filter: {field: last_seen_at, operator: ">", value: {days_ago: 30}}}
  - {name: Large, person_type: company, filter: {field: size, operator: ">", value: 9}}
newsfeeds:
  - {name: Product updates, at: -300d}
  - {name: " Beta programme ", segments: [Active], at: -200d}
news_items:
  - title: " Dark mode "
    body: |
      <p>It is <b>dark</b>.</p>
    sender: Bob@acme.test
    state: live
    labels: [New, App]
    reactions: ["👍", "❤️"]
    cover_image_url: https://images.test/dark.png
    deliver_silently: true
    at: -60d
    newsfeeds: [{name: Product updates, at: -60d}, {name: Beta programme, at: -90d}]
  - {title: In both later, state: live, at: -50d, newsfeeds: [{name: Product updates, at: -50d}, {name: Beta programme, at: -40d}]}
  - {title: When it was made, body: Hello, state: live, at: 2026-01-02, newsfeeds: [{name: Product updates}]}
  - {title: Still a draft, newsfeeds: [{name: Product updates, at: +5d}], at: -1d}
  - {title: Bare}
`

// ago is so many days before the beginning of a test.
func ago(days int) float64 { return float64(apptest.Start.AddDate(0, 0, -days).Unix()) }

func TestNews(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		f := parse(t, newsText)
		first := apply(t, r, f, r.Workspace.ID)
		want := []seed.Count{{Kind: "admins", Created: 1}, {Kind: "segments", Created: 3}, {Kind: "newsfeeds", Created: 2}, {Kind: "news items", Created: 5}}
		if diff := cmp.Diff(want, first.Counts); diff != "" {
			t.Error(diff)
		}
		r.Clock.Pass(time.Hour) // distances are others now
		if second := apply(t, r, parse(t, newsText), r.Workspace.ID); changed(second) {
			t.Errorf("the second application changed something: %+v", second.Counts)
		}

		at := func(feed, days int) any {
			return map[string]any{"newsfeed_id": float64(feed), "published_at": ago(days)}
		}
		for id, want := range map[string]map[string]any{
			"1": {"title": "Dark mode", "body": "<p>It is <b>dark</b>.</p>", "sender_id": 2.0, "state": "live", "labels": []any{"App", "New"},
				"reactions": []any{"👍", "❤️"}, "cover_image_url": "https://images.test/dark.png", "deliver_silently": true,
				"created_at": ago(60), "updated_at": ago(60), "newsfeed_assignments": []any{at(1, 60), at(2, 90)}},
			"2": {"created_at": ago(50), "updated_at": ago(40), "newsfeed_assignments": []any{at(1, 50), at(2, 40)}, "sender_id": 1.0},
			"3": {"body": "<p>Hello</p>", "created_at": 1767312000.0, "newsfeed_assignments": []any{map[string]any{"newsfeed_id": 1.0, "published_at": 1767312000.0}}},
			"4": {"state": "draft", "created_at": ago(1), "newsfeed_assignments": []any{map[string]any{"newsfeed_id": 1.0}}},
			"5": {"title": "Bare", "state": "draft", "body": "", "sender_id": 1.0, "labels": []any{}, "created_at": ago(0), "newsfeed_assignments": []any{}},
		} {
			a := r.Get(t, "/news/news_items/"+id).OK()
			for path, value := range want {
				if diff := cmp.Diff(value, a.At(path)); diff != "" {
					t.Errorf("%s of news item %s (-want +got):\n%s", path, id, diff)
				}
			}
		}
		feeds := r.Get(t, "/news/newsfeeds").OK()
		for path, want := range map[string]any{"data.0.name": "Beta programme", "data.0.created_at": ago(200),
			"data.1.name": "Product updates", "data.1.updated_at": ago(300)} {
			if got := feeds.At(path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
		for id, segments := range map[content.NewsfeedID]int{1: 0, 2: 2} { // Active are users and leads
			f, err := r.Content.FindNewsfeed(t.Context(), r.Actor(), id)
			if err != nil || len(f.Segments) != segments {
				t.Errorf("newsfeed %s is for %v, %v", id, f.Segments, err)
			}
		}
	})
}

// TestNewsOnWhatIsThere applies a seed to a workspace that has news already.
func TestNewsOnWhatIsThere(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		apply(t, r, parse(t, newsText), r.Workspace.ID)
		again, err := r.Content.CreateNewsfeed(t.Context(), r.Actor(), content.NewsfeedPatch{Name: model.Some("Product updates")})
		if err != nil {
			t.Fatal(err)
		}
		r.Post(t, "/news/news_items", map[string]any{"title": "Dark mode", "sender_id": 1}).OK()
		for _, c := range []struct {
			name, text       string
			newsfeeds, items int // that are changed
			path             string
			want             any
		}{
			{"nothing", `news_items: [{title: Dark mode}]`, 0, 0, "/news/news_items/1 labels.1", "New"},
			{"the same body", `news_items: [{title: Dark mode, body: "<p>It is <b onclick=x()>dark</b>."}]`, 0, 0, "/news/news_items/1 body", "<p>It is <b>dark</b>.</p>"},
			{"another body", `news_items: [{title: Dark mode, body: Light}]`, 0, 1, "/news/news_items/1 body", "<p>Light</p>"},
			{"another sender", `news_items: [{title: Dark mode, sender: ann@acme.test}]`, 0, 1, "/news/news_items/1 sender_id", 1.0},
			{"the same labels", `news_items: [{title: Dark mode, labels: [New, New, App]}]`, 0, 0, "/news/news_items/1 labels.2", nil},
			{"no labels", `news_items: [{title: Dark mode, labels: []}]`, 0, 1, "/news/news_items/1 labels", []any{}},
			{"no reactions", `news_items: [{title: Dark mode, reactions: []}]`, 0, 1, "/news/news_items/1 reactions", []any{}},
			{"a fixed time", `news_items: [{title: Dark mode, newsfeeds: [{name: Product updates, at: 2026-01-01}, {name: Beta programme}]}]`, 0, 1,
				"/news/news_items/1 newsfeed_assignments", []any{map[string]any{"newsfeed_id": 1.0, "published_at": 1767225600.0}, map[string]any{"newsfeed_id": 2.0, "published_at": ago(90)}}},
			{"a distance moves nothing", `news_items: [{title: Dark mode, newsfeeds: [{name: Beta programme, at: -1d}, {name: Product updates, at: now}]}]`, 0, 0,
				"/news/news_items/1 newsfeed_assignments.0.published_at", 1767225600.0},
			{"out of one", `news_items: [{title: Dark mode, newsfeeds: [{name: Product updates}]}]`, 0, 1, "/news/news_items/1 newsfeed_assignments.1", nil},
			{"in it again", `news_items: [{title: Dark mode, newsfeeds: [{name: Product updates}, {name: Beta programme, at: -2d}]}]`, 0, 1,
				"/news/news_items/1 newsfeed_assignments.1.published_at", ago(2)},
			{"a draft", `news_items: [{title: Dark mode, state: draft}]`, 0, 1, "/news/news_items/1 newsfeed_assignments.1.published_at", nil},
			{"a draft's times mean nothing", `news_items: [{title: Dark mode, newsfeeds: [{name: Product updates, at: -1d}, {name: Beta programme}]}]`, 0, 0,
				"/news/news_items/1 state", "draft"},
			{"live at a time", `news_items: [{title: Dark mode, state: live, newsfeeds: [{name: Product updates, at: -1d}, {name: Beta programme}]}]`, 0, 1,
				"/news/news_items/1 newsfeed_assignments", []any{map[string]any{"newsfeed_id": 1.0, "published_at": ago(1)}, map[string]any{"newsfeed_id": 2.0, "published_at": ago(0)}}},
			{"the same audience", `newsfeeds: [{name: Beta programme, segments: [Active]}]`, 0, 0, "/news/newsfeeds/2 name", "Beta programme"},
			{"no audience said", `newsfeeds: [{name: Beta programme}]`, 0, 0, "/news/newsfeeds/2 updated_at", ago(200)},
			{"everybody", `newsfeeds: [{name: Beta programme, segments: []}]`, 1, 0, "/news/newsfeeds/2 updated_at", ago(0)},
			{"the first of the name", `newsfeeds: [{name: Product updates, segments: [Active]}]`, 1, 0, "/news/newsfeeds/" + again.ID.String() + " updated_at", ago(0)},
		} {
			t.Run(c.name, func(t *testing.T) {
				f := parse(t, c.text)
				var want []seed.Count
				if n := len(f.Newsfeeds); n > 0 {
					want = append(want, seed.Count{Kind: "newsfeeds", Updated: c.newsfeeds, Unchanged: n - c.newsfeeds})
				}
				if n := len(f.NewsItems); n > 0 {
					want = append(want, seed.Count{Kind: "news items", Updated: c.items, Unchanged: n - c.items})
				}
				if diff := cmp.Diff(want, apply(t, r, f, r.Workspace.ID).Counts); diff != "" {
					t.Error(diff)
				}
				path, at, _ := strings.Cut(c.path, " ")
				if diff := cmp.Diff(c.want, r.Get(t, path).OK().At(at)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c.path, diff)
				}
				if second := apply(t, r, f, r.Workspace.ID); changed(second) {
					t.Errorf("the second application changed something: %+v", second.Counts)
				}
			})
		}
	})
}

func TestNewsRefusals(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const feed = "newsfeeds: [{name: A}]\n"
		for _, c := range []struct{ name, text, want string }{
			{"no name", "newsfeeds: [{segments: []}]", "newsfeeds, number 1: a newsfeed of a seed needs a name"},
			{"one name twice", `newsfeeds: [{name: A}, {name: " A"}]`, `newsfeeds, number 2: there are two newsfeeds "A"`},
			{"no such segment", "newsfeeds: [{name: A, segments: [Active]}]", `newsfeeds, number 1: A: there is no segment of people "Active"`},
			{"a segment of companies", `
segments: [{name: Large, person_type: company, filter: {field: size, operator: ">", value: 9}}]
newsfeeds: [{name: A, segments: [Large]}]`, `newsfeeds, number 1: A: there is no segment of people "Large"`},
			{"no title", "news_items: [{body: x}]", "news_items, number 1: a news item of a seed needs a title"},
			{"one title twice", "news_items: [{title: x}, {title: x}]", `news_items, number 2: there are two news items "x"`},
			{"no such admin", "news_items: [{title: x, sender: eve@acme.test}]", `news_items, number 1: x: there is no admin "eve@acme.test"`},
			{"no such newsfeed", "news_items: [{title: x, newsfeeds: [{name: A}]}]", `news_items, number 1: x: there is no newsfeed "A"`},
			{"another state", "news_items: [{title: x, state: published}]", "news_items, number 1: x: State must be draft or live"},
			{"no emoji", "news_items: [{title: x, reactions: [like]}]", "news_items, number 1: x: Each of the reactions must be a single emoji or null"},
			{"a newsfeed twice", feed + "news_items: [{title: x, newsfeeds: [{name: A}, {name: A}]}]", "news_items, number 1: x: The news item is assigned to newsfeed 1 twice"},
			{"to come", feed + "news_items: [{title: x, state: live, at: -1d, newsfeeds: [{name: A, at: +1h}]}]", "news_items, number 1: x: published_at cannot be in the future"},
			{"to come, made now", feed + "news_items: [{title: x, state: live, newsfeeds: [{name: A, at: +1h}]}]", "news_items, number 1: x: published_at cannot be in the future"},
		} {
			_, err := r.Seeds.Apply(context.Background(), parse(t, c.text), r.Workspace.ID)
			if err == nil || err.Error() != c.want {
				t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
			}
		}
		if r.Get(t, "/news/newsfeeds").OK().At("total_count") != 0.0 || r.Get(t, "/news/news_items").OK().At("total_count") != 0.0 {
			t.Error("something is left of seeds that failed")
		}
	})
}
