package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/service/people"
	"parley/internal/store"
)

// An Invitation names who adds a contact to a conversation or takes one out of
// it: an admin, or a contact who takes part.
type Invitation struct {
	Admin   model.Opt[model.AdminID]
	Contact model.ContactRef
}

// AddContact has a contact take part in a conversation. An e-mail address that
// nobody has makes a lead. Adding one who is there changes nothing.
func (s *Service) AddContact(ctx context.Context, by *model.Actor, id model.ConversationID, in Invitation, who model.ContactRef) (*model.Conversation, error) {
	return s.participants(ctx, by, id, in, func(tx *store.Tx, c *model.Conversation, now model.Act) error {
		contact, err := invited(tx, who)
		if err != nil || c.HasContact(contact.ID) {
			return err
		}
		part, err := c.Join(now, model.ParticipantOf(contact))
		if err != nil {
			return err
		}
		if err := tx.Conversations.AddContact(c.ID, contact.ID); err != nil {
			return err
		}
		return write(tx, c, part)
	})
}

// invited finds a contact, or makes a lead of an address that nobody has: one,
// however many ask at once.
func invited(tx *store.Tx, who model.ContactRef) (*model.Contact, error) {
	byAddress := who.ID == "" && who.ExternalID == ""
	if byAddress {
		if err := tx.Contacts.LockIdentifiers(&model.Contact{Email: who.Email}); err != nil {
			return nil, err
		}
	}
	contact, err := tx.Contacts.FindPersonForUpdate(who)
	if !isNotFound(err) || !byAddress {
		return contact, err
	}
	contact, err = people.NewContact(tx, model.ContactPatch{Role: model.Some(model.RoleLead), Email: model.Some(who.Email)})
	if err != nil {
		return nil, err
	}
	tx.Notify(event.ContactLeadCreated, event.Contact{ID: contact.ID, New: contact})
	return contact, tx.Contacts.Insert(contact)
}

// RemoveContact takes a contact out of a conversation; the last one stays.
func (s *Service) RemoveContact(ctx context.Context, by *model.Actor, id model.ConversationID, in Invitation, who model.ContactID) (*model.Conversation, error) {
	return s.participants(ctx, by, id, in, func(tx *store.Tx, c *model.Conversation, now model.Act) error {
		part, err := c.Leave(now, who)
		if err != nil {
			return err
		}
		if err := tx.Conversations.RemoveContact(c.ID, who); err != nil {
			return err
		}
		return write(tx, c, part)
	})
}

func (s *Service) participants(ctx context.Context, by *model.Actor, id model.ConversationID, in Invitation, change func(*store.Tx, *model.Conversation, model.Act) error) (*model.Conversation, error) {
	var c *model.Conversation
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Conversations.FindForUpdate(id); err != nil {
			return err
		}
		author, err := inviter(tx, c, in)
		if err != nil {
			return err
		}
		return change(tx, c, act(tx, by.Workspace, author))
	})
	return c, err
}

func inviter(tx *store.Tx, c *model.Conversation, in Invitation) (model.Author, error) {
	switch {
	case in.Admin.Set:
		return findAdmin(tx, in.Admin.Value)
	case in.Contact == model.ContactRef{}:
		return model.Author{}, model.ParameterNotFound("admin_id is required")
	default:
		return participant(tx, c, in.Contact)
	}
}
