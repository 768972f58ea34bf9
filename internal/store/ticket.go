package store

import (
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// Tickets are conversations with a type, attributes and a state.
type Tickets struct{ *scope }

// ticketValues scans the values of a ticket's attributes.
type ticketValues struct {
	values *map[model.TicketTypeAttributeID]any
}

func (c ticketValues) Scan(v any) error {
	*c.values = map[model.TicketTypeAttributeID]any{}
	if err := (record.JSONColumn(c.values)).Scan(v); err != nil {
		return fmt.Errorf("attributes of a ticket: %w", err)
	}
	for id, v := range *c.values {
		list, isFiles := v.([]any)
		if !isFiles {
			(*c.values)[id] = record.Whole(v)
			continue
		}
		files := make([]model.AttachmentID, len(list))
		for i, file := range list {
			name, _ := file.(string)
			files[i] = model.AttachmentID(name)
		}
		(*c.values)[id] = files
	}
	return nil
}

// NewID gives out an id for a ticket that is about to be inserted. Tickets and
// conversations are counted together.
func (s Tickets) NewID() (model.ConversationID, error) { return Conversations(s).NewID() }

// NewNumber gives out the number that people call a new ticket.
func (s Tickets) NewNumber() (int64, error) { return s.NextIDOfMany("ticket") }

// Insert writes a new ticket, who takes part and the files of its attributes.
func (s Tickets) Insert(t *model.Ticket) error {
	if err := s.insert(&t.Conversation, kindTicket); err != nil {
		return err
	}
	err := s.Write(`INSERT INTO tickets (workspace_id, id, number, ticket_type_id, state, shared, company_id, attributes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		s.Workspace, t.ID, t.Number, t.Type.ID, t.TicketState, t.Shared, record.Text(string(t.Company)), record.ToJSON(t.Values))
	if err != nil {
		return fmt.Errorf("store: insert ticket: %w", err)
	}
	return Attachments(s).Insert(t.ID, 0, t.Source.Attachments)
}

// Find reads a ticket with all that it shows, by as many statements whatever there is: but for one of authors who are no contacts of
// its, and one of admins, if there are any.
func (s Tickets) Find(id model.ConversationID) (*model.Ticket, error) {
	var t model.Ticket
	known := people{}
	return &t, s.one(&t, id, "", known, s.shown(&t, id, known, model.MaxParts)...)
}

// Exists reports whether a conversation is a ticket.
func (s Tickets) Exists(id model.ConversationID) (bool, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM tickets WHERE workspace_id = $1 AND id = $2`, s.Workspace, id).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: look for ticket: %w", err)
	}
	return n > 0, nil
}

// FindForUpdate reads a ticket and holds it until the transaction ends, where the
// database can. Of what belongs to it only its type and the files of its
// attributes are loaded.
func (s Tickets) FindForUpdate(id model.ConversationID) (*model.Ticket, error) {
	var t model.Ticket
	byID, ids := map[model.ConversationID]*model.Conversation{id: &t.Conversation}, []model.ConversationID{id}
	return &t, s.one(&t, id, s.hold(lockTicket), nil, Attachments(s).ofSources(byID, ids))
}

// FindToShow is FindForUpdate for who answers with what the ticket shows when the transaction ends: it is loaded as a whole, if it has few parts.
func (s Tickets) FindToShow(id model.ConversationID) (*model.Ticket, error) {
	var t model.Ticket
	known := people{}
	if err := s.one(&t, id, s.hold(lockTicket), known, s.shown(&t, id, known, partsWhileHeld+1)...); err != nil {
		return nil, err
	}
	if t.Whole = len(t.Parts) <= partsWhileHeld; !t.Whole {
		t.Parts = nil
	}
	return &t, nil
}

// lockTicket is of which tables a ticket is held: of a row that is not, an older state could be read.
const lockTicket = "c, t"

// one reads a ticket with its type and, by some readings, what else it is to show: the files of its attributes at least.
func (s Tickets) one(t *model.Ticket, id model.ConversationID, lock string, known people, show ...record.Reading) error {
	s.Expect(show...)
	var rating model.Rating
	var of model.TicketTypeID
	err := s.QueryRow(`SELECT `+conversationColumns+`, t.number, t.ticket_type_id, t.state, t.shared, t.company_id, t.attributes
		FROM conversations c JOIN tickets t ON t.workspace_id = c.workspace_id AND t.id = c.id
		WHERE c.workspace_id = $1 AND c.id = $2`+lock, s.Workspace, id).
		Scan(append(conversationDest(&t.Conversation, &rating),
			&t.Number, &of, &t.TicketState, &t.Shared, record.OrEmpty((*string)(&t.Company)), ticketValues{&t.Values})...)
	if err != nil {
		return record.OrNotFound(err, model.ResourceNotFound())
	}
	if err := s.Take(show...); err != nil {
		return err
	}
	slices.Reverse(t.Parts)
	authors := s.authors(known, authorsOf(&t.Conversation)...) // without that of the source, which a ticket does not have
	s.Expect(authors...)
	if t.Type, err = TicketTypes(s).Find(of); err != nil {
		return err
	}
	return s.Take(authors...)
}

// shown reads who takes part in a ticket, so many of its newest parts and the files of its attributes.
func (s Tickets) shown(t *model.Ticket, id model.ConversationID, known people, parts int) []record.Reading {
	byID := map[model.ConversationID]*model.Conversation{id: &t.Conversation}
	return append(s.partsOf(byID, id, parts), s.contactsOf(byID, known, id))
}

// Update writes back what a ticket is beyond a conversation, without its files.
func (s Tickets) Update(t *model.Ticket) error {
	err := s.Write(`UPDATE tickets SET state = $3, shared = $4, attributes = $5 WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, t.ID, t.TicketState, t.Shared, record.ToJSON(t.Values))
	if err != nil {
		return fmt.Errorf("store: update ticket: %w", err)
	}
	return nil
}

// DeleteFiles removes files of a ticket's attributes, and returns the keys of the
// blobs that nothing names any more.
func (s Tickets) DeleteFiles(id model.ConversationID, files ...model.AttachmentID) ([]string, error) {
	var keys []string
	err := s.Rows(`DELETE FROM attachments WHERE workspace_id = $1 AND conversation_id = $2 AND part_id = 0
		AND id `+s.Dialect().In("$3")+` RETURNING blob_key`, []any{s.Workspace, id, record.ToJSON(files)}, func(r *db.Rows) error {
		var key string
		err := r.Scan(record.OrEmpty(&key))
		if key != "" {
			keys = append(keys, key)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: delete files of a ticket: %w", err)
	}
	return keys, nil
}

// Titled reports whether a contact has a ticket of a type whose attribute, its
// title, has a value.
func (s Tickets) Titled(id model.ContactID, kind model.TicketTypeID, attribute model.TicketTypeAttributeID, title string) (bool, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM conversation_contacts p
		JOIN tickets t ON t.workspace_id = p.workspace_id AND t.id = p.conversation_id
		WHERE p.workspace_id = $1 AND p.contact_id = $2 AND t.ticket_type_id = $3
			AND COALESCE(`+s.Dialect().JSONText("t.attributes", "$4")+`, '') = $5`,
		s.Workspace, id, kind, attribute.String(), title).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: find ticket by title: %w", err)
	}
	return n > 0, nil
}
