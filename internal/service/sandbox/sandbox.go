// Package sandbox holds the rules by which whoever writes an integration has workspaces
// to test it with.
// It must not know HTTP, JSON or SQL, nor what a workspace is filled with.
package sandbox

import (
	"cmp"
	"context"
	"errors"
	"time"

	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/service/workspace"
	"parley/internal/store"
)

// Options are what the rules need.
type Options struct {
	Store     *store.Store
	Workspace *workspace.Service
	// Read reads the text of a seed. Its error is a *model.Error where the text is wrong.
	Read func(text string) (*Seed, error)
	// Version is that of the program: what a seed becomes may differ with it.
	Version string
	Clock   func() time.Time
}

// A Seed is what a workspace can be filled with.
type Seed struct {
	Workspace model.Workspace // its name, time zone, region and office hours; empty for none
	HasAdmins bool            // the first of whom will own the workspace
	// Fill brings a workspace that is empty to what the seed says. Its error is a
	// *model.Error where the seed is wrong.
	Fill func(ctx context.Context, id model.WorkspaceID) error
}

// A Service is the rules, over those of workspaces.
type Service struct {
	Options
}

// New makes the rules.
func New(o Options) *Service { return &Service{o} }

// A Request asks for a workspace. What it is filled with is at most one of Seed and From.
type Request struct {
	Workspace model.Workspace // what is unset is that of the seed or the snapshot, or usual
	Token     string          // of the caller's own choice; random if empty
	Seed      string          // the text of a seed, or the name of one that is built in
	From      *Source         // a snapshot
}

// A Source names a snapshot of a workspace.
type Source struct {
	Workspace model.WorkspaceID
	Name      string
}

// Create makes a workspace with an admin who owns it, and returns it with a token of
// that admin.
func (s *Service) Create(ctx context.Context, r Request) (*model.Workspace, string, error) {
	if r.Seed != "" && r.From != nil {
		return nil, "", model.ParameterInvalid("A workspace is made of a seed or of a snapshot, not of both")
	}
	w := &r.Workspace
	w.ID = cmp.Or(w.ID, model.NewWorkspaceID())
	if r.From != nil {
		copied, err := s.source(ctx, *r.From, w)
		if err != nil {
			return nil, "", err
		}
		w.Name = cmp.Or(w.Name, usualName)
		return s.fromCopy(ctx, copied, r)
	}
	seed, err := s.Read(r.Seed)
	if err != nil {
		return nil, "", err
	}
	w.Timezone, w.Region = cmp.Or(w.Timezone, seed.Workspace.Timezone, "UTC"), cmp.Or(w.Region, seed.Workspace.Region)
	w.Name, w.OfficeHours = cmp.Or(w.Name, seed.Workspace.Name, usualName), seed.Workspace.OfficeHours
	// What became of the seed before is copied. The first time it is made by the rules.
	template := sandbox.TemplateID(s.Version, r.Seed, s.Clock().Unix())
	there, err := s.exists(ctx, w.ID, template)
	if err == nil && there {
		created, token, err := s.fromCopy(ctx, template, r)
		if !errors.Is(err, errGone) {
			return created, token, err
		}
	}
	if err != nil {
		return nil, "", err
	}
	var created *model.Workspace
	var token string
	err = s.Workspace.Together(ctx, "create "+template, func(ctx context.Context) error {
		there, err := s.exists(ctx, w.ID, template)
		switch {
		case err != nil:
		case there: // others were first
			created, token, err = s.fromCopy(ctx, template, r)
		default:
			created, token, err = s.fromSeed(ctx, template, seed, r)
		}
		return err
	})
	return created, token, err
}

// usualName is the name of a workspace that was given none.
const usualName = "Sandbox"

// errGone says that a copy is not there any more.
var errGone = &model.Error{Kind: model.NotFound, Code: "snapshot_not_found", Message: "Snapshot not found"}

// source finds the copy that a snapshot is, and has a workspace be like it where it does
// not say otherwise.
func (s *Service) source(ctx context.Context, from Source, w *model.Workspace) (copied string, err error) {
	err = s.Store.View(ctx, from.Workspace, func(tx *store.Tx) error {
		snapshot, err := tx.Copies.Named(from.Name)
		if err != nil {
			return err
		}
		copied = snapshot.Copy
		like, err := tx.Copies.Settings(copied)
		w.Timezone, w.Region = cmp.Or(w.Timezone, like.Timezone), cmp.Or(w.Region, like.Region)
		return err
	})
	return copied, err
}

