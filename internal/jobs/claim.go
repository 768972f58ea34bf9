package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"parley/internal/db"
)

// A Want is how much of a kind is asked for.
type Want struct {
	Kind  string
	Most  int           // jobs
	Lease time.Duration // after which another may take them
}

// due is when a job that was not given up may be taken. jobs_by_due spells it
// the same.
const due = `COALESCE(leased_until, run_at)`

// Next reads, for each of the kinds that has a job to come, when the first of
// them is due, in Unix seconds. It may be in the past.
func (q *Queue) Next(ctx context.Context, kinds []string) (map[string]int64, error) {
	next := make(map[string]int64)
	// Each kind is asked for its first row; an aggregate would read them all.
	err := q.ask(ctx, kinds, `(SELECT `+due+` FROM jobs WHERE jobs.kind = k.kind AND failed_at IS NULL
		ORDER BY `+due+`, id LIMIT 1)`, nil, func(rows *db.Rows) error {
		var kind string
		var at sql.NullInt64
		err := rows.Scan(&kind, &at)
		if at.Valid {
			next[kind] = at.Int64
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: next: %w", err)
	}
	return next, nil
}

// ask reads columns for each of the kinds, which is k.kind there; the arguments
// come first.
func (q *Queue) ask(ctx context.Context, kinds []string, columns string, args []any, scan func(*db.Rows) error) error {
	if len(kinds) == 0 {
		return nil
	}
	list := make([]string, len(kinds))
	for i, kind := range kinds {
		args = append(args, kind)
		list[i] = fmt.Sprintf("SELECT CAST($%d AS TEXT) AS kind", len(args))
	}
	query := `SELECT k.kind, ` + columns + ` FROM (` + strings.Join(list, " UNION ALL ") + `) k`
	return q.db.View(ctx, func(tx *db.Tx) error { return each(tx, query, args, scan) })
}

// Claim takes due jobs, those that are due longest first. For the time of its
// lease nobody else gets a job that was taken. Where workspaces are named, jobs
// of others are left alone.
func (q *Queue) Claim(ctx context.Context, wants []Want, workspaces ...string) ([]*Job, error) {
	var claimed []*Job
	err := q.db.Update(ctx, func(tx *db.Tx) error {
		claimed = nil
		now := q.clock()
		for _, want := range wants {
			args := []any{want.Kind, now.Unix(), want.Most, now.Add(want.Lease).Unix()}
			of := ""
			if len(workspaces) > 0 {
				list := make([]string, len(workspaces))
				for i, workspace := range workspaces {
					args = append(args, workspace)
					list[i] = fmt.Sprintf("$%d", len(args))
				}
				of = " AND workspace_id IN (" + strings.Join(list, ", ") + ")"
			}
			err := each(tx, `WITH due AS MATERIALIZED (SELECT id FROM jobs
					WHERE kind = $1 AND failed_at IS NULL AND `+due+` <= $2`+of+`
					ORDER BY `+due+`, id LIMIT $3`+tx.Dialect().ForUpdateOfFree()+`)
				UPDATE jobs SET attempt = attempt + 1, leased_until = $4 WHERE id IN (SELECT id FROM due)
				RETURNING id, workspace_id, kind, unique_key, payload, run_at, due_at, created_at, attempt`,
				args, func(rows *db.Rows) error {
					j := new(Job)
					var key sql.NullString
					var due sql.NullInt64
					err := rows.Scan(&j.ID, &j.Workspace, &j.Kind, &key, &j.Payload, &j.RunAt, &due, &j.CreatedAt, &j.Attempt)
					j.Key, j.DueAt = key.String, due.Int64
					claimed = append(claimed, j)
					return err
				})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: claim: %w", err)
	}
	slices.SortFunc(claimed, func(a, b *Job) int {
		return cmp.Or(cmp.Compare(a.RunAt, b.RunAt), cmp.Compare(a.ID, b.ID))
	})
	return claimed, nil
}

// Complete takes a job away that is done. It reports whether the job was still
// the caller's: it is not when it was cancelled or replaced meanwhile, or when
// its lease ended and another took it.
func (q *Queue) Complete(ctx context.Context, j *Job) (held bool, err error) {
	return q.settle(ctx, "complete", `DELETE FROM jobs WHERE id = $1 AND attempt = $2`, j.ID, j.Attempt)
}

// Retry puts a job back that failed, until a time in Unix seconds, which its DueAt is by
// the clock of its workspace, and reports whether it was still the caller's.
func (q *Queue) Retry(ctx context.Context, j *Job, cause error, at int64) (held bool, err error) {
	return q.settle(ctx, "retry", `UPDATE jobs SET leased_until = NULL, run_at = $3, last_error = $4, due_at = $5
		WHERE id = $1 AND attempt = $2`, j.ID, j.Attempt, at, reason(cause), orNull(j.DueAt))
}

// Again puts a job back that is done for now, until a time as for Retry, and reports
// whether it was still the caller's. Its attempts count anew, under another
// id, so that nobody can end it who took it before.
func (q *Queue) Again(ctx context.Context, j *Job, at int64) (held bool, err error) {
	return q.settle(ctx, "again", `UPDATE jobs SET id = $3, leased_until = NULL, run_at = $4, attempt = 0, last_error = NULL, due_at = $5
		WHERE id = $1 AND attempt = $2`, j.ID, j.Attempt, q.newID(q.clock()), at, orNull(j.DueAt))
}

// Bury gives a job up that failed, and reports whether it was still the caller's.
// It stays in the table, and nobody takes it any more.
func (q *Queue) Bury(ctx context.Context, j *Job, cause error) (held bool, err error) {
	return q.settle(ctx, "bury", `UPDATE jobs SET leased_until = NULL, failed_at = $3, last_error = $4
		WHERE id = $1 AND attempt = $2`, j.ID, j.Attempt, q.clock().Unix(), reason(cause))
}

// settle runs a statement on the one row that a claim gave out. The attempt is
// the fence: every claim counts it up.
func (q *Queue) settle(ctx context.Context, what, statement string, args ...any) (held bool, err error) {
	err = q.db.Update(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(statement, args...)
		held = n == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("jobs: %s: %w", what, err)
	}
	return held, nil
}

// maxReason is how many bytes of a failure are kept.
const maxReason = 2000

// reason is a failure as text that both databases take.
func reason(err error) string {
	text := strings.ReplaceAll(strings.ToValidUTF8(err.Error(), "\uFFFD"), "\x00", "\uFFFD")
	if len(text) <= maxReason {
		return text
	}
	end := maxReason
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// maxCount is where a count of jobs ends, so that to count takes a bounded time.
const maxCount = 100_000

// Counts are how many jobs of a kind there are; each ends at 100,000.
type Counts struct {
	Waiting int64 // not due yet, or taken
	Due     int64 // could be taken now
	Dead    int64 // were given up
}

// Count counts the jobs of each of the kinds.
func (q *Queue) Count(ctx context.Context, kinds []string) (map[string]Counts, error) {
	counts := make(map[string]Counts)
	count := func(condition string) string {
		return `(SELECT count(*) FROM (SELECT 1 FROM jobs WHERE jobs.kind = k.kind AND ` + condition + ` LIMIT $2) AS counted)`
	}
	err := q.ask(ctx, kinds, count(`failed_at IS NULL AND `+due+` > $1`)+`, `+count(`failed_at IS NULL AND `+due+` <= $1`)+
		`, `+count(`failed_at IS NOT NULL`), []any{q.clock().Unix(), maxCount}, func(rows *db.Rows) error {
		var kind string
		var c Counts
		err := rows.Scan(&kind, &c.Waiting, &c.Due, &c.Dead)
		counts[kind] = c
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: count: %w", err)
	}
	return counts, nil
}

// each runs a statement and calls scan for each row.
func each(tx *db.Tx, query string, args []any, scan func(*db.Rows) error) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
