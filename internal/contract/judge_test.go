package contract_test

import (
	"reflect"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/contract"
	"parley/internal/openapi"
)

func load(t *testing.T, path string, known ...contract.Exception) *contract.Judge {
	t.Helper()
	j, err := contract.Load(path, known)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

const (
	garden30 = "testdata/garden-3.0.yaml"
	garden31 = "testdata/garden-3.1.json"
	asJSON   = "application/json; charset=utf-8"
)

// found is what a violation is about, without its words.
type found struct {
	Kind    contract.Kind
	Pointer string
}

func about(violations []contract.Violation) []found {
	var list []found
	for _, v := range violations {
		list = append(list, found{v.Kind, v.Pointer})
	}
	return list
}

func schemaAt(pointers ...string) []found {
	var list []found
	for _, p := range pointers {
		list = append(list, found{contract.KindSchema, p})
	}
	return list
}

func TestJudgeOfBodies(t *testing.T) {
	t.Parallel()
	garden := map[string]*contract.Judge{garden30: load(t, garden30), garden31: load(t, garden31)}
	for _, tt := range []struct {
		name, doc, body string
		want            []found
	}{
		{"a plant", garden30, `{"name":"Rose"}`, nil},
		{"members nobody documented, in an open schema", garden30, `{"name":"Rose","smell":1}`, nil},
		{"a missing member", garden30, `{}`, schemaAt("/name")},
		{"null where it may be", garden30, `{"name":"Rose","nickname":null,"light":null,"bed":null,"owner":null,"water":null,"colours":[null]}`, nil},
		{"null where it may not be", garden30, `{"name":null,"planted_at":null,"colours":null}`, schemaAt("/colours", "/name", "/planted_at")},
		{"values where null may be", garden30, `{"name":"Rose","nickname":"R","light":"sun","bed":{"number":1},"owner":{"id":"1"},"water":3}`, nil},
		{"wrong values where null may be", garden30, `{"name":"Rose","nickname":1,"light":"dark","bed":{"number":"1"},"owner":{},"water":false}`,
			schemaAt("/bed/number", "/light", "/nickname", "/owner/id", "/water")},
		{"a nested unknown member", garden30, `{"name":"Rose","bed":{"plants":[{"name":"Fern","bed":{"size":1,"form":2}}]}}`,
			schemaAt("/bed/plants/0/bed/form", "/bed/plants/0/bed/size")},
		{"the nearest of several schemas", garden30, `{"name":"Rose","water":{"number":"1"}}`, schemaAt("/water/number")},
		{"a format that does not fit the type", garden30, `{"name":"Rose","planted_at":1700000000}`, nil},
		{"an exclusive bound", garden30, `{"name":"Rose","height":0}`, schemaAt("/height")},
		{"an inclusive bound", garden30, `{"name":"Rose","height":100}`, nil},
		{"a whole number written as a fraction", garden30, `{"name":"Rose","height":1.0}`, nil},
		{"a map of strings", garden30, `{"name":"Rose","labels":{"a/b":1,"c":"x"}}`, schemaAt("/labels/a~1b")},
		{"an undefined schema is any object", garden30, `{"name":"Rose","soil":{"wet":true}}`, nil},
		{"an undefined schema is an object", garden30, `{"name":"Rose","soil":"wet"}`, schemaAt("/soil")},
		{"a member named as a keyword", garden30, `{"name":"Rose","nullable":"yes"}`, schemaAt("/nullable")},
		{"a member that must not be", garden30, `{"name":"Rose","never":1}`, schemaAt("/never")},
		{"not an object", garden30, `[]`, schemaAt("")},
		{"no JSON", garden30, `{"name":`, []found{{contract.KindBody, ""}}},
		{"a member twice", garden30, `{"name":"Rose","name":"Fern"}`, []found{{contract.KindBody, ""}}},
		{"nothing", garden30, ``, []found{{contract.KindBody, ""}}},

		{"a plant", garden31, `{"name":"Rose","nickname":null,"bed":null}`, nil},
		{"unknown members of a closed schema", garden31, `{"name":"Rose","smell":1,"taste":2}`, schemaAt("/smell", "/taste")},
		{"a nested mistake", garden31, `{"name":"Rose","bed":{"number":"1"}}`, schemaAt("/bed/number")},
	} {
		t.Run(tt.doc[len("testdata/"):]+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			got := garden[tt.doc].Response("GET", "/plants/7", 200, asJSON, []byte(tt.body))
			if diff := cmp.Diff(tt.want, about(got)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%v", diff, got)
			}
		})
	}
}

