package contract

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
)

// A schema says what a value may be, by the keywords of JSON Schema 2020-12 that describe answers.
type schema struct {
	never bool // it is false: nothing is right

	all        []*schema // what a reference names among them
	any, one   []*schema // nil, or not empty
	not        *schema
	types      []string
	enum       []any // nil: any
	pattern    *regexp.Regexp
	properties map[string]*schema
	required   []string
	others     *schema // of the members that are not among the properties; nil: any
	items      *schema // nil: any
	unique     bool    // no item is there twice

	limits []limit
}

// A limit bounds how great something about a value is.
type limit struct {
	keyword string
	of      func(value any) (amount float64, applies bool)
	holds   func(amount, bound float64) bool
	bound   float64
}

// limits are the keywords that bound something.
var limits = map[string]limit{
	"minimum":          {of: number, holds: func(a, b float64) bool { return a >= b }},
	"maximum":          {of: number, holds: func(a, b float64) bool { return a <= b }},
	"exclusiveMinimum": {of: number, holds: func(a, b float64) bool { return a > b }},
	"exclusiveMaximum": {of: number, holds: func(a, b float64) bool { return a < b }},
	"multipleOf":       {of: number, holds: func(a, b float64) bool { return math.Mod(a, b) == 0 }},
	"minLength":        {of: length, holds: func(a, b float64) bool { return a >= b }},
	"maxLength":        {of: length, holds: func(a, b float64) bool { return a <= b }},
	"minItems":         {of: size, holds: func(a, b float64) bool { return a >= b }},
	"maxItems":         {of: size, holds: func(a, b float64) bool { return a <= b }},
	"minProperties":    {of: members, holds: func(a, b float64) bool { return a >= b }},
	"maxProperties":    {of: members, holds: func(a, b float64) bool { return a <= b }},
}

func number(v any) (float64, bool) {
	n, ok := v.(float64)
	return n, ok
}

func length(v any) (float64, bool) {
	s, ok := v.(string)
	return float64(utf8.RuneCountInString(s)), ok
}

func size(v any) (float64, bool) {
	a, ok := v.([]any)
	return float64(len(a)), ok
}

func members(v any) (float64, bool) {
	o, ok := v.(map[string]any)
	return float64(len(o)), ok
}

// repeats reports whether an item is there twice.
func repeats(list []any) bool {
	for i, item := range list {
		if contains(list[:i], item) {
			return true
		}
	}
	return false
}

func contains(list []any, value any) bool {
	return slices.ContainsFunc(list, func(other any) bool { return reflect.DeepEqual(other, value) })
}

// silent are keywords that say nothing about which values are right.
var silent = []string{"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "format", "externalDocs", "xml",
	"discriminator", "$comment", "contentEncoding", "contentMediaType"}

// schema compiles what is at a JSON pointer, once for each: schemas refer to each other, and to themselves.
func (d *document) schema(at string) (*schema, error) {
	if s, known := d.schemas[at]; known {
		return s, nil
	}
	var said any = d.root
	for _, segment := range splitPointer(at) {
		said = member(said, segment)
	}
	s := &schema{}
	d.schemas[at] = s
	if err := d.fill(s, said, at); err != nil {
		return nil, fmt.Errorf("the schema at #%s: %w", at, err)
	}
	return s, nil
}

// circle reports that a schema asks about a value what it says of the same value itself, so that there would be no end.
func (s *schema) circle(within []*schema) bool {
	if slices.Contains(within, s) {
		return true
	}
	within = append(within, s)
	of := slices.Concat(s.all, s.any, s.one)
	if s.not != nil {
		of = append(of, s.not)
	}
	return slices.ContainsFunc(of, func(sub *schema) bool { return sub.circle(within) })
}

// member is what a segment of a JSON pointer names of a value.
func member(of any, segment string) any {
	for i, item := range items(of) {
		if fmt.Sprint(i) == segment {
			return item
		}
	}
	return object(of)[segment]
}

