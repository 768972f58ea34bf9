package replay

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"parley/internal/cassette"
)

// compared is what differs between two bodies of the answer to GET /contacts.
func compared(t *testing.T, c *comparison, recorded, replayed string) string {
	t.Helper()
	c.kind, c.found = "contact", nil
	was := &cassette.Response{Status: 200, Message: cassette.Message{JSON: []byte(recorded)}}
	c.answers(was, &cassette.Response{Status: 200}, []byte(replayed))
	var lines []string
	for _, d := range c.found {
		lines = append(lines, fmt.Sprintf("%s %s: %s, %s", d.Kind, d.At, d.Recorded, d.Replayed))
	}
	return strings.Join(lines, "\n")
}

func TestBodies(t *testing.T) {
	t.Parallel()
	const a24, b24, c24 = "aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccc"
	for _, c := range []struct{ name, recorded, replayed, want string }{
		{"same", `{"a":[1,"x",null,true,{}]}`, `{"a":[1,"x",null,true,{}]}`, ""},
		{"another order of members", `{"a":1,"b":2}`, `{"b":2,"a":1}`, ""},
		{"value", `{"a":{"b/c~":"x"}}`, `{"a":{"b/c~":"y"}}`, `value /a/b~1c~0: "x", "y"`},
		{"boolean", `{"a":true}`, `{"a":false}`, `value /a: true, false`},
		{"missing", `{"a":1,"b":2}`, `{"a":1}`, `shape /b: 2, missing`},
		{"extra", `{"a":1}`, `{"a":1,"b":{"c":1}}`, `shape /b: missing, object`},
		{"type", `{"a":1}`, `{"a":"1"}`, `shape /a: 1, "1"`},
		{"null", `{"a":null}`, `{"a":"x"}`, `shape /a: null, "x"`},
		{"order of elements", `[1,2]`, `[2,1]`, "value /0: 1, 2\nvalue /1: 2, 1"},
		{"elements", `[1,2]`, `[1]`, "value : 2 elements, 1 elements"},
		{"whole body", `[]`, `{}`, "shape : array, object"},
		{"no JSON", `{}`, `oops`, "shape @body: JSON, no JSON: oops"},
		{"nothing", `{}`, ``, "shape @body: JSON, no JSON: "},
		{"one number, spelled twice", `[1.0,100,1e2]`, `[1,100.0,100]`, ""},
		{"long numbers", `[12345678901234567890]`, `[12345678901234567891]`, "value /0: 12345678901234567890, 12345678901234567891"},
		{"huge numbers", `[1e999999999]`, `[2e999999999]`, "value /0: 1e999999999, 2e999999999"},
		{"times", `{"created_at":1700000000,"at":"2026-01-15T12:00:00Z"}`, `{"created_at":1800000000,"at":"2025-01-15T12:00:00.5+01:00"}`, ""},
		{"seconds between times", `{"statistics":{"time_to_admin_reply":41,"median_time_to_reply":41,"count_reopens":1}}`,
			`{"statistics":{"time_to_admin_reply":0,"median_time_to_reply":1,"count_reopens":2}}`, "value /statistics/count_reopens: 1, 2"},
		{"seconds and none", `{"statistics":{"time_to_admin_reply":41}}`, `{"statistics":{"time_to_admin_reply":null}}`, "shape /statistics/time_to_admin_reply: 41, null"},
		{"an attribute called like them", `{"custom_attributes":{"time_to_reply":41}}`, `{"custom_attributes":{"time_to_reply":40}}`, "value /custom_attributes/time_to_reply: 41, 40"},
		{"a time and none", `{"a":1700000000}`, `{"a":17}`, "value /a: 1700000000, 17"},
		{"ids", `{"id":"` + a24 + `","owner_id":7}`, `{"id":"` + b24 + `","owner_id":8}`, ""},
		{"an id and none", `{"owner_id":"7"}`, `{"owner_id":""}`, `value /owner_id: "7", ""`},
		{"ids of two forms", `{"id":"` + a24 + `"}`, `{"id":"7"}`, "value /id: " + a24 + ", an id of 24 hexadecimal digits, 7, a decimal id"},
		{"one thing stays one", `[{"id":"` + a24 + `"},{"contact_id":"` + a24 + `"}]`, `[{"id":"` + b24 + `"},{"contact_id":"` + c24 + `"}]`,
			"value /1/contact_id: " + a24 + ", which is " + b24 + " now, " + c24},
		{"decimal ids of two kinds", `[{"type":"tag","id":"1"},{"type":"admin","id":"1"},{"admin_id":"1"}]`, `[{"type":"tag","id":"2"},{"type":"admin","id":"3"},{"admin_id":"3"}]`, ""},
		{"ids in texts", `[{"id":"` + a24 + `"},{"text":"see ` + a24 + `"}]`, `[{"id":"` + b24 + `"},{"text":"see ` + b24 + `"}]`, ""},
		{"URLs of two servers", `{"id":"` + a24 + `","url":"https://api.intercom.io/contacts/` + a24 + `/notes?page=2"}`,
			`{"id":"` + b24 + `","url":"http://127.0.0.1:8080/contacts/` + b24 + `/notes?page=2"}`, ""},
		{"URLs that lead elsewhere", `{"url":"https://a.test/x"}`, `{"url":"https://a.test/y"}`, `value /url: "https://a.test/x", "https://a.test/y"`},
		{"signed URLs", `{"url":"https://a.test/x?signature=REDACTED-1"}`, `{"url":"https://b.test/x?signature=abc"}`, ""},
		{"secrets", `{"token":"REDACTED-1","text":"it is REDACTED-1."}`, `{"token":"dG9r","text":"it is dG9r."}`, ""},
		{"a secret and none", `{"token":"REDACTED-1"}`, `{"token":null}`, `shape /token: "REDACTED-1", null`},
		{"around a secret", `{"text":"it is REDACTED-1."}`, `{"text":"it was dG9r."}`, `value /text: "it is REDACTED-1.", "it was dG9r."`},
		{"somebody whom no request named", `{"email":"person-1@redacted.example","phone":"+447700900000"}`, `{"email":"owner@a.test","phone":"+123"}`, ""},
		{"one person stays one", `["person-1@redacted.example","person-1@redacted.example","by person-1@redacted.example"]`, `["a@a.test","b@a.test","by a@a.test"]`,
			`value /1: "person-1@redacted.example", "b@a.test"`},
		{"long values", `{"a":"` + strings.Repeat("ü", 200) + `"}`, `{"a":1}`, `shape /a: "` + strings.Repeat("ü", 59) + `…, 1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := compared(t, &comparison{ids: newIDs()}, c.recorded, c.replayed); got != c.want {
				t.Errorf("differs in\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestStrictAndIgnored(t *testing.T) {
	t.Parallel()
	if got := compared(t, &comparison{ids: newIDs(), strict: true}, `{"at":1700000000}`, `{"at":1700000001}`); got != "value /at: 1700000000, 1700000001" {
		t.Error(got)
	}
	if got := compared(t, &comparison{ids: newIDs(), strict: true}, `{"statistics":{"time_to_admin_reply":1}}`, `{"statistics":{"time_to_admin_reply":0}}`); got != "value /statistics/time_to_admin_reply: 1, 0" {
		t.Error(got)
	}
	const recorded, replayed = `{"data":[{"a":1,"b":{"c":1}}],"c":1}`, `{"data":[{"a":2,"b":{"c":2}}],"c":2,"d":3}`
	for ignored, want := range map[string]string{
		"":                 "/data/0/a /data/0/b/c /c /d",
		"/data/*/a":        "/data/0/b/c /c /d",
		"/data/0/b":        "/data/0/a /c /d",
		"c":                "/data/0/a /d",
		"data d":           "/c",
		"/data/*/b/c /c d": "/data/0/a",
		"/dat a/b":         "/data/0/b/c /c /d",
	} {
		c := &comparison{ids: newIDs()}
		for _, text := range strings.Fields(ignored) {
			c.ignore = append(c.ignore, newPattern(text))
		}
		if ignored == "/dat a/b" {
			c.ignore = []pattern{newPattern("/dat"), newPattern("a")}
		}
		compared(t, c, recorded, replayed)
		var at []string
		for _, d := range c.found {
			at = append(at, d.At)
		}
		if got := strings.Join(at, " "); got != want {
			t.Errorf("without %q it differs in %s, want %s", ignored, got, want)
		}
	}
}

// tape is a cassette of exchanges.
func tape(exchanges ...string) *bytes.Reader {
	return bytes.NewReader([]byte("{\"cassette\":1}\n" + strings.Join(exchanges, "\n") + "\n"))
}

// exchange is one in which a request got an answer. Both bodies are JSON, or empty.
func exchange(method, path, body, token string, status int, answer string) string {
	member := func(json string) string {
		if json == "" {
			return ""
		}
		return `,"json":` + json
	}
	return fmt.Sprintf(`{"request":{"method":%q,"host":"evil.example","path":%q,"headers":{"Authorization":%q,"Content-Type":"application/json","Cookie":"x","Host":"evil.example"}%s},
		"response":{"status":%d,"headers":{"Content-Type":"application/json"}%s}}`, method, path, token, member(body), status, member(answer))
}

// TestIDsAreReplaced replays a session in which later requests have ids of earlier
// answers, everywhere that they may be.
func TestIDsAreReplaced(t *testing.T) {
	t.Parallel()
	const was, is = "aaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbb"
	var mu sync.Mutex
	var asked []string
	answers := map[string]string{"POST /contacts": `{"type":"contact","id":"` + is + `"}`, "POST /tags": `{"type":"tag","id":"5"}`,
		"GET /me": `{"type":"admin","id":"3","secret_token":"fresh-token"}`}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		asked = append(asked, fmt.Sprintf("%s %s %s %s", r.Method, r.RequestURI, r.Header.Get("Authorization"), body))
		mu.Unlock()
		if r.Header.Get("Cookie") != "" || r.Host == "evil.example" {
			t.Errorf("asked with %v for %s", r.Header, r.Host)
		}
		w.Header().Set("Content-Type", "application/json")
		if r.Header.Get("Authorization") == "Bearer "+wrongToken {
			w.WriteHeader(401)
		}
		answer, ok := answers[r.Method+" "+r.URL.Path]
		if !ok {
			answer = "{}"
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	const good, bad = "Bearer REDACTED-1", "Bearer REDACTED-2"
	report, err := Run(context.Background(), tape(
		exchange("GET", "/me", "", bad, 401, `{"type":"admin","id":"3","secret_token":"REDACTED-7"}`),
		exchange("POST", "/contacts", `{"email":"a@a.test"}`, good, 200, `{"type":"contact","id":"`+was+`"}`),
		exchange("POST", "/tags", `{"name":"7"}`, "Basic REDACTED-1", 200, `{"type":"tag","id":"7"}`),
		exchange("GET", "/me", "", good, 200, `{"type":"admin","id":"7"}`),
		exchange("PUT", "/contacts/"+was+"/tags/7?x=7&tag_id=7&y="+was, `{"tag_id":"7","admin_id":7,"n":7,"text":"7 `+was+`","contacts":[{"id":"`+was+`"}],"id":"7"}`, good, 200, `{}`),
		exchange("POST", "/contacts/search", `{"query":{"operator":"AND","value":[{"field":"tag_id","operator":"=","value":"7"},{"field":"id","operator":"IN","value":["`+was+`"]},{"field":"x","operator":"=","value":"7"}]}}`, good, 200, `{}`),
		exchange("POST", "/y?e=person-1%40redacted.example", `{"email":"person-1@redacted.example"}`, good, 200, `{}`),
		exchange("POST", "/x", `{"token":"REDACTED-7","region_id":"814"}`, "", 200, `{}`),
	), Options{Base: s.URL + "/", Token: "good", IDs: map[string]string{"814": "9"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"GET /me Bearer " + wrongToken + " ",
		`POST /contacts Bearer good {"email":"a@a.test"}`,
		`POST /tags Basic Z29vZDo= {"name":"7"}`,
		"GET /me Bearer good ",
		`PUT /contacts/` + is + `/tags/5?x=7&tag_id=5&y=` + is + ` Bearer good {"tag_id":"5","admin_id":3,"n":7,"text":"7 ` + is + `","contacts":[{"id":"` + is + `"}],"id":"7"}`,
		`POST /contacts/search Bearer good {"query":{"operator":"AND","value":[{"field":"tag_id","operator":"=","value":"5"},{"field":"id","operator":"IN","value":["` + is + `"]},{"field":"x","operator":"=","value":"7"}]}}`,
		`POST /y?e=person-1%40redacted.example Bearer good {"email":"person-1@redacted.example"}`,
		`POST /x  {"token":"fresh-token","region_id":"9"}`,
	}
	for i := range want {
		if i >= len(asked) || asked[i] != want[i] {
			t.Fatalf("%d: asked\n%s\nwant\n%s", i+1, strings.Join(asked, "\n"), want[i])
		}
	}
	// Of GET /me the second answer has a member more than was recorded.
	if n := report.Totals; n.Exchanges != 8 || n.Same != 7 || n.Shapes != 1 || report.Results[3].Differences[0].At != "/secret_token" {
		t.Errorf("%+v", report)
	}
	var table strings.Builder
	if err := report.Table(&table); err != nil || !strings.HasSuffix(table.String(), "\n8 exchanges: 7 the same; 1 differences of shape, 0 of value\n") {
		t.Errorf("%v, %s", err, table.String())
	}
}

// TestAnswers compares what is not JSON.
func TestAnswers(t *testing.T) {
	t.Parallel()
	with := func(status int, pairs ...string) *cassette.Response {
		r := &cassette.Response{Status: status}
		r.Headers = map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			r.Headers[pairs[i]] = pairs[i+1]
		}
		return r
	}
	text := func(s string) *cassette.Response { r := with(200); r.Text = s; return r }
	binary := func(s string) *cassette.Response { r := with(200); r.Base64 = []byte(s); return r }
	omitted := with(200)
	omitted.Omitted = "it is long"
	for _, c := range []struct {
		name               string
		recorded, replayed *cassette.Response
		body, want         string
	}{
		{"status", with(200), with(404), "", "shape @status 200 404"},
		{"content type", with(200, "Content-Type", "application/json; charset=utf-8"), with(200, "Content-Type", "text/html"), "", "shape @header/Content-Type application/json; charset=utf-8 text/html"},
		{"one type, spelled twice", with(200, "Content-Type", "Text/HTML;charset=UTF-8"), with(200, "Content-Type", "text/html; charset=utf-8"), "", ""},
		{"rate", with(200, "X-Ratelimit-Limit", "167"), with(200), "", "shape @header/X-Ratelimit-Limit present missing"},
		{"another rate", with(200, "X-Ratelimit-Limit", "167"), with(200, "X-Ratelimit-Limit", "1"), "", ""},
		{"text", text("a"), with(200), "b", `value @body "a" "b"`},
		{"a body where there was none", with(200), with(200), "b", `value @body "" "b"`},
		{"bytes", binary("\xff"), with(200), "\xfe\xfe", "value @body 1 bytes 2 other bytes"},
		{"what was not recorded", omitted, with(200), "b", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := &comparison{ids: newIDs()}
			x.answers(c.recorded, c.replayed, []byte(c.body))
			got := ""
			for _, d := range x.found {
				got += fmt.Sprintf("%s %s %s %s", d.Kind, d.At, d.Recorded, d.Replayed)
			}
			if got != c.want {
				t.Errorf("differs in %s, want %s", got, c.want)
			}
		})
	}
}

// TestHostileCassettes has nothing sent, not even what comes before the request that
// must not be.
func TestHostileCassettes(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("asked: %s %s", r.Method, r.RequestURI) }))
	t.Cleanup(s.Close)
	const no = "is not a path of the API"
	for _, c := range []struct{ name, method, path, want string }{
		{"another host", "GET", "https://evil.example/me", no},
		{"another host without a scheme", "GET", "//evil.example/me", no},
		{"backslashes", "GET", `/\\evil.example/me`, no},
		{"no path", "GET", "me", no},
		{"empty", "GET", "", no},
		{"user of a host", "GET", "@evil.example/", no},
		{"up", "GET", "/contacts/../_parley/webhooks", no},
		{"up, escaped", "GET", "/contacts/%2e%2E/x", no},
		{"our own operations", "POST", "/_parley/webhooks", no},
		{"our own operations, escaped", "POST", "/%5fparley/webhooks", no},
		{"blanks", "GET", "/me HTTP/1.1", no},
		{"a line more", "GET", "/me\r\nX: y", no},
		{"a broken escape", "GET", "/%zz", no},
		{"a fragment", "GET", "/me#x", no},
		{"method", "CONNECT", "/me", "is not one of the API"},
		{"method with a line more", "GET /x HTTP/1.1\r\n", "/me", "is not one of the API"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Run(context.Background(), tape(exchange("GET", "/me", "", "", 200, "{}"), exchange(c.method, c.path, "", "", 200, "{}")), Options{Base: s.URL, Token: "t"})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "exchange 2: ") {
				t.Error(err)
			}
		})
	}
	for name, base := range map[string]string{"no scheme": "127.0.0.1", "another": "ftp://a.test", "a user": "http://a:b@c.test", "empty": ""} {
		if _, err := Run(context.Background(), tape(), Options{Base: base}); err == nil || !strings.Contains(err.Error(), "is not the URL of a server") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestIDsOfAServer has a server answer with an id that leads elsewhere as a path.
func TestIDsOfAServer(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.RequestURI)
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"../../x?y#z"}`)
	}))
	t.Cleanup(s.Close)
	_, err := Run(context.Background(), tape(exchange("POST", "/contacts", "", "", 200, `{"id":"17"}`), exchange("GET", "/contacts/17", "", "", 200, `{"id":"17"}`)), Options{Base: s.URL})
	if err != nil || strings.Join(asked, " ") != "/contacts /contacts/..%2F..%2Fx%3Fy%23z" {
		t.Errorf("asked %v, %v", asked, err)
	}
}

