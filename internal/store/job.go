package store

import (
	"cmp"
	"context"
	"time"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store/event"
)

// Jobs are the work that a transaction of a workspace asks to be done after it.
type Jobs struct {
	*scope
	queue *jobs.Queue
}

// Enqueue asks for a job; it is there when the transaction is committed.
func (s Jobs) Enqueue(j model.Job) error {
	r, err := s.request(j)
	if err != nil {
		return err
	}
	return s.queue.Enqueue(s.Tx, r)
}

// request is what is asked for, by the clock of the workspace and by the machine's.
func (s Jobs) request(j model.Job) (jobs.Request, error) {
	r := jobs.Request{Workspace: string(s.Workspace), Kind: string(j.Kind), Key: j.Key, Payload: j.Payload, RunAt: cmp.Or(j.At, s.Now())}
	if !s.state.HasOwnTime() {
		return r, nil
	}
	clock := s.state.Clock
	if r.RunAt > s.Now() {
		// Whoever sets the clock meanwhile waits, and finds the job, or has set it.
		now, err := Workspaces{s.scope}.state()
		if err != nil {
			return r, err
		}
		clock = now.Clock
	}
	r.DueAt = r.RunAt
	r.RunAt = clock.Reaches(r.DueAt, s.queue.Now())
	return r, nil
}

// Retime has the jobs of the workspace be due by a clock that was just set.
func (s Jobs) Retime(c sandbox.Clock) error {
	return s.queue.Retime(s.Tx, string(s.Workspace), c.Now(s.queue.Now()).Unix(), c.Frozen())
}

// Reach has those run that are due by the time to which a clock that stands was moved on.
func (s Jobs) Reach(now int64) error { return s.queue.Reach(s.Tx, string(s.Workspace), now) }

// Next reads when the next job is due, or since when it has been, by the clock of the
// workspace, which shows now and is its own or not; false if there is none.
func (s Jobs) Next(now int64, own bool) (int64, bool, error) {
	return s.queue.NextOf(s.Tx, string(s.Workspace), now, own)
}

// Ensure asks for a job unless one of its kind and key is there already, waiting or
// running.
func (s Jobs) Ensure(j model.Job) error {
	j.At = 0
	r, err := s.request(j)
	if err != nil {
		return err
	}
	return s.queue.EnqueueIfAbsent(s.Tx, r)
}

// Hold reports whether a job that runs is still whoever's runs it, and leases it for
// as long again.
func (s Jobs) Hold(j *jobs.Job, lease time.Duration) (bool, error) {
	return s.queue.Hold(s.Tx, j, lease)
}

// Cancel takes back the job of that kind and key, if there is one.
func (s Jobs) Cancel(kind model.JobKind, key string) error {
	return s.queue.Cancel(s.Tx, string(s.Workspace), string(kind), key)
}

// Queue is the jobs of every workspace, for whoever runs them.
func (s *Store) Queue() *jobs.Queue { return s.queue }

// FindDueWebhooks finds webhooks, of whatever workspace, that have something to be
// sent and no job that sends it.
func (s *Store) FindDueWebhooks(ctx context.Context, most int) (due []event.Ref, err error) {
	err = s.view(ctx, func(t *db.Tx) (err error) {
		due, err = event.FindDue(t, string(model.DeliverWebhooks), s.clock().Unix(), most)
		return err
	})
	return due, err
}
