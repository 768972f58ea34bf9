package openapi_test

import (
	"bytes"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"parley/internal/openapi"
)

// The types of a lending library, one for each thing the reflector knows.

type Book struct {
	Record
	ID        string         `json:"id" doc:"Identifier of the book." example:"b1"`
	Title     string         `json:"title"`
	Subtitle  *string        `json:"subtitle"`
	Pages     int            `json:"pages,omitzero" example:"320"`
	Price     float64        `json:"price"`
	Lent      bool           `json:"lent"`
	State     string         `json:"state" enum:"new,worn"`
	Condition *string        `json:"condition" enum:"good,bad"`
	Author    *Author        `json:"author" doc:"Who wrote it; null if nobody knows."`
	Editor    *Author        `json:"editor,omitzero"`
	Tags      []string       `json:"tags" enum:"fiction,poetry"`
	Notes     map[string]any `json:"notes"`
	Raw       jsontext.Value `json:"raw,omitempty"`
	Any       any            `json:"any"`
	Copies    List[Copy]     `json:"copies"`
	Ledger    int64          `json:"ledger,string"`
	Shelf     struct {
		Row   int32   `json:"row"`
		Place [2]uint `json:"place"`
	} `json:"shelf"`
	Rating   int      `json:"rating" nullable:"true" enum:"1,2,3"`
	Returned *int     `json:"returned" nullable:"false" format:"unix"`
	Skipped  chan int `json:"-"`
}

type Record struct {
	Type string `json:"type"`
	ID   int    `json:"id"` // hidden by the one of Book
}

type Author struct {
	Name  string   `json:"name"`
	Books []Book   `json:"books,omitzero"`
	Pupil []Author `json:"pupils,omitzero"`
}

type Copy struct {
	Number int               `json:"number"`
	Extra  map[string]string `json:",embed"`
}

type List[T any] struct {
	Data  []T `json:"data"`
	Total int
}

// An Opt has the shape of a patch field.
type Opt[T any] struct {
	Value T
	Set   bool
	Null  bool
}

// A FlexID is a string or a number.
type FlexID string

func (FlexID) MarshalJSON() ([]byte, error) { return []byte(`"1"`), nil }

func (FlexID) Schema() map[string]any {
	return map[string]any{"type": []string{"string", "integer"}}
}

// A Query mentions itself and other types.
type Query struct{ Filter any }

func (Query) SchemaName() string { return "query" }

func (Query) Schema() map[string]any {
	return map[string]any{"oneOf": []any{
		map[string]any{"type": "object", "properties": map[string]any{
			"all": map[string]any{"type": "array", "items": reflect.TypeFor[Query]()},
		}},
		map[string]any{"anyOf": []any{reflect.TypeFor[FlexID](), map[string]any{"type": "null"}}},
	}}
}

type BookPatch struct {
	Title    Opt[string]    `json:"title,omitzero" doc:"The new title."`
	State    Opt[string]    `json:"state,omitzero" enum:"new,worn"`
	AuthorID FlexID         `json:"author_id,omitzero"`
	Author   Opt[NewAuthor] `json:"author,omitzero"`
	Subtitle *string        `json:"subtitle,omitzero"`
}

type NewAuthor struct {
	Name string `json:"name"`
}

type Failure struct {
	Code    string  `json:"code"`
	Message *string `json:"message"`
}

// An Absence is another form of failure.
type Absence struct {
	Reason string `json:"reason"`
}

func library() *openapi.Doc {
	return openapi.Document(
		openapi.Info{Title: "Library", Version: "1.0", Description: "Lends books.\n\nAnd takes them back.", ServerURL: "https://library.test"},
		reflect.TypeFor[Failure](),
		[]openapi.Operation{{
			Method: "GET", Path: "/books", ID: "listBooks", Tag: "Books", Summary: "List the books.",
			Params: []openapi.Param{
				{Name: "state", Description: "Only books in this state.", Enum: []string{"new", "worn"}},
				{Name: "page", Type: "integer"},
				{Name: "author", Required: true},
			},
			Response: reflect.TypeFor[List[Book]](),
			Examples: []openapi.Example{
				{Name: "a_page", Summary: "The second page", Query: map[string]string{"page": "2", "author": "12"}, Status: 200,
					Response: jsontext.Value(`{"data":[],"Total":1}`)},
				{Name: "the_new_ones", Query: map[string]string{"state": "new", "author": "yes"}, Status: 200},
			},
		}, {
			Method: "PUT", Path: "/books/{id}", ID: "updateBook", Tag: "Books", Summary: "Change a book.",
			Description: "Absent members keep their value; `null` clears them.",
			Request:     reflect.TypeFor[BookPatch](), Response: reflect.TypeFor[*Book](),
			Errors: []int{404, 400, 401}, Failures: map[int]reflect.Type{404: reflect.TypeFor[Absence]()},
			Examples: []openapi.Example{{Name: "another_title", Path: map[string]string{"id": "b1"}, Status: 200,
				Request: jsontext.Value(`{"title": "Of Mice", "state":null}`), Response: jsontext.Value(`{"title":"Of Mice", "id":"b1"}`)}},
		}, {
			Method: "POST", Path: "/authors/{author}/books/{$}", ID: "findBooks", Tag: "Authors",
			Params:  []openapi.Param{{Name: "author", In: "path", Type: "integer", Description: "A number."}},
			Request: reflect.TypeFor[Query](), Response: reflect.TypeFor[[]Book](), Status: 202,
		}, {
			Method: "DELETE", Path: "/books/{id}", ID: "deleteBook", Tag: "Books",
		}, {
			Method: "GET", Path: "/covers/{path...}", ID: "downloadCover", Produces: "image/png",
		}},
	)
}

