package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/model/content"
)

const (
	noSender    = "The sender specified is not a member of the workspace"
	noNewsTitle = "Title is a required parameter."
	badState    = "State must be draft or live"
	badCover    = "Cover image URL must be a URL that begins with http or https"
	badEnding   = "Cover image URL must have a .jpg, .jpeg or .png extension"
	badEmoji    = "Each of the reactions must be a single emoji or null"
	inFuture    = "published_at cannot be in the future"
)

// newsfeed makes a newsfeed, which no operation can.
func newsfeed(t *testing.T, r *apptest.Rig, name string, segments ...model.SegmentID) string {
	t.Helper()
	f, err := r.Content.CreateNewsfeed(t.Context(), r.Actor(), content.NewsfeedPatch{Name: model.Some(name), Segments: model.Some(segments)})
	noError(t, err)
	return f.ID.String()
}

// news makes a news item of the rig's admin with these fields besides, and returns
// its path.
func news(t *testing.T, r *apptest.Rig, fields object) string {
	t.Helper()
	body := object{"title": "We have news", "sender_id": 1}
	for name, value := range fields {
		body[name] = value
	}
	return "/news/news_items/" + r.Post(t, "/news/news_items", body).OK().ID()
}

// in assigns a news item to newsfeeds, without a time.
func in(feeds ...string) []object {
	list := []object{}
	for _, id := range feeds {
		list = append(list, object{"newsfeed_id": id})
	}
	return list
}

// The shapes are those that the live API was seen to answer with.
func TestNewsItemIsShownAsItWasMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ws := string(r.Workspace.ID)
		is(t, r.Get(t, "/news/news_items"), `{"type":"list","pages":{"page":1,"per_page":10,"total_pages":0,"type":"pages"},"data":[],"total_count":0}`)

		newsfeed(t, r, "Visitor Feed")
		halloween := `{"id":"1","type":"news-item","workspace_id":"<ws>","title":"Halloween is here!",
			"body":"<p>New costumes in store for this spooky season</p>","sender_id":1,"state":"live","labels":["New","Product","Update"],
			"cover_image_url":null,"reactions":["😆","😅"],"deliver_silently":true,"created_at":1768478400,"updated_at":1768478400,
			"newsfeed_assignments":[{"newsfeed_id":1,"published_at":1664638214}]}`
		is(t, r.Post(t, "/news/news_items", `{"title":"Halloween is here!","body":"<p>New costumes in store for this spooky season</p>",
			"labels":["Product","Update","New"],"sender_id":1,"deliver_silently":true,"reactions":["😆","😅"],"state":"live",
			"newsfeed_assignments":[{"newsfeed_id":1,"published_at":1664638214}]}`), halloween, "<ws>", ws)
		is(t, r.Get(t, "/news/news_items/1"), halloween, "<ws>", ws)

		r.Clock.Pass(time.Second)
		live := `{"id":"2","type":"news-item","workspace_id":"<ws>","title":"We have news","body":"<p>Hello there,</p>","sender_id":1,
			"state":"live","labels":[],"cover_image_url":null,"reactions":[null,null,null,null],"deliver_silently":false,
			"created_at":1768478401,"updated_at":1768478401,"newsfeed_assignments":[{"newsfeed_id":1,"published_at":1768478401}]}`
		is(t, r.Post(t, "/news/news_items", `{"title":"We have news","body":"<p>Hello there,</p>","sender_id":1,"state":"live",
			"newsfeed_assignments":[{"newsfeed_id":1}]}`), live, "<ws>", ws)
		is(t, r.Get(t, "/news/news_items/2"), live, "<ws>", ws)

		draft := `{"id":"3","type":"news-item","workspace_id":"<ws>","title":"We have news","body":"<p>Hello there,</p>","sender_id":1,
			"state":"draft","labels":[],"cover_image_url":null,"reactions":[null,null,null,null],"deliver_silently":false,
			"created_at":1768478401,"updated_at":1768478401,"newsfeed_assignments":[]}`
		is(t, r.Post(t, "/news/news_items", `{"title":"We have news","body":"Hello there,","sender_id":1}`), draft, "<ws>", ws)
		is(t, r.Get(t, "/news/news_items"), `{"type":"list","pages":{"page":1,"per_page":10,"total_pages":1,"type":"pages"},
			"data":[`+draft+`,`+live+`,`+halloween+`],"total_count":3}`, "<ws>", ws)
		is(t, r.Get(t, "/news/newsfeeds/1/items"), `{"type":"list","pages":{"page":1,"per_page":20,"total_pages":1,"type":"pages"},
			"data":[`+live+`,`+halloween+`],"total_count":2}`, "<ws>", ws)

		r.Post(t, "/news/news_items", `{"title":"x","sender_id":1,"state":"live"}`).OK()
		r.Clock.Pass(time.Second)
		is(t, r.Put(t, "/news/news_items/4", `{"title":"Christmas is here!","body":"<p>New gifts in store for the jolly season</p>","sender_id":1,
			"reactions":["😝","😂"]}`), `{"id":"4","type":"news-item","workspace_id":"<ws>","title":"Christmas is here!",
			"body":"<p>New gifts in store for the jolly season</p>","sender_id":1,"state":"live","labels":[],"cover_image_url":null,
			"reactions":["😝","😂"],"deliver_silently":false,"created_at":1768478401,"updated_at":1768478402,"newsfeed_assignments":[]}`, "<ws>", ws)

		is(t, r.Delete(t, "/news/news_items/1", nil), `{"id":"1","object":"news-item","deleted":true}`)
		r.Get(t, "/news/news_items/1").Fails(404, "not_found", notFound)
		r.Put(t, "/news/news_items/1", `{"title":"Christmas is here!","sender_id":1}`).Fails(404, "not_found", notFound)
		r.Delete(t, "/news/news_items/1", `{}`).Fails(404, "not_found", notFound)
		if got := ids(t, r.Get(t, "/news/newsfeeds/1/items")); !cmp.Equal(got, []string{"2"}) {
			t.Errorf("the newsfeed shows %v", got)
		}
		if id := r.Post(t, "/news/news_items", `{"title":"x","sender_id":1}`).OK().ID(); id != "5" {
			t.Errorf("the next id is %s", id)
		}
	})
}

func TestNewsItemIsMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		other := r.Elsewhere(t)
		newAdmin(t, other, model.Admin{Name: "Eve", Email: "eve@acme.test"})
		third := newAdmin(t, other, model.Admin{Name: "Eve", Email: "eva@acme.test"}) // an id that is not given out here
		none := []any{}
		for _, c := range []struct {
			name    string
			fields  string // besides a title and a sender
			want    object
			refused *refusal
		}{
			{"a title and a sender", ``, object{"title": "T", "sender_id": 1.0, "body": "", "state": "draft", "labels": none,
				"reactions": []any{nil, nil, nil, nil}, "newsfeed_assignments": none, "cover_image_url": nil, "deliver_silently": false}, nil},
			{"nulls", `,"body":null,"state":null,"labels":null,"reactions":null,"newsfeed_assignments":null,"cover_image_url":null,"deliver_silently":null`,
				object{"body": "", "state": "draft", "labels": none, "reactions": []any{nil, nil, nil, nil}, "deliver_silently": false}, nil},
			{"another sender, as a text", `,"sender_id":"2"`, object{"sender_id": 2.0}, nil},
			{"a title with spaces around", `,"title":"  Fine \n"`, object{"title": "Fine"}, nil},
			{"a number for a title", `,"title":7`, object{"title": "7"}, nil},
			{"a long title", `,"title":"` + strings.Repeat("ä", 255) + `"`, object{"title": strings.Repeat("ä", 255)}, nil},
			{"the same title", `,"title":"Fine"`, object{"title": "Fine"}, nil},
			{"plain text", `,"body":"a < b\nc\n\nd"`, object{"body": "<p>a &lt; b<br>c</p>\n<p>d</p>"}, nil},
			{"unsafe HTML", `,"body":"<b onclick=x()>Hi</b><script>x()</script>"`, object{"body": "<p><b>Hi</b></p>"}, nil},
			{"HTML of which nothing is left", `,"body":"<script>x()</script>"`, object{"body": ""}, nil},
			{"live", `,"state":"live"`, object{"state": "live"}, nil},
			{"silently, as a text", `,"deliver_silently":"true"`, object{"deliver_silently": true}, nil},
			{"labels in order", `,"labels":["b","A","ä","B","a"]`, object{"labels": []any{"A", "a", "B", "b", "ä"}}, nil},
			{"labels twice and null", `,"labels":[" New",null,"New ",7]`, object{"labels": []any{"7", "New"}}, nil},
			{"no labels", `,"labels":[null]`, object{"labels": none}, nil},
			{"many labels", `,"labels":` + numbers(50), object{"labels.49": "9"}, nil},
			{"reactions in order", `,"reactions":["👍","👩‍💻",null,"❤️","🇩🇪"]`, object{"reactions": []any{"👍", "👩‍💻", nil, "❤️", "🇩🇪"}}, nil},
			{"nobody can react", `,"reactions":[]`, object{"reactions": none}, nil},
			{"a cover", `,"cover_image_url":"https://images.test/a.png"`, object{"cover_image_url": "https://images.test/a.png"}, nil},
			{"a cover in capitals", `,"cover_image_url":"HTTP://images.test/A%20b.JPEG?w=1#x"`, object{"cover_image_url": "HTTP://images.test/A%20b.JPEG?w=1#x"}, nil},
			{"an empty cover", `,"cover_image_url":""`, object{"cover_image_url": nil}, nil},
			{"other fields mean nothing", `,"id":"99","type":"x","created_at":1,"workspace_id":"x"`, object{"created_at": 1768478400.0, "type": "news-item"}, nil},

			{"null for a title", `,"title":null`, nil, missing(noNewsTitle)},
			{"a blank title", `,"title":" \t"`, nil, invalid("Title cannot be blank")},
			{"a title too long", `,"title":"` + strings.Repeat("ä", 256) + `"`, nil, invalid("Title is too long (maximum is 255 characters)")},
			{"a list for a title", `,"title":[]`, nil, invalid("title is invalid")},
			{"null for a sender", `,"sender_id":null`, nil, missing("sender_id is a required parameter.")},
			{"an unknown sender", `,"sender_id":404`, nil, invalid(noSender)},
			{"a sender of another workspace", fmt.Sprintf(`,"sender_id":%d`, third.ID), nil, invalid(noSender)},
			{"an odd sender", `,"sender_id":"abc"`, nil, invalid(noSender)},
			{"nobody for a sender", `,"sender_id":0`, nil, invalid(noSender)},
			{"a fraction for a sender", `,"sender_id":1.5`, nil, invalid(noSender)},
			{"an object for a sender", `,"sender_id":{"id":1}`, nil, invalid("sender_id is invalid")},
			{"a body too long", `,"body":"` + strings.Repeat("é", 100_001) + `"`, nil, invalid("Body is too long (maximum is 100000 characters)")},
			{"an object for a body", `,"body":{}`, nil, invalid("body is invalid")},
			{"another state", `,"state":"published"`, nil, invalid(badState)},
			{"an empty state", `,"state":""`, nil, invalid(badState)},
			{"a state in capitals", `,"state":"Live"`, nil, invalid(badState)},
			{"a truth value for a state", `,"state":true`, nil, invalid("state is invalid")},
			{"a word for a truth value", `,"deliver_silently":"perhaps"`, nil, invalid("deliver_silently is invalid")},
			{"a blank label", `,"labels":["a"," "]`, nil, invalid("Labels cannot be blank")},
			{"a label too long", `,"labels":["` + strings.Repeat("ä", 256) + `"]`, nil, invalid("A label is too long (maximum is 255 characters)")},
			{"too many labels", `,"labels":` + numbers(51), nil, invalid("A news item can have 50 labels at most")},
			{"a text for labels", `,"labels":"New"`, nil, invalid("labels is invalid")},
			{"an object for a label", `,"labels":[{}]`, nil, invalid("labels.0 is invalid")},
			{"a list too long", `,"labels":` + numbers(5001), nil, invalid("A list can have 5000 members at most")},
			{"a word for an emoji", `,"reactions":["like"]`, nil, invalid(badEmoji)},
			{"a shortcode for an emoji", `,"reactions":["👍",":heart:"]`, nil, invalid(badEmoji)},
			{"two emoji in one", `,"reactions":["👍👍"]`, nil, invalid(badEmoji)},
			{"an emoji twice", `,"reactions":["👍","❤️","👍"]`, nil, invalid("👍 is among the reactions twice")},
			{"too many reactions", `,"reactions":[null,null,null,null,null,null,null,null,null,null,null]`, nil, invalid("A news item can have 10 reactions at most")},
			{"a list for a reaction", `,"reactions":[["👍"]]`, nil, invalid("reactions.0 is invalid")},
			{"a cover that is no picture", `,"cover_image_url":"https://images.test/a.gif"`, nil, invalid(badEnding)},
			{"a cover with the ending in its query", `,"cover_image_url":"https://images.test/a?b=.png"`, nil, invalid(badEnding)},
			{"a cover by other means", `,"cover_image_url":"javascript:alert(1)//a.png"`, nil, invalid(badCover)},
			{"a cover of a path alone", `,"cover_image_url":"/a.png"`, nil, invalid(badCover)},
			{"a cover of no host", `,"cover_image_url":"https:///a.png"`, nil, invalid(badCover)},
			{"a cover that is no URL", `,"cover_image_url":"https://%zz/a.png"`, nil, invalid(badCover)},
			{"a cover too long", `,"cover_image_url":"https://images.test/` + strings.Repeat("a", 2048) + `.png"`, nil,
				invalid("Cover image URL is too long (maximum is 2048 characters)")},
			{"a NUL", `,"body":"a\u0000"`, nil, invalid("Text cannot contain the NUL character")},
			{"a text for assignments", `,"newsfeed_assignments":"1"`, nil, invalid("newsfeed_assignments is invalid")},
			{"a number for an assignment", `,"newsfeed_assignments":[1]`, nil, invalid("newsfeed_assignments.0 is invalid")},
		} {
			t.Run(c.name, func(t *testing.T) {
				fields := c.fields
				if !strings.Contains(fields, `"title"`) {
					fields += `,"title":"T"`
				}
				if !strings.Contains(fields, `"sender_id"`) {
					fields += `,"sender_id":1`
				}
				before := r.Get(t, "/news/news_items").OK().At("total_count").(float64)
				a := r.Post(t, "/news/news_items", "{"+fields[1:]+"}")
				holds(t, a, c.refused, c.want)
				if c.refused == nil {
					before++
					if string(a.Body) != string(r.Get(t, "/news/news_items/"+a.ID()).OK().Body) {
						t.Error("what is read is not what was answered")
					}
				}
				if after := r.Get(t, "/news/news_items").OK().At("total_count"); after != before {
					t.Errorf("there are %v news items, want %v", after, before)
				}
			})
		}
		for body, refused := range map[string]*refusal{
			``:                      missing(noNewsTitle),
			`null`:                  missing(noNewsTitle),
			`{"sender_id":1}`:       missing(noNewsTitle),
			`{"title":"T"}`:         missing("sender_id is a required parameter."),
			`[]`:                    invalid("The request body must be a JSON object"),
			`{"title":`:             invalid("The request body is not valid JSON"),
			`{"title":"\ud800"}`:    invalid("The request body is not valid JSON"),
			strings.Repeat("[", 40): invalid("The request body is nested more than 32 levels deep"),
		} {
			r.Post(t, "/news/news_items", body).Fails(refused.status, refused.code, refused.message)
		}
		r.Post(t, "/news/news_items", `{"title":"`+strings.Repeat("x", 5<<20)+`"}`).
			Fails(413, "parameter_invalid", "The request body is larger than 5 MB")
		r.Post(t, "/news/news_items", `{"title":"T","sender_id":1}`, apptest.As("wrong")).Fails(401, "unauthorized", "Access Token Invalid")
	})
}

