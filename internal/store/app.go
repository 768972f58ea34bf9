package store

import (
	"context"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/store/record"
)

// FindAppWorkspace reads whose the app with a client id is.
func (s *Store) FindAppWorkspace(ctx context.Context, clientID string) (model.WorkspaceID, error) {
	var ws model.WorkspaceID
	err := s.view(ctx, func(t *db.Tx) error {
		return t.QueryRow(`SELECT workspace_id FROM app_client_ids WHERE client_id = $1`, clientID).Scan(&ws)
	})
	return ws, record.OrNotFound(err, identity.AppNotFound())
}
