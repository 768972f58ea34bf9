package store

import (
	"context"
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/rate"
)

// A RateKey is what requests are counted by: an app in a workspace, or, without
// one, the workspace.
type RateKey struct {
	Workspace model.WorkspaceID
	App       string
}

const (
	// rateWindowsKept is for how many seconds the windows of the past are kept, for
	// servers whose clocks are behind.
	rateWindowsKept = 300
	// rateSweep is how many of them are swept at once.
	rateSweep = 200
)

// RateCounter is the counter that all servers on the database share, or nil if
// there can be but one server.
func (s *Store) RateCounter() func(context.Context, RateKey, rate.Ask) (rate.Grant, error) {
	if !s.db.Dialect().Shared() {
		return nil
	}
	return s.AskRate
}

// AskRate takes a server's question to the counter, in a transaction of its own, which
// may be forgotten if the database crashes: the window is soon over. The first of a workspace in a window sweeps what is left of old ones.
func (s *Store) AskRate(ctx context.Context, k RateKey, a rate.Ask) (g rate.Grant, err error) {
	err = s.db.Update(ctx, func(t *db.Tx) error {
		if err := t.Passing(); err != nil {
			return err
		}
		if a.First && k.App == "" {
			err := t.Write(`DELETE FROM rate_windows WHERE workspace_id = $1 AND (starts_at, app) IN
				(SELECT starts_at, app FROM rate_windows WHERE workspace_id = $1 AND starts_at < $2
				ORDER BY starts_at, app LIMIT $3`+t.Dialect().ForUpdateOfFree()+`)`, k.Workspace, a.Window-rateWindowsKept, rateSweep)
			if err != nil {
				return err
			}
		}
		return t.QueryRow(`INSERT INTO rate_windows AS r (workspace_id, starts_at, app, taken, granted)
			VALUES ($1, $2, $3, CASE WHEN CAST($6 AS BIGINT) < CAST($4 AS BIGINT) THEN $6 ELSE $4 END,
				CASE WHEN $6 < $4 THEN $6 ELSE $4 END)
			ON CONFLICT (workspace_id, starts_at, app) DO UPDATE SET
				granted = CASE WHEN r.taken - $5 >= $4 THEN 0 WHEN r.taken - $5 + $6 > $4 THEN $4 - r.taken + $5 ELSE $6 END,
				taken = r.taken - $5 + CASE WHEN r.taken - $5 >= $4 THEN 0 WHEN r.taken - $5 + $6 > $4 THEN $4 - r.taken + $5 ELSE $6 END
			RETURNING granted, taken`, k.Workspace, a.Window, k.App, a.Limit, a.Back, a.Want).Scan(&g.Got, &g.Taken)
	})
	if err != nil {
		return rate.Grant{}, fmt.Errorf("store: count the rate: %w", err)
	}
	return g, nil
}
