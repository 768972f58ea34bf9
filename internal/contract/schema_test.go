package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"parley/internal/contract"
)

// TestSchemas holds for each keyword that a library of JSON Schema accepts the same values.
func TestSchemas(t *testing.T) {
	t.Parallel()
	values := []string{`null`, `true`, `false`, `0`, `1`, `1.0`, `1.5`, `2`, `-3`, `100`, `1e300`, `""`, `"a"`, `"ab"`, `"äöü"`, `"abcd"`, `[]`, `[1]`, `[1,1]`, `[1,2]`,
		`["a",null]`, `[[],[]]`, `[[1],[1.0]]`, `[[{"a":1}]]`, `{}`, `{"a":1}`, `{"a":null}`, `{"a":"a"}`, `{"b":1}`, `{"a":1,"b":2}`, `{"a":{"a":{"a":1}}}`, `{"a":{"a":{"a":"x"}}}`,
		`{"a/b":1,"c~d":"x"}`, `{"type":"a"}`, `{"type":"b","a":1}`}
	for _, schema := range []string{
		`true`, `false`, `{}`, `{"type":"null"}`, `{"type":"boolean"}`, `{"type":"number"}`, `{"type":"integer"}`, `{"type":"string"}`, `{"type":"array"}`, `{"type":"object"}`,
		`{"type":["string","null"]}`, `{"type":["integer","object"]}`, `{"enum":[1,"a",null]}`, `{"enum":[true,[1],{"a":1}]}`, `{"enum":[]}`, `{"const":1}`, `{"const":1,"enum":[1,2]}`, `{"const":3,"enum":[1,2]}`, `{"const":null}`, `{"const":{"a":1}}`,
		`{"minimum":1}`, `{"maximum":1}`, `{"exclusiveMinimum":1}`, `{"exclusiveMaximum":1}`, `{"multipleOf":2}`, `{"multipleOf":0.5}`, `{"minLength":2}`, `{"maxLength":3}`,
		`{"pattern":"b"}`, `{"pattern":"^a?$"}`, `{"minItems":1}`, `{"maxItems":1}`, `{"uniqueItems":true}`, `{"uniqueItems":false}`, `{"minProperties":1}`, `{"maxProperties":1}`,
		`{"items":{"type":"integer"}}`, `{"items":false}`, `{"items":{"items":{"items":{"type":"object"}}}}`, `{"required":["a"]}`, `{"required":["a","b"]}`, `{"properties":{"a":{"type":"integer"}}}`,
		`{"properties":{"a":false}}`, `{"properties":{"a":true},"additionalProperties":false}`, `{"additionalProperties":{"type":"integer"}}`, `{"additionalProperties":true}`,
		`{"properties":{"a/b":{"type":"string"},"c~d":{"type":"string"}}}`,
		`{"allOf":[{"type":"integer"},{"minimum":1}]}`, `{"anyOf":[{"type":"integer"},{"required":["a"],"type":"object"}]}`, `{"oneOf":[{"type":"integer"},{"type":"number"},{"type":"string"}]}`,
		`{"not":{"type":"string"}}`, `{"not":{"not":{"type":"string"}}}`, `{"type":"object","anyOf":[{"required":["a"]},{"required":["b"]}],"additionalProperties":{"type":["integer","null"]}}`,
		`{"properties":{"a":{"$ref":"#/paths/~1a/get/responses/200/content/application~1json/schema"}},"additionalProperties":false,"type":["object","integer"]}`,
		`{"oneOf":[{"properties":{"type":{"const":"a"}},"required":["type"]},{"properties":{"type":{"const":"b"}},"required":["type"]}]}`,
		`{"$ref":"#/components/schemas/some","type":"string","title":"x","description":"x","default":1,"examples":[1],"format":"date","x-a":1,"readOnly":true}`,
	} {
		doc := strings.Replace(answering(schema), `{`, `{"components":{"schemas":{"some":{"type":["string","integer"]}}},`, 1)
		judge, err := contract.New([]byte(doc), nil)
		if err != nil {
			t.Errorf("%s: %v", schema, err)
			continue
		}
		library := compileAll(t, judge, []byte(doc))["GET /a 200"]
		for _, value := range values {
			got := judge.Response("GET", "/a", 200, asJSON, []byte(value))
			if want := library.Validate(decoded(t, value)); (want == nil) != (len(got) == 0) {
				t.Errorf("%s of %s: %v, and the library says: %v", schema, value, got, want)
			}
		}
	}
}

