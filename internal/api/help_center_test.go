package api_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/model/content"
)

const tooDeep = "Collections and sections can have 3 levels at most"

func newCollection(t *testing.T, r *apptest.Rig, name string) string {
	t.Helper()
	return r.Post(t, "/help_center/collections", object{"name": name}).OK().ID()
}

func newSection(t *testing.T, r *apptest.Rig, within, name string) string {
	t.Helper()
	return r.Post(t, "/help_center/sections", object{"name": name, "parent_id": within}).OK().ID()
}

func TestCollectionsAndSectionsAreShownAsTheyWereMade(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ws := string(r.Workspace.ID)
		const empty = `{"type":"list","data":[],"total_count":0,"pages":{"type":"pages","page":1,"per_page":20,"total_pages":0}}`
		is(t, r.Get(t, "/help_center/collections"), empty)
		is(t, r.Get(t, "/help_center/sections"), empty)

		made := r.Post(t, "/help_center/collections", `{"name":"Thanks for everything"}`)
		const collection = `{"id":"1","workspace_id":"<ws>","name":"Thanks for everything","url":"http://parley.test/help/<ws>/","order":1,
			"created_at":1768478400,"updated_at":1768478400,"description":"","icon":"book-bookmark","help_center_id":1,"type":"collection"}`
		is(t, made, collection, "<ws>", ws)
		is(t, r.Get(t, "/help_center/collections/1"), collection, "<ws>", ws)
		is(t, r.Get(t, "/help_center/collections"), `{"type":"list","data":[`+collection+`],"total_count":1,"pages":{"type":"pages","page":1,"per_page":20,"total_pages":1}}`, "<ws>", ws)

		const section = `{"id":"2","workspace_id":"<ws>","name":"Thanks again","url":"http://parley.test/help/<ws>/","order":1,
			"created_at":1768478400,"updated_at":1768478400,"type":"section","parent_id":<parent>}`
		is(t, r.Post(t, "/help_center/sections", `{"name":"Thanks again","parent_id":1}`), section, "<ws>", ws, "<parent>", `"1"`)
		is(t, r.Put(t, "/help_center/sections/2", ``), section, "<ws>", ws, "<parent>", `"1"`)
		is(t, r.Get(t, "/help_center/sections/2"), section, "<ws>", ws, "<parent>", `1`)
		is(t, r.Get(t, "/help_center/sections"), `{"type":"list","data":[`+section+`],"total_count":1,"pages":{"type":"pages","page":1,"per_page":20,"total_pages":1}}`,
			"<ws>", ws, "<parent>", `1`)

		r.Get(t, "/help_center/collections/2").Fails(404, "not_found", notFound)
		r.Put(t, "/help_center/collections/2", `{"name":"x"}`).Fails(404, "not_found", notFound)
		r.Delete(t, "/help_center/collections/2", nil).Fails(404, "not_found", notFound)
		r.Get(t, "/help_center/sections/1").Fails(404, "not_found", notFound)
		r.Put(t, "/help_center/sections/1", `{"name":"x"}`).Fails(404, "not_found", notFound)
		r.Delete(t, "/help_center/sections/1", nil).Fails(404, "not_found", notFound)

		is(t, r.Delete(t, "/help_center/sections/2", nil), `{"id":"2","object":"section","deleted":true}`)
		is(t, r.Delete(t, "/help_center/collections/1", nil), `{"id":"1","object":"collection","deleted":true}`)
		is(t, r.Get(t, "/help_center/sections"), empty)
	})
}

