package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"parley/internal/db/revision"
)

// groupLimit is how many updates share a commit at most. Each waits for the last of them to run, so it is bounded.
const groupLimit = 256

// yields is how often the writer lets others run before it commits a group: those who are about to ask for an update get to do so.
const yields = 2

// writer owns the one connection that writes to a SQLite file and commits in groups: a commit waits for the disk, and
// that wait costs the same for one update as for many. Updates that wait already run one after another inside one
// transaction, nobody is waited for, and one commit answers them all.
type writer struct {
	dialect   *Dialect
	logger    *slog.Logger
	session   *session
	watch     *watch
	log       *checkpointer
	revisions *revision.File
	queue     chan *turn
	stopped   chan struct{}

	group []*turn // those that ran and await the commit, to be answered after it; only run touches it
	doubt bool    // the disk has not said of a commit whether it has kept it; only run touches it

	waiting, groups, updates, rollbacks atomic.Int64
	trouble                             trouble
}

// turn is one call of Update.
type turn struct {
	ctx      context.Context
	fn       func(*Tx) error
	claimed  atomic.Bool   // by the writer, which will run it, or by its caller, who has left
	answered chan struct{} // closed when the fields below are set

	err      error
	failed   bool // it has taken back what it did, and waits for the others
	panicked any
	exited   bool // fn called runtime.Goexit, as t.FailNow does
	claims   []claim
	after    []func()
}

func newWriter(dialect *Dialect, logger *slog.Logger, s *session, log *checkpointer, revisions *revision.File) *writer {
	w := &writer{
		dialect:   dialect,
		logger:    logger,
		session:   s,
		watch:     newWatch(s.conn),
		log:       log,
		revisions: revisions,
		queue:     make(chan *turn, groupLimit),
		stopped:   make(chan struct{}),
	}
	s.told = revisions.Note
	go w.run()
	return w
}

// do queues fn and waits for its end.
func (w *writer) do(ctx context.Context, fn func(*Tx) error) error {
	t := &turn{ctx: ctx, fn: fn, answered: make(chan struct{})}
	w.waiting.Add(1)
	select {
	case w.queue <- t:
	case <-ctx.Done():
		w.waiting.Add(-1)
		return ctx.Err()
	}
	select {
	case <-t.answered:
	case <-ctx.Done():
		if t.claimed.CompareAndSwap(false, true) {
			w.waiting.Add(-1)
			return ctx.Err()
		}
		<-t.answered
	}
	switch {
	case t.panicked != nil:
		panic(t.panicked)
	case t.exited:
		runtime.Goexit()
	case t.err != nil:
		return t.err
	}
	for _, c := range t.claims {
		if c.known {
			c.told(c.at)
		}
	}
	for _, fn := range t.after {
		fn()
	}
	return nil
}

// stop ends the writer. Nobody may call do any more.
func (w *writer) stop() error {
	close(w.queue)
	<-w.stopped
	return w.log.stop()
}

// run is the writer's goroutine.
func (w *writer) run() {
	finished := false
	defer func() {
		if finished {
			close(w.stopped)
			return
		}
		// An update ended this goroutine by runtime.Goexit; the next one goes on where it stopped.
		go w.run()
	}()
	for yielded := 0; ; {
		if len(w.group) == 0 {
			t, open := <-w.queue
			if !open {
				finished = true
				return
			}
			yielded = 0
			w.join(t)
			continue
		}
		if len(w.group) < groupLimit {
			select {
			case t, open := <-w.queue:
				if open {
					w.join(t)
					continue
				}
			default:
				if yielded < yields && len(w.group) > 1 {
					yielded++
					runtime.Gosched()
					continue
				}
			}
		}
		w.commit()
	}
}

