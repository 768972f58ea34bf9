package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/http/httpguts"

	"parley/internal/api"
	"parley/internal/apptest"
	"parley/internal/contract"
)

// lived are rigs on each database at hand whose workspaces had the same calls and give the same
// ids, with something of everything; and what those ids are, by the parameters of paths.
func lived(f *testing.F) (rigs []*apptest.Rig, ids map[string]string) {
	f.Helper()
	for _, r := range apptest.Rigs(f) {
		made := r.AsDeveloper().Post(f, "/_parley/workspaces", object{"ids": "lived", "now": apptest.Start.Unix(), "frozen": true, "seed": `
admins: [{email: ann@acme.test, name: Ann}]
visitors: [{user_id: v}]
segments: [{name: Users, person_type: user, filter: {field: role, operator: "=", value: user}}]
newsfeeds: [{name: News}]
subscription_types: [{name: News, consent: opt_out, locale: en}]`}).OK()
		side := *r
		side.Token = made.At("access_token").(string)
		post := func(path string, body object) string { return side.Post(f, path, body).OK().ID() }
		contact := post("/contacts", object{"email": "joe@x.test", "external_id": "1"})
		company := post("/companies", object{"company_id": "c", "name": "Acme"})
		tag := post("/tags", object{"name": "VIP"})
		post("/contacts/"+contact+"/companies", object{"id": company})
		post("/contacts/"+contact+"/tags", object{"id": tag})
		post("/contacts/"+contact+"/notes", object{"body": "Tall"})
		kind := post("/ticket_types", object{"name": "Bug"})
		side.Post(f, "/data_attributes", object{"name": "plan", "model": "contact", "data_type": "string"}).OK()
		talk := side.Post(f, "/conversations", object{"from": object{"type": "user", "id": contact}, "body": "Hello"}).OK().At("conversation_id").(string)
		post("/tickets", object{"ticket_type_id": kind, "contacts": []object{{"id": contact}}})
		collection := post("/help_center/collections", object{"name": "Guides"})
		post("/articles", object{"title": "How", "author_id": "1", "parent_id": collection})
		post("/news/news_items", object{"title": "New", "sender_id": "1"})
		rigs = append(rigs, &side)
		ids = map[string]string{"contact_id": contact, "company_id": company, "conversation_id": talk, "ticket_type_id": kind}
	}
	return rigs, ids
}

// doors are the operations of the contract with one of these methods, each with a path of things
// that there are.
func doors(f *testing.F, ids map[string]string, methods ...string) []contract.Op {
	f.Helper()
	text, err := api.Document("")
	if err != nil {
		f.Fatal(err)
	}
	j, err := contract.New(text, nil)
	if err != nil {
		f.Fatal(err)
	}
	var all []contract.Op
	for _, op := range j.Operations() {
		for _, method := range methods {
			if op.Method != method || strings.HasPrefix(op.Path, "/download/") {
				continue
			}
			for name, id := range ids {
				op.Path = strings.ReplaceAll(op.Path, "{"+name+"}", id)
			}
			if strings.HasPrefix(op.Path, "/visitors/") || strings.HasPrefix(op.Path, "/segments/") {
				op.Path = strings.ReplaceAll(op.Path, "{id}", ids["contact_id"])
			}
			for strings.Contains(op.Path, "{") { // the first of what is counted
				before, after, _ := strings.Cut(op.Path, "{")
				_, after, _ = strings.Cut(after, "}")
				op.Path = before + "1" + after
			}
			all = append(all, op)
		}
	}
	return all
}

// answeredAlike makes a call on each database. It is answered or refused in the API's form, as the contract
// has it, and everywhere with the same status and the same words.
func answeredAlike(t *testing.T, rigs []*apptest.Rig, call func(r *apptest.Rig) *apptest.Answer) *apptest.Answer {
	t.Helper()
	var first *apptest.Answer
	for _, r := range rigs {
		a := call(r)
		switch {
		case a.Status >= 500:
			t.Fatalf("%s is answered %d %s", a.Call, a.Status, a.Body)
		case a.Status >= 400 && !strings.Contains(a.Call, "/phone_call_redirects"):
			if a.At("type") != "error.list" || a.At("errors.0.message") == nil || a.At("request_id") != a.Header.Get("X-Request-Id") {
				t.Fatalf("%s is refused with %d %s", a.Call, a.Status, a.Body)
			}
		}
		if first == nil {
			first = a
		} else if a.Status != first.Status || a.Status >= 400 && a.At("errors.0.message") != first.At("errors.0.message") {
			t.Fatalf("%s is answered %d %s\nand %d %s", a.Call, first.Status, first.Pretty(), a.Status, a.Pretty())
		}
	}
	return first
}

