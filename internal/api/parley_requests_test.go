package api_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
)

func requestsPath(r *apptest.Rig) string {
	return "/_parley/workspaces/" + string(r.Workspace.ID) + "/requests"
}

func TestRequestLog(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	dev := r.AsDeveloper()
	r.Post(t, "/contacts?x=1", `{"email":"it's@b.test","emial":"x"}`, apptest.Header("Cookie", "secret"), apptest.Header("X-Mine", "it's"),
		apptest.Header("Accept", "application/json")).OK()
	entry := dev.Get(t, requestsPath(r)).OK()
	for path, want := range (object{
		"data.0.type": "request", "data.0.method": "POST", "data.0.path": "/contacts", "data.0.query": "x=1", "data.0.operation": "createContact",
		"data.0.status": 200.0, "data.0.unmatched": true, "data.0.unknown_members": []any{"/emial"}, "data.0.fault_id": nil, "data.0.at": 1768478400.0,
		"data.0.request_body": `{"email":"it's@b.test","emial":"x"}`, "data.0.request_body_cut": false, "data.0.response_body_cut": false,
		"data.0.request_headers": object{"Accept": []any{"application/json"}, "Content-Type": []any{"application/json"}, "X-Mine": []any{"it's"}},
		"data.0.curl": `curl -g -X 'POST' -H "Authorization: Bearer $TOKEN" -H 'Accept: application/json' -H 'Content-Type: application/json' -H 'X-Mine: it'\''s'` +
			` --data-raw '{"email":"it'\''s@b.test","emial":"x"}' 'http://parley.test/contacts?x=1'`,
		"data.1": nil,
	}) {
		if diff := cmp.Diff(want, entry.At(path)); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", path, diff)
		}
	}
	if body, _ := entry.At("data.0.response_body").(string); !strings.HasPrefix(body, `{"type":"contact"`) {
		t.Errorf("the answer was %s", body)
	}
	if strings.Contains(string(entry.Body), r.Token) || strings.Contains(string(entry.Body), "secret") {
		t.Errorf("the log has secrets: %s", entry.Body)
	}
	is(t, dev.Delete(t, requestsPath(r), nil), `{"id":"<id>","object":"requests","deleted":true}`, "<id>", string(r.Workspace.ID))
	is(t, dev.Get(t, requestsPath(r)), `{"type":"list","data":[]}`)
}

func TestRequestLogIsAsked(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	dev, other := r.AsDeveloper(), r.Elsewhere(t)
	other.Get(t, "/me").OK()
	r.Post(t, "/contacts", `{"email":"a@b.test","custom_attributes":{}}`).OK()
	r.Post(t, "/contacts", `{"email":"a@b.test"}`).Is(409)
	r.Get(t, "/contacts/none").Is(404)
	r.Get(t, "/cats?x=%41").Is(404)
	r.Post(t, "/tags", `{"name":"vip","nmae":1,"users":[{"id":7}]}`)
	r.Get(t, "/_parley/apps").OK()
	r.Get(t, "/me", apptest.As("nobody")).Is(401)
	r.Get(t, "/cats", apptest.As("nobody")).Is(404)
	for _, c := range []struct{ name, query, want string }{
		{"all", "", "/contacts /contacts /contacts/none /cats /tags"},
		{"an operation", "operation=createContact", "/contacts /contacts"},
		{"a method", "method=get", "/contacts/none /cats"},
		{"a path", "path=/contacts/*", "/contacts/none"},
		{"a status", "status=409", "/contacts"},
		{"a class", "status=4xx&method=GET", "/contacts/none /cats"},
		{"a member of the body", "body=/email=a@b.test", "/contacts /contacts"},
		{"a number in a list", "body=/users/0/id=7", "/tags"},
		{"no member", "body=/users/1/id=7", ""},
		{"a text in the body", "body=custom_", "/contacts"},
		{"both", "body=custom_&body=/email=a@b.test", "/contacts"},
		{"what is not known", "unmatched=true", "/cats /tags"},
		{"what is", "unmatched=false", "/contacts /contacts /contacts/none"},
		{"the newest", "limit=2", "/cats /tags"},
		{"what is there already", "wait=25&count=5", "/contacts /contacts /contacts/none /cats /tags"},
		{"what does not come", "wait=0.01&count=6&method=POST", "/contacts /contacts /tags"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := paths(dev.Get(t, requestsPath(r)+"?"+strings.ReplaceAll(c.query, "@", "%40"))); got != c.want {
				t.Errorf("found %s, want %s", got, c.want)
			}
		})
	}
	all := dev.Get(t, requestsPath(r))
	if got := paths(dev.Get(t, requestsPath(r)+"?limit=2&since="+all.At("data.0.id").(string))); got != "/contacts /contacts/none" {
		t.Errorf("after the first came %s", got)
	}
	for _, query := range []string{"operation=listCats", "path=[", "status=abc", "status=9xx", "unmatched=x", "since=x", "limit=0", "limit=1001",
		"count=0", "count=x", "wait=x", "wait=-1", "wait=NaN"} {
		dev.Get(t, requestsPath(r)+"?"+query).Is(400)
	}
	dev.Get(t, "/_parley/workspaces/nobodyhas/requests").Is(404)
	r.Get(t, requestsPath(r)).Is(401)
}