// numbers is a JSON list of so many texts, each another.
func numbers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%d"`, i)
	}
	return "[" + b.String()[1:] + "]"
}

func TestNewsItemIsUpdated(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"})
		path := news(t, r, object{"body": "Hello", "labels": []string{"New"}, "reactions": []string{"👍"},
			"cover_image_url": "https://images.test/a.png", "deliver_silently": true})
		r.Clock.Pass(time.Second)
		for _, c := range []struct {
			name    string
			body    string
			want    object
			refused *refusal
		}{
			{"nothing", ``, object{"title": "We have news", "body": "<p>Hello</p>", "sender_id": 1.0, "state": "draft", "labels": []any{"New"},
				"reactions": []any{"👍"}, "cover_image_url": "https://images.test/a.png", "deliver_silently": true,
				"created_at": 1768478400.0, "updated_at": 1768478401.0}, nil},
			{"the title", `{"title":"New"}`, object{"title": "New", "body": "<p>Hello</p>"}, nil},
			{"the body", `{"body":"<i>Hi</i>"}`, object{"title": "New", "body": "<p><i>Hi</i></p>"}, nil},
			{"no body", `{"body":null}`, object{"body": ""}, nil},
			{"the sender", `{"sender_id":2}`, object{"sender_id": 2.0}, nil},
			{"live", `{"state":"live"}`, object{"state": "live", "sender_id": 2.0}, nil},
			{"null is no state and no truth value", `{"state":null,"deliver_silently":null}`, object{"state": "live", "deliver_silently": true}, nil},
			{"with a badge", `{"deliver_silently":false}`, object{"deliver_silently": false}, nil},
			{"other labels", `{"labels":["b","a"]}`, object{"labels": []any{"a", "b"}}, nil},
			{"no labels", `{"labels":null}`, object{"labels": []any{}}, nil},
			{"nobody can react", `{"reactions":[]}`, object{"reactions": []any{}}, nil},
			{"reactions as if never set", `{"reactions":null}`, object{"reactions": []any{nil, nil, nil, nil}}, nil},
			{"no cover", `{"cover_image_url":null}`, object{"cover_image_url": nil}, nil},
			{"a draft again", `{"state":"draft"}`, object{"state": "draft"}, nil},
			{"other fields are ignored", `{"id":"9","created_at":5}`, object{"created_at": 1768478400.0}, nil},

			{"null for a title", `{"title":null}`, nil, invalid("Title cannot be blank")},
			{"a blank title", `{"title":""}`, nil, invalid("Title cannot be blank")},
			{"null for a sender", `{"sender_id":null}`, nil, invalid(noSender)},
			{"an unknown sender", `{"sender_id":3,"title":"not this"}`, nil, invalid(noSender)},
			{"another state", `{"state":"gone","title":"not this"}`, nil, invalid(badState)},
			{"a shortcode", `{"title":"not this","reactions":[":bug:"]}`, nil, invalid(badEmoji)},
			{"an unknown newsfeed", `{"title":"not this","newsfeed_assignments":[{"newsfeed_id":1}]}`, nil, invalid("Newsfeed 1 does not exist")},
			{"what was refused is not kept", ``, object{"title": "New", "sender_id": 2.0, "state": "draft", "newsfeed_assignments": []any{}}, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				a := r.Put(t, path, c.body)
				holds(t, a, c.refused, c.want)
				if c.refused == nil && string(a.Body) != string(r.Get(t, path).OK().Body) {
					t.Error("what is read is not what was answered")
				}
			})
		}
	})
}

