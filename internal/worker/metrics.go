package worker

import (
	"context"
	"log/slog"
	"time"

	"parley/internal/jobs"
	"parley/internal/metric"
)

// metrics count attempts at jobs by kind and outcome, and how long they took.
type metrics struct {
	attempts  *metric.Vec[metric.Counter]
	durations *metric.Vec[metric.Histogram]
}

func newMetrics(to *metric.Registry) *metrics {
	return &metrics{
		attempts: to.Counters("parley_job_attempts_total", "Attempts at jobs that came to an end, by kind and outcome.", "kind", "outcome"),
		durations: to.Histograms("parley_job_duration_seconds", "Time that an attempt at a job took, by kind.",
			[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30, 60}, "kind"),
	}
}

func (m *metrics) observe(kind string, o jobs.Outcome, took time.Duration) {
	m.attempts.With(kind, string(o)).Inc()
	m.durations.With(kind).Observe(took.Seconds())
}

// countTimeout is how long a scrape waits for the database to count jobs.
const countTimeout = 2 * time.Second

// A queueCollector counts the jobs in the database whenever it is asked.
type queueCollector struct {
	queue  *jobs.Queue
	kinds  []string
	clock  func() time.Time
	logger *slog.Logger
}

var (
	queueMetric = &metric.Desc{Name: "parley_jobs", Help: "Jobs in the queue, by kind and state; a count ends at 100,000.",
		Kind: metric.KindGauge, Labels: []string{"kind", "state"}}
	lateMetric = &metric.Desc{Name: "parley_jobs_late_seconds", Help: "For how long the first job in the queue has been due, by kind.",
		Kind: metric.KindGauge, Labels: []string{"kind"}}
)

// collect leaves the counts out when the database does not answer: what else
// there is to measure is wanted most just then.
func (c queueCollector) collect(tell metric.Tell) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	counts, err := c.queue.Count(ctx, c.kinds)
	if err != nil {
		c.logger.Warn("jobs cannot be counted", "error", err)
		return
	}
	next, err := c.queue.Next(ctx, c.kinds)
	if err != nil {
		c.logger.Warn("jobs cannot be looked for", "error", err)
		return
	}
	now := c.clock().Unix()
	for _, kind := range c.kinds {
		late := int64(0)
		if at, ok := next[kind]; ok {
			late = max(now-at, 0)
		}
		tell(lateMetric, float64(late), kind)
		tell(queueMetric, float64(counts[kind].Waiting), kind, "waiting")
		tell(queueMetric, float64(counts[kind].Due), kind, "due")
		tell(queueMetric, float64(counts[kind].Dead), kind, "dead")
	}
}
