package webhook

import (
	"context"
	"strings"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// Ping tells a webhook that it is there.
func (s *Service) Ping(ctx context.Context, by *model.Actor, id event.SubscriptionID) (*event.Notification, error) {
	return s.tell(ctx, by, id, event.Ping, func(*store.Tx) (event.Item, error) { return event.Pinged{ID: id}, nil })
}

// Trigger tells a webhook of a topic, as if it had just happened to an object, which it
// shows as it is now. Nothing happens, and nobody else is told.
func (s *Service) Trigger(ctx context.Context, by *model.Actor, id event.SubscriptionID, topic, object string) (*event.Notification, error) {
	t, ok := event.Known(topic)
	if !ok || t == event.AllTopics {
		return nil, model.ParameterInvalid("%.80q is not a topic", topic)
	}
	if t == event.Ping {
		return s.Ping(ctx, by, id)
	}
	if why, ok := event.Uncaused[t]; ok {
		return nil, model.ParameterInvalid("Nothing here causes %s: %s", t, why)
	}
	if object == "" {
		return nil, model.ParameterNotFound("Say which object %s is about", t)
	}
	return s.tell(ctx, by, id, t, func(tx *store.Tx) (event.Item, error) { return itemOf(tx, t, object) })
}

func (s *Service) tell(ctx context.Context, by *model.Actor, id event.SubscriptionID, t event.Topic, item func(*store.Tx) (event.Item, error)) (*event.Notification, error) {
	var n *event.Notification
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if _, err := tx.Webhooks.Find(id); err != nil {
			return err
		}
		i, err := item(tx)
		if err != nil {
			return err
		}
		if n, err = tx.Send(id, t, i); err != nil {
			return err
		}
		return ensure(tx, id)
	})
	return n, err
}

// itemOf is what a topic is told with, of an object that is there: of a contact, for
// what belongs to one.
func itemOf(tx *store.Tx, t event.Topic, object string) (event.Item, error) {
	sort, _, _ := strings.Cut(string(t), ".")
	switch sort {
	case "admin":
		a, err := tx.Admins.Find(model.Decimal[model.AdminID](object))
		if err != nil {
			return nil, err
		}
		return event.Admin{Admin: a}, nil
	case "company":
		c, err := tx.Companies.Find(model.CompanyID(object))
		if err != nil {
			return nil, err
		}
		if t == event.CompanyDeleted {
			return event.Gone{Was: event.Object{Type: event.CompanyObject, ID: object}, ExternalID: c.CompanyID}, nil
		}
		return event.Company{Company: c}, nil
	case "conversation", "conversation_part":
		return conversationItem(tx, t, object)
	case "content_stat":
		return statItem(tx, t, object)
	case "ticket":
		ticket, err := tx.Tickets.Find(model.Decimal[model.ConversationID](object))
		if err != nil {
			return nil, err
		}
		return event.Ticket{ID: ticket.ID, Part: newest(ticket.Parts)}, nil
	}
	return contactItem(tx, t, object)
}

func conversationItem(tx *store.Tx, t event.Topic, object string) (event.Item, error) {
	c, err := tx.Conversations.Find(model.Decimal[model.ConversationID](object))
	if err != nil {
		return nil, err
	}
	switch t {
	case event.ConversationDeleted:
		return event.Gone{Was: event.Object{Type: event.ConversationObject, ID: object}}, nil
	case event.PartTagCreated:
		if len(c.Tags) == 0 {
			return nil, lacks(t, "a tag")
		}
		return event.TaggedPart{ID: c.ID, Tag: c.Tags[len(c.Tags)-1]}, nil
	case event.ConversationUserCreated, event.ConversationByAdmin, event.ConversationRead, event.ConversationPriority:
		return event.Conversation{ID: c.ID}, nil
	}
	return event.Conversation{ID: c.ID, Part: newest(c.Parts)}, nil
}

// statItem tells of a message that it was sent.
func statItem(tx *store.Tx, t event.Topic, object string) (event.Item, error) {
	m, err := tx.Messages.Find(model.Decimal[model.MessageID](object))
	if err != nil {
		return nil, err
	}
	if (m.Type == model.Email) != (t == event.ContentStatEmail) {
		return nil, model.ParameterInvalid("%s is not about messages of the type %s", t, m.Type)
	}
	return event.Stat{Message: m, At: m.CreatedAt}, nil
}

func contactItem(tx *store.Tx, t event.Topic, object string) (event.Item, error) {
	c, err := tx.Contacts.Find(model.ContactID(object))
	if err != nil {
		return nil, err
	}
	switch t {
	case event.ContactDeleted:
		return event.Gone{Was: event.Object{Type: event.ContactObject, ID: object}, ExternalID: c.ExternalID}, nil
	case event.ContactUserTagCreated, event.ContactUserTagDeleted, event.ContactLeadTagCreated, event.ContactLeadTagDeleted:
		tags, err := tx.Tags.OnContact(c.ID)
		if err != nil {
			return nil, err
		}
		if len(tags) == 0 {
			return nil, lacks(t, "a tag")
		}
		return event.Tagged{ID: c.ID, Tag: &tags[0].Tag}, nil
	case event.ContactSubscribed, event.ContactUnsubscribed, event.GranularSubscribe, event.GranularUnsubscribe:
		return event.Subscribed{ID: c.ID}, nil
	case event.EventCreated:
		newest, err := tx.DataEvents.List(c.ID, nil, model.PageRequest{PerPage: 1})
		if err != nil {
			return nil, err
		}
		if len(newest.Items) == 0 {
			return nil, lacks(t, "an event")
		}
		return event.DataEvent{Event: newest.Items[0]}, nil
	}
	return event.Contact{ID: c.ID}, nil
}

// lacks is the answer to an object that has nothing of what a topic shows.
func lacks(t event.Topic, what string) *model.Error {
	return model.ParameterInvalid("%s shows %s, and the object has none", t, what)
}

func newest(parts []*model.Part) *model.Part {
	if len(parts) == 0 {
		return nil
	}
	return parts[len(parts)-1]
}
