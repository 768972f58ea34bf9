package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// RecordEngagement keeps that something came of a message at a time, in Unix
// seconds, as the channel that delivers it reports: the first time of each kind,
// however often and in whatever order it is told. An answer is not reported, since
// it comes in as a reply. Of a contact, an e-mail tells when it last opened or
// clicked one, and that it must not get more.
func (s *Service) RecordEngagement(ctx context.Context, ws model.WorkspaceID, id model.MessageID, e model.Engagement, at int64) error {
	return s.store.Update(ctx, ws, func(tx *store.Tx) error {
		m, c, err := delivered(tx, id)
		if err != nil {
			return err
		}
		at, err := m.Engaged(e, at, tx.Now())
		if err != nil {
			return err
		}
		if err := tx.Messages.Engage(m.ID, c.ID, e, at); err != nil {
			return err
		}
		tellStat(tx, m, e, at)
		wanted := !c.UnsubscribedFromEmails
		if m.Type != model.Email || !c.EngageByEmail(e, at, tx.Now()) {
			return nil
		}
		if wanted && c.UnsubscribedFromEmails {
			tx.Notify(event.ContactUnsubscribed, event.Subscribed{ID: c.ID})
		}
		return tx.Contacts.Update(c)
	})
}

// delivered finds a message and holds the contact that it went to. Who answers a
// message holds the contact before the message too, so that nobody waits in a
// circle. A merge may give the message to another contact in between: once, since
// only leads are merged away.
func delivered(tx *store.Tx, id model.MessageID) (*model.Message, *model.Contact, error) {
	for again := false; ; again = true {
		m, err := tx.Messages.Find(id)
		if err != nil {
			return nil, nil, err
		}
		c, err := tx.Contacts.FindForUpdate(m.To)
		if again || !isNotFound(err) {
			return m, c, err
		}
	}
}
