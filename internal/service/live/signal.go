package live

import (
	"context"
	"slices"
	"time"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/realtime"
	"parley/internal/store"
)

// A Sign is what somebody lets others know for a moment.
type Sign struct {
	Topic        event.Topic
	Contact      model.ContactID      // who signals; empty for the actor's admin
	Conversation model.ConversationID // or ticket; 0 for none
	Active       bool                 // false takes it back
}

// Signal tells others that somebody types or is there: teammates and, of a
// conversation, the contacts who may see it.
func (s *Service) Signal(ctx context.Context, by *model.Actor, sign Sign) (*event.Signal, error) {
	var signal *event.Signal
	told := &event.Told{}
	now := s.clock()
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		from := event.Object{Type: event.AdminObject, ID: by.Admin.String()}
		if sign.Contact != "" {
			from = event.Object{Type: event.ContactObject, ID: string(sign.Contact)}
			if err := findContact(tx, sign.Contact); err != nil {
				return err
			}
		}
		var about event.Object
		if sign.Conversation != 0 {
			var err error
			if about, told.Contacts, err = find(tx, sign.Conversation); err != nil {
				return err
			}
			if sign.Contact != "" && !slices.Contains(told.Contacts, sign.Contact) {
				return model.ResourceNotFound()
			}
		}
		signal = event.NewSignal(sign.Topic, from, about, sign.Active, now.Unix())
		return nil
	})
	if err != nil {
		return nil, err
	}
	told.Signal = signal
	if err := s.hub.Signal(passing(by.Workspace.ID, told)); err != nil {
		return nil, refusal(err)
	}
	return signal, nil
}

// passing is a signal as the hub has it.
func passing(ws model.WorkspaceID, t *event.Told) realtime.Signal[*event.Told] {
	return realtime.Signal[*event.Told]{Room: string(ws), Kind: string(t.Signal.Topic), Key: t.Signal.Key(), Value: t, Until: time.Unix(t.Signal.ExpiresAt, 0)}
}

// Hear tells those who listen here a signal that was given to another node, which
// has found that it may be given and who may see it. It reports whether there was
// room for it.
func (s *Service) Hear(ws model.WorkspaceID, t *event.Told) bool {
	return s.hub.Hear(passing(ws, t)) == nil
}

// Own calls fn with signals that were given to this node and hold, as many as
// most.
func (s *Service) Own(most int, fn func(ws model.WorkspaceID, signal *event.Told)) {
	for _, own := range s.hub.Own(most) {
		fn(model.WorkspaceID(own.Room), own.Value)
	}
}

// find reads what a conversation or ticket is, and which contacts may see it.
func find(tx *store.Tx, id model.ConversationID) (event.Object, []model.ContactID, error) {
	object, err := tx.Conversations.Object(id)
	if err != nil {
		return object, nil, err
	}
	audiences, err := tx.Conversations.Audiences([]model.ConversationID{id})
	return object, audiences[id], err
}

// Present lists who is there, as far as somebody may see: in a conversation or
// ticket, or anywhere if that is 0. A contact asks of one at a time.
func (s *Service) Present(ctx context.Context, l *Listener, id model.ConversationID) ([]*event.Signal, error) {
	if l.Contact != "" && id == 0 {
		return nil, model.ParameterNotFound("A contact needs a conversation_id")
	}
	var only event.Object
	var audience []model.ContactID
	err := s.store.View(ctx, l.By.Workspace.ID, func(tx *store.Tx) (err error) {
		if err := mayListen(tx, l); err != nil || id == 0 {
			return err
		}
		if only, audience, err = find(tx, id); err == nil && l.Contact != "" && !slices.Contains(audience, l.Contact) {
			err = model.ResourceNotFound()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var present []*event.Signal
	for _, t := range s.hub.Holding(string(l.By.Workspace.ID), string(event.Presence)) {
		if (id == 0 || t.Signal.Object == only) && l.may(t) {
			present = append(present, t.Signal)
		}
	}
	return present, nil
}
