// Package openapi writes an OpenAPI 3.1 document by reflecting over the Go
// types of request and response bodies.
// It must not serve HTTP, and it knows no route and no noun: the operations
// are handed to it as a list.
package openapi

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Info introduces a document. An empty ServerURL leaves the server unsaid.
type Info struct {
	Title       string
	Version     string
	Description string // Markdown
	ServerURL   string
}

// An Operation is one method on one path.
type Operation struct {
	Method      string // "POST"
	Path        string // in the pattern syntax of http.ServeMux: "/contacts/{id}/tags"
	ID          string // operationId, unique in the document
	Tag         string // the group it belongs to
	Summary     string // one sentence
	Description string // optional, Markdown
	Params      []Param
	Request     reflect.Type // nil: no body
	Response    reflect.Type // nil: empty body, unless Produces says otherwise
	Produces    string       // media type of the success body; empty is application/json
	Status      int          // of success; 0 is 200
	Errors      []int        // documented failures; 401 is always added
	Examples    []Example

	// Failures are the bodies of those failures that are not of the document's type
	// of error, by status.
	Failures map[int]reflect.Type
}

// A Param is a query, path or header parameter. Path parameters that are not
// listed are strings.
type Param struct {
	Name        string
	In          string // "query", "path" or "header"; empty is query
	Description string
	Type        string // "string", "integer" or "boolean"; empty is string
	Required    bool   // path parameters always are
	Enum        []string
}

// A Doc is a finished document.
type Doc struct {
	root object
	err  error
}

// Document describes ops. Bodies of failures have errorType; nil leaves them
// without a body. The operations keep their order, schemas are sorted by name.
//
// Objects that occur in answers are closed (additionalProperties is false);
// objects that occur in requests only stay open.
//
// Members are those of encoding/json/v2. They are required unless their json
// tag says omitzero or omitempty. Pointers may be null, but a pointer that is
// omitted instead is never null in an answer. A struct of exactly Value, Set
// bool and Null bool is a patch field: its value, or null. The tags doc, enum,
// format, example and nullable say more; [Namer] and [Describer] say the rest.
//
// What cannot be described (two types of one name, a type that writes its own
// JSON without saying how, …) is reported by [Doc.JSON] and [Doc.YAML].
func Document(info Info, errorType reflect.Type, ops []Operation) *Doc {
	d := drafter{types: newReflector(), errorType: errorType, answers: map[int]string{}}
	// Answers come first: a type that is both asked and answered is closed.
	d.types.asAnswer()
	for _, op := range ops {
		if op.Response != nil {
			d.types.body(op.Response)
		}
		for _, status := range slices.Sorted(maps.Keys(op.Failures)) {
			d.types.body(op.Failures[status])
		}
	}
	if errorType != nil {
		d.types.body(errorType)
	}

	paths := d.paths(ops)
	root := object{{"openapi", "3.1.0"}, {"info", infoObject(info)}}
	if info.ServerURL != "" {
		root = root.set("servers", []any{object{{"url", info.ServerURL}}})
	}
	root = root.set("security", []any{object{{"bearerAuth", []any{}}}, object{{"basicAuth", []any{}}}})
	root = root.set("tags", tags(ops)).set("paths", paths).set("components", object{
		{"securitySchemes", object{
			{"bearerAuth", object{{"type", "http"}, {"scheme", "bearer"}, {"description", "An access token."}}},
			{"basicAuth", object{{"type", "http"}, {"scheme", "basic"}, {"description", "An access token as the user name, with an empty password."}}},
		}},
		{"responses", d.responses()},
		{"schemas", d.types.components()},
	})
	return &Doc{root: root, err: errors.Join(append(d.errs, d.types.errs...)...)}
}

func infoObject(info Info) object {
	o := object{{"title", info.Title}, {"version", info.Version}}
	if info.Description != "" {
		o = o.set("description", info.Description)
	}
	return o
}

func tags(ops []Operation) []any {
	var seen []string
	list := []any{}
	for _, op := range ops {
		if op.Tag != "" && !slices.Contains(seen, op.Tag) {
			seen = append(seen, op.Tag)
			list = append(list, object{{"name", op.Tag}})
		}
	}
	return list
}

// A drafter collects what the operations have in common while it writes them.
type drafter struct {
	types     *reflector
	errorType reflect.Type
	answers   map[int]string // status → component name of the failures met
	errs      []error
}

func (d *drafter) paths(ops []Operation) object {
	paths := object{}
	ids := map[string]bool{}
	for _, op := range ops {
		where := op.Method + " " + op.Path
		if op.ID == "" || ids[op.ID] {
			d.errs = append(d.errs, fmt.Errorf("%s: operation id %q is missing or not unique", where, op.ID))
		}
		ids[op.ID] = true

		path, names := template(op.Path)
		item, _ := paths.get(path).(object)
		method := strings.ToLower(op.Method)
		if item.get(method) != nil {
			d.errs = append(d.errs, fmt.Errorf("%s: described twice", where))
			continue
		}
		paths = paths.set(path, item.set(method, d.operation(op, names)))
	}
	return paths
}

