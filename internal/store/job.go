package store

import (
	"context"
	"time"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/store/event"
)

// Jobs are the work that a transaction of a workspace asks to be done after it.
type Jobs struct {
	*scope
	queue *jobs.Queue
}

// Enqueue asks for a job; it is there when the transaction is committed.
func (s Jobs) Enqueue(j model.Job) error {
	at := j.At
	if at == 0 {
		at = s.Now()
	}
	return s.queue.Enqueue(s.Tx, jobs.Request{
		Workspace: string(s.Workspace), Kind: string(j.Kind), Key: j.Key, Payload: j.Payload, RunAt: at})
}

// Ensure asks for a job unless one of its kind and key is there already, waiting or
// running.
func (s Jobs) Ensure(j model.Job) error {
	return s.queue.EnqueueIfAbsent(s.Tx, jobs.Request{
		Workspace: string(s.Workspace), Kind: string(j.Kind), Key: j.Key, Payload: j.Payload, RunAt: s.Now()})
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
