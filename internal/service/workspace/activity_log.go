package workspace

import (
	"context"

	"parley/internal/model"
	"parley/internal/store"
)

// ListActivity reads a page of what admins did from one second to another, both
// included, newest first. Without an end, before is 0.
func (s *Service) ListActivity(ctx context.Context, by *model.Actor, after, before int64, page model.PageRequest) (*model.Page[*model.Activity], error) {
	var found *model.Page[*model.Activity]
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		found, err = tx.ActivityLogs.List(after, before, page)
		return err
	})
	return found, err
}