// TestSchemasOfTheContract holds that a library accepts the same answers as the contract does, of those that were recorded and of what becomes of them where
// something is changed.
func TestSchemasOfTheContract(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/openapi.yaml")
	if err == nil {
		text, err = yaml.YAMLToJSON(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	judge, err := contract.New(text, nil)
	if err != nil {
		t.Fatal(err)
	}
	library := compileAll(t, judge, text)
	draw := rand.New(rand.NewPCG(1, 2))
	accepted, refused := 0, 0
	for _, op := range judge.Operations() {
		for _, example := range op.Examples {
			schema := library[fmt.Sprint(op.Method, " ", op.Path, " ", example.Status)]
			if example.Response == nil || schema == nil {
				continue
			}
			for n := range 16 {
				value := decoded(t, string(example.Response))
				for range n % 4 {
					value = changed(draw, value)
				}
				body, err := json.Marshal(value)
				if err != nil {
					t.Fatal(err)
				}
				got := judge.Response(op.Method, op.Path, example.Status, asJSON, body)
				want := schema.Validate(decoded(t, string(body)))
				if (want == nil) != (len(got) == 0) {
					t.Fatalf("%s %s: %s: %v, and the library says: %v", op.Method, op.Path, body, got, want)
				}
				if want == nil {
					accepted++
				} else {
					refused++
				}
			}
		}
	}
	t.Logf("%d accepted, %d refused", accepted, refused)
	if accepted < 100 || refused < 100 {
		t.Errorf("%d accepted and %d refused are too few to tell", accepted, refused)
	}
}

// compileAll has a library compile the schemas of JSON answers, by "GET /a 200".
func compileAll(t *testing.T, judge *contract.Judge, text []byte) map[string]*jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("document.json", decoded(t, string(text))); err != nil {
		t.Fatal(err)
	}
	compiled := map[string]*jsonschema.Schema{}
	for _, op := range judge.Operations() {
		for _, status := range op.Statuses {
			at := fmt.Sprintf("/paths/%s/%s/responses/%d", strings.ReplaceAll(op.Path, "/", "~1"), strings.ToLower(op.Method), status)
			schema, err := c.Compile("document.json#" + at + "/content/application~1json/schema")
			if err == nil {
				compiled[fmt.Sprint(op.Method, " ", op.Path, " ", status)] = schema
			}
		}
	}
	return compiled
}

func decoded(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// changed is a value with something of it changed.
func changed(draw *rand.Rand, value any) any {
	others := []any{nil, true, 0.0, -1.5, 1e9, "", "2", "list", []any{}, map[string]any{}, []any{nil}, map[string]any{"type": "list"}}
	switch v := value.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		if len(names) == 0 || draw.IntN(8) == 0 {
			v["more"] = others[draw.IntN(len(others))]
			return v
		}
		name := names[draw.IntN(len(names))]
		if draw.IntN(6) == 0 {
			delete(v, name)
		} else {
			v[name] = changed(draw, v[name])
		}
		return v
	case []any:
		if len(v) > 0 && draw.IntN(6) > 0 {
			i := draw.IntN(len(v))
			v[i] = changed(draw, v[i])
			return v
		}
	}
	return others[draw.IntN(len(others))]
}

// TestMessages is about what is said of a value that is not as it should be.
func TestMessages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ schema, value, want string }{
		{`{"type":["string","null"]}`, `1`, `"": got number, want string or null`},
		{`{"enum":["a",1,null]}`, `"b"`, `"": value must be one of ["a",1,null]`},
		{`{"pattern":"^a"}`, `"b"`, `"": "b" does not match pattern "^a"`},
		{`{"minLength":2}`, `"b"`, `"": minLength: got 1, want 2`},
		{`{"exclusiveMaximum":2.5}`, `3`, `"": exclusiveMaximum: got 3, want 2.5`},
		{`{"uniqueItems":true}`, `[1,2,1]`, `"": there are items twice`},
		{`false`, `1`, `"": nothing may be there`},
		{`{"not":{"type":"null"}}`, `null`, `"": it is what it must not be`},
		{`{"oneOf":[{"type":"number"},{"type":"integer"}]}`, `1`, `"": 2 schemas of oneOf fit, want one`},
		{`{"required":["a","b"],"properties":{"c":{"type":"null"}},"additionalProperties":false}`, `{"c":1,"d":1}`,
			`"/a": missing; "/b": missing; "/c": got number, want null; "/d": not documented`},
		{`{"items":{"items":false}}`, `[[],[1]]`, `"/1/0": nothing may be there`},
		{`{"anyOf":[{"type":"string"},{"$ref":"#/components/schemas/some"}]}`, `[]`, `"": got array, want string; or got array, want string or integer`},
		{`{"anyOf":[{"type":"string","enum":["a"]},{"type":"null"}]}`, `1`, `"": got number, want string; "": value must be one of ["a"]`},
		{`{"anyOf":[{"type":"string"},{"required":["a"]},{"required":["a","b"]}]}`, `{}`, `"/a": missing`},
	} {
		doc := strings.Replace(answering(c.schema), `{`, `{"components":{"schemas":{"some":{"type":["string","integer"]}}},`, 1)
		judge, err := contract.New([]byte(doc), nil)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, v := range judge.Response("GET", "/a", 200, asJSON, []byte(c.value)) {
			said = append(said, fmt.Sprintf("%q: %s", v.Pointer, v.Message))
		}
		if got := strings.Join(said, "; "); got != c.want {
			t.Errorf("%s of %s:\n got %s\nwant %s", c.schema, c.value, got, c.want)
		}
	}
}
