package contract_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/contract"
)

func TestExceptions(t *testing.T) {
	t.Parallel()
	const plant = `{"name":3,"bed":{"number":"1","plants":[{"name":4},{"name":"Fern","bed":{"colour":1}}]},"water":false}`
	for _, tt := range []struct {
		name, operation, pointer string
		excuses                  bool
		want                     []found
	}{
		{"one place", "GET /plants/{id}", "/name", true, schemaAt("/bed/number", "/bed/plants/0/name", "/bed/plants/1/bed/colour", "/water")},
		{"another operation", "GET /plants/list", "/name", false, schemaAt("/bed/number", "/bed/plants/0/name", "/bed/plants/1/bed/colour", "/name", "/water")},
		{"any operation", "*", "/water", true, schemaAt("/bed/number", "/bed/plants/0/name", "/bed/plants/1/bed/colour", "/name")},
		{"any item", "GET /plants/{id}", "/bed/plants/*/name", true, schemaAt("/bed/number", "/bed/plants/1/bed/colour", "/name", "/water")},
		{"any depth", "GET /plants/{id}", "/**/name", true, schemaAt("/bed/number", "/bed/plants/1/bed/colour", "/water")},
		{"all below", "GET /plants/{id}", "/bed/**", true, schemaAt("/name", "/water")},
		{"a place is not what is below it", "GET /plants/{id}", "/bed/plants", false, schemaAt("/bed/number", "/bed/plants/0/name", "/bed/plants/1/bed/colour", "/name", "/water")},
		{"an unknown member", "GET /plants/{id}", "/bed/plants/1/bed/colour", true, schemaAt("/bed/number", "/bed/plants/0/name", "/name", "/water")},
		{"everything", "*", "/**", true, nil},
		{"the whole is not its parts", "*", "", false, schemaAt("/bed/number", "/bed/plants/0/name", "/bed/plants/1/bed/colour", "/name", "/water")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			x := contract.Exception{Operation: tt.operation, Pointer: tt.pointer, Reason: "a test"}
			j := load(t, garden30, x)
			got := j.Response("GET", "/plants/7", 200, asJSON, []byte(plant))
			if diff := cmp.Diff(tt.want, about(got)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%v", diff, got)
			}
			var unused []contract.Exception
			if !tt.excuses {
				unused = []contract.Exception{x}
			}
			if diff := cmp.Diff(unused, j.Unused()); diff != "" {
				t.Errorf("unused (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExceptionForTheWholeBody(t *testing.T) {
	t.Parallel()
	j := load(t, garden30,
		contract.Exception{Operation: "DELETE /plants/{id}", Pointer: "", Reason: "it answers what it deleted"},
		contract.Exception{Operation: "GET /plants/{id}", Pointer: "/**", Reason: "says nothing of the body as such"})
	if got := j.Response("DELETE", "/plants/7", 200, asJSON, []byte(`{}`)); got != nil {
		t.Errorf("got %v", got)
	}
	want := []found{{contract.KindContent, ""}}
	if diff := cmp.Diff(want, about(j.Response("GET", "/plants/7", 200, "text/html", []byte(`<p>`)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWeighTellsWhichExceptionsWereMet(t *testing.T) {
	t.Parallel()
	met := contract.Exception{Operation: "*", Pointer: "/**/number", Reason: "numbers are words"}
	j := load(t, garden30, met, contract.Exception{Operation: "*", Pointer: "/water", Reason: "not met"})
	violations, excused := j.Weigh("GET", "/plants/7", 200, asJSON, []byte(`{"name":3,"bed":{"number":"one","plants":[{"name":"Fern","bed":{"number":"two"}}]}}`))
	if diff := cmp.Diff(schemaAt("/name"), about(violations)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]contract.Exception{met}, excused); diff != "" {
		t.Errorf("excused (-want +got):\n%s", diff)
	}
}

func TestExceptionThatMakesOneOfSeveralSchemasFit(t *testing.T) {
	t.Parallel()
	j := load(t, garden30,
		contract.Exception{Operation: "GET /plants/{id}", Pointer: "/water/number", Reason: "numbers are words"},
		contract.Exception{Operation: "GET /plants/{id}", Pointer: "/water/plants", Reason: "not met"})
	if got := j.Response("GET", "/plants/7", 200, asJSON, []byte(`{"name":"Rose","water":{"number":"one"}}`)); got != nil {
		t.Errorf("got %v", got)
	}
	if got := j.Unused(); len(got) != 1 || got[0].Pointer != "/water/plants" {
		t.Errorf("unused: %v", got)
	}
}

func TestExceptionsThatSayTooLittle(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]contract.Exception{
		"no reason":      {Operation: "*", Pointer: "/name", Reason: " "},
		"no operation":   {Pointer: "/name", Reason: "a test"},
		"no method":      {Operation: "/plants", Pointer: "/name", Reason: "a test"},
		"not a pointer":  {Operation: "*", Pointer: "name", Reason: "a test"},
		"half a pattern": {Operation: "GET plants", Pointer: "/name", Reason: "a test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := contract.Load(garden30, []contract.Exception{x}); err == nil {
				t.Error("was accepted")
			}
		})
	}
}
