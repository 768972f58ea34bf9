package openapi

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/goccy/go-yaml"
)

// An object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// get is the value of a member, nil if there is none.
func (o object) get(name string) any {
	for _, m := range o {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// set replaces a member or adds it at the end. As with append, the result takes
// the place of the receiver.
func (o object) set(name string, value any) object {
	for i := range o {
		if o[i].name == name {
			o[i].value = value
			return o
		}
	}
	return append(o, member{name, value})
}

// MarshalJSONTo writes the members in order.
func (o object) MarshalJSONTo(enc *jsontext.Encoder) error {
	if err := enc.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range o {
		if err := enc.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(enc, m.value); err != nil {
			return err
		}
	}
	return enc.WriteToken(jsontext.EndObject)
}

// JSON is the document as indented JSON. Equal lists of operations give equal
// bytes.
func (d *Doc) JSON() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	out, err := json.Marshal(d.root, jsontext.WithIndent("  "), json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	return append(out, '\n'), nil
}

// YAML is the same document as YAML, in the same order.
func (d *Doc) YAML() ([]byte, error) {
	text, err := d.JSON()
	if err != nil {
		return nil, err
	}
	tree, err := decodeOrdered(jsontext.NewDecoder(bytes.NewReader(text)))
	if err != nil {
		return nil, err
	}
	return yaml.MarshalWithOptions(tree, yaml.UseLiteralStyleIfMultiline(true), yaml.IndentSequence(true))
}

// decodeOrdered reads one JSON value and keeps the order of its members, which
// the usual decoding into maps loses.
func decodeOrdered(dec *jsontext.Decoder) (any, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case '{':
		members := yaml.MapSlice{}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			value, err := decodeOrdered(dec)
			if err != nil {
				return nil, err
			}
			members = append(members, yaml.MapItem{Key: key, Value: value})
		}
		_, err = dec.ReadToken()
		return members, err
	case '[':
		items := []any{}
		for dec.PeekKind() != ']' {
			value, err := decodeOrdered(dec)
			if err != nil {
				return nil, err
			}
			items = append(items, value)
		}
		_, err = dec.ReadToken()
		return items, err
	case 'n':
		return nil, nil
	case 't', 'f':
		return tok.Bool(), nil
	case '0':
		if i, err := strconv.ParseInt(tok.String(), 10, 64); err == nil {
			return i, nil
		}
		return tok.Float()
	default:
		s := tok.String()
		if !isPlain(s) {
			return escaped(s), nil
		}
		return s, nil
	}
}

// isPlain reports that a string survives in every YAML style, block scalars
// included: no control characters, and no white space at its ends.
func isPlain(s string) bool {
	return s == strings.TrimSpace(s) && !strings.ContainsFunc(s, func(c rune) bool { return c != '\n' && unicode.IsControl(c) })
}

// An escaped string is written in double quotes, where YAML and JSON agree.
type escaped string

func (s escaped) MarshalYAML() ([]byte, error) { return json.Marshal(string(s)) }
