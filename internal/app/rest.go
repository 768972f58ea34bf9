package app

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"time"

	"parley/internal/db"
)

// restAfter is how long nobody asks a server of tests for anything before it gives back memory, and restPatience how long it waits for its turn to write.
const (
	restAfter    = 5 * time.Second
	restPatience = 5 * time.Second
)

// A rest comes when nobody has asked a server of tests for a while: it runs beside other programs, for hours in which nobody tests. The zero value never comes.
type rest struct{ timer *time.Timer }

func newRest(begin func()) rest {
	timer := time.AfterFunc(time.Hour, begin)
	timer.Stop()
	return rest{timer}
}

// putOff has it come so long after now.
func (r rest) putOff() {
	if r.timer != nil {
		r.timer.Reset(restAfter)
	}
}

// cancel has it not come, until it is put off.
func (r rest) cancel() {
	if r.timer != nil {
		r.timer.Stop()
	}
}

// restLater has a server that has just done something rest later: what was asked of it, or workspaces made ready for who asks next.
func (a *App) restLater() {
	if a.serving.Load() {
		a.rest.putOff()
	}
}

// giveBack gives back the memory that is held for what is asked next.
func (a *App) giveBack() {
	ctx, cancel := context.WithTimeout(context.Background(), restPatience)
	defer cancel()
	if err := a.store.Rest(ctx); err != nil && !errors.Is(err, db.ErrClosed) {
		a.options.Logger.Debug("memory of the database is not given back", "error", err)
	}
	folder := a.options.Data
	if a.options.Database != "" {
		folder = "" // the data folder may be another server's, too, or none
	}
	if err := a.Requests.Rest(folder); err != nil {
		a.options.Logger.Debug("bodies in the log of calls stay in memory", "error", err)
	}
	runtime.GC() // what is in pools goes with the second
	debug.FreeOSMemory()
}