func TestRedirectsStay(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.RedirectHandler("https://evil.example/", http.StatusFound))
	t.Cleanup(s.Close)
	report, err := Run(context.Background(), tape(exchange("GET", "/me", "", "", 302, "")), Options{Base: s.URL, Ignore: []string{"@header/Content-Type", "@body"}})
	if err != nil || report.Totals.Shapes != 1 || report.Results[0].Differences[0].At != "@header/Location" {
		t.Errorf("%+v, %v", report, err)
	}
}

// FuzzCompare compares anything with anything: there are no differences from itself,
// and an order of what differs that does not change.
func FuzzCompare(f *testing.F) {
	f.Add(`{"type":"contact","id":"1","a":[1700000000,"REDACTED-1"]}`, `{"type":"contact","id":"2","a":[1,null]}`)
	f.Add(`{"url":"https://a.test/%zz?x=REDACTED-1"}`, `{"url":"http://b.test/?x=%zz"}`)
	f.Add(`[[[{"id":{"id":[7]}}]]]`, `[[[{"id":{"id":["7"]}}]]]`)
	f.Add(`"REDACTED-1 REDACTED-2"`, `"REDACTED-1"`)
	f.Fuzz(func(t *testing.T, recorded, replayed string) {
		d := newIDs()
		first := compared(t, &comparison{ids: d}, recorded, replayed)
		if again := compared(t, &comparison{ids: newIDs()}, recorded, replayed); first != again {
			t.Errorf("differs in\n%s\nand then in\n%s", first, again)
		}
		v, err := parse([]byte(recorded))
		if err != nil {
			return
		}
		if got := compared(t, &comparison{ids: newIDs(), strict: true}, recorded, recorded); got != "" {
			t.Errorf("differs from itself in\n%s", got)
		}
		d.rewrite(v, "", "")
		if _, err := parse(v.append(nil)); err != nil {
			t.Errorf("what was JSON has become %s", v.append(nil))
		}
	})
}

// FuzzTarget has any path and any ids, and looks that nothing leads to another server.
func FuzzTarget(f *testing.F) {
	f.Add("/contacts/17/tags/4?x=1&tag_id=4", "17", "../..", "tag")
	f.Add("/%2e/a", "a", "", "")
	f.Add("/a/?&=&", "", "b", "id")
	f.Fuzz(func(t *testing.T, path, recorded, replayed, kind string) {
		q := &cassette.Request{Method: "GET", Path: path}
		if check(q) != nil {
			return
		}
		d := newIDs()
		d.learn(kind, recorded, replayed)
		p := &player{base: "http://here.example", ids: d, accepted: map[string]bool{}}
		if request, err := p.request(context.Background(), q); err == nil && request.URL.Host != "here.example" {
			t.Errorf("%q leads to %s", path, request.URL)
		}
	})
}
