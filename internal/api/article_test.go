package api_test

import (
	"context"
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
	noAuthor      = "author_id must be in the main body or default locale translated_content object"
	noTitle       = "title must be in the main body or default locale translated_content object"
	unknownAuthor = "author_id is not the id of an admin of the workspace"
	unknownParent = "parent_id is not the id of a collection or a section"
	oneLocaleMust = "The content in the default locale cannot be removed"
)

// multilingual makes the workspace's default help center one of English, French
// and Brazilian Portuguese.
func multilingual(t *testing.T, r *apptest.Rig) *content.HelpCenter {
	t.Helper()
	h, err := r.Content.CreateHelpCenter(context.Background(), r.Actor(), "acme-"+string(r.Workspace.ID), content.HelpCenterPatch{
		DisplayName: model.Some("Acme Help"), WebsiteTurnedOn: model.Some(true), Locales: model.Some([]content.Locale{"fr", "pt-BR"})})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// newArticle makes an article with these members besides a title and an author.
func newArticle(t testing.TB, r *apptest.Rig, members object) string {
	t.Helper()
	body := object{"title": "A title", "author_id": r.Admin.ID}
	for k, v := range members {
		body[k] = v
	}
	return r.Post(t, "/articles", body).OK().ID()
}

func TestArticleIsShownAsItWasMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ws := string(r.Workspace.ID)
		is(t, r.Get(t, "/articles"), `{"type":"list","data":[],"total_count":0,"pages":{"type":"pages","page":1,"per_page":25,"total_pages":0}}`)
		is(t, r.Get(t, "/help_center/help_centers"), `{"type":"list","data":[]}`)

		collection := r.Post(t, "/help_center/collections", `{"name":"Guides"}`).OK().ID()
		made := r.Post(t, "/articles", object{"title": "Thanks for everything", "description": "Description of the Article", "body": "Body of the Article",
			"author_id": r.Admin.ID, "state": "published", "parent_id": collection, "parent_type": "collection",
			"translated_content": object{"fr": object{"title": "Merci pour tout", "description": "Description de l'article", "body": "Corps de l'article",
				"author_id": r.Admin.ID, "state": "published"}}})
		const listed = `"id":"1","type":"article","workspace_id":"<ws>","parent_id":1,"parent_type":"collection","parent_ids":[],
			"title":"Thanks for everything","description":"Description of the Article","body":"<p class=\"no-margin\">Body of the Article</p>",
			"author_id":1,"state":"published","created_at":1768478400,"updated_at":1768478400,
			"url":"http://parley.test/help/<ws>/en/articles/1-thanks-for-everything"`
		const want = `{` + listed + `,"statistics":{"type":"article_statistics","views":0,"conversations":0,"reactions":0,
			"happy_reaction_percentage":0,"neutral_reaction_percentage":0,"sad_reaction_percentage":0}}`
		is(t, made, want, "<ws>", ws)
		is(t, r.Get(t, "/articles/1"), want, "<ws>", ws)
		is(t, r.Get(t, "/articles"), `{"type":"list","data":[{`+listed+`}],"total_count":1,"pages":{"type":"pages","page":1,"per_page":25,"total_pages":1}}`, "<ws>", ws)
		is(t, r.Get(t, "/help_center/help_centers"), `{"type":"list","data":[{"id":"1","workspace_id":"<ws>","created_at":1768478400,"updated_at":1768478400,
			"identifier":"<ws>","website_turned_on":false,"display_name":"Acme Help Center","url":"http://parley.test/help/<ws>","custom_domain":null}]}`, "<ws>", ws)
		is(t, r.Delete(t, "/articles/1", nil), `{"id":"1","object":"article","deleted":true}`)
		r.Get(t, "/articles/1").Fails(404, "not_found", notFound)
		r.Delete(t, "/articles/1", nil).Fails(404, "not_found", notFound)
	})
}

func TestArticleIsMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		collection := r.Post(t, "/help_center/collections", `{"name":"Guides"}`).OK().ID()
		section := r.Post(t, "/help_center/sections", object{"name": "Basics", "parent_id": collection}).OK().ID()
		other := r.Elsewhere(t)
		other.Post(t, "/help_center/collections", `{"name":"x"}`).OK()
		other.Post(t, "/help_center/collections", `{"name":"x"}`).OK()
		theirs := other.Post(t, "/help_center/collections", `{"name":"Theirs"}`).OK().ID()
		author := object{"author_id": r.Admin.ID}
		for _, c := range []struct {
			name    string
			body    object
			want    object
			refused *refusal
		}{
			{"with a title and an author", object{"title": "A"}, object{"title": "A", "description": "", "body": "", "state": "draft", "url": nil,
				"parent_id": nil, "parent_type": nil, "parent_ids": []any{}}, nil},
			{"with HTML", object{"title": "A", "body": "<h2>B</h2><p onclick='x()'>c</p><script>d()</script>"}, object{"body": "<h2>B</h2>\n<p class=\"no-margin\">c</p>"}, nil},
			{"with an author as text", object{"title": "A", "author_id": r.Admin.ID.String()}, object{"author_id": float64(r.Admin.ID)}, nil},
			{"with nulls", object{"title": "A", "description": nil, "body": nil, "parent_id": nil, "parent_type": nil, "state": nil, "translated_content": nil},
				object{"state": "draft", "body": "", "parent_id": nil}, nil},
			{"in a section", object{"title": "A", "parent_id": section, "parent_type": "section"}, object{"parent_id": 2.0, "parent_type": "section"}, nil},
			{"in a section, by its id alone", object{"title": "A", "parent_id": 2}, object{"parent_type": "section"}, nil},
			{"in none", object{"title": "A", "parent_id": 0}, object{"parent_id": nil}, nil},
			{"all in the default locale's content", object{"author_id": nil, "translated_content": object{"type": "article_translated_content",
				"en": object{"type": "article_content", "title": "A", "body": "B", "author_id": r.Admin.ID, "state": "published"}}},
				object{"title": "A", "body": `<p class="no-margin">B</p>`, "state": "published"}, nil},
			{"the body goes before the default locale's content", object{"title": "A", "translated_content": object{"en": object{"title": "B", "description": "C"}}},
				object{"title": "A", "description": "C"}, nil},
			{"with a title of several lines", object{"title": " A\n B "}, object{"title": "A  B"}, nil},
			{"with a title in Greek", object{"title": "Καλημέρα κόσμε!", "state": "published"},
				object{"url": "http://parley.test/help/" + string(r.Workspace.ID) + "/en/articles/<id>-%CE%BA%CE%B1%CE%BB%CE%B7%CE%BC%CE%AD%CF%81%CE%B1-%CE%BA%CF%8C%CF%83%CE%BC%CE%B5"}, nil},
			{"with a title of signs", object{"title": "?!", "state": "published"}, object{"url": "http://parley.test/help/" + string(r.Workspace.ID) + "/en/articles/<id>"}, nil},

			{"without anything", object{"author_id": nil}, nil, missing(noAuthor)},
			{"without an author", object{"title": "A", "author_id": nil, "state": "published"}, nil, missing(noAuthor)},
			{"without a title", object{}, nil, missing(noTitle)},
			{"without the default locale's content", object{"translated_content": object{"fr": object{"title": "A"}}}, nil, missing(noTitle)},
			{"with a translation without a title", object{"title": "A", "translated_content": object{"fr": object{"body": "B"}}}, nil,
				missing("title is required in the translated_content object of fr")},
			{"with a blank title", object{"title": " "}, nil, invalid("Title cannot be blank")},
			{"with a title too long", object{"title": strings.Repeat("ä", 256)}, nil, invalid("Title is too long (maximum is 255 characters)")},
			{"with a description too long", object{"title": "A", "description": strings.Repeat("x", 1001)}, nil, invalid("Description is too long (maximum is 1000 characters)")},
			{"by nobody", object{"title": "A", "author_id": 999}, nil, invalid(unknownAuthor)},
			{"by an author with a name", object{"title": "A", "author_id": "Ann"}, nil, invalid(unknownAuthor)},
			{"with a translation by nobody", object{"title": "A", "translated_content": object{"fr": object{"title": "B", "author_id": 999}}}, nil, invalid(unknownAuthor)},
			{"in another state", object{"title": "A", "state": "live"}, nil, invalid("State must be either draft or published")},
			{"in an unknown locale", object{"title": "A", "translated_content": object{"xx": object{"title": "B"}}}, nil, invalid(`"xx" is not a supported locale`)},
			{"in a locale of another case", object{"title": "A", "translated_content": object{"pt-br": object{"title": "B"}}}, nil, invalid(`"pt-br" is not a supported locale`)},
			{"without the content in the default locale", object{"title": "A", "translated_content": object{"en": nil}}, nil, invalid(oneLocaleMust)},
			{"with a list for translations", object{"title": "A", "translated_content": []any{}}, nil, invalid("translated_content is invalid")},
			{"with text for a translation", object{"title": "A", "translated_content": object{"fr": "B"}}, nil, invalid("translated_content.fr is invalid")},
			{"in a collection that is none", object{"title": "A", "parent_id": 999}, nil, invalid(unknownParent)},
			{"in a collection with a name", object{"title": "A", "parent_id": "Guides"}, nil, invalid(unknownParent)},
			{"in a collection of others", object{"title": "A", "parent_id": theirs}, nil, invalid(unknownParent)},
			{"in a collection that is a section", object{"title": "A", "parent_id": section, "parent_type": "collection"}, nil, invalid("parent_id is not the id of a collection")},
			{"in a section that is a collection", object{"title": "A", "parent_id": collection, "parent_type": "section"}, nil, invalid("parent_id is not the id of a section")},
			{"in a folder", object{"title": "A", "parent_id": collection, "parent_type": "folder"}, nil, invalid("parent_type must be either collection or section")},
			{"with an object for a title", object{"title": object{}}, nil, invalid("title is invalid")},
			{"with a NUL", object{"title": "A\x00"}, nil, invalid("Text cannot contain the NUL character")},
		} {
			t.Run(c.name, func(t *testing.T) {
				before := r.Get(t, "/articles").OK().At("total_count")
				body := object{}
				for k, v := range author {
					body[k] = v
				}
				for k, v := range c.body {
					body[k] = v
				}
				a := r.Post(t, "/articles", body)
				if c.refused == nil && c.want["url"] != nil {
					c.want["url"] = strings.Replace(c.want["url"].(string), "<id>", a.ID(), 1)
				}
				holds(t, a, c.refused, c.want)
				if after := r.Get(t, "/articles").OK().At("total_count"); c.refused != nil && after != before {
					t.Error("something was made all the same")
				} else if c.refused == nil && string(r.Get(t, "/articles/"+a.ID()).OK().Body) != string(a.Body) {
					t.Error("what is read is not what was answered")
				}
			})
		}
		r.Post(t, "/articles", ``).Fails(400, "parameter_not_found", noAuthor)
		r.Post(t, "/articles", `[]`).Fails(400, "parameter_invalid", "The request body must be a JSON object")
		r.Post(t, "/articles", `{"title":"`+strings.Repeat("x", 5<<20)+`"}`).Fails(413, "parameter_invalid", "The request body is larger than 5 MB")
	})
}

