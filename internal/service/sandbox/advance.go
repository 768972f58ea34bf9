package sandbox

import (
	"context"
	"time"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	"parley/internal/store"
)

// The bounds of an advance.
const (
	patience = 25 * time.Second // after which it begins nothing more
	mostJobs = 10_000
	// alone is how long nobody else moves the clock after a step, if whoever moves it gives
	// no sign of itself.
	alone = time.Minute
	// breath is how long it is not looked whether another process has done a job.
	breath = 10 * time.Millisecond
)

// A Move says how far a clock is to be advanced: by seconds, or to a time if it has one.
type Move struct {
	Seconds model.Opt[int64]
	To      model.Opt[int64] // Unix seconds
}

// Advanced is how far a clock was advanced.
type Advanced struct {
	Time
	Jobs     int  // attempts at jobs that it made
	Finished bool // it came to where it was to be advanced to
}

// Advance moves the clock of the actor's workspace forward, as if that time passed: it
// goes from each time at which something falls due to the next, and at each all of it is done,
// and what that asks for, before it goes on. In between it stands; then it stands
// or runs as it did before. What takes too long, or is too much, ends before: what happened
// by then has happened.
func (s *Service) Advance(ctx context.Context, by *model.Actor, m Move) (*Advanced, error) {
	a := &advance{Service: s, ws: by.Workspace.ID}
	if err := a.begin(ctx, m); err != nil {
		return nil, err
	}
	bound, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// What was begun is not cut off when whoever asked has gone, and is left in order.
	steady := context.WithoutCancel(ctx)
	err := a.move(bound, steady)
	after, failure := a.end(steady)
	if err == nil {
		err = failure
	}
	if err != nil {
		return nil, err
	}
	t, err := s.read(steady, a.ws, after)
	if err != nil {
		return nil, err
	}
	return &Advanced{*t, a.jobs, a.finished}, nil
}

// An advance is one that is under way. Nobody else moves the clock meanwhile.
type advance struct {
	*Service
	ws       model.WorkspaceID
	lease    int64 // what says in the state that it is this one
	now, to  int64
	ran      bool // the clock was not standing
	jobs     int
	finished bool
}

// begin has the clock stand, for this advance alone to move it.
func (a *advance) begin(ctx context.Context, m Move) error {
	return a.changeClock(ctx, a.ws, func(tx *store.Tx, c *sandbox.Clock, machine time.Time) error {
		if c.Advancing > machine.UnixNano() {
			return advancing()
		}
		a.now, a.ran = c.Now(machine).Unix(), !c.Frozen()
		var err error
		if a.to, err = m.target(a.now); err != nil {
			return err
		}
		a.hold(c, machine, a.now)
		return tx.Jobs.Retime(*c)
	})
}

// target is the time that a clock is to be advanced to.
func (m Move) target(now int64) (int64, error) {
	switch {
	case m.Seconds.Has() == m.To.Has():
		return 0, model.ParameterInvalid("An advance is by seconds or to a time")
	case m.Seconds.Has() && m.Seconds.Value > sandbox.MaxTime:
		return 0, validTime(m.Seconds.Value)
	case m.Seconds.Has():
		return now + m.Seconds.Value, mayBecome(now+m.Seconds.Value, now)
	}
	return m.To.Value, mayBecome(m.To.Value, now)
}

// hold has the clock stand at a time, and nobody else move it.
func (a *advance) hold(c *sandbox.Clock, machine time.Time, at int64) {
	a.now, a.lease = at, machine.Add(alone).UnixNano()
	*c = c.Set(at, true, machine)
	c.Advancing = a.lease
}

// move goes from one time to the next.
func (a *advance) move(bound, ctx context.Context) error {
	for {
		at, idle, err := a.settle(bound, ctx)
		if err != nil || !idle {
			return err
		}
		if at == 0 || at > a.to {
			a.finished = true
			return a.step(ctx, a.to)
		}
		if bound.Err() != nil || a.jobs >= mostJobs {
			return nil
		}
		if err := a.step(ctx, at); err != nil {
			return err
		}
	}
}

// step moves the clock on.
func (a *advance) step(ctx context.Context, to int64) error {
	held := a.lease
	return a.changeClock(ctx, a.ws, func(tx *store.Tx, c *sandbox.Clock, machine time.Time) error {
		if c.Advancing != held {
			return advancing()
		}
		a.hold(c, machine, to)
		return tx.Jobs.Reach(to)
	})
}

// settle does what is due by now, until nothing is, and returns when something will be, or
// 0. It is not idle when there was too much of it.
func (a *advance) settle(bound, ctx context.Context) (at int64, idle bool, err error) {
	ctx = sandbox.With(ctx, sandbox.State{}) // each job reads for itself what is set
	for {
		var due []event.SubscriptionID
		err := a.store.View(ctx, a.ws, func(tx *store.Tx) (err error) {
			at, due, err = next(tx, a.now, true)
			return err
		})
		switch {
		case err != nil:
			return 0, false, err
		case at == 0 || at > a.now:
			return at, true, nil
		case bound.Err() != nil || a.jobs >= mostJobs:
			return at, false, nil
		}
		if len(due) > 0 {
			if err := a.webhooks.Ensure(ctx, a.ws, due); err != nil {
				return 0, false, err
			}
		}
		n, err := a.options.Run(ctx, a.ws)
		if err != nil {
			return 0, false, err
		}
		if a.jobs += n; n > 0 {
			continue
		}
		select { // another process, or another part of this one, does it
		case <-time.After(breath):
		case <-bound.Done():
		}
	}
}

// end lets go of the clock.
func (a *advance) end(ctx context.Context) (after sandbox.Clock, err error) {
	err = a.changeClock(ctx, a.ws, func(tx *store.Tx, c *sandbox.Clock, machine time.Time) error {
		if c.Advancing != a.lease {
			return advancing()
		}
		*c = c.Set(a.now, !a.ran, machine)
		c.Advancing = 0
		after = *c
		return tx.Jobs.Retime(*c)
	})
	return after, err
}

// next finds when the next thing falls due by itself in the workspace, which may have been
// before now, or 0, and which webhooks are to be told something by now.
func next(tx *store.Tx, now int64, own bool) (at int64, webhooks []event.SubscriptionID, err error) {
	at, ok, err := tx.Jobs.Next(now, own)
	if err != nil {
		return 0, nil, err
	}
	sent, some, webhooks, err := tx.Webhooks.Next(now)
	if some && (!ok || sent < at) {
		at = sent
	}
	return at, webhooks, err
}