func TestCollectionIsMadeAndUpdated(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		h := multilingual(t, r)
		path := "/help_center/collections/" + newCollection(t, r, "Old")
		for _, c := range []struct {
			name    string
			call    string
			body    string
			want    object
			refused *refusal
		}{
			{"with a description", "POST", `{"name":"A","description":"d"}`, object{"name": "A", "description": "d", "order": 2.0}, nil},
			{"in a help center", "POST", `{"name":"A","help_center_id":` + h.ID.String() + `}`, object{"help_center_id": float64(h.ID), "order": 3.0}, nil},
			{"in the default help center", "POST", `{"name":"A","help_center_id":null}`, object{"help_center_id": float64(h.ID)}, nil},
			{"with an icon", "POST", `{"name":"A","icon":"rocket"}`, object{"icon": "rocket"}, nil},
			{"with the name of another", "POST", `{"name":"A"}`, object{"name": "A"}, nil},
			{"in two languages", "POST", `{"name":"A","translated_content":{"fr":{"name":"B","description":"d"},"type":"group_translated_content"}}`,
				object{"translated_content": object{"type": "group_translated_content", "en": object{"type": "group_content", "name": "A", "description": ""},
					"fr": object{"type": "group_content", "name": "B", "description": "d"}}, "default_locale": "en"}, nil},
			{"in its language alone", "POST", `{"translated_content":{"en":{"name":"A"}}}`, object{"name": "A"}, nil},
			{"without a name", "POST", `{"description":"Missing required parameter"}`, nil, missing(noName)},
			{"of nothing", "POST", ``, nil, missing(noName)},
			{"with a null name", "POST", `{"name":null}`, nil, missing(noName)},
			{"with a blank name", "POST", `{"name":" "}`, nil, invalid("Name cannot be blank")},
			{"with a name too long", "POST", `{"name":"` + strings.Repeat("x", 256) + `"}`, nil, invalid("Name is too long (maximum is 255 characters)")},
			{"with a description too long", "POST", `{"name":"A","description":"` + strings.Repeat("x", 1001) + `"}`, nil, invalid("Description is too long (maximum is 1000 characters)")},
			{"with a translation without a name", "POST", `{"name":"A","translated_content":{"fr":{"description":"d"}}}`, nil, missing(noName)},
			{"without its own language", "POST", `{"translated_content":{"fr":{"name":"A"}}}`, nil, missing(noName)},
			{"in an unknown language", "POST", `{"name":"A","translated_content":{"tlh":{"name":"B"}}}`, nil, invalid(`"tlh" is not a supported locale`)},
			{"in no help center", "POST", `{"name":"A","help_center_id":99}`, nil, invalid("help_center_id is not the id of a help center")},

			{"name", "PUT", `{"name":"Update collection name"}`, object{"name": "Update collection name", "description": "", "order": 1.0}, nil},
			{"description", "PUT", `{"description":"d"}`, object{"name": "Update collection name", "description": "d"}, nil},
			{"a translation", "PUT", `{"translated_content":{"pt-BR":{"name":"C"}}}`, object{"translated_content.pt-BR.name": "C", "description": "d"}, nil},
			{"no translation", "PUT", `{"translated_content":{"pt-BR":null}}`, object{"translated_content.pt-BR": nil}, nil},
			{"null name", "PUT", `{"name":null}`, nil, invalid("Name cannot be blank")},
			{"no default content", "PUT", `{"translated_content":{"en":null}}`, nil, invalid(oneLocaleMust)},
			{"no help center", "PUT", `{"help_center_id":99}`, object{"help_center_id": float64(h.ID), "description": "d"}, nil},
			{"nothing", "PUT", ``, object{"name": "Update collection name", "description": "d"}, nil},
		} {
			t.Run(c.call+" "+c.name, func(t *testing.T) {
				if c.call == "POST" {
					holds(t, r.Post(t, "/help_center/collections", c.body), c.refused, c.want)
					return
				}
				a := r.Put(t, path, c.body)
				holds(t, a, c.refused, c.want)
				if c.refused == nil && string(a.Body) != string(r.Get(t, path).OK().Body) {
					t.Error("what is read is not what was answered")
				}
			})
		}
	})
}

