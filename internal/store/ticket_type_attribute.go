package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

const ticketTypeAttributeColumns = `id, ticket_type_id, name, description, data_type, multiline, allow_multiple, items, position,
	required_to_create, required_to_create_for_contacts, visible_on_create, visible_to_contacts, built_in, archived,
	created_at, updated_at`

// A listItemRow is an item of a list as it is kept.
type listItemRow struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Archived bool   `json:"archived,omitzero"`
}

func toListItemRows(items []model.ListItem) []listItemRow {
	rows := make([]listItemRow, len(items))
	for i, item := range items {
		rows[i] = listItemRow(item)
	}
	return rows
}

func scanTicketTypeAttribute(row record.Scanner) (*model.TicketTypeAttribute, error) {
	var a model.TicketTypeAttribute
	var items []listItemRow
	err := row.Scan(&a.ID, &a.TicketType, &a.Name, &a.Description, &a.DataType, &a.Multiline, &a.AllowMultiple,
		record.JSONColumn(&items), &a.Order, &a.RequiredToCreate, &a.RequiredToCreateForContacts, &a.VisibleOnCreate,
		&a.VisibleToContacts, &a.Default, &a.Archived, &a.CreatedAt, &a.UpdatedAt)
	for _, item := range items {
		a.Items = append(a.Items, model.ListItem(item))
	}
	return &a, err
}

// NewAttributeID gives out an id for an attribute that is about to be inserted.
func (s TicketTypes) NewAttributeID() (model.TicketTypeAttributeID, error) {
	id, err := s.NextID("ticket type attribute")
	return model.TicketTypeAttributeID(id), err
}

// InsertAttribute writes a new attribute of a type that is held or new.
func (s TicketTypes) InsertAttribute(a *model.TicketTypeAttribute) error {
	err := s.Write(`INSERT INTO ticket_type_attributes (workspace_id, `+ticketTypeAttributeColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
		s.Workspace, a.ID, a.TicketType, a.Name, a.Description, a.DataType, a.Multiline, a.AllowMultiple,
		record.ToJSON(toListItemRows(a.Items)), a.Order, a.RequiredToCreate, a.RequiredToCreateForContacts, a.VisibleOnCreate,
		a.VisibleToContacts, a.Default, a.Archived, a.CreatedAt, a.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: insert ticket type attribute: %w", err)
	}
	return nil
}

// attributesOf reads the attributes of types, which are in the order of their
// ids, each type's in their own order. The condition is of the attributes of just
// these types.
func (s TicketTypes) attributesOf(types []*model.TicketType, condition string, args ...any) record.Reading {
	return record.Reading{Of: "ticket type attributes", Statement: `SELECT ` + ticketTypeAttributeColumns + ` FROM ticket_type_attributes WHERE workspace_id = $1` + condition + `
		ORDER BY ticket_type_id, position`, Args: append([]any{s.Workspace}, args...), Scan: func(r *db.Rows) error {
		a, err := scanTicketTypeAttribute(r)
		if err != nil {
			return err
		}
		for len(types) > 0 && types[0].ID < a.TicketType {
			types = types[1:]
		}
		if len(types) > 0 && types[0].ID == a.TicketType { // else the type is newer than the list
			types[0].Attributes = append(types[0].Attributes, a)
		}
		return nil
	}}
}

// UpdateAttribute writes an attribute of a type that is held back. Its type and
// its data type never change.
func (s TicketTypes) UpdateAttribute(a *model.TicketTypeAttribute) error {
	err := s.Write(`UPDATE ticket_type_attributes SET name = $3, description = $4, multiline = $5, allow_multiple = $6, items = $7,
			required_to_create = $8, required_to_create_for_contacts = $9, visible_on_create = $10, visible_to_contacts = $11,
			archived = $12, updated_at = $13
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, a.ID, a.Name, a.Description, a.Multiline, a.AllowMultiple,
		record.ToJSON(toListItemRows(a.Items)), a.RequiredToCreate, a.RequiredToCreateForContacts, a.VisibleOnCreate, a.VisibleToContacts,
		a.Archived, a.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: update ticket type attribute: %w", err)
	}
	return nil
}
