package api

import (
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/wire"
)

// collectionPaging is how collections and sections are cut into pages.
var collectionPaging = paging{usual: 20, most: 250}

func (r *request) collectionID() content.CollectionID {
	return model.Decimal[content.CollectionID](r.path("id"))
}

// GET /help_center/collections
func (a *API) listCollections(r *request, _ none) (wire.PageList[wire.Collection], error) {
	return pageList(r, collectionPaging, lastUpdated, func(page model.PageRequest) (*model.Page[*content.Collection], error) {
		return a.Content.ListCollections(r.Context(), r.actor, lastUpdated, page)
	}, wire.FromCollection(r.actor.Workspace.ID, r.base))
}

// POST /help_center/collections
func (a *API) createCollection(r *request, in wire.NewCollectionRequest) (wire.Collection, error) {
	c, err := a.Content.CreateCollection(r.Context(), r.actor, in.Patch())
	return one(c, err, wire.FromCollection(r.actor.Workspace.ID, r.base))
}

// GET /help_center/collections/{id}
func (a *API) retrieveCollection(r *request, _ none) (wire.Collection, error) {
	c, err := a.Content.FindCollection(r.Context(), r.actor, r.collectionID())
	return one(c, err, wire.FromCollection(r.actor.Workspace.ID, r.base))
}

// PUT /help_center/collections/{id}
func (a *API) updateCollection(r *request, in wire.CollectionRequest) (wire.Collection, error) {
	c, err := a.Content.UpdateCollection(r.Context(), r.actor, r.collectionID(), in.Patch())
	return one(c, err, wire.FromCollection(r.actor.Workspace.ID, r.base))
}

// DELETE /help_center/collections/{id}
func (a *API) deleteCollection(r *request, _ none) (wire.Deleted, error) {
	if err := a.Content.DeleteCollection(r.Context(), r.actor, r.collectionID()); err != nil {
		return wire.Deleted{}, err
	}
	return wire.NewDeletedCollection(r.collectionID(), "collection"), nil
}

// GET /help_center/sections
func (a *API) listSections(r *request, _ none) (wire.PageList[wire.Section], error) {
	return pageList(r, collectionPaging, lastUpdated, func(page model.PageRequest) (*model.Page[*content.Collection], error) {
		return a.Content.ListSections(r.Context(), r.actor, lastUpdated, page)
	}, wire.FromSection(r.actor.Workspace.ID, r.base, false))
}

// POST /help_center/sections
func (a *API) createSection(r *request, in wire.SectionRequest) (wire.Section, error) {
	c, err := a.Content.CreateSection(r.Context(), r.actor, in.Patch())
	return one(c, err, wire.FromSection(r.actor.Workspace.ID, r.base, true))
}

// GET /help_center/sections/{id}
func (a *API) retrieveSection(r *request, _ none) (wire.Section, error) {
	c, err := a.Content.FindSection(r.Context(), r.actor, r.collectionID())
	return one(c, err, wire.FromSection(r.actor.Workspace.ID, r.base, false))
}

// PUT /help_center/sections/{id}
func (a *API) updateSection(r *request, in wire.SectionRequest) (wire.Section, error) {
	c, err := a.Content.UpdateSection(r.Context(), r.actor, r.collectionID(), in.Patch())
	return one(c, err, wire.FromSection(r.actor.Workspace.ID, r.base, true))
}

// DELETE /help_center/sections/{id}
func (a *API) deleteSection(r *request, _ none) (wire.Deleted, error) {
	if err := a.Content.DeleteSection(r.Context(), r.actor, r.collectionID()); err != nil {
		return wire.Deleted{}, err
	}
	return wire.NewDeletedCollection(r.collectionID(), "section"), nil
}

// GET /help_center/help_centers: all are on the first page, and a client that asks
// for pages until one is empty comes to an end.
func (a *API) listHelpCenters(r *request, _ none) (wire.List[wire.HelpCenter], error) {
	page, err := r.numberedPage(collectionPaging)
	if err != nil || page.Number > 1 {
		return wire.NewList(nil, wire.FromHelpCenter(r.actor.Workspace.ID, r.base)), err
	}
	all, err := a.Content.ListHelpCenters(r.Context(), r.actor)
	return list(all, err, wire.FromHelpCenter(r.actor.Workspace.ID, r.base))
}

// GET /help_center/help_centers/{id}
func (a *API) retrieveHelpCenter(r *request, _ none) (wire.HelpCenter, error) {
	h, err := a.Content.FindHelpCenter(r.Context(), r.actor, model.Decimal[content.HelpCenterID](r.path("id")))
	return one(h, err, wire.FromHelpCenter(r.actor.Workspace.ID, r.base))
}
