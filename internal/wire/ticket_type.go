package wire

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// A TicketType as the API shows it.
type TicketType struct {
	Type        string                    `json:"type" enum:"ticket_type"`
	ID          string                    `json:"id"`
	Name        string                    `json:"name"`
	Description string                    `json:"description"`
	Icon        string                    `json:"icon" doc:"One emoji."`
	WorkspaceID string                    `json:"workspace_id"`
	Archived    bool                      `json:"archived"`
	CreatedAt   int64                     `json:"created_at"`
	UpdatedAt   int64                     `json:"updated_at"`
	IsInternal  bool                      `json:"is_internal"`
	Attributes  List[TicketTypeAttribute] `json:"ticket_type_attributes"`
}

// FromTicketType translates a ticket type of a workspace.
func FromTicketType(ws model.WorkspaceID) func(*model.TicketType) TicketType {
	return func(t *model.TicketType) TicketType {
		return TicketType{Type: "ticket_type", ID: t.ID.String(), Name: t.Name, Description: t.Description, Icon: t.Icon,
			WorkspaceID: string(ws), Archived: t.Archived, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt, IsInternal: t.Internal,
			Attributes: NewList(t.Attributes, FromTicketTypeAttribute(ws))}
	}
}

// A TicketTypeAttribute as the API shows it.
type TicketTypeAttribute struct {
	Type                        string        `json:"type" enum:"ticket_type_attribute"`
	ID                          string        `json:"id"`
	WorkspaceID                 string        `json:"workspace_id"`
	Name                        string        `json:"name"`
	Description                 string        `json:"description"`
	DataType                    string        `json:"data_type" enum:"string,list,integer,decimal,boolean,datetime,files"`
	InputOptions                *InputOptions `json:"input_options" doc:"Of strings, lists and files; null of others."`
	Order                       int64         `json:"order"`
	RequiredToCreate            bool          `json:"required_to_create"`
	RequiredToCreateForContacts bool          `json:"required_to_create_for_contacts"`
	VisibleOnCreate             bool          `json:"visible_on_create"`
	VisibleToContacts           bool          `json:"visible_to_contacts"`
	Default                     bool          `json:"default" doc:"Whether the attribute is built in."`
	TicketTypeID                int64         `json:"ticket_type_id"`
	Archived                    bool          `json:"archived"`
	CreatedAt                   int64         `json:"created_at"`
	UpdatedAt                   int64         `json:"updated_at"`
}

// InputOptions are what an attribute's type has to be told of besides.
type InputOptions struct {
	Multiline           *bool        `json:"multiline,omitzero" doc:"Of a string."`
	ListOptions         []ListOption `json:"list_options,omitzero" doc:"Of a list. Tickets have the id; archived items are those that cannot be chosen any more."`
	AllowMultipleValues *bool        `json:"allow_multiple_values,omitzero" doc:"Of files."`
}

// A ListOption is an item of a list.
type ListOption struct {
	Label    string `json:"label"`
	ID       string `json:"id"`
	Archived bool   `json:"archived"`
}

// FromTicketTypeAttribute translates an attribute of a workspace's ticket type.
func FromTicketTypeAttribute(ws model.WorkspaceID) func(*model.TicketTypeAttribute) TicketTypeAttribute {
	return func(a *model.TicketTypeAttribute) TicketTypeAttribute {
		return TicketTypeAttribute{Type: "ticket_type_attribute", ID: a.ID.String(), WorkspaceID: string(ws), Name: a.Name,
			Description: a.Description, DataType: string(a.DataType), InputOptions: inputOptions(a), Order: a.Order,
			RequiredToCreate: a.RequiredToCreate, RequiredToCreateForContacts: a.RequiredToCreateForContacts,
			VisibleOnCreate: a.VisibleOnCreate, VisibleToContacts: a.VisibleToContacts, Default: a.Default,
			TicketTypeID: int64(a.TicketType), Archived: a.Archived, CreatedAt: a.CreatedAt, UpdatedAt: a.UpdatedAt}
	}
}

