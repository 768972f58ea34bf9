package live

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/identity"
	"parley/internal/realtime"
	"parley/internal/store"
)

// read reads what happened in a workspace after a position, and which contacts may
// see it: two statements, whoever listens.
func (s *Service) read(ctx context.Context, ws string, after realtime.Position, most int) ([]*Message, error) {
	var list []*Message
	err := s.store.View(ctx, model.WorkspaceID(ws), func(tx *store.Tx) error {
		events, err := tx.Events.After(event.Position(after), most)
		if err != nil || len(events) == 0 {
			return err
		}
		told, err := withAudience(tx, events)
		for _, t := range told {
			list = append(list, &Message{Position: realtime.Position(t.Event.Position), Value: t})
		}
		return err
	})
	return list, err
}

// withAudience finds which contacts may see events: those who take part now. Who
// was taken out sees no more, be it of what was before.
func withAudience(tx *store.Tx, events []*event.Event) ([]*event.Told, error) {
	told := make([]*event.Told, len(events))
	var ids []model.ConversationID
	for i, e := range events {
		told[i] = &event.Told{Event: e}
		switch {
		case !e.ForContacts():
		case e.Object.Type == event.ContactObject:
			told[i].Contacts = []model.ContactID{model.ContactID(e.Object.ID)}
		default:
			ids = append(ids, conversationOf(e.Object))
		}
	}
	if len(ids) == 0 {
		return told, nil
	}
	slices.Sort(ids)
	audiences, err := tx.Conversations.Audiences(slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	for _, t := range told {
		if t.Event.ForContacts() && t.Event.Object.Type != event.ContactObject {
			t.Contacts = audiences[conversationOf(t.Event.Object)]
		}
	}
	return told, nil
}

func conversationOf(o event.Object) model.ConversationID {
	return model.Decimal[model.ConversationID](o.ID)
}

// sees reports whether somebody who listens may see what is told, and wants to.
func (l *Listener) sees(t *event.Told) bool {
	if len(l.Topics) > 0 && !l.Topics[t.Topic()] {
		return false
	}
	return l.may(t)
}

// may reports whether somebody who listens may see what is told. An admin sees
// everything; an app, and a contact that it speaks for, what its scopes let it read.
func (l *Listener) may(t *event.Told) bool {
	if !l.By.ByHand {
		scope, known := reads[t.Object().Type]
		if !known || !identity.Allows(l.By, scope) {
			return false
		}
	}
	return l.Contact == "" || slices.Contains(t.Contacts, l.Contact)
}

// reads is what an app needs to be told of each sort of object; of others it is not
// told.
var reads = map[event.ObjectType]identity.Scope{
	event.ContactObject:      identity.ReadUsersCompanies,
	event.CompanyObject:      identity.ReadUsersCompanies,
	event.AdminObject:        identity.ReadAdmins,
	event.ConversationObject: identity.ReadConversations,
	event.TicketObject:       identity.ReadTickets,
	"":                       identity.ReadAdmins, // who is there, in no conversation
	"article":                identity.ReadArticles,
	"assignment_rule":        identity.ReadConversations,
	"collection":             identity.ReadArticles,
	"data_attribute":         identity.ReadUsersCompanies,
	"help_center":            identity.ReadArticles,
	"news_item":              identity.ReadNews,
	"newsfeed":               identity.ReadNews,
	"segment":                identity.ReadUsersCompanies,
	"subscription":           identity.ReadUsersCompanies,
	"tag":                    identity.ReadTags,
	"team":                   identity.ReadAdmins,
	"ticket_type":            identity.ReadTickets,
}