func (d *document) fill(s *schema, said any, at string) (err error) {
	if always, ok := said.(bool); ok {
		s.never = !always
		return nil
	}
	keywords := object(said)
	if keywords == nil {
		return fmt.Errorf("a schema is an object or a boolean, not %s", typeOf(said))
	}
	sub := func(keyword string) (sub *schema) {
		if err == nil {
			sub, err = d.schema(at + "/" + keyword)
		}
		return sub
	}
	each := func(keyword string) (subs []*schema) {
		for i := range items(keywords[keyword]) {
			subs = append(subs, sub(fmt.Sprint(keyword, "/", i)))
		}
		if len(subs) == 0 && err == nil {
			err = fmt.Errorf("%s has no schemas", keyword)
		}
		return subs
	}
	for _, keyword := range slices.Sorted(maps.Keys(keywords)) {
		value := keywords[keyword]
		switch keyword {
		case "$ref":
			within, ok := strings.CutPrefix(fmt.Sprint(value), "#")
			if !ok {
				return fmt.Errorf("%v is outside the document", value)
			}
			named, failed := d.schema(within)
			if failed != nil {
				return failed
			}
			s.all = append(s.all, named)
		case "allOf":
			s.all = append(s.all, each(keyword)...)
		case "anyOf":
			s.any = each(keyword)
		case "oneOf":
			s.one = each(keyword)
		case "not":
			s.not = sub(keyword)
		case "items":
			s.items = sub(keyword)
		case "additionalProperties":
			s.others = sub(keyword)
		case "properties":
			s.properties = map[string]*schema{}
			if object(value) == nil {
				return fmt.Errorf("properties is %s, want object", typeOf(value))
			}
			for name := range object(value) {
				s.properties[name] = sub(keyword + "/" + escape(name))
			}
		default:
			if failed := s.say(keyword, value); failed != nil {
				return failed
			}
		}
	}
	return err
}

// say takes in a keyword that is about no other schema.
func (s *schema) say(keyword string, value any) (err error) {
	read := func(into any) error {
		// What YAML has, integers say, becomes what an answer has.
		text, err := json.Marshal(value)
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil || value == nil && keyword != "const" {
			return fmt.Errorf("%s cannot be %s", keyword, text)
		}
		return nil
	}
	switch l, limited := limits[keyword]; {
	case limited:
		l.keyword = keyword
		err = read(&l.bound)
		s.limits = append(s.limits, l)
	case keyword == "type":
		if one, ok := value.(string); ok {
			value = []any{one}
		}
		err = read(&s.types)
		for _, name := range s.types {
			if !slices.Contains(types, name) {
				return fmt.Errorf("there is no type %s", name)
			}
		}
	case keyword == "required":
		err = read(&s.required)
	case keyword == "uniqueItems":
		err = read(&s.unique)
	case keyword == "enum":
		err = read(&s.enum)
	case keyword == "const":
		one := &schema{enum: make([]any, 1)} // beside an enum
		err = read(&one.enum[0])
		s.all = append(s.all, one)
	case keyword == "pattern":
		var text string
		if err = read(&text); err == nil {
			s.pattern, err = regexp.Compile(text)
		}
	case !slices.Contains(silent, keyword) && !strings.HasPrefix(keyword, "x-"):
		return fmt.Errorf("the keyword %s is not known", keyword)
	}
	return err
}

// types are those that JSON Schema knows.
var types = []string{"null", "boolean", "object", "array", "number", "string", "integer"}

// typeOf is what JSON calls the type of a value.
func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return "number"
}

// is reports whether a value is of a type.
func is(v any, of string) bool {
	if n, ok := v.(float64); ok && of == "integer" {
		return n == math.Trunc(n)
	}
	return typeOf(v) == of
}

