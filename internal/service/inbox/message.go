package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/richtext"
	"parley/internal/store"
)

// SendMessage sends what an admin wrote to a user or lead. There is no
// conversation until the contact answers, unless the draft asks for one. An
// e-mail is put into the outbox, and goes to nobody who must not get any.
func (s *Service) SendMessage(ctx context.Context, by *model.Actor, d model.MessageDraft) (*model.Message, error) {
	if err := model.ValidateMessage(d.Subject, d.Body, ""); err != nil {
		return nil, err
	}
	body := richtext.FromInput(d.Body)
	var m *model.Message
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if m, err = d.Message(body); err != nil {
			return err
		}
		if m.From, err = messenger(tx, by, d.From); err != nil {
			return err
		}
		to, err := recipient(tx, d)
		if err != nil {
			return err
		}
		if m.ID, err = tx.Conversations.NewMessageID(); err != nil {
			return err
		}
		m.To, m.CreatedAt = to.ID, tx.Now()
		m.Sent = m.Type != model.Email || to.SuppressedBy() == ""
		if err = tx.Messages.Insert(m); err != nil {
			return err
		}
		if d.Begin {
			if _, err = beginWith(tx, m, to); err != nil {
				return err
			}
		}
		if m.Sent {
			tellStat(tx, m, "", tx.Now())
		} else {
			tx.Notify(event.Changed, event.Contact{ID: to.ID})
		}
		return deliver(tx, by.Workspace, m, to)
	})
	return m, err
}

// messenger finds the admin who sends: the one who is named, or else who asks.
func messenger(tx *store.Tx, by *model.Actor, named model.Opt[model.AdminRef]) (*model.Admin, error) {
	switch {
	case !named.Has():
		return tx.Admins.Find(by.Admin)
	case named.Value.Email != "":
		return tx.Admins.FindByEmail(named.Value.Email)
	default:
		return tx.Admins.Find(named.Value.ID)
	}
}

// recipient finds and holds the user or lead that a message goes to. A role tells
// those apart who share an address; who is named otherwise may have any.
func recipient(tx *store.Tx, d model.MessageDraft) (*model.Contact, error) {
	if d.Role != "" && d.To.ID == "" && d.To.ExternalID == "" {
		return tx.Contacts.FindInRoleForUpdate(d.Role, d.To)
	}
	id, err := tx.Contacts.ResolveForUpdate(d.To)
	if err != nil {
		return nil, err
	}
	return tx.Contacts.FindForUpdate(id)
}

// deliver puts an e-mail into the outbox, and notes that the contact was written
// to, unless nothing will reach it.
func deliver(tx *store.Tx, from *model.Workspace, m *model.Message, to *model.Contact) error {
	if m.Type == model.Email {
		mail := newEmail(from, m, to)
		mail.ID = model.NewTimeUUID(tx.Time())
		if err := tx.Messages.InsertEmail(mail); err != nil || mail.State == model.EmailSuppressed {
			return err
		}
	}
	return tx.Contacts.Contacted(tx.Now(), to.ID)
}

// beginWith begins the conversation of a message.
func beginWith(tx *store.Tx, m *model.Message, with *model.Contact) (*model.Conversation, error) {
	c, err := begin(tx, with, m.Source())
	if err != nil {
		return nil, err
	}
	m.Conversation = c.ID
	return c, tx.Messages.SetConversation(m.ID, c.ID)
}

// latest finds and holds the newest conversation of a contact. Where a message
// is newer that has none, its own begins now. Ids of messages and of what began
// conversations are counted together, and so tell what is newer.
func latest(tx *store.Tx, contact *model.Contact, load loading) (*model.Conversation, error) {
	m, err := tx.Messages.LatestUnanswered(contact.ID)
	waits := err == nil
	if !waits && !isNotFound(err) {
		return nil, err
	}
	c, err := newest(tx, contact.ID, load)
	if waits && (isNotFound(err) || err == nil && m.ID > c.Source.ID) {
		return beginWith(tx, m, contact)
	}
	return c, err
}

func newest(tx *store.Tx, of model.ContactID, load loading) (*model.Conversation, error) {
	id, err := tx.Conversations.Latest(of)
	if err != nil {
		return nil, err
	}
	return load(tx.Conversations, id)
}
