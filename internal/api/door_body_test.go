package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/means"
)

// nest writes a body that is n objects and lists deep.
func nest(n int) string {
	return `{"x":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}`
}

// What cannot be read is the caller's mistake, wherever it is sent, and said to
// be so before anything is looked up: in no database, so that one does. A million levels
// are sent to every operation as lists; as objects, which takes five times as many bytes,
// to a third of them.
func TestBodiesThatCannotBeRead(t *testing.T) {
	const notJSON = "The request body is not valid JSON"
	bodies := []struct{ name, body, message string }{
		{"cut short", `{"name":"A"`, notJSON},
		{"nothing but a space", ` `, notJSON},
		{"one comma too many", `{"name":"A",}`, notJSON},
		{"single quotes", `{'name':'A'}`, notJSON},
		{"a form", `name=A`, notJSON},
		{"two objects", `{}{}`, notJSON},
		{"an object and more", `{"name":"A"} x`, notJSON},
		{"a comment", `{/* */}`, notJSON},
		{"NaN", `{"name":NaN}`, notJSON},
		{"a number with a nought before it", `{"x":01}`, notJSON},
		{"a name twice", `{"name":"A","name":"B"}`, notJSON},
		{"a name twice further in", `{"x":[{"a":1,"\u0061":2}]}`, notJSON},
		{"half a surrogate", `{"name":"\ud83d"}`, notJSON},
		{"bytes that are no text", "{\"name\":\"\xff\"}", notJSON},
		{"bytes that are no name", "{\"\xc3\":1}", notJSON},
		{"a raw NUL", "{\"name\":\"a\x00b\"}", notJSON},
		{"a raw NUL outside", "{\x00}", notJSON},
		{"a line break in a text", "{\"name\":\"a\nb\"}", notJSON},
		{"a byte order mark", "\ufeff{}", notJSON},
		{"an escaped NUL", `{"name":"a\u0000b"}`, "Text cannot contain the NUL character"},
		{"an escaped NUL in a field that is not read", `{"x":{"y":["\u0000"]}}`, "Text cannot contain the NUL character"},
		{"an escaped NUL in a name", `{"a\u0000":1}`, "Text cannot contain the NUL character"},
		{"a list", `[]`, "The request body must be a JSON object"},
		{"a text", `"name"`, "The request body must be a JSON object"},
		{"a number", `7`, "The request body must be a JSON object"},
		{"a truth value", `true`, "The request body must be a JSON object"},
		{"33 levels", nest(33), "The request body is nested more than 32 levels deep"},
		{"very many levels", strings.Repeat("[", 1_000_000), "The request body is nested more than 32 levels deep"},
		{"very many objects", strings.Repeat(`{"a":`, 1_000_000), "The request body is nested more than 32 levels deep"},
		{"a list of 5,001", `{"x":[` + strings.Repeat("0,", 5000) + `0]}`, "A list can have 5000 members at most"},
	}
	t.Parallel()
	r := apptest.New(t)
	all := operations(t, r)
	for _, tt := range bodies {
		t.Run(tt.name, func(t *testing.T) {
			for _, op := range all {
				if len(tt.body) > 2_000_000 && !means.Third(op.method+op.path) {
					continue
				}
				if a := r.Do(t, op.method, op.at("1"), tt.body); op.takesBody {
					op.fails(t, a, 400, "parameter_invalid", tt.message)
				} else if a.Status >= 500 {
					t.Errorf("%s %s answers %s", op.method, op.path, a.Body)
				}
			}
		})
	}
	if n := r.Get(t, "/contacts").At("total_count"); n != 0. {
		t.Errorf("there are %v contacts", n)
	}
}

