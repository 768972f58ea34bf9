package model

import "strings"

// A Part is one thing that happened in a conversation or a ticket: a message, a
// note, or a change.
type Part struct {
	ID           PartID
	Conversation ConversationID
	Type         PartType
	Body         string // safe HTML; empty for none
	Author       Author
	AssignedTo   Assignee
	CreatedAt    int64
	UpdatedAt    int64
	NotifiedAt   int64
	ExternalID   string
	Redacted     bool
	Options      []ReplyOption // that a contact may pick from, or picked
	State        TicketState   // of a ticket's state change: the new one
	Before       TicketState   // and the one before
	Waited       Opt[int64]    // of an admin's message: how long it was waited for, in seconds; not stored with the part
	Attachments  []*Attachment // as loaded
}

// A PartType is what a part is.
type PartType string

const (
	PartComment            PartType = "comment"
	PartNote               PartType = "note"
	PartQuickReply         PartType = "quick_reply"
	PartOpen               PartType = "open" // with a body: a contact's message that reopened
	PartClose              PartType = "close"
	PartSnoozed            PartType = "snoozed"
	PartTimerUnsnooze      PartType = "timer_unsnooze"
	PartAssignment         PartType = "assignment"
	PartAssignAndReopen    PartType = "assign_and_reopen"
	PartAssignAndUnsnooze  PartType = "assign_and_unsnooze"
	PartDefaultAssignment  PartType = "default_assignment"
	PartAwayModeAssignment PartType = "away_mode_assignment"
	PartParticipantAdded   PartType = "participant_added"
	PartParticipantRemoved PartType = "participant_removed"
	PartAttributeUpdated   PartType = "conversation_attribute_updated_by_admin"
	PartRatingChanged      PartType = "conversation_rating_changed"
	PartRatingRemarkAdded  PartType = "conversation_rating_remark_added"
	PartTicketStateUpdated PartType = "ticket_state_updated_by_admin"
	PartTicketAttributeSet PartType = "ticket_attribute_updated_by_admin"
	RedactedBody                    = "<p><i>This message was deleted</i></p>"
	MaxReplyOptions                 = 10
	maxReplyOption                  = MaxText
	maxReplyOptionUUID              = 64
)

// IsMessage reports whether the part is something that the other side reads: it
// has a text, files or options, and is no note.
func (p *Part) IsMessage() bool {
	return p.Type != PartNote && (p.Body != "" || len(p.Attachments) > 0 || len(p.Options) > 0)
}

// An Assignee is who has to act on a conversation: an admin, a team, or nobody
// any more of the one sort or the other. The zero value is no change.
type Assignee struct {
	Type AssigneeType
	ID   int64 // of the admin or team; 0 for nobody
}

// An AssigneeType is what can be assigned to.
type AssigneeType string

const (
	AssignAdmin AssigneeType = "admin"
	AssignTeam  AssigneeType = "team"
)

// ToAdmin is an admin as an assignee; 0 is nobody.
func ToAdmin(id AdminID) Assignee { return Assignee{AssignAdmin, int64(id)} }

// ToTeam is a team as an assignee; 0 is nobody.
func ToTeam(id TeamID) Assignee { return Assignee{AssignTeam, int64(id)} }

// A ReplyOption is an answer that a contact can give with one press.
type ReplyOption struct{ Text, UUID string }

// ValidateReplyOptions checks the options of a quick reply and gives those a
// UUID that have none.
func ValidateReplyOptions(options []ReplyOption) error {
	if len(options) > MaxReplyOptions {
		return ParameterInvalid("There can be %d reply options at most", MaxReplyOptions)
	}
	seen := map[string]bool{}
	for i := range options {
		o := &options[i]
		if o.Text = strings.TrimSpace(o.Text); o.Text == "" {
			return ParameterInvalid("A reply option needs a text")
		}
		if o.UUID == "" {
			o.UUID = NewUUID()
		}
		if err := ValidateText("Reply option", o.Text, maxReplyOption); err != nil {
			return err
		}
		if err := ValidateText("UUID of a reply option", o.UUID, maxReplyOptionUUID); err != nil {
			return err
		}
		if seen[o.UUID] {
			return ParameterInvalid("Two reply options have the same uuid")
		}
		seen[o.UUID] = true
	}
	return nil
}

// ValidateMessage checks the length of what somebody writes.
func ValidateMessage(subject, body, url string) error {
	if err := ValidateText("Subject", subject, MaxText); err != nil {
		return err
	}
	if err := ValidateText("URL", url, MaxURL); err != nil {
		return err
	}
	return ValidateText("Body", body, MaxBody)
}
