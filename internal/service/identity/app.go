package identity

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/identity"
	"parley/internal/store"
)

// RegisterApp makes an app of the workspace.
func (s *Service) RegisterApp(ctx context.Context, by *model.Actor, name string, redirectURLs []string, scopes []identity.Scope) (*identity.App, error) {
	var a *identity.App
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if a, err = identity.NewApp(name, redirectURLs, scopes, tx.Now()); err != nil {
			return err
		}
		if err = tx.Apps.Lock(); err != nil {
			return err
		}
		all, err := tx.Apps.List()
		if err != nil {
			return err
		}
		if len(all) >= identity.MaxApps {
			return identity.AppLimitReached()
		}
		if err = tx.Apps.Insert(a); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("app_package", a.ID.String()))
		return nil
	})
	return a, err
}

// ListApps reads all apps of the workspace, oldest first.
func (s *Service) ListApps(ctx context.Context, by *model.Actor) ([]*identity.App, error) {
	var apps []*identity.App
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		apps, err = tx.Apps.List()
		return err
	})
	return apps, err
}

// FindApp reads an app.
func (s *Service) FindApp(ctx context.Context, by *model.Actor, id identity.AppID) (*identity.App, error) {
	var a *identity.App
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		a, err = tx.Apps.Find(id)
		return err
	})
	return a, err
}

// RotateSecret gives an app another secret. Its tokens stay.
func (s *Service) RotateSecret(ctx context.Context, by *model.Actor, id identity.AppID) (*identity.App, error) {
	var a *identity.App
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if a, err = tx.Apps.FindForUpdate(id); err != nil {
			return err
		}
		a.RotateSecret()
		if err = tx.Apps.SetSecret(a); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("app_package", id.String()))
		return tx.ActivityLogs.Append(identity.AppSecretRotated(by, a))
	})
	return a, err
}

// DeleteApp removes an app. Its tokens, what was about to become one and its webhooks
// end with it.
func (s *Service) DeleteApp(ctx context.Context, by *model.Actor, id identity.AppID) (*identity.App, error) {
	var a *identity.App
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if a, err = tx.Apps.FindForUpdate(id); err != nil {
			return err
		}
		if err = tx.AccessTokens.RevokeAll(int64(id)); err != nil {
			return err
		}
		if err = tx.Webhooks.RemoveOf(int64(id)); err != nil {
			return err
		}
		if err = tx.Apps.Delete(id); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("app_package", id.String()))
		return tx.ActivityLogs.Append(identity.AppDeleted(by, a))
	})
	return a, err
}
