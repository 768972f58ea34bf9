package openapi

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Namer chooses the name of its schema and is asked on its zero value. Other
// structs are named after their type: NewContact is new_contact, and
// List[Contact] is contact_list.
type Namer interface{ SchemaName() string }

// A Describer says what its JSON looks like, since reflection cannot know what
// its own marshalling does. It is asked on its zero value. A [reflect.Type]
// anywhere in the map stands for the schema of that type. A Describer that is
// also a [Namer] becomes a schema of its own and may mention itself; any other
// is written out wherever it is used.
type Describer interface{ Schema() map[string]any }

// A reflector turns Go types into JSON schemas, following the rules of
// encoding/json/v2.
type reflector struct {
	closed bool // while describing an answer: no undocumented members
	names  map[reflect.Type]string
	types  map[string]reflect.Type
	bodies map[string]object
	inside []reflect.Type // types without a schema of their own that are being written
	errs   []error
}

func newReflector() *reflector {
	return &reflector{
		names:  map[reflect.Type]string{},
		types:  map[string]reflect.Type{},
		bodies: map[string]object{},
	}
}

const refPrefix = "#/components/schemas/"

func (r *reflector) asAnswer()  { r.closed = true }
func (r *reflector) asRequest() { r.closed = false }

func (r *reflector) fail(format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf(format, args...))
}

// components are the schemas met so far, sorted by name.
func (r *reflector) components() object {
	list := object{}
	for _, name := range slices.Sorted(maps.Keys(r.bodies)) {
		list = list.set(name, r.bodies[name])
	}
	return list
}

// body describes a whole body. A pointer only says how Go passes it: bodies are
// never null.
func (r *reflector) body(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return r.schema(t)
}

// demandsMembers reports whether a body of type t has to be sent: whether it
// is anything but an object whose members are all optional.
func (r *reflector) demandsMembers(t reflect.Type) bool {
	s := r.body(t)
	if ref, ok := s.get("$ref").(string); ok {
		s = r.bodies[strings.TrimPrefix(ref, refPrefix)]
	}
	return s.get("type") != "object" || s.get("required") != nil
}

// schema describes t, by reference if it has a schema of its own.
func (r *reflector) schema(t reflect.Type) object {
	if t.Kind() == reflect.Pointer && t.Name() == "" {
		return nullable(r.schema(t.Elem()))
	}
	_, describes := reflect.Zero(t).Interface().(Describer)
	_, named := reflect.Zero(t).Interface().(Namer)
	switch {
	case t.Kind() == reflect.Interface || t == reflect.TypeFor[jsontext.Value]():
		return object{}
	case named, t.Kind() == reflect.Struct && t.Name() != "" && !describes && !isPatch(t) && !isText(t) && !writesJSON(t):
		return r.component(t)
	case slices.Contains(r.inside, t):
		r.fail("%v contains itself; give it a SchemaName", t)
		return object{}
	}
	r.inside = append(r.inside, t)
	defer func() { r.inside = r.inside[:len(r.inside)-1] }()
	return r.inPlace(t)
}

// isPatch reports the shape of a field that tells absent, null and a value
// apart; its JSON is that of the value, or null.
func isPatch(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t.NumField() != 3 || t.Field(0).Name != "Value" {
		return false
	}
	isBool := func(f reflect.StructField, name string) bool {
		return f.Name == name && f.Type.Kind() == reflect.Bool
	}
	return isBool(t.Field(1), "Set") && isBool(t.Field(2), "Null")
}

func isText(t reflect.Type) bool {
	return implements[encoding.TextMarshaler](t) && !writesJSON(t)
}

func writesJSON(t reflect.Type) bool {
	return implements[json.MarshalerTo](t) || implements[json.Marshaler](t) ||
		implements[json.UnmarshalerFrom](t) || implements[json.Unmarshaler](t)
}

func implements[I any](t reflect.Type) bool {
	i := reflect.TypeFor[I]()
	return t.Implements(i) || reflect.PointerTo(t).Implements(i)
}

// component gives t a schema of its own and refers to it.
func (r *reflector) component(t reflect.Type) object {
	name, known := r.names[t]
	if !known {
		name = r.nameOf(t)
		if other, taken := r.types[name]; taken {
			r.fail("%v and %v are both named %q; give one a SchemaName", other, t, name)
		}
		r.names[t], r.types[name] = name, t
		outer := r.inside
		r.inside = nil // a reference ends any recursion
		r.bodies[name] = r.inPlace(t)
		r.inside = outer
	}
	return object{{"$ref", refPrefix + name}}
}

