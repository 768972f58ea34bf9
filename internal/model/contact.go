package model

import (
	"cmp"
	"maps"
	"strings"
	"sync/atomic"
)

// A Role says what a contact is to the workspace.
type Role string

const (
	RoleUser    Role = "user"    // known by an external id or an e-mail address
	RoleLead    Role = "lead"    // wrote, but is not yet known
	RoleVisitor Role = "visitor" // was seen, and has not written
)

// A Contact is a person the workspace talks to: a user, a lead or a visitor.
// Visitors are reached through their own operations and never appear among
// contacts.
type Contact struct {
	ID                     ContactID
	ExternalID             string // the workspace's own name for the person
	Role                   Role
	Email                  string // in lower case
	Phone                  string
	Name                   string
	Pseudonym              string // a visitor's invented name
	Avatar                 string // URL of the picture
	OwnerID                AdminID
	UnsubscribedFromEmails bool
	MarkedEmailAsSpam      bool
	HasHardBounced         bool
	CreatedAt              int64
	UpdatedAt              int64
	SignedUpAt             int64
	LastSeenAt             int64
	LastRepliedAt          int64
	LastContactedAt        int64
	LastEmailOpenedAt      int64
	LastEmailClickedAt     int64
	ArchivedAt             int64
	SessionCount           int64
	Profile                Profile
	Attributes             Attributes

	Relatives Relatives // as loaded by the store

	// Encoded is room for what is shown of the contact, where the same one may be shown again. Such a contact must not be changed.
	Encoded *atomic.Pointer[[]byte]
}

// A Profile is what the Messenger and the mobile SDKs saw of a contact. The API
// shows it and searches by it, but does not write it.
type Profile struct {
	Country, Region, City, CountryCode, ContinentCode string

	LanguageOverride, Browser, BrowserVersion, BrowserLanguage, OS string

	AndroidAppName, AndroidAppVersion, AndroidDevice, AndroidOSVersion, AndroidSDKVersion string
	AndroidLastSeenAt                                                                     int64

	IOSAppName, IOSAppVersion, IOSDevice, IOSOSVersion, IOSSDKVersion string
	IOSLastSeenAt                                                     int64

	UTMCampaign, UTMContent, UTMMedium, UTMSource, UTMTerm, Referrer string

	SocialProfiles []SocialProfile
}

// A SocialProfile is an account of the contact elsewhere.
type SocialProfile struct{ Name, URL string }

// Relatives are the first few of what belongs to a contact, and how many there
// are in all.
type Relatives struct {
	Tags, Notes, Companies, OptedOut, OptedIn References
}

// MaxReferences is how many relatives of one sort a contact shows.
const MaxReferences = 10

// References are ids, at most MaxReferences, out of Total.
type References struct {
	IDs   []string
	Total int
}

// A ContactPatch says what to change. A new contact is a patch of an empty one.
type ContactPatch struct {
	Role                   Opt[Role]
	ExternalID             Opt[string]
	Email                  Opt[string]
	Phone                  Opt[string]
	Name                   Opt[string]
	Avatar                 Opt[string]
	SignedUpAt             Opt[int64]
	LastSeenAt             Opt[int64]
	OwnerID                Opt[AdminID]
	UnsubscribedFromEmails Opt[bool]
	Attributes             Attributes // nil values clear

	// What only a seed or an import may set.
	ID        Opt[ContactID] // of a new contact
	Profile   Opt[Profile]
	CreatedAt Opt[int64] // of a new contact
}

// NewContact makes a contact of a patch. A user needs an external id or an
// e-mail address; a lead needs nothing and is given a UUID as external id.
func NewContact(id ContactID, p ContactPatch, now int64) (*Contact, error) {
	c := &Contact{ID: id, Role: RoleUser, CreatedAt: now, Attributes: Attributes{}}
	if err := c.apply(p); err != nil {
		return nil, err
	}
	p.ID.Apply(&c.ID)
	p.CreatedAt.Apply(&c.CreatedAt)
	c.UpdatedAt = c.CreatedAt
	if c.Role == RoleLead && c.ExternalID == "" {
		c.ExternalID = NewUUID()
	}
	return c, c.mustBeIdentified()
}

// Update applies a patch. A lead may become a user; a user never a lead again.
func (c *Contact) Update(p ContactPatch, now int64) error {
	if c.Role == RoleUser && p.Role.Has() && p.Role.Value == RoleLead {
		return &Error{Invalid, "client_error", "Contact with user role can't be converted to a lead"}
	}
	if err := c.apply(p); err != nil {
		return err
	}
	c.UpdatedAt = now
	return c.mustBeIdentified()
}

// mustBeIdentified refuses a user whom nothing tells from other users.
func (c *Contact) mustBeIdentified() error {
	if c.Role == RoleUser && c.ExternalID == "" && c.Email == "" {
		return ParameterNotFound("A user needs an external_id or an email")
	}
	return nil
}

