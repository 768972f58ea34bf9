package api

import (
	"strconv"
	"time"

	"parley/internal/metric"
)

// Metrics count requests by operation and status, and how long they took. They
// carry no name, address or id of anybody.
type Metrics struct {
	requests  *metric.Vec[metric.Counter]
	durations *metric.Vec[metric.Histogram]
}

// NewMetrics makes the door's metrics and registers them.
func NewMetrics(to *metric.Registry) *Metrics {
	return &Metrics{
		requests: to.Counters("parley_http_requests_total", "Requests answered, by operation and status.", "operation", "status"),
		durations: to.Histograms("parley_http_request_duration_seconds", "Time from the request's first byte to its answer, by operation.",
			[]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}, "operation"),
	}
}

func (m *Metrics) observe(operation string, status int, took time.Duration) {
	m.requests.With(operation, strconv.Itoa(status)).Inc()
	m.durations.With(operation).Observe(took.Seconds())
}
