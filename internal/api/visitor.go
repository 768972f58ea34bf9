package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /visitors
func (a *API) findVisitorByUserID(r *request, _ none) (wire.Visitor, error) {
	userID := r.query("user_id")
	if userID == "" {
		return wire.Visitor{}, model.ParameterNotFound("user_id is required")
	}
	c, err := a.People.FindVisitor(r.Context(), r.actor, model.ContactRef{ExternalID: userID})
	return visitor(r, c, err)
}

// GET /visitors/{id}
func (a *API) findVisitor(r *request, _ none) (wire.Visitor, error) {
	c, err := a.People.FindVisitor(r.Context(), r.actor, r.visitorRef())
	return visitor(r, c, err)
}

// PUT /visitors
func (a *API) updateNamedVisitor(r *request, in wire.VisitorRequest) (wire.Visitor, error) {
	ref, err := in.Ref()
	if err != nil {
		return wire.Visitor{}, err
	}
	c, err := a.People.UpdateVisitor(r.Context(), r.actor, ref, in.Patch())
	return visitor(r, c, err)
}

// PUT /visitors/{id}
func (a *API) updateVisitor(r *request, in wire.VisitorRequest) (wire.Visitor, error) {
	c, err := a.People.UpdateVisitor(r.Context(), r.actor, r.visitorRef(), in.Patch())
	return visitor(r, c, err)
}

// POST /visitors/convert
func (a *API) convertVisitor(r *request, in wire.ConvertRequest) (wire.Contact, error) {
	c, err := a.People.ConvertVisitor(r.Context(), r.actor, in.Conversion())
	return contact(r, c, err)
}

// DELETE /visitors/{id}
func (a *API) deleteVisitor(r *request, _ none) (wire.DeletedVisitor, error) {
	c, err := a.People.DeleteVisitor(r.Context(), r.actor, r.visitorRef().ID)
	return one(c, err, wire.FromDeletedVisitor)
}

func (r *request) visitorRef() model.ContactRef {
	return model.ContactRef{ID: model.ContactID(r.path("id"))}
}

func visitor(r *request, c *model.Contact, err error) (wire.Visitor, error) {
	return one(c, err, wire.FromVisitor(r.actor.Workspace.ID))
}
