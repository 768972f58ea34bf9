package wire

import "parley/internal/model/event"

// A StreamEvent is something that happened, as the live stream tells it.
type StreamEvent struct {
	Type      string       `json:"type" enum:"event"`
	ID        string       `json:"id" doc:"That of the notification which webhooks are sent."`
	Topic     string       `json:"topic"`
	Object    StreamObject `json:"object"`
	CreatedAt int64        `json:"created_at"`
}

// A StreamObject names what an event or a signal is about, and who signals.
type StreamObject struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// A StreamSignal is something that holds for a moment, as the live stream tells it.
type StreamSignal struct {
	Type      string        `json:"type" enum:"signal"`
	Topic     string        `json:"topic" enum:"parley.typing,parley.presence"`
	Object    *StreamObject `json:"object" doc:"The conversation or ticket; null for the whole workspace."`
	From      StreamObject  `json:"from" doc:"The admin or contact."`
	Active    bool          `json:"active" doc:"false says that it holds no longer."`
	CreatedAt int64         `json:"created_at"`
	ExpiresAt int64         `json:"expires_at" doc:"When it ends unless it is sent again."`
}

// A StreamPosition is where a stream stands.
type StreamPosition struct {
	Type     string `json:"type" enum:"position"`
	Position string `json:"position"`
}

// NewStreamPosition translates a position.
func NewStreamPosition(p event.Position) StreamPosition {
	return StreamPosition{"position", p.String()}
}

// FromTold translates what a stream tells: a StreamEvent or a StreamSignal.
func FromTold(t *event.Told) any {
	if t.Signal != nil {
		return FromSignal(t.Signal)
	}
	return StreamEvent{"event", "notif_" + t.Event.ID, string(t.Event.Topic), fromObject(t.Event.Object), t.Event.CreatedAt}
}

// FromSignal translates a signal.
func FromSignal(s *event.Signal) StreamSignal {
	out := StreamSignal{Type: "signal", Topic: string(s.Topic), From: fromObject(s.From), Active: s.Active,
		CreatedAt: s.CreatedAt, ExpiresAt: s.ExpiresAt}
	if s.Object != (event.Object{}) {
		about := fromObject(s.Object)
		out.Object = &about
	}
	return out
}

func fromObject(o event.Object) StreamObject { return StreamObject{string(o.Type), o.ID} }

// A SignalRequest lets others know of somebody for a moment.
type SignalRequest struct {
	ConversationID Opt[Text] `json:"conversation_id,omitzero" doc:"Or a ticket's id."`
	ContactID      Opt[Text] `json:"contact_id,omitzero" doc:"Who it is; absent for the token's admin."`
	Active         Opt[Bool] `json:"active,omitzero" doc:"false takes it back before it ends by itself."`
}
