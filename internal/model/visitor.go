package model

import (
	"cmp"
	"hash/fnv"
)

// A VisitorDraft says what a visitor is to be. Zero values leave as it is what a
// visitor has already, and leave a new one without.
type VisitorDraft struct {
	ID           ContactID // of a new visitor; made up where empty
	UserID       string    // a UUID, the Messenger's name for the browser; made up where empty
	Name         string
	Email        string
	Phone        string
	Profile      Profile
	Attributes   Attributes // nil values clear
	SessionCount int64
	LastSeenAt   int64
	CreatedAt    int64 // of a new visitor; now where 0
}

// A VisitorPatch says what to change of a visitor.
type VisitorPatch struct {
	Name       Opt[string]
	Attributes Attributes // nil values clear
}

// A Conversion asks to make a user or a lead of a visitor. A lead needs no target.
type Conversion struct {
	Visitor ContactRef
	Role    Role
	Target  ContactRef // who the visitor turns out to be
}

// Validate checks that the conversion says what is needed.
func (c *Conversion) Validate() error {
	switch {
	case c.Role == "":
		return ParameterNotFound("type is required: user or lead")
	case c.Role != RoleUser && c.Role != RoleLead:
		return ParameterInvalid("Type must be either user or lead")
	case c.Visitor == ContactRef{}:
		return ParameterNotFound("visitor needs an id, a user_id or an email")
	case c.Role == RoleUser && c.Target == ContactRef{}:
		return ParameterNotFound("user needs an id, a user_id or an email")
	}
	return nil
}

// NewVisitor makes a visitor of a draft.
func NewVisitor(id ContactID, d VisitorDraft, now int64) (*Contact, error) {
	c := &Contact{ID: cmp.Or(d.ID, id), Role: RoleVisitor, ExternalID: d.UserID,
		CreatedAt: cmp.Or(d.CreatedAt, now), Attributes: Attributes{}}
	if c.ExternalID == "" {
		c.ExternalID = NewUUID()
	}
	if err := ValidateText("User ID", c.ExternalID, MaxText); err != nil {
		return nil, err
	}
	c.SignedUpAt = c.CreatedAt
	return c, c.Revisit(d, c.CreatedAt)
}

// Revisit applies what a draft says of a visitor that is known already.
func (c *Contact) Revisit(d VisitorDraft, now int64) error {
	p := ContactPatch{Attributes: d.Attributes}
	for _, f := range []struct {
		given string
		patch *Opt[string]
	}{{d.Name, &p.Name}, {d.Email, &p.Email}, {d.Phone, &p.Phone}} {
		if f.given != "" {
			*f.patch = Some(f.given)
		}
	}
	if d.LastSeenAt != 0 {
		p.LastSeenAt = Some(d.LastSeenAt)
	}
	latest := d.Profile
	latest.absorb(c.Profile)
	p.Profile = Some(latest)
	c.SessionCount = cmp.Or(d.SessionCount, c.SessionCount)
	return c.change(p, now)
}

// UpdateVisitor applies a patch to a visitor.
func (c *Contact) UpdateVisitor(p VisitorPatch, now int64) error {
	return c.change(ContactPatch{Name: p.Name, Attributes: p.Attributes}, now)
}

func (c *Contact) change(p ContactPatch, now int64) error {
	if err := c.apply(p); err != nil {
		return err
	}
	if c.Name != "" && c.Pseudonym == "" {
		c.Pseudonym = pseudonym(c.ID)
	}
	c.UpdatedAt = now
	return nil
}

// Become makes a user or a lead of a visitor. What identifies a user replaces
// what identified the visitor; a lead goes on under the visitor's user id unless
// it is given another. The address stays where none is given.
func (c *Contact) Become(role Role, as ContactRef, now int64) error {
	p := ContactPatch{Role: Some(role)}
	if role == RoleUser || as.ExternalID != "" {
		p.ExternalID = Some(as.ExternalID)
	}
	if as.Email != "" {
		p.Email = Some(as.Email)
	}
	if err := c.apply(p); err != nil {
		return err
	}
	c.UpdatedAt = now
	return c.mustBeIdentified()
}

// pseudonym is the invented name of a visitor: always the same for the same id.
func pseudonym(id ContactID) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	n := h.Sum32()
	return colours[n%uint32(len(colours))] + " " + things[n>>16%uint32(len(things))]
}

var (
	colours = [...]string{
		"Amber", "Apricot", "Ash", "Azure", "Brass", "Cherry", "Cobalt", "Copper", "Coral", "Cream", "Emerald", "Fern",
		"Ginger", "Golden", "Ivory", "Jade", "Lilac", "Lime", "Mint", "Navy", "Ochre", "Olive", "Pearl", "Plum", "Ruby",
		"Saffron", "Sand", "Scarlet", "Silver", "Teal", "Umber", "Violet",
	}
	things = [...]string{
		"Acorn", "Anchor", "Bakery", "Beacon", "Bridge", "Button", "Cello", "Compass", "Ferry", "Garden", "Harbour",
		"Kettle", "Kite", "Ladder", "Lantern", "Meadow", "Mill", "Orchard", "Paddle", "Pebble", "Piano", "Quill",
		"Rocket", "Saddle", "Sail", "Sparrow", "Teapot", "Thimble", "Tram", "Umbrella", "Violin", "Whistle",
	}
)
