package record

import (
	"context"
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/turn"
)

// Sequences give out the decimal ids of nouns that many write at once, beside their
// transactions, so that none waits for another to end. An id whose transaction fails
// is gone, and so is one that the process had asked for when it was killed.
//
// An id is greater than all that anybody was given, on any server, before it was
// asked for: what is read in the order of ids is in the order in which it came.
// So none is kept for later.
type Sequences struct {
	draws *turn.Shared[sequence, draw]
}

// A sequence is the ids of a noun in a workspace.
type sequence struct {
	workspace model.WorkspaceID
	noun      string
}

// A draw is the ids that one question asks for.
type draw struct{ n, last int64 }

// NewSequences gives out the ids of a database.
func NewSequences(on *db.DB) *Sequences {
	return &Sequences{turn.NewShared(1, 0, func(ctx context.Context, of sequence, d *draw) error {
		return on.Beside(ctx, advance, []any{of.workspace, of.noun, d.n}, &d.last)
	})}
}

const advance = `INSERT INTO sequences (workspace_id, name, last) VALUES ($1, $2, $3)
	ON CONFLICT (workspace_id, name) DO UPDATE SET last = sequences.last + excluded.last RETURNING last`

// NextID gives out the next decimal id of a noun in the workspace. Until the
// transaction ends, others who want one wait; if it fails, they get this one.
func (s *Scope) NextID(noun string) (id int64, err error) {
	if err := s.QueryRow(advance, s.Workspace, noun, 1).Scan(&id); err != nil {
		return 0, fmt.Errorf("store: next id of %s: %w", noun, err)
	}
	return id, nil
}

// NextIDOfMany is NextID for a noun that many write at once: where the database has
// several writers, nobody waits, and an id is spent if the transaction fails. So it is
// asked for when nothing can be refused any more.
func (s *Scope) NextIDOfMany(noun string) (int64, error) {
	if s.sequences == nil {
		return s.NextID(noun)
	}
	var place int64
	d, err := s.sequences.draws.Ask(s.Context(), sequence{s.Workspace, noun}, func(d *draw) {
		d.n++
		place = d.n
	})
	if err != nil {
		return 0, fmt.Errorf("store: next id of %s: %w", noun, err)
	}
	return d.last - d.n + place, nil
}
