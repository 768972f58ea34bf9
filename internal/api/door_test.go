package api_test

import (
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"parley/internal/apptest"
)

// An apiOperation is what the contract says of one.
type apiOperation struct {
	method, path string
	takesBody    bool
	own          map[int]bool // statuses of failures that it tells in a form of its own
	produces     string       // media type
	// members are those that the body may have, nil if it may have any.
	members []string
}

// A bodySchema is what the contract says of a body.
type bodySchema struct {
	Ref        string         `json:"$ref"`
	Properties map[string]any `json:"properties"`
	Additional any            `json:"additionalProperties"`
}

// operations are all operations of the server, read out of the contract that it
// serves, so that no test of all of them can miss one.
func operations(t *testing.T, r *apptest.Rig) []apiOperation {
	t.Helper()
	var contract struct {
		Paths map[string]map[string]struct {
			RequestBody *struct {
				Content map[string]struct{ Schema bodySchema } `json:"content"`
			} `json:"requestBody"`
			Responses map[int]struct {
				Ref     string         `json:"$ref"`
				Content map[string]any `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
		Components struct{ Schemas map[string]bodySchema } `json:"components"`
	}
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.json", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &contract, json.MatchCaseInsensitiveNames(true)); err != nil {
		t.Fatal(err)
	}
	members := func(s bodySchema) []string {
		if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
			s = contract.Components.Schemas[name]
		}
		if s.Additional != nil {
			return nil
		}
		return slices.Sorted(maps.Keys(s.Properties))
	}
	var all []apiOperation
	for path, methods := range contract.Paths {
		for method, op := range methods {
			own := map[int]bool{}
			for status, answer := range op.Responses {
				own[status] = status >= 400 && answer.Ref == ""
			}
			produces := "application/json"
			for mediaType := range op.Responses[200].Content {
				produces = mediaType
			}
			one := apiOperation{strings.ToUpper(method), path, op.RequestBody != nil, own, produces, nil}
			if one.takesBody {
				one.members = members(op.RequestBody.Content["application/json"].Schema)
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b apiOperation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	if len(all) < 50 {
		t.Fatalf("the contract has %d operations", len(all))
	}
	return all
}

// at is the operation's path with this id for every id in it.
func (op apiOperation) at(id string) string {
	steps := strings.Split(op.path, "/")
	for i, step := range steps {
		if strings.HasPrefix(step, "{") {
			steps[i] = id
		}
	}
	return strings.Join(steps, "/")
}

// fails checks that an answer of the operation is a failure in the form that the
// contract has for it.
func (op apiOperation) fails(t *testing.T, a *apptest.Answer, status int, code, message string) {
	t.Helper()
	if op.own[status] {
		switchFails(t, a, status, code, message)
		return
	}
	a.Fails(status, code, message)
}

func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func TestEveryOperationWantsAToken(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		revoked, err := r.App.Workspace.CreateToken(context.Background(), r.Actor(), r.Admin.ID, "old", "")
		if err != nil {
			t.Fatal(err)
		}
		r.Get(t, "/me", apptest.As(revoked)).OK()
		tokens, err := r.App.Workspace.ListTokens(context.Background(), r.Actor())
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range tokens {
			if token.Name == "old" {
				if err := r.App.Workspace.RevokeToken(context.Background(), r.Actor(), token.ID()); err != nil {
					t.Fatal(err)
				}
			}
		}
		credentials := map[string]string{
			"nothing": "", "no scheme": r.Token, "a bearer of nothing": "Bearer", "a bearer of a space": "Bearer  ",
			"an unknown token": "Bearer dG9rOjEyMw==", "a revoked token": "Bearer " + revoked, "another scheme": "Token " + r.Token,
			"two tokens": "Bearer " + r.Token + " " + r.Token, "a token in another case": "Bearer " + strings.ToUpper(r.Token),
			"basic with a password": basic(r.Token, "secret"), "basic with the token as password": basic("", r.Token),
			"an app id and an API key": basic(string(r.Workspace.ID), "ro-1234"), "basic of nothing": "Basic", "basic nonsense": "Basic !",
			"basic with an unknown token": basic("nope", ""), "the hash of a token": "Bearer " + tokens[0].Hash,
		}
		for _, op := range operations(t, r) {
			for name, value := range credentials {
				a := r.Do(t, op.method, op.at("1"), `{"query":`, apptest.Header("Authorization", value), apptest.Header("Accept", "text/html"))
				a.Fails(401, "unauthorized", "Access Token Invalid")
				for header := range a.Header {
					if strings.HasPrefix(strings.ToLower(header), "x-ratelimit") {
						t.Errorf("%s %s with %s is told of the rate: %s", op.method, op.path, name, header)
					}
				}
			}
		}
		for name, value := range map[string]string{
			"bearer": "Bearer " + r.Token, "bearer in lower case": "bearer " + r.Token, "bearer with room": "Bearer   " + r.Token + " ",
			"basic": basic(r.Token, ""), "basic without a colon": "Basic " + base64.StdEncoding.EncodeToString([]byte(r.Token)), "basic in lower case": strings.Replace(basic(r.Token, ""), "Basic", "basic", 1),
		} {
			if a := r.Get(t, "/me", apptest.Header("Authorization", value)); a.Status != 200 || a.ID() != r.Admin.ID.String() {
				t.Errorf("%s is not let in: %s", name, a.Body)
			}
		}
	})
}

// What is no operation is not found, a known path by another method included;
// and nobody is told which methods there are.
func TestUnknownRoutes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		known := map[string]bool{}
		paths := map[string]bool{}
		for _, op := range operations(t, r) {
			known[op.method+" "+op.path] = true
			known["HEAD "+op.path] = known["HEAD "+op.path] || op.method == "GET"
			paths[op.path] = true
		}
		// A path with an id can be that of another operation: /companies/{id} of /companies/list.
		overlaps := func(method, path string) bool {
			for other := range paths {
				if known[method+" "+other] && matchesPath(other, path) {
					return true
				}
			}
			return false
		}
		for path := range paths {
			for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} {
				concrete := apiOperation{path: path}.at("1")
				if known[method+" "+path] || overlaps(method, concrete) {
					continue
				}
				a := r.Do(t, method, concrete, nil)
				a.Fails(404, "not_found", "Resource Not Found")
				if a.Header.Get("Allow") != "" {
					t.Errorf("%s %s tells what is allowed", method, path)
				}
			}
		}
		for _, path := range []string{"/", "/nope", "/contacts/1/2/3", "/Contacts", "/contact", "/v2/contacts", "/contacts.json", "/contacts;x=1",
			"/contacts//", "//", "/contacts//tags", "/./contacts", "/contacts/../contacts", "/contacts/.", "/contacts/..",
			"/contacts/%2e%2e/tags", "/contacts/%2E", "/%00", "/contacts%00", "/nope?x=%00", "/*"} {
			for _, method := range []string{"GET", "POST"} {
				r.Do(t, method, path, nil).Fails(404, "not_found", "Resource Not Found")
				r.Do(t, method, path, nil, apptest.Header("Authorization", "")).Fails(404, "not_found", "Resource Not Found")
			}
		}
	})
}

func matchesPath(pattern, path string) bool {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(p) != len(q) {
		return false
	}
	for i := range p {
		if !strings.HasPrefix(p[i], "{") && p[i] != q[i] {
			return false
		}
	}
	return true
}

// One slash at the end of a path means nothing, nor do slashes before it.
func TestSlashes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		id := r.Post(t, "/contacts/", `{"email":"a@x.test"}`).OK().ID()
		for _, path := range []string{"/contacts", "/contacts/" + id, "/contacts/" + id + "/tags", "/tags"} {
			without := r.Get(t, path).OK()
			for _, with := range []string{path + "/", "/" + path, "//" + path + "/"} {
				if a := r.Get(t, with); string(a.Body) != string(without.Body) {
					t.Errorf("%s differs: %s", with, a.Body)
				}
			}
		}
		r.Put(t, "/contacts/"+id+"/", `{"name":"A"}`).OK()
		r.Get(t, "/contacts/?per_page=151").Fails(400, "parameter_invalid", "Per Page is too big")
		r.Delete(t, "/contacts/"+id+"/", nil).OK()
	})
}

func TestAccept(t *testing.T) {
	accepted := []string{"", "application/json", "*/*", "application/*", "application/json, text/plain, */*",
		"application/vnd.intercom.3+json", "APPLICATION/JSON", "application/json; charset=utf-8", "text/html;q=0.9,application/json;q=0.1",
		"text/html, image/gif, *; q=.2", "application/problem+json", "nonsense, application/json", " application/json "}
	refused := []string{"text/html", "application/octet-stream", "text/*", "application/xml", "image/*", "application/json;q=0", "*/*;q=0.0",
		"nonsense", "application/jsonp", "text/json"}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, value := range accepted {
			r.Get(t, "/me", apptest.Header("Accept", value)).OK()
		}
		for _, op := range operations(t, r) {
			r.Do(t, op.method, op.at("1"), nil, apptest.Header("Accept", "text/html")).
				Fails(406, "media_type_not_acceptable", "The Accept header should send a media type of "+op.produces)
		}
		for _, value := range refused {
			r.Get(t, "/me", apptest.Header("Accept", value)).
				Fails(406, "media_type_not_acceptable", "The Accept header should send a media type of application/json")
		}
		// Several headers are one.
		r.Get(t, "/me", func(hr *http.Request) { hr.Header["Accept"] = []string{"text/html", "application/json"} }).OK()
	})
}

func TestContentType(t *testing.T) {
	const refused = "The Content-Type header should send a media type of application/json"
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		body := `{"role":"lead"}`
		for _, value := range []string{"", "application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.intercom.3+json"} {
			r.Post(t, "/contacts", body, apptest.Header("Content-Type", value)).OK()
		}
		for _, value := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "json", "application/json;;"} {
			r.Post(t, "/contacts", body, apptest.Header("Content-Type", value)).Fails(415, "unsupported", refused)
		}
		for _, op := range operations(t, r) {
			a := r.Do(t, op.method, op.at("1"), `a=b`, apptest.Header("Content-Type", "application/x-www-form-urlencoded"))
			if op.takesBody {
				a.Fails(415, "unsupported", refused)
			} else if a.Status == 415 { // what is not read is not judged
				t.Errorf("%s %s takes no body, and answers %s", op.method, op.path, a.Body)
			}
		}
		// SDKs say so even of a body that is not there.
		r.Post(t, "/tags", nil, apptest.Header("Content-Type", "application/x-www-form-urlencoded")).Fails(400, "parameter_invalid", "invalid tag parameters")
	})
}

func TestVersion(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, version := range []string{"", "1.0", "1.4", "2.0", "2.9", "2.10", "2.14", "2.16", "Unstable", "Preview"} {
			a := r.Get(t, "/me", apptest.Header("Intercom-Version", version)).OK()
			if got := a.Header.Get("Intercom-Version"); got != "2.9" {
				t.Errorf("asked for %q, the answer is in %q", version, got)
			}
		}
		for _, op := range operations(t, r) {
			a := r.Do(t, op.method, op.at("1"), nil, apptest.Header("Intercom-Version", "latest"))
			op.fails(t, a, 400, "intercom_version_invalid", "The requested version could not be found")
		}
		for _, version := range []string{"2", "2.", "3.0", "0.9", "2.9.1", "2.x", "v2.9", "2.100", " ", "2.9, 2.9", "preview", "2.9\n"} {
			r.Get(t, "/me", func(hr *http.Request) { hr.Header["Intercom-Version"] = []string{version} }).
				Fails(400, "intercom_version_invalid", "The requested version could not be found")
		}
	})
}

// Every answer has an id of its own, the same in its header and in its body.
func TestRequestID(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		seen := map[string]bool{}
		for _, path := range []string{"/me", "/contacts", "/contacts/1", "/nope", "/contacts?per_page=0"} {
			for _, edit := range []apptest.Edit{apptest.Header("X-Request-Id", "mine"), apptest.Header("Authorization", "")} {
				a := r.Get(t, path, edit)
				id := a.Header.Get("X-Request-Id")
				if len(id) != 36 || seen[id] {
					t.Errorf("%s has the id %q", path, id)
				}
				if body := a.At("request_id"); a.Status >= 400 && body != id {
					t.Errorf("%s has the id %q in its header and %q in its body", path, id, body)
				}
				seen[id] = true
			}
		}
	})
}

// A client that would take a compressed answer gets a plain one that it can read.
func TestAcceptEncoding(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		plain := r.Get(t, "/me").OK()
		a := r.Get(t, "/me", apptest.Header("Accept-Encoding", "gzip, deflate")).OK()
		if string(a.Body) != string(plain.Body) || a.Header.Get("Content-Encoding") != "" {
			t.Errorf("the answer is encoded: %v", a.Header)
		}
		if got := a.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
			t.Errorf("the answer is %q", got)
		}
	})
}
