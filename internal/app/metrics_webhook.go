package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/db"
	"parley/internal/model/event"
	storage "parley/internal/store/event"
)

// backlogTimeout is how long a scrape waits for the database to count webhooks.
const backlogTimeout = 2 * time.Second

// A webhookCollector reads how webhooks are doing, those of all servers on the
// database, and what this server has sent.
type webhookCollector struct{ app *App }

var (
	webhookAttempts = prometheus.NewDesc("parley_webhook_attempts_total", "Requests that this server sent to webhooks, by what came of them.",
		[]string{"outcome"}, nil)
	webhookStates = prometheus.NewDesc("parley_webhooks", "Webhooks, by state; those that are live and left alone for a while are waiting. A count ends at 100,000.",
		[]string{"state"}, nil)
	webhookLate = prometheus.NewDesc("parley_webhook_late_seconds", "For how long something has waited that could be sent to a webhook.", nil, nil)
)

func (c webhookCollector) Describe(to chan<- *prometheus.Desc) {
	to <- webhookAttempts
	to <- webhookStates
	to <- webhookLate
}

// Collect leaves out what the database does not answer.
func (c webhookCollector) Collect(to chan<- prometheus.Metric) {
	sent := c.app.Webhooks.Stats()
	for outcome, n := range map[string]int64{"delivered": sent.Delivered, "retrying": sent.Retrying, "dropped": sent.Dropped} {
		to <- prometheus.MustNewConstMetric(webhookAttempts, prometheus.CounterValue, float64(n), outcome)
	}
	ctx, cancel := context.WithTimeout(context.Background(), backlogTimeout)
	defer cancel()
	var backlog storage.Backlog
	err := c.app.db.View(ctx, func(tx *db.Tx) (err error) {
		backlog, err = storage.ReadBacklog(tx, c.app.options.Clock().Unix())
		return err
	})
	if err != nil {
		c.app.options.Logger.Warn("webhooks cannot be counted", "error", err)
		return
	}
	for state, n := range map[string]int64{"live": backlog.Webhooks[event.Live], "waiting": backlog.Waiting,
		"paused": backlog.Webhooks[event.Paused], "suspended": backlog.Webhooks[event.Suspended]} {
		to <- prometheus.MustNewConstMetric(webhookStates, prometheus.GaugeValue, float64(n), state)
	}
	to <- prometheus.MustNewConstMetric(webhookLate, prometheus.GaugeValue, float64(backlog.Late))
}
