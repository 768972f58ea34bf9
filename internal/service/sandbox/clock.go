package sandbox

import (
	"context"
	"time"

	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store"
)

// A Time is what the clock of a workspace shows.
type Time struct {
	Now    int64 // Unix seconds
	Frozen bool
	Next   int64 // when the next thing falls due by itself; 0: nothing will
}

// A ClockPatch is what is to be changed of a clock.
type ClockPatch struct {
	Now    model.Opt[int64] // Unix seconds
	Frozen model.Opt[bool]
}

// of is a clock with the change.
func (p ClockPatch) of(c sandbox.Clock, machine time.Time) sandbox.Clock {
	if !p.Now.Has() && !p.Frozen.Has() {
		return c
	}
	now, frozen := c.Now(machine).Unix(), c.Frozen()
	if p.Now.Has() {
		now = p.Now.Value
	}
	if p.Frozen.Has() {
		frozen = p.Frozen.Value
	}
	return c.Set(now, frozen, machine)
}

// State reads what is set for a workspace.
func (s *Service) State(ctx context.Context, id model.WorkspaceID) (sandbox.State, error) {
	w, err := s.workspace.Find(ctx, id)
	if err != nil {
		return sandbox.State{}, err
	}
	return w.Sandbox, nil
}

// Clock reads the clock of the actor's workspace.
func (s *Service) Clock(ctx context.Context, by *model.Actor) (*Time, error) {
	return s.read(ctx, by.Workspace.ID, by.Workspace.Sandbox.Clock)
}

// read reads what a clock shows, and what is next by it.
func (s *Service) read(ctx context.Context, ws model.WorkspaceID, c sandbox.Clock) (*Time, error) {
	t := &Time{Now: c.Now(s.options.Clock()).Unix(), Frozen: c.Frozen()}
	err := s.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		t.Next, _, err = next(tx, t.Now, c != (sandbox.Clock{}))
		return err
	})
	return t, err
}

// SetClock sets the clock of the actor's workspace, has it stand or run on. What is due
// by then runs at once, all at the new time.
func (s *Service) SetClock(ctx context.Context, by *model.Actor, p ClockPatch) (*Time, error) {
	return s.set(ctx, by, func(c *sandbox.Clock, machine time.Time) error {
		if p.Now.Has() {
			if err := mayBecome(p.Now.Value, c.Now(machine).Unix()); err != nil {
				return err
			}
		}
		*c = p.of(*c, machine)
		return nil
	})
}

// ResetClock has the workspace go by the clock of the machine again, unless that would set
// its own back.
func (s *Service) ResetClock(ctx context.Context, by *model.Actor) (*Time, error) {
	return s.set(ctx, by, func(c *sandbox.Clock, machine time.Time) error {
		if err := mayBecome(machine.Unix(), c.Now(machine).Unix()); err != nil {
			return err
		}
		*c = sandbox.Clock{}
		return nil
	})
}

// mayBecome checks that a clock may be set to a time: it shows another now.
func mayBecome(to, now int64) error {
	if err := validTime(to); err != nil {
		return err
	}
	if to < now {
		return &model.Error{Kind: model.Unprocessable, Code: "clock_set_back",
			Message: "The clock of a workspace cannot be set back: what has happened in it would be in the future"}
	}
	return nil
}

func validTime(t int64) error {
	if t < sandbox.MinTime || t > sandbox.MaxTime {
		return &model.Error{Kind: model.Unprocessable, Code: "parameter_invalid",
			Message: "A clock shows times from 1 to 4294967295, in Unix seconds"}
	}
	return nil
}

// set changes the clock of the actor's workspace, and when its jobs are due with it.
func (s *Service) set(ctx context.Context, by *model.Actor, change func(c *sandbox.Clock, machine time.Time) error) (*Time, error) {
	var after sandbox.Clock
	err := s.changeClock(ctx, by.Workspace.ID, func(tx *store.Tx, c *sandbox.Clock, machine time.Time) error {
		if c.Advancing > machine.UnixNano() {
			return advancing()
		}
		c.Advancing = 0 // whoever was moving it has ended without a word
		if err := change(c, machine); err != nil {
			return err
		}
		after = *c
		return tx.Jobs.Retime(*c)
	})
	if err != nil {
		return nil, err
	}
	return s.read(ctx, by.Workspace.ID, after)
}

func advancing() *model.Error {
	return &model.Error{Kind: model.Conflict, Code: "conflict", Message: "The clock of this workspace is being advanced"}
}

// changeClock changes the clock of a workspace by the clock of the machine. Who asks for a job
// in the workspace meanwhile waits until it has been.
func (s *Service) changeClock(ctx context.Context, ws model.WorkspaceID, fn func(tx *store.Tx, c *sandbox.Clock, machine time.Time) error) error {
	return s.store.Update(sandbox.With(ctx, sandbox.State{}), ws, func(tx *store.Tx) error {
		w, err := tx.Workspaces.FindForUpdate()
		if err != nil {
			return err
		}
		if err := fn(tx, &w.Sandbox.Clock, tx.Time()); err != nil {
			return err
		}
		return tx.Workspaces.SetSandbox(w.Sandbox)
	})
}
