package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// MergeContacts merges a lead into a user: the user takes over what it lacks and
// all that belongs to the lead, and the lead is gone.
func (s *Service) MergeContacts(ctx context.Context, by *model.Actor, from, into model.ContactID) (*model.Contact, error) {
	if from == "" || into == "" {
		return nil, model.ParameterNotFound("A merge needs the ids of both contacts, as from and into")
	}
	var user *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		both := map[model.ContactID]*model.Contact{}
		for _, id := range []model.ContactID{min(from, into), max(from, into)} { // one order, or two merges could wait for each other
			c, err := tx.Contacts.FindForUpdate(id)
			if isNotFound(err) {
				return model.ContactNotFound()
			} else if err != nil {
				return err
			}
			both[id] = c
		}
		lead := both[from]
		user = both[into]
		if lead.Role != model.RoleLead || user.Role != model.RoleUser {
			return model.InvalidMerge()
		}
		return mergeContacts(tx, lead, user)
	})
	return user, err
}

// mergeContacts gives one contact all that another is and has, and removes the
// other. Both are held by the transaction.
func mergeContacts(tx *store.Tx, from, into *model.Contact) error {
	if err := tx.Contacts.MoveRelatives(from.ID, into.ID); err != nil {
		return err
	}
	if err := tx.DataEvents.Move(from.ID, into.ID); err != nil {
		return err
	}
	if err := tx.Conversations.MoveContact(from.ID, into.ID); err != nil {
		return err
	}
	if err := tx.Contacts.Spend(from.ID, into.ID); err != nil {
		return err
	}
	tx.Notify(event.ContactMerged, event.Merged{From: from.ID, Into: into.ID})
	into.Absorb(from, tx.Now())
	if err := refuseConflict(tx, into); err != nil {
		return err
	}
	if err := tx.Contacts.Update(into); err != nil {
		return err
	}
	return tx.Contacts.LoadRelatives(into)
}