func TestArticleOfManyMegabytes(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	long := strings.Repeat("<p>All that there is to know about it, <b>word</b> by word.</p>", 75_000)
	id := newArticle(t, r, object{"body": long, "state": "published"})
	body := r.Get(t, "/articles/"+id).OK().At("body").(string)
	if strings.Count(body, "<p") != 75_000 {
		t.Errorf("%d paragraphs are left", strings.Count(body, "<p"))
	}
	if got := r.Get(t, "/articles/search?phrase=word").OK().At("total_count"); got != 1.0 {
		t.Errorf("%v articles are found", got)
	}
}

func TestArticleIsUpdated(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		multilingual(t, r)
		collection := r.Post(t, "/help_center/collections", `{"name":"Guides"}`).OK().ID()
		id := newArticle(t, r, object{"title": "Old", "body": "old"})
		path := "/articles/" + id
		for _, c := range []struct {
			name    string
			body    string
			want    object
			refused *refusal
		}{
			{"nothing", ``, object{"title": "Old", "updated_at": 1768478400.0}, nil},
			{"what it is already", `{"title":"Old","body":"old","state":"draft"}`, object{"updated_at": 1768478400.0}, nil},
			{"title and body", `{"title":"Christmas is here!","body":"<p>New gifts in store for the jolly season</p>"}`,
				object{"title": "Christmas is here!", "body": `<p class="no-margin">New gifts in store for the jolly season</p>`, "state": "draft", "url": nil}, nil},
			{"state", `{"state":"published"}`, object{"state": "published", "title": "Christmas is here!",
				"url": "http://parley.test/help/acme-" + string(r.Workspace.ID) + "/en/articles/" + id + "-christmas-is-here"}, nil},
			{"the URL follows the title", `{"title":"It is over"}`, object{"state": "published", "url": "http://parley.test/help/acme-" + string(r.Workspace.ID) + "/en/articles/" + id + "-it-is-over"}, nil},
			{"parent", `{"parent_id":"` + collection + `"}`, object{"parent_id": 1.0, "parent_type": "collection"}, nil},
			{"the same parent by another word", `{"parent_id":"` + collection + `","parent_type":"section"}`, nil, invalid("parent_id is not the id of a section")},
			{"not the parent", `{"description":"d"}`, object{"parent_id": 1.0, "description": "d"}, nil},
			{"a new translation is a draft", `{"translated_content":{"fr":{"title":"Noël"}}}`, object{"translated_content.fr.title": "Noël",
				"translated_content.fr.state": "draft", "translated_content.fr.author_id": 1.0, "translated_content.fr.body": "", "translated_content.fr.url": nil,
				"translated_content.en.title": "It is over", "default_locale": "en"}, nil},
			{"a translation", `{"translated_content":{"fr":{"state":"published","body":"Joyeux"}}}`, object{"translated_content.fr.title": "Noël",
				"translated_content.fr.body": `<p class="no-margin">Joyeux</p>`, "translated_content.fr.type": "article_content",
				"translated_content.fr.url": "http://parley.test/help/acme-" + string(r.Workspace.ID) + "/fr/articles/" + id + "-no%C3%ABl"}, nil},
			{"a translation nobody sees", `{"translated_content":{"de":{"title":"Weihnachten"}}}`, object{"translated_content.de": nil, "translated_content.fr.title": "Noël"}, nil},
			{"no translation", `{"translated_content":{"fr":null}}`, object{"translated_content.fr": nil, "translated_content.en.title": "It is over"}, nil},
			{"no parent", `{"parent_id":null}`, object{"parent_id": nil, "parent_type": nil}, nil},
			{"null state is none", `{"state":null,"author_id":null}`, object{"state": "published", "author_id": 1.0}, nil},

			{"null title", `{"title":null}`, nil, invalid("Title cannot be blank")},
			{"no default content", `{"translated_content":{"en":null}}`, nil, invalid(oneLocaleMust)},
			{"unknown parent", `{"parent_id":999,"title":"not this"}`, nil, invalid(unknownParent)},
			{"unknown author", `{"author_id":999,"title":"not this"}`, nil, invalid(unknownAuthor)},
			{"the refused one is not kept", ``, object{"title": "It is over", "parent_id": nil}, nil},
		} {
			t.Run(c.name, func(t *testing.T) {
				a := r.Put(t, path, c.body)
				holds(t, a, c.refused, c.want)
				if c.refused == nil && string(a.Body) != string(r.Get(t, path).OK().Body) {
					t.Error("what is read is not what was answered")
				}
			})
		}
		t.Run("the time of a translation is its own", func(t *testing.T) {
			before := r.Get(t, path).OK().At("updated_at").(float64)
			r.Clock.Pass(time.Hour)
			holds(t, r.Put(t, path, `{"translated_content":{"fr":{"title":"Noël"}}}`), nil, object{"updated_at": before, "translated_content.fr.updated_at": before + 3600})
			holds(t, r.Put(t, path, `{"translated_content":{"en":{"title":"Over"}}}`), nil, object{"updated_at": before + 3600, "translated_content.en.updated_at": before + 3600,
				"created_at": before, "title": "Over"})
		})
	})
}

func TestArticlesAreOfOneWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		other := r.Elsewhere(t)
		newArticle(t, other, nil)
		theirs := newArticle(t, other, object{"title": "Theirs alone", "state": "published"})
		mine := newArticle(t, r, nil)
		for _, id := range []string{theirs, "999", "0", "-1", "abc", "01", "9223372036854775808"} {
			r.Get(t, "/articles/"+id).Fails(404, "not_found", notFound)
			r.Put(t, "/articles/"+id, `{"title":"x","parent_id":999}`).Fails(404, "not_found", notFound)
			r.Delete(t, "/articles/"+id, nil).Fails(404, "not_found", notFound)
		}
		if got := ids(t, r.Get(t, "/articles")); !cmp.Equal(got, []string{mine}) {
			t.Error(got)
		}
		if got := r.Get(t, "/articles/search?phrase=alone&state=all").OK().At("total_count"); got != 0.0 {
			t.Errorf("%v of their articles are found", got)
		}
		if got := other.Get(t, "/articles/"+theirs).OK().At("title"); got != "Theirs alone" {
			t.Error(got)
		}
	})
}

func TestArticlesAreListed(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var made []string
		for i := range 6 {
			made = append(made, newArticle(t, r, object{"title": fmt.Sprint(i)}))
			if i != 2 { // two of one second
				r.Clock.Pass(time.Second)
			}
		}
		r.Put(t, "/articles/"+made[0], `{"title":"changed"}`).OK()
		want := []string{made[0], made[5], made[4], made[3], made[2], made[1]}
		if got := ids(t, r.Get(t, "/articles")); !cmp.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		var walked []string
		next := "/articles?per_page=4"
		for pages := 0; next != ""; pages++ {
			page := r.Get(t, next).OK()
			walked = append(walked, ids(t, page)...)
			if pages == 0 { // what comes meanwhile moves nothing
				r.Clock.Pass(time.Second)
				newArticle(t, r, nil)
			}
			link, _ := page.At("pages.next").(string)
			next = strings.TrimPrefix(link, "http://parley.test")
		}
		if !cmp.Equal(walked, want) {
			t.Errorf("walked %v, want %v", walked, want)
		}
		if got := ids(t, r.Get(t, "/articles?per_page=2&page=2")); !cmp.Equal(got, []string{made[5], made[4]}) {
			t.Errorf("page 2 has %v", got)
		}
		for query, message := range map[string]string{"per_page=251": "Per Page is too big", "per_page=0": "Per Page is invalid", "page=0": "Page is invalid", "page=x": "Page is invalid"} {
			r.Get(t, "/articles?"+query).Fails(400, "parameter_invalid", message)
		}
		r.Get(t, "/articles?per_page=250").OK()
	})
}

