package api

import (
	"parley/internal/service/sandbox"
	"parley/internal/wire"
)

// GET /_parley/workspaces/{workspace_id}/clock
func (a *API) retrieveClock(r *request, _ none) (wire.Clock, error) {
	t, err := a.Sandbox.Clock(r.Context(), r.actor)
	return one(t, err, clock)
}

// PUT /_parley/workspaces/{workspace_id}/clock
func (a *API) setClock(r *request, in wire.ClockRequest) (wire.Clock, error) {
	t, err := a.Sandbox.SetClock(r.Context(), r.actor, clockPatch(in))
	return one(t, err, clock)
}

// DELETE /_parley/workspaces/{workspace_id}/clock
func (a *API) resetClock(r *request, _ none) (wire.Clock, error) {
	t, err := a.Sandbox.ResetClock(r.Context(), r.actor)
	return one(t, err, clock)
}

// POST /_parley/workspaces/{workspace_id}/clock/advance
func (a *API) advanceClock(r *request, in wire.AdvanceRequest) (wire.Advance, error) {
	var m sandbox.Move
	m.Seconds, m.To = in.Values()
	done, err := a.Sandbox.Advance(r.Context(), r.actor, m)
	return one(done, err, func(d *sandbox.Advanced) wire.Advance {
		return wire.Advance{Clock: clock(&d.Time), Jobs: d.Jobs, Finished: d.Finished}
	})
}

func clock(t *sandbox.Time) wire.Clock { return wire.NewClock(t.Now, t.Frozen, t.Next) }

func clockPatch(in wire.ClockRequest) (p sandbox.ClockPatch) {
	p.Now, p.Frozen = in.Values()
	return p
}
