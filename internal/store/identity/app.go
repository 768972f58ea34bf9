package identity

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model/identity"
	"parley/internal/store/record"
)

// Apps are the apps of a workspace.
type Apps struct{ *record.Scope }

const appColumns = `id, client_id, client_secret, name, own, redirect_urls, scopes, created_at`

func scanApp(row record.Scanner) (*identity.App, error) {
	var a identity.App
	err := row.Scan(&a.ID, &a.ClientID, &a.ClientSecret, &a.Name, &a.Own, record.JSONColumn(&a.RedirectURLs),
		record.JSONColumn(&a.Scopes), &a.CreatedAt)
	return &a, err
}

// Lock keeps others from making apps until the transaction ends.
func (s Apps) Lock() error { return s.Scope.Lock("apps " + string(s.Workspace)) }

// Insert writes a new app and gives it its id.
func (s Apps) Insert(a *identity.App) error {
	id, err := s.NextID("app")
	if err != nil {
		return err
	}
	a.ID = identity.AppID(id)
	err = s.Write(`INSERT INTO apps (workspace_id, `+appColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.Workspace, a.ID, a.ClientID, a.ClientSecret, a.Name, a.Own, record.ToJSON(append([]string{}, a.RedirectURLs...)),
		record.ToJSON(append([]identity.Scope{}, a.Scopes...)), a.CreatedAt)
	if err == nil {
		err = s.Write(`INSERT INTO app_client_ids (client_id, workspace_id, app_id) VALUES ($1, $2, $3)`, a.ClientID, s.Workspace, a.ID)
	}
	if err != nil {
		return fmt.Errorf("store: insert app: %w", err)
	}
	return nil
}

// Find reads an app.
func (s Apps) Find(id identity.AppID) (*identity.App, error) { return s.one(`id = $2`, id) }

// FindForUpdate is Find and holds the app until the transaction ends, where the
// database can.
func (s Apps) FindForUpdate(id identity.AppID) (*identity.App, error) {
	return s.one(`id = $2`+s.Dialect().ForUpdate(), id)
}

// FindByClientID reads the app of that client id, if it is the workspace's.
func (s Apps) FindByClientID(clientID string) (*identity.App, error) {
	return s.one(ofClient, clientID)
}

// FindByClientIDForUpdate is FindByClientID and holds the app until the transaction
// ends, where the database can.
func (s Apps) FindByClientIDForUpdate(clientID string) (*identity.App, error) {
	return s.one(ofClient+s.Dialect().ForUpdate(), clientID)
}

const ofClient = `id = (SELECT app_id FROM app_client_ids WHERE client_id = $2 AND workspace_id = $1)`

func (s Apps) one(condition string, arg any) (*identity.App, error) {
	a, err := scanApp(s.QueryRow(`SELECT `+appColumns+` FROM apps WHERE workspace_id = $1 AND `+condition, s.Workspace, arg))
	return a, record.OrNotFound(err, identity.AppNotFound())
}

// Default finds the app that the workspace has for itself, or makes it, named after
// the workspace.
func (s Apps) Default() (*identity.App, error) {
	a, err := s.own()
	if !db.IsNoRows(err) {
		return a, err
	}
	if err := s.Lock(); err != nil {
		return nil, err
	}
	if a, err = s.own(); !db.IsNoRows(err) {
		return a, err
	}
	var workspace string
	if err = s.QueryRow(`SELECT name FROM workspaces WHERE id = $1`, s.Workspace).Scan(&workspace); err != nil {
		return nil, fmt.Errorf("store: read name of workspace: %w", err)
	}
	if a, err = identity.NewOwnApp(workspace, s.Now()); err != nil {
		return nil, err
	}
	return a, s.Insert(a)
}

func (s Apps) own() (*identity.App, error) {
	return scanApp(s.QueryRow(`SELECT `+appColumns+` FROM apps WHERE workspace_id = $1 AND own`, s.Workspace))
}

// List reads all apps, oldest first.
func (s Apps) List() ([]*identity.App, error) {
	var apps []*identity.App
	err := s.Rows(`SELECT `+appColumns+` FROM apps WHERE workspace_id = $1 ORDER BY id`, []any{s.Workspace}, func(r *db.Rows) error {
		a, err := scanApp(r)
		apps = append(apps, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list apps: %w", err)
	}
	return apps, nil
}

// SetSecret writes the secret of an app.
func (s Apps) SetSecret(a *identity.App) error {
	err := s.Write(`UPDATE apps SET client_secret = $3 WHERE workspace_id = $1 AND id = $2`, s.Workspace, a.ID, a.ClientSecret)
	if err != nil {
		return fmt.Errorf("store: set secret of app: %w", err)
	}
	return nil
}

// Delete removes an app and what hangs on it. Its tokens are ended apart.
func (s Apps) Delete(id identity.AppID) error {
	if err := s.Write(`DELETE FROM apps WHERE workspace_id = $1 AND id = $2`, s.Workspace, id); err != nil {
		return fmt.Errorf("store: delete app: %w", err)
	}
	return nil
}