// What is unusual but right is read.
func TestBodiesThatCanBeRead(t *testing.T) {
	bodies := map[string]string{
		"32 levels":                        `{"role":"lead",` + nest(32)[1:],
		"a list of 5,000":                  `{"role":"lead","x":[` + strings.Repeat("0,", 4999) + `0]}`,
		"very many members":                `{"role":"lead","x":{` + strings.Join(numbered(20_000), ",") + `}}`,
		"brackets in texts":                `{"role":"lead","name":"` + strings.Repeat("[{", 100) + `"}`,
		"commas in texts":                  `{"role":"lead","x":["` + strings.Repeat(",", 6000) + `"]}`,
		"a backslash before a u":           `{"role":"lead","name":"\\u0000"}`,
		"a quote before a NUL's name":      `{"role":"lead","name":"\"u0000"}`,
		"space around":                     "\r\n\t {\"role\" : \"lead\"}\n",
		"a huge text in an unread field":   `{"role":"lead","x":"` + strings.Repeat("x", 4<<20) + `"}`,
		"a huge number in an unread field": `{"role":"lead","x":1` + strings.Repeat("0", 100_000) + `e999999999}`,
		"numbers and names in escapes":     `{"r\u006fle":"l\u0065ad"}`,
	}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for name, body := range bodies {
			t.Run(name, func(t *testing.T) { r.Post(t, "/contacts", body).OK() })
		}
		for _, body := range []string{``, `{}`, `null`} {
			r.Post(t, "/contacts", body).Fails(400, "parameter_not_found", "A user needs an external_id or an email")
		}
	})
}

func numbered(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(`"m%d":0`, i)
	}
	return all
}

// Values that no field takes, in every operation that takes a body: whatever
// comes of them, it is no failure of the server. Each member that an operation
// knows, also those that any other one does, has each of the values alone. Those
// that it does not know are passed over by the decoder without regard to their
// names, so that all of them are sent at once, or one of them where the value is long.
func TestValuesOfWrongTypes(t *testing.T) {
	values := []string{`null`, `true`, `-1`, `1.5`, `1e308`, `-1e308`, `9007199254740993`, `99999999999999999999999999`, `1e-400`, `""`, `" "`,
		`"x"`, `"\ufffd\u202e\u0001"`, `[]`, `[null]`, `[[]]`, `[1,"a",{}]`, `{}`, `{"id":{}}`, `{"a":{"b":[]}}`, `"` + strings.Repeat("y", 70_000) + `"`}
	names := []string{"id", "name", "email", "role", "external_id", "user_id", "custom_attributes", "owner_id", "signed_up_at",
		"from", "into", "type", "visitor", "user", "users", "companies", "query", "sort", "pagination", "body", "admin_id", "company_id",
		"plan", "size", "monthly_spend", "remote_created_at", "consent_type", "model", "data_type", "options", "event_name", "created_at",
		"metadata", "away_mode_enabled", "event_summaries", "archived", "description"}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		contact := r.Post(t, "/contacts", `{"external_id":"1"}`).OK().ID()
		known := 0
		for _, op := range operations(t, r) {
			if !op.takesBody {
				continue
			}
			holds := func(body string) {
				t.Helper()
				if a := r.Do(t, op.method, op.at(contact), body); a.Status >= 500 {
					t.Fatalf("%s %s with %.100s answers %s", op.method, op.path, body, a.Body)
				}
			}
			members := op.members
			if members == nil {
				members = names
			}
			known += len(members)
			for _, value := range values {
				for _, name := range members {
					holds(`{"` + name + `":` + value + `}`)
				}
				var others []string
				for _, name := range names {
					if !slices.Contains(members, name) {
						others = append(others, `"`+name+`":`+value)
					}
				}
				if len(value) > 1000 && len(others) > 0 {
					others = others[known%len(others):][:1]
				}
				holds("{" + strings.Join(others, ",") + "}")
			}
		}
		if known < 300 {
			t.Errorf("the contract knows %d members of bodies", known)
		}
	})
}

