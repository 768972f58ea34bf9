package store

import (
	"context"
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store/content"
	"parley/internal/store/record"
	copies "parley/internal/store/sandbox"
)

// Workspaces is the row of the transaction's own workspace.
type Workspaces struct{ *scope }

const workspaceColumns = `id, name, timezone, region, office_hours, secret, created_at, app_rate_limit, rate_limit, sandbox`

func scanWorkspace(row record.Scanner) (*model.Workspace, error) {
	var w model.Workspace
	err := row.Scan(&w.ID, &w.Name, &w.Timezone, &w.Region, record.OfficeHours(&w.OfficeHours), &w.Secret, &w.CreatedAt,
		record.OrZero(&w.RateLimits.App), record.OrZero(&w.RateLimits.Workspace), record.JSONOrZero(&w.Sandbox))
	return &w, err
}

// Insert writes a new workspace, the transaction's own.
func (s Workspaces) Insert(w *model.Workspace) error {
	err := s.Write(`INSERT INTO workspaces (`+workspaceColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		w.ID, w.Name, w.Timezone, w.Region, record.ToJSON(w.OfficeHours.Days()), w.Secret, w.CreatedAt,
		record.Number(w.RateLimits.App), record.Number(w.RateLimits.Workspace), sandboxColumn(w.Sandbox))
	if err != nil {
		return fmt.Errorf("store: insert workspace: %w", err)
	}
	return nil
}

// Find reads the transaction's own workspace.
func (s Workspaces) Find() (*model.Workspace, error) {
	w, err := scanWorkspace(s.QueryRow(`SELECT `+workspaceColumns+` FROM workspaces WHERE id = $1 AND `+copies.Named, s.Workspace))
	return w, record.OrNotFound(err, model.ResourceNotFound())
}

// FindForUpdate reads the transaction's own workspace, and holds it until the
// transaction ends, where the database can.
func (s Workspaces) FindForUpdate() (*model.Workspace, error) {
	w, err := scanWorkspace(s.QueryRow(`SELECT `+workspaceColumns+` FROM workspaces
		WHERE id = $1 AND `+copies.Named+s.Dialect().ForUpdate(), s.Workspace))
	return w, record.OrNotFound(err, model.ResourceNotFound())
}

// SetOfficeHours writes the office hours of the workspace.
func (s Workspaces) SetOfficeHours(h model.OfficeHours) error {
	err := s.Write(`UPDATE workspaces SET office_hours = $2 WHERE id = $1`, s.Workspace, record.ToJSON(h.Days()))
	if err != nil {
		return fmt.Errorf("store: set office hours: %w", err)
	}
	return nil
}

// SetRateLimits writes the limits of the workspace's rates.
func (s Workspaces) SetRateLimits(l model.RateLimits) error {
	err := s.Write(`UPDATE workspaces SET app_rate_limit = $2, rate_limit = $3 WHERE id = $1`,
		s.Workspace, record.Number(l.App), record.Number(l.Workspace))
	if err != nil {
		return fmt.Errorf("store: set rate limits: %w", err)
	}
	return nil
}

// state reads what a developer has set for the workspace, and keeps others from setting it
// until the transaction ends, where the database can.
func (s Workspaces) state() (state sandbox.State, err error) {
	err = s.QueryRow(`SELECT sandbox FROM workspaces WHERE id = $1`+s.Dialect().ForShare(), s.Workspace).Scan(record.JSONOrZero(&state))
	return state, record.OrNotFound(err, model.ResourceNotFound())
}

// SetSandbox writes what a developer has set for the workspace.
func (s Workspaces) SetSandbox(state sandbox.State) error {
	err := s.Write(`UPDATE workspaces SET sandbox = $2 WHERE id = $1`, s.Workspace, sandboxColumn(state))
	if err != nil {
		return fmt.Errorf("store: set sandbox: %w", err)
	}
	return nil
}

// sandboxColumn is a state as it is kept: what was not set is NULL.
func sandboxColumn(state sandbox.State) any {
	if text := record.ToJSON(state); text != "{}" {
		return text
	}
	return nil
}

// Delete removes the workspace and all that is in it.
func (s Workspaces) Delete() error {
	if err := (content.Articles{Scope: s.Scope}).ClearIndex(); err != nil {
		return err
	}
	// Notes and news name their author, companies their plan and newsfeeds their
	// segments: they go before those do.
	for _, statement := range []string{
		`DELETE FROM contacts WHERE workspace_id = $1`,
		`DELETE FROM companies WHERE workspace_id = $1`,
		`DELETE FROM news_items WHERE workspace_id = $1`,
		`DELETE FROM newsfeeds WHERE workspace_id = $1`,
		`DELETE FROM rate_windows WHERE workspace_id = $1`,
		`DELETE FROM workspaces WHERE id = $1`,
	} {
		if err := s.Write(statement, s.Workspace); err != nil {
			return fmt.Errorf("store: delete workspace: %w", err)
		}
	}
	return nil
}

// SoleWorkspace reads the only workspace there is.
func (s *Store) SoleWorkspace(ctx context.Context) (*model.Workspace, error) {
	var w *model.Workspace
	err := s.view(ctx, func(t *db.Tx) (err error) {
		w, err = scanWorkspace(t.QueryRow(`SELECT ` + workspaceColumns + ` FROM workspaces
			WHERE NOT EXISTS (SELECT 1 FROM workspaces other WHERE other.id <> workspaces.id AND other.id < '~' AND other.secret < '~')
				AND ` + copies.Named + ` LIMIT 1`))
		return record.OrNotFound(err, model.ResourceNotFound())
	})
	return w, err
}

// ListWorkspaces reads all workspaces but copies and spares, oldest first. Only the command line and
// the start of the server look at all of them.
func (s *Store) ListWorkspaces(ctx context.Context) ([]*model.Workspace, error) {
	return s.listWorkspaces(ctx, `WHERE `+copies.Named+` ORDER BY created_at, id`)
}

// PageWorkspaces reads so many workspaces behind an id, in the order of their ids. Where a
// name is given, others are left out.
func (s *Store) PageWorkspaces(ctx context.Context, after model.WorkspaceID, name string, most int) ([]*model.Workspace, error) {
	return s.listWorkspaces(ctx, `WHERE id > $1 AND `+copies.Named+` AND (name = $2 OR $2 = '') ORDER BY id LIMIT $3`, after, name, most)
}

func (s *Store) listWorkspaces(ctx context.Context, which string, args ...any) ([]*model.Workspace, error) {
	var all []*model.Workspace
	err := s.view(ctx, func(t *db.Tx) error {
		sc := &scope{Scope: record.NewScope(t, "", s.clock(), nil)}
		return sc.Rows(`SELECT `+workspaceColumns+` FROM workspaces `+which, args, func(r *db.Rows) error {
			w, err := scanWorkspace(r)
			all = append(all, w)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("store: list workspaces: %w", err)
	}
	return all, nil
}
