package sandbox

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/model"
	"parley/internal/store"
	copies "parley/internal/store/sandbox"
)

// The bounds of spares.
const (
	// spareCopies is of how many copies there are spares, where each has as many as it may have.
	spareCopies = 8
	// spareAge is after what time a spare goes that nobody has used.
	spareAge = 5 * time.Minute
	// spareRows is how many rows of a spare are written at once. Whoever writes meanwhile waits for that, as for any other
	// request: on SQLite there is one writer.
	spareRows = 100
	// spareRest is how long nothing is written for spares between two of these, and sparePatience how often it is waited
	// again because others have written in that time.
	spareRest     = 2 * time.Millisecond
	sparePatience = 10
	// spareCalm is for how many rests, one after another, nobody must have asked for a workspace before any is made ready. In a burst nobody
	// waits for what is made for others: to write all rows for who asks takes less than to make them ready beside.
	spareCalm = 10
	// spareBurst is how many times the usual number of spares is made of a copy after a burst, at most.
	spareBurst = 4
)

// errUsed says that a spare is not there any more.
var errUsed = errors.New("the spare is gone")

// A spare is a workspace that was made of a copy before somebody asks for it. Nobody can name it until then, and it has
// the id that it will have.
type spare struct {
	id   model.WorkspaceID
	of   string // the copy
	made time.Time
}

// spares are those of this process, and what it is to make more of. What is lost with it is found by the next start.
type spares struct {
	mu     sync.Mutex
	ready  []spare        // oldest first
	gone   []spare        // that cannot be used any more, and are to be taken away
	wanted []string       // the latest first
	drawn  map[string]int // how many workspaces of each have been asked for since it last had all its spares

	asking atomic.Int64 // how many workspaces are being made for who has asked
	asked  atomic.Int64 // how many have been
	seen   int64        // of these, by who makes spares
	calm   int          // for so many rests there were no more

	making chan struct{} // holds who makes them, or takes them away
	wake   chan struct{} // has something if there may be something to do
	stop   context.CancelFunc
	ended  chan struct{}
}

func newSpares() *spares {
	return &spares{drawn: map[string]int{}, making: make(chan struct{}, 1), wake: make(chan struct{}, 1)}
}

// take returns the oldest spare of a copy, which nobody else has then.
func (s *spares) take(of string) (spare, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.ready, func(one spare) bool { return one.of == of })
	if i < 0 {
		return spare{}, false
	}
	one := s.ready[i]
	s.ready = slices.Delete(s.ready, i, i+1)
	return one, true
}

// putBack is for what was taken and not used.
func (s *spares) putBack(one spare) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = slices.Insert(s.ready, 0, one)
}

// giveUp is for what was taken and cannot be used.
func (s *spares) giveUp(one spare) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gone = append(s.gone, one)
}

// add is for what was made.
func (s *spares) add(one spare) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ready = append(s.ready, one)
}

// ask is for who makes a workspace that was asked for, until done is called.
func (s *spares) ask() (done func()) {
	s.asking.Add(1)
	return func() {
		s.asked.Add(1)
		s.asking.Add(-1)
	}
}

// isCalm is called after each rest, and reports whether nobody has asked for a workspace in the last of them.
func (s *spares) isCalm() bool {
	if asked := s.asked.Load(); asked != s.seen || s.asking.Load() > 0 {
		s.seen, s.calm = asked, 0
		return false
	}
	s.calm++
	return s.calm >= spareCalm
}

// want has spares of a copy be made, before those of others, since a workspace of it was asked for.
func (s *spares) want(of string) {
	s.mu.Lock()
	s.drawn[of]++
	s.wanted = slices.Insert(slices.DeleteFunc(s.wanted, func(other string) bool { return other == of }), 0, of)
	for len(s.wanted) > spareCopies {
		last := len(s.wanted) - 1
		delete(s.drawn, s.wanted[last])
		s.wanted = s.wanted[:last]
	}
	s.mu.Unlock()
	s.look()
}

// unwant gives that up.
func (s *spares) unwant(of string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted = slices.DeleteFunc(s.wanted, func(other string) bool { return other == of })
	delete(s.drawn, of)
}

