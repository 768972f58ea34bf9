package model

import (
	"slices"
)

// A TicketState is how far work on a ticket has come.
type TicketState string

const (
	Submitted         TicketState = "submitted"
	InProgress        TicketState = "in_progress"
	WaitingOnCustomer TicketState = "waiting_on_customer"
	Resolved          TicketState = "resolved"
)

// Label is what teammates read of the state.
func (s TicketState) Label() string {
	switch s {
	case InProgress:
		return "In progress"
	case WaitingOnCustomer:
		return "Waiting on customer"
	case Resolved:
		return "Resolved"
	default:
		return "Submitted"
	}
}

// ExternalLabel is what the contact reads of the state.
func (s TicketState) ExternalLabel() string {
	if s == WaitingOnCustomer {
		return "Waiting on you"
	}
	return s.Label()
}

// A Ticket is work that a contact asked for: a conversation of which it is known
// what type of work it is, and how far it has come. No message began it; the
// attachments of its source are the files that its attributes have.
type Ticket struct {
	Conversation
	Number      int64 // what people call it
	Type        *TicketType
	TicketState TicketState
	Shared      bool                          // with the contact
	Company     CompanyID                     // empty for none
	Values      map[TicketTypeAttributeID]any // of attributes, as CheckAttributes has them; of files their ids, []AttachmentID
}

// NewTicket makes a ticket with values that its type has checked, and the part
// that begins it. It has neither an id nor a number yet.
func NewTicket(of *TicketType, values map[string]any, act Act, with Participant) (*Ticket, *Part, error) {
	t := &Ticket{Conversation: *NewConversation(0, Source{}, act.At, with), Type: of, TicketState: Submitted,
		Values: map[TicketTypeAttributeID]any{}}
	for _, a := range of.Attributes {
		if _, err := t.set(a, values); err != nil {
			return nil, nil, err
		}
	}
	return t, t.changeState(act, Submitted), nil
}

// ChangeState says how far the work has come. It never goes back to submitted.
// Where it is as far already, there is no part and nothing changes.
func (t *Ticket) ChangeState(act Act, to TicketState) ([]*Part, error) {
	switch to {
	case InProgress, WaitingOnCustomer, Resolved:
	default:
		return nil, ParameterInvalid("state must be in_progress, waiting_on_customer or resolved")
	}
	if to == t.TicketState {
		return nil, nil
	}
	return []*Part{t.changeState(act, to)}, nil
}

func (t *Ticket) changeState(act Act, to TicketState) *Part {
	p := t.Mark(PartTicketStateUpdated, act)
	p.State, p.Before = to, t.TicketState
	t.TicketState = to
	return p
}

// SetAttributes gives the ticket values that its type has checked. Each that is
// another than before leaves a part.
func (t *Ticket) SetAttributes(act Act, values map[string]any) ([]*Part, error) {
	var parts []*Part
	for _, a := range t.Type.Attributes {
		changed, err := t.set(a, values)
		if err != nil {
			return nil, err
		}
		if changed {
			parts = append(parts, t.Mark(PartTicketAttributeSet, act))
		}
	}
	return parts, nil
}

// set gives the ticket the value of one attribute, if it is among the values, and
// reports whether it had another one before.
func (t *Ticket) set(a *TicketTypeAttribute, values map[string]any) (changed bool, err error) {
	v, given := values[a.Name]
	if !given || a.Archived {
		return false, nil
	}
	old := t.Values[a.ID]
	if a.DataType == TicketFiles {
		if v, changed, err = t.setFiles(a, v); err != nil || !changed {
			return false, err
		}
	} else if v == nil && old == nil || v != nil && old != nil && ticketValue(a, v) == ticketValue(a, old) {
		return false, nil
	}
	if v == nil {
		delete(t.Values, a.ID)
	} else {
		t.Values[a.ID] = v
	}
	return true, nil
}

// setFiles makes links of URLs, in place of the files that there were; where they
// are the same URLs, the files stay.
func (t *Ticket) setFiles(a *TicketTypeAttribute, v any) (ids any, changed bool, err error) {
	urls, _ := v.([]string)
	had := t.Files(a)
	if slices.EqualFunc(had, urls, func(f *Attachment, url string) bool { return f.URL == url }) {
		return nil, false, nil
	}
	t.Source.Attachments = slices.DeleteFunc(slices.Clone(t.Source.Attachments), func(f *Attachment) bool { return slices.Contains(had, f) })
	if len(urls) == 0 {
		return nil, true, nil
	}
	var links []AttachmentID
	for _, url := range urls {
		f, err := NewLink(url)
		if err != nil {
			return nil, false, err
		}
		links = append(links, f.ID)
		t.Source.Attachments = append(t.Source.Attachments, f)
	}
	return links, true, nil
}

// Value is what the ticket has of an attribute, in the attribute's own form; nil
// for nothing. That of files is Files.
func (t *Ticket) Value(a *TicketTypeAttribute) any {
	v, ok := t.Values[a.ID]
	if !ok {
		return nil
	}
	return ticketValue(a, v)
}

// ticketValue tells a decimal number that is whole from an integer, which a
// database does not.
func ticketValue(a *TicketTypeAttribute, v any) any {
	if n, ok := v.(int64); ok && a.DataType == TicketDecimal {
		return float64(n)
	}
	return v
}

// Files are the files that the ticket has of an attribute, in their order.
func (t *Ticket) Files(a *TicketTypeAttribute) []*Attachment {
	ids, _ := t.Values[a.ID].([]AttachmentID)
	var files []*Attachment
	for _, id := range ids {
		for _, f := range t.Source.Attachments {
			if f.ID == id {
				files = append(files, f)
			}
		}
	}
	return files
}

// TicketTypeArchived is the answer to a new ticket of a type that has no new ones.
func TicketTypeArchived() *Error { return ParameterInvalid("The ticket type is archived") }
