package wire

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// Metadata are what a request says of an event, in its order: texts, numbers,
// truth values, rich links and amounts. A null says nothing. What follows the
// first ten is ignored, whatever it is, as the live API does.
type Metadata model.Metadata

func (m *Metadata) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return readObject(d, func(key string) error {
		if len(*m) == model.MaxMetadata || d.PeekKind() == 'n' {
			return d.SkipValue()
		}
		v, err := readMetadatum(d, key)
		*m = append(*m, model.Metadatum{Key: key, Value: v})
		return err
	})
}

func readMetadatum(d *jsontext.Decoder, key string) (any, error) {
	switch d.PeekKind() {
	case '[':
		return nil, nestedMetadata(key)
	case '{':
	default:
		return readScalar(d)
	}
	raw, err := d.ReadValue()
	if err != nil {
		return nil, err
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	var link richLink
	var money amount
	switch {
	case len(members) == 2 && members["url"] != nil && members["value"] != nil && json.Unmarshal(raw, &link) == nil:
		return model.RichLink{URL: string(link.URL), Value: string(link.Value)}, nil
	case len(members) == 2 && members["amount"] != nil && members["currency"] != nil && json.Unmarshal(raw, &money) == nil:
		return model.Amount{Cents: int64(money.Amount), Currency: string(money.Currency)}, nil
	}
	return nil, nestedMetadata(key)
}

func nestedMetadata(key string) error {
	return model.ParameterInvalid("Metadata '%s' must be a string, a number, an object of url and value, or an object of amount and currency",
		clip(key))
}

type richLink struct {
	URL   Text `json:"url"`
	Value Text `json:"value"`
}

type amount struct {
	Amount   Int  `json:"amount"`
	Currency Text `json:"currency"`
}

// Schema describes the type in the contract.
func (Metadata) Schema() map[string]any {
	return map[string]any{"type": []string{"object", "null"}, "additionalProperties": map[string]any{
		"type":        []string{"string", "number", "boolean", "null", "object"},
		"description": "A plain value, an object of url and value, or an object of amount (in cents) and currency.",
	}}
}

// AnswerMetadata are what an answer says of an event.
type AnswerMetadata model.Metadata

func (m AnswerMetadata) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, metadatum := range m {
		if err := e.WriteToken(jsontext.String(metadatum.Key)); err != nil {
			return err
		}
		v := metadatum.Value
		switch x := v.(type) {
		case model.RichLink:
			v = richLink{Text(x.URL), Text(x.Value)}
		case model.Amount:
			v = amount{Int(x.Cents), Text(x.Currency)}
		}
		if err := json.MarshalEncode(e, v); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

// Schema describes the type in the contract.
func (AnswerMetadata) Schema() map[string]any {
	return map[string]any{"type": "object", "additionalProperties": map[string]any{
		"type": []string{"string", "number", "boolean", "object"},
	}}
}
