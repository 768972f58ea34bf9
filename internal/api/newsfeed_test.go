package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/service/workspace"
)

// The shapes are those that the live API was seen to answer with.
func TestNewsfeedIsShownAsItWasMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		is(t, r.Get(t, "/news/newsfeeds"), `{"type":"list","pages":{"page":1,"per_page":10,"total_pages":0,"type":"pages"},"data":[],"total_count":0}`)
		newsfeed(t, r, "Visitor Feed")
		r.Clock.Pass(time.Second)
		newsfeed(t, r, " Visitor Feed\n")
		feed := func(id, at string) string {
			return `{"id":"` + id + `","type":"newsfeed","name":"Visitor Feed","created_at":` + at + `,"updated_at":` + at + `}`
		}
		one, two := feed("1", "1768478400"), feed("2", "1768478401")
		is(t, r.Get(t, "/news/newsfeeds/1"), one)
		is(t, r.Get(t, "/news/newsfeeds/2"), two)
		is(t, r.Get(t, "/news/newsfeeds"), `{"type":"list","pages":{"page":1,"per_page":10,"total_pages":1,"type":"pages"},
			"data":[`+two+`,`+one+`],"total_count":2}`)
		is(t, r.Get(t, "/news/newsfeeds/1/items"), `{"type":"list","pages":{"page":1,"per_page":20,"total_pages":0,"type":"pages"},"data":[],"total_count":0}`)

		other := r.Elsewhere(t)
		for _, id := range []string{"3", "0", "-1", "abc", "01", "9223372036854775808"} {
			r.Get(t, "/news/newsfeeds/"+id).Fails(404, "not_found", notFound)
			r.Get(t, "/news/newsfeeds/"+id+"/items").Fails(404, "not_found", notFound)
		}
		other.Get(t, "/news/newsfeeds/1").Fails(404, "not_found", notFound)
		other.Get(t, "/news/newsfeeds/1/items").Fails(404, "not_found", notFound)
		for _, call := range []string{"POST /news/newsfeeds", "PUT /news/newsfeeds/1", "DELETE /news/newsfeeds/1", "POST /news/newsfeeds/1/items"} {
			method, path, _ := strings.Cut(call, " ")
			r.Do(t, method, path, `{"name":"x"}`).Fails(404, "not_found", notFound)
		}
	})
}

func TestNewsfeedIsMadeAndChanged(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		named := func(name string, of model.PersonType) model.SegmentID {
			return model.SegmentID(segment(t, r, name, of, test("name", model.Equal, "x")))
		}
		users, leads, companies := named("Users", model.PersonUser), named("Leads", model.PersonLead), named("Companies", model.PersonCompany)
		other := r.Elsewhere(t)
		theirs := model.SegmentID(segment(t, other, "Theirs", model.PersonUser, test("name", model.Equal, "x")))
		name := func(s string) content.NewsfeedPatch { return content.NewsfeedPatch{Name: model.Some(s)} }
		audience := func(ids ...model.SegmentID) content.NewsfeedPatch {
			return content.NewsfeedPatch{Name: model.Some("Beta"), Segments: model.Some(ids)}
		}
		stranger := func(id model.SegmentID) string {
			return fmt.Sprintf("There is no segment of people with the id %q", id)
		}

		for _, c := range []struct {
			name          string
			patch         content.NewsfeedPatch
			code, message string
		}{
			{"no name", content.NewsfeedPatch{}, "parameter_not_found", "A newsfeed needs a name"},
			{"a blank name", name(" "), "parameter_invalid", "Name cannot be blank"},
			{"a name too long", name(strings.Repeat("ä", 256)), "parameter_invalid", "Name is too long (maximum is 255 characters)"},
			{"a segment of companies", audience(users, companies), "parameter_invalid", stranger(companies)},
			{"a segment that is not there", audience("abc"), "parameter_invalid", stranger("abc")},
			{"a segment of another workspace", audience(theirs), "parameter_invalid", stranger(theirs)},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := r.Content.CreateNewsfeed(t.Context(), r.Actor(), c.patch)
				fails(t, err, c.code, c.message)
			})
		}
		id, err := r.Content.CreateNewsfeed(t.Context(), r.Actor(), audience(users, leads, users))
		noError(t, err)
		r.Clock.Pass(time.Second)
		want := []model.SegmentID{users, leads}
		slices.Sort(want)
		for _, c := range []struct {
			name    string
			patch   content.NewsfeedPatch
			want    []model.SegmentID
			refused string
		}{
			{"a name alone", name("Gamma"), want, ""},
			{"other segments", content.NewsfeedPatch{Segments: model.Some([]model.SegmentID{leads})}, []model.SegmentID{leads}, ""},
			{"a segment of companies", content.NewsfeedPatch{Segments: model.Some([]model.SegmentID{companies})}, []model.SegmentID{leads}, stranger(companies)},
			{"a blank name", name(""), []model.SegmentID{leads}, "Name cannot be blank"},
			{"everybody", content.NewsfeedPatch{Segments: model.Opt[[]model.SegmentID]{Set: true, Null: true}}, nil, ""},
		} {
			t.Run(c.name, func(t *testing.T) {
				_, err := r.Content.UpdateNewsfeed(t.Context(), r.Actor(), id.ID, c.patch)
				if c.refused != "" {
					fails(t, err, "parameter_invalid", c.refused)
				} else {
					noError(t, err)
				}
				f, err := r.Content.FindNewsfeed(t.Context(), r.Actor(), id.ID)
				noError(t, err)
				if diff := cmp.Diff(c.want, f.Segments); diff != "" || f.Name != "Gamma" {
					t.Errorf("%s is for (-want +got):\n%s", f.Name, diff)
				}
			})
		}
		holds(t, r.Get(t, "/news/newsfeeds/1"), nil, object{"name": "Gamma", "created_at": 1768478400.0, "updated_at": 1768478401.0})
		_, err = r.Content.UpdateNewsfeed(t.Context(), other.Actor(), id.ID, name("x"))
		fails(t, err, "not_found", notFound)

		for range content.MaxNewsfeeds - 1 {
			newsfeed(t, r, "x")
		}
		_, err = r.Content.CreateNewsfeed(t.Context(), r.Actor(), name("one more"))
		fails(t, err, "parameter_invalid", "A workspace can have 200 newsfeeds at most")
		everywhere := make([]string, content.MaxNewsfeeds)
		for i := range everywhere {
			everywhere[i] = fmt.Sprint(i + 1)
		}
		holds(t, r.Put(t, news(t, r, nil), object{"newsfeed_assignments": in(everywhere...), "state": "live"}), nil,
			object{"newsfeed_assignments.199": object{"newsfeed_id": 200.0, "published_at": 1768478401.0}})
	})
}

