package inbox

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/richtext"
	"parley/internal/store"
)

// A NewTicket is a ticket that is to be made.
type NewTicket struct {
	Type       model.TicketTypeID
	Contact    model.ContactRef
	CompanyID  string         // the workspace's own id of the company; empty for none
	Attributes map[string]any // by name, as JSON has them
}

// CreateTicket makes a ticket for a contact. An e-mail address that nobody has
// makes a lead.
func (s *Service) CreateTicket(ctx context.Context, by *model.Actor, n NewTicket) (*model.Ticket, error) {
	var t *model.Ticket
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		of, err := tx.TicketTypes.Find(n.Type)
		if err != nil {
			return err
		}
		if of.Archived {
			return model.TicketTypeArchived()
		}
		values, err := of.CheckAttributes(n.Attributes, true)
		if err != nil {
			return err
		}
		contact, err := ticketContact(tx, n.Contact)
		if err != nil {
			return err
		}
		var part *model.Part
		t, part, err = model.NewTicket(of, values, act(tx, by.Workspace, model.ByOperator()),
			model.ParticipantOf(contact))
		if err != nil {
			return err
		}
		if n.CompanyID != "" {
			if t.Company, err = tx.Companies.Resolve("", n.CompanyID); err != nil {
				return err
			}
		}
		t.Whole = true
		if t.ID, err = tx.Tickets.NewID(); err != nil {
			return err
		}
		if t.Number, err = tx.Tickets.NewNumber(); err != nil {
			return err
		}
		if err := tx.Tickets.Insert(t); err != nil {
			return err
		}
		if err := fetchLinks(tx, t.Source.Attachments); err != nil {
			return err
		}
		tx.Notify(event.TicketCreated, event.Ticket{ID: t.ID, Part: part})
		return recordTicket(tx, t, part)
	})
	return t, err
}

// ticketContact finds the user or lead that a ticket is for, or makes a lead of an
// e-mail address that nobody has.
func ticketContact(tx *store.Tx, who model.ContactRef) (*model.Contact, error) {
	contact, err := invited(tx, who)
	if err == nil && contact.Role == model.RoleVisitor {
		err = model.UserNotFound()
	}
	return contact, err
}

// FindTicket reads a ticket with its newest parts.
func (s *Service) FindTicket(ctx context.Context, by *model.Actor, id model.ConversationID) (*model.Ticket, error) {
	var t *model.Ticket
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		t, err = tx.Tickets.Find(id)
		return err
	})
	return t, err
}

// A TicketPatch says what to change of a ticket.
type TicketPatch struct {
	Attributes   map[string]any // by name, as JSON has them; nil clears
	State        model.Opt[model.TicketState]
	Shared       model.Opt[bool]
	Assignment   model.Opt[TicketAssignment]
	Open         model.Opt[bool]
	SnoozedUntil model.Opt[int64] // a time that is over is ignored
}

// A TicketAssignment says who gives a ticket to whom.
type TicketAssignment struct {
	By model.Opt[model.AdminID] // the token's admin where nobody is named
	To model.Assignee           // without a type: the admin of that id, or else the team; 0 is nobody, neither admin nor team
}

// UpdateTicket changes what the patch names: all of it or, where some of it is
// refused, nothing. Each attribute that changes leaves a part of the bot's, and so
// does another state; then the ticket is assigned, and opened, closed or snoozed.
func (s *Service) UpdateTicket(ctx context.Context, by *model.Actor, id model.ConversationID, p TicketPatch) (*model.Ticket, error) {
	var t *model.Ticket
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if t, err = tx.Tickets.FindToShow(id); err != nil {
			return err
		}
		had := t.Source.Attachments
		bot := act(tx, by.Workspace, model.ByOperator())
		values, err := t.Type.CheckAttributes(p.Attributes, false)
		if err != nil {
			return err
		}
		parts, err := t.SetAttributes(bot, values)
		if err != nil {
			return err
		}
		if p.State.Has() {
			changed, err := t.ChangeState(bot, p.State.Value)
			if err != nil {
				return err
			}
			parts = append(parts, changed...)
		}
		if p.Shared.Has() {
			t.Shared = p.Shared.Value
		}
		if p.Assignment.Has() {
			assigned, err := assignTicket(tx, by, t, p.Assignment.Value)
			if err != nil {
				return err
			}
			parts = append(parts, assigned...)
		}
		turned, err := turnTicket(tx, by, t, p)
		if err != nil {
			return err
		}
		parts = append(parts, turned...)
		if err := replaceFiles(tx, t, had); err != nil {
			return err
		}
		tellTicketParts(tx, t.ID, parts)
		return recordTicket(tx, t, parts...)
	})
	if err != nil {
		return nil, err
	}
	if t.Whole {
		return t, nil
	}
	return s.FindTicket(ctx, by, t.ID) // so that nobody waits to write while its newest parts, which may be hundreds, are read
}