func TestDocumentIsTheGoldenOne(t *testing.T) {
	t.Parallel()
	got, err := library().YAML()
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/library.yaml"
	if os.Getenv("PARLEY_TEST_UPDATE") != "" {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the document changed; renew it with PARLEY_TEST_UPDATE=1 (-golden +got):\n%s", diff)
	}
}

func TestDocumentIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	first, err := library().JSON()
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := library().JSON()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again) {
			t.Fatal("two runs differ")
		}
	}
}

func TestYAMLSaysWhatJSONSays(t *testing.T) {
	t.Parallel()
	// Texts that YAML would read as something else if they were not quoted.
	texts := []string{"yes", "No", "null", "~", "2.9", "1e3", "0x10", "2020-01-02", ">=", "!=", "^", "$", "=", "a: b", "# c",
		" lead", "trail ", "", "-", "- a", "*x", "&x", "%", "@", "`", "'", `"`, "a\nb", "a\n\n b\n", "tab\there", " a\nb", "a\n ", "\n", "\na", "a\n\n", "a \nb", "\ta\nb", "a\n\tb", "\u0001", "é\u2028", "\U0001F4D8", "{", "[]", "?", "|", "<<"}
	doc := openapi.Document(openapi.Info{Title: strings.Join(texts, "\n"), Version: "2.9"}, nil, []openapi.Operation{{
		Method: "GET", Path: "/", ID: "yes", Tag: "no", Summary: " a: b", Params: []openapi.Param{{Name: "on", Enum: texts}},
	}})
	asJSON, err := doc.JSON()
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := doc.YAML()
	if err != nil {
		t.Fatal(err)
	}
	var fromJSON, fromYAML any
	if err := json.Unmarshal(asJSON, &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(asYAML, &fromYAML); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
		t.Errorf("(-json +yaml):\n%s", diff)
	}
}

// compiled is the library's document and a compiler that knows it.
func compiled(t *testing.T) (map[string]any, *jsonschema.Compiler) {
	t.Helper()
	text, err := library().JSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("library.json", doc); err != nil {
		t.Fatal(err)
	}
	return doc, c
}

func TestEverySchemaCompilesAndEveryReferenceResolves(t *testing.T) {
	t.Parallel()
	doc, c := compiled(t)
	var count int
	var walk func(at string, node any)
	walk = func(at string, node any) {
		switch node := node.(type) {
		case map[string]any:
			if ref, ok := node["$ref"].(string); ok && !resolves(doc, ref) {
				t.Errorf("%s: %s leads nowhere", at, ref)
			}
			for _, key := range slices.Sorted(maps.Keys(node)) {
				walk(at+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(key), node[key])
			}
		case []any:
			for _, item := range node {
				walk(at+"/-", item)
			}
		}
		parent, last := at[:max(0, strings.LastIndex(at, "/"))], at[strings.LastIndex(at, "/")+1:]
		if parent == "/components/schemas" || last == "schema" && !strings.Contains(at, "/-/") {
			count++
			if _, err := c.Compile("library.json#" + at); err != nil {
				t.Errorf("%s: %v", at, err)
			}
		}
	}
	walk("", doc)
	if count < 10 {
		t.Errorf("only %d schemas were found", count)
	}
}

func resolves(doc map[string]any, ref string) bool {
	var at any = doc
	for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		in, _ := at.(map[string]any)
		at = in[name]
	}
	return at != nil
}

func TestSchemasJudge(t *testing.T) {
	t.Parallel()
	_, c := compiled(t)
	emptyBook, err := json.Marshal(Book{State: "new", Rating: 1, Returned: new(int)})
	if err != nil {
		t.Fatal(err)
	}
	with := func(member string) string {
		return strings.Replace(string(emptyBook), "{", "{"+member+",", 1)
	}
	for _, tt := range []struct {
		name, schema, value string
		fits                bool
	}{
		{"a book of zero values", "book", string(emptyBook), true},
		{"a member nobody documented", "book", with(`"colour":"red"`), false},
		{"an omitted pointer that is there", "book", with(`"editor":{"name":"Ann"}`), true},
		{"an omitted pointer that is null", "book", with(`"editor":null`), false},
		{"any further member where a field catches them", "copy", `{"number":1,"colour":"red"}`, true},
		{"a further member of another type", "copy", `{"number":1,"colour":3}`, false},
		{"an empty patch", "book_patch", `{}`, true},
		{"a patch that clears", "book_patch", `{"title":null,"state":null,"author":null,"subtitle":null}`, true},
		{"a patch that sets", "book_patch", `{"title":"A","state":"worn","author":{"name":"Ann"},"author_id":3}`, true},
		{"a value outside the list", "book_patch", `{"state":"burnt"}`, false},
		{"a request with a member nobody knows", "book_patch", `{"colour":"red"}`, true},
		{"a request without what it must have", "book_patch", `{"author":{}}`, false},
		{"a failure of another form", "absence", `{"reason":"lent"}`, true},
		{"a failure of another form with more", "absence", `{"reason":"lent","code":"x"}`, false},
		{"a nested query", "query", `{"all":[{"all":[]},3,null]}`, true},
		{"not a query", "query", `{"all":true}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			schema, err := c.Compile("library.json#/components/schemas/" + tt.schema)
			if err != nil {
				t.Fatal(err)
			}
			var value any
			if err := json.Unmarshal([]byte(tt.value), &value); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); (err == nil) != tt.fits {
				t.Errorf("fits = %t, want %t: %v\n%s", err == nil, tt.fits, err, tt.value)
			}
		})
	}
}
