package record

import (
	"context"
	"fmt"
	"sync"

	"parley/internal/db"
	"parley/internal/model"
)

// Sequences give out the decimal ids of nouns that many write at once, beside their
// transactions, so that none waits for another to end. An id whose transaction fails
// is gone, and so is one that the process had asked for when it was killed.
//
// An id is greater than all that anybody was given, on any server, before it was
// asked for: what is read in the order of ids is in the order in which it came.
// So none is kept for later. Those who ask while a question is under way share the
// next one.
type Sequences struct {
	db *db.DB

	mu      sync.Mutex
	waiting map[sequence]*draw
	asking  map[sequence]bool
}

// A sequence is the ids of a noun in a workspace.
type sequence struct {
	workspace model.WorkspaceID
	noun      string
}

// A draw is the ids that one question asks for.
type draw struct {
	n    int64
	done chan struct{} // closed when the rest is known
	last int64
	err  error
}

// NewSequences gives out the ids of a database.
func NewSequences(d *db.DB) *Sequences {
	return &Sequences{db: d, waiting: map[sequence]*draw{}, asking: map[sequence]bool{}}
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
	id, err := s.sequences.next(sequence{s.Workspace, noun})
	if err != nil {
		return 0, fmt.Errorf("store: next id of %s: %w", noun, err)
	}
	return id, nil
}

func (s *Sequences) next(of sequence) (int64, error) {
	s.mu.Lock()
	d := s.waiting[of]
	if d == nil {
		d = &draw{done: make(chan struct{})}
		s.waiting[of] = d
	}
	d.n++
	place := d.n
	if !s.asking[of] {
		s.asking[of] = true
		go s.ask(of)
	}
	s.mu.Unlock()
	<-d.done
	return d.last - d.n + place, d.err
}

// ask asks for those who wait until nobody does. How long the database may take is
// for its settings to say.
func (s *Sequences) ask(of sequence) {
	for {
		s.mu.Lock()
		d := s.waiting[of]
		delete(s.waiting, of)
		if d == nil {
			delete(s.asking, of)
		}
		s.mu.Unlock()
		if d == nil {
			return
		}
		d.err = s.db.Beside(context.Background(), advance, []any{of.workspace, of.noun, d.n}, &d.last)
		close(d.done)
	}
}
