package store

import (
	"context"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/event"
)

// FindDueWebhooks finds webhooks, of whatever workspace, that have something to be
// sent and no job that sends it. Only what looks after deliveries asks beyond one
// workspace.
func (s *Store) FindDueWebhooks(ctx context.Context, most int) ([]event.Ref, error) {
	var due []event.Ref
	err := s.view(ctx, func(t *db.Tx) (err error) {
		due, err = event.FindDue(t, string(model.DeliverWebhooks), s.clock().Unix(), most)
		return err
	})
	return due, err
}
