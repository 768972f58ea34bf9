package wire

import (
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// errValue is wrapped by the decoder, which knows which field it is.
var errValue = errors.New("value does not fit the field")

// maxExact is the largest whole number that every JSON reader reads alike.
const maxExact = 1<<53 - 1

// An Opt is a field that may be absent, null or have a value.
type Opt[T any] struct{ model.Opt[T] }

// UnmarshalJSONFrom tells null from a value; an absent field never gets here.
func (o *Opt[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	o.Set = true
	if d.PeekKind() == 'n' {
		o.Null = true
		return d.SkipValue()
	}
	return json.UnmarshalDecode(d, &o.Value)
}

// Schema describes the type in the contract.
func (Opt[T]) Schema() map[string]any {
	return map[string]any{"anyOf": []any{reflect.TypeFor[T](), map[string]any{"type": "null"}}}
}

// convert turns an Opt of a wire type into one of a noun's.
func convert[To, From any](o Opt[From], fn func(From) To) model.Opt[To] {
	if !o.Has() {
		return model.Opt[To]{Set: o.Set, Null: o.Null}
	}
	return model.Some(fn(o.Value))
}

// Text is a string that clients may send as a number: ids, above all.
type Text string

func (t *Text) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case '"', '0':
		*t = Text(token.String())
	case 'n':
		*t = ""
	default:
		return errValue
	}
	return nil
}

// Schema describes the type in the contract.
func (Text) Schema() map[string]any { return map[string]any{"type": []string{"string", "number"}} }

// Int is a whole number that clients may send as a string.
type Int int64

func (n *Int) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	f, err := readNumber(d)
	if err == nil && f != math.Trunc(f) {
		err = errValue
	}
	*n = Int(f)
	return err
}

// Schema describes the type in the contract.
func (Int) Schema() map[string]any { return map[string]any{"type": []string{"integer", "string"}} }

// Seconds is a time: Unix seconds, which clients may send as a string or with a
// fraction.
type Seconds int64

func (n *Seconds) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	f, err := readNumber(d)
	if err == nil && f < 0 {
		err = errValue
	}
	*n = Seconds(f)
	return err
}

// Schema describes the type in the contract.
func (Seconds) Schema() map[string]any {
	return map[string]any{"type": []string{"number", "string"}, "description": "Unix seconds"}
}

// Number is an amount that clients may send as a string.
type Number float64

func (n *Number) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	f, err := readNumber(d)
	*n = Number(f)
	return err
}

// Schema describes the type in the contract.
func (Number) Schema() map[string]any { return map[string]any{"type": []string{"number", "string"}} }

func readNumber(d *jsontext.Decoder) (float64, error) {
	token, err := d.ReadToken()
	if err != nil {
		return 0, err
	}
	if k := token.Kind(); k != '0' && k != '"' {
		return 0, errValue
	}
	return parseNumber(token.String())
}

// parseNumber reads a number as JSON spells it. Minus zero becomes zero, which
// would else be spelt in two ways.
func parseNumber(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(f) <= maxExact) || strings.ContainsAny(s, "xX_") {
		return 0, errValue
	}
	return f + 0, nil
}

// Bool is a truth value that clients may send as a string.
type Bool bool

func (b *Bool) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	switch token.String() {
	case "true":
		*b = true
	case "false":
		*b = false
	default:
		return errValue
	}
	return nil
}

// Schema describes the type in the contract.
func (Bool) Schema() map[string]any { return map[string]any{"type": []string{"boolean", "string"}} }

// Attributes are custom attributes in a request: strings, numbers, truth
// values, or null to clear.
type Attributes model.Attributes

func (a *Attributes) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*a = Attributes{}
	return readObject(d, func(name string) error {
		if k := d.PeekKind(); k == '{' || k == '[' {
			return model.ParameterInvalid("Custom attribute '%s' is not of type Numeric, String or Boolean", name)
		}
		v, err := readScalar(d)
		(*a)[name] = v
		return err
	})
}

// readObject reads an object member by member: read is called with each name and
// reads its value. A null is an object without members.
func readObject(d *jsontext.Decoder, read func(name string) error) error {
	switch d.PeekKind() {
	case 'n':
		return d.SkipValue()
	case '{':
	default:
		return errValue
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := read(name.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// Schema describes the type in the contract.
func (Attributes) Schema() map[string]any {
	return map[string]any{"type": []string{"object", "null"},
		"additionalProperties": map[string]any{"type": []string{"string", "number", "boolean", "null"}}}
}

// readScalar reads a string, a number, a truth value or null. Whole numbers
// become int64, others float64.
func readScalar(d *jsontext.Decoder) (any, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '"':
		return token.String(), nil
	case 't', 'f':
		return token.Bool(), nil
	case 'n':
		return nil, nil
	case '0':
		literal := token.String()
		if !strings.ContainsAny(literal, ".eE") {
			n, err := strconv.ParseInt(literal, 10, 64)
			if err != nil || n > maxExact || n < -maxExact {
				return nil, errValue
			}
			return n, nil
		}
		return parseNumber(literal)
	default:
		return nil, errValue
	}
}

// NullText is a string in an answer; the empty one is null.
type NullText string

func (t NullText) MarshalJSONTo(e *jsontext.Encoder) error {
	if t == "" {
		return e.WriteToken(jsontext.Null)
	}
	return e.WriteToken(jsontext.String(string(t)))
}

// Schema describes the type in the contract.
func (NullText) Schema() map[string]any { return map[string]any{"type": []string{"string", "null"}} }

// NullInt is a number in an answer, be it a time or an id; 0 is null.
type NullInt int64

func (n NullInt) MarshalJSONTo(e *jsontext.Encoder) error {
	if n == 0 {
		return e.WriteToken(jsontext.Null)
	}
	return e.WriteToken(jsontext.Int(int64(n)))
}

// Schema describes the type in the contract.
func (NullInt) Schema() map[string]any { return map[string]any{"type": []string{"integer", "null"}} }

// AnswerAttributes are custom attributes in an answer.
type AnswerAttributes model.Attributes

// Schema describes the type in the contract.
func (AnswerAttributes) Schema() map[string]any {
	return map[string]any{"type": "object",
		"additionalProperties": map[string]any{"type": []string{"string", "number", "boolean"}}}
}
