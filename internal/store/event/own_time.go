package event

import (
	"database/sql"
	"fmt"

	"parley/internal/db"
	"parley/internal/model/event"
)

// ownNow is the time in the workspace of a webhook w, when it is so late by the machine's
// clock, which a parameter says.
func ownNow(machine string) string {
	return `COALESCE((SELECT COALESCE(CAST(s.sandbox -> 'clock' ->> 'stands' AS BIGINT),
			` + machine + ` + CAST(s.sandbox -> 'clock' ->> 'ahead' AS BIGINT))
		FROM workspaces s WHERE s.id = w.workspace_id AND s.sandbox IS NOT NULL), ` + machine + `)`
}

// Next finds when the next delivery of the workspace is to be sent that may be sent then,
// or since when it has been to be, and the webhooks that have some to be sent by now.
func (s Webhooks) Next(now int64) (at int64, ok bool, due []event.SubscriptionID, err error) {
	err = s.Rows(`SELECT w.id, w.wait_until,
			(SELECT d.created_at FROM deliveries d WHERE d.workspace_id = $1 AND d.subscription_id = w.id
				AND `+isPending+` ORDER BY d.number LIMIT 1),
			(SELECT d.due_at FROM deliveries d WHERE d.workspace_id = $1 AND d.subscription_id = w.id
				AND d.state = 'retrying' ORDER BY d.due_at LIMIT 1)
		FROM webhooks w WHERE w.workspace_id = $1 AND w.state = 'live' ORDER BY w.id`, []any{s.Workspace}, func(r *db.Rows) error {
		var id event.SubscriptionID
		var wait int64
		var pending, retry sql.NullInt64
		if err := r.Scan(&id, &wait, &pending, &retry); err != nil {
			return err
		}
		if !pending.Valid && !retry.Valid {
			return nil
		}
		first := retry.Int64
		if pending.Valid && (!retry.Valid || pending.Int64 < first) {
			first = pending.Int64
		}
		if first = max(first, wait); first <= now {
			due = append(due, id)
		}
		if !ok || first < at {
			at, ok = first, true
		}
		return nil
	})
	if err != nil {
		return 0, false, nil, fmt.Errorf("store: next of webhooks: %w", err)
	}
	return at, ok, due, nil
}
