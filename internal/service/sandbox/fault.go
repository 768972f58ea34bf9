package sandbox

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	"parley/internal/store"
	"parley/internal/store/fault"
)

// A Fault is a fault of a workspace with what it has met. Deliveries are not counted.
type Fault struct {
	sandbox.Fault
	fault.Tally
}

// AddFault has something go wrong from the next call on.
func (s *Service) AddFault(ctx context.Context, by *model.Actor, f sandbox.Fault) (*Fault, error) {
	if err := f.Validate(); err != nil {
		return nil, model.ParameterInvalid("%s", err)
	}
	if _, ok := event.Known(f.Topic); !ok && f.Topic != "" {
		return nil, model.ParameterInvalid("%.80q is not a topic", f.Topic)
	}
	added := &Fault{}
	err := s.change(ctx, by, func(tx *store.Tx, state *sandbox.State) (err error) {
		if len(state.Faults) >= sandbox.MaxFaults {
			return model.ParameterInvalid("A workspace has %d faults at most", sandbox.MaxFaults)
		}
		if f.Delivery != "" {
			if f.Webhook != 0 {
				if _, err := tx.Webhooks.Find(event.SubscriptionID(f.Webhook)); err != nil {
					return err
				}
			}
			if f.Behind, err = tx.Deliveries.Newest(); err != nil {
				return err
			}
		}
		state.LastFault++
		f.ID, f.CreatedAt = state.LastFault, tx.Now()
		state.Faults = append(state.Faults, f)
		added.Fault = f
		return tx.FaultCalls.Forget([]int64{f.ID}) // of another that had the id before the workspace was set back
	})
	return added, err
}

// change changes what a developer has set for a workspace.
func (s *Service) change(ctx context.Context, by *model.Actor, change func(*store.Tx, *sandbox.State) error) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		w, err := tx.Workspaces.FindForUpdate()
		if err != nil {
			return err
		}
		if err := change(tx, &w.Sandbox); err != nil {
			return err
		}
		return tx.Workspaces.SetSandbox(w.Sandbox)
	})
}

// ListFaults reads the faults of a workspace, oldest first.
func (s *Service) ListFaults(ctx context.Context, by *model.Actor) ([]*Fault, error) {
	var all []*Fault
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		w, err := tx.Workspaces.Find()
		if err != nil {
			return err
		}
		tallies, err := tx.FaultCalls.List()
		all = make([]*Fault, len(w.Sandbox.Faults))
		for i, f := range w.Sandbox.Faults {
			all[i] = &Fault{f, tallies[f.ID]}
		}
		return err
	})
	return all, err
}

// RemoveFault ends a fault.
func (s *Service) RemoveFault(ctx context.Context, by *model.Actor, id int64) error {
	return s.change(ctx, by, func(tx *store.Tx, state *sandbox.State) error {
		at := slices.IndexFunc(state.Faults, func(f sandbox.Fault) bool { return f.ID == id })
		if at < 0 {
			return &model.Error{Kind: model.NotFound, Code: "not_found", Message: "Fault not found"}
		}
		state.Faults = slices.Delete(state.Faults, at, at+1)
		return tx.FaultCalls.Forget([]int64{id})
	})
}

// RemoveFaults ends all faults of a workspace.
func (s *Service) RemoveFaults(ctx context.Context, by *model.Actor) error {
	return s.change(ctx, by, func(tx *store.Tx, state *sandbox.State) error {
		var ids []int64
		for _, f := range state.Faults {
			ids = append(ids, f.ID)
		}
		state.Faults = nil
		return tx.FaultCalls.Forget(ids)
	})
}

// Meet returns the fault that a call meets, or none: the oldest of those that are for it
// and whose turn it is. All that are for it count it, in one transaction, so that a call
// is the n-th for one caller alone, on whichever server. The workspace is as it was when
// the call was let in.
func (s *Service) Meet(ctx context.Context, by *model.Actor, c *sandbox.Call) (met sandbox.Fault, ok bool, err error) {
	var counting []int64
	for i := range by.Workspace.Sandbox.Faults {
		if f := &by.Workspace.Sandbox.Faults[i]; f.IsFor(c) {
			counting = append(counting, f.ID)
		}
	}
	if len(counting) == 0 {
		return met, false, nil
	}
	err = s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		ok = false
		counts, err := tx.FaultCalls.Count(counting)
		if err != nil {
			return err
		}
		for _, f := range by.Workspace.Sandbox.Faults {
			if n := counts[f.ID]; n > 0 && f.Has(n) {
				met, ok = f, true
				return tx.FaultCalls.Act(f.ID)
			}
		}
		return nil
	})
	return met, ok, err
}

// A Patch says what to change of what is set for a workspace.
type Patch struct {
	SearchLag model.Opt[int64] // seconds; null and 0 end it
}

// Change changes what is set for a workspace, and returns the workspace.
func (s *Service) Change(ctx context.Context, by *model.Actor, p Patch) (*model.Workspace, error) {
	w := *by.Workspace
	err := s.change(ctx, by, func(_ *store.Tx, state *sandbox.State) error {
		if p.SearchLag.Set {
			if n := p.SearchLag.Value; n < 0 || n > sandbox.MaxSearchLag {
				return model.ParameterInvalid("search_lag must be from 0 to %d seconds", sandbox.MaxSearchLag)
			}
			state.SearchLag = p.SearchLag.Value
		}
		w.Sandbox = *state
		return nil
	})
	return &w, err
}
