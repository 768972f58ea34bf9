package workspace

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateAdmin makes a teammate. The first of a workspace owns it.
func (s *Service) CreateAdmin(ctx context.Context, by *model.Actor, a model.Admin) (*model.Admin, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := tx.Lock("admins " + string(by.Workspace.ID)); err != nil {
			return err
		}
		if _, err := tx.Admins.FindByEmail(a.Email); err == nil {
			return model.AdminEmailTaken(a.Email)
		} else if !isNotFound(err) {
			return err
		}
		if _, err := tx.Admins.FindOwner(); isNotFound(err) {
			a.Owner = true
		} else if err != nil {
			return err
		}
		var err error
		if a.ID, err = tx.Admins.NewID(); err != nil {
			return err
		}
		a.CreatedAt, a.UpdatedAt = tx.Now(), tx.Now()
		if err = tx.Admins.Insert(&a); err != nil {
			return err
		}
		tx.Notify(event.AdminAddedToWorkspace, event.Admin{Admin: &a})
		return tx.ActivityLogs.Append(model.AdminJoined(by, &a))
	})
	return &a, err
}

// FindAdmin reads a teammate, with the teams it is in.
func (s *Service) FindAdmin(ctx context.Context, by *model.Actor, id model.AdminID) (*model.Admin, error) {
	var a *model.Admin
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		a, err = tx.Admins.Find(id)
		return err
	})
	return a, err
}

// ListAdmins reads all teammates, with the teams they are in.
func (s *Service) ListAdmins(ctx context.Context, by *model.Actor) ([]*model.Admin, error) {
	var admins []*model.Admin
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		admins, err = tx.Admins.List()
		return err
	})
	return admins, err
}

// SetAway turns a teammate's away mode on or off.
func (s *Service) SetAway(ctx context.Context, by *model.Actor, id model.AdminID, enabled, reassign bool) (*model.Admin, error) {
	var a *model.Admin
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if a, err = tx.Admins.FindForUpdate(id); isNotFound(err) {
			return model.AwayAdminNotFound()
		}
		if err != nil || !a.SetAway(enabled, reassign, tx.Now()) {
			return err
		}
		if err = tx.Admins.Update(a); err != nil {
			return err
		}
		tx.Notify(event.AdminAwayModeUpdated, event.Admin{Admin: a})
		return tx.ActivityLogs.Append(model.AwayModeChanged(by, a))
	})
	return a, err
}