// TestSectionsAreWithinEachOther builds three levels and tries what would not be
// a tree of three levels.
func TestSectionsAreWithinEachOther(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a, b := newCollection(t, r, "A"), newCollection(t, r, "B")
		a1 := newSection(t, r, a, "A1")
		a11 := newSection(t, r, a1, "A11")
		a2 := newSection(t, r, a, "A2")
		section := func(id string) string { return "/help_center/sections/" + id }
		for _, c := range []struct {
			name    string
			answer  func() *apptest.Answer
			want    object
			refused *refusal
		}{
			{"the second of its parent", func() *apptest.Answer { return r.Get(t, section(a2)) }, object{"order": 2.0, "parent_id": 1.0}, nil},
			{"without a parent", func() *apptest.Answer { return r.Post(t, "/help_center/sections", `{"name":"x"}`) }, nil, missing("parent_id is a required parameter.")},
			{"with a null parent", func() *apptest.Answer { return r.Post(t, "/help_center/sections", `{"name":"x","parent_id":null}`) }, nil, missing("parent_id is a required parameter.")},
			{"without a name", func() *apptest.Answer { return r.Post(t, "/help_center/sections", `{"parent_id":1}`) }, nil, missing(noName)},
			{"of nothing", func() *apptest.Answer { return r.Post(t, "/help_center/sections", ``) }, nil, missing("parent_id is a required parameter.")},
			{"within what is not there", func() *apptest.Answer { return r.Post(t, "/help_center/sections", `{"name":"x","parent_id":99}`) }, nil, invalid(unknownParent)},
			{"on a fourth level", func() *apptest.Answer {
				return r.Post(t, "/help_center/sections", object{"name": "x", "parent_id": a11})
			}, nil, invalid(tooDeep)},
			{"within itself", func() *apptest.Answer { return r.Put(t, section(a1), object{"parent_id": a1}) }, nil, invalid("A section cannot be within itself")},
			{"within what is within it", func() *apptest.Answer { return r.Put(t, section(a1), object{"parent_id": a11}) }, nil, invalid("A section cannot be within itself")},
			{"with its own onto a fourth level", func() *apptest.Answer { return r.Put(t, section(a1), object{"parent_id": a2}) }, nil, invalid(tooDeep)},
			{"to nowhere", func() *apptest.Answer { return r.Put(t, section(a1), `{"parent_id":99}`) }, nil, invalid(unknownParent)},
			{"to no parent", func() *apptest.Answer { return r.Put(t, section(a1), `{"parent_id":null}`) }, nil, missing("parent_id is a required parameter.")},
			{"to where it is", func() *apptest.Answer { return r.Put(t, section(a2), object{"parent_id": a}) }, object{"order": 2.0}, nil},
			{"to another", func() *apptest.Answer { return r.Put(t, section(a1), object{"parent_id": b}) }, object{"parent_id": b, "order": 1.0}, nil},
			{"up a level", func() *apptest.Answer { return r.Put(t, section(a11), object{"parent_id": a}) }, object{"parent_id": a, "order": 3.0}, nil},
			{"down a level", func() *apptest.Answer { return r.Put(t, section(a11), object{"parent_id": a2}) }, object{"parent_id": a2, "order": 1.0}, nil},
		} {
			t.Run(c.name, func(t *testing.T) { holds(t, c.answer(), c.refused, c.want) })
		}
		t.Run("into each other at once", func(t *testing.T) {
			x, y := newSection(t, r, a, "X"), newSection(t, r, a, "Y")
			got := statuses(atOnce(2, func(i int) *apptest.Answer {
				pair := []string{x, y}
				return r.Put(t, section(pair[i]), object{"parent_id": pair[1-i]})
			}))
			if got[200] != 1 || got[400] != 1 {
				t.Error(got)
			}
		})
	})
}

