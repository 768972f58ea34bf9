package openapi_test

import (
	"reflect"
	"strings"
	"testing"

	"parley/internal/openapi"
)

type secretive struct{ Name string }

func (*secretive) UnmarshalJSON([]byte) error { return nil }

type endless []endless

type badTags struct {
	A bool           `json:"a" enum:"x"`
	B int            `json:"b" example:"many"`
	C int            `json:"c" nullable:"maybe"`
	D map[string]int `json:"d" enum:"x"`
}

type badName struct{}

func (badName) SchemaName() string { return "a b" }

// exemplify is an operation with a parameter of each kind, and examples.
func exemplify(examples ...openapi.Example) []openapi.Operation {
	return []openapi.Operation{{Method: "GET", Path: "/a/{id}", ID: "x", Params: []openapi.Param{{Name: "page"}}, Examples: examples}}
}

func TestMistakesAreReported(t *testing.T) {
	t.Parallel()
	type Author struct{} // the same name as the library's
	ask := func(request reflect.Type) []openapi.Operation {
		return []openapi.Operation{{Method: "GET", Path: "/", ID: "x", Request: request}}
	}
	for _, tt := range []struct {
		name string
		ops  []openapi.Operation
		says []string
	}{
		{"a type that reads its own JSON", ask(reflect.TypeFor[secretive]()), []string{"secretive writes or reads its own JSON"}},
		{"a type that contains itself", ask(reflect.TypeFor[endless]()), []string{"endless contains itself"}},
		{"a type without JSON", ask(reflect.TypeFor[map[string]func()]()), []string{"func() has no JSON"}},
		{"tags that do not fit", ask(reflect.TypeFor[badTags]()), []string{"badTags.A", "badTags.B", "badTags.C", "badTags.D"}},
		{"a name that is none", ask(reflect.TypeFor[badName]()), []string{`"a b" cannot name a schema`}},
		{"two types of one name", []openapi.Operation{
			{Method: "GET", Path: "/", ID: "x", Request: reflect.TypeFor[Author](), Response: reflect.TypeFor[NewBook]()},
		}, []string{`are both named "author"`}},
		{"two operations of one id", []openapi.Operation{{Method: "GET", Path: "/a", ID: "x"}, {Method: "GET", Path: "/b", ID: "x"}},
			[]string{`GET /b: operation id "x"`}},
		{"one operation twice", []openapi.Operation{{Method: "GET", Path: "/a", ID: "x"}, {Method: "GET", Path: "/a", ID: "y"}},
			[]string{"GET /a: described twice"}},
		{"a path parameter that the path lacks", []openapi.Operation{{Method: "GET", Path: "/a", ID: "x", Params: []openapi.Param{{Name: "id", In: "path"}}}},
			[]string{`the path has no parameter "id"`}},
		{"an example of a failure", exemplify(openapi.Example{Name: "x", Status: 404}), []string{`GET /a/{id}: example "x": its status is 404, that of success 200`}},
		{"two examples of one name", exemplify(openapi.Example{Name: "x", Status: 200}, openapi.Example{Name: "x", Status: 200}),
			[]string{`example "x": the name is missing or not unique`}},
		{"an example without a name", exemplify(openapi.Example{Status: 200}), []string{`example "": the name is missing or not unique`}},
		{"an example with parameters of nobody", exemplify(openapi.Example{Name: "x", Status: 200, Path: map[string]string{"page": "1"}, Query: map[string]string{"id": "1"}}),
			[]string{`the path has no parameter "page"`, `there is no parameter "id" of the query`}},
		{"an example with a body where there is none", exemplify(openapi.Example{Name: "x", Status: 200, Request: []byte(`{}`)}),
			[]string{"it has a body, the request has none"}},
		{"an example with an answer where there is none", exemplify(openapi.Example{Name: "x", Status: 200, Response: []byte(`{}`)}),
			[]string{"its answer has a body, that of the operation none"}},
		{"an example that is no JSON", []openapi.Operation{{Method: "GET", Path: "/a", ID: "x", Response: reflect.TypeFor[NewAuthor](),
			Examples: []openapi.Example{{Name: "x", Status: 200, Response: []byte(`{`)}}}}, []string{"a body is not JSON"}},
		{"a status that is none", []openapi.Operation{{Method: "GET", Path: "/a", ID: "x", Errors: []int{499}}}, []string{"499 is not an HTTP status"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := openapi.Document(openapi.Info{}, nil, tt.ops).YAML()
			if err == nil {
				t.Fatal("nothing was reported")
			}
			for _, text := range tt.says {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%q does not say %q", err, text)
				}
			}
		})
	}
}

// NewBook needs the library's Author.
type NewBook struct {
	Author Author `json:"author"`
}