// Who is assigned where, and since when, follows the state.
func TestNewsItemIsAssigned(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		one, two := newsfeed(t, r, "One"), newsfeed(t, r, "Two")
		other := r.Elsewhere(t)
		for range 3 {
			newsfeed(t, other, "Theirs")
		}
		path := news(t, r, object{"newsfeed_assignments": in(two, one)})
		at := func(feed string, seconds float64) any {
			a := object{"newsfeed_id": map[string]float64{one: 1, two: 2}[feed]}
			if seconds != 0 {
				a["published_at"] = float64(apptest.Start.Unix()) + seconds
			}
			return a
		}
		const past, now = `1664638214`, `1768478400`
		is := func(assignments ...any) object {
			return object{"newsfeed_assignments": append([]any{}, assignments...)}
		}
		for _, c := range []struct {
			name    string
			pass    time.Duration
			body    string
			want    object
			refused *refusal
		}{
			{"a draft has no times", 0, ``, is(at(one, 0), at(two, 0)), nil},
			{"nor is it given any", 0, `{"newsfeed_assignments":[{"newsfeed_id":"2","published_at":` + past + `},{"newsfeed_id":1,"published_at":9000000000}]}`,
				is(at(one, 0), at(two, 0)), nil},
			{"live, it is published now", 10, `{"state":"live"}`, is(at(one, 10), at(two, 10)), nil},
			{"and stays so", 10, `{"title":"Other"}`, is(at(one, 10), at(two, 10)), nil},
			{"when the state is said again too", 10, `{"state":"live"}`, is(at(one, 10), at(two, 10)), nil},
			{"taken out of one", 10, `{"newsfeed_assignments":[{"newsfeed_id":1}]}`, is(at(one, 10)), nil},
			{"and put back", 0, `{"newsfeed_assignments":[{"newsfeed_id":2},{"newsfeed_id":1}]}`, is(at(one, 10), at(two, 40)), nil},
			{"told a time", 0, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":` + now + `},{"newsfeed_id":2,"published_at":null}]}`,
				is(object{"newsfeed_id": 1.0, "published_at": 1768478400.0}, at(two, 40)), nil},
			{"as a text", 0, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":"1768478405.9"},{"newsfeed_id":2,"published_at":0}]}`,
				is(at(one, 5), at(two, 40)), nil},
			{"of this very second", 0, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":1768478440}]}`, is(at(one, 40)), nil},
			{"a draft loses its times", 10, `{"state":"draft"}`, is(at(one, 0)), nil},
			{"live again, it is published again", 10, `{"state":"live"}`, is(at(one, 60)), nil},
			{"a time that comes with the state", 10, `{"state":"draft"}`, is(at(one, 0)), nil},
			{"counts", 0, `{"state":"live","newsfeed_assignments":[{"newsfeed_id":1,"published_at":1768478401}]}`, is(at(one, 1)), nil},
			{"an empty list", 0, `{"newsfeed_assignments":[]}`, is(), nil},
			{"in one again", 0, `{"newsfeed_assignments":[{"newsfeed_id":1}]}`, is(at(one, 70)), nil},
			{"null", 0, `{"newsfeed_assignments":null}`, is(), nil},
			{"in both", 0, `{"newsfeed_assignments":[{"newsfeed_id":1},{"newsfeed_id":2}]}`, is(at(one, 70), at(two, 70)), nil},

			{"to come", 0, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":1768478471}]}`, nil, invalid(inFuture)},
			{"far to come", 0, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":9007199254740991}]}`, nil, invalid(inFuture)},
			{"further than can be", 0, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":1e300}]}`, nil, invalid("newsfeed_assignments.0.published_at is invalid")},
			{"before the beginning", 0, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":-1}]}`, nil, invalid("newsfeed_assignments.0.published_at is invalid")},
			{"a word for a time", 0, `{"newsfeed_assignments":[{"newsfeed_id":1,"published_at":"now"}]}`, nil, invalid("newsfeed_assignments.0.published_at is invalid")},
			{"twice", 0, `{"newsfeed_assignments":[{"newsfeed_id":1},{"newsfeed_id":2},{"newsfeed_id":"1"}]}`, nil,
				invalid("The news item is assigned to newsfeed 1 twice")},
			{"to none that is there", 0, `{"newsfeed_assignments":[{"newsfeed_id":1},{"newsfeed_id":99}]}`, nil, invalid("Newsfeed 99 does not exist")},
			{"to another workspace's", 0, `{"newsfeed_assignments":[{"newsfeed_id":3}]}`, nil, invalid("Newsfeed 3 does not exist")},
			{"to nothing", 0, `{"newsfeed_assignments":[{}]}`, nil, missing("newsfeed_id is a required parameter of a newsfeed assignment.")},
			{"to null", 0, `{"newsfeed_assignments":[{"newsfeed_id":null}]}`, nil, missing("newsfeed_id is a required parameter of a newsfeed assignment.")},
			{"that is null", 0, `{"newsfeed_assignments":[null]}`, nil, missing("newsfeed_id is a required parameter of a newsfeed assignment.")},
			{"to an odd id", 0, `{"newsfeed_assignments":[{"newsfeed_id":"abc"}]}`, nil, invalid("newsfeed_id is invalid")},
			{"to thousands", 0, `{"newsfeed_assignments":[` + strings.TrimSuffix(strings.Repeat(`{"newsfeed_id":1},`, 5000), ",") + `]}`, nil,
				invalid("The news item is assigned to newsfeed 1 twice")},
			{"to thousands that are not there", 0, `{"newsfeed_assignments":[` + feeds(5000) + `]}`, nil, invalid("Newsfeed 1001 does not exist")},
			{"what was refused is not kept", 0, ``, is(at(one, 70), at(two, 70)), nil},
		} {
			r.Clock.Pass(c.pass * time.Second)
			t.Run(c.name, func(t *testing.T) {
				a := r.Put(t, path, c.body)
				holds(t, a, c.refused, c.want)
				if c.refused == nil && string(a.Body) != string(r.Get(t, path).OK().Body) {
					t.Error("what is read is not what was answered")
				}
			})
		}
	})
}

// feeds are so many assignments, from newsfeed 1001.
func feeds(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`{"newsfeed_id":%d}`, 1001+i)
	}
	return strings.Join(list, ",")
}

func TestNewsItemIsUpdatedByTwo(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		one, two := newsfeed(t, r, "One"), newsfeed(t, r, "Two")
		path := news(t, r, object{"newsfeed_assignments": in(one, two)})
		bodies := []string{`{"title":"y"}`, `{"body":"b"}`, `{"labels":["l"]}`, `{"state":"live"}`, `{"reactions":["🦁"]}`, `{"deliver_silently":true}`,
			`{"newsfeed_assignments":[{"newsfeed_id":2}]}`}
		got := statuses(atOnce(len(bodies), func(i int) *apptest.Answer { return r.Put(t, path, bodies[i]) }))
		if got[200] != len(bodies) {
			t.Error(got)
		}
		holds(t, r.Get(t, path), nil, object{"title": "y", "body": "<p>b</p>", "labels": []any{"l"}, "state": "live", "reactions": []any{"🦁"},
			"deliver_silently": true, "newsfeed_assignments": []any{object{"newsfeed_id": 2.0, "published_at": float64(apptest.Start.Unix())}}})

		got = statuses(atOnce(4, func(int) *apptest.Answer { return r.Delete(t, path, nil) }))
		if got[200] != 1 || got[404] != 3 {
			t.Error(got)
		}
	})
}

func TestNewsItemIsOfOneWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		other := r.Elsewhere(t)
		news(t, other, nil)
		theirs := strings.TrimPrefix(news(t, other, nil), "/news/news_items/") // an id that is not given out here
		mine := news(t, r, nil)
		for _, id := range []string{theirs, "999", "0", "-1", "abc", "01", "9223372036854775808", "1%00"} {
			r.Get(t, "/news/news_items/"+id).Fails(404, "not_found", notFound)
			r.Put(t, "/news/news_items/"+id, `{"title":"x","sender_id":1}`).Fails(404, "not_found", notFound)
			r.Delete(t, "/news/news_items/"+id, nil).Fails(404, "not_found", notFound)
		}
		if got := other.Get(t, "/news/news_items/"+theirs).OK().At("title"); got != "We have news" {
			t.Error(got)
		}
		if got := ids(t, r.Get(t, "/news/news_items")); len(got) != 1 || "/news/news_items/"+got[0] != mine {
			t.Error(got)
		}
	})
}
