package app

import (
	"context"

	"parley/internal/model"
)

// Start has the app do by itself what a server does beside answering: run jobs as they
// become due, tell webhooks, index parts of texts, hear other nodes, and rest. What an earlier
// server left to be done it looks for once it has settled. It is stopped by Stop.
func (a *App) Start() {
	a.serving.Store(true)
	a.Webhooks.Start()
	a.jobs.Start(a.options.Settle)
	a.post.Start(a.options.Settle)
	a.Rates.Start()
	a.Sandbox.Start(a.options.Settle)
	a.parts.Start(a.options.Settle)
	a.rest.putOff()
	if a.peer != nil {
		a.peer.Start()
	}
}

// StopJobs lets the jobs that run come to an end and begins no more.
func (a *App) StopJobs(ctx context.Context) error {
	a.serving.Store(false)
	a.post.Stop()
	a.Webhooks.Stop()
	a.Sandbox.Stop()
	a.rest.cancel() // which nobody puts off any more
	a.parts.Stop()
	return a.jobs.Stop(ctx)
}

// leave gives back what other nodes can use, and tells them nothing any more.
func (a *App) leave(ctx context.Context) {
	a.Rates.Stop(ctx)
	if a.peer != nil {
		a.peer.Stop()
	}
}

// Stop ends what Start began.
func (a *App) Stop(ctx context.Context) error {
	err := a.StopJobs(ctx)
	a.leave(ctx)
	return err
}

// releaseJobs has jobs run again at once that a process had taken which has ended.
func (a *App) releaseJobs(ctx context.Context) error { return a.queue.ReleaseAll(ctx) }

// toldHere tells those who listen on this node that something happened.
func (a *App) toldHere(ws model.WorkspaceID) {
	a.Live.Told(ws)
	a.Sandbox.Told(ws)
}

// told is called after each change, with the webhooks that are to be told.
func (a *App) told(ws model.WorkspaceID, webhooks []int64) {
	a.toldHere(ws)
	switch serving := a.serving.Load(); {
	case serving && len(webhooks) > 0:
		a.post.Tell(ws, webhooks)
	case !serving:
		a.tellDue() // of a server that stops, what it is still asked for is done by others
	}
	a.tellTold(ws)
}
