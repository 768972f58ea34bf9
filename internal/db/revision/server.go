package revision

import (
	"sync"
	"sync/atomic"

	"parley/internal/db/statement"
)

// A Server has the Revisions of a PostgreSQL database, which other processes write to without telling.
//
// Every transaction that reads can be asked for its snapshot: whose changes it sees. Where that is the same for two, both see the same rows.
// Otherwise the numbers of those which the later one sees in addition are known. One of this process has said before it was committed what its
// statements may write to; any other counts as a change of all tables.
type Server struct {
	all atomic.Pointer[[]*Revision]

	mu      sync.Mutex
	run     string             // of the server: see Moments
	latest  snapshot           // the latest that anybody was told
	recent  [8]told            // those that somebody was told last
	next    int                // of which is overwritten
	written map[uint64]*Writes // by the numbers of transactions that the latest does not see

	reading sync.Mutex
	writes  statement.Recent[bool] // whether statements may write
	touches touches
}

// told is a snapshot that somebody was told of.
type told struct {
	snapshot string
	moments  Moments
}

// NewServer makes a Server without Revisions.
func NewServer() *Server { return &Server{writes: statement.NewRecent[bool](), touches: newTouches()} }

// mostWritten is how many transactions that no snapshot has shown are kept. Beyond it, all of them count as those of others.
const mostWritten = 1 << 14

// Find finds a Revision that was made already, or nil.
func (s *Server) Find(reading string, keys map[string]string) *Revision {
	if all := s.all.Load(); all != nil {
		return find(*all, reading, keys)
	}
	return nil
}

// Add makes a Revision of tables, unless somebody else just did.
func (s *Server) Add(reading string, keys map[string]string, tables map[string]statement.Watch) *Revision {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.Find(reading, keys); r != nil {
		return r
	}
	r := newRevision(reading, keys, tables)
	all := added(&s.all, r)
	r.place = len(*all)
	s.all.Store(all)
	s.forget()
	return r
}

// Follows reports whether there is a Revision.
func (s *Server) Follows() bool { return s.all.Load() != nil }

// forget has the next snapshot begin anew.
func (s *Server) forget() {
	s.run, s.recent, s.written = "", [8]told{}, nil
}

// Moments are those of what a transaction sees, by its snapshot, in a run of the server: what tells it from the server as it is after a
// crash, which may have taken the last changes and gives out their numbers again, and from another server. They are nil where that cannot be told.
func (s *Server) Moments(run, text string) Moments {
	s.mu.Lock()
	defer s.mu.Unlock()
	if run == s.run {
		for _, t := range s.recent {
			if t.snapshot == text {
				return t.moments
			}
		}
	}
	now, err := parseSnapshot(text)
	if err != nil {
		return nil
	}
	numbers, known := now.since(s.latest)
	switch {
	case run != s.run:
		s.forget()
		s.run = run
		return s.advance(now, text, nil)
	case known:
		return s.advance(now, text, s.take(numbers)...)
	case now.end > s.latest.end+mostSince:
		return s.advance(now, text, nil)
	}
	return nil // an earlier one
}

// MomentsSince is Moments for a transaction that may see what later ones do: where the snapshot is an earlier one, they are those of the latest.
func (s *Server) MomentsSince(run, text string) Moments {
	if m := s.Moments(run, text); m != nil {
		return m
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if run != s.run {
		return nil
	}
	return s.recent[(s.next+len(s.recent)-1)%len(s.recent)].moments
}

// Moments are those of all Revisions of a Server at one time. Where there are none, nothing is known.
type Moments []Moment

// Of is that of a Revision.
func (m Moments) Of(r *Revision) (at Moment, known bool) {
	if r.place == 0 || r.place > len(m) {
		return Moment{}, false
	}
	return m[r.place-1], true
}

// take takes what transactions have written by their numbers, with nil for those of which it is not known.
func (s *Server) take(numbers []uint64) []*Writes {
	taken := make([]*Writes, len(numbers))
	for i, number := range numbers {
		taken[i] = s.written[number]
		delete(s.written, number)
	}
	return taken
}

// advance goes on to a later snapshot, which sees what those have written.
func (s *Server) advance(now snapshot, text string, committed ...*Writes) Moments {
	all := *s.all.Load()
	moments := make(Moments, len(all))
	written := make([]*notes, len(committed))
	for i, r := range all {
		for j, w := range committed {
			written[j] = w.of(r)
		}
		last := r.Latest()
		moments[i] = r.after(last, written...)
		if moments[i] != last {
			r.latest.Store(&dated{Moment: moments[i]})
		}
	}
	s.latest = now
	s.recent[s.next%len(s.recent)] = told{text, moments}
	s.next++
	return moments
}

// Writes are what a transaction of this process may write to. A nil one is told nothing.
type Writes struct {
	server    *Server
	all       []*Revision
	notes     []notes // for each of them
	committed bool    // or about to be: nothing is noted any more; guarded by the server's mu
}

// Begin is called when a transaction that writes begins. It is nil where there is no Revision.
func (s *Server) Begin() *Writes {
	all := s.all.Load()
	if all == nil {
		return nil
	}
	return &Writes{server: s, all: *all, notes: make([]notes, len(*all))}
}

// Note is called with each statement of the transaction, before it is sent.
func (w *Writes) Note(text string, args []any) {
	if w == nil {
		return
	}
	for _, t := range w.server.touches.of(w.all, text) {
		w.notes[t.place].note(t.Reach, args)
	}
}

// Writes reports whether the transaction may have written to the tables of a Revision.
func (w *Writes) Writes(r *Revision) bool {
	return w == nil || r.place > len(w.notes) || w.notes[r.place-1].touched
}

// MayWrite reports whether a statement may give a transaction a number: it writes, or locks rows.
func (s *Server) MayWrite(text string) bool {
	s.reading.Lock()
	defer s.reading.Unlock()
	writes, known := s.writes.Get(text)
	if !known {
		writes = statement.Writes(text)
		s.writes.Put(text, writes)
	}
	return writes
}

// Number says which number the transaction has, before it is committed.
func (w *Writes) Number(number uint64) {
	s := w.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.written) >= mostWritten {
		s.forget()
	}
	if s.written == nil {
		s.written = map[uint64]*Writes{}
	}
	s.written[number] = w
}

// Commit is called before the transaction is committed. Without it, its number stands for one that was rolled back.
func (w *Writes) Commit() {
	if w == nil {
		return
	}
	w.server.mu.Lock()
	defer w.server.mu.Unlock()
	w.committed = true
}

// of is what was written of a Revision's tables by a transaction that is over.
func (w *Writes) of(r *Revision) *notes {
	switch {
	case w == nil: // that of another process
		return everything
	case !w.committed:
		return &notes{}
	case r.place > len(w.notes): // a Revision that came later
		return everything
	}
	return &w.notes[r.place-1]
}