// template turns a ServeMux pattern into an OpenAPI path and lists its
// parameters.
func template(pattern string) (path string, names []string) {
	segments := strings.Split(pattern, "/")
	for i, s := range segments {
		name, isParam := strings.CutPrefix(s, "{")
		if !isParam {
			continue
		}
		name = strings.TrimSuffix(strings.TrimSuffix(name, "}"), "...")
		if name == "$" { // matches the end of the path only; no parameter
			segments[i] = ""
			continue
		}
		segments[i] = "{" + name + "}"
		names = append(names, name)
	}
	return strings.Join(segments, "/"), names
}

func (d *drafter) operation(op Operation, pathParams []string) object {
	o := object{{"operationId", op.ID}}
	if op.Tag != "" {
		o = o.set("tags", []any{op.Tag})
	}
	if op.Summary != "" {
		o = o.set("summary", op.Summary)
	}
	if op.Description != "" {
		o = o.set("description", op.Description)
	}
	d.checkExamples(op, pathParams)
	if params := d.params(op, pathParams); len(params) > 0 {
		o = o.set("parameters", params)
	}
	if op.Request != nil {
		d.types.asRequest()
		content := object{{"schema", d.types.body(op.Request)}}
		content = withExamples(content, op.Examples, func(e Example) any { return raw(e.Request) })
		body := object{{"content", object{{"application/json", content}}}}
		if d.types.demandsMembers(op.Request) {
			body = body.set("required", true)
		}
		o = o.set("requestBody", body)
	}
	return o.set("responses", d.answersOf(op))
}

func (d *drafter) params(op Operation, pathParams []string) []any {
	listed := slices.Clone(op.Params)
	for _, p := range op.Params {
		if p.In == "path" && !slices.Contains(pathParams, p.Name) {
			d.errs = append(d.errs, fmt.Errorf("%s %s: the path has no parameter %q", op.Method, op.Path, p.Name))
		}
	}
	for i, name := range pathParams {
		at := slices.IndexFunc(listed, func(p Param) bool { return p.In == "path" && p.Name == name })
		p := Param{Name: name, In: "path"}
		if at >= 0 {
			p = listed[at]
			listed = slices.Delete(listed, at, at+1)
		}
		p.Required = true
		listed = slices.Insert(listed, i, p)
	}

	var list []any
	for _, p := range listed {
		schema := object{{"type", orElse(p.Type, "string")}}
		if len(p.Enum) > 0 {
			schema = schema.set("enum", p.Enum)
		}
		o := object{{"name", p.Name}, {"in", orElse(p.In, "query")}}
		if p.Description != "" {
			o = o.set("description", p.Description)
		}
		if p.Required {
			o = o.set("required", true)
		}
		o = withExamples(o.set("schema", schema), op.Examples, func(e Example) any { return e.param(p) })
		list = append(list, o)
	}
	return list
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func (d *drafter) answersOf(op Operation) object {
	status := op.Status
	if status == 0 {
		status = http.StatusOK
	}
	success := object{{"description", http.StatusText(status)}}
	switch {
	case op.Response != nil:
		d.types.asAnswer()
		body := object{{"schema", d.types.body(op.Response)}}
		body = withExamples(body, op.Examples, func(e Example) any { return raw(e.Response) })
		success = success.set("content", object{{orElse(op.Produces, "application/json"), body}})
	case op.Produces != "":
		success = success.set("content", object{{op.Produces, object{}}})
	}

	failures := append([]int{http.StatusUnauthorized}, op.Errors...)
	slices.Sort(failures)
	answers := object{{strconv.Itoa(status), success}}
	for _, code := range slices.Compact(failures) {
		name := snake(strings.ReplaceAll(http.StatusText(code), " ", ""))
		if name == "" {
			d.errs = append(d.errs, fmt.Errorf("%s %s: %d is not an HTTP status", op.Method, op.Path, code))
			continue
		}
		if own, ok := op.Failures[code]; ok {
			answers = answers.set(strconv.Itoa(code), d.failure(code, own))
			continue
		}
		d.answers[code] = name
		answers = answers.set(strconv.Itoa(code), object{{"$ref", "#/components/responses/" + name}})
	}
	return answers
}

// responses are the failures the operations refer to, by status.
func (d *drafter) responses() object {
	codes := make([]int, 0, len(d.answers))
	for code := range d.answers {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	list := object{}
	for _, code := range codes {
		list = list.set(d.answers[code], d.failure(code, d.errorType))
	}
	return list
}

// failure is an answer of a status with a body of the type, or without one for nil.
func (d *drafter) failure(code int, body reflect.Type) object {
	answer := object{{"description", http.StatusText(code)}}
	if body != nil {
		d.types.asAnswer()
		answer = answer.set("content", object{{"application/json", object{{"schema", d.types.body(body)}}}})
	}
	return answer
}
