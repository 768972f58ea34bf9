package api

import "parley/internal/wire"

// POST /messages
func (a *API) createMessage(r *request, in wire.MessageRequest) (wire.Message, error) {
	if in.IsContact() {
		m, err := a.createConversation(r, in.Conversation())
		return one(m, err, wire.FromUserMessage)
	}
	draft, err := in.Draft()
	if err != nil {
		return wire.Message{}, err
	}
	m, err := a.Inbox.SendMessage(r.Context(), r.actor, draft)
	return one(m, err, in.FromMessage)
}
