package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/richtext"
	"parley/internal/store"
)

// CreateNote writes down something about a contact, in the name of the admin who
// is given or else of the one who asks. The body is plain text or HTML.
func (s *Service) CreateNote(ctx context.Context, by *model.Actor, id model.ContactID, author model.Opt[model.AdminID], body string) (*model.Note, error) {
	if err := model.ValidateNote(body); err != nil {
		return nil, err
	}
	n := &model.Note{Contact: id, Body: richtext.FromInput(body)}
	if n.Body == "" { // nothing of it can be shown
		return nil, model.NoteNeedsBody()
	}
	admin := by.Admin
	if author.Has() {
		admin = author.Value
	}
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		if n.Author, err = tx.Admins.Find(admin); isNotFound(err) {
			return model.ResourceNotFound()
		} else if err != nil {
			return err
		}
		if n.ID, err = tx.Notes.NewID(); err != nil {
			return err
		}
		n.CreatedAt = tx.Now()
		tx.Notify(event.Changed, event.Contact{ID: id})
		return tx.Notes.Insert(n)
	})
	return n, err
}

// FindNote reads a note.
func (s *Service) FindNote(ctx context.Context, by *model.Actor, id model.NoteID) (*model.Note, error) {
	var n *model.Note
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		n, err = tx.Notes.Find(id)
		return err
	})
	return n, err
}

// ContactNotes reads a page of the notes on a contact, newest first.
func (s *Service) ContactNotes(ctx context.Context, by *model.Actor, id model.ContactID, page model.PageRequest) (*model.Page[*model.Note], error) {
	var notes *model.Page[*model.Note]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		notes, err = tx.Notes.OnContact(id, page)
		return err
	})
	return notes, err
}
