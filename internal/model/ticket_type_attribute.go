package model

import (
	"slices"
	"strings"
)

// A TicketDataType says what values an attribute of tickets takes.
type TicketDataType string

const (
	TicketString   TicketDataType = "string"
	TicketList     TicketDataType = "list"
	TicketInteger  TicketDataType = "integer"
	TicketDecimal  TicketDataType = "decimal"
	TicketBoolean  TicketDataType = "boolean"
	TicketDatetime TicketDataType = "datetime"
	TicketFiles    TicketDataType = "files"
)

// The names of the built-in attributes.
const (
	TicketTitle       = "_default_title_"
	TicketDescription = "_default_description_"
)

// The bounds of the items of a list.
const (
	maxListItems     = 250
	maxListItemsEver = 1000 // those that were dropped included
)

// A TicketTypeAttribute declares what can be known of the tickets of a type. The
// built-in ones keep their names and cannot be archived.
type TicketTypeAttribute struct {
	ID                          TicketTypeAttributeID
	TicketType                  TicketTypeID
	Name                        string // no other of the type has it, those archived apart
	Description                 string
	DataType                    TicketDataType // never changes
	Multiline                   bool           // of a string
	AllowMultiple               bool           // of files
	Items                       []ListItem     // of a list; behind the others those that were dropped
	Order                       int64          // its place in the type, from 0
	RequiredToCreate            bool
	RequiredToCreateForContacts bool
	VisibleOnCreate             bool
	VisibleToContacts           bool
	Default                     bool // built-in
	Archived                    bool // cannot be written any more
	CreatedAt                   int64
	UpdatedAt                   int64
}

// A ListItem is one of the values of a list. One that was dropped is archived:
// tickets that hold it can still tell its name, and no other can have it.
type ListItem struct {
	ID       string // a UUID
	Name     string
	Archived bool
}

// A TicketTypeAttributePatch says what to change. A new attribute is a patch of
// an empty one.
type TicketTypeAttributePatch struct {
	Name                        Opt[string]
	Description                 Opt[string]
	DataType                    Opt[TicketDataType] // of a new attribute; fixed from then on
	Multiline                   Opt[bool]
	AllowMultiple               Opt[bool]
	Items                       Opt[[]ListItem] // those wanted from now on, by name; a new one may bring its id
	RequiredToCreate            Opt[bool]
	RequiredToCreateForContacts Opt[bool]
	VisibleOnCreate             Opt[bool]
	VisibleToContacts           Opt[bool]
	Archived                    Opt[bool] // of an existing attribute
}

func newBuiltInTicketAttribute(name string, order, now int64) *TicketTypeAttribute {
	return &TicketTypeAttribute{Name: name, DataType: TicketString, Multiline: name == TicketDescription, Order: order,
		VisibleOnCreate: true, VisibleToContacts: true, Default: true, CreatedAt: now, UpdatedAt: now}
}

func newTicketTypeAttribute(p TicketTypeAttributePatch, now int64) (*TicketTypeAttribute, error) {
	switch {
	case !p.Name.Has():
		return nil, ParameterNotFound("Name is a required parameter.")
	case !p.Description.Has():
		return nil, ParameterNotFound("Description is a required parameter.")
	case !p.DataType.Has(), p.DataType.Value == "":
		return nil, ParameterNotFound("Data type is a required parameter.")
	}
	a := &TicketTypeAttribute{DataType: p.DataType.Value, VisibleOnCreate: true, VisibleToContacts: true, CreatedAt: now}
	switch a.DataType {
	case TicketString, TicketInteger, TicketDecimal, TicketBoolean, TicketDatetime, TicketFiles:
	case TicketList:
		if len(p.Items.Value) == 0 {
			return nil, ParameterNotFound("List items are a required parameter of a list.")
		}
	default:
		return nil, ParameterInvalid("Data Type isn't an option")
	}
	p.Archived = Opt[bool]{} // nothing begins archived
	return a, a.update(p, now)
}