// What a newsfeed shows follows states, assignments and the clock.
func TestNewsfeedShowsWhatIsLive(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		one, two := newsfeed(t, r, "One"), newsfeed(t, r, "Two")
		a := news(t, r, object{"newsfeed_assignments": in(one)})
		b := news(t, r, object{"newsfeed_assignments": in(one, two), "state": "live"})
		c := news(t, r, object{"state": "live"})
		shows := func(feed string, want ...string) {
			t.Helper()
			list := r.Get(t, "/news/newsfeeds/"+feed+"/items")
			got := ids(t, list)
			for i := range got {
				got[i] = "/news/news_items/" + got[i]
			}
			if diff := cmp.Diff(append([]string{}, want...), got); diff != "" || list.At("total_count") != float64(len(want)) {
				t.Errorf("newsfeed %s shows (-want +got):\n%s", feed, diff)
			}
		}
		change := func(path, body string) {
			t.Helper()
			r.Put(t, path, body).OK()
			r.Clock.Pass(time.Second)
		}
		shows(one, b)
		shows(two, b)
		r.Clock.Pass(time.Second)
		change(a, `{"state":"live"}`)
		shows(one, a, b)
		change(b, `{"title":"Changed"}`) // moves it in the list of all, and not here
		shows(one, a, b)
		change(c, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":1600000000},{"newsfeed_id":2}]}`)
		shows(one, a, b, c)
		shows(two, c, b)
		change(b, `{"state":"draft"}`)
		shows(one, a, c)
		shows(two, c)
		change(b, `{"state":"live"}`)
		shows(one, b, a, c)
		shows(two, b, c)
		change(b, `{"newsfeed_assignments":[{"newsfeed_id":2}]}`)
		shows(one, a, c)
		shows(two, b, c)
		r.Delete(t, c, nil).OK()
		shows(one, a)
		shows(two, b)

		// A rule that takes place at a later time publishes then.
		later := workspace.Backdate(t.Context(), r.Clock.Now().Add(time.Hour))
		_, err := r.Content.UpdateNewsItem(later, r.Actor(), 2, content.NewsItemPatch{
			Assignments: model.Some([]content.NewsfeedAssignment{{Newsfeed: 1}, {Newsfeed: 2}})})
		noError(t, err)
		shows(one, a)
		r.Clock.Pass(time.Hour - time.Second)
		shows(one, a)
		change(b, `{"title":"Still to come"}`) // which is no mistake of this update's
		shows(one, b, a)
		shows(two, b)
	})
}

// newsLists are the lists of the group, and what adds an item to the front of each.
func newsLists(t *testing.T, r *apptest.Rig) map[string]func(t *testing.T) string {
	feed := newsfeed(t, r, "Product updates")
	live := func(t *testing.T) string {
		return strings.TrimPrefix(news(t, r, object{"state": "live", "newsfeed_assignments": in(feed)}), "/news/news_items/")
	}
	return map[string]func(t *testing.T) string{
		"/news/news_items":                   live,
		"/news/newsfeeds/" + feed + "/items": live,
		"/news/newsfeeds":                    func(t *testing.T) string { return newsfeed(t, r, "Other") },
	}
}

