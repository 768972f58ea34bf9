package api

import (
	"parley/internal/model"
	"parley/internal/wire"
)

// GET /ticket_types
func (a *API) listTicketTypes(r *request, _ none) (wire.List[wire.TicketType], error) {
	types, err := a.Inbox.ListTicketTypes(r.Context(), r.actor)
	return list(types, err, wire.FromTicketType(r.actor.Workspace.ID))
}

// POST /ticket_types
func (a *API) createTicketType(r *request, in wire.TicketTypeRequest) (wire.TicketType, error) {
	t, err := a.Inbox.CreateTicketType(r.Context(), r.actor, in.Patch())
	return one(t, err, wire.FromTicketType(r.actor.Workspace.ID))
}

// GET /ticket_types/{id}
func (a *API) findTicketType(r *request, _ none) (wire.TicketType, error) {
	t, err := a.Inbox.FindTicketType(r.Context(), r.actor, r.ticketTypeID("id"))
	return one(t, err, wire.FromTicketType(r.actor.Workspace.ID))
}

// PUT /ticket_types/{id}
func (a *API) updateTicketType(r *request, in wire.TicketTypeRequest) (wire.TicketType, error) {
	t, err := a.Inbox.UpdateTicketType(r.Context(), r.actor, r.ticketTypeID("id"), in.Patch())
	return one(t, err, wire.FromTicketType(r.actor.Workspace.ID))
}

// POST /ticket_types/{ticket_type_id}/attributes
func (a *API) createTicketTypeAttribute(r *request, in wire.TicketTypeAttributeRequest) (wire.TicketTypeAttribute, error) {
	attribute, err := a.Inbox.CreateTicketTypeAttribute(r.Context(), r.actor, r.ticketTypeID("ticket_type_id"), in.Patch())
	return one(attribute, err, wire.FromTicketTypeAttribute(r.actor.Workspace.ID))
}

// PUT /ticket_types/{ticket_type_id}/attributes/{id}
func (a *API) updateTicketTypeAttribute(r *request, in wire.TicketTypeAttributeRequest) (wire.TicketTypeAttribute, error) {
	id := model.Decimal[model.TicketTypeAttributeID](r.path("id"))
	attribute, err := a.Inbox.UpdateTicketTypeAttribute(r.Context(), r.actor, r.ticketTypeID("ticket_type_id"), id, in.Patch())
	return one(attribute, err, wire.FromTicketTypeAttribute(r.actor.Workspace.ID))
}

func (r *request) ticketTypeID(name string) model.TicketTypeID {
	return model.Decimal[model.TicketTypeID](r.path(name))
}
