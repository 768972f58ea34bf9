package store

import (
	"context"
	"fmt"

	"parley/internal/db"
)

// SweepEvents deletes a bounded number of events that happened before a time, and
// returns how many. The last of them stays in each workspace: it shows that
// something is missing to a stream that was told less.
func (s *Store) SweepEvents(ctx context.Context, before int64) (int64, error) {
	var swept int64
	err := s.db.Update(ctx, func(t *db.Tx) (err error) {
		swept, err = t.Exec(`DELETE FROM events WHERE (workspace_id, transaction_id, number) IN (
			SELECT e.workspace_id, e.transaction_id, e.number FROM events e WHERE e.created_at < $1
				AND EXISTS (SELECT 1 FROM events o WHERE o.workspace_id = e.workspace_id AND o.created_at < $1
					AND (o.transaction_id, o.number) > (e.transaction_id, e.number))
			LIMIT 5000)`, before)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store: sweep events: %w", err)
	}
	return swept, nil
}