// update applies a patch, or leaves the attribute as it is.
func (a *TicketTypeAttribute) update(p TicketTypeAttributePatch, now int64) error {
	next := *a
	if p.Name.Set {
		next.Name = strings.TrimSpace(p.Name.Value)
	}
	p.Description.Apply(&next.Description)
	for _, f := range []struct {
		value Opt[bool]
		field *bool
	}{
		{p.Multiline, &next.Multiline}, {p.AllowMultiple, &next.AllowMultiple}, {p.Archived, &next.Archived},
		{p.RequiredToCreate, &next.RequiredToCreate}, {p.RequiredToCreateForContacts, &next.RequiredToCreateForContacts},
		{p.VisibleOnCreate, &next.VisibleOnCreate}, {p.VisibleToContacts, &next.VisibleToContacts},
	} {
		if f.value.Has() {
			*f.field = f.value.Value
		}
	}
	switch {
	case next.Name == "":
		return ParameterInvalid("Name cannot be blank")
	case a.Default && next.Name != a.Name:
		return ParameterInvalid("The built-in attribute '%s' cannot be renamed", a.Name)
	case a.Default && next.Archived:
		return ParameterInvalid("The built-in attribute '%s' cannot be archived", a.Name)
	case p.DataType.Has() && p.DataType.Value != a.DataType:
		return ParameterInvalid("The data type of an attribute cannot be changed")
	case next.Multiline && a.DataType != TicketString:
		return ParameterInvalid("Only an attribute of type string can be multiline")
	case next.AllowMultiple && a.DataType != TicketFiles:
		return ParameterInvalid("Only an attribute of type files can allow multiple values")
	}
	if err := ValidateText("Name", next.Name, MaxText); err != nil {
		return err
	}
	if err := ValidateText("Description", next.Description, maxTicketDescription); err != nil {
		return err
	}
	if p.Items.Has() {
		if err := next.setItems(p.Items.Value); err != nil {
			return err
		}
	}
	next.UpdatedAt = now
	*a = next
	return nil
}

// setItems makes these the items to choose from. One that is or was there, by its
// name, keeps its id. What is there and not wanted is archived.
func (a *TicketTypeAttribute) setItems(wanted []ListItem) error {
	switch {
	case a.DataType != TicketList && len(wanted) == 0:
		return nil
	case a.DataType != TicketList:
		return ParameterInvalid("List items can only be given to an attribute of type list")
	case len(wanted) == 0:
		return ParameterInvalid("A list must have at least one item")
	case len(wanted) > maxListItems:
		return ParameterInvalid("A list can have %d items at most", maxListItems)
	}
	had := make(map[string]ListItem, len(a.Items))
	for _, item := range a.Items {
		had[item.Name] = item
	}
	items := make([]ListItem, 0, len(wanted))
	chosen := make(map[string]bool, len(wanted))
	for _, item := range wanted {
		item.Name, item.Archived = strings.TrimSpace(item.Name), false
		switch {
		case item.Name == "":
			return ParameterInvalid("List items cannot be blank")
		case strings.Contains(item.Name, ","):
			return ParameterInvalid("List items cannot contain a comma")
		case chosen[item.Name]:
			return ParameterInvalid("List items must differ from each other")
		}
		if err := ValidateText("List item", item.Name, MaxText); err != nil {
			return err
		}
		chosen[item.Name] = true
		if old, ok := had[item.Name]; ok {
			item.ID = old.ID
		} else if item.ID == "" {
			item.ID = NewUUID()
		}
		items = append(items, item)
	}
	for _, item := range a.Items {
		if !chosen[item.Name] {
			item.Archived = true
			items = append(items, item)
		}
	}
	if len(items) > maxListItemsEver {
		return ParameterInvalid("A list can have had %d different items at most", maxListItemsEver)
	}
	a.Items = items
	return nil
}

// Item finds an item of a list by its id, be it dropped since or not.
func (a *TicketTypeAttribute) Item(id string) (ListItem, bool) {
	i := slices.IndexFunc(a.Items, func(item ListItem) bool { return item.ID == id })
	if i < 0 {
		return ListItem{}, false
	}
	return a.Items[i], true
}
