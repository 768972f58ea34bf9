package cassette

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// record records exchanges and returns the cassette's text and what is read from it.
func record(t *testing.T, o Options, raws ...Raw) (string, []*Exchange) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c")
	r, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range raws {
		if err := r.Record(raw); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, torn := readAll(t, bytes.NewReader(text))
	if torn || len(all) != len(raws) {
		t.Fatalf("%d of %d exchanges are read, torn: %v", len(all), len(raws), torn)
	}
	return string(text), all
}

func readAll(t *testing.T, r io.Reader) (all []*Exchange, torn bool) {
	t.Helper()
	c, err := NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	for {
		e, err := c.Next()
		if errors.Is(err, io.EOF) {
			return all, c.Torn()
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
}

// header is a header of these names and values.
func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

// get is an exchange that nothing is wrong with, but for what a test changes.
func get(edit func(*Raw)) Raw {
	raw := Raw{At: noon, Took: 1500 * time.Microsecond, Method: "GET", Host: "api.intercom.io", Target: "/me", Status: 200,
		Request: Content{Header: http.Header{}}, Response: Content{Header: header("Content-Type", "application/json"), Body: []byte(`{}`)}}
	if edit != nil {
		edit(&raw)
	}
	return raw
}

// TestSecrets sends a secret in every place that one may be in, and looks for it in
// the file.
func TestSecrets(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t/+w0rd="
	body := func(contentType, text string) func(*Raw) {
		return func(raw *Raw) {
			raw.Method, raw.Request = "POST", Content{Header: header("Content-Type", contentType), Body: []byte(text)}
		}
	}
	answer := func(contentType, text string) func(*Raw) {
		return func(raw *Raw) {
			raw.Response = Content{Header: header("Content-Type", contentType), Body: []byte(text)}
		}
	}
	asked := func(name, value string) func(*Raw) { return func(raw *Raw) { raw.Request.Header.Set(name, value) } }
	escaped := strings.NewReplacer("/", `\/`, "3", `\u0033`).Replace(secret)
	for name, edit := range map[string]func(*Raw){
		"bearer":              asked("Authorization", "Bearer "+secret),
		"another letter case": asked("Authorization", "bearer "+secret),
		"bare":                asked("Authorization", secret),
		"an unknown scheme":   asked("Authorization", secret+" x"),
		"user of basic":       asked("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret+":"))),
		"password of basic":   asked("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("joe:"+secret))),
		"cookie":              asked("Cookie", "session="+secret),
		"a header of its own": asked("X-Api-Key", secret),
		"in the agent's name": asked("User-Agent", "sync token="+secret),
		"set-cookie":          func(raw *Raw) { raw.Response.Header.Set("Set-Cookie", "session="+secret) },
		"redirect":            func(raw *Raw) { raw.Response.Header.Set("Location", "https://a.test/back?access_token="+secret) },
		"query":               func(raw *Raw) { raw.Target = "/me?a=b&access_token=" + url.QueryEscape(secret) },
		"query, not escaped":  func(raw *Raw) { raw.Target = "/me?client_secret=" + secret },
		"code of OAuth":       func(raw *Raw) { raw.Target = "/auth/eagle/token?code=" + url.QueryEscape(secret) },
		"member":              body("application/json", `{"a":{"client_secret":"`+secret+`"}}`),
		"escaped member":      body("application/json", `{"user_h\u0061sh":"`+escaped+`"}`),
		"below a member":      body("application/json", `{"auth_tokens":{"crm":["`+secret+`"]}}`),
		"code in JSON": func(raw *Raw) {
			body("application/json", `{"code":"`+secret+`"}`)(raw)
			raw.Target = "/auth/eagle/token"
		},
		"form":                  body("application/x-www-form-urlencoded", "a=b&password="+url.QueryEscape(secret)),
		"JSON that is none":     body("application/json", `{"password":"`+secret+`",}`),
		"JSON in a text":        answer("application/json", `{"text":"{\"token\":\"`+secret+`\"}"}`),
		"signed URL":            answer("application/json", `{"url":"https://a.test/f?expires=1&signature=`+secret+`"}`),
		"page":                  answer("text/html", `<input name="x" token="`+secret+`">`),
		"two members, one name": answer("application/json", `{"token":"a","token":"`+secret+`"}`),
		"too deep":              answer("application/json", strings.Repeat("[", 80)+`{"token":"`+secret+`"}`+strings.Repeat("]", 80)),
		"known from the header": func(raw *Raw) {
			asked("Authorization", "Bearer "+secret)(raw)
			raw.Target = "/x/" + url.PathEscape(secret)
		},
		"named after it was met": answer("application/json", `{"text":"it is `+secret+`","token":"`+secret+`"}`),
		"named in the answer": func(raw *Raw) {
			body("application/json", `{"text":"`+secret+`"}`)(raw)
			answer("application/json", `{"token":"`+secret+`"}`)(raw)
		},
		"in binary": func(raw *Raw) {
			asked("Authorization", "Bearer "+secret)(raw)
			answer("image/png", "\xff"+secret)(raw)
		},
		"compressed": func(raw *Raw) {
			answer("application/json", "token="+secret)(raw)
			raw.Response.Header.Set("Content-Encoding", "gzip")
		},
		"parts": body("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n"+secret+"\r\n--x--"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, _ := record(t, Options{}, get(edit))
			for _, form := range []string{secret, escaped, url.QueryEscape(secret), url.PathEscape(secret), "s3cr3t", "w0rd",
				base64.StdEncoding.EncodeToString([]byte(secret + ":"))} {
				if strings.Contains(text, form) {
					t.Errorf("%q is in\n%s", form, text)
				}
			}
		})
	}
}

// TestSameSecret shows that one secret has one placeholder, whichever way it is sent.
func TestSameSecret(t *testing.T) {
	t.Parallel()
	_, all := record(t, Options{},
		get(func(raw *Raw) { raw.Request.Header.Set("Authorization", "Bearer firstfirst") }),
		get(func(raw *Raw) { raw.Request.Header.Set("Authorization", "Bearer secondsecond") }),
		get(func(raw *Raw) {
			raw.Request.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("firstfirst:")))
			raw.Target = "/me?token=secondsecond"
		}))
	first, second := all[0].Request.Header("authorization"), all[1].Request.Header("Authorization")
	_, token, _ := strings.Cut(first, " ")
	_, other, _ := strings.Cut(second, " ")
	if token == other || !Placeholder().MatchString(token) || all[2].Request.Header("Authorization") != "Basic "+token || all[2].Request.Path != "/me?token="+other {
		t.Errorf("%q, %q, %+v", first, second, all[2].Request)
	}
}

// TestWhatIsKept shows that all else is as it was.
func TestWhatIsKept(t *testing.T) {
	t.Parallel()
	_, all := record(t, Options{},
		get(func(raw *Raw) {
			raw.Target = "/contacts?page=1&q=a%20b+c&x"
			raw.Request.Header = header("Accept", "application/json", "Intercom-Version", "2.9", "X-Else", "x")
			raw.Response = Content{Header: header("Content-Type", "application/json", "X-RateLimit-Limit", "7"),
				Body: []byte(`{"z":1.50,"a":12345678901234567890,"n":null,"errors":[{"code":"not_found","message":"No such token"}],"token_type":"Bearer","e":"joe@acme.test"}`)}
		}),
		get(func(raw *Raw) {
			raw.Response = Content{Header: header("Content-Type", "text/csv"), Body: []byte("a,b\n")}
			raw.Request.Omitted = "it is long"
		}),
		get(func(raw *Raw) {
			raw.Status, raw.Response = 204, Content{Body: []byte{0xff, 0}}
		}))
	want := []*Exchange{
		{At: noon, TookMS: 1.5, Request: Request{Method: "GET", Host: "api.intercom.io", Path: "/contacts?page=1&q=a%20b+c&x",
			Message: Message{Headers: map[string]string{"Accept": "application/json", "Intercom-Version": "2.9"}}},
			Response: Response{Status: 200, Message: Message{Headers: map[string]string{"Content-Type": "application/json", "X-Ratelimit-Limit": "7"}}}},
		{At: noon, TookMS: 1.5, Request: Request{Method: "GET", Host: "api.intercom.io", Path: "/me", Message: Message{Omitted: "it is long"}},
			Response: Response{Status: 200, Message: Message{Headers: map[string]string{"Content-Type": "text/csv"}, Text: "a,b\n"}}},
		{At: noon, TookMS: 1.5, Request: Request{Method: "GET", Host: "api.intercom.io", Path: "/me"},
			Response: Response{Status: 204, Message: Message{Base64: []byte{0xff, 0}}}},
	}
	json := all[0].Response.JSON
	_ = json.Compact()
	if got, want := string(json), `{"z":1.50,"a":12345678901234567890,"n":null,"errors":[{"code":"not_found","message":"No such token"}],"token_type":"Bearer","e":"joe@acme.test"}`; got != want {
		t.Errorf("the body is\n%s, want\n%s", got, want)
	}
	all[0].Response.JSON = nil
	for i := range want {
		if !reflect.DeepEqual(all[i], want[i]) {
			t.Errorf("%d is\n%+v, want\n%+v", i, all[i], want[i])
		}
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	post := func(target, body string) Raw {
		return get(func(raw *Raw) {
			raw.Method, raw.Target, raw.Request.Body = "POST", target, []byte(body)
			raw.Request.Header.Set("Content-Type", "application/json")
		})
	}
	text, all := record(t, Options{People: true},
		post("/contacts", `{"email":"Joe@Acme.test","phone":"(0353) 83 234 5678","name":"Joe","n":3}`),
		post("/contacts/find?email=joe%40acme.test", `{"query":{"value":"joe@acme.test"},"body":"<a href='mailto:ann@acme.test'>write</a> or call +1 (415) 555-2671"}`),
		post("/x", `{"body":"+14155552671 is ann@acme.test","at":"2026-01-15T12:00:00+00:00"}`))
	for _, s := range []string{"cme.test", "joe", "234", "5678", "415", "2671"} {
		if strings.Contains(text, s) {
			t.Errorf("%q is in\n%s", s, text)
		}
	}
	for i, want := range []string{
		`{"email":"person-1@redacted.example","phone":"+447700900000","name":"Joe","n":3}`,
		`{"query":{"value":"person-1@redacted.example"},"body":"<a href='mailto:person-2@redacted.example'>write</a> or call +447700900001"}`,
		`{"body":"+447700900001 is person-2@redacted.example","at":"2026-01-15T12:00:00+00:00"}`,
	} {
		if _ = all[i].Request.JSON.Compact(); string(all[i].Request.JSON) != want {
			t.Errorf("%d is\n%s, want\n%s", i, all[i].Request.JSON, want)
		}
	}
	if got := all[1].Request.Path; got != "/contacts/find?email=person-1%40redacted.example" {
		t.Errorf("the path is %s", got)
	}
}

// TestTorn cuts a cassette at every byte and records on: what was whole is there, and
// so is what comes later.
func TestTorn(t *testing.T) {
	t.Parallel()
	secret := func(s string) Raw { return get(func(raw *Raw) { raw.Target = "/ü?token=" + s }) }
	text, _ := record(t, Options{}, secret("firstfirst"), secret("secondsecond"))
	path := filepath.Join(t.TempDir(), "c")
	for n := strings.Index(text, "\n}") + 2; n < len(text); n++ {
		whole := strings.Count(text[:n], "\n}") - 1
		all, torn := readAll(t, strings.NewReader(text[:n]))
		if after := n - strings.LastIndex(text[:n], "\n}") - 2; len(all) != whole || torn != (after > 1) {
			t.Fatalf("cut at %d, %d of %d exchanges are read, torn: %v", n, len(all), whole, torn)
		}
		if n%29 != 0 {
			continue // the disk is slower
		}
		if err := os.WriteFile(path, []byte(text[:n]), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.Record(secret("thirdthird")), r.Close()); err != nil {
			t.Fatal(err)
		}
		written, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all, torn = readAll(t, bytes.NewReader(written))
		if want := fmt.Sprintf("/ü?token=REDACTED-%d", whole+1); torn || len(all) != whole+1 || all[whole].Request.Path != want {
			t.Fatalf("cut at %d and gone on with, it is (torn: %v)\n%s", n, torn, written)
		}
	}
}

// TestGoingOn records to a cassette again: what is new has placeholders of its own.
func TestGoingOn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "c")
	for _, body := range []string{`{"token":"one-secret","a":"a@a.test","b":"+353832345678"}`, `{"token":"two-secret","a":"b@a.test","b":"+353832345679 1"}`} {
		r, err := Open(path, Options{People: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(r.Record(get(func(raw *Raw) { raw.Response.Body = []byte(body) })), r.Close()); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"REDACTED-1", "REDACTED-2", "person-1@", "person-2@", "+447700900000", "+447700900001"} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("%s is not there once:\n%s", want, text)
		}
	}
}

