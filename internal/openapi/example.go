package openapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// An Example is a request of an operation, and the answer that it got.
type Example struct {
	Name     string            // unique among the examples of the operation
	Summary  string            // optional
	Path     map[string]string // values of parameters, by name
	Query    map[string]string
	Request  jsontext.Value // nil: no body
	Status   int            // of the answer: the one of success
	Response jsontext.Value // nil: no body, or one that is not JSON
}

// checkExamples reports what the document has no place for.
func (d *drafter) checkExamples(op Operation, pathParams []string) {
	where := op.Method + " " + op.Path
	var names []string
	for _, e := range op.Examples {
		bad := func(format string, args ...any) {
			d.errs = append(d.errs, fmt.Errorf("%s: example %q: "+format, append([]any{where, e.Name}, args...)...))
		}
		success := op.Status
		if success == 0 {
			success = http.StatusOK
		}
		switch {
		case e.Name == "" || slices.Contains(names, e.Name):
			bad("the name is missing or not unique")
		case e.Status != success:
			bad("its status is %d, that of success %d", e.Status, success)
		case e.Request != nil && op.Request == nil:
			bad("it has a body, the request has none")
		case e.Response != nil && op.Response == nil:
			bad("its answer has a body, that of the operation none")
		case e.Request != nil && !e.Request.IsValid() || e.Response != nil && !e.Response.IsValid():
			bad("a body is not JSON")
		}
		names = append(names, e.Name)
		for _, name := range slices.Sorted(maps.Keys(e.Path)) {
			if !slices.Contains(pathParams, name) {
				bad("the path has no parameter %q", name)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(e.Query)) {
			if !slices.ContainsFunc(op.Params, func(p Param) bool { return p.Name == name && orElse(p.In, "query") == "query" }) {
				bad("there is no parameter %q of the query", name)
			}
		}
	}
}

// param is the value that the example has for a parameter, nil if it has none.
func (e Example) param(p Param) any {
	values := e.Query
	if p.In == "path" {
		values = e.Path
	}
	value, ok := values[p.Name]
	if !ok || p.In == "header" {
		return nil
	}
	if p.Type == "integer" || p.Type == "boolean" {
		if literal := jsontext.Value(value); literal.IsValid() {
			return literal
		}
	}
	return value
}

// raw is a JSON text as a value, nil if there is none.
func raw(text jsontext.Value) any {
	if text == nil {
		return nil
	}
	return text
}

// withExamples adds what each example has for this place of the document.
func withExamples(o object, examples []Example, value func(Example) any) object {
	named := object{}
	for _, e := range examples {
		v := value(e)
		if v == nil {
			continue
		}
		shown := object{}
		if e.Summary != "" {
			shown = shown.set("summary", e.Summary)
		}
		named = named.set(e.Name, shown.set("value", v))
	}
	if len(named) == 0 {
		return o
	}
	return o.set("examples", named)
}