func TestArticleStatisticsAreCounted(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx := context.Background()
		id := newArticle(t, r, object{"title": "How it works", "state": "published"})
		article := model.Decimal[content.ArticleID](id)
		react := func(email string, reaction content.Reaction) {
			t.Helper()
			contact, ok := r.Post(t, "/contacts/search", object{"query": object{"field": "email", "operator": "=", "value": email}}).OK().At("data.0.id").(string)
			if !ok {
				contact = r.Post(t, "/contacts", object{"email": email}).OK().ID()
			}
			if err := r.Content.ReactToArticle(ctx, r.Actor(), article, model.ContactRef{ID: model.ContactID(contact)}, reaction); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 3 {
			if err := r.Content.ViewArticle(ctx, r.Actor(), article, int64(i+1)); err != nil {
				t.Fatal(err)
			}
		}
		react("a@acme.test", content.Sad)
		react("b@acme.test", content.Happy)
		react("c@acme.test", content.Neutral)
		react("a@acme.test", content.Happy) // has thought again
		page := r.Get(t, "/articles/"+id).OK().At("url").(string)
		writer := r.Post(t, "/contacts", `{"email":"w@acme.test"}`).OK().ID()
		for _, url := range []string{page, strings.Replace(page, "how-it-works", "what-it-was-called", 1), strings.Replace(page, "/en/", "/fr/", 1),
			strings.Replace(page, string(r.Workspace.ID), "others", 1), "https://www.acme.test/articles/" + id, strings.Replace(page, "/"+id, "/99", 1)} {
			r.Post(t, "/messages", object{"from": object{"type": "user", "id": writer}, "body": "Hello", "referer": url}).OK()
		}
		holds(t, r.Get(t, "/articles/"+id), nil, object{"statistics": object{"type": "article_statistics", "views": 6.0, "conversations": 3.0, "reactions": 3.0,
			"happy_reaction_percentage": 66.67, "neutral_reaction_percentage": 33.33, "sad_reaction_percentage": 0.0}})
		if got := r.Get(t, "/articles").OK().At("data.0.statistics"); got != nil {
			t.Errorf("a list shows %v", got)
		}

		// A lead's reaction goes with the lead, unless the user has one; a deleted
		// contact's goes.
		lead := r.Post(t, "/contacts", `{"role":"lead","email":"lead@acme.test"}`).OK().ID()
		react("lead@acme.test", content.Sad)
		r.Post(t, "/contacts/merge", object{"from": lead, "into": writer}).OK()
		holds(t, r.Get(t, "/articles/"+id), nil, object{"statistics.reactions": 4.0, "statistics.sad_reaction_percentage": 25.0})
		lead = r.Post(t, "/contacts", `{"role":"lead","email":"lead@acme.test"}`).OK().ID()
		react("lead@acme.test", content.Happy)
		r.Post(t, "/contacts/merge", object{"from": lead, "into": writer}).OK()
		holds(t, r.Get(t, "/articles/"+id), nil, object{"statistics.reactions": 4.0, "statistics.sad_reaction_percentage": 25.0})
		r.Delete(t, "/contacts/"+writer, nil).OK()
		holds(t, r.Get(t, "/articles/"+id), nil, object{"statistics.reactions": 3.0, "statistics.sad_reaction_percentage": 0.0})

		writer = r.Post(t, "/contacts", `{"email":"w2@acme.test"}`).OK().ID()
		refused := func(err error, want string) {
			t.Helper()
			if e, ok := model.AsError(err); !ok || e.Message != want {
				t.Errorf("%v, want %q", err, want)
			}
		}
		refused(r.Content.ViewArticle(ctx, r.Actor(), 999, 1), notFound)
		refused(r.Content.ViewArticle(ctx, r.Actor(), article, 0), "An article is viewed at least once")
		refused(r.Content.ReactToArticle(ctx, r.Actor(), article, model.ContactRef{ID: model.ContactID(writer)}, "bored"), "A reaction is happy, neutral or sad")
		refused(r.Content.ReactToArticle(ctx, r.Actor(), article, model.ContactRef{Email: "nobody@acme.test"}, content.Sad), "User Not Found")
		refused(r.Content.ReactToArticle(ctx, r.Actor(), 999, model.ContactRef{ID: model.ContactID(writer)}, content.Sad), notFound)
		refused(r.Content.ViewArticle(ctx, r.Elsewhere(t).Actor(), article, 1), notFound)
	})
}

