// Package jobs keeps work to be done later in the database, in the transaction
// that asks for it, and has it done when it is due, whatever stops in between.
// It must not know what the work is: a kind is a name, a payload is JSON.
package jobs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json"

	"parley/internal/db"
)

// A Job is one piece of work, as whoever runs it gets it.
type Job struct {
	ID        string // sorts by when the job was enqueued
	Workspace string
	Kind      string
	Key       string // empty for a job that has none
	Payload   []byte // JSON
	RunAt     int64  // Unix seconds
	DueAt     int64  // by the clock of its workspace, in Unix seconds; 0 where that is ours
	CreatedAt int64  // Unix seconds
	Attempt   int    // 1 the first time
}

// Decode reads the payload into v. Members that v lacks are ignored: a newer
// Parley may have written them.
func (j *Job) Decode(v any) error {
	if err := json.Unmarshal(j.Payload, v); err != nil {
		return fmt.Errorf("jobs: payload of %s: %w", j.Kind, err)
	}
	return nil
}

// A Request asks for a job.
type Request struct {
	Workspace string
	Kind      string
	Key       string // at most one job of a workspace and kind has it; empty for any number
	Payload   any    // becomes a JSON object
	RunAt     int64  // Unix seconds
	DueAt     int64  // by the clock of its workspace, which shows it at RunAt by ours; 0 where that is ours
}

// A Queue is the jobs of a database. It is safe for concurrent use.
type Queue struct {
	db    *db.DB
	clock func() time.Time
	bell  chan struct{} // holds a stroke until the runner hears it
	made  atomic.Uint32
}

// New makes the queue of an open database, whose migrations have made its table.
// The clock tells when a job is due.
func New(d *db.DB, clock func() time.Time) *Queue {
	return &Queue{db: d, clock: clock, bell: make(chan struct{}, 1)}
}

// Now is our time.
func (q *Queue) Now() time.Time { return q.clock() }

// Enqueue asks for a job in the caller's transaction: it exists when that is
// committed, and not otherwise. A job with the same key is replaced, one that was
// given up too; one that is running runs to its end, but what becomes of it no
// longer counts.
func (q *Queue) Enqueue(tx *db.Tx, r Request) error {
	payload, err := json.Marshal(r.Payload, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("jobs: payload of %s: %w", r.Kind, err)
	}
	now := q.clock()
	// The new id of a job that is replaced is what keeps the end of the old one
	// from taking the new one away.
	err = tx.Write(`INSERT INTO jobs (id, workspace_id, kind, unique_key, payload, run_at, attempt, created_at, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)
		ON CONFLICT (workspace_id, kind, unique_key) DO UPDATE SET id = excluded.id, payload = excluded.payload,
			run_at = excluded.run_at, attempt = 0, leased_until = NULL, last_error = NULL, failed_at = NULL,
			created_at = excluded.created_at, due_at = excluded.due_at`,
		q.newID(now), r.Workspace, r.Kind, orNull(r.Key), string(payload), r.RunAt, now.Unix(), orNull(r.DueAt))
	if err != nil {
		return fmt.Errorf("jobs: enqueue %s: %w", r.Kind, err)
	}
	tx.AfterCommit(q.ring)
	return nil
}

// EnqueueIfAbsent is Enqueue, but leaves a job with the same key as it is, be it
// waiting or running: of work that goes on while there is some, one job is enough.
// One that was given up is begun anew.
func (q *Queue) EnqueueIfAbsent(tx *db.Tx, r Request) error {
	payload, err := json.Marshal(r.Payload, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("jobs: payload of %s: %w", r.Kind, err)
	}
	now := q.clock()
	n, err := tx.Exec(`INSERT INTO jobs (id, workspace_id, kind, unique_key, payload, run_at, attempt, created_at, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)
		ON CONFLICT (workspace_id, kind, unique_key) DO UPDATE SET id = excluded.id, payload = excluded.payload,
			run_at = excluded.run_at, attempt = 0, leased_until = NULL, last_error = NULL, failed_at = NULL,
			created_at = excluded.created_at, due_at = excluded.due_at
		WHERE jobs.failed_at IS NOT NULL`,
		q.newID(now), r.Workspace, r.Kind, r.Key, string(payload), r.RunAt, now.Unix(), orNull(r.DueAt))
	if err != nil {
		return fmt.Errorf("jobs: enqueue %s: %w", r.Kind, err)
	}
	if n > 0 {
		tx.AfterCommit(q.ring)
	}
	return nil
}

// Hold reports whether a job is still the caller's, and leases it for as long again,
// so that nobody else takes it meanwhile, nor before the transaction ends.
func (q *Queue) Hold(tx *db.Tx, j *Job, lease time.Duration) (bool, error) {
	n, err := tx.Exec(`UPDATE jobs SET leased_until = $3 WHERE id = $1 AND attempt = $2`, j.ID, j.Attempt, q.clock().Add(lease).Unix())
	if err != nil {
		return false, fmt.Errorf("jobs: hold %s: %w", j.Kind, err)
	}
	return n == 1, nil
}

// ReleaseAll ends the leases of all jobs. It is for a server that begins on a
// database that no other can have open: whoever took them has ended.
func (q *Queue) ReleaseAll(ctx context.Context) error {
	return q.db.Update(ctx, func(tx *db.Tx) error {
		if err := tx.Write(`UPDATE jobs SET leased_until = NULL WHERE leased_until IS NOT NULL AND failed_at IS NULL`); err != nil {
			return fmt.Errorf("jobs: release all: %w", err)
		}
		return nil
	})
}

// Cancel takes back the job with that key, if there is one. One that is running
// runs to its end.
func (q *Queue) Cancel(tx *db.Tx, workspace, kind, key string) error {
	err := tx.Write(`DELETE FROM jobs WHERE workspace_id = $1 AND kind = $2 AND unique_key = $3`, workspace, kind, key)
	if err != nil {
		return fmt.Errorf("jobs: cancel %s: %w", kind, err)
	}
	return nil
}

// newID makes an id that sorts by time and, where that stands still, by the order
// of the calls.
func (q *Queue) newID(now time.Time) string {
	var b [6]byte
	rand.Read(b[:])
	return fmt.Sprintf("%012x%08x%s", now.UnixMilli(), q.made.Add(1), hex.EncodeToString(b[:]))
}

// ring has the runner of this process look for due jobs.
func (q *Queue) ring() {
	select {
	case q.bell <- struct{}{}:
	default: // it has not heard the last stroke yet, and will look after that
	}
}

func orNull[T string | int64](v T) any {
	var unset T
	if v == unset {
		return nil
	}
	return v
}
