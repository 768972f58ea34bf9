package webhook

import (
	"context"
	"errors"
	"maps"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
	storage "parley/internal/store/event"
)

// Wake tells what sends to webhooks in this process that there is more, and returns
// those webhooks that nothing in this process sends to at the moment.
func (s *Service) Wake(ws model.WorkspaceID, webhooks []int64) (others []event.SubscriptionID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range webhooks {
		bell, ok := s.pumps[storage.Ref{Workspace: ws, ID: event.SubscriptionID(id)}]
		if !ok {
			others = append(others, event.SubscriptionID(id))
			continue
		}
		ring(bell)
	}
	return others
}

// Missed tells whatever sends to webhooks in this process that there may be more.
func (s *Service) Missed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, bell := range s.pumps {
		ring(bell)
	}
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default: // the last stroke has not been heard yet, and it will be looked after that
	}
}

// Ensure has what is due of webhooks sent. Where that is going on, it changes nothing.
func (s *Service) Ensure(ctx context.Context, ws model.WorkspaceID, webhooks []event.SubscriptionID) error {
	return s.store.Update(ctx, ws, func(tx *store.Tx) error {
		w, err := tx.Workspaces.Find()
		if isNotFound(err) {
			return nil // deleted meanwhile
		} else if err != nil {
			return err
		}
		tx.Enter(w.Sandbox)
		for _, id := range slices.Sorted(slices.Values(webhooks)) { // so that two do not wait for each other
			if err := ensure(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// atOnce is how many webhooks a look finds at most; the next one finds others.
const atOnce = 1000

// EnsureDue looks for webhooks, of whatever workspace, that have something due that
// nothing sends, and has it sent. It is what deliveries are sure of: whoever told that
// there is something may have ended before anybody heard. It returns how many it found.
// Where workspaces are named, those of others are left alone.
func (s *Service) EnsureDue(ctx context.Context, workspaces ...model.WorkspaceID) (int, error) {
	due, err := s.store.FindDueWebhooks(ctx, atOnce)
	if err != nil {
		return 0, err
	}
	wanted := map[model.WorkspaceID]bool{}
	for _, id := range workspaces {
		wanted[id] = true
	}
	found := map[model.WorkspaceID][]event.SubscriptionID{}
	n := 0
	for _, ref := range due {
		if len(workspaces) == 0 || wanted[ref.Workspace] {
			found[ref.Workspace] = append(found[ref.Workspace], ref.ID)
			n++
		}
	}
	var failed []error
	for ws := range maps.Keys(found) {
		failed = append(failed, s.Ensure(ctx, ws, found[ws]))
	}
	return n, errors.Join(failed...)
}

func isNotFound(err error) bool {
	e, ok := model.AsError(err)
	return ok && e.Kind == model.NotFound
}