// look has somebody look for what there is to do: a copy may have gone.
func (s *spares) look() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// next returns of which copy one more is to be made: each wanted one has so many in the end, or as many as were asked for in a burst, so that the
// next one finds them. Where there are too many in all then, it returns one of another copy that is to go first.
func (s *spares) next(each int) (of string, excess *spare) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.wanted) > 0 {
		of, n := s.wanted[0], 0
		for _, one := range s.ready {
			if one.of == of {
				n++
			}
		}
		if n >= min(max(each, s.drawn[of]), spareBurst*each) {
			s.wanted = s.wanted[1:]
			delete(s.drawn, of)
			continue
		}
		if i := slices.IndexFunc(s.ready, func(one spare) bool { return one.of != of }); len(s.ready) >= each*spareCopies && i >= 0 {
			one := s.ready[i]
			s.ready = slices.Delete(s.ready, i, i+1)
			return of, &one
		}
		return of, nil
	}
	return "", nil
}

// old takes out those that cannot be used any more, those that were made before a time, and those for which bad is so.
func (s *spares) old(before time.Time, bad func(spare) bool) (old []spare) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, s.gone = s.gone, nil
	s.ready = slices.DeleteFunc(s.ready, func(one spare) bool {
		is := one.made.Before(before) || bad(one)
		if is {
			old = append(old, one)
		}
		return is
	})
	return old
}

func (s *spares) list() []spare {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ready)
}

// Spares returns how many workspaces are ready that nobody has asked for yet.
func (s *Service) Spares() int { return len(s.spares.list()) }

// Start takes away the spares that were left behind and has more be made, where the server has any, until Stop. On a database of
// several servers, what another may still use stays. It begins after a while.
func (s *Service) Start(after time.Duration) {
	var ctx context.Context
	ctx, s.spares.stop = context.WithCancel(context.Background())
	s.spares.ended = make(chan struct{})
	go func() {
		defer close(s.spares.ended)
		s.tend(ctx, after)
	}()
}

// Stop ends what Start began. What is half made then is not used, and goes with the next start.
func (s *Service) Stop() {
	if s.spares.stop != nil {
		s.spares.stop()
		<-s.spares.ended
	}
}

func (s *Service) tend(ctx context.Context, after time.Duration) {
	select {
	case <-time.After(after):
	case <-ctx.Done():
		return
	}
	again := time.NewTicker(spareAge)
	defer again.Stop()
	left := s.options.Clock().Add(time.Second) // those of a process that has ended
	if s.options.Shared {
		left = s.options.Clock().Add(-2 * spareAge)
	}
	if err := s.wipeSpares(ctx, left); err != nil && ctx.Err() == nil {
		s.options.Logger.Warn("workspaces that were made ready and not used could not be taken away: the next start tries again", "error", err)
	}
	if s.options.Spares == 0 {
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.spares.wake:
		case <-again.C:
			if err := s.wipeSpares(ctx, s.options.Clock().Add(-2*spareAge)); err != nil && ctx.Err() == nil {
				s.options.Logger.Warn("workspaces that were made ready and not used could not be taken away", "error", err)
			}
		}
		if err := s.makeSpares(ctx, s.rest); err != nil && ctx.Err() == nil {
			s.options.Logger.Warn("workspaces could not be made ready: they are made when they are asked for", "error", err)
		}
		s.options.Tended()
	}
}

// MakeSpares makes at once the spares that a server makes between requests, and takes away those that are to go. When it
// returns, they are ready.
func (s *Service) MakeSpares(ctx context.Context) error {
	return s.makeSpares(ctx, func(ctx context.Context) error { return ctx.Err() })
}

// rest lets others write, and waits until a burst is over.
func (s *Service) rest(ctx context.Context) error {
	for rests := 1; ; rests++ {
		before := s.options.Changes()
		select {
		case <-time.After(spareRest):
		case <-ctx.Done():
			return ctx.Err()
		}
		if s.spares.isCalm() && (s.options.Changes() == before || rests >= sparePatience) {
			return nil
		}
	}
}