// Any body for any operation that takes one. What one call makes, the next ones find.
func FuzzBody(f *testing.F) {
	rigs, ids := lived(f)
	ops := doors(f, ids, http.MethodPost, http.MethodPut, http.MethodDelete)
	for i, op := range ops {
		for _, e := range op.Examples {
			if e.Request != nil {
				f.Add(uint8(i), []byte(e.Request))
			}
		}
		for _, body := range []string{``, `{`, `[]`, `null`, `{"id":{}}`, `{"custom_attributes":{"plan":[1]}}`} {
			if i%7 == len(body)%7 {
				f.Add(uint8(i), []byte(body))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		op := ops[int(which)%len(ops)]
		answeredAlike(t, rigs, func(r *apptest.Rig) *apptest.Answer { return r.Do(t, op.Method, op.Path, bytes.Clone(body)) })
	})
}

// Any query for any operation that reads.
func FuzzQuery(f *testing.F) {
	rigs, ids := lived(f)
	ops := doors(f, ids, http.MethodGet)
	for i, query := range []string{"page=2&per_page=1", "per_page=0", "per_page=151", "page=-1", "page=9223372036854775808", "order=asc", "starting_after=WzFd", "type=user&email=joe@x.test&summary=true",
		"created_at_after=1&created_at_before=x", "display_as=plaintext", "model=contact&include_archived=1", "phrase=how", "tag_id=1&segment_id=x", "company_id=c", "name=%00", "%zz", "a;b", "include_count=true", "per_page=1&per_page=2"} {
		for j := range ops {
			if j%len("0123456789") == i%10 {
				f.Add(uint8(j), query)
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, query string) {
		op := ops[int(which)%len(ops)]
		target := op.Path + "?" + query
		if _, err := url.ParseRequestURI(target); err != nil || strings.ContainsAny(query, " #") || !httpguts.ValidHeaderFieldValue(query) {
			t.Skip("no request has it")
		}
		answeredAlike(t, rigs, func(r *apptest.Rig) *apptest.Answer { return r.Get(t, target) })
	})
}

// Any headers: who asks is known by its token alone, and nobody else is let in.
func FuzzHeaders(f *testing.F) {
	for _, h := range [][4]string{
		{"", "", "", ""}, {"Bearer x", "*/*", "2.9", "application/json"}, {"Basic eDo=", "text/html", "9.9", "text/xml"}, {"Basic !", "application/vnd.intercom.3+json", "2.14", "application/json; charset=utf-8"},
		{"bearer  ", "a/b;q=2", "Unstable", "/"}, {"Bearer", ",,;", "1.0, 2.9", "multipart/form-data; boundary=x"}, {"TOKEN", "application/json;q=0", "2.9 ", "application/x-www-form-urlencoded"},
	} {
		f.Add(h[0], h[1], h[2], h[3], "203.0.113.7")
	}
	rigs, _ := lived(f)
	f.Fuzz(func(t *testing.T, authorization, accept, version, contentType, forwarded string) {
		for _, value := range []string{authorization, accept, version, contentType, forwarded} {
			if !httpguts.ValidHeaderFieldValue(value) {
				t.Skip("no request has it")
			}
		}
		strange := []apptest.Edit{apptest.Header("Accept", accept), apptest.Header("Intercom-Version", version), apptest.Header("Content-Type", contentType),
			apptest.Header("X-Forwarded-For", forwarded), apptest.Header("X-Request-Id", forwarded)}
		known := answeredAlike(t, rigs, func(r *apptest.Rig) *apptest.Answer {
			return r.Post(t, "/contacts/search", `{"query":null}`, strange...)
		})
		if known.Status != 400 && known.Status != 406 && known.Status != 415 {
			t.Errorf("the owner is answered %d %s", known.Status, known.Body)
		}
		for _, r := range rigs {
			if strings.Contains(authorization, r.Token) {
				t.Skip("the token has been found")
			}
		}
		nobody := answeredAlike(t, rigs, func(r *apptest.Rig) *apptest.Answer {
			return r.Get(t, "/me", append(strange, apptest.Header("Authorization", authorization))...)
		})
		if nobody.Status != 401 && nobody.Status != 400 && nobody.Status != 406 {
			t.Errorf("%q is let in: %d %s", authorization, nobody.Status, nobody.Body)
		}
	})
}

// Any method and path: what is no operation is not found.
func FuzzTarget(f *testing.F) {
	for _, target := range []string{"/", "//", "/contacts/", "/contacts/../me", "/contacts/%2e%2e/me", "/contacts//notes", "/CONTACTS", "/me/", "/%00", "/contacts/%ff", "/_parley/", "/_parley/workspaces/x/clock", "/files/a/b/c/d/e", "/a:b", "/*"} {
		f.Add("GET", target)
		f.Add("PATCH", target)
	}
	rigs, _ := lived(f)
	f.Fuzz(func(t *testing.T, method, target string) {
		if u, err := url.ParseRequestURI(target); err != nil || !strings.HasPrefix(target, "/") || u.Host != "" || strings.ContainsAny(target, " #?") ||
			!httpguts.ValidHeaderFieldValue(target) || !httpguts.ValidHeaderFieldName(method) || method == "HEAD" || method == "CONNECT" {
			t.Skip("no request has it")
		}
		for _, r := range rigs { // past the contract, which knows the API's paths only
			hr := httptest.NewRequest(method, "http://parley.test"+target, nil)
			hr.Header.Set("Authorization", "Bearer "+r.Token)
			w := httptest.NewRecorder()
			if r.Handler().ServeHTTP(w, hr); w.Code >= 500 {
				t.Fatalf("%s %s is answered %d %s", method, target, w.Code, w.Body)
			}
		}
	})
}

// Any body for what developers say of faults, of what to look for and of a clock. Faults end with
// the call, or the next ones would meet them.
func FuzzDeveloper(f *testing.F) {
	rigs, _ := lived(f)
	paths := make([]string, len(rigs))
	for i, r := range rigs {
		paths[i] = "/_parley/workspaces/" + r.Get(f, "/me").OK().At("app.id_code").(string)
	}
	kinds := []struct{ method, path string }{{"POST", "/faults"}, {"POST", "/requests/assert"}, {"PUT", "/clock"}, {"PUT", ""}, {"POST", "/snapshots"}}
	for _, seed := range []string{`{"operation":"createContact","times":2,"status":503,"retry_after":5}`, `{"path":"/contacts/*","from":3,"rate_limit":true}`, `{"path":"[","status":500}`,
		`{"probability":0.1,"seed":7,"drop":true,"after":true}`, `{"deliveries":"reorder","delay":5}`, `{"latency":30001}`, `{"drip":0}`, `{"truncate":-1}`,
		`{"operation":"x","body":["/a=b"],"count":0}`, `{"status":"4xx","wait":0}`, `{"now":1e300}`, `{"now":4000000000,"frozen":false}`, `{"search_lag":-1}`, `{"name":"a/b"}`, `{"name":""}`} {
		for i := range kinds {
			f.Add(uint8(i), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		kind := kinds[int(which)%len(kinds)]
		if kind.path == "/requests/assert" && bytes.Contains(body, []byte("wait")) {
			t.Skip("it would wait")
		}
		for i, r := range rigs {
			dev := r.AsDeveloper()
			a := dev.Do(t, kind.method, paths[i]+kind.path, bytes.Clone(body))
			if a.Status >= 500 {
				t.Fatalf("%s is answered %d %s", a.Call, a.Status, a.Body)
			}
			switch {
			case a.Status >= 300:
			case kind.path == "/faults":
				dev.Delete(t, paths[i]+"/faults", nil)
			case kind.path == "/snapshots":
				dev.Delete(t, fmt.Sprintf("%s/snapshots/%s", paths[i], url.PathEscape(a.At("name").(string))), nil).OK()
			}
		}
	})
}
