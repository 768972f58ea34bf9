package openapi

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// structure describes a struct: its members, which of them are always there,
// and whether others may be.
func (r *reflector) structure(t reflect.Type) object {
	fields, rest, err := fieldsOf(t)
	if err != nil {
		r.errs = append(r.errs, err)
	}
	members := object{}
	var required []string
	for _, f := range fields {
		members = members.set(f.name, r.member(t, f))
		if !f.omitted && !f.absent {
			required = append(required, f.name)
		}
	}
	s := object{{"type", "object"}}
	if len(members) > 0 {
		s = s.set("properties", members)
	}
	if len(required) > 0 {
		s = s.set("required", required)
	}
	switch {
	case rest != nil:
		s = s.set("additionalProperties", r.schema(rest))
	case r.closed:
		s = s.set("additionalProperties", false)
	}
	return s
}

// member describes a field, with what its tags add:
//
//	doc:"…"                  description
//	enum:"a,b"               the values it may have; of the items, for a list
//	format:"…"               format
//	example:"…"              an example; JSON unless the field is a string
//	nullable:"true|false"    may be null, whatever its type says
func (r *reflector) member(owner reflect.Type, f field) object {
	t, tag := f.Type, f.Tag
	mayBeNull := tag.Get("nullable")
	// An omitted pointer is absent, never null; a request may still say null.
	never := mayBeNull == "false" || mayBeNull == "" && f.omitted && r.closed
	if never && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	s := r.schema(t)
	if f.quoted {
		s = object{{"type", "string"}}
		if t.Kind() == reflect.Pointer {
			s = nullable(s)
		}
	}
	bad := func(key string, err error) {
		r.fail("%v.%s: tag %s: %w", owner, f.Name, key, err)
	}
	if format := tag.Get("format"); format != "" {
		s = s.set("format", format)
	}
	if values := tag.Get("enum"); values != "" {
		var err error
		if s, err = withEnum(s, strings.Split(values, ",")); err != nil {
			bad("enum", err)
		}
	}
	switch mayBeNull {
	case "", "false":
	case "true":
		s = nullable(s)
	default:
		bad("nullable", fmt.Errorf("%q is neither true nor false", mayBeNull))
	}
	if doc := tag.Get("doc"); doc != "" {
		s = s.set("description", doc)
	}
	if text, ok := tag.Lookup("example"); ok {
		example, err := literal(s, text)
		if err != nil {
			bad("example", err)
		}
		s = s.set("examples", []any{example})
	}
	return s
}

// withEnum limits s, or the items of a list, to the values.
func withEnum(s object, values []string) (object, error) {
	if items, ok := s.get("items").(object); ok {
		items, err := withEnum(items, values)
		return s.set("items", items), err
	}
	kinds := kindsOf(s)
	list := make([]any, 0, len(values)+1)
	for _, text := range values {
		switch {
		case slices.Contains(kinds, "string"):
			list = append(list, text)
		case slices.Contains(kinds, "integer"), slices.Contains(kinds, "number"):
			value, err := literal(s, text)
			if err != nil {
				return s, err
			}
			list = append(list, value)
		default:
			return s, fmt.Errorf("only strings and numbers can be listed")
		}
	}
	if slices.Contains(kinds, "null") {
		list = append(list, nil)
	}
	return s.set("enum", list), nil
}

func kindsOf(s object) []string {
	switch kind := s.get("type").(type) {
	case string:
		return []string{kind}
	case []string:
		return kind
	default:
		return nil
	}
}

// literal reads the text of a tag as a value of s: as it stands for strings,
// as JSON otherwise.
func literal(s object, text string) (any, error) {
	if slices.Contains(kindsOf(s), "string") {
		return text, nil
	}
	value := jsontext.Value(text)
	if !value.IsValid() {
		return nil, fmt.Errorf("%s is not JSON", strconv.Quote(text))
	}
	return value, nil
}

// A field is one member of the JSON object a struct is written as.
type field struct {
	reflect.StructField
	name    string
	named   bool // by its tag
	omitted bool // when empty or zero
	absent  bool // when the embedded pointer it lives behind is nil
	quoted  bool // a number in a string
	depth   int
}

// fieldsOf lists the members of a struct in the order they are declared, and
// the type of further members if a field catches them.
func fieldsOf(t reflect.Type) (fields []field, rest reflect.Type, err error) {
	all, rest, err := collect(t, field{}, nil)
	// Of equal names the shallowest wins; at one depth, the one with a tag.
	for _, f := range all {
		wins := !slices.ContainsFunc(all, func(other field) bool {
			if other.name != f.name || slices.Equal(other.Index, f.Index) {
				return false
			}
			return cmp.Or(cmp.Compare(other.depth, f.depth), compareNamed(f, other)) <= 0
		})
		if wins {
			fields = append(fields, f)
		}
	}
	return fields, rest, err
}

func compareNamed(a, b field) int {
	switch {
	case a.named == b.named:
		return 0
	case a.named:
		return 1
	default:
		return -1
	}
}

// collect walks the fields of t and of what it embeds. behind says how t was
// reached: its Index, its depth and whether it may be absent.
func collect(t reflect.Type, behind field, within []reflect.Type) (fields []field, rest reflect.Type, err error) {
	if slices.Contains(within, t) {
		return nil, nil, nil
	}
	within = append(within, t)
	for i := range t.NumField() {
		f, embeds, skip := readField(t.Field(i))
		if skip {
			continue
		}
		f.Index = append(slices.Clone(behind.Index), i)
		f.depth, f.absent = behind.depth, behind.absent
		if !embeds {
			fields = append(fields, f)
			continue
		}
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner, f.absent = inner.Elem(), true
		}
		switch {
		case inner == reflect.TypeFor[jsontext.Value]():
			rest = reflect.TypeFor[any]()
		case inner.Kind() == reflect.Map:
			rest = inner.Elem()
		case inner.Kind() == reflect.Struct:
			f.depth++
			more, catches, failed := collect(inner, f, within)
			fields = append(fields, more...)
			rest = cmp.Or(rest, catches)
			err = cmp.Or(err, failed)
		default:
			err = cmp.Or(err, fmt.Errorf("%v.%s: %v cannot be embedded", t, f.Name, f.Type))
		}
	}
	return fields, rest, err
}

// readField reads the json tag of a field.
func readField(sf reflect.StructField) (f field, embeds, skip bool) {
	tag, tagged := sf.Tag.Lookup("json")
	if tag == "-" || !sf.IsExported() && (!sf.Anonymous || !isStruct(sf.Type)) {
		return f, false, true
	}
	name, options, _ := strings.Cut(tag, ",")
	f = field{StructField: sf, name: sf.Name, named: tagged && name != ""}
	if f.named {
		f.name = name
	}
	embeds = sf.Anonymous && !f.named
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitzero", "omitempty":
			f.omitted = true
		case "string":
			f.quoted = true
		case "embed":
			embeds = true
		}
	}
	return f, embeds, false
}

func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Struct || t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct
}
