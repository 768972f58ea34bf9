package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// notePaging is how the notes of a contact are cut into pages.
var notePaging = paging{usual: 50, most: 60}

// GET /contacts/{contact_id}/notes
func (a *API) listNotes(r *request, _ none) (wire.LinkList[wire.Note], error) {
	page, err := r.linkPage(notePaging, model.NewestFirst())
	if err != nil {
		return wire.LinkList[wire.Note]{}, err
	}
	notes, err := a.People.ContactNotes(r.Context(), r.actor, r.contactID(), page)
	if err != nil {
		return wire.LinkList[wire.Note]{}, err
	}
	return wire.NewLinkList(notes, nextLink(r, notes, model.NewestFirst()), wire.FromNote), nil
}

// POST /contacts/{contact_id}/notes
func (a *API) createNote(r *request, in wire.NoteRequest) (wire.Note, error) {
	n, err := a.People.CreateNote(r.Context(), r.actor, r.contactID(), in.Author(), string(in.Body.Value))
	return one(n, err, wire.FromNote)
}

// GET /notes/{id}
func (a *API) retrieveNote(r *request, _ none) (wire.Note, error) {
	n, err := a.People.FindNote(r.Context(), r.actor, model.Decimal[model.NoteID](r.path("id")))
	return one(n, err, wire.FromNote)
}
