package replay

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep JSON may be that is compared member by member; the API takes 32
// levels.
const maxDepth = 64

// A value is JSON with members in their order and numbers as they are spelled.
type value struct {
	kind  jsontext.Kind
	text  string   // of a string, and a number as it is spelled
	names []string // of an object's members
	items []*value // of an array, and an object's members
}

var errTooDeep = errors.New("it is too deep")

// parse reads JSON. Two members of one name are an error.
func parse(text []byte) (*value, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(text))
	v, err := parseValue(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON")
	}
	return v, nil
}

func parseValue(dec *jsontext.Decoder, depth int) (*value, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	v := &value{kind: tok.Kind()}
	switch v.kind {
	case '"', '0':
		v.text = tok.String()
	case '{', '[':
		for k := dec.PeekKind(); k != '}' && k != ']'; k = dec.PeekKind() {
			if v.kind == '{' {
				name, err := dec.ReadToken()
				if err != nil {
					return nil, err
				}
				v.names = append(v.names, name.String())
			}
			item, err := parseValue(dec, depth+1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
		if _, err := dec.ReadToken(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// member is a member of an object, or nil.
func (v *value) member(name string) *value {
	for i, n := range v.names {
		if n == name {
			return v.items[i]
		}
	}
	return nil
}

// string is a member that is a string, or empty.
func (v *value) string(name string) string {
	if m := v.member(name); m != nil && m.kind == '"' {
		return m.text
	}
	return ""
}

// append writes the value as JSON without blanks.
func (v *value) append(to []byte) []byte {
	switch v.kind {
	case '"':
		to, _ = jsontext.AppendQuote(to, v.text) // its text was read as valid
	case '0':
		to = append(to, v.text...)
	case '{', '[':
		to = append(to, byte(v.kind))
		for i, item := range v.items {
			if i > 0 {
				to = append(to, ',')
			}
			if v.kind == '{' {
				to, _ = jsontext.AppendQuote(to, v.names[i])
				to = append(to, ':')
			}
			to = item.append(to)
		}
		to = append(to, closing[v.kind])
	default:
		to = append(to, v.kind.String()...)
	}
	return to
}

var closing = map[jsontext.Kind]byte{'{': '}', '[': ']'}

// kindName is the type of a value in words.
func (v *value) kindName() string {
	switch v.kind {
	case '"':
		return "string"
	case '0':
		return "number"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	default:
		return "null"
	}
}

// child is the JSON pointer of a member below another.
func child(pointer, name string) string {
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
