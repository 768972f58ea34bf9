package event

import (
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
// For each subscription it looks at one row of each of two indexes, however many
// deliveries there are, and what is due by the clock of its workspace. The sub-selects are scalar ones so that no planner reads them
// all.
func FindDue(t *db.Tx, kind string, now int64, most int) ([]Ref, error) {
	var due []Ref
	s := record.NewScope(t, "", time.Unix(now, 0), nil)
	err := s.Rows(`SELECT w.workspace_id, w.id FROM webhooks w
		WHERE w.state = 'live' AND w.wait_until <= `+ownNow("$1")+`
			AND ((SELECT d.number FROM deliveries d WHERE d.workspace_id = w.workspace_id AND d.subscription_id = w.id
				AND d.state = 'pending' ORDER BY d.number LIMIT 1) IS NOT NULL
			OR (SELECT d.due_at FROM deliveries d WHERE d.workspace_id = w.workspace_id AND d.subscription_id = w.id
				AND d.state = 'retrying' ORDER BY d.due_at LIMIT 1) <= `+ownNow("$1")+`)
			AND (SELECT j.id FROM jobs j WHERE j.workspace_id = w.workspace_id AND j.kind = $2
				AND j.unique_key = CAST(w.id AS TEXT) AND j.failed_at IS NULL) IS NULL
		LIMIT $3`, []any{now, kind, most}, func(r *db.Rows) error {
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

// HasBefore reports whether there are deliveries of a subscription from before a time
// that have been tried.
func (s Deliveries) HasBefore(id event.SubscriptionID, before int64) (bool, error) {
	n := 0
	err := s.QueryRow(`SELECT count(*) FROM (SELECT created_at FROM deliveries WHERE workspace_id = $1 AND subscription_id = $2
		AND `+isTried+` ORDER BY number LIMIT 1) AS oldest WHERE created_at < $3`, s.Workspace, id, before).Scan(&n)
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
// time, of so many behind a number, with their attempts. It returns the last number
// that it looked at, or 0 when it has seen all that are old enough.
func (s Deliveries) Sweep(id event.SubscriptionID, before, behind int64, most int) (int64, error) {
	list, err := s.list(`subscription_id = $2 AND `+isTried+` AND number > $3 ORDER BY number LIMIT $4`, id, behind, most)
	if err != nil {
		return 0, err
	}
	var ended []int64
	next := int64(0)
	if len(list) == most {
		next = list[most-1].Number
	}
	for _, d := range list {
		if d.CreatedAt >= before {
			next = 0
			break
		}
		if d.State.Ended() {
			ended = append(ended, d.Number)
		}
	}
	return next, s.drop(ended)
}

// Clear drops so many deliveries of a subscription, which was removed. It returns how
// many it dropped.
func (s Deliveries) Clear(id event.SubscriptionID, most int) (int, error) {
	for _, state := range (Filter{}).states() {
		list, err := s.list(`subscription_id = $2 AND `+state+` ORDER BY number LIMIT $3`, id, most)
		if err != nil {
			return 0, err
		}
		if len(list) == 0 {
			continue
		}
		numbers := make([]int64, len(list))
		for i, d := range list {
			numbers[i] = d.Number
		}
		return len(list), s.drop(numbers)
	}
	return 0, nil
}

func (s Deliveries) drop(numbers []int64) error {
	if len(numbers) == 0 {
		return nil
	}
	for _, statement := range []string{
		`DELETE FROM delivery_attempts WHERE workspace_id = $1 AND delivery ` + s.Dialect().InInts("$2"),
		`DELETE FROM deliveries WHERE workspace_id = $1 AND number ` + s.Dialect().InInts("$2"),
	} {
		if err := s.Write(statement, s.Workspace, record.ToJSON(numbers)); err != nil {
			return fmt.Errorf("store: drop deliveries: %w", err)
		}
	}
	return nil
}