func (c *Contact) apply(p ContactPatch) error {
	if p.Role.Has() {
		if p.Role.Value != RoleUser && p.Role.Value != RoleLead {
			return ParameterInvalid("Role must be either user or lead")
		}
		c.Role = p.Role.Value
	}
	if p.Email.Has() {
		if p.Email.Value = strings.ToLower(strings.TrimSpace(p.Email.Value)); p.Email.Value != "" {
			if err := validateEmail(p.Email.Value); err != nil {
				return err
			}
		}
	}
	err := applyTexts(
		textPatch{"External ID", p.ExternalID, MaxText, &c.ExternalID},
		textPatch{"Email", p.Email, MaxText, &c.Email},
		textPatch{"Phone", p.Phone, MaxText, &c.Phone},
		textPatch{"Name", p.Name, MaxText, &c.Name},
		textPatch{"Avatar", p.Avatar, MaxURL, &c.Avatar},
	)
	if err != nil {
		return err
	}
	p.SignedUpAt.Apply(&c.SignedUpAt)
	p.LastSeenAt.Apply(&c.LastSeenAt)
	p.OwnerID.Apply(&c.OwnerID)
	p.UnsubscribedFromEmails.Apply(&c.UnsubscribedFromEmails)
	p.Profile.Apply(&c.Profile)
	c.Attributes.Merge(p.Attributes)
	return nil
}

// A ContactRef names a contact by its id, its external id or its e-mail address,
// whichever is given first.
type ContactRef struct {
	ID         ContactID
	ExternalID string
	Email      string
}

// EmailDomain is what follows the @ of the e-mail address.
func (c *Contact) EmailDomain() string {
	_, domain, _ := strings.Cut(c.Email, "@")
	return domain
}

// ConflictsWith reports whether two contacts may not exist side by side: equal
// external ids, or two users with one e-mail address of whom one has no external
// id to tell them apart. Leads may share an address.
func (c *Contact) ConflictsWith(other *Contact) bool {
	if c.ID == other.ID {
		return false
	}
	if c.ExternalID != "" && c.ExternalID == other.ExternalID {
		return true
	}
	return c.Role == RoleUser && other.Role == RoleUser &&
		c.Email != "" && Fold(c.Email) == Fold(other.Email) &&
		(c.ExternalID == "" || other.ExternalID == "")
}

// Absorb takes over what c lacks from another contact, as a merge does: values
// that c has win. With an address goes what is known of it.
func (c *Contact) Absorb(from *Contact, now int64) {
	if c.Email == "" {
		c.Email = from.Email
		c.UnsubscribedFromEmails = c.UnsubscribedFromEmails || from.UnsubscribedFromEmails
		c.MarkedEmailAsSpam = c.MarkedEmailAsSpam || from.MarkedEmailAsSpam
		c.HasHardBounced = c.HasHardBounced || from.HasHardBounced
	}
	c.Phone = cmp.Or(c.Phone, from.Phone)
	c.Name = cmp.Or(c.Name, from.Name)
	c.Avatar = cmp.Or(c.Avatar, from.Avatar)
	c.OwnerID = cmp.Or(c.OwnerID, from.OwnerID)
	c.SignedUpAt = cmp.Or(c.SignedUpAt, from.SignedUpAt)
	c.LastSeenAt = cmp.Or(c.LastSeenAt, from.LastSeenAt)
	c.LastRepliedAt = cmp.Or(c.LastRepliedAt, from.LastRepliedAt)
	c.LastContactedAt = cmp.Or(c.LastContactedAt, from.LastContactedAt)
	c.LastEmailOpenedAt = cmp.Or(c.LastEmailOpenedAt, from.LastEmailOpenedAt)
	c.LastEmailClickedAt = cmp.Or(c.LastEmailClickedAt, from.LastEmailClickedAt)
	c.SessionCount += from.SessionCount
	c.Profile.absorb(from.Profile)
	attributes := maps.Clone(from.Attributes)
	maps.Copy(attributes, c.Attributes)
	c.Attributes = attributes
	c.UpdatedAt = now
}

// ContactConflict is the answer to a contact that collides with another. SDKs
// and integrations read the id out of the message.
func ContactConflict(existing *Contact) *Error {
	article := "A contact"
	if existing.ArchivedAt != 0 {
		article = "An archived contact"
	}
	return &Error{Conflict, "conflict",
		article + " matching those details already exists with id=" + string(existing.ID)}
}

// OwnerNotFound is the answer to an owner_id that is no admin.
func OwnerNotFound() *Error {
	return ParameterInvalid("The owner specified is not a member of the workspace")
}

// InvalidMerge is the answer to a merge of anything but a lead into a user.
func InvalidMerge() *Error {
	return &Error{Invalid, "invalid_merge", "Merging can only be performed on a lead into a user"}
}

// NotRestorable is the answer to an attempt to bring back a deleted contact.
func NotRestorable() *Error {
	return &Error{Invalid, "not_restorable", "This contact is marked for permanent deletion and is not restorable"}
}

// AmbiguousEmail is the answer to an e-mail address that several contacts share
// where one is meant.
func AmbiguousEmail() *Error {
	return &Error{Conflict, "conflict",
		"Multiple existing users match this email address - must be more specific using user_id"}
}