func TestDeletedCollectionLeavesItsArticles(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a, b := newCollection(t, r, "A"), newCollection(t, r, "B")
		a1 := newSection(t, r, a, "A1")
		a11 := newSection(t, r, a1, "A11")
		in := func(parent string) string { return newArticle(t, r, object{"parent_id": parent}) }
		top, middle, deep, elsewhere := in(a), in(a1), in(a11), in(b)
		r.Clock.Pass(time.Minute)
		r.Delete(t, "/help_center/collections/"+a, nil).OK()
		for _, id := range []string{top, middle, deep} {
			holds(t, r.Get(t, "/articles/"+id), nil, object{"parent_id": nil, "parent_type": nil, "updated_at": 1768478460.0})
		}
		holds(t, r.Get(t, "/articles/"+elsewhere), nil, object{"parent_id": 2.0, "updated_at": 1768478400.0})
		for _, id := range []string{a1, a11} {
			r.Get(t, "/help_center/sections/"+id).Fails(404, "not_found", notFound)
		}
		if got := ids(t, r.Get(t, "/help_center/collections")); !cmp.Equal(got, []string{b}) {
			t.Error(got)
		}
	})
}

// TestCollectionHasAPageOnceSomethingIsPublished looks at the URL on each level.
func TestCollectionHasAPageOnceSomethingIsPublished(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a := newCollection(t, r, "Getting started")
		a1 := newSection(t, r, a, "First steps")
		a11 := newSection(t, r, a1, "Very first steps")
		lonely := newCollection(t, r, "Empty")
		article := newArticle(t, r, object{"parent_id": a11})
		root := "http://parley.test/help/" + string(r.Workspace.ID)
		urls := func(want ...string) {
			t.Helper()
			got := []string{}
			for _, path := range []string{"collections/" + a, "sections/" + a1, "sections/" + a11, "collections/" + lonely} {
				got = append(got, strings.TrimPrefix(r.Get(t, "/help_center/"+path).OK().At("url").(string), root))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		urls("/", "/", "/", "/")
		r.Put(t, "/articles/"+article, `{"state":"published"}`).OK()
		urls("/en/collections/1-getting-started", "/en/collections/2-first-steps", "/en/collections/3-very-first-steps", "/")
		r.Put(t, "/articles/"+article, object{"parent_id": a1}).OK()
		urls("/en/collections/1-getting-started", "/en/collections/2-first-steps", "/", "/")
		r.Put(t, "/articles/"+article, object{"parent_id": a}).OK()
		urls("/en/collections/1-getting-started", "/", "/", "/")
		r.Delete(t, "/articles/"+article, nil).OK()
		urls("/", "/", "/", "/")
	})
}

func TestCollectionsAreListed(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var collections, sections []string
		for i := range 5 {
			collections = append([]string{newCollection(t, r, fmt.Sprint(i))}, collections...)
			sections = append([]string{newSection(t, r, collections[0], fmt.Sprint(i))}, sections...)
			r.Clock.Pass(time.Second)
		}
		for path, want := range map[string][]string{"/help_center/collections": collections, "/help_center/sections": sections} {
			var walked []string
			for next := path + "?per_page=2"; next != ""; {
				page := r.Get(t, next).OK()
				walked = append(walked, ids(t, page)...)
				link, _ := page.At("pages.next").(string)
				next = strings.TrimPrefix(link, "http://parley.test")
			}
			if !cmp.Equal(walked, want) {
				t.Errorf("%s: walked %v, want %v", path, walked, want)
			}
			r.Get(t, path+"?per_page=251").Fails(400, "parameter_invalid", "Per Page is too big")
		}
	})
}

func TestHelpCentersAreOfOneWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx := context.Background()
		h := multilingual(t, r)
		is(t, r.Get(t, "/help_center/help_centers/"+h.ID.String()), `{"id":"1","workspace_id":"<ws>","created_at":1768478400,"updated_at":1768478400,
			"identifier":"acme-<ws>","website_turned_on":true,"display_name":"Acme Help","url":"http://parley.test/help/acme-<ws>","custom_domain":null}`, "<ws>", string(r.Workspace.ID))
		is(t, r.Get(t, "/help_center/help_centers?page=2"), `{"type":"list","data":[]}`)
		other := r.Elsewhere(t)
		for _, id := range []string{"1", "99", "0", "x"} {
			other.Get(t, "/help_center/help_centers/"+id).Fails(404, "not_found", notFound)
		}
		refused := func(err error, want string) {
			t.Helper()
			if e, ok := model.AsError(err); !ok || e.Message != want {
				t.Errorf("%v, want %q", err, want)
			}
		}
		name := content.HelpCenterPatch{DisplayName: model.Some("x")}
		make := func(identifier string, p content.HelpCenterPatch) error {
			_, err := other.Content.CreateHelpCenter(ctx, other.Actor(), identifier, p)
			return err
		}
		refused(make(h.Identifier, name), "There is a help center "+h.Identifier+" already")
		refused(make("Help!", name), `An identifier of a help center has lower-case letters, digits and hyphens, 63 at most, not "Help!"`)
		refused(make("x", content.HelpCenterPatch{}), "A help center needs a display name")
		refused(make("x", content.HelpCenterPatch{DisplayName: name.DisplayName, CustomDomain: model.Some("http://x")}), `"http://x" is not a domain like help.acme.example`)
		refused(make("x", content.HelpCenterPatch{DisplayName: name.DisplayName, Locales: model.Some([]content.Locale{"xx"})}), `"xx" is not a supported locale`)
		change := func(p content.HelpCenterPatch) error {
			_, err := r.Content.UpdateHelpCenter(ctx, r.Actor(), h.ID, p)
			return err
		}
		refused(change(content.HelpCenterPatch{DefaultLocale: model.Some[content.Locale]("fr")}), "The default locale of a help center cannot be changed")
		if err := change(content.HelpCenterPatch{CustomDomain: model.Some("Help.Acme.example")}); err != nil {
			t.Fatal(err)
		}
		id := newArticle(t, r, object{"title": "Here", "state": "published"})
		holds(t, r.Get(t, "/articles/"+id), nil, object{"url": "https://help.acme.example/en/articles/" + id + "-here"})
		writer := r.Post(t, "/contacts", `{"email":"w@acme.test"}`).OK().ID()
		r.Post(t, "/messages", object{"from": object{"type": "user", "id": writer}, "body": "Hello", "referer": "https://help.acme.example/en/articles/" + id}).OK()
		holds(t, r.Get(t, "/articles/"+id), nil, object{"statistics.conversations": 1.0})

		// A workspace whose id somebody took for a help center gets another identifier.
		if err := make(string(other.Workspace.ID)+"-x", name); err != nil {
			t.Fatal(err)
		}
		third := r.Elsewhere(t)
		if err := make(string(third.Workspace.ID), name); err != nil {
			t.Fatal(err)
		}
		newCollection(t, third, "x")
		holds(t, third.Get(t, "/help_center/help_centers"), nil, object{"data.0.identifier": string(third.Workspace.ID) + "-help"})

		if err := r.App.Sandbox.Delete(ctx, third.Workspace.ID); err != nil {
			t.Fatal(err)
		}
		if err := make(string(third.Workspace.ID)+"-help", name); err != nil {
			t.Errorf("the identifier of a deleted workspace is not free: %v", err)
		}
	})
}

