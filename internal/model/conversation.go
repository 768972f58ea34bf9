package model

import "sync/atomic"

// A Conversation is what contacts and teammates write to each other: a source,
// which began it, and the parts that followed.
type Conversation struct {
	ID            ConversationID
	CreatedAt     int64
	UpdatedAt     int64
	State         ConversationState
	Read          bool // marked as read since the last message
	Priority      bool
	Title         string
	WaitingSince  int64 // the first message of a contact that no admin has answered; 0 for none
	SnoozedUntil  int64 // 0 unless snoozed
	AdminAssignee AdminID
	TeamAssignee  TeamID
	Source        Source
	Rating        *Rating
	Attributes    Attributes
	Statistics    Statistics

	// As loaded by the store: Contacts, or all of it.
	Whole     bool // all of it
	Contacts  []Participant
	Teammates []AdminID // who wrote at least one part
	Tags      []*AppliedTag
	Parts     []*Part // the newest MaxParts, oldest first

	Encoded *atomic.Pointer[[]byte] // as of a Contact, without its parts
}

// MaxParts is how many parts a conversation shows: the newest.
const MaxParts = 500

// MaxParticipants is how many contacts can take part in one conversation.
const MaxParticipants = 100

// A ConversationState says whether anybody has to act.
type ConversationState string

const (
	Open    ConversationState = "open"
	Snoozed ConversationState = "snoozed"
	Closed  ConversationState = "closed"
)

// IsOpen reports what the API calls open: what is not closed.
func (c *Conversation) IsOpen() bool { return c.State != Closed }

// A Source is the message that began a conversation.
type Source struct {
	ID          MessageID
	Type        SourceType
	DeliveredAs Delivery
	Subject     string // plain text
	Body        string // safe HTML
	Author      Author
	URL         string // the page it was written on
	Redacted    bool
	Attachments []*Attachment // as loaded
}

// A SourceType is the channel that a conversation began in.
type SourceType string

// The channels that conversations begin in here. The API knows more.
const (
	FromMessenger SourceType = "conversation"
	FromEmail     SourceType = "email"
)

// A Delivery says who began a conversation, and how.
type Delivery string

const (
	CustomerInitiated Delivery = "customer_initiated"
	AdminInitiated    Delivery = "admin_initiated"
)

// A Participant is a contact who takes part in a conversation.
type Participant struct {
	ID    ContactID
	Role  Role // this and the rest as loaded
	Name  string
	Email string
}

// ParticipantOf is a contact as one who takes part.
func ParticipantOf(c *Contact) Participant { return Participant{c.ID, c.Role, c.Name, c.Email} }

// Author is who takes part as an author.
func (p Participant) Author() Author {
	return ByContact(&Contact{ID: p.ID, Role: p.Role, Name: p.Name, Email: p.Email})
}

// An Author is who wrote something or did it. Name and Email are loaded from who
// that is now; of somebody who is gone they are empty.
type Author struct {
	Type    AuthorType
	Contact ContactID // of a user or lead
	Admin   AdminID   // of an admin
	Name    string
	Email   string
}

// An AuthorType is what an author is.
type AuthorType string

const (
	AuthorUser  AuthorType = "user"
	AuthorLead  AuthorType = "lead"
	AuthorAdmin AuthorType = "admin"
	AuthorBot   AuthorType = "bot" // Operator, who acts where nobody in particular does
)

// OperatorID is the id of the bot that does what happens by itself. No admin has
// it.
const OperatorID AdminID = 900_000_001

// ByContact is a contact as an author.
func ByContact(c *Contact) Author {
	a := Author{Type: AuthorUser, Contact: c.ID, Name: c.Name, Email: c.Email}
	if c.Role == RoleLead {
		a.Type = AuthorLead
	}
	return a
}

// ByAdmin is an admin as an author.
func ByAdmin(a *Admin) Author {
	return Author{Type: AuthorAdmin, Admin: a.ID, Name: a.Name, Email: a.Email}
}

// ByOperator is the bot as an author.
func ByOperator() Author { return Author{Type: AuthorBot} }

// IsContact reports whether the author is a user or a lead.
func (a Author) IsContact() bool { return a.Type == AuthorUser || a.Type == AuthorLead }

// A Rating is what a contact thought of a conversation.
type Rating struct {
	Score       int64 // 1 to 5; 0 while it is only asked for
	Remark      string
	Contact     ContactID
	Admin       AdminID // who is rated: the assignee when it was asked for; 0 for nobody
	RequestedAt int64
	RepliedAt   int64
}

// NewConversation makes a conversation that a message begins. Whoever is named
// takes part in it. One that an admin's message begins is closed until the contact
// answers.
func NewConversation(id ConversationID, source Source, now int64, with ...Participant) *Conversation {
	c := &Conversation{ID: id, CreatedAt: now, UpdatedAt: now, State: Open, Source: source,
		Attributes: Attributes{}, Contacts: with}
	if source.DeliveredAs == AdminInitiated {
		c.State = Closed
	}
	if source.Author.IsContact() {
		c.WaitingSince = now
		c.Statistics.contactWrote(now)
	}
	return c
}

// HasContact reports whether a contact takes part.
func (c *Conversation) HasContact(id ContactID) bool {
	for _, p := range c.Contacts {
		if p.ID == id {
			return true
		}
	}
	return false
}

// ConversationNotFound is the answer to an unknown conversation where tags are
// put on it; elsewhere the live API says ResourceNotFound.
func ConversationNotFound() *Error {
	return &Error{NotFound, "not_found", "Conversation not found"}
}

// TagNotOnConversation is the answer to taking off a tag that is not there.
func TagNotOnConversation() *Error { return &Error{NotFound, "tag_not_found", "Tag not found"} }

// AssigneeNotFound is the answer to an unknown admin or team to assign to.
func AssigneeNotFound() *Error {
	return &Error{NotFound, "assignee_not_found", "Assignee not found"}
}

// LastCustomer is the answer to taking the only contact out of a conversation.
func LastCustomer() *Error {
	return &Error{Unprocessable, "parameter_invalid", "Removing the last customer is not allowed"}
}

// PartOrMessageNotFound is the answer to redacting what there is not.
func PartOrMessageNotFound() *Error {
	return &Error{NotFound, "conversation_part_or_message_not_found", "Conversation part or message not found"}
}

// NotRedactable is the answer to redacting what has no text, or a source that no
// contact wrote.
func NotRedactable() *Error {
	return &Error{Invalid, "conversation_part_not_redactable", "This conversation part cannot be redacted"}
}