// join runs an update as the next member of the group.
func (w *writer) join(t *turn) {
	if !t.claimed.CompareAndSwap(false, true) {
		return
	}
	w.waiting.Add(-1)
	if err := t.ctx.Err(); err != nil {
		w.answer(t, err)
		return
	}
	if w.doubt {
		if err := w.log.restart(w.session); err != nil {
			w.answer(t, unwritable(err))
			return
		}
		w.doubt = false
	}
	// The first of a group needs no savepoint: the transaction holds nothing else that its rollback could take along.
	if len(w.group) == 0 {
		if err := w.session.begin(context.Background(), "BEGIN IMMEDIATE"); err != nil {
			w.refuse(t, fmt.Errorf("beginning to write: %w", err))
			return
		}
		w.revisions.Begin(w.session.conn)
	} else if err := w.session.save(); err != nil {
		w.answer(t, fmt.Errorf("beginning a savepoint: %w", err))
		w.abandon(err)
		return
	}
	ctx := context.WithoutCancel(t.ctx)
	tx := &Tx{ctx: ctx, dialect: w.dialect, run: w.session, watch: w.watch}
	returned := false
	defer func() {
		if !returned {
			if t.panicked = recover(); t.panicked == nil {
				t.exited = true
			} else {
				w.logger.ErrorContext(ctx, "a transaction panicked", "panic", t.panicked, "stack", string(debug.Stack()))
			}
		}
		tx.end()
		t.claims, t.after = tx.claims, tx.after
		w.settle(t)
	}()
	t.err = t.fn(tx)
	returned = true
}

// settle keeps what an update did for the commit to come, or undoes it and nothing else.
func (w *writer) settle(t *turn) {
	first := len(w.group) == 0
	good := t.err == nil && t.panicked == nil && !t.exited
	if good {
		t.err = w.session.doom()
		good = t.err == nil
	}
	var err error
	switch {
	case good && first:
	case good:
		err = w.session.control("RELEASE member")
	case first:
		// When this fails SQLite has rolled back already, as it does after a full disk.
		_ = w.session.control("ROLLBACK")
	default:
		if err = w.session.control("ROLLBACK TO member"); err == nil {
			err = w.session.control("RELEASE member")
		}
	}
	if good && err == nil {
		w.group = append(w.group, t)
		return
	}
	if good {
		t.err = fmt.Errorf("ending a savepoint: %w", err)
	}
	w.rollbacks.Add(1)
	w.watch.undone()
	if !first && !good && err == nil {
		// What has failed may have done so for what others of the group did: nobody is told of that before it is on disk.
		t.failed = true
		w.group = append(w.group, t)
		return
	}
	w.answer(t, t.err)
	if err != nil {
		// SQLite ends a transaction by itself when the disk fails it: that is what the others are to be told.
		if isOfDisk(t.err) {
			err = t.err
		}
		w.abandon(err)
	}
}

// commit commits the group and answers its members.
func (w *writer) commit() {
	if err := w.revisions.Commit(w.session.conn, func() error { return w.session.control("COMMIT") }); err != nil {
		w.abandon(err)
		return
	}
	for _, t := range w.group {
		for i := range t.claims {
			c := &t.claims[i]
			c.at, c.known = c.Committed()
		}
	}
	w.watch.firm()
	w.groups.Add(1)
	w.updates.Add(w.good())
	w.dismiss(nil)
	w.log.written(w.session)
}

// abandon undoes all that the group did, since its transaction cannot be committed.
func (w *writer) abandon(cause error) {
	// When this fails SQLite has rolled back already; the cause says why.
	_ = w.session.control("ROLLBACK")
	w.watch.undone()
	w.rollbacks.Add(w.good())
	err := uncommitted(cause)
	w.doubt = w.doubt || errors.Is(err, ErrUncertain)
	w.dismiss(err)
}

// good is how many members of the group have something to be committed.
func (w *writer) good() (n int64) {
	for _, t := range w.group {
		if !t.failed {
			n++
		}
	}
	return n
}

// dismiss answers the members of the group and empties it. Without an error, each has its own.
func (w *writer) dismiss(err error) {
	for _, t := range w.group {
		if err != nil {
			w.answer(t, err)
		} else {
			w.answer(t, t.err)
		}
	}
	clear(w.group)
	w.group = w.group[:0]
}

// refuse answers an update that could not begin. Those behind it have waited for the same, and would each wait as long
// again for another process to give up its lock; so they get the same answer.
func (w *writer) refuse(t *turn, err error) {
	w.answer(t, err)
	for range len(w.queue) {
		next := <-w.queue
		if next.claimed.CompareAndSwap(false, true) {
			w.waiting.Add(-1)
			w.answer(next, err)
		}
	}
}

func (w *writer) answer(t *turn, err error) {
	switch news := w.trouble.meet(err); {
	case news && err == nil:
		w.logger.Info("changes can be written again")
	case news: // once, not for each that is refused
		w.logger.Error("nothing can be written: changes fail until the disk takes them again, and reading goes on", "error", err)
	}
	if isOfDisk(err) && !errors.Is(err, ErrUnavailable) && !errors.Is(err, ErrUncertain) {
		err = unwritable(err)
	}
	t.err = err
	close(t.answered)
}