// TestRequestLogHasLists holds that a list is in the log as it was answered, whatever lists were answered after it.
func TestRequestLogHasLists(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	other := r.Elsewhere(t)
	want := string(r.Get(t, "/contacts").OK().Body)
	other.Post(t, "/contacts", `{"role":"lead","name":"Somebody else"}`).OK()
	for range 8 {
		other.Get(t, "/contacts").OK()
	}
	if got := r.AsDeveloper().Get(t, requestsPath(r)+"?path=/contacts").OK().At("data.0.response_body"); got != want {
		t.Errorf("the log has %s, and %s was answered", got, want)
	}
}

// TestRequestLogRests has a log that has rested tell what it told before, and what comes afterwards.
func TestRequestLogRests(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	dev := r.AsDeveloper()
	r.Post(t, "/contacts", `{"email":"a@b.test","emial":"x"}`).OK()
	for range 10 {
		r.Post(t, "/tags", `{"name":"`+strings.Repeat("x", 200)+`"}`).OK()
		r.Get(t, "/data_attributes").OK()
	}
	r.Get(t, "/contacts/none").Is(404)
	was := string(dev.Get(t, requestsPath(r)).OK().Body)
	for range 2 {
		if err := r.App.Requests.Rest(t.TempDir()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(was, string(dev.Get(t, requestsPath(r)).OK().Body)); diff != "" {
			t.Errorf("after a rest (-before +after):\n%s", diff)
		}
		r.Post(t, "/contacts", `{"email":"a@b.test"}`).Is(409)
		was = string(dev.Get(t, requestsPath(r)).OK().Body)
	}
	if got := paths(dev.Get(t, requestsPath(r)+"?body=/email=a%40b.test&unmatched=true")); got != "/contacts" {
		t.Errorf("found %s by its body", got)
	}
	is(t, dev.Post(t, requestsPath(r)+"/assert", `{"body":["/email=a@b.test"],"count":3,"wait":1}`), `{"type":"assertion","count":3}`)
	if told := dev.Post(t, requestsPath(r)+"/assert", `{"body":["/email=b@b.test"]}`).Is(409); !strings.Contains(string(told.Body), `not \"b@b.test\"`) {
		t.Errorf("%s", told.Body)
	}
}

func paths(a *apptest.Answer) string {
	var list struct{ Data []struct{ Path string } }
	a.OK().Decode(&list)
	var all []string
	for _, e := range list.Data {
		all = append(all, e.Path)
	}
	return strings.Join(all, " ")
}

func TestRequestsAreAwaited(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	dev := r.AsDeveloper()
	answers := make(chan *apptest.Answer, 2)
	go func() { answers <- dev.Get(t, requestsPath(r)+"?operation=listTags&wait=25&count=2") }()
	go func() {
		answers <- dev.Post(t, requestsPath(r)+"/assert", object{"operation": "listTags", "count": 2, "wait": 25})
	}()
	r.Get(t, "/me").OK()
	r.Get(t, "/tags").OK()
	r.Get(t, "/tags").OK()
	for range 2 {
		(<-answers).OK()
	}
}

func TestRequestsAreAsserted(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	dev := r.AsDeveloper()
	assert := requestsPath(r) + "/assert"
	dev.Post(t, assert, object{}).Fails(409, "assertion_failed", "Found 0 matching calls, and not at least 1. There were no others")
	r.Post(t, "/contacts", `{"email":"a@b.test"}`).OK()
	r.Get(t, "/tags").OK()
	for _, body := range []object{{}, {"count": 2}, {"at_least": 1, "at_most": 2}, {"at_most": 2}, {"operation": "listTags", "count": 1},
		{"status": 200, "count": 2}, {"status": "2xx", "body": []string{"/email=a@b.test"}}, {"operation": "showContact", "count": 0},
		{"unmatched": true, "count": 0, "wait": 0.01}, {"unmatched": false, "count": "2"}} {
		if a := dev.Post(t, assert, body).OK(); a.At("type") != "assertion" {
			t.Errorf("%v: %s", body, a.Body)
		}
	}
	for _, c := range []struct {
		body    object
		message string
	}{
		{object{"operation": "createContact", "body": []string{"/email=b@b.test"}}, "Found 0 matching calls, and not at least 1\n" +
			`nearly: #1 POST /contacts (200): /email in the body is "a@b.test", not "b@b.test"` + "\n" +
			"nearly: #2 GET /tags (200): the operation is listTags, not createContact, the body has no /email"},
		{object{"path": "/tags", "method": "POST", "status": "4xx"}, "Found 0 matching calls, and not at least 1\n" +
			"nearly: #2 GET /tags (200): the method is GET, not POST, the status is 200, not 4xx\n" +
			"nearly: #1 POST /contacts (200): the path is /contacts, not /tags, the status is 200, not 4xx"},
		{object{"count": 1, "wait": 25}, "Found 2 matching calls, and not exactly 1\nfound: #1 POST /contacts (200)\nfound: #2 GET /tags (200)"},
		{object{"at_most": 1, "wait": 25}, "Found 2 matching calls, and not at most 1\nfound: #1 POST /contacts (200)\nfound: #2 GET /tags (200)"},
		{object{"at_least": 3, "at_most": 4, "since": "1"}, "Found 1 matching calls, and not 3 to 4. There were no others\nfound: #2 GET /tags (200)"},
	} {
		dev.Post(t, assert, c.body).Fails(409, "assertion_failed", c.message)
	}
	for _, body := range []any{object{"operation": "listCats"}, object{"paht": "/x"}, object{"count": 1, "at_least": 1}, object{"at_least": 2, "at_most": 1},
		object{"count": -1}, object{"at_most": -1}, object{"wait": -1}, object{"path": "["}, object{"since": "x"}, `[]`} {
		dev.Post(t, assert, body).Is(400)
	}
}

// TestRequestLogIsOff has a server that is for nobody's tests.
func TestRequestLogIsOff(t *testing.T) {
	t.Parallel()
	r := apptest.With(t, app.Options{DevToken: apptest.NoDevToken})
	r.Get(t, "/me").OK()
	r.Get(t, "/cats").Is(404)
	if r.App.Requests != nil {
		t.Error("calls are kept that nobody can ask for")
	}
}

func TestRequestLogCutsBodies(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	r.Post(t, "/contacts", object{"email": strings.Repeat("x", 70<<10)})
	r.Get(t, "/contacts/"+url.PathEscape("a b"))
	a := r.AsDeveloper().Get(t, requestsPath(r)).OK()
	if body, _ := a.At("data.0.request_body").(string); len(body) != 64<<10 || a.At("data.0.request_body_cut") != true || a.At("data.0.curl") != nil {
		t.Errorf("%d bytes are kept, %v", len(body), a.At("data.0.request_body_cut"))
	}
	if path := a.At("data.1.path"); path != "/contacts/a%20b" {
		t.Errorf("the path is %v", path)
	}
}
