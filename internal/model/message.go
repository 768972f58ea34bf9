package model

import (
	"strings"
	"unicode"
)

// A Message is what an admin sent to a contact. The conversation that it begins
// is made when the contact answers, or at once where that was asked for.
type Message struct {
	ID           MessageID
	Type         MessageType
	Subject      string // plain text in one line; of e-mails alone
	Body         string // safe HTML
	Template     Template
	From         *Admin // as stored, only its id
	To           ContactID
	CreatedAt    int64
	Conversation ConversationID // 0 until there is one
	Sent         bool           // false of an e-mail that nobody may get; not loaded
}

// A MessageType is how a message is delivered.
type MessageType string

const (
	InApp MessageType = "inapp"
	Email MessageType = "email"
)

// A Template is how an e-mail looks.
type Template string

const (
	Plain    Template = "plain"
	Personal Template = "personal"
)

// A MessageDraft is what an admin wants to send to a contact.
type MessageDraft struct {
	From     Opt[AdminRef] // the admin who asks, where absent
	To       ContactRef
	Role     Role // which of those is meant who share an address; any where empty
	Type     MessageType
	Subject  string   // plain text
	Body     string   // plain text or HTML
	Template Template // Plain where empty
	Begin    bool     // whether the conversation begins before the contact answers
}

// An AdminRef names an admin by its id or else its e-mail address.
type AdminRef struct {
	ID    AdminID
	Email string
}

// Message is the message that a draft is for, still without an id, people and a
// time. Its body is the draft's made safe.
func (d *MessageDraft) Message(body string) (*Message, error) {
	m := &Message{Type: d.Type, Body: body}
	switch {
	case d.Type == "":
		return nil, ParameterNotFound("message_type is required: in_app or email")
	case d.Type != InApp && d.Type != Email:
		return nil, ParameterInvalid("message_type is in_app or email")
	case body == "":
		return nil, BodyRequired()
	case d.Type == Email && OneLine(d.Subject) == "":
		return nil, SubjectRequired()
	case d.To == ContactRef{}:
		return nil, ParameterNotFound("to needs an id, a user_id or an email")
	case d.Type == InApp:
		return m, nil
	}
	m.Subject = OneLine(d.Subject)
	switch m.Template = d.Template; m.Template {
	case "":
		m.Template = Plain
	case Plain, Personal:
	default:
		return nil, ParameterInvalid("template is plain or personal")
	}
	return m, nil
}

// OneLine makes one line of a text: what ends a line, or cannot be seen, becomes
// a space.
func OneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, s))
}

// Source is the message as what began a conversation.
func (m *Message) Source() Source {
	s := Source{ID: m.ID, Type: FromMessenger, DeliveredAs: AdminInitiated, Subject: m.Subject, Body: m.Body, Author: ByAdmin(m.From)}
	if m.Type == Email {
		s.Type = FromEmail
	}
	return s
}

// BodyRequired is the answer to a message without a text.
func BodyRequired() *Error { return ParameterInvalid("Body is required") }

// SubjectRequired is the answer to an e-mail without a subject.
func SubjectRequired() *Error {
	return &Error{Unprocessable, "parameter_not_found", "No subject supplied for email message"}
}

// An OutgoingEmail is an e-mail that waits to be sent, or why it will not be.
type OutgoingEmail struct {
	ID         string // a UUID that sorts by time
	Message    MessageID
	Contact    ContactID
	From       AdminID
	To         string // the address; empty where the contact has none
	Subject    string
	HTML       string // the whole rendered message
	Text       string // the same without markup
	State      EmailState
	Suppressed Suppression // of one that is suppressed
	CreatedAt  int64
}

// An EmailState is what becomes of an outgoing e-mail.
type EmailState string

const (
	EmailQueued     EmailState = "queued"
	EmailSuppressed EmailState = "suppressed"
)

// A Suppression is why no e-mail may go to a contact.
type Suppression string

const (
	NoAddress    Suppression = "no_address"
	Archived     Suppression = "archived"
	HardBounced  Suppression = "hard_bounced"
	MarkedAsSpam Suppression = "marked_as_spam"
	Unsubscribed Suppression = "unsubscribed"
)

// SuppressedBy says why no e-mail may go to a contact; empty where one may. What
// a contact chose about subscription types is no reason: those are for what goes
// to many.
func (c *Contact) SuppressedBy() Suppression {
	switch {
	case c.Email == "":
		return NoAddress
	case c.ArchivedAt != 0:
		return Archived
	case c.HasHardBounced:
		return HardBounced
	case c.MarkedEmailAsSpam:
		return MarkedAsSpam
	case c.UnsubscribedFromEmails:
		return Unsubscribed
	default:
		return ""
	}
}
