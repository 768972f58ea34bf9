package sandbox

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	"parley/internal/store"
)

// Reset brings a workspace back to what Create made of it. Tokens stay good whose admins
// are there then.
func (s *Service) Reset(ctx context.Context, id model.WorkspaceID) error {
	return s.store.Alone(ctx, id, func(tx *store.Tx) error {
		base, err := tx.Copies.Base()
		if e, told := model.AsError(err); told && e.Kind == model.NotFound {
			return &model.Error{Kind: model.Conflict, Code: "conflict",
				Message: "The workspace was not made to be reset: make a snapshot of it, and go back to that"}
		} else if err != nil {
			return err
		}
		return s.goBack(tx, base)
	})
}

// Restore brings a workspace back to a snapshot of it.
func (s *Service) Restore(ctx context.Context, id model.WorkspaceID, name string) error {
	return s.store.Alone(ctx, id, func(tx *store.Tx) error {
		snapshot, err := tx.Copies.Named(name)
		if err != nil {
			return err
		}
		return s.goBack(tx, snapshot)
	})
}

func (s *Service) goBack(tx *store.Tx, to *sandbox.Snapshot) error {
	// Listeners are told that what they know is not so any more.
	tx.Notify(event.Changed, event.Other("workspace", string(tx.Workspace)))
	if err := tx.Copies.GoBack(to.Copy); err != nil {
		return err
	}
	return s.settle(tx, nil)
}

// Snapshot keeps what a workspace is now under a name. One of that name is in the way
// unless it is to be replaced.
func (s *Service) Snapshot(ctx context.Context, id model.WorkspaceID, name string, replace bool) (*sandbox.Snapshot, error) {
	if !sandbox.IsSnapshotName(name) {
		return nil, model.ParameterInvalid("The name of a snapshot has letters, digits, dots, hyphens and underscores, 64 at most, and begins with a letter or a digit")
	}
	var made *sandbox.Snapshot
	err := s.store.Alone(ctx, id, func(tx *store.Tx) error {
		all, err := tx.Copies.List()
		if err != nil {
			return err
		}
		kept := len(all)
		for _, old := range all {
			if old.Name != name {
				continue
			}
			if !replace {
				return &model.Error{Kind: model.Conflict, Code: "conflict", Message: "There is a snapshot " + name + " already"}
			}
			if err := tx.Copies.Delete(old); err != nil {
				return err
			}
			kept--
		}
		if kept >= sandbox.MaxSnapshots {
			return model.ParameterInvalid("A workspace has %d snapshots at most", sandbox.MaxSnapshots)
		}
		made = &sandbox.Snapshot{Name: name, Copy: sandbox.NewCopyID(string(id)), CreatedAt: tx.Now()}
		if err := tx.Copies.Keep(made.Copy); err != nil {
			return err
		}
		return tx.Copies.Insert(made)
	})
	s.spares.look()
	return made, err
}

// Snapshots reads the snapshots of a workspace, in the order of their names.
func (s *Service) Snapshots(ctx context.Context, id model.WorkspaceID) (list []*sandbox.Snapshot, err error) {
	err = s.store.View(ctx, id, func(tx *store.Tx) (err error) {
		list, err = tx.Copies.List()
		return err
	})
	return list, err
}

// DeleteSnapshot drops a snapshot. Workspaces that were made of it can be reset as before.
func (s *Service) DeleteSnapshot(ctx context.Context, id model.WorkspaceID, name string) error {
	defer s.spares.look()
	return s.store.Alone(ctx, id, func(tx *store.Tx) error {
		snapshot, err := tx.Copies.Named(name)
		if err != nil {
			return err
		}
		return tx.Copies.Delete(snapshot)
	})
}

// Diff tells what is different in another snapshot of a workspace or, if that is empty, in
// the workspace as it is now.
func (s *Service) Diff(ctx context.Context, id model.WorkspaceID, from, to string) (*sandbox.Diff, error) {
	var d *sandbox.Diff
	err := s.store.View(ctx, id, func(tx *store.Tx) error {
		before, err := tx.Copies.Named(from)
		if err != nil {
			return err
		}
		after := string(id)
		if to != "" {
			snapshot, err := tx.Copies.Named(to)
			if err != nil {
				return err
			}
			after = snapshot.Copy
		}
		d, err = tx.Copies.Diff(before.Copy, after, sandbox.MaxChanges)
		return err
	})
	return d, err
}