func (s *Service) exists(ctx context.Context, id model.WorkspaceID, copied string) (there bool, err error) {
	err = s.Store.View(ctx, id, func(tx *store.Tx) (err error) {
		there, err = tx.Copies.Exists(copied)
		return err
	})
	return there, err
}

// fromCopy makes a workspace of a copy. Where that is gone, the error is errGone.
func (s *Service) fromCopy(ctx context.Context, copied string, r Request) (created *model.Workspace, token string, err error) {
	err = s.Workspace.Together(ctx, "create "+string(r.Workspace.ID), func(ctx context.Context) error {
		if created, err = s.Workspace.Create(ctx, r.Workspace); err != nil {
			return err
		}
		err := s.Store.Update(ctx, created.ID, func(tx *store.Tx) error {
			if there, err := tx.Copies.Hold(copied); err != nil || !there {
				return cmp.Or(err, error(errGone))
			}
			if err := tx.Copies.Fill(copied); err != nil {
				return err
			}
			return tx.Copies.SetBase(copied)
		})
		if err != nil {
			return err
		}
		token, err = s.openTo(ctx, created, r.Token)
		return err
	})
	return created, token, err
}

// fromSeed makes a workspace by the rules, and keeps a copy of what it became.
func (s *Service) fromSeed(ctx context.Context, template string, seed *Seed, r Request) (created *model.Workspace, token string, err error) {
	if created, err = s.Workspace.Create(ctx, r.Workspace); err != nil {
		return nil, "", err
	}
	if !seed.HasAdmins {
		_, err := s.Workspace.CreateAdmin(ctx, &model.Actor{Workspace: created}, model.Admin{Name: "Owner", Email: "owner@parley.example", HasInboxSeat: true})
		if err != nil {
			return nil, "", err
		}
	}
	if err := seed.Fill(ctx, created.ID); err != nil {
		return nil, "", err
	}
	err = s.Store.Update(ctx, created.ID, func(tx *store.Tx) error {
		if err := tx.Copies.Keep(template); err != nil {
			return err
		}
		if err := tx.Copies.SetTemplate(template, sandbox.MaxTemplates); err != nil {
			return err
		}
		return tx.Copies.SetBase(template)
	})
	if err != nil {
		return nil, "", err
	}
	token, err = s.openTo(ctx, created, r.Token)
	return created, token, err
}

// openTo makes a token of the admin who owns a new workspace.
func (s *Service) openTo(ctx context.Context, w *model.Workspace, token string) (string, error) {
	by, err := s.Workspace.Operator(ctx, w.ID)
	if err != nil {
		return "", err
	}
	return s.Workspace.CreateToken(ctx, by, by.Admin, "sandbox", token)
}

// List reads so many workspaces of the server behind an id, in the order of their ids.
// Where a name is given, others are left out.
func (s *Service) List(ctx context.Context, after model.WorkspaceID, name string, most int) ([]*model.Workspace, error) {
	return s.Store.PageWorkspaces(ctx, after, name, most)
}

// Operator is who acts for a developer in a workspace: the admin who owns it. An id that
// no workspace has is not found.
func (s *Service) Operator(ctx context.Context, id model.WorkspaceID) (*model.Actor, error) {
	unknown := &model.Error{Kind: model.NotFound, Code: "workspace_not_found", Message: "Workspace not found"}
	if sandbox.IsCopy(string(id)) { // nobody acts in what others go back to
		return nil, unknown
	}
	by, err := s.Workspace.Operator(ctx, id)
	if e, told := model.AsError(err); told && e.Kind == model.NotFound {
		return nil, unknown
	}
	return by, err
}

// Delete removes a workspace and all that is in it, its snapshots included.
func (s *Service) Delete(ctx context.Context, id model.WorkspaceID) error {
	return s.Store.Alone(ctx, id, func(tx *store.Tx) error {
		if _, err := tx.Workspaces.Find(); err != nil {
			return err
		}
		if err := tx.Copies.DeleteAll(); err != nil {
			return err
		}
		return tx.Workspaces.Delete()
	})
}
