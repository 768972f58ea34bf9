package store

import (
	"context"

	"parley/internal/model"
)

// Filterable is what filters of a workspace's contacts may refer to. Nobody may change it.
type Filterable struct {
	Attributes map[string]model.DataType
	Segments   map[model.SegmentID]*model.Segment
}

// Filtering is View with what filters may refer to: as it was read last, if nobody is known to have changed it, so that nothing waits for it to be read. Where
// somebody has, fn is run once more in another View; nothing may come of what it read before.
func (s *Store) Filtering(ctx context.Context, ws model.WorkspaceID, fn func(*Tx, *Filterable) error) error {
	wrong := false
	err := s.View(ctx, ws, func(tx *Tx) error {
		likely := tx.kept.filterable.Likely("")
		if likely == nil {
			return tx.filtering(fn)
		}
		tx.kept.likely = likely
		err := fn(tx, likely)
		wrong = !tx.kept.sure()
		return err
	})
	if wrong {
		return s.View(ctx, ws, func(tx *Tx) error { return tx.filtering(fn) })
	}
	return err
}

// filtering runs fn with what filters may refer to.
func (t *Tx) filtering(fn func(*Tx, *Filterable) error) error {
	f, err := t.filterable()
	if err != nil {
		return err
	}
	t.kept.filterable.Keep("", f, 200*len(f.Attributes)+2000*len(f.Segments))
	return fn(t, f)
}

// filterable reads what filters may refer to.
func (t *Tx) filterable() (*Filterable, error) {
	t.Ahead(segmentsOf, t.Workspace)
	types, err := t.DataAttributes.Types(model.ContactAttributes)
	if err != nil {
		return nil, err
	}
	segments, err := t.Segments.list(segmentsOf)
	if err != nil {
		return nil, err
	}
	f := &Filterable{types, make(map[model.SegmentID]*model.Segment, len(segments))}
	for _, g := range segments {
		f.Segments[g.ID] = g
	}
	return f, nil
}
