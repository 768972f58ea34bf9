package contract

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
)

// An Op is one operation of a document.
type Op struct {
	Method   string
	Path     string // template: "/contacts/{id}"
	ID       string // operationId
	Tags     []string
	Statuses []int // documented, ascending
	Examples []Example
}

// An Example is a documented request together with its answer. They belong
// together if their names are equal but for case and punctuation. A request
// without an answer has Status 0; an answer without a request has no Request.
type Example struct {
	Name     string // in lower case, words joined by _: "successful_response"
	Request  []byte // JSON
	Status   int
	Response []byte // JSON
}

type operation struct {
	Op
	answers map[string]*answer // by status, range ("4XX") or "default"
}

func (op *operation) label() string { return op.Method + " " + op.Path }

// A document is an OpenAPI document as a tree, its schemas turned into JSON
// Schema 2020-12.
type document struct {
	root      map[string]any
	schemas   map[string]*schema // by where they are
	undefined []string
}

func readDocument(text []byte) (*document, error) {
	tree, err := decode(text)
	if err != nil {
		return nil, err
	}
	d := &document{schemas: map[string]*schema{}}
	d.root, _ = tree.(map[string]any)
	version := fmt.Sprint(d.root["openapi"])
	switch {
	case strings.HasPrefix(version, "3.0"):
		d.eachSchema(convert)
	case !strings.HasPrefix(version, "3.1"):
		return nil, fmt.Errorf("openapi is %s, want 3.0 or 3.1", version)
	}
	d.eachSchema(d.defineMissing)
	slices.Sort(d.undefined)
	return d, nil
}

// eachSchema puts what change returns in the place of each schema that an
// answer may use.
func (d *document) eachSchema(change func(schema any) any) {
	components := object(d.root["components"])
	changeAll(object(components["schemas"]), change)
	for _, response := range object(components["responses"]) {
		changeContent(response, change)
	}
	for _, item := range object(d.root["paths"]) {
		for _, op := range object(item) {
			for _, response := range object(object(op)["responses"]) {
				changeContent(response, change)
			}
		}
	}
}

func changeAll(schemas map[string]any, change func(any) any) {
	for name, schema := range schemas {
		schemas[name] = change(schema)
	}
}

func changeContent(response any, change func(any) any) {
	for _, media := range object(object(response)["content"]) {
		if schema, ok := object(media)["schema"]; ok {
			object(media)["schema"] = change(schema)
		}
	}
}

// object is v as an object, nil if it is none.
func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

const schemaPrefix = "#/components/schemas/"

// defineMissing finds references to schemas that nobody defined and defines
// them.
func (d *document) defineMissing(schema any) any {
	switch s := schema.(type) {
	case map[string]any:
		if ref, ok := s["$ref"].(string); ok && strings.HasPrefix(ref, schemaPrefix) {
			d.define(strings.TrimPrefix(ref, schemaPrefix))
		}
		for _, sub := range s {
			d.defineMissing(sub)
		}
	case []any:
		for _, sub := range s {
			d.defineMissing(sub)
		}
	}
	return schema
}

func (d *document) define(name string) {
	components := object(d.root["components"])
	if components == nil {
		components = map[string]any{}
		d.root["components"] = components
	}
	schemas := object(components["schemas"])
	if schemas == nil {
		schemas = map[string]any{}
		components["schemas"] = schemas
	}
	if _, ok := schemas[name]; !ok {
		schemas[name] = map[string]any{"type": "object"}
		d.undefined = append(d.undefined, name)
	}
}

// operations reads all operations, by path and method, and compiles the schemas
// of their answers.
func (d *document) operations() ([]*operation, error) {
	methods := []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}
	var found []*operation
	for _, path := range slices.Sorted(maps.Keys(object(d.root["paths"]))) {
		item, at, err := d.follow("/paths/" + escape(path))
		if err != nil {
			return nil, err
		}
		for _, method := range methods {
			if item[method] == nil {
				continue
			}
			op, err := d.operation(strings.ToUpper(method), path, at+"/"+method)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", strings.ToUpper(method), path, err)
			}
			found = append(found, op)
		}
	}
	if len(found) == 0 {
		return nil, errors.New("the document has no operations")
	}
	for _, at := range slices.Sorted(maps.Keys(d.schemas)) {
		if d.schemas[at].circle(nil) {
			return nil, fmt.Errorf("the schema at #%s refers to itself", at)
		}
	}
	return found, nil
}

