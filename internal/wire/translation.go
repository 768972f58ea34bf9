package wire

import (
	"maps"
	"reflect"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
	"parley/internal/model/content"
)

// Localised is a content in each of some locales: an object with its type and a
// member for each locale.
type Localised[T any] struct {
	kind string
	in   map[content.Locale]T
}

func (l Localised[T]) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	if err := json.MarshalEncode(e, "type"); err != nil {
		return err
	}
	if err := json.MarshalEncode(e, l.kind); err != nil {
		return err
	}
	for _, locale := range slices.Sorted(maps.Keys(l.in)) {
		if err := json.MarshalEncode(e, string(locale)); err != nil {
			return err
		}
		if err := json.MarshalEncode(e, l.in[locale]); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// Schema describes the type in the contract.
func (Localised[T]) Schema() map[string]any {
	properties := map[string]any{"type": map[string]any{"type": "string"}}
	for _, l := range content.Locales() {
		properties[string(l)] = reflect.TypeFor[T]()
	}
	return map[string]any{"type": "object", "required": []string{"type"}, "properties": properties, "additionalProperties": false}
}

// localise translates contents where their help center has more than one locale:
// those in its locales. Elsewhere nothing is shown of locales at all.
func localise[From, To any](kind string, in *content.HelpCenter, contents map[content.Locale]From, from func(content.Locale, From) To) (main string, all *Localised[To]) {
	if !in.Multilingual() {
		return "", nil
	}
	all = &Localised[To]{kind, map[content.Locale]To{}}
	for l, c := range contents {
		if in.Speaks(l) {
			all.in[l] = from(l, c)
		}
	}
	return string(in.DefaultLocale), all
}

// Translations are contents in a request, by locale; one of null is to be removed.
type Translations[T any] map[content.Locale]Opt[T]

func (t *Translations[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*t = Translations[T]{}
	return readObject(d, func(name string) error {
		if name == "type" { // as an answer has it
			return d.SkipValue()
		}
		if err := content.Locale(name).Validate(); err != nil {
			return err
		}
		var v Opt[T]
		err := json.UnmarshalDecode(d, &v)
		(*t)[content.Locale(name)] = v
		return err
	})
}

// Schema describes the type in the contract.
func (Translations[T]) Schema() map[string]any {
	properties := map[string]any{}
	for _, l := range content.Locales() {
		properties[string(l)] = map[string]any{"anyOf": []any{reflect.TypeFor[T](), map[string]any{"type": "null"}}}
	}
	return map[string]any{"type": []string{"object", "null"}, "properties": properties}
}

// translations turns contents of a request into patches.
func translations[From, To any](t Translations[From], patch func(From) To) map[content.Locale]model.Opt[To] {
	out := make(map[content.Locale]model.Opt[To], len(t))
	for l, v := range t {
		out[l] = convert(v, patch)
	}
	return out
}

// plain is the text of a field.
func plain(t Opt[Text]) model.Opt[string] {
	return convert(t, plainText)
}