// turn waits until nobody else makes spares, or takes them away, and ends with done.
func (s *spares) turn(ctx context.Context) (done func(), err error) {
	select {
	case s.making <- struct{}{}:
		return func() { <-s.making }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Service) makeSpares(ctx context.Context, rest func(context.Context) error) error {
	done, err := s.spares.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	for {
		if err := s.dropOld(ctx, rest); err != nil {
			return err
		}
		of, excess := s.spares.next(s.options.Spares)
		if excess != nil {
			if err := s.wipeSpare(ctx, excess.id, rest); err != nil {
				return err
			}
		}
		if of == "" {
			return nil
		}
		err := s.makeSpare(ctx, of, rest)
		if err != nil && ctx.Err() == nil { // its next use tries again
			s.spares.unwant(of)
		}
		if err != nil && !isGone(err) {
			return err
		}
	}
}

// makeSpare makes one of a copy, bit by bit. The error is one of NotFound where the copy is gone.
func (s *Service) makeSpare(ctx context.Context, of string, rest func(context.Context) error) error {
	id := model.NewWorkspaceID()
	var at, next copies.Place
	all := false
	if err := rest(ctx); err != nil {
		return err
	}
	err := s.store.Update(ctx, id, func(tx *store.Tx) error {
		begun, err := tx.Copies.BeginSpare(of)
		if err != nil || !begun {
			return cmp.Or(err, error(errGone))
		}
		at, all, err = tx.Copies.FillSpare(of, copies.Place{}, spareRows)
		return err
	})
	if err != nil {
		return err
	}
	for ; !all; at = next {
		if err := rest(ctx); err != nil {
			return err
		}
		err := s.store.Update(ctx, id, func(tx *store.Tx) (err error) {
			next, all, err = tx.Copies.FillSpare(of, at, spareRows)
			return err
		})
		if isGone(err) {
			return errors.Join(err, s.wipeSpare(ctx, id, rest))
		}
		if err != nil {
			return err
		}
	}
	s.spares.add(spare{id: id, of: of, made: s.options.Clock()})
	return nil
}

func isGone(err error) bool {
	e, told := model.AsError(err)
	return told && e.Kind == model.NotFound
}

// dropOld takes away spares that nobody has used for a while, and those of copies that are not there any more.
func (s *Service) dropOld(ctx context.Context, rest func(context.Context) error) error {
	good := map[string][]model.WorkspaceID{}
	for _, one := range s.spares.list() {
		if _, known := good[one.of]; known {
			continue
		}
		err := s.store.View(ctx, one.id, func(tx *store.Tx) (err error) {
			good[one.of], err = tx.Copies.SparesOf(one.of)
			return err
		})
		if err != nil {
			return err
		}
	}
	gone := s.spares.old(s.options.Clock().Add(-spareAge), func(one spare) bool {
		of, known := good[one.of]
		return known && !slices.Contains(of, one.id)
	})
	for _, one := range gone {
		if err := s.wipeSpare(ctx, one.id, rest); err != nil {
			return err
		}
	}
	return nil
}

// wipeSpares takes away all spares that were begun before a time, whoever did so, but for those that are ready here.
func (s *Service) wipeSpares(ctx context.Context, before time.Time) error {
	done, err := s.spares.turn(ctx)
	if err != nil {
		return err
	}
	defer done()
	var left []model.WorkspaceID
	err = s.store.View(ctx, "", func(tx *store.Tx) (err error) {
		left, err = tx.Copies.Spares(before.Unix())
		return err
	})
	if err != nil {
		return err
	}
	ready := s.spares.list()
	for _, id := range left {
		if slices.ContainsFunc(ready, func(one spare) bool { return one.id == id }) {
			continue
		}
		if err := s.wipeSpare(ctx, id, s.rest); err != nil {
			return err
		}
	}
	return nil
}

// wipeSpare takes one away, bit by bit.
func (s *Service) wipeSpare(ctx context.Context, id model.WorkspaceID, rest func(context.Context) error) error {
	for all := false; !all; {
		err := s.store.Update(ctx, id, func(tx *store.Tx) (err error) {
			all, err = tx.Copies.WipeSpare(spareRows)
			return err
		})
		if err != nil {
			return err
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fromSpare makes a workspace of a spare of a copy, if there is one. It reports whether there was.
func (s *Service) fromSpare(ctx context.Context, copied string, r Request) (created *model.Workspace, token string, made bool, err error) {
	for {
		one, found := s.spares.take(copied)
		if !found {
			return nil, "", false, nil
		}
		r.Workspace.ID = one.id
		created, token, err = s.copyInto(ctx, copied, r, func(ctx context.Context) (*model.Workspace, error) {
			w, err := s.workspace.Complete(r.Workspace)
			if err != nil {
				return nil, err
			}
			return w, s.store.Update(ctx, w.ID, func(tx *store.Tx) error {
				w.CreatedAt = tx.Now()
				used, there, err := tx.Copies.UseSpare(copied, w)
				switch {
				case err != nil:
					return err
				case !there:
					return errGone
				case !used:
					return errUsed
				}
				return nil
			})
		})
		switch {
		case errors.Is(err, errUsed):
			s.spares.giveUp(one)
			continue
		case err != nil:
			s.spares.putBack(one)
			s.spares.look()
		}
		return created, token, err == nil, err
	}
}
