// Package workspace holds the rules of workspaces, access tokens, admins, teams
// and the activity log.
// It must not know HTTP, JSON or SQL, nor anything of contacts.
package workspace

import (
	"cmp"
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// A Service is the rules, over a store.
type Service struct {
	store *store.Store
}

// New makes the rules over a store.
func New(s *store.Store) *Service { return &Service{s} }

// Create makes a workspace. Its id and its secret may be given; else they are random. Its region
// is US unless it says otherwise.
func (s *Service) Create(ctx context.Context, asked model.Workspace) (*model.Workspace, error) {
	w, err := s.Complete(asked)
	if err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, w.ID, func(tx *store.Tx) error {
		if err := tx.Lock("workspace " + string(w.ID)); err != nil {
			return err
		}
		if taken, err := tx.Copies.Exists(string(w.ID)); err != nil {
			return err
		} else if taken {
			return model.WorkspaceExists(w.ID)
		}
		w.CreatedAt = tx.Now()
		return tx.Workspaces.Insert(w)
	})
	return w, err
}

// Complete fills in what a workspace that is about to be made may leave open, and refuses what none can be.
func (s *Service) Complete(w model.Workspace) (*model.Workspace, error) {
	w.ID = cmp.Or(w.ID, model.NewWorkspaceID())
	w.Region = cmp.Or(w.Region, "US")
	if err := w.Validate(); err != nil {
		return nil, err
	}
	w.Secret = cmp.Or(w.Secret, store.NewSecret())
	return &w, nil
}

// List reads all workspaces of the server, oldest first.
func (s *Service) List(ctx context.Context) ([]*model.Workspace, error) {
	return s.store.ListWorkspaces(ctx)
}

// Sole reads the only workspace of the server. Where there is none, or another, it
// is not found.
func (s *Service) Sole(ctx context.Context) (*model.Workspace, error) {
	return s.store.SoleWorkspace(ctx)
}

// Find reads a workspace.
func (s *Service) Find(ctx context.Context, id model.WorkspaceID) (*model.Workspace, error) {
	var w *model.Workspace
	err := s.store.View(ctx, id, func(tx *store.Tx) (err error) {
		w, err = tx.Workspaces.Find()
		return err
	})
	return w, err
}

// SetOfficeHours changes when somebody is there.
func (s *Service) SetOfficeHours(ctx context.Context, by *model.Actor, hours model.OfficeHours) (*model.Workspace, error) {
	var w *model.Workspace
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if w, err = tx.Workspaces.FindForUpdate(); err != nil || w.OfficeHours.Equal(hours) {
			return err
		}
		changed := model.OfficeHoursChanged(by, w.OfficeHours, hours)
		w.OfficeHours = hours
		if err = tx.Workspaces.SetOfficeHours(hours); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("workspace", string(w.ID)))
		return tx.ActivityLogs.Append(changed)
	})
	return w, err
}

// Operator is who acts for a command typed on the server: the admin who owns the
// workspace, or nobody, admin 0, while it has none.
func (s *Service) Operator(ctx context.Context, id model.WorkspaceID) (*model.Actor, error) {
	actor := &model.Actor{}
	err := s.store.View(ctx, id, func(tx *store.Tx) (err error) {
		if actor.Workspace, err = tx.Workspaces.Find(); err != nil {
			return err
		}
		owner, err := tx.Admins.FindOwner()
		if isNotFound(err) {
			return nil
		}
		actor.Admin = owner.ID
		return err
	})
	return actor, err
}

func isNotFound(err error) bool {
	e, ok := model.AsError(err)
	return ok && e.Kind == model.NotFound
}
