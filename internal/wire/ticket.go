package wire

import (
	"reflect"

	"parley/internal/model"
)

// A Ticket as the API shows it.
type Ticket struct {
	Type          string         `json:"type" enum:"ticket"`
	ID            string         `json:"id"`
	TicketID      string         `json:"ticket_id" doc:"The number that people call it. It is no id for requests."`
	Attributes    TicketValues   `json:"ticket_attributes"`
	State         string         `json:"ticket_state" enum:"submitted,in_progress,waiting_on_customer,resolved"`
	InternalLabel string         `json:"ticket_state_internal_label" doc:"What teammates read of the state."`
	ExternalLabel string         `json:"ticket_state_external_label" doc:"What the contact reads of the state."`
	TicketType    TicketType     `json:"ticket_type"`
	Contacts      TicketContacts `json:"contacts"`
	AdminAssignee string         `json:"admin_assignee_id" doc:"0 for nobody."`
	TeamAssignee  string         `json:"team_assignee_id" doc:"0 for none."`
	CreatedAt     int64          `json:"created_at"`
	UpdatedAt     int64          `json:"updated_at"`
	TicketParts   TicketParts    `json:"ticket_parts"`
	IsShared      bool           `json:"is_shared" doc:"Whether the contact can see it."`
}

// TicketValues are what a ticket has of its attributes, by their names.
type TicketValues map[string]any

// Schema describes the type in the contract.
func (TicketValues) Schema() map[string]any {
	return map[string]any{"type": "object",
		"description": "Every attribute of the type that is not archived; null for what is not set.",
		"additionalProperties": map[string]any{"anyOf": []any{
			map[string]any{"type": []string{"string", "number", "boolean", "null"}},
			reflect.TypeFor[Attachment](),
			map[string]any{"type": "array", "items": reflect.TypeFor[Attachment](), "description": "Of files, where there may be several."},
		}}}
}

// TicketContacts are the contacts who take part in a ticket.
type TicketContacts struct {
	Type     string          `json:"type" enum:"contact.list"`
	Contacts []TicketContact `json:"contacts"`
}

// A TicketContact is a contact who takes part in a ticket.
type TicketContact struct {
	ID   string `json:"id"`
	Role string `json:"role" enum:"user,lead"`
}

// TicketParts are the newest parts of a ticket, oldest first.
type TicketParts struct {
	Type        string       `json:"type" enum:"ticket_part.list"`
	TicketParts []TicketPart `json:"ticket_parts"`
	TotalCount  int          `json:"total_count"`
}

// A TicketPart is one thing that happened to a ticket. What does not concern it is
// left out.
type TicketPart struct {
	Type        string       `json:"type" enum:"ticket_part"`
	ID          string       `json:"id"`
	PartType    string       `json:"part_type"`
	Body        string       `json:"body,omitzero" doc:"HTML that is safe to show."`
	State       string       `json:"ticket_state,omitzero" enum:"submitted,in_progress,waiting_on_customer,resolved"`
	Before      string       `json:"previous_ticket_state,omitzero" enum:"submitted,in_progress,waiting_on_customer,resolved"`
	CreatedAt   int64        `json:"created_at"`
	UpdatedAt   int64        `json:"updated_at"`
	AssignedTo  *AssignedTo  `json:"assigned_to,omitzero"`
	Author      PartAuthor   `json:"author"`
	Attachments []Attachment `json:"attachments"`
	ExternalID  string       `json:"external_id,omitzero"`
	Redacted    bool         `json:"redacted"`
}

// FromTicket translates a ticket with its newest parts.
func FromTicket(v View) func(*model.Ticket) Ticket {
	return func(t *model.Ticket) Ticket {
		parts := each(t.Parts, FromTicketPart(v))
		return Ticket{Type: "ticket", ID: t.ID.String(), TicketID: model.ConversationID(t.Number).String(), Attributes: v.ticketValues(t),
			State: string(t.TicketState), InternalLabel: t.TicketState.Label(), ExternalLabel: t.TicketState.ExternalLabel(),
			TicketType: FromTicketType(v.Workspace.ID)(t.Type),
			Contacts: TicketContacts{"contact.list", each(t.Contacts, func(p model.Participant) TicketContact {
				return TicketContact{string(p.ID), string(p.Role)}
			})},
			AdminAssignee: t.AdminAssignee.String(), TeamAssignee: t.TeamAssignee.String(), CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt,
			TicketParts: TicketParts{"ticket_part.list", parts, len(parts)}, IsShared: t.Shared}
	}
}

func (v View) ticketValues(t *model.Ticket) TicketValues {
	values := TicketValues{}
	for _, a := range t.Type.Attributes {
		if a.Archived {
			continue
		}
		if a.DataType != model.TicketFiles {
			values[a.Name] = t.Value(a)
			continue
		}
		switch files := v.attachments(t.Files(a)); {
		case len(files) == 0:
			values[a.Name] = nil
		case a.AllowMultiple:
			values[a.Name] = files
		default:
			values[a.Name] = files[0]
		}
	}
	return values
}

// FromTicketPart translates a part of a ticket.
func FromTicketPart(v View) func(*model.Part) TicketPart {
	return func(p *model.Part) TicketPart {
		return TicketPart{Type: "ticket_part", ID: p.ID.String(), PartType: string(p.Type), Body: v.text(p.Body),
			State: string(p.State), Before: string(p.Before), CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
			AssignedTo: assignedTo(p.AssignedTo), Author: v.author(p.Author), Attachments: v.attachments(p.Attachments),
			ExternalID: p.ExternalID, Redacted: p.Redacted}
	}
}
