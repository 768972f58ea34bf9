package wire

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// TicketAttributes are values of a ticket's attributes in a request, by their
// names. Null clears.
type TicketAttributes map[string]any

func (a *TicketAttributes) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*a = TicketAttributes{}
	return readObject(d, func(name string) (err error) {
		switch d.PeekKind() {
		case '{':
			return errValue
		case '[':
			(*a)[name], err = readScalars(d)
		default:
			(*a)[name], err = readScalar(d)
		}
		return err
	})
}

// readScalars reads a list of strings, numbers, truth values and nulls.
func readScalars(d *jsontext.Decoder) ([]any, error) {
	if _, err := d.ReadToken(); err != nil {
		return nil, err
	}
	list := []any{}
	for d.PeekKind() != ']' {
		v, err := readScalar(d)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.ReadToken()
	return list, err
}

// Schema describes the type in the contract.
func (TicketAttributes) Schema() map[string]any {
	return map[string]any{"type": []string{"object", "null"},
		"additionalProperties": map[string]any{"type": []string{"string", "number", "boolean", "array", "null"}},
		"description":          "Of a list the id of an item; of files a URL, or a list of URLs. Null clears."}
}

// A TicketRequest is a new ticket.
type TicketRequest struct {
	TicketTypeID Opt[Text]                   `json:"ticket_type_id"`
	Contacts     Opt[[]TicketContactRequest] `json:"contacts" doc:"Exactly one."`
	CompanyID    Opt[Text]                   `json:"company_id,omitzero" doc:"The workspace's own id of the company."`
	Attributes   TicketAttributes            `json:"ticket_attributes,omitzero"`
}

// A TicketContactRequest names a contact: by its id, its external id or its e-mail
// address, whichever is given first.
type TicketContactRequest struct {
	ID         Opt[Text] `json:"id,omitzero"`
	ExternalID Opt[Text] `json:"external_id,omitzero"`
	Email      Opt[Text] `json:"email,omitzero" doc:"One that nobody has makes a lead."`
}

// Type is the type that the request names, which it must.
func (r TicketRequest) Type() (model.TicketTypeID, error) {
	if r.TicketTypeID.Value == "" {
		return 0, model.ParameterNotFound("ticket_type_id is required")
	}
	return model.Decimal[model.TicketTypeID](string(r.TicketTypeID.Value)), nil
}

// Contact is the one contact that the request names.
func (r TicketRequest) Contact() (model.ContactRef, error) {
	var ref model.ContactRef
	switch len(r.Contacts.Value) {
	case 0:
		return ref, model.ParameterNotFound("contacts is required")
	case 1:
	default:
		return ref, model.ParameterInvalid("A ticket has one contact only")
	}
	c := r.Contacts.Value[0]
	ref = model.ContactRef{ID: model.ContactID(c.ID.Value), ExternalID: string(c.ExternalID.Value), Email: string(c.Email.Value)}
	if ref == (model.ContactRef{}) {
		return ref, model.ParameterNotFound("The contact is required: id, external_id or email")
	}
	return ref, nil
}

// A TicketUpdate says what to change of a ticket.
type TicketUpdate struct {
	Attributes   TicketAttributes      `json:"ticket_attributes,omitzero"`
	State        Opt[Text]             `json:"state,omitzero" enum:"in_progress,waiting_on_customer,resolved"`
	IsShared     Opt[Bool]             `json:"is_shared,omitzero" doc:"Whether the contact can see it."`
	Assignment   Opt[TicketAssignment] `json:"assignment,omitzero"`
	Open         Opt[Bool]             `json:"open,omitzero" doc:"false closes the ticket, true opens it."`
	SnoozedUntil Opt[Seconds]          `json:"snoozed_until,omitzero" doc:"Until when the ticket is put aside. A time that is over is ignored."`
}

// NewState is how far the work has come.
func (u TicketUpdate) NewState() model.Opt[model.TicketState] {
	return convert(u.State, func(t Text) model.TicketState { return model.TicketState(t) })
}

// Sharing is whether the contact can see the ticket.
func (u TicketUpdate) Sharing() model.Opt[bool] { return convert(u.IsShared, plainBool) }

// Opening is whether the ticket is to be open, or closed.
func (u TicketUpdate) Opening() model.Opt[bool] { return convert(u.Open, plainBool) }

// Snooze is until when the ticket is to be put aside.
func (u TicketUpdate) Snooze() model.Opt[int64] {
	return convert(u.SnoozedUntil, func(t Seconds) int64 { return int64(t) })
}

// A TicketAssignment gives a ticket to an admin or a team, or to nobody.
type TicketAssignment struct {
	AdminID    Opt[Text] `json:"admin_id,omitzero" doc:"Who assigns; without one it is the token's admin."`
	AssigneeID Opt[Text] `json:"assignee_id" doc:"An admin or, where no admin has that id, a team; 0 for nobody."`
	Type       Opt[Text] `json:"type,omitzero" enum:"admin,team" doc:"Which of the two assignee_id is."`
}

// By is the admin who assigns, if one is named.
func (a TicketAssignment) By() model.Opt[model.AdminID] {
	if !a.AdminID.Has() {
		return model.Opt[model.AdminID]{}
	}
	return convert(a.AdminID, func(t Text) model.AdminID { return model.Decimal[model.AdminID](string(t)) })
}

// To is who the ticket is given to. Its type is empty where the request leaves
// open which it is.
func (a TicketAssignment) To() (model.Assignee, error) {
	if !a.AssigneeID.Has() {
		return model.Assignee{}, model.ParameterNotFound("assignee_id is required")
	}
	to := model.Assignee{Type: model.AssigneeType(a.Type.Value), ID: -1} // which nobody has
	switch to.Type {
	case "", model.AssignAdmin, model.AssignTeam:
	default:
		return to, model.ParameterInvalid("type is admin or team")
	}
	if s := strings.TrimSpace(string(a.AssigneeID.Value)); s == "0" {
		to.ID = 0
	} else if n := model.Decimal[model.AdminID](s); n != 0 {
		to.ID = int64(n)
	}
	return to, nil
}

// A TicketReply is a note of an admin's.
type TicketReply struct {
	MessageType     Opt[Text]             `json:"message_type,omitzero" enum:"note"`
	Type            Opt[Text]             `json:"type,omitzero" enum:"admin"`
	AdminID         Opt[Text]             `json:"admin_id"`
	Body            Opt[Text]             `json:"body,omitzero" doc:"Plain text or HTML. It may be left out where there are attachments."`
	AttachmentURLs  Opt[[]string]         `json:"attachment_urls,omitzero"`
	AttachmentFiles Opt[[]AttachmentFile] `json:"attachment_files,omitzero"`
}

// Admin is who writes the note. What is no note, or not an admin's, is refused.
func (r TicketReply) Admin() (model.AdminID, error) {
	switch {
	case r.MessageType.Value != "" && r.MessageType.Value != "note":
		return 0, model.ParameterInvalid("message_type is note: a reply to a ticket can be nothing else")
	case r.Type.Value != "" && r.Type.Value != "admin":
		return 0, model.ParameterInvalid("type is admin: contacts cannot reply to tickets")
	}
	id, err := adminID(r.AdminID)
	return id.Value, err
}

// Uploads are the files that came with the note.
func (r TicketReply) Uploads() ([]model.Upload, error) { return uploads(r.AttachmentFiles) }