func TestArticleIsUpdatedByTwo(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		multilingual(t, r)
		collection := r.Post(t, "/help_center/collections", `{"name":"Guides"}`).OK().ID()
		path := "/articles/" + newArticle(t, r, nil)
		bodies := []string{`{"title":"T"}`, `{"description":"d"}`, `{"body":"b"}`, `{"state":"published"}`, `{"parent_id":` + collection + `}`,
			`{"translated_content":{"fr":{"title":"F"}}}`, `{"translated_content":{"pt-BR":{"title":"P"}}}`}
		got := statuses(atOnce(len(bodies), func(i int) *apptest.Answer { return r.Put(t, path, bodies[i]) }))
		if got[200] != len(bodies) {
			t.Error(got)
		}
		holds(t, r.Get(t, path), nil, object{"title": "T", "description": "d", "body": `<p class="no-margin">b</p>`, "state": "published", "parent_id": 1.0,
			"translated_content.fr.title": "F", "translated_content.pt-BR.title": "P"})
	})
}

func TestFirstArticlesAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		got := statuses(atOnce(8, func(i int) *apptest.Answer {
			if i%2 == 0 {
				return r.Post(t, "/help_center/collections", object{"name": fmt.Sprint(i)})
			}
			return r.Post(t, "/articles", object{"title": fmt.Sprint(i), "author_id": r.Admin.ID})
		}))
		if got[200] != 8 {
			t.Error(got)
		}
		if n := len(ids(t, r.Get(t, "/help_center/help_centers"))); n != 1 {
			t.Errorf("%d help centers", n)
		}
		orders := map[any]bool{}
		for i := range 4 {
			orders[r.Get(t, "/help_center/collections").OK().At(fmt.Sprintf("data.%d.order", i))] = true
		}
		if len(orders) != 4 {
			t.Errorf("the places of four collections are %v", orders)
		}
	})
}

func TestArticleThatGrowsTooLong(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	r.Post(t, "/articles", object{"title": "A", "author_id": r.Admin.ID, "body": strings.Repeat("a\n\n", 1_000_000)}).
		Fails(400, "parameter_invalid", "Body is too long (maximum is 10 MB of HTML)")
}
