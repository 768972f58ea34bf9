package store

import (
	"parley/internal/jobs"
	"parley/internal/model"
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

// Cancel takes back the job of that kind and key, if there is one.
func (s Jobs) Cancel(kind model.JobKind, key string) error {
	return s.queue.Cancel(s.Tx, string(s.Workspace), string(kind), key)
}

// Queue is the jobs of every workspace, for whoever runs them.
func (s *Store) Queue() *jobs.Queue { return s.queue }
