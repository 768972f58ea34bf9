package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateContact makes a user or a lead. It never updates: a contact that matches
// an existing one is a Conflict that names it.
func (s *Service) CreateContact(ctx context.Context, by *model.Actor, p model.ContactPatch) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		c, err = AddContact(tx, p)
		return err
	})
	return c, err
}

// AddContact is CreateContact within the transaction of another rule.
func AddContact(tx *store.Tx, p model.ContactPatch) (*model.Contact, error) {
	// What is in the way is read first, though it is told last: along with it comes whether the attributes are as they were read before.
	c, refused := NewContact(tx, p)
	if refused == nil {
		refused = refuseConflict(tx, c)
	}
	if _, told := model.AsError(refused); refused != nil && !told {
		return nil, refused
	}
	if err := checkPatch(tx, p); err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	c.Attributes.Merge(p.Attributes) // which fit their types now
	tx.Notify(inRole(c.Role, event.ContactUserCreated, event.ContactLeadCreated), event.Contact{ID: c.ID, New: c})
	return c, tx.Contacts.Insert(c)
}

// NewContact makes a contact of a patch, with ids as the workspace has them. Nothing is
// written.
func NewContact(tx *store.Tx, p model.ContactPatch) (*model.Contact, error) {
	id, err := tx.Contacts.NewID()
	if err != nil {
		return nil, err
	}
	c, err := model.NewContact(id, p, tx.Now())
	if err == nil && c.ExternalID != p.ExternalID.Value { // it was given one
		err = tx.Retake("user_id", &c.ExternalID)
	}
	return c, err
}

// FindContact reads a user or lead, archived or not.
func (s *Service) FindContact(ctx context.Context, by *model.Actor, id model.ContactID) (*model.Contact, error) {
	return s.store.FindContact(ctx, by.Workspace.ID, id)
}

// UpdateContact changes what the patch names.
func (s *Service) UpdateContact(ctx context.Context, by *model.Actor, id model.ContactID, p model.ContactPatch) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Contacts.FindForUpdate(id); err != nil {
			return err
		}
		if err = ChangeContact(tx, c, p); err != nil {
			return err
		}
		return tx.Contacts.LoadRelatives(c)
	})
	return c, err
}

// ChangeContact is UpdateContact within the transaction of another rule, which
// holds the contact. Relatives are not loaded.
func ChangeContact(tx *store.Tx, c *model.Contact, p model.ContactPatch) error {
	if err := checkPatch(tx, p); err != nil {
		return err
	}
	before := *c
	if err := c.Update(p, tx.Now()); err != nil {
		return err
	}
	if c.Role != before.Role || c.ExternalID != before.ExternalID || c.Email != before.Email {
		if err := refuseConflict(tx, c); err != nil {
			return err
		}
	}
	tellContactChanges(tx, &before, c)
	return tx.Contacts.Update(c)
}

// checkPatch checks what a patch names against the rest of the workspace, the
// owner and the custom attributes, whose values it makes fit their types.
func checkPatch(tx *store.Tx, p model.ContactPatch) error {
	if p.OwnerID.Value != 0 {
		if known, err := tx.Admins.Exists(p.OwnerID.Value); err != nil {
			return err
		} else if !known {
			return model.OwnerNotFound()
		}
	}
	return CheckAttributes(tx, model.ContactAttributes, p.Attributes)
}

// refuseConflict refuses a contact that may not exist beside another, and keeps
// others from becoming such a one until the transaction ends.
func refuseConflict(tx *store.Tx, c *model.Contact) error {
	if err := tx.Contacts.LockIdentifiers(c); err != nil {
		return err
	}
	other, found, err := tx.Contacts.FindConflict(c)
	if err != nil {
		return err
	}
	if found {
		return model.ContactConflict(other)
	}
	return nil
}

// ArchiveContact takes a contact out of lists and searches. Its identifiers stay
// taken. Archiving twice changes nothing.
func (s *Service) ArchiveContact(ctx context.Context, by *model.Actor, id model.ContactID) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Contacts.FindForUpdate(id); isNotFound(err) {
			return model.ContactNotFound()
		} else if err != nil || c.ArchivedAt != 0 {
			return err
		}
		c.ArchivedAt, c.UpdatedAt = tx.Now(), tx.Now()
		tx.Notify(event.ContactArchived, event.Contact{ID: id})
		return tx.Contacts.Update(c)
	})
	return c, err
}

// UnarchiveContact brings an archived contact back. A deleted one cannot be.
func (s *Service) UnarchiveContact(ctx context.Context, by *model.Actor, id model.ContactID) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Contacts.FindForUpdate(id); isNotFound(err) {
			if deleted, err := tx.Contacts.Deleted(id); err != nil {
				return err
			} else if deleted {
				return model.NotRestorable()
			}
			return model.ContactNotFound()
		} else if err != nil || c.ArchivedAt == 0 {
			return err
		}
		c.ArchivedAt, c.UpdatedAt = 0, tx.Now()
		tx.Notify(event.ContactUnarchived, event.Contact{ID: id})
		return tx.Contacts.Update(c)
	})
	return c, err
}

// DeleteContact removes a contact, archived or not, and all that belongs to it,
// the conversations that nobody else takes part in among it. Its external id and e-mail address are free at once.
func (s *Service) DeleteContact(ctx context.Context, by *model.Actor, id model.ContactID) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Contacts.FindForUpdate(id); err != nil {
			return err
		}
		if err = forgetConversations(tx, id); err != nil {
			return err
		}
		if err = tx.Contacts.Spend(id, ""); err != nil {
			return err
		}
		tx.Notify(event.ContactDeleted, event.Gone{Was: event.Contact{ID: id}.Object(), ExternalID: c.ExternalID})
		return tx.ActivityLogs.Append(model.ContactDeleted(by, id))
	})
	return c, err
}
