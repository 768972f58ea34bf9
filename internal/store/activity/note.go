package activity

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Notes are what admins wrote down about contacts.
type Notes struct{ *record.Scope }

const (
	noteColumns = `n.id, n.contact_id, n.body, n.created_at,
		a.id, a.name, a.email, a.away_mode_enabled, a.away_mode_reassign`
	noteTables = `notes n JOIN admins a ON a.workspace_id = n.workspace_id AND a.id = n.admin_id`
)

func scanNote(row record.Scanner) (*model.Note, error) {
	n := model.Note{Author: &model.Admin{}}
	a := n.Author
	err := row.Scan(&n.ID, &n.Contact, &n.Body, &n.CreatedAt, &a.ID, &a.Name, &a.Email, &a.AwayModeEnabled, &a.AwayModeReassign)
	return &n, err
}

// NewID gives out an id for a note that is about to be inserted.
func (s Notes) NewID() (model.NoteID, error) {
	id, err := s.NextIDOfMany("note")
	return model.NoteID(id), err
}

// Insert writes a new note.
func (s Notes) Insert(n *model.Note) error {
	err := s.Write(`INSERT INTO notes (workspace_id, id, contact_id, admin_id, body, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, s.Workspace, n.ID, n.Contact, n.Author.ID, n.Body, n.CreatedAt)
	if err != nil {
		return fmt.Errorf("store: insert note: %w", err)
	}
	return nil
}

// Find reads a note, with its author.
func (s Notes) Find(id model.NoteID) (*model.Note, error) {
	n, err := scanNote(s.QueryRow(`SELECT `+noteColumns+` FROM `+noteTables+` WHERE n.workspace_id = $1 AND n.id = $2`,
		s.Workspace, id))
	return n, record.OrNotFound(err, model.ResourceNotFound())
}

// OnContact reads a page of the notes on a contact, with their authors, newest
// first.
func (s Notes) OnContact(id model.ContactID, page model.PageRequest) (*model.Page[*model.Note], error) {
	where := &query.Builder{}
	where.Text("n.workspace_id = ", where.Arg(s.Workspace), " AND n.contact_id = ", where.Arg(id))
	return record.ReadPage(s.Scope, record.Listing[*model.Note]{
		Columns: noteColumns, From: noteTables, Where: where, ID: "n.id",
		Column: record.SortedBy("n.created_at"), Scan: scanNote,
		Key: func(n *model.Note) string { return n.ID.String() },
	}, model.NewestFirst(), page)
}
