package app

import (
	"cmp"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/peer"
)

// newPeer is how the nodes on one PostgreSQL database tell each other what happens, or
// nil.
func (a *App) newPeer() *peer.Peer {
	o := a.options
	if o.Database == "" || o.DatabaseListen == NotListening {
		return nil
	}
	return peer.New(peer.Options{URL: cmp.Or(o.DatabaseListen, o.Database), Clock: o.Clock, Logger: o.Logger,
		Told: a.toldHere, Look: a.lookForJobs, Signal: a.Live.Hear, Own: a.Live.Own,
		Sending: a.db.WritesNothing, // so that what was read is known to be so still
		Deliver: func(ws model.WorkspaceID, webhooks []int64) { a.Webhooks.Wake(ws, webhooks) },
		Missed: func() {
			a.Live.Missed()
			a.Webhooks.Missed()
			a.lookForJobs()
		}})
}

// lookForJobs has jobs run that others ask for.
func (a *App) lookForJobs() {
	if a.serving.Load() {
		a.jobs.Look()
	}
}

func (a *App) tellTold(ws model.WorkspaceID) {
	if a.peer != nil {
		a.peer.Told(ws)
	}
}

func (a *App) tellSignal(ws model.WorkspaceID, signal *event.Told) {
	if a.peer != nil {
		a.peer.Signal(ws, signal)
	}
}

func (a *App) tellDeliveries(ws model.WorkspaceID, webhooks []event.SubscriptionID) {
	if a.peer != nil {
		a.peer.Deliver(ws, webhooks)
	}
}

func (a *App) tellDue() {
	if a.peer != nil {
		a.peer.Due()
	}
}