// A problem is why a value is not what a schema says.
type problem struct {
	text    func() string // what is wrong with the value itself, unless it is one of the below
	ofType  bool          // it is of another type
	missing []string      // members that must be there
	unknown []string      // members that must not
	of      []*schema     // schemas of which none fits
	in      *schema       // one that does not fit what is at the step, or the value itself where there is none
	value   any
	step    []string
}

// accepts reports whether a value is right.
func (s *schema) accepts(v any) bool {
	for range s.problems(v) {
		return false
	}
	return true
}

// problems are what is wrong with a value.
func (s *schema) problems(v any) iter.Seq[problem] {
	return func(yield func(problem) bool) {
		says := func(text func() string) bool { return yield(problem{text: text}) }
		if s.never {
			says(func() string { return "nothing may be there" })
			return
		}
		if s.types != nil && !slices.ContainsFunc(s.types, func(t string) bool { return is(v, t) }) {
			text := func() string { return "got " + typeOf(v) + ", want " + strings.Join(s.types, " or ") }
			if !yield(problem{text: text, ofType: true}) {
				return
			}
		}
		if s.enum != nil && !contains(s.enum, v) &&
			!says(func() string { return "value must be one of " + string(written(s.enum)) }) {
			return
		}
		if text, ok := v.(string); ok && s.pattern != nil && !s.pattern.MatchString(text) &&
			!says(func() string { return fmt.Sprintf("%q does not match pattern %q", text, s.pattern) }) {
			return
		}
		for _, l := range s.limits {
			if got, applies := l.of(v); applies && !l.holds(got, l.bound) &&
				!says(func() string { return fmt.Sprintf("%s: got %v, want %v", l.keyword, got, l.bound) }) {
				return
			}
		}
		for _, sub := range s.all {
			if !sub.accepts(v) && !yield(problem{in: sub, value: v}) {
				return
			}
		}
		if s.any != nil && !slices.ContainsFunc(s.any, func(sub *schema) bool { return sub.accepts(v) }) && !yield(problem{of: s.any}) {
			return
		}
		if s.one != nil {
			fit := 0
			for _, sub := range s.one {
				if sub.accepts(v) {
					fit++
				}
			}
			if fit == 0 && !yield(problem{of: s.one}) ||
				fit > 1 && !says(func() string { return fmt.Sprintf("%d schemas of oneOf fit, want one", fit) }) {
				return
			}
		}
		if s.not != nil && s.not.accepts(v) && !says(func() string { return "it is what it must not be" }) {
			return
		}
		s.within(v, yield)
	}
}

// within are the problems of what is in a value.
func (s *schema) within(v any, yield func(problem) bool) {
	switch v := v.(type) {
	case []any:
		if s.unique && repeats(v) && !yield(problem{text: func() string { return "there are items twice" }}) {
			return
		}
		for i, item := range v {
			if s.items != nil && !s.items.accepts(item) && !yield(problem{in: s.items, value: item, step: []string{fmt.Sprint(i)}}) {
				return
			}
		}
	case map[string]any:
		var missing, unknown []string
		for _, name := range s.required {
			if _, there := v[name]; !there {
				missing = append(missing, name)
			}
		}
		if missing != nil && !yield(problem{missing: missing}) {
			return
		}
		for name, value := range v {
			sub, named := s.properties[name]
			switch {
			case named:
			case s.others == nil:
				continue
			case s.others.never:
				unknown = append(unknown, name)
				continue
			default:
				sub = s.others
			}
			if !sub.accepts(value) && !yield(problem{in: sub, value: value, step: []string{name}}) {
				return
			}
		}
		if unknown != nil {
			yield(problem{unknown: unknown})
		}
	}
}

// refusesType reports that nothing is wrong with a value but that it is of another type.
func (s *schema) refusesType(v any) bool {
	problems := slices.Collect(s.problems(v))
	return len(problems) == 1 && (problems[0].ofType || problems[0].in != nil && problems[0].step == nil && problems[0].in.refusesType(v))
}

// written is a value as JSON.
func written(v any) []byte {
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err) // it was read from JSON
	}
	return text
}
