package seed

import "parley/internal/model"

// A Conversation is known by its contact and its first message. One that is there
// stays as it is.
type Conversation struct {
	From             string         `yaml:"from"`    // the contact who began it: external id or e-mail address
	Message          *Message       `yaml:"message"` // or the admin's message that did
	At               Time           `yaml:"at"`
	Subject          string         `yaml:"subject"`
	Body             string         `yaml:"body"`
	URL              string         `yaml:"url"` // the page it was written on
	Attachments      []Attachment   `yaml:"attachments"`
	Contacts         []string       `yaml:"contacts"` // who takes part besides
	Title            string         `yaml:"title"`
	Priority         bool           `yaml:"priority"`
	Read             bool           `yaml:"read"`
	CustomAttributes map[string]any `yaml:"custom_attributes"`
	Tags             []string       `yaml:"tags"`
	Parts            []Part         `yaml:"parts"`
}

// A Message is what an admin sent to a contact. Without parts it waits for an
// answer; else the first part is the contact's.
type Message struct {
	From    string            `yaml:"from"` // an admin's e-mail address
	To      string            `yaml:"to"`   // a contact
	Type    model.MessageType `yaml:"type"`
	Subject string            `yaml:"subject"`
}

// A Part is what somebody wrote or did in a conversation.
type Part struct {
	At          Time         `yaml:"at"`
	By          string       `yaml:"by"`   // an admin's e-mail address, or a contact
	Type        PartType     `yaml:"type"` // comment where it is left out
	Body        string       `yaml:"body"`
	Attachments []Attachment `yaml:"attachments"`
	Until       Time         `yaml:"until"`  // of a snooze
	To          string       `yaml:"to"`     // of an assignment: an admin's e-mail address, a team's name, or nobody
	Rating      int64        `yaml:"rating"` // of a rating: 1 to 5
	Remark      string       `yaml:"remark"` // of a rating
}

// A PartType says what a part does.
type PartType string

const (
	partComment   PartType = "comment"
	partNote      PartType = "note"
	partClose     PartType = "close"
	partOpen      PartType = "open"
	partSnooze    PartType = "snooze"
	partAssign    PartType = "assign"
	partAskRating PartType = "ask_rating"
	partRate      PartType = "rate"
)

// nobody is the assignee that takes an assignment back.
const nobody = "nobody"

// An Attachment is a file: its text, its bytes in base64, or where it is.
type Attachment struct {
	Name        string `yaml:"name"`
	ContentType string `yaml:"content_type"`
	Text        string `yaml:"text"`
	Data        string `yaml:"data"`
	URL         string `yaml:"url"`
}

// A Ticket is known by its type, its contact and its title.
type Ticket struct {
	Type       string         `yaml:"type"` // a ticket type's name
	Contact    string         `yaml:"contact"`
	Company    string         `yaml:"company"` // a company_id
	At         Time           `yaml:"at"`
	Attributes map[string]any `yaml:"attributes"`
	Parts      []TicketPart   `yaml:"parts"`
}

// A TicketPart is what an admin did to a ticket; several things at once are parts
// one after another.
type TicketPart struct {
	At         Time              `yaml:"at"`
	By         string            `yaml:"by"` // an admin's e-mail address
	Note       string            `yaml:"note"`
	State      model.TicketState `yaml:"state"`
	Attributes map[string]any    `yaml:"attributes"`
	Shared     *bool             `yaml:"shared"`
	To         string            `yaml:"to"` // an admin's e-mail address, a team's name, or nobody
}
