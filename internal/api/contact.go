package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// The two ways contacts are listed: default and maximum of a page, and the order
// where none is asked for.
var (
	contactPaging = paging{usual: 50, most: 150}
	contactOrder  = model.Sort{Field: "created_at", Descending: true}
)

// POST /contacts
func (a *API) createContact(r *request, in wire.ContactRequest) (wire.Contact, error) {
	c, err := a.People.CreateContact(r.Context(), r.actor, in.Patch())
	return contact(r, c, err)
}

// GET /contacts/{contact_id}
func (a *API) findContact(r *request, _ none) (wire.Contact, error) {
	c, err := a.People.FindContact(r.Context(), r.actor, r.contactID())
	return contact(r, c, err)
}

// GET /contacts
func (a *API) listContacts(r *request, _ none) (wire.ContactCursorList, error) {
	page, err := r.cursorPage(contactPaging, contactOrder, r.query("per_page"), r.query("starting_after"))
	if err != nil {
		return wire.ContactCursorList{}, err
	}
	return a.contacts(r, nil, contactOrder, page)
}

// POST /contacts/search
func (a *API) searchContacts(r *request, in wire.SearchRequest) (wire.ContactCursorList, error) {
	filter, sort, page, err := r.search(in, contactPaging, contactOrder)
	if err != nil {
		return wire.ContactCursorList{}, err
	}
	return a.contacts(r, filter, sort, page)
}

func (a *API) contacts(r *request, filter *model.Filter, sort model.Sort, page model.PageRequest) (wire.ContactCursorList, error) {
	found, err := a.People.SearchContacts(r.Context(), r.actor, filter, sort, page)
	if err != nil {
		return wire.ContactCursorList{}, err
	}
	return wire.NewContactCursorList(found, nextCursor(r, found, sort), r.actor.Workspace.ID), nil
}

// PUT /contacts/{contact_id}
func (a *API) updateContact(r *request, in wire.ContactRequest) (wire.Contact, error) {
	c, err := a.People.UpdateContact(r.Context(), r.actor, r.contactID(), in.Patch())
	return contact(r, c, err)
}

// POST /contacts/merge
func (a *API) mergeContacts(r *request, in wire.MergeRequest) (wire.Contact, error) {
	c, err := a.People.MergeContacts(r.Context(), r.actor, model.ContactID(in.From), model.ContactID(in.Into))
	return contact(r, c, err)
}

// POST /contacts/{contact_id}/archive
func (a *API) archiveContact(r *request, _ none) (wire.ArchivedContact, error) {
	c, err := a.People.ArchiveContact(r.Context(), r.actor, r.contactID())
	return one(c, err, wire.FromArchived)
}

// POST /contacts/{contact_id}/unarchive
func (a *API) unarchiveContact(r *request, _ none) (wire.ArchivedContact, error) {
	c, err := a.People.UnarchiveContact(r.Context(), r.actor, r.contactID())
	return one(c, err, wire.FromArchived)
}

// DELETE /contacts/{contact_id}
func (a *API) deleteContact(r *request, _ none) (wire.Deleted, error) {
	c, err := a.People.DeleteContact(r.Context(), r.actor, r.contactID())
	return one(c, err, wire.FromDeletedContact)
}

func contact(r *request, c *model.Contact, err error) (wire.Contact, error) {
	return one(c, err, wire.FromContact(r.actor.Workspace.ID))
}

// one translates what a rule returned, unless it failed.
func one[Noun, Out any](n Noun, err error, from func(Noun) Out) (out Out, _ error) {
	if err != nil {
		return out, err
	}
	return from(n), nil
}
