package audit

import (
	"fmt"

	"parley/internal/db"
)

// Jobs are jobs of one kind that need a look.
type Jobs struct {
	Kind  string
	Jobs  int64
	Since int64  // Unix seconds: when the first of them was due, or given up
	Error string // of one of them
}

// FailedJobs counts the jobs that were given up, by their kind.
func FailedJobs(tx *db.Tx) ([]Jobs, error) {
	return jobs(tx, `SELECT kind, count(*), min(failed_at), COALESCE(max(last_error), '') FROM jobs WHERE failed_at IS NOT NULL GROUP BY kind ORDER BY kind`)
}

// OverdueJobs counts the jobs that have been due since before a time, by their kind.
func OverdueJobs(tx *db.Tx, before int64) ([]Jobs, error) {
	return jobs(tx, `SELECT kind, count(*), min(COALESCE(leased_until, run_at)), COALESCE(max(last_error), '') FROM jobs
		WHERE failed_at IS NULL AND COALESCE(leased_until, run_at) < $1 GROUP BY kind ORDER BY kind`, before)
}

func jobs(tx *db.Tx, query string, args ...any) ([]Jobs, error) {
	var all []Jobs
	err := each(tx, query, func(r *db.Rows) error {
		var j Jobs
		err := r.Scan(&j.Kind, &j.Jobs, &j.Since, &j.Error)
		all = append(all, j)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("store: look at jobs: %w", err)
	}
	return all, nil
}

// A Webhook is one that needs a look.
type Webhook struct {
	Workspace string
	ID        int64
	URL       string
	Reason    string // it is suspended for
	Waiting   int64  // deliveries that have been due for long
	Since     int64  // Unix seconds: when the first of them was due
}

// SuspendedWebhooks lists the webhooks that are told nothing any more, a hundred at most.
func SuspendedWebhooks(tx *db.Tx) ([]Webhook, error) {
	return webhooks(tx, `SELECT workspace_id, id, url, reason, 0, 0 FROM webhooks WHERE state = 'suspended' AND workspace_`+noCopy+` ORDER BY workspace_id, id LIMIT 100`)
}

// LateWebhooks lists the webhooks that are not told what they have been due to be told since before a time, a hundred at
// most. Those of workspaces with a clock of their own wait by that one, and are not among them.
func LateWebhooks(tx *db.Tx, before int64) ([]Webhook, error) {
	return webhooks(tx, `SELECT w.workspace_id, w.id, w.url, w.reason, d.waiting, d.since FROM webhooks w JOIN (
			SELECT workspace_id, subscription_id, count(*) AS waiting, min(due) AS since FROM (
				SELECT workspace_id, subscription_id, created_at AS due FROM deliveries WHERE state = 'pending'
				UNION ALL SELECT workspace_id, subscription_id, due_at FROM deliveries WHERE state = 'retrying') AS waits
			WHERE due < $1 GROUP BY workspace_id, subscription_id) AS d
			ON d.workspace_id = w.workspace_id AND d.subscription_id = w.id
		WHERE w.state = 'live' AND w.wait_until < $1
			AND NOT EXISTS (SELECT 1 FROM workspaces s WHERE s.id = w.workspace_id AND s.sandbox -> 'clock' IS NOT NULL)
		ORDER BY w.workspace_id, w.id LIMIT 100`, before)
}

func webhooks(tx *db.Tx, query string, args ...any) ([]Webhook, error) {
	var all []Webhook
	err := each(tx, query, func(r *db.Rows) error {
		var w Webhook
		err := r.Scan(&w.Workspace, &w.ID, &w.URL, &w.Reason, &w.Waiting, &w.Since)
		all = append(all, w)
		return err
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("store: look at webhooks: %w", err)
	}
	return all, nil
}