// assignTicket gives a ticket to an admin or a team, or takes it from both.
func assignTicket(tx *store.Tx, by *model.Actor, t *model.Ticket, a TicketAssignment) ([]*model.Part, error) {
	admin := by.Admin
	if a.By.Has() {
		admin = a.By.Value
	}
	author, err := findAdmin(tx, admin)
	if isNotFound(err) {
		err = model.AssigneeNotFound() // as the live API says it here
	}
	if err != nil {
		return nil, err
	}
	now := act(tx, by.Workspace, author)
	if a.To.ID == 0 {
		var parts []*model.Part
		if t.AdminAssignee != 0 && a.To.Type != model.AssignTeam {
			parts = append(parts, t.Assign(now, model.ToAdmin(0), model.Draft{}))
		}
		if t.TeamAssignee != 0 && a.To.Type != model.AssignAdmin {
			parts = append(parts, t.Assign(now, model.ToTeam(0), model.Draft{}))
		}
		return parts, nil
	}
	candidates := []model.Assignee{a.To}
	if a.To.Type == "" {
		candidates = []model.Assignee{{Type: model.AssignAdmin, ID: a.To.ID}, {Type: model.AssignTeam, ID: a.To.ID}}
	}
	for _, to := range candidates {
		if err = checkAssignee(tx, to); err == nil {
			return []*model.Part{t.Assign(now, to, model.Draft{})}, nil
		} else if !isNotFound(err) {
			break
		}
	}
	return nil, err
}

// turnTicket closes a ticket, or puts it aside until a time to come, or opens it;
// the first that is asked for. What is so already leaves no part.
func turnTicket(tx *store.Tx, by *model.Actor, t *model.Ticket, p TicketPatch) ([]*model.Part, error) {
	var turn func(model.Act) (*model.Part, error)
	switch {
	case p.Open.Has() && !p.Open.Value:
		if t.IsOpen() {
			turn = func(now model.Act) (*model.Part, error) { return t.Close(now, model.Draft{}), nil }
		}
	case p.SnoozedUntil.Has() && p.SnoozedUntil.Value > tx.Now():
		if t.SnoozedUntil != p.SnoozedUntil.Value {
			turn = func(now model.Act) (*model.Part, error) { return t.Snooze(now, p.SnoozedUntil.Value, tx.Now()) }
		}
	case p.Open.Has() && t.State != model.Open:
		turn = func(now model.Act) (*model.Part, error) { return t.Reopen(now), nil }
	}
	if turn == nil {
		return nil, nil
	}
	author, err := findAdmin(tx, by.Admin)
	if err != nil {
		return nil, err
	}
	part, err := turn(act(tx, by.Workspace, author))
	return []*model.Part{part}, err
}

// replaceFiles writes which files the attributes of a ticket have now.
func replaceFiles(tx *store.Tx, t *model.Ticket, had []*model.Attachment) error {
	var added []*model.Attachment
	for _, a := range t.Source.Attachments {
		if !slices.Contains(had, a) {
			added = append(added, a)
		}
	}
	var gone []model.AttachmentID
	for _, a := range had {
		if !slices.Contains(t.Source.Attachments, a) {
			gone = append(gone, a.ID)
		}
	}
	if len(gone) > 0 {
		keys, err := tx.Tickets.DeleteFiles(t.ID, gone...)
		if err != nil {
			return err
		}
		if err := deleteFiles(tx, keys); err != nil {
			return err
		}
	}
	if err := tx.Attachments.Insert(t.ID, 0, added); err != nil {
		return err
	}
	return fetchLinks(tx, added)
}

// recordTicket writes what was done to a ticket.
func recordTicket(tx *store.Tx, t *model.Ticket, parts ...*model.Part) error {
	if err := save(tx, &t.Conversation, parts...); err != nil {
		return err
	}
	return tx.Tickets.Update(t)
}

// A TicketNote is what an admin writes down about a ticket.
type TicketNote struct {
	Admin model.AdminID
	Body  string // plain text or HTML
	Files []model.Upload
	URLs  []string // of attachments
}

// ReplyToTicket adds a note to a ticket. Nothing else changes.
func (s *Service) ReplyToTicket(ctx context.Context, by *model.Actor, id model.ConversationID, n TicketNote) (*model.Part, error) {
	if err := model.ValidateMessage("", n.Body, ""); err != nil {
		return nil, err
	}
	draft := model.Draft{Body: richtext.FromInput(n.Body)}
	var part *model.Part
	err := s.withFiles(ctx, by.Workspace.ID, n.Files, n.URLs, func(files []*model.Attachment) error {
		draft.Attachments = files
		if draft.IsEmpty() {
			return model.BodyRequired()
		}
		return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
			t, err := tx.Tickets.FindForUpdate(id)
			if err != nil {
				return err
			}
			author, err := findAdmin(tx, n.Admin)
			if err != nil {
				return err
			}
			part = t.Note(act(tx, by.Workspace, author), draft)
			tellTicketParts(tx, id, []*model.Part{part})
			return save(tx, &t.Conversation, part)
		})
	})
	return part, err
}
