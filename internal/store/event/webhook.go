package event

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model/event"
	"parley/internal/store/record"
)

// Webhooks are the subscriptions of a workspace.
type Webhooks struct{ *record.Scope }

const webhookColumns = `id, app_id, url, topics, state, reason, created_at, failures, failures_since, failing_since, wait_until, waiting, delay`

func scanWebhook(row record.Scanner) (*event.Subscription, error) {
	var s event.Subscription
	err := row.Scan(&s.ID, &s.App, &s.URL, record.JSONColumn(&s.Topics), &s.State, &s.Reason, &s.CreatedAt, &s.Failures, &s.FailuresSince,
		&s.FailingSince, &s.WaitUntil, &s.Waiting, &s.Delay)
	return &s, err
}

// Lock keeps others from changing which webhooks there are until the transaction
// ends.
func (s Webhooks) Lock() error { return s.Scope.Lock("webhooks " + string(s.Workspace)) }

// Insert writes a new subscription and gives it its id. SetRoutes is to follow.
func (s Webhooks) Insert(w *event.Subscription) error {
	id, err := s.NextID("webhook")
	if err != nil {
		return err
	}
	w.ID = event.SubscriptionID(id)
	err = s.Write(`INSERT INTO webhooks (workspace_id, `+webhookColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		s.Workspace, w.ID, w.App, w.URL, record.ToJSON(w.Topics), w.State, w.Reason, w.CreatedAt, w.Failures, w.FailuresSince,
		w.FailingSince, w.WaitUntil, w.Waiting, w.Delay)
	if err != nil {
		return fmt.Errorf("store: insert webhook: %w", err)
	}
	return nil
}

// Save writes what may change of a subscription. SetRoutes is to follow where it is
// to be told of something else.
func (s Webhooks) Save(w *event.Subscription) error {
	err := s.Write(`UPDATE webhooks SET url = $3, topics = $4, state = $5, reason = $6, failures = $7, failures_since = $8,
		failing_since = $9, wait_until = $10, waiting = $11, delay = $12 WHERE workspace_id = $1 AND id = $2`,
		s.Workspace, w.ID, w.URL, record.ToJSON(w.Topics), w.State, w.Reason, w.Failures, w.FailuresSince, w.FailingSince, w.WaitUntil,
		w.Waiting, w.Delay)
	if err != nil {
		return fmt.Errorf("store: save webhook: %w", err)
	}
	return nil
}

// SetRoutes has changes of the workspace look at the subscriptions as they are now.
// The caller holds the Lock.
func (s Webhooks) SetRoutes() error {
	all, err := s.List()
	if err != nil {
		return err
	}
	err = s.Write(`UPDATE workspaces SET webhook_routes = $2 WHERE id = $1`, s.Workspace, record.ToJSON(event.RoutesTo(all)))
	if err != nil {
		return fmt.Errorf("store: set routes of webhooks: %w", err)
	}
	return nil
}

// RemoveOf ends the subscriptions of an app.
func (s Webhooks) RemoveOf(app int64) error {
	if err := s.Lock(); err != nil {
		return err
	}
	n, err := s.Exec(`UPDATE webhooks SET state = 'removed' WHERE workspace_id = $1 AND app_id = $2 AND state <> 'removed'`, s.Workspace, app)
	if err != nil {
		return fmt.Errorf("store: remove webhooks of app: %w", err)
	}
	if n == 0 {
		return nil
	}
	return s.SetRoutes()
}

// Find reads a subscription that was not removed.
func (s Webhooks) Find(id event.SubscriptionID) (*event.Subscription, error) { return s.one(id, "") }

// FindForUpdate is Find and holds the subscription until the transaction ends, where
// the database can.
func (s Webhooks) FindForUpdate(id event.SubscriptionID) (*event.Subscription, error) {
	return s.one(id, s.Dialect().ForUpdate())
}

func (s Webhooks) one(id event.SubscriptionID, hold string) (*event.Subscription, error) {
	w, err := scanWebhook(s.QueryRow(`SELECT `+webhookColumns+` FROM webhooks
		WHERE workspace_id = $1 AND id = $2 AND state <> 'removed'`+hold, s.Workspace, id))
	return w, record.OrNotFound(err, event.SubscriptionNotFound())
}

// List reads all subscriptions that were not removed, oldest first.
func (s Webhooks) List() ([]*event.Subscription, error) { return s.list(`state <> 'removed'`) }

// Removed reads the subscriptions that were removed and of which something is left.
func (s Webhooks) Removed() ([]*event.Subscription, error) { return s.list(`state = 'removed'`) }

func (s Webhooks) list(condition string) ([]*event.Subscription, error) {
	var all []*event.Subscription
	err := s.Rows(`SELECT `+webhookColumns+` FROM webhooks WHERE workspace_id = $1 AND `+condition+` ORDER BY id`, []any{s.Workspace},
		func(r *db.Rows) error {
			w, err := scanWebhook(r)
			all = append(all, w)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list webhooks: %w", err)
	}
	return all, nil
}

// Forget drops a subscription that was removed and has no deliveries any more.
func (s Webhooks) Forget(id event.SubscriptionID) error {
	err := s.Write(`DELETE FROM webhooks WHERE workspace_id = $1 AND id = $2 AND state = 'removed'`, s.Workspace, id)
	if err != nil {
		return fmt.Errorf("store: forget webhook: %w", err)
	}
	return nil
}
