package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"parley/internal/db"
)

// A Clock is one that a workspace has of its own. Jobs of it are due by that clock:
// their DueAt is its time, their RunAt is when, by ours, it shows that.
type Clock struct {
	Now     time.Time                             // what it shows now
	Reaches func(at int64) int64                  // when it shows a time, by ours, both in Unix seconds
	Context func(context.Context) context.Context // of what is done in the workspace
}

// never is a time that does not come, in Unix seconds. What is later is as good.
const never = 1 << 40

// Retime has the jobs of a workspace be due by a clock of its own that has just been
// set: it shows now, is ahead of ours by so many seconds, or stands. Those that failed
// when they were due, and wait to be tried again, wait on.
func (q *Queue) Retime(tx *db.Tx, workspace string, now int64, stands bool) error {
	ahead := now - q.clock().Unix()
	err := tx.Write(`UPDATE jobs SET due_at = COALESCE(due_at, run_at), run_at = CASE
			WHEN attempt > 0 AND due_at <= $2 THEN run_at
			WHEN $3 = 1 AND COALESCE(due_at, run_at) > $2 THEN $5
			ELSE COALESCE(due_at, run_at) - $4 END
		WHERE workspace_id = $1 AND failed_at IS NULL`, workspace, now, flag(stands), ahead, never)
	if err != nil {
		return fmt.Errorf("jobs: retime: %w", err)
	}
	tx.AfterCommit(q.ring)
	return nil
}

// Reach has those jobs of a workspace run, whose clock stands, that are due by the time
// to which it was moved on.
func (q *Queue) Reach(tx *db.Tx, workspace string, now int64) error {
	err := tx.Write(`UPDATE jobs SET run_at = due_at - $3 WHERE workspace_id = $1 AND due_at <= $2 AND run_at >= $4 AND failed_at IS NULL`,
		workspace, now, now-q.clock().Unix(), never)
	if err != nil {
		return fmt.Errorf("jobs: reach: %w", err)
	}
	tx.AfterCommit(q.ring)
	return nil
}

// NextOf reads when the next job of a workspace is due, by its own clock if it has one, in
// Unix seconds; one that runs has been due. It does not look at what failed and waits to be tried
// again.
func (q *Queue) NextOf(tx *db.Tx, workspace string, now int64, own bool) (at int64, ok bool, err error) {
	column := "run_at"
	if own {
		column = "due_at" // of which there is an index
	}
	var next sql.NullInt64
	err = tx.QueryRow(`SELECT min(`+column+`) FROM jobs WHERE workspace_id = $1 AND `+column+` IS NOT NULL AND failed_at IS NULL
		AND (`+column+` > $2 OR leased_until IS NOT NULL OR run_at <= $3)`, workspace, now, q.clock().Unix()).Scan(&next)
	if err != nil {
		return 0, false, fmt.Errorf("jobs: next of a workspace: %w", err)
	}
	return next.Int64, next.Valid, nil
}

// own reads the clock of a job's workspace; nil if that is ours.
func (r *Runner) own(ctx context.Context, j *Job) (*Clock, error) {
	if j.DueAt == 0 || r.options.Own == nil {
		return nil, nil
	}
	return r.options.Own(ctx, j.Workspace)
}

// againAt is when a job is to be done again, by our clock, that asked for it at a time by
// its own.
func (r *Runner) againAt(ctx context.Context, j *Job, at time.Time) (int64, error) {
	clock, err := r.own(ctx, j)
	if err != nil || clock == nil {
		return at.Unix(), err
	}
	j.DueAt = max(j.DueAt, at.Unix())
	return clock.Reaches(j.DueAt), nil
}

// retryAt is when a job that failed is to be tried again, by our clock. What is not to be
// tried before a time by its own clock waits for that one; what just failed does not.
func (r *Runner) retryAt(ctx context.Context, j *Job, cause error) (int64, error) {
	at := r.options.Clock().Add(backoff(j.Attempt))
	later, _ := errors.AsType[*Later](cause)
	clock, err := r.own(ctx, j)
	switch {
	case err != nil:
		return 0, err
	case clock != nil && later != nil && later.At.After(clock.Now):
		j.DueAt = later.At.Unix()
		return clock.Reaches(j.DueAt), nil
	case clock == nil && later != nil && later.At.After(at):
		return later.At.Unix(), nil
	}
	return at.Unix(), nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