func TestJudgeOfAnswers(t *testing.T) {
	t.Parallel()
	j := load(t, garden30)
	for _, tt := range []struct {
		name, method, path string
		status             int
		contentType, body  string
		want               []found
	}{
		{"an unknown path", "GET", "/weeds", 200, asJSON, `{}`, []found{{contract.KindOperation, ""}}},
		{"an unknown method", "PUT", "/plants/7", 200, asJSON, `{}`, []found{{contract.KindOperation, ""}}},
		{"an empty parameter", "GET", "/plants/", 200, asJSON, `{}`, []found{{contract.KindOperation, ""}}},
		{"an unknown status", "GET", "/plants/7", 500, asJSON, `{}`, []found{{contract.KindStatus, ""}}},
		{"a fixed segment beats a parameter", "GET", "/plants/list", 200, asJSON, `[]`, nil},
		{"unless only the parameter has the method", "DELETE", "/plants/list", 200, "", ``, nil},
		{"or the rest of the path", "GET", "/plants/list/photo", 200, "image/png", `x`, nil},
		{"a shared response", "GET", "/plants/7", 404, asJSON, `{}`, schemaAt("/code")},
		{"no body where none is documented", "DELETE", "/plants/7", 200, "", ``, nil},
		{"a body where none is documented", "DELETE", "/plants/7", 200, asJSON, `{}`, []found{{contract.KindBody, ""}}},
		{"another media type", "GET", "/plants/7", 200, "text/html", `<p>`, []found{{contract.KindContent, ""}}},
		{"no media type", "GET", "/plants/7", 200, "", `{}`, []found{{contract.KindContent, ""}}},
		{"a media range", "GET", "/plants/7/photo", 200, "image/png", "\x89PNG", nil},
		{"outside a media range", "GET", "/plants/7/photo", 200, "text/plain", "x", []found{{contract.KindContent, ""}}},
		{"JSON without a schema", "GET", "/plants/7/photo", 202, asJSON, `{"any":1}`, nil},
		{"the status itself", "POST", "/plants", 400, asJSON, `{}`, schemaAt("/code")},
		{"the range of the status", "POST", "/plants", 422, "application/problem+json", `{}`, schemaAt("/code")},
		{"any other status", "POST", "/plants", 500, "", ``, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := j.Response(tt.method, tt.path, tt.status, tt.contentType, []byte(tt.body))
			if diff := cmp.Diff(tt.want, about(got)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%v", diff, got)
			}
		})
	}
}

func TestViolationNamesTheTemplate(t *testing.T) {
	t.Parallel()
	j := load(t, garden30)
	got := j.Response("GET", "/plants/7", 200, asJSON, []byte(`{"name":3}`))
	want := []contract.Violation{{
		Kind: contract.KindSchema, Operation: "GET /plants/{id}", Status: 200, Pointer: "/name", Message: "got number, want string",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, want := got[0].String(), `GET /plants/{id} 200: schema at "/name": got number, want string`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	j := load(t, garden30)
	want := []contract.Op{
		{Method: "POST", Path: "/plants", ID: "plant", Tags: []string{"Plants", "Work"}, Statuses: []int{200, 400}, Examples: []contract.Example{
			{Name: "bad_request", Request: []byte(`{}`), Status: 400, Response: []byte(`{"code":"no_name"}`)},
			{Name: "lonely", Request: []byte(`{"name":"Fern"}`)},
			{Name: "planted_in_spring", Request: []byte(`{"name":"Rose"}`), Status: 200, Response: []byte(`{"name":"Rose"}`)},
			{Name: "planted_in_autumn", Status: 200, Response: []byte(`{"name":"Fern"}`)},
		}},
		{Method: "GET", Path: "/plants/list", ID: "listPlants", Statuses: []int{200}},
		{Method: "GET", Path: "/plants/{id}", ID: "showPlant", Tags: []string{"Plants"}, Statuses: []int{200, 404}, Examples: []contract.Example{
			{Name: "found", Status: 200, Response: []byte(`{"colours":[null,null],"height":3,"name":"Rose"}`)},
		}},
		{Method: "DELETE", Path: "/plants/{id}", ID: "deletePlant", Statuses: []int{200}},
		{Method: "GET", Path: "/plants/{id}/photo", ID: "showPhoto", Statuses: []int{200, 202}},
	}
	if diff := cmp.Diff(want, j.Operations()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"soil"}, j.Undefined()); diff != "" {
		t.Errorf("undefined schemas (-want +got):\n%s", diff)
	}
}

func TestJudgeOfManyAtOnce(t *testing.T) {
	t.Parallel()
	j := load(t, garden30, contract.Exception{Operation: "*", Pointer: "/**/number", Reason: "numbers are words"})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if got := j.Response("GET", "/plants/7", 200, asJSON, []byte(`{"name":3,"bed":{"number":"one"}}`)); len(got) != 1 {
					t.Errorf("got %v", got)
					return
				}
			}
		})
	}
	all.Wait()
	if got := j.Unused(); got != nil {
		t.Errorf("unused: %v", got)
	}
}

