package webhook

import (
	"context"
	"errors"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	"parley/internal/store"
)

const (
	// eventsKept is how long events are kept for the live stream, in seconds: an hour,
	// and some more.
	eventsKept = 2 * 60 * 60
	// swept is how many rows a transaction looks at.
	swept = 500
)

// Sweep drops, in all workspaces, events that the live stream tells no more,
// deliveries that ended too long ago, and what is left of webhooks that were removed.
func (s *Service) Sweep(ctx context.Context) error {
	all, err := s.store.ListWorkspaces(ctx)
	if err != nil {
		return err
	}
	var failed []error
	for _, w := range all {
		if err := s.SweepWorkspace(sandbox.With(ctx, w.Sandbox), w.ID); err != nil {
			failed = append(failed, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(failed...)
}

// SweepWorkspace is Sweep for one workspace, whose state the context has.
func (s *Service) SweepWorkspace(ctx context.Context, ws model.WorkspaceID) error {
	var kept, removed []*event.Subscription
	old := false
	err := s.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		if old, err = tx.Events.HasBefore(tx.Now() - eventsKept); err != nil {
			return err
		}
		all, err := tx.Webhooks.List()
		if err != nil {
			return err
		}
		kept = nil
		for _, w := range all { // most have nothing to be dropped
			if has, err := tx.Deliveries.HasBefore(w.ID, tx.Now()-s.retention()); err != nil {
				return err
			} else if has {
				kept = append(kept, w)
			}
		}
		removed, err = tx.Webhooks.Removed()
		return err
	})
	if err != nil {
		return err
	}
	if old {
		err = s.inParts(ctx, ws, func(tx *store.Tx, _ int64) (int64, error) {
			n, err := tx.Events.Sweep(tx.Now()-eventsKept, swept)
			if n < swept-1 {
				n = 0 // and the newest, which stays
			}
			return n, err
		})
		if err != nil {
			return err
		}
	}
	for _, w := range kept {
		err := s.inParts(ctx, ws, func(tx *store.Tx, behind int64) (int64, error) {
			return tx.Deliveries.Sweep(w.ID, tx.Now()-s.retention(), behind, swept)
		})
		if err != nil {
			return err
		}
	}
	for _, w := range removed {
		err := s.inParts(ctx, ws, func(tx *store.Tx, _ int64) (int64, error) {
			n, err := tx.Deliveries.Clear(w.ID, swept)
			if err != nil || n > 0 {
				return int64(n), err
			}
			return 0, tx.Webhooks.Forget(w.ID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) retention() int64 { return int64(s.options.Retention.Seconds()) }

// inParts calls fn in one transaction after another, until there is nothing behind
// what it has returned.
func (s *Service) inParts(ctx context.Context, ws model.WorkspaceID, fn func(tx *store.Tx, behind int64) (int64, error)) error {
	for behind := int64(0); ctx.Err() == nil; {
		next := int64(0)
		err := s.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
			next, err = fn(tx, behind)
			return err
		})
		if err != nil || next == 0 {
			return err
		}
		behind = next
	}
	return ctx.Err()
}
