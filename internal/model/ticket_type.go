package model

import (
	"slices"
	"strings"

	"parley/internal/model/emoji"
)

// The bounds of ticket types. Nothing can be deleted, so archived ones count.
const (
	MaxTicketTypes       = 200 // of a workspace
	maxTicketAttributes  = 100 // of a type, the built-in ones included
	maxTicketDescription = 1000
)

// DefaultTicketIcon is what a ticket type has that was given no icon.
const DefaultTicketIcon = "🎟️"

// A TicketType says what is to be known of a ticket: its attributes, in their
// order. Two of them begin every type.
type TicketType struct {
	ID          TicketTypeID
	Name        string
	Description string
	Icon        string // one emoji
	Internal    bool   // for the workspace alone; the contact does not see the tickets
	Archived    bool   // no ticket begins with it any more
	CreatedAt   int64
	UpdatedAt   int64

	Attributes []*TicketTypeAttribute // archived ones too
}

// A TicketTypePatch says what to change. A new type is a patch of an empty one.
type TicketTypePatch struct {
	Name        Opt[string]
	Description Opt[string]
	Icon        Opt[string] // null or empty: the default
	Internal    Opt[bool]
	Archived    Opt[bool] // of an existing type
}

// NewTicketType makes a type of a patch, with the built-in attributes. Ids are
// left to be given.
func NewTicketType(p TicketTypePatch, now int64) (*TicketType, error) {
	if !p.Name.Has() {
		return nil, ParameterNotFound("Name is a required parameter.")
	}
	p.Archived = Opt[bool]{} // nothing begins archived
	t := &TicketType{Icon: DefaultTicketIcon, CreatedAt: now}
	if err := t.Update(p, now); err != nil {
		return nil, err
	}
	t.Attributes = []*TicketTypeAttribute{
		newBuiltInTicketAttribute(TicketTitle, 0, now), newBuiltInTicketAttribute(TicketDescription, 1, now)}
	return t, nil
}

// Update applies a patch.
func (t *TicketType) Update(p TicketTypePatch, now int64) error {
	next := *t
	if p.Name.Set {
		next.Name = strings.TrimSpace(p.Name.Value)
		if next.Name == "" {
			return ParameterInvalid("Name cannot be blank")
		}
	}
	p.Description.Apply(&next.Description)
	if err := ValidateText("Name", next.Name, MaxText); err != nil {
		return err
	}
	if err := ValidateText("Description", next.Description, maxTicketDescription); err != nil {
		return err
	}
	if p.Icon.Set {
		next.Icon = strings.TrimSpace(p.Icon.Value)
		if next.Icon == "" {
			next.Icon = DefaultTicketIcon
		}
		if !emoji.Is(next.Icon) {
			return ParameterInvalid("Icon must be a single emoji, not a shortcode or a text")
		}
	}
	if p.Internal.Has() {
		next.Internal = p.Internal.Value
	}
	if p.Archived.Has() {
		next.Archived = p.Archived.Value
	}
	next.UpdatedAt = now
	*t = next
	return nil
}

// AddAttribute puts a new attribute, made of a patch, behind the others. Its id
// is left to be given.
func (t *TicketType) AddAttribute(p TicketTypeAttributePatch, now int64) (*TicketTypeAttribute, error) {
	a, err := newTicketTypeAttribute(p, now)
	if err != nil {
		return nil, err
	}
	if err := t.admit(a, nil); err != nil {
		return nil, err
	}
	if len(t.Attributes) >= maxTicketAttributes {
		return nil, ParameterInvalid("A ticket type can have %d attributes at most, archived ones included", maxTicketAttributes)
	}
	a.TicketType = t.ID
	for _, other := range t.Attributes {
		a.Order = max(a.Order, other.Order+1)
	}
	t.Attributes = append(t.Attributes, a)
	return a, nil
}

// UpdateAttribute applies a patch to one of the attributes.
func (t *TicketType) UpdateAttribute(id TicketTypeAttributeID, p TicketTypeAttributePatch, now int64) (*TicketTypeAttribute, error) {
	i := slices.IndexFunc(t.Attributes, func(a *TicketTypeAttribute) bool { return a.ID == id })
	if i < 0 {
		return nil, ResourceNotFound()
	}
	next := *t.Attributes[i]
	if err := next.update(p, now); err != nil {
		return nil, err
	}
	if err := t.admit(&next, t.Attributes[i]); err != nil {
		return nil, err
	}
	t.Attributes[i] = &next
	return &next, nil
}

// admit checks that none but the attribute that a takes the place of goes by its
// name. Archived ones do not stand in the way.
func (t *TicketType) admit(a, old *TicketTypeAttribute) error {
	if other, ok := t.Attribute(a.Name); ok && !a.Archived && other != old {
		return ParameterInvalid("The ticket type has an attribute named '%s' already", a.Name)
	}
	return nil
}

// Attribute finds the attribute of that name, unless it is archived.
func (t *TicketType) Attribute(name string) (*TicketTypeAttribute, bool) {
	i := slices.IndexFunc(t.Attributes, func(a *TicketTypeAttribute) bool { return a.Name == name && !a.Archived })
	if i < 0 {
		return nil, false
	}
	return t.Attributes[i], true
}

// TicketTypeLimitReached is the answer to one ticket type too many.
func TicketTypeLimitReached() *Error {
	return ParameterInvalid("A workspace can have %d ticket types at most, archived ones included", MaxTicketTypes)
}