func inputOptions(a *model.TicketTypeAttribute) *InputOptions {
	switch a.DataType {
	case model.TicketString:
		return &InputOptions{Multiline: &a.Multiline}
	case model.TicketList:
		return &InputOptions{ListOptions: each(a.Items, func(item model.ListItem) ListOption {
			return ListOption{item.Name, item.ID, item.Archived}
		})}
	case model.TicketFiles:
		return &InputOptions{AllowMultipleValues: &a.AllowMultiple}
	default:
		return nil
	}
}

// A TicketTypeRequest is a new ticket type, or what to change of one.
type TicketTypeRequest struct {
	Name        Opt[Text] `json:"name,omitzero"`
	Description Opt[Text] `json:"description,omitzero"`
	Icon        Opt[Text] `json:"icon,omitzero" doc:"One emoji."`
	IsInternal  Opt[Bool] `json:"is_internal,omitzero"`
	Archived    Opt[Bool] `json:"archived,omitzero" doc:"Of a type that is there."`
}

// Patch is what the request asks to make or change.
func (r TicketTypeRequest) Patch() model.TicketTypePatch {
	return model.TicketTypePatch{Name: convert(r.Name, plainText), Description: convert(r.Description, plainText),
		Icon: convert(r.Icon, plainText), Internal: convert(r.IsInternal, plainBool), Archived: convert(r.Archived, plainBool)}
}

// A TicketTypeAttributeRequest is a new attribute, or what to change of one.
type TicketTypeAttributeRequest struct {
	Name                        Opt[Text]      `json:"name,omitzero"`
	Description                 Opt[Text]      `json:"description,omitzero"`
	DataType                    Opt[Text]      `json:"data_type,omitzero" enum:"string,list,integer,decimal,boolean,datetime,files" doc:"Of a new attribute."`
	RequiredToCreate            Opt[Bool]      `json:"required_to_create,omitzero"`
	RequiredToCreateForContacts Opt[Bool]      `json:"required_to_create_for_contacts,omitzero"`
	VisibleOnCreate             Opt[Bool]      `json:"visible_on_create,omitzero"`
	VisibleToContacts           Opt[Bool]      `json:"visible_to_contacts,omitzero"`
	Multiline                   Opt[Bool]      `json:"multiline,omitzero" doc:"Of a string."`
	ListItems                   Opt[ListItems] `json:"list_items,omitzero"`
	AllowMultipleValues         Opt[Bool]      `json:"allow_multiple_values,omitzero" doc:"Of files."`
	Archived                    Opt[Bool]      `json:"archived,omitzero" doc:"Of an attribute that is there."`
}

// Patch is what the request asks to declare or change.
func (r TicketTypeAttributeRequest) Patch() model.TicketTypeAttributePatch {
	return model.TicketTypeAttributePatch{Name: convert(r.Name, plainText), Description: convert(r.Description, plainText),
		DataType:         convert(r.DataType, func(t Text) model.TicketDataType { return model.TicketDataType(t) }),
		RequiredToCreate: convert(r.RequiredToCreate, plainBool), RequiredToCreateForContacts: convert(r.RequiredToCreateForContacts, plainBool),
		VisibleOnCreate: convert(r.VisibleOnCreate, plainBool), VisibleToContacts: convert(r.VisibleToContacts, plainBool),
		Multiline: convert(r.Multiline, plainBool), AllowMultiple: convert(r.AllowMultipleValues, plainBool),
		Items: convert(r.ListItems, ListItems.items), Archived: convert(r.Archived, plainBool)}
}

func plainText(t Text) string { return string(t) }
func plainBool(b Bool) bool   { return bool(b) }

// ListItems are the items of a list, separated by commas. Blank ones are dropped.
type ListItems []string

func (l *ListItems) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var text Text
	if err := text.UnmarshalJSONFrom(d); err != nil {
		return err
	}
	if strings.Count(string(text), ",") >= maxMembers {
		return model.ParameterInvalid("A list can have %d members at most", maxMembers)
	}
	*l = ListItems{}
	for item := range strings.SplitSeq(string(text), ",") {
		if item = strings.TrimSpace(item); item != "" {
			*l = append(*l, item)
		}
	}
	return nil
}

// Schema describes the type in the contract.
func (ListItems) Schema() map[string]any {
	return map[string]any{"type": []string{"string", "number"}, "description": "Of a list: its items, separated by commas."}
}

func (l ListItems) items() []model.ListItem {
	return each(l, func(name string) model.ListItem { return model.ListItem{Name: name} })
}