func TestArticlesAreFound(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		multilingual(t, r)
		article := func(title, body, state string) string {
			return newArticle(t, r, object{"title": title, "body": body, "state": state})
		}
		refund := article("Refunds", "<p>How you get your <b>money</b> back.</p><table><tr><td>card</td><td>5 days</td></tr></table>", "published")
		money := article("Money matters", "Prices, invoices and refunds of all sorts", "published")
		draft := article("Refunds by cheque", "soon", "draft")
		cafe := newArticle(t, r, object{"title": "Opening a café", "state": "published", "translated_content": object{
			"fr": object{"title": "Ouvrir un café à Orléans", "body": "L'été prochain", "state": "published"}, "pt-BR": object{"title": "Reembolso", "state": "draft"}}})
		japanese := article("予約の取り方", "予約カレンダーについて", "published")
		greek := article("Καλημέρα", "Ο κόσμος", "published")
		hindi := article("बुकिंग कैसे करें", "हिन्दी में", "published")
		for phrase, want := range map[string][]string{
			"refunds": {refund, money}, "REFUND": {refund, money}, "money refunds cheque": {}, "mone": {money, refund}, "oney": {},
			"cafe": {cafe}, "café": {cafe}, "orleans": {cafe}, "l'ete": {cafe}, "card 5": {refund}, "carddays": {}, "予約": {japanese}, "カレンダー": {japanese}, "取り": {japanese},
			"καλημερα": {greek}, "κόσμος": {greek}, "बुकिंग": {hindi}, "हिन्दी": {hindi}, " ": {}, "  ?! ": {}, "unheard": {},
			`refunds" OR "x`: {}, "refunds' | 'x": {}, "NOT refunds": {}, "title:refunds": {}, "refunds*": {refund, money}, "w" + string(r.Workspace.ID): {}, "(": {}, "a & b": {}, "<->": {},
		} {
			var page struct {
				Data struct{ Articles []struct{ ID string } }
			}
			a := r.Get(t, "/articles/search?phrase="+url.QueryEscape(phrase)).OK()
			a.Decode(&page)
			got := []string{}
			for _, found := range page.Data.Articles {
				got = append(got, found.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q finds (-want +got):\n%s", phrase, diff)
			}
			holds(t, a, nil, object{"type": "list", "total_count": float64(len(want)), "data.highlights": []any{}})
		}
		count := func(query string, want float64) {
			t.Helper()
			if got := r.Get(t, "/articles/search?"+query).OK().At("total_count"); got != want {
				t.Errorf("%s finds %v, want %v", query, got, want)
			}
		}
		count("phrase=refunds+money", 2)
		count("phrase=refunds&state=draft", 1)
		count("phrase=refunds&state=all", 3)
		count("phrase=reembolso", 0)
		count("phrase=reembolso&state=all", 1)
		count("phrase=refunds&help_center_id=1", 2)
		count("phrase=refunds&help_center_id=99", 0)
		first := r.Get(t, "/articles/search?phrase=refunds&per_page=1").OK()
		if link := strings.TrimPrefix(first.At("pages.next").(string), "http://parley.test"); r.Get(t, link).OK().At("data.articles.0.id") != money {
			t.Error(link)
		}
		r.Get(t, "/articles/search").Fails(400, "parameter_not_found", "phrase is a required parameter.")
		r.Get(t, "/articles/search?phrase=x&state=live").Fails(400, "parameter_invalid", "state must be published, draft or all")
		r.Get(t, "/articles/search?phrase=x&help_center_id=y").Fails(400, "parameter_invalid", "help_center_id is not the id of a help center")
		r.Get(t, "/articles/search?phrase=x&per_page=251").Fails(400, "parameter_invalid", "Per Page is too big")

		// What is changed is found by its new words, at once, and no longer by the old.
		r.Put(t, "/articles/"+draft, `{"title":"Vouchers","state":"published"}`).OK()
		count("phrase=cheque&state=all", 0)
		count("phrase=vouch", 1)
		r.Put(t, "/articles/"+cafe, `{"translated_content":{"fr":null}}`).OK()
		count("phrase=orleans", 0)
		count("phrase=cafe", 1)
		r.Delete(t, "/articles/"+refund, nil).OK()
		count("phrase=refunds", 1)
	})
}
