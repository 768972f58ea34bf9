package event

import (
	"database/sql"
	"fmt"
	"time"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store/record"
)

// A Ref names a subscription of any workspace.
type Ref struct {
	Workspace model.WorkspaceID
	ID        event.SubscriptionID
}

// FindDue finds subscriptions of all workspaces that have something to be sent now
// and no job of that kind, which has their id as its key.
//
// For each subscription it looks at one row of an index, however many deliveries
// there are. The sub-select is a scalar one so that no planner reads them all.
func FindDue(t *db.Tx, kind string, now int64, most int) ([]Ref, error) {
	var due []Ref
	s := record.NewScope(t, "", time.Unix(now, 0), nil)
	err := s.Rows(`SELECT w.workspace_id, w.id FROM webhooks w
		WHERE w.state = 'live' AND w.wait_until <= $1
			AND (SELECT d.due_at FROM deliveries d WHERE d.workspace_id = w.workspace_id AND d.subscription_id = w.id
				AND d.due_at IS NOT NULL ORDER BY d.due_at LIMIT 1) <= $1
			AND (SELECT j.id FROM jobs j WHERE j.workspace_id = w.workspace_id AND j.kind = $2
				AND j.unique_key = CAST(w.id AS TEXT) AND j.failed_at IS NULL) IS NULL
		LIMIT $3`, []any{now, kind, most}, func(r *sql.Rows) error {
		var ref Ref
		err := r.Scan(&ref.Workspace, &ref.ID)
		due = append(due, ref)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: find due webhooks: %w", err)
	}
	return due, nil
}

// HasBefore reports whether Sweep would drop events.
func (s Events) HasBefore(before int64) (bool, error) {
	n := 0
	err := s.QueryRow(`SELECT count(*) FROM (SELECT created_at FROM events WHERE workspace_id = $1
		ORDER BY transaction_id, number LIMIT 2) AS oldest WHERE created_at < $2`, s.Workspace, before).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: find old events: %w", err)
	}
	return n > 1, nil
}

// HasBefore reports whether there are deliveries of a subscription from before a time.
func (s Deliveries) HasBefore(id event.SubscriptionID, before int64) (bool, error) {
	n := 0
	err := s.QueryRow(`SELECT count(*) FROM (SELECT created_at FROM deliveries WHERE workspace_id = $1 AND subscription_id = $2
		ORDER BY number LIMIT 1) AS oldest WHERE created_at < $3`, s.Workspace, id, before).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: find old deliveries: %w", err)
	}
	return n > 0, nil
}

// Sweep drops events of the workspace from before a time, of the oldest so many. The
// last of them stays: it shows that something is missing to a stream that was told
// less and, on SQLite, keeps its number from being given out again. It returns how
// many it dropped.
func (s Events) Sweep(before int64, most int) (int64, error) {
	n, err := s.Exec(`DELETE FROM events WHERE workspace_id = $1 AND created_at < $2
		AND (transaction_id, number) < (SELECT transaction_id, number FROM (SELECT transaction_id, number, created_at FROM events
			WHERE workspace_id = $1 ORDER BY transaction_id, number LIMIT $3) oldest WHERE created_at < $2
			ORDER BY transaction_id DESC, number DESC LIMIT 1)`, s.Workspace, before, most)
	if err != nil {
		return 0, fmt.Errorf("store: sweep events: %w", err)
	}
	return n, nil
}

// Sweep drops deliveries of a subscription that have ended and are from before a
// time, of so many behind a number, with their attempts and with notifications that
// have no other. It returns the last number that it looked at, or 0 when it has seen
// all that are old enough.
func (s Deliveries) Sweep(id event.SubscriptionID, before, behind int64, most int) (int64, error) {
	return s.sweep(id, behind, most, func(d *event.Delivery) (drop, on bool) {
		return d.State.Ended(), d.CreatedAt < before
	})
}

// Clear is Sweep for a subscription that was removed: it drops all.
func (s Deliveries) Clear(id event.SubscriptionID, behind int64, most int) (int64, error) {
	return s.sweep(id, behind, most, func(*event.Delivery) (drop, on bool) { return true, true })
}

func (s Deliveries) sweep(id event.SubscriptionID, behind int64, most int, judge func(*event.Delivery) (drop, on bool)) (int64, error) {
	list, err := s.list(`subscription_id = $2 AND number > $3 ORDER BY number LIMIT $4`, id, behind, most)
	if err != nil {
		return 0, err
	}
	var numbers []int64
	left := map[string]int{}
	next := int64(0)
	if len(list) == most {
		next = list[most-1].Number
	}
	for _, d := range list {
		drop, on := judge(d)
		if !on {
			next = 0
			break
		}
		if drop {
			numbers = append(numbers, d.Number)
			left[d.Notification.ID]++
		}
	}
	if len(numbers) == 0 {
		return next, nil
	}
	notifications := record.ToJSON(keys(left)) // a subscription has one delivery of each
	for _, statement := range []struct {
		sql string
		arg string
	}{
		{`DELETE FROM delivery_attempts WHERE workspace_id = $1 AND delivery IN ` + s.Dialect().IntList("$2"), record.ToJSON(numbers)},
		{`DELETE FROM deliveries WHERE workspace_id = $1 AND number IN ` + s.Dialect().IntList("$2"), record.ToJSON(numbers)},
		{`UPDATE notifications SET deliveries = deliveries - 1 WHERE workspace_id = $1 AND id IN ` + s.Dialect().List("$2"), notifications},
		{`DELETE FROM notifications WHERE workspace_id = $1 AND deliveries <= 0 AND id IN ` + s.Dialect().List("$2"), notifications},
	} {
		if _, err := s.Exec(statement.sql, s.Workspace, statement.arg); err != nil {
			return 0, fmt.Errorf("store: sweep deliveries: %w", err)
		}
	}
	return next, nil
}
