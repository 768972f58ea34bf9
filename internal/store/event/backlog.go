package event

import (
	"fmt"
	"time"

	"parley/internal/db"
	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	"parley/internal/store/record"
)

// A Backlog is how webhooks of all workspaces are doing.
type Backlog struct {
	// Webhooks are how many there are in each state that is not removed, Waiting
	// apart from those that are live.
	Webhooks map[event.SubscriptionState]int64
	Waiting  int64 // live ones that are left alone for a while, after failures
	Late     int64 // for how many seconds something has waited that could be sent
}

// maxWebhooks is where the count of webhooks ends, so that it takes a bounded time.
const maxWebhooks = 100_000

// ReadBacklog counts webhooks. For each it looks at one row of an index, however
// many deliveries there are, as FindDue does.
func ReadBacklog(t *db.Tx, now int64) (Backlog, error) {
	b := Backlog{Webhooks: map[event.SubscriptionState]int64{}}
	s := record.NewScope(t, "", time.Unix(now, 0), nil)
	// What is to be sent at once has no time of its own: it has waited since it was written.
	err := s.Rows(`SELECT state, waiting, count(*), max(CASE WHEN state = 'live' AND NOT waiting AND since <= own_now THEN own_now - since ELSE 0 END)
		FROM (SELECT state, wait_until > own_now AS waiting, own_now, CASE WHEN since_pending < COALESCE(since_due, since_pending + 1) THEN since_pending ELSE since_due END AS since
		FROM (SELECT w.state, w.wait_until, `+ownNow("$1")+` AS own_now,
				(SELECT d.created_at FROM deliveries d WHERE d.workspace_id = w.workspace_id AND d.subscription_id = w.id
					AND d.state = 'pending' ORDER BY d.number LIMIT 1) AS since_pending,
				(SELECT d.due_at FROM deliveries d WHERE d.workspace_id = w.workspace_id AND d.subscription_id = w.id
					AND d.state = 'retrying' ORDER BY d.due_at LIMIT 1) AS since_due
			FROM webhooks w WHERE w.state <> 'removed' AND w.workspace_id < '`+sandbox.CopyMark+`' LIMIT $2) AS first_rows) AS each_webhook
		GROUP BY state, waiting`, []any{now, maxWebhooks}, func(r *db.Rows) error {
		var state event.SubscriptionState
		var waiting bool
		var n, late int64
		if err := r.Scan(&state, &waiting, &n, &late); err != nil {
			return err
		}
		if state == event.Live && waiting {
			b.Waiting = n
		} else {
			b.Webhooks[state] += n
		}
		b.Late = max(b.Late, late)
		return nil
	})
	if err != nil {
		return b, fmt.Errorf("store: count webhooks: %w", err)
	}
	return b, nil
}