// Following the links shows what was there exactly once, in order, while others are
// added; counting pages shows all there are.
func TestNewsWalks(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for list := range newsLists(t, r) {
			t.Run(list, func(t *testing.T) {
				r := r.Elsewhere(t)
				add := newsLists(t, r)[list]
				var want []string
				if list == "/news/newsfeeds" {
					want = []string{"1"}
				}
				for i := range 23 { // past 9, where ids as texts would be out of order
					if i%4 == 0 {
						r.Clock.Pass(time.Second)
					}
					want = append([]string{add(t)}, want...)
				}
				var got []string
				for path, page := list+"?per_page=4", 1; path != ""; page++ {
					a := r.Get(t, path)
					got = append(got, ids(t, a)...)
					holds(t, a, nil, object{"type": "list", "pages.type": "pages", "pages.page": float64(page), "pages.per_page": 4.0,
						"total_count": float64(len(want) + page - 1)})
					path = next(t, a)
					if strings.Contains(string(a.Body), `"next"`) != (path != "") {
						t.Error("the last page has a next one, or another has none")
					}
					add(t)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("the walk (-want +got):\n%s", diff)
				}
				total := int(r.Get(t, list).OK().At("total_count").(float64))
				var seen []string
				for page := 1; len(seen) < total; page++ {
					n := ids(t, r.Get(t, fmt.Sprintf("%s?per_page=10&page=%d", list, page)))
					if len(n) == 0 {
						break
					}
					seen = append(seen, n...)
				}
				slices.Sort(seen)
				if len(slices.Compact(seen)) != total {
					t.Errorf("counting pages saw %d of %d", len(seen), total)
				}
			})
		}
	})
}

func TestNewsPages(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for list, add := range newsLists(t, r) {
			t.Run(list, func(t *testing.T) {
				add(t)
				add(t)
				first := r.Get(t, list+"?per_page=1&other=x").OK()
				link, err := url.Parse(first.At("pages.next").(string))
				if err != nil || link.Host != "parley.test" || link.Path != list || link.Query().Get("page") != "2" ||
					link.Query().Get("per_page") != "1" || link.Query().Get("other") != "x" {
					t.Errorf("next is %v", link)
				}
				usual := 10.0
				if strings.HasSuffix(list, "/items") {
					usual = 20
				}
				holds(t, r.Get(t, list), nil, object{"pages.per_page": usual, "pages.page": 1.0})
				holds(t, r.Get(t, list+"?per_page=250"), nil, object{"pages.per_page": 250.0, "pages.total_pages": 1.0})
				holds(t, r.Get(t, list+"?page=100"), nil, object{"data": []any{}, "pages.page": 100.0})
				for query, message := range map[string]string{
					"per_page=251": "Per Page is too big", "per_page=99999999999999999999": "Per Page is too big", "per_page=0": "Per Page is invalid",
					"per_page=x": "Per Page is invalid", "page=0": "Page is invalid", "page=x": "Page is invalid",
					"per_page=%00": "The query string contains text that is not valid",
				} {
					r.Get(t, list+"?"+query).Fails(400, "parameter_invalid", message)
				}
				r.Get(t, list+"?starting_after=abc").Fails(400, "client_error",
					"Invalid starting_after param. Please try again using a starting_after value from a paginated response")
				other := r.Elsewhere(t)
				newsLists(t, other)
				other.Get(t, list+"?starting_after="+url.QueryEscape(link.Query().Get("starting_after"))).Fails(400, "client_error",
					"Invalid starting_after param. Please try again using a starting_after value from a paginated response")
			})
		}
	})
}

// An update moves an item to the front of the list of all.
func TestNewsItemsAreListedByUpdate(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		one := news(t, r, nil)
		news(t, r, nil)
		r.Clock.Pass(time.Second)
		news(t, r, nil)
		for _, c := range []struct {
			body string
			want []string
		}{{"", []string{"3", "2", "1"}}, {`{"labels":["New"]}`, []string{"1", "3", "2"}}} {
			if c.body != "" {
				r.Clock.Pass(time.Second)
				r.Put(t, one, c.body).OK()
			}
			if diff := cmp.Diff(c.want, ids(t, r.Get(t, "/news/news_items"))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
	})
}

// A workspace is deleted with its news, which name its admins and segments.
func TestNewsGoesWithItsWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		theirs := r.Elsewhere(t)
		for _, r := range []*apptest.Rig{r, theirs} {
			of := model.SegmentID(segment(t, r, "Users", model.PersonUser, test("name", model.Equal, "x")))
			news(t, r, object{"state": "live", "newsfeed_assignments": in(newsfeed(t, r, "One", of), newsfeed(t, r, "Two"))})
		}
		noError(t, r.App.Sandbox.Delete(t.Context(), theirs.Workspace.ID))
		theirs.Get(t, "/news/news_items").Fails(401, "unauthorized", "Access Token Invalid")
		holds(t, r.Get(t, "/news/news_items"), nil, object{"total_count": 1.0})
		f, err := r.Content.FindNewsfeed(t.Context(), r.Actor(), 1)
		noError(t, err)
		if len(f.Segments) != 1 {
			t.Errorf("the other workspace's newsfeed is for %v", f.Segments)
		}
	})
}
