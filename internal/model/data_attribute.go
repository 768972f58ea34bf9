package model

import (
	"fmt"
	"strings"
	"unicode"
)

// A DataType says what values a data attribute takes.
type DataType string

const (
	TypeString  DataType = "string"
	TypeInteger DataType = "integer"
	TypeFloat   DataType = "float"
	TypeBoolean DataType = "boolean"
	TypeDate    DataType = "date"
)

// What a new attribute may ask for besides: a date by its other name, and a list,
// which is a string with options.
const (
	typeDateTime DataType = "datetime"
	typeOptions  DataType = "options"
)

// An AttributeModel is what a data attribute describes.
type AttributeModel string

const (
	ContactAttributes      AttributeModel = "contact"
	CompanyAttributes      AttributeModel = "company"
	ConversationAttributes AttributeModel = "conversation" // has no built-in ones
)

// words is what the API calls the model's data in its messages.
func (m AttributeModel) words() string {
	if m == ContactAttributes {
		return "people"
	}
	return string(m)
}

// Namesakes are the models of which only one attribute can have a name: contacts
// and companies share theirs, and conversations have their own.
func (m AttributeModel) Namesakes() []AttributeModel {
	if m == ConversationAttributes {
		return []AttributeModel{ConversationAttributes}
	}
	return []AttributeModel{ContactAttributes, CompanyAttributes}
}

// The bounds of data attributes.
const (
	MaxDataAttributes       = 250 // of one model, archived ones apart
	maxAttributeName        = 190 // characters
	maxAttributeDescription = 1000
	maxOptions              = 250
)

// A DataAttribute declares what can be known of a contact, a company or a
// conversation. The built-in ones are the same in every workspace; the others are
// custom attributes, declared by a workspace. The name of a custom one is spent for
// good: neither archiving it nor anything else gives it free.
type DataAttribute struct {
	ID                DataAttributeID // 0 of a built-in one
	Model             AttributeModel
	Name              string
	FullName          string // where the object has the value: "plan.name"
	Label             string
	Description       string
	Type              DataType
	Options           []string // of a list; a value outside them is taken all the same
	APIWritable       bool
	MessengerWritable bool
	Archived          bool
	CreatedBy         AdminID
	CreatedAt         int64
	UpdatedAt         int64
}

// customPrefix begins the full name of every custom attribute.
const customPrefix = "custom_attributes."

// CustomField is what searches and segments call the custom attribute of that
// name.
func CustomField(name string) string { return customPrefix + name }

// A DataAttributePatch says what to change. A new attribute is a patch of an empty
// one.
type DataAttributePatch struct {
	Label             Opt[string]
	Description       Opt[string]
	Options           Opt[[]string]
	MessengerWritable Opt[bool]
	Archived          Opt[bool]

	// Of a new attribute; fixed from then on.
	Model AttributeModel
	Name  string
	Type  DataType
}

// NewDataAttribute makes a custom attribute of a patch. That its name is free is
// left to be checked. The first thing that is wrong is reported, in the order of
// the live API: model, name, type, options.
func NewDataAttribute(p DataAttributePatch, by AdminID, now int64) (*DataAttribute, error) {
	switch p.Model {
	case ContactAttributes, CompanyAttributes, ConversationAttributes:
	default:
		return nil, InvalidAttributeModel()
	}
	a := &DataAttribute{Model: p.Model, Name: strings.TrimSpace(p.Name), Type: p.Type, APIWritable: true,
		MessengerWritable: true, CreatedBy: by, CreatedAt: now}
	if err := validateAttributeName(a.Name); err != nil {
		return nil, err
	}
	list := false
	switch p.Type {
	case TypeString, TypeInteger, TypeFloat, TypeBoolean, TypeDate:
	case typeDateTime:
		a.Type = TypeDate
	case typeOptions:
		a.Type, list = TypeString, true
	default:
		return nil, ParameterInvalid("Data Type isn't an option")
	}
	if isBuiltIn(a.Model, a.Name) {
		return nil, reservedDataAttribute(a.Name, a.Model)
	}
	a.Label, a.FullName = a.Name, CustomField(a.Name)
	if list && len(p.Options.Value) == 0 {
		return nil, tooFewOptions()
	}
	p.Archived = Opt[bool]{} // nothing is declared archived
	return a, a.Update(p, now)
}

