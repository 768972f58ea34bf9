package wire

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// A DataAttribute as the API shows it: a built-in one without what only custom
// ones have.
type DataAttribute struct {
	ID                int64    `json:"id,omitzero" doc:"Of a custom attribute."`
	Type              string   `json:"type" enum:"data_attribute"`
	Name              string   `json:"name"`
	FullName          string   `json:"full_name"`
	Label             string   `json:"label"`
	Description       string   `json:"description,omitzero"`
	DataType          string   `json:"data_type" enum:"string,integer,float,boolean,date"`
	Options           []string `json:"options,omitzero" doc:"Of a list."`
	APIWritable       bool     `json:"api_writable"`
	UIWritable        bool     `json:"ui_writable"`
	MessengerWritable bool     `json:"messenger_writable"`
	Custom            bool     `json:"custom"`
	Archived          bool     `json:"archived"`
	AdminID           string   `json:"admin_id,omitzero" doc:"Who declared a custom attribute."`
	CreatedAt         int64    `json:"created_at,omitzero"`
	UpdatedAt         int64    `json:"updated_at,omitzero"`
	Model             string   `json:"model" enum:"contact,company,conversation"`
}

// FromDataAttribute translates an attribute.
func FromDataAttribute(a *model.DataAttribute) DataAttribute {
	out := DataAttribute{ID: int64(a.ID), Type: "data_attribute", Name: a.Name, FullName: a.FullName, Label: a.Label,
		Description: a.Description, DataType: string(a.Type), APIWritable: a.APIWritable,
		MessengerWritable: a.MessengerWritable, Custom: a.Custom(), Archived: a.Archived,
		CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt, Model: string(a.Model)}
	if len(a.Options) > 0 {
		out.Options = a.Options
	}
	if a.Custom() {
		out.AdminID = a.CreatedBy.String()
	}
	return out
}

// A DataAttributeRequest is a new attribute, or what to change of one. Other
// fields are ignored.
type DataAttributeRequest struct {
	Name              Text        `json:"name,omitzero"`
	Model             string      `json:"model,omitzero" enum:"contact,company"`
	DataType          string      `json:"data_type,omitzero" enum:"string,integer,float,boolean,datetime,date,options"`
	Label             Opt[string] `json:"label,omitzero"`
	Description       Opt[string] `json:"description,omitzero"`
	Options           Options     `json:"options,omitzero"`
	MessengerWritable Opt[Bool]   `json:"messenger_writable,omitzero"`
	Archived          Opt[Bool]   `json:"archived,omitzero"`
}

// Patch is what the request asks to declare or change.
func (r DataAttributeRequest) Patch() model.DataAttributePatch {
	p := model.DataAttributePatch{Name: string(r.Name), Model: model.AttributeModel(r.Model), Type: model.DataType(r.DataType),
		Label: r.Label.Opt, Description: r.Description.Opt,
		MessengerWritable: convert(r.MessengerWritable, func(b Bool) bool { return bool(b) }),
		Archived:          convert(r.Archived, func(b Bool) bool { return bool(b) })}
	if r.Options != nil {
		p.Options = model.Some([]string(r.Options))
	}
	return p
}

// Options are the options of a list: texts, or objects with the text as value.
type Options []string

func (o *Options) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	switch d.PeekKind() {
	case 'n':
		return d.SkipValue()
	case '[':
	default:
		return model.ParameterInvalid("Options isn't an array")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	*o = Options{}
	for d.PeekKind() != ']' {
		var option struct {
			Value Text `json:"value"`
		}
		var err error
		if d.PeekKind() == '{' {
			err = json.UnmarshalDecode(d, &option)
		} else {
			err = json.UnmarshalDecode(d, &option.Value)
		}
		if err != nil {
			return err
		}
		*o = append(*o, string(option.Value))
	}
	_, err := d.ReadToken()
	return err
}

// Schema describes the type in the contract.
func (Options) Schema() map[string]any {
	return map[string]any{"type": []string{"array", "null"}, "items": map[string]any{
		"type":     []string{"string", "number", "object"},
		"required": []string{"value"}, "properties": map[string]any{"value": map[string]any{"type": []string{"string", "number"}}},
	}}
}