func (d *document) operation(method, path, at string) (*operation, error) {
	said, at, err := d.follow(at)
	if err != nil {
		return nil, err
	}
	op := &operation{Op: Op{Method: method, Path: path}, answers: map[string]*answer{}}
	op.ID, _ = said["operationId"].(string)
	for _, tag := range items(said["tags"]) {
		op.Tags = append(op.Tags, fmt.Sprint(tag))
	}

	var answered []Example
	responses := object(said["responses"])
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		response, at, err := d.follow(at + "/responses/" + escape(status))
		if err != nil {
			return nil, err
		}
		answer, err := d.answer(response, at)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", status, err)
		}
		op.answers[status] = answer
		code, err := strconv.Atoi(status)
		if err != nil { // a range, or default
			continue
		}
		op.Statuses = append(op.Statuses, code)
		examples, err := d.examples(response, at)
		if err != nil {
			return nil, err
		}
		for _, example := range examples {
			answered = append(answered, Example{Name: example.name, Status: code, Response: example.value})
		}
	}

	var asked []example
	if said["requestBody"] != nil {
		request, at, err := d.follow(at + "/requestBody")
		if err != nil {
			return nil, err
		}
		if asked, err = d.examples(request, at); err != nil {
			return nil, err
		}
	}
	op.Examples = pair(asked, answered)
	return op, nil
}

// follow is the object at a JSON pointer, or the one it refers to, and where
// that is.
func (d *document) follow(pointer string) (map[string]any, string, error) {
	for range 10 {
		var at any = d.root
		for _, segment := range splitPointer(pointer) {
			at = object(at)[segment]
		}
		o := object(at)
		if o == nil {
			return nil, "", fmt.Errorf("nothing at #%s", pointer)
		}
		ref, ok := o["$ref"].(string)
		if !ok {
			return o, pointer, nil
		}
		if pointer, ok = strings.CutPrefix(ref, "#"); !ok {
			return nil, "", fmt.Errorf("%s is outside the document", ref)
		}
	}
	return nil, "", fmt.Errorf("#%s refers to itself", pointer)
}

func (d *document) answer(response map[string]any, at string) (*answer, error) {
	a := &answer{media: map[string]*schema{}}
	for mediaType, said := range object(response["content"]) {
		a.media[mediaType] = nil
		if object(said)["schema"] == nil || !isJSON(mediaType) && !strings.HasSuffix(mediaType, "*") {
			continue
		}
		schema, err := d.schema(at + "/content/" + escape(mediaType) + "/schema")
		if err != nil {
			return nil, err
		}
		a.media[mediaType] = schema
	}
	return a, nil
}

type example struct {
	name  string
	value []byte
}

// examples are those of the JSON body of a request or response, by name.
func (d *document) examples(body map[string]any, at string) ([]example, error) {
	var found []example
	for mediaType, said := range object(body["content"]) {
		if !isJSON(mediaType) {
			continue
		}
		media := object(said)
		if value, ok := media["example"]; ok {
			text, err := json.Marshal(value, json.Deterministic(true))
			if err != nil {
				return nil, err
			}
			found = append(found, example{"example", text})
		}
		for name := range object(media["examples"]) {
			given, _, err := d.follow(at + "/content/" + escape(mediaType) + "/examples/" + escape(name))
			if err != nil {
				return nil, err
			}
			text, err := json.Marshal(given["value"], json.Deterministic(true))
			if err != nil {
				return nil, err
			}
			found = append(found, example{words(name), text})
		}
	}
	slices.SortFunc(found, func(a, b example) int { return cmp.Compare(a.name, b.name) })
	return found, nil
}

// words reduces a name to its words in lower case, joined by underscores.
func words(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(c rune) bool {
		return (c < 'a' || 'z' < c) && (c < '0' || '9' < c)
	}), "_")
}

// pair puts requests before the answers of the same name; the answers nobody
// asked for come last.
func pair(asked []example, answered []Example) []Example {
	var paired []Example
	for _, request := range asked {
		e := Example{Name: request.name}
		at := slices.IndexFunc(answered, func(a Example) bool { return a.Name == request.name })
		if at >= 0 {
			e = answered[at]
			answered = slices.Delete(answered, at, at+1)
		}
		e.Request = request.value
		paired = append(paired, e)
	}
	return append(paired, answered...)
}

// items is v as an array, nil if it is none.
func items(v any) []any {
	a, _ := v.([]any)
	return a
}

// escape makes a name one segment of a JSON pointer.
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