func validateAttributeName(name string) error {
	if name == "" {
		return ParameterNotFound("Name is a required parameter.")
	}
	if err := ValidateText("Name", name, maxAttributeName); err != nil {
		return err
	}
	for _, r := range name {
		switch {
		case unicode.IsLetter(r), unicode.IsMark(r), unicode.IsDigit(r), unicode.Is(unicode.Sc, r):
		case r == ' ', r == '-', r == '_':
		default:
			return ParameterInvalid("Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens")
		}
	}
	return nil
}

// Update applies a patch. Name, model and type stay as they are, but a string
// becomes a list by being given options.
func (a *DataAttribute) Update(p DataAttributePatch, now int64) error {
	if err := ValidateText("Label", p.Label.Value, MaxText); err != nil {
		return err
	}
	if err := ValidateText("Description", p.Description.Value, maxAttributeDescription); err != nil {
		return err
	}
	if err := a.setOptions(p.Options.Value); err != nil {
		return err
	}
	if p.Label.Has() && !isBlank(p.Label.Value) {
		a.Label = p.Label.Value
	}
	p.Description.Apply(&a.Description)
	if p.MessengerWritable.Has() {
		a.MessengerWritable = p.MessengerWritable.Value
	}
	if p.Archived.Has() {
		a.Archived = p.Archived.Value
	}
	a.UpdatedAt = now
	return nil
}

// setOptions makes the attribute a list of these options. No options change
// nothing, except that a list cannot be left without.
func (a *DataAttribute) setOptions(options []string) error {
	switch {
	case options == nil, len(options) == 0 && len(a.Options) == 0:
		return nil
	case a.Type != TypeString:
		return ParameterInvalid("Options can only be given to an attribute of type string")
	case len(options) < 2:
		return tooFewOptions()
	case len(options) > maxOptions:
		return ParameterInvalid("An attribute can have %d options at most", maxOptions)
	}
	seen := make(map[string]bool, len(options))
	for _, o := range options {
		switch {
		case isBlank(o):
			return ParameterInvalid("Options cannot be blank")
		case seen[o]:
			return ParameterInvalid("Options must differ from each other")
		}
		if err := ValidateText("Option", o, MaxText); err != nil {
			return err
		}
		seen[o] = true
	}
	a.Options = options
	return nil
}

// Custom reports whether the workspace declared the attribute.
func (a *DataAttribute) Custom() bool { return a.ID != 0 }

// InvalidAttributeModel is the answer to declaring an attribute of anything else.
func InvalidAttributeModel() *Error {
	return ParameterInvalid("The Data Attribute model field must be either contact or company")
}

// DataAttributeTaken is the answer to a name that another attribute has, of any
// model that shares names with the wanted one, archived or not.
func DataAttributeTaken(name string, by, wanted AttributeModel) *Error {
	return ParameterInvalid("You already have '%s' in your %s data. To save this as new %s data, use a different name.",
		name, by.words(), wanted.words())
}

func reservedDataAttribute(name string, m AttributeModel) *Error {
	return ParameterInvalid("'%s' is one of our standard attributes for your %s data. To save this as new %[2]s data, use a different name.",
		name, m.words())
}

func tooFewOptions() *Error {
	return ParameterInvalid("You must have at least two options on a list type data attribute")
}

// DataAttributeNotFound is the answer to updating an attribute that is not there.
func DataAttributeNotFound() *Error {
	return &Error{NotFound, "field_not_found", "We couldn't find that data attribute to update"}
}

// DataAttributeInUse is the answer to archiving an attribute that a segment asks
// for.
func DataAttributeInUse() *Error {
	return &Error{Unprocessable, "data_invalid", "The Data Attribute you are trying to archive has a dependant object"}
}

// DataAttributeLimitReached is the answer to one attribute too many.
func DataAttributeLimitReached(m AttributeModel) *Error {
	return &Error{Invalid, "custom_data_limit_reached",
		fmt.Sprintf("You can have %d custom attributes in your %s data at most", MaxDataAttributes, m.words())}
}
