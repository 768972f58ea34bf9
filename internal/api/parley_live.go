package api

import (
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/service/live"
	"parley/internal/wire"
)

// GET /_parley/presence
func (a *API) listPresence(r *request, _ none) (wire.List[wire.StreamSignal], error) {
	id, err := signalAbout(r.query("conversation_id"))
	if err != nil {
		return wire.List[wire.StreamSignal]{}, err
	}
	present, err := a.Live.Present(r.Context(), &live.Listener{By: r.actor, Contact: model.ContactID(r.query("contact_id"))}, id)
	if err != nil {
		return wire.List[wire.StreamSignal]{}, err
	}
	return wire.NewList(present, wire.FromSignal), nil
}

// POST /_parley/presence
func (a *API) createPresence(r *request, in wire.SignalRequest) (wire.StreamSignal, error) {
	return a.signal(r, event.Presence, in)
}

// POST /_parley/typing
func (a *API) createTyping(r *request, in wire.SignalRequest) (wire.StreamSignal, error) {
	if in.ConversationID.Value == "" {
		return wire.StreamSignal{}, model.ParameterNotFound("A conversation_id is required")
	}
	return a.signal(r, event.Typing, in)
}

func (a *API) signal(r *request, topic event.Topic, in wire.SignalRequest) (wire.StreamSignal, error) {
	about, err := signalAbout(string(in.ConversationID.Value))
	if err != nil {
		return wire.StreamSignal{}, err
	}
	s, err := a.Live.Signal(r.Context(), r.actor, live.Sign{Topic: topic, Contact: model.ContactID(in.ContactID.Value), Conversation: about,
		Active: !in.Active.Has() || bool(in.Active.Value)})
	return one(s, err, wire.FromSignal)
}

// signalAbout is the conversation or ticket that a signal names; 0 for none.
func signalAbout(id string) (model.ConversationID, error) {
	about := model.Decimal[model.ConversationID](id)
	if id != "" && about == 0 {
		return 0, model.ResourceNotFound()
	}
	return about, nil
}
