// Package sandbox holds the rules by which whoever writes an integration has workspaces
// to test it with.
// It must not know HTTP, JSON or SQL, nor what a workspace is filled with.
package sandbox

import (
	"context"
	"errors"

	"parley/internal/model"
	"parley/internal/service/workspace"
)

// A Service is the rules, over those of workspaces.
type Service struct {
	workspace *workspace.Service
}

// New makes the rules.
func New(w *workspace.Service) *Service { return &Service{workspace: w} }

// Create makes a workspace with an admin who owns it, and returns it with a token of
// that admin.
func (s *Service) Create(ctx context.Context, w model.Workspace) (created *model.Workspace, token string, err error) {
	err = s.workspace.Together(ctx, "create a workspace", func(ctx context.Context) error {
		if created, err = s.workspace.Create(ctx, w); err != nil {
			return err
		}
		by := &model.Actor{Workspace: created}
		owner, err := s.workspace.CreateAdmin(ctx, by, model.Admin{Name: "Owner", Email: "owner@parley.example", HasInboxSeat: true})
		if err != nil {
			return err
		}
		token, err = s.workspace.CreateToken(ctx, by, owner.ID, "sandbox", "")
		return err
	})
	return created, token, err
}

// List reads all workspaces of the server, oldest first.
func (s *Service) List(ctx context.Context) ([]*model.Workspace, error) { return s.workspace.List(ctx) }

// Operator is who acts for a developer in a workspace: the admin who owns it. An id that
// no workspace has is not found.
func (s *Service) Operator(ctx context.Context, id model.WorkspaceID) (*model.Actor, error) {
	by, err := s.workspace.Operator(ctx, id)
	var e *model.Error
	if errors.As(err, &e) && e.Kind == model.NotFound {
		return nil, &model.Error{Kind: model.NotFound, Code: "workspace_not_found", Message: "Workspace not found"}
	}
	return by, err
}

// Delete removes a workspace and all that is in it.
func (s *Service) Delete(ctx context.Context, id model.WorkspaceID) error {
	return s.workspace.Delete(ctx, id)
}
