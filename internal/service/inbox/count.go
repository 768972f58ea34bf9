package inbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/store"
)

// CountConversations counts the conversations by their state.
func (s *Service) CountConversations(ctx context.Context, by *model.Actor) (*model.ConversationTotals, error) {
	var totals *model.ConversationTotals
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		totals, err = tx.Counts.Conversations()
		return err
	})
	return totals, err
}

// CountConversationsByAdmin counts the conversations of each admin.
func (s *Service) CountConversationsByAdmin(ctx context.Context, by *model.Actor) ([]model.AdminTotals, error) {
	var counts []model.AdminTotals
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		counts, err = tx.Counts.ConversationsByAdmin()
		return err
	})
	return counts, err
}