func TestNoCassette(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a text": "Dear diary,\n", "JSON": `{"name":"parley"}`, "another version": `{"cassette":2}`, "a beginning": `{"cass`, "a list": `[1]`,
		"rubbish in it": "{\"cassette\":1}\n{\"request\":{}}\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "c")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if r, err := Open(path, Options{}); err == nil {
				r.Close()
				t.Error("it is recorded to")
			}
			if now, err := os.ReadFile(path); err != nil || string(now) != text {
				t.Errorf("it has become %q, %v", now, err)
			}
		})
	}
	t.Run("in use", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "c")
		r, err := Open(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others may read it: %v, %v", info, err)
		}
		if _, err := Open(path, Options{}); err == nil || !strings.Contains(err.Error(), "is being recorded to") {
			t.Errorf("a second recorder: %v", err)
		}
	})
}

func TestRecordingAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "c")
	r, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			err := r.Record(get(func(raw *Raw) {
				raw.Target = fmt.Sprintf("/%d?token=secret-number-%d", i, i)
				raw.Response.Body = bytes.Repeat([]byte("x"), 10_000)
			}))
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	exchanges, torn := readAll(t, f)
	paths, placeholders := map[string]bool{}, map[string]bool{}
	for _, e := range exchanges {
		path, token, _ := strings.Cut(e.Request.Path, "?")
		paths[path], placeholders[token] = true, true
	}
	if torn || len(paths) != 20 || len(placeholders) != 20 {
		t.Errorf("%d exchanges, %d placeholders, torn: %v", len(paths), len(placeholders), torn)
	}
}

// TestLongBodies shows that what would make a record too long is left out of it.
func TestLongBodies(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", maxDepth-1) + "1" + strings.Repeat(",1", maxRecord/120) + strings.Repeat("]", maxDepth-1) // indented, each is a line of 127 blanks
	_, all := record(t, Options{}, get(func(raw *Raw) { raw.Response.Body = []byte(deep) }), get(nil))
	if e := all[0]; e.Response.JSON != nil || !strings.Contains(e.Response.Omitted, "longer than") || e.Response.Header("Content-Type") == "" {
		t.Errorf("%d bytes are kept, %q", len(e.Response.JSON), e.Response.Omitted)
	}
	endless := io.MultiReader(strings.NewReader(`{"cassette":1} {"request":"`), repeat('x'))
	c, err := NewReader(endless)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Next(); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a record without an end: %v", err)
	}
}

