package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/jobs"
)

// metrics count attempts at jobs by kind and outcome, and how long they took.
type metrics struct {
	attempts  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

func newMetrics() *metrics {
	return &metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "parley_job_attempts_total", Help: "Attempts at jobs that came to an end, by kind and outcome.",
		}, []string{"kind", "outcome"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "parley_job_duration_seconds", Help: "Time that an attempt at a job took, by kind.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30, 60},
		}, []string{"kind"}),
	}
}

func (m *metrics) observe(kind string, o jobs.Outcome, took time.Duration) {
	m.attempts.WithLabelValues(kind, string(o)).Inc()
	m.durations.WithLabelValues(kind).Observe(took.Seconds())
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
	queueMetric = prometheus.NewDesc("parley_jobs", "Jobs in the queue, by kind and state; a count ends at 100,000.",
		[]string{"kind", "state"}, nil)
	lateMetric = prometheus.NewDesc("parley_jobs_late_seconds", "For how long the first job in the queue has been due, by kind.",
		[]string{"kind"}, nil)
)

func (c queueCollector) Describe(to chan<- *prometheus.Desc) { to <- queueMetric; to <- lateMetric }

// Collect leaves the counts out when the database does not answer: what else
// there is to measure is wanted most just then.
func (c queueCollector) Collect(to chan<- prometheus.Metric) {
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
		to <- prometheus.MustNewConstMetric(lateMetric, prometheus.GaugeValue, float64(late), kind)
		tell := func(state string, n int64) {
			to <- prometheus.MustNewConstMetric(queueMetric, prometheus.GaugeValue, float64(n), kind, state)
		}
		tell("waiting", counts[kind].Waiting)
		tell("due", counts[kind].Due)
		tell("dead", counts[kind].Dead)
	}
}
