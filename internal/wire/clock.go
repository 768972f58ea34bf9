package wire

import "parley/internal/model"

// A Clock is the time of a workspace as developers see it.
type Clock struct {
	Type   string `json:"type" enum:"clock"`
	Now    int64  `json:"now" doc:"Unix seconds."`
	Frozen bool   `json:"frozen" doc:"Whether it stands."`
	Next   *int64 `json:"next_due_at" doc:"When the next thing falls due by itself, in Unix seconds; null where nothing will. What is in the past is being done."`
}

// NewClock says what a clock shows, and when the next thing falls due; 0 is never.
func NewClock(now int64, frozen bool, next int64) Clock {
	c := Clock{Type: "clock", Now: now, Frozen: frozen}
	if next != 0 {
		c.Next = &next
	}
	return c
}

// An Advance is how far a clock was advanced.
type Advance struct {
	Clock
	Jobs     int  `json:"jobs" doc:"How many things were done that had fallen due, one that was tried twice counted twice."`
	Finished bool `json:"finished" doc:"Whether the clock came to where it was to be advanced to."`
}

// A ClockRequest sets a clock.
type ClockRequest struct {
	Now    Opt[Int]  `json:"now,omitzero" doc:"Unix seconds; absent: as it is."`
	Frozen Opt[Bool] `json:"frozen,omitzero" doc:"Whether it stands from now on; absent: as it is."`
}

// Values are what is asked for.
func (r ClockRequest) Values() (now model.Opt[int64], frozen model.Opt[bool]) {
	return convert(r.Now, func(n Int) int64 { return int64(n) }), convert(r.Frozen, func(b Bool) bool { return bool(b) })
}

// An AdvanceRequest moves a clock forward.
type AdvanceRequest struct {
	Seconds Opt[Int] `json:"seconds,omitzero" doc:"By how many."`
	To      Opt[Int] `json:"to,omitzero" doc:"To when, in Unix seconds, in the place of seconds."`
}

// Values are what is asked for.
func (r AdvanceRequest) Values() (seconds, to model.Opt[int64]) {
	return convert(r.Seconds, func(n Int) int64 { return int64(n) }), convert(r.To, func(n Int) int64 { return int64(n) })
}
