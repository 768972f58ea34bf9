package app

import (
	"context"
	"time"

	"parley/internal/db"
	"parley/internal/metric"
	"parley/internal/model/event"
	storage "parley/internal/store/event"
)

// backlogTimeout is how long a scrape waits for the database to count webhooks.
const backlogTimeout = 2 * time.Second

var (
	webhookAttempts = &metric.Desc{Name: "parley_webhook_attempts_total", Help: "Requests that this server sent to webhooks, by what came of them.",
		Kind: metric.KindCounter, Labels: []string{"outcome"}}
	webhookStates = &metric.Desc{Name: "parley_webhooks", Help: "Webhooks, by state; those that are live and left alone for a while are waiting. A count ends at 100,000.",
		Kind: metric.KindGauge, Labels: []string{"state"}}
	webhookLate = &metric.Desc{Name: "parley_webhook_late_seconds", Help: "For how long something has waited that could be sent to a webhook.",
		Kind: metric.KindGauge}
)

// collectWebhooks reads how webhooks are doing, those of all servers on the database, and
// what this server has sent. It leaves out what the database does not answer.
func (a *App) collectWebhooks(tell metric.Tell) {
	sent := a.Webhooks.Stats()
	for outcome, n := range map[string]int64{"delivered": sent.Delivered, "retrying": sent.Retrying, "dropped": sent.Dropped} {
		tell(webhookAttempts, float64(n), outcome)
	}
	ctx, cancel := context.WithTimeout(context.Background(), backlogTimeout)
	defer cancel()
	var backlog storage.Backlog
	err := a.db.View(ctx, func(tx *db.Tx) (err error) {
		backlog, err = storage.ReadBacklog(tx, a.options.Clock().Unix())
		return err
	})
	if err != nil {
		a.options.Logger.Warn("webhooks cannot be counted", "error", err)
		return
	}
	for state, n := range map[string]int64{"live": backlog.Webhooks[event.Live], "waiting": backlog.Waiting,
		"paused": backlog.Webhooks[event.Paused], "suspended": backlog.Webhooks[event.Suspended]} {
		tell(webhookStates, float64(n), state)
	}
	tell(webhookLate, float64(backlog.Late))
}