// answering is a document of one operation, by the schema of its answer.
func answering(schema string) string {
	return `{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"content":{"application/json":{"schema":` + schema + `}}}}}}}}`
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, doc, want string }{
		{"another version", `swagger: "2.0"`, "openapi is <nil>, want 3.0 or 3.1"},
		{"no operations", `{"openapi":"3.1.0","paths":{}}`, "the document has no operations"},
		{"a dangling response", `{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"$ref":"#/components/responses/x"}}}}}}`,
			"GET /a: nothing at #/components/responses/x"},
		{"another file", `{"openapi":"3.1.0","paths":{"/a":{"$ref":"other.json"}}}`, "other.json is outside the document"},
		{"a circle", `{"openapi":"3.1.0","paths":{"/a":{"$ref":"#/paths/~1a"}}}`, "#/paths/~1a refers to itself"},
		{"a schema that refers to nothing", answering(`{"properties":{"a":{"items":{"$ref":"#/components/other"}}}}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: " +
				"the schema at #/paths/~1a/get/responses/200/content/application~1json/schema/properties/a: " +
				"the schema at #/paths/~1a/get/responses/200/content/application~1json/schema/properties/a/items: " +
				"the schema at #/components/other: a schema is an object or a boolean, not null"},
		{"a schema that is what it is", answering(`{"anyOf":[{"type":"null"},{"allOf":[{"$ref":"#/paths/~1a/get/responses/200/content/application~1json/schema"}]}]}`),
			"the schema at #/paths/~1a/get/responses/200/content/application~1json/schema refers to itself"},
		{"a schema of another file", answering(`{"$ref":"other.json"}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: other.json is outside the document"},
		{"a keyword that is passed over", answering(`{"dependentRequired":{}}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: the keyword dependentRequired is not known"},
		{"a type that is none", answering(`{"type":["string","text"]}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: there is no type text"},
		{"a type that is no text", answering(`{"type":5}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: type cannot be 5"},
		{"a member that is required, not in a list", answering(`{"required":"a"}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: required cannot be \"a\""},
		{"no list of values", answering(`{"enum":null}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: enum cannot be null"},
		{"a bound that is no number", answering(`{"minimum":true}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: minimum cannot be true"},
		{"a list of properties", answering(`{"properties":[]}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: properties is array, want object"},
		{"a pattern that is none", answering(`{"pattern":"("}`),
			"GET /a: 200: the schema at #/paths/~1a/get/responses/200/content/application~1json/schema: error parsing regexp: missing closing ): `(`"},
		{"half a parameter", `{"openapi":"3.1.0","paths":{"/a/{b}.json":{"get":{}}}}`, "/a/{b}.json: a parameter must be a whole segment"},
		{"two names for one path", `{"openapi":"3.1.0","paths":{"/{a}":{"get":{}},"/{b}":{"get":{}}}}`, "GET /{a} and GET /{b} cannot be told apart"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := contract.New([]byte(tt.doc), nil)
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestJudgeOfAWrittenDocument(t *testing.T) {
	t.Parallel()
	type Person struct {
		ID   string  `json:"id"`
		Name *string `json:"name"`
	}
	type Failure struct {
		Code string `json:"code"`
	}
	doc := openapi.Document(openapi.Info{Title: "People", Version: "1"}, reflect.TypeFor[Failure](), []openapi.Operation{
		{Method: "GET", Path: "/people/{id}", ID: "showPerson", Response: reflect.TypeFor[Person](), Errors: []int{404}},
		{Method: "GET", Path: "/people/{id}/photo", ID: "showPhoto", Produces: "application/octet-stream"},
	})
	text, err := doc.YAML()
	if err != nil {
		t.Fatal(err)
	}
	j, err := contract.New(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, path, contentType string
		status                  int
		body                    string
		want                    []found
	}{
		{"a person", "/people/1", asJSON, 200, `{"id":"1","name":null}`, nil},
		{"a member too many, one too few", "/people/1", asJSON, 200, `{"id":"1","age":3}`, schemaAt("/age", "/name")},
		{"a failure", "/people/1", asJSON, 404, `{"code":"not_found"}`, nil},
		{"a shapeless failure", "/people/1", asJSON, 401, `{}`, schemaAt("/code")},
		{"a file", "/people/1/photo", "application/octet-stream", 200, "\x00", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := j.Response("GET", tt.path, tt.status, tt.contentType, []byte(tt.body))
			if diff := cmp.Diff(tt.want, about(got)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%v", diff, got)
			}
		})
	}
}

// BenchmarkResponse judges the recorded answers of the contract.
func BenchmarkResponse(b *testing.B) {
	j, err := contract.Load("../../docs/openapi.yaml", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, op := range j.Operations() {
			for _, e := range op.Examples {
				if e.Response != nil {
					j.Response(op.Method, op.Path, e.Status, asJSON, e.Response)
				}
			}
		}
	}
}