// NUL and bytes that are no text, in paths and in query strings.
func TestTextsThatCannotBeStored(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, op := range operations(t, r) {
			for _, bad := range []string{"%00", "a%00b", "%ff", "%c3%28"} {
				if strings.Contains(op.path, "{") {
					if a := r.Do(t, op.method, op.at(bad), nil); a.Status != 404 {
						t.Errorf("%s %s with %s answers %s", op.method, op.path, bad, a.Body)
					}
				}
				a := r.Do(t, op.method, op.at("1")+"?x="+bad, nil)
				op.fails(t, a, 400, "parameter_invalid", "The query string contains text that is not valid")
				a = r.Do(t, op.method, op.at("1")+"?"+bad+"=1", nil)
				op.fails(t, a, 400, "parameter_invalid", "The query string contains text that is not valid")
			}
			// What cannot be read of a query string is not there.
			if a := r.Do(t, op.method, op.at("1")+"?%zz&a;b&=&", nil); a.Status >= 500 {
				t.Errorf("%s %s answers %s", op.method, op.path, a.Body)
			}
		}
	})
}

// Ids of every size and kind, in every place of every path.
func TestIDsOfEveryKind(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, op := range operations(t, r) {
			if !strings.Contains(op.path, "{") {
				continue
			}
			for _, id := range []string{"0", "-1", "9223372036854775807", "9223372036854775808", "99999999999999999999999", "1e3", "0x1", "1.0", "%20", "'",
				"%22", "%5C", "%25", "*", "null", "undefined", "true", "%F0%9F%98%80", "a%2Fb", "6657aae86abd0164c24b0d29", strings.Repeat("9", 4000)} {
				for _, body := range []string{``, `{"name":"x"}`} {
					if a := r.Do(t, op.method, op.at(id), body); a.Status != 404 && a.Status != 400 {
						t.Errorf("%s %s with %.40s answers %d %s", op.method, op.path, id, a.Status, a.Body)
					}
				}
			}
		}
	})
}

// Five megabytes are read and not one byte more, said in advance or not.
func TestBodyTooLarge(t *testing.T) {
	const most = 5 << 20
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		padded := func(size int) []byte {
			body := []byte(`{"role":"lead"}`)
			return append(body, bytes.Repeat([]byte(" "), size-len(body))...)
		}
		chunked := func(hr *http.Request) {
			hr.ContentLength = -1
			hr.TransferEncoding = []string{"chunked"}
			hr.Header.Del("Content-Length")
		}
		r.Post(t, "/contacts", padded(most)).OK()
		r.Post(t, "/contacts", padded(most), chunked).OK()
		for _, edit := range []apptest.Edit{chunked, func(*http.Request) {}} {
			r.Post(t, "/contacts", padded(most+1), edit).Fails(413, "parameter_invalid", "The request body is larger than 5 MB")
			r.Delete(t, "/tags/1", padded(most+1), edit).Fails(413, "parameter_invalid", "The request body is larger than 5 MB")
			r.Get(t, "/me", carrying(most+1), edit).Fails(413, "parameter_invalid", "The request body is larger than 5 MB")
		}
		// A body without end is not awaited.
		endless := func(hr *http.Request) {
			chunked(hr)
			hr.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"x":"`), zeros{}))
		}
		r.Post(t, "/contacts", `{}`, endless).Fails(413, "parameter_invalid", "The request body is larger than 5 MB")
		if n := r.Get(t, "/contacts").At("total_count"); n != 2. {
			t.Errorf("there are %v contacts", n)
		}
	})
}

// carrying gives a request without a body one of this size.
func carrying(size int) apptest.Edit {
	return func(hr *http.Request) {
		hr.Body, hr.ContentLength = io.NopCloser(bytes.NewReader(make([]byte, size))), int64(size)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// A body that ends before it should is the caller's mistake, over a real
// connection too.
func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	server := httptest.NewServer(r.Handler())
	defer server.Close()
	reader, writer := io.Pipe()
	hr, err := http.NewRequest(http.MethodPost, server.URL+"/contacts", reader)
	if err != nil {
		t.Fatal(err)
	}
	hr.Header.Set("Authorization", "Bearer "+r.Token)
	go func() {
		io.WriteString(writer, `{"role":"lead"`)
		writer.Close()
	}()
	answer, err := http.DefaultClient.Do(hr)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); answer.StatusCode != 400 || !strings.Contains(string(body), "not valid JSON") {
		t.Errorf("it answers %d %s", answer.StatusCode, body)
	}
}
