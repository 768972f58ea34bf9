package people

import (
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// inRole is the topic of a user, or else that of a lead.
func inRole(role model.Role, ofUser, ofLead event.Topic) event.Topic {
	if role == model.RoleUser {
		return ofUser
	}
	return ofLead
}

// tellContactChanges tells that a user or lead was changed, and of the changes that
// have a topic of their own.
func tellContactChanges(tx *store.Tx, before, c *model.Contact) {
	item := event.Contact{ID: c.ID}
	tx.Notify(inRole(c.Role, event.ContactUserUpdated, event.ContactLeadUpdated), item)
	if c.Email != before.Email {
		tx.Notify(event.ContactEmailUpdated, item)
		if c.Role == model.RoleLead && before.Email == "" {
			tx.Notify(event.ContactLeadAddedEmail, item)
		}
	}
	if before.Role == model.RoleLead && c.Role == model.RoleUser {
		tx.Notify(event.ContactLeadSignedUp, item)
	}
	if c.UnsubscribedFromEmails != before.UnsubscribedFromEmails {
		topic := event.ContactSubscribed
		if c.UnsubscribedFromEmails {
			topic = event.ContactUnsubscribed
		}
		tx.Notify(topic, event.Subscribed{ID: c.ID})
	}
}

// tellTagged tells that a tag was put on contacts, or taken off them.
func tellTagged(tx *store.Tx, t *model.Tag, on, off []model.ContactID) error {
	if len(on)+len(off) == 0 {
		return nil
	}
	roles, err := tx.Contacts.Roles(append(append([]model.ContactID(nil), on...), off...))
	if err != nil {
		return err
	}
	for _, id := range on {
		tx.Notify(inRole(roles[id], event.ContactUserTagCreated, event.ContactLeadTagCreated), event.Tagged{ID: id, Tag: t})
	}
	for _, id := range off {
		tx.Notify(inRole(roles[id], event.ContactUserTagDeleted, event.ContactLeadTagDeleted), event.Tagged{ID: id, Tag: t})
	}
	return nil
}

// tellSubscribed tells what a contact's choice on a type of subscription means now.
func tellSubscribed(tx *store.Tx, id model.ContactID, t *model.SubscriptionType, wants bool) {
	item := event.Subscribed{ID: id, Type: t}
	if wants {
		tx.Notify(event.ContactSubscribed, item)
		tx.Notify(event.GranularSubscribe, item)
		return
	}
	tx.Notify(event.ContactUnsubscribed, item)
	tx.Notify(event.GranularUnsubscribe, item)
}

// TellJoined tells that a visitor became a user or a lead.
func TellJoined(tx *store.Tx, c *model.Contact) {
	item := event.Contact{ID: c.ID}
	if c.Role == model.RoleUser {
		tx.Notify(event.VisitorSignedUp, item)
	}
	tx.Notify(inRole(c.Role, event.ContactUserCreated, event.ContactLeadCreated), item)
}