func (r *reflector) nameOf(t reflect.Type) string {
	name := typeName(t.Name())
	if n, ok := reflect.Zero(t).Interface().(Namer); ok {
		name = n.SchemaName()
	}
	legal := func(c rune) bool {
		return c < 0x80 && (c == '_' || c == '-' || c == '.' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z')
	}
	if name == "" || strings.ContainsFunc(name, func(c rune) bool { return !legal(c) }) {
		r.fail("%v: %q cannot name a schema", t, name)
	}
	return name
}

// inPlace writes the schema of t itself.
func (r *reflector) inPlace(t reflect.Type) object {
	if d, ok := reflect.Zero(t).Interface().(Describer); ok {
		return r.described(d.Schema())
	}
	switch {
	case isPatch(t):
		return nullable(r.schema(t.Field(0).Type))
	case isText(t):
		return object{{"type", "string"}}
	case writesJSON(t):
		r.fail("%v writes or reads its own JSON; give it a Schema", t)
		return object{}
	}
	switch t.Kind() {
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.String:
		return object{{"type", "string"}}
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return object{{"type", "integer"}, {"format", "int32"}}
	case reflect.Int, reflect.Int64:
		return object{{"type", "integer"}, {"format", "int64"}}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return object{{"type", "integer"}, {"format", "int64"}, {"minimum", 0}}
	case reflect.Float32, reflect.Float64:
		return object{{"type", "number"}}
	case reflect.Slice, reflect.Array:
		return r.list(t)
	case reflect.Map:
		return object{{"type", "object"}, {"additionalProperties", r.schema(t.Elem())}}
	case reflect.Struct:
		return r.structure(t)
	default:
		r.fail("%v has no JSON", t)
		return object{}
	}
}

// list describes slices and arrays. A nil slice is written as [], never null.
func (r *reflector) list(t reflect.Type) object {
	if t.Elem().Kind() == reflect.Uint8 {
		return object{{"type", "string"}, {"contentEncoding", "base64"}}
	}
	s := object{{"type", "array"}, {"items", r.schema(t.Elem())}}
	if t.Kind() == reflect.Array {
		s = s.set("minItems", t.Len()).set("maxItems", t.Len())
	}
	return s
}

// described copies what a type says of itself and puts schemas where it
// mentions other types.
func (r *reflector) described(said map[string]any) object {
	s := object{}
	for _, name := range slices.Sorted(maps.Keys(said)) {
		s = s.set(name, r.mentioned(said[name]))
	}
	if options, ok := s.get("anyOf").([]any); ok && len(s) == 1 && len(options) == 2 && isNull(options[1]) {
		if first, ok := options[0].(object); ok {
			return nullable(first)
		}
	}
	return s
}

func (r *reflector) mentioned(v any) any {
	if t, ok := v.(reflect.Type); ok {
		return r.schema(t)
	}
	switch v := v.(type) {
	case map[string]any:
		return r.described(v)
	case []map[string]any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = r.described(v[i])
		}
		return list
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = r.mentioned(v[i])
		}
		return list
	default:
		return v
	}
}

// nullable is s or null.
func nullable(s object) object {
	switch kind := s.get("type").(type) {
	case string:
		s = s.set("type", []string{kind, "null"})
	case []string:
		if !slices.Contains(kind, "null") {
			s = s.set("type", append(slices.Clone(kind), "null"))
		}
	default:
		if len(s) == 0 { // anything, hence null too
			return s
		}
		if options, ok := s.get("anyOf").([]any); ok && slices.ContainsFunc(options, isNull) {
			return s
		}
		return object{{"anyOf", []any{s, object{{"type", "null"}}}}}
	}
	switch values := s.get("enum").(type) {
	case []string:
		widened := make([]any, 0, len(values)+1)
		for _, v := range values {
			widened = append(widened, v)
		}
		s = s.set("enum", append(widened, nil))
	case []any:
		if !slices.Contains(values, nil) {
			s = s.set("enum", append(slices.Clone(values), nil))
		}
	}
	return s
}

func isNull(schema any) bool {
	o, ok := schema.(object)
	return ok && o.get("type") == "null"
}
