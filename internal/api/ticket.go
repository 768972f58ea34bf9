package api

import (
	"parley/internal/model"
	"parley/internal/service/inbox"
	"parley/internal/wire"
)

// POST /tickets
func (a *API) createTicket(r *request, in wire.TicketRequest) (wire.Ticket, error) {
	of, err := in.Type()
	if err != nil {
		return wire.Ticket{}, err
	}
	contact, err := in.Contact()
	if err != nil {
		return wire.Ticket{}, err
	}
	t, err := a.Inbox.CreateTicket(r.Context(), r.actor, inbox.NewTicket{Type: of, Contact: contact,
		CompanyID: string(in.CompanyID.Value), Attributes: in.Attributes})
	return one(t, err, wire.FromTicket(a.ticketView(r)))
}

// GET /tickets/{id}
func (a *API) findTicket(r *request, _ none) (wire.Ticket, error) {
	t, err := a.Inbox.FindTicket(r.Context(), r.actor, r.conversationID("id"))
	return one(t, err, wire.FromTicket(a.ticketView(r)))
}

// PUT /tickets/{id}
func (a *API) updateTicket(r *request, in wire.TicketUpdate) (wire.Ticket, error) {
	patch := inbox.TicketPatch{Attributes: in.Attributes, State: in.NewState(), Shared: in.Sharing(), Open: in.Opening(),
		SnoozedUntil: in.Snooze()}
	if in.Assignment.Has() {
		to, err := in.Assignment.Value.To()
		if err != nil {
			return wire.Ticket{}, err
		}
		patch.Assignment = model.Some(inbox.TicketAssignment{By: in.Assignment.Value.By(), To: to})
	}
	t, err := a.Inbox.UpdateTicket(r.Context(), r.actor, r.conversationID("id"), patch)
	return one(t, err, wire.FromTicket(a.ticketView(r)))
}

// POST /tickets/{id}/reply
func (a *API) replyTicket(r *request, in wire.TicketReply) (wire.TicketPart, error) {
	admin, err := in.Admin()
	if err != nil {
		return wire.TicketPart{}, err
	}
	files, err := in.Uploads()
	if err != nil {
		return wire.TicketPart{}, err
	}
	part, err := a.Inbox.ReplyToTicket(r.Context(), r.actor, r.conversationID("id"), inbox.TicketNote{Admin: admin,
		Body: string(in.Body.Value), Files: files, URLs: in.AttachmentURLs.Value})
	return one(part, err, wire.FromTicketPart(a.ticketView(r)))
}

// ticketView is how tickets are shown to who asks.
func (a *API) ticketView(r *request) wire.View {
	return wire.View{Workspace: r.actor.Workspace, Base: r.base, Now: a.now(r)}
}
