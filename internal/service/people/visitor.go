package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// PutVisitor makes sure that there is a visitor with the draft's UserID and that
// it is as the draft says: it is made, or found and changed. A UserID that a user
// or a lead has is a Conflict that names it.
func (s *Service) PutVisitor(ctx context.Context, by *model.Actor, d model.VisitorDraft) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		found := false
		if d.UserID != "" {
			if err = tx.Contacts.LockUserID(d.UserID); err != nil {
				return err
			}
			c, err = tx.Contacts.FindInRoleForUpdate(model.RoleVisitor, model.ContactRef{ExternalID: d.UserID})
			if found = err == nil; !found && !isNotFound(err) {
				return err
			}
		}
		if err = CheckAttributes(tx, model.ContactAttributes, d.Attributes); err != nil {
			return err
		}
		if found {
			if err = c.Revisit(d, tx.Now()); err != nil {
				return err
			}
			tx.Notify(event.Changed, event.Contact{ID: c.ID})
			return tx.Contacts.Update(c)
		}
		if c, err = newVisitor(tx, d); err != nil {
			return err
		}
		if err = refuseConflict(tx, c); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Contact{ID: c.ID})
		return tx.Contacts.Insert(c)
	})
	return c, err
}

func newVisitor(tx *store.Tx, d model.VisitorDraft) (*model.Contact, error) {
	id, err := tx.Contacts.NewID()
	if err != nil {
		return nil, err
	}
	c, err := model.NewVisitor(id, d, tx.Now())
	if err == nil && d.UserID == "" {
		err = tx.Retake("user_id", &c.ExternalID)
	}
	return c, err
}

// FindVisitor reads the visitor that a reference names.
func (s *Service) FindVisitor(ctx context.Context, by *model.Actor, ref model.ContactRef) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		c, err = tx.Contacts.FindInRole(model.RoleVisitor, ref)
		return orVisitorNotFound(err)
	})
	return c, err
}

// UpdateVisitor changes what the patch names of the visitor that a reference
// names.
func (s *Service) UpdateVisitor(ctx context.Context, by *model.Actor, ref model.ContactRef, p model.VisitorPatch) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Contacts.FindInRoleForUpdate(model.RoleVisitor, ref); err != nil {
			return orVisitorNotFound(err)
		}
		if err = CheckAttributes(tx, model.ContactAttributes, p.Attributes); err != nil {
			return err
		}
		if err = c.UpdateVisitor(p, tx.Now()); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Contact{ID: c.ID})
		return tx.Contacts.Update(c)
	})
	return c, err
}

// ConvertVisitor makes a user or a lead of a visitor. Where the workspace has the
// target, the visitor is merged into it and gone; else the visitor becomes it.
func (s *Service) ConvertVisitor(ctx context.Context, by *model.Actor, conversion model.Conversion) (*model.Contact, error) {
	if err := conversion.Validate(); err != nil {
		return nil, err
	}
	role, target := conversion.Role, conversion.Target
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		visitor, err := tx.Contacts.FindInRoleForUpdate(model.RoleVisitor, conversion.Visitor)
		if err != nil {
			return orVisitorNotFound(err)
		}
		c, err = tx.Contacts.FindInRoleForUpdate(role, target)
		switch {
		case err == nil:
			return mergeContacts(tx, visitor, c)
		case !isNotFound(err), target.ID != "": // nobody can become an id: it must exist
			return err
		}
		c = visitor
		if err := c.Become(role, target, tx.Now()); err != nil {
			return err
		}
		if err := refuseConflict(tx, c); err != nil {
			return err
		}
		TellJoined(tx, c)
		if err := tx.Contacts.Update(c); err != nil {
			return err
		}
		return tx.Contacts.LoadRelatives(c)
	})
	return c, err
}

// DeleteVisitor removes a visitor, and the conversations that it was added to and nobody else takes part in.
func (s *Service) DeleteVisitor(ctx context.Context, by *model.Actor, id model.ContactID) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if c, err = tx.Contacts.FindInRoleForUpdate(model.RoleVisitor, model.ContactRef{ID: id}); err != nil {
			return orVisitorNotFound(err)
		}
		if err = forgetConversations(tx, id); err != nil {
			return err
		}
		if err = tx.Contacts.Delete(id); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Gone{Was: event.Contact{ID: id}.Object()})
		return tx.ActivityLogs.Append(model.VisitorDeleted(by, id))
	})
	return c, err
}

func orVisitorNotFound(err error) error {
	if isNotFound(err) {
		return model.VisitorNotFound()
	}
	return err
}