// repeat is a reader of one byte for ever.
type repeat byte

func (r repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("{\"cassette\":1}\n{\"request\":{\"method\":\"GET\",\"path\":\"/me\"},\"response\":{\"status\":200,\"json\":{\"a\":[1]}}}"))
	f.Add([]byte(`{"cassette":1}{"took_ms":1e999}`))
	f.Add([]byte(`{"cassette":1}{"request":{"base64":"/w=="},"response":`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := NewReader(bytes.NewReader(text))
		for err == nil {
			var e *Exchange
			if e, err = c.Next(); err == nil {
				if _, err := render(e); err != nil {
					t.Errorf("what was read cannot be written: %v", err)
				}
			}
		}
		if c != nil && c.end() > int64(len(text)) {
			t.Errorf("it ends at %d of %d", c.end(), len(text))
		}
	})
}

// FuzzSecrets has a secret in a body of any form, which is known from the header.
func FuzzSecrets(f *testing.F) {
	const secret = "dG9rOnNlY3JldC1vZi1hLXRlc3Q="
	f.Add("application/json", `{"a":"`, `"}`)
	f.Add("application/json", `{"`, `":1}`)
	f.Add("application/x-www-form-urlencoded", `a=`, ``)
	f.Add("text/plain", "\xff", "")
	f.Add("application/json", `{"a":"\u0064`, `"}`)
	f.Fuzz(func(t *testing.T, contentType, before, after string) {
		r := newRedactor(true)
		e := r.exchange(get(func(raw *Raw) {
			raw.Request.Header.Set("Authorization", "Bearer "+secret)
			raw.Response = Content{Header: http.Header{"Content-Type": {contentType}}, Body: []byte(before + secret + after)}
		}))
		text, err := render(e)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte(secret)) || bytes.Contains(e.Response.Base64, []byte(secret)) {
			t.Errorf("the secret is in\n%s", text)
		}
	})
}
