package parleytest

import (
	"net/http"
	"time"
)

// A clock is what the server says of one.
type clock struct {
	Now      int64 `json:"now"`
	Finished bool  `json:"finished"`
}

// Now is what the clock of the workspace shows, in whole seconds, UTC.
func (p *Parley) Now() time.Time {
	p.t.Helper()
	var c clock
	p.do(http.MethodGet, p.path("clock"), nil, &c)
	return time.Unix(c.Now, 0).UTC()
}

// Freeze has the clock of the workspace stand.
func (p *Parley) Freeze() {
	p.t.Helper()
	p.setClock(map[string]any{"frozen": true})
}

// Unfreeze has the clock run on from what it shows.
func (p *Parley) Unfreeze() {
	p.t.Helper()
	p.setClock(map[string]any{"frozen": false})
}

// SetTime sets the clock forward, in whole seconds; it cannot be set back. It jumps: what is due by then is done soon
// afterwards, all of it at the new time. Advance has the time pass instead.
func (p *Parley) SetTime(to time.Time) {
	p.t.Helper()
	p.setClock(map[string]any{"now": to.Unix()})
}

// Release has the workspace go by the clock of the machine again, which must not be behind what its own shows.
func (p *Parley) Release() {
	p.t.Helper()
	p.do(http.MethodDelete, p.path("clock"), nil, nil)
}

func (p *Parley) setClock(in map[string]any) {
	p.t.Helper()
	p.do(http.MethodPut, p.path("clock"), in, nil)
}

// Advance has that time pass, in whole seconds: what falls due on the way is done, each thing at its own time, in
// order. Snoozes end, exports are written, webhooks are told and told again. When it returns, it has happened. An advance
// by 0 does what is due already.
func (p *Parley) Advance(d time.Duration) {
	p.t.Helper()
	in := map[string]any{"seconds": p.seconds("an advance", d)}
	if d > 0 { // it may take several calls
		in = map[string]any{"to": p.Now().Add(d).Unix()}
	}
	for {
		var c clock
		p.do(http.MethodPost, p.path("clock", "advance"), in, &c)
		if c.Finished {
			return
		}
	}
}
