package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// TicketTypes are the types of tickets that a workspace has, with their
// attributes.
type TicketTypes struct{ *scope }

const ticketTypeColumns = `id, name, description, icon, internal, archived, created_at, updated_at`

func scanTicketType(row record.Scanner) (*model.TicketType, error) {
	var t model.TicketType
	err := row.Scan(&t.ID, &t.Name, &t.Description, &t.Icon, &t.Internal, &t.Archived, &t.CreatedAt, &t.UpdatedAt)
	return &t, err
}

// NewID gives out an id for a type that is about to be inserted.
func (s TicketTypes) NewID() (model.TicketTypeID, error) {
	id, err := s.NextID("ticket type")
	return model.TicketTypeID(id), err
}

// Lock keeps others from making types until the transaction ends.
func (s TicketTypes) Lock() error { return s.Scope.Lock("ticket types " + string(s.Workspace)) }

// Insert writes a new type, without its attributes.
func (s TicketTypes) Insert(t *model.TicketType) error {
	err := s.Write(`INSERT INTO ticket_types (workspace_id, `+ticketTypeColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.Workspace, t.ID, t.Name, t.Description, t.Icon, t.Internal, t.Archived, t.CreatedAt, t.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: insert ticket type: %w", err)
	}
	return nil
}

// Find reads a type with its attributes.
func (s TicketTypes) Find(id model.TicketTypeID) (*model.TicketType, error) { return s.one(id, "") }

// FindForUpdate is Find and holds the type, and so its attributes, until the
// transaction ends.
func (s TicketTypes) FindForUpdate(id model.TicketTypeID) (*model.TicketType, error) {
	return s.one(id, s.Dialect().ForUpdate())
}

func (s TicketTypes) one(id model.TicketTypeID, forUpdate string) (*model.TicketType, error) {
	types := make([]*model.TicketType, 1)
	attributes := s.attributesOf(types, ` AND ticket_type_id = $2`, id)
	s.Expect(attributes)
	t, err := scanTicketType(s.QueryRow(`SELECT `+ticketTypeColumns+` FROM ticket_types
		WHERE workspace_id = $1 AND id = $2`+forUpdate, s.Workspace, id))
	if err != nil {
		return nil, record.OrNotFound(err, model.ResourceNotFound())
	}
	types[0] = t
	return t, s.Take(attributes)
}

// List reads all types with their attributes, archived ones too, by id.
func (s TicketTypes) List() ([]*model.TicketType, error) {
	var types []*model.TicketType
	err := s.Rows(`SELECT `+ticketTypeColumns+` FROM ticket_types WHERE workspace_id = $1 ORDER BY id`, []any{s.Workspace},
		func(r *db.Rows) error {
			t, err := scanTicketType(r)
			types = append(types, t)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list ticket types: %w", err)
	}
	return types, s.Read(s.attributesOf(types, ""))
}

// Count counts all types, archived ones too.
func (s TicketTypes) Count() (int, error) {
	var n int
	if err := s.QueryRow(`SELECT count(*) FROM ticket_types WHERE workspace_id = $1`, s.Workspace).Scan(&n); err != nil {
		return 0, fmt.Errorf("store: count ticket types: %w", err)
	}
	return n, nil
}

// Update writes a type back, without its attributes.
func (s TicketTypes) Update(t *model.TicketType) error {
	err := s.Write(`UPDATE ticket_types SET name = $3, description = $4, icon = $5, internal = $6, archived = $7, updated_at = $8
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, t.ID, t.Name, t.Description, t.Icon, t.Internal, t.Archived, t.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update ticket type: %w", err)
	}
	return nil
}
