package wire

import (
	"errors"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxUnread is how many members of a body are told that nobody reads.
const maxUnread = 8

// Unread finds members of a body that a request type does not read, as JSON pointers:
// the first few. A body that the type cannot be read from has none.
func Unread(body []byte, of reflect.Type) []string {
	of = withoutOthers(of)
	var found []string
	for len(found) < maxUnread {
		err := json.Unmarshal(body, reflect.New(of).Interface(), json.RejectUnknownMembers(true))
		var e *json.SemanticError
		if err == nil || !errors.As(err, &e) || !errors.Is(e.Err, json.ErrUnknownName) {
			return found
		}
		if body = without(body, e.JSONPointer); body == nil {
			return nil // it is no JSON further on
		}
		found = append(found, string(e.JSONPointer))
	}
	return found
}

// without is a body without the member that a pointer names, or nil.
func without(body []byte, p jsontext.Pointer) []byte {
	var root any
	if err := json.Unmarshal(body, &root); err != nil {
		return nil
	}
	at := root
	for token := range p.Parent().Tokens() {
		switch v := at.(type) {
		case map[string]any:
			at = v[token]
		case []any:
			i := 0
			for _, digit := range token {
				i = 10*i + int(digit-'0')
			}
			if i < 0 || i >= len(v) {
				return nil
			}
			at = v[i]
		}
	}
	members, ok := at.(map[string]any)
	if !ok {
		return nil
	}
	delete(members, p.LastToken())
	rest, err := json.Marshal(root, json.Deterministic(true))
	if err != nil {
		return nil
	}
	return rest
}

// withoutOthers is a struct type without the field that takes what no other does.
func withoutOthers(of reflect.Type) reflect.Type {
	if of.Kind() != reflect.Struct {
		return of
	}
	var fields []reflect.StructField
	for f := range of.Fields() {
		if f.Type != reflect.TypeFor[jsontext.Value]() || f.Tag.Get("json") != ",embed" {
			fields = append(fields, f)
		}
	}
	if len(fields) == of.NumField() {
		return of
	}
	return reflect.StructOf(fields)
}
