package app

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/peer"
	"parley/internal/rate"
	"parley/internal/service/workspace"
)

// newRegistry makes the server's metrics but for those of the doors, which
// register their own.
func newRegistry(d *db.DB, version string) *prometheus.Registry {
	r := prometheus.NewRegistry()
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "parley_build_info", Help: "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version(), "database": d.Dialect().Name()},
	})
	build.Set(1)
	r.MustRegister(build, databaseCollector{d}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// A databaseCollector reads the database's counters whenever it is asked.
type databaseCollector struct{ db *db.DB }

type databaseMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(db.Stats) float64
}

func counter(name, help string, value func(db.Stats) float64) databaseMetric {
	return databaseMetric{prometheus.NewDesc("parley_database_"+name, help, nil, nil), prometheus.CounterValue, value}
}

func gauge(name, help string, value func(db.Stats) float64) databaseMetric {
	return databaseMetric{prometheus.NewDesc("parley_database_"+name, help, nil, nil), prometheus.GaugeValue, value}
}

var databaseMetrics = []databaseMetric{
	counter("updates_total", "Transactions committed that change something.", func(s db.Stats) float64 { return float64(s.Updates) }),
	counter("commits_total", "Commits of such transactions; SQLite puts several into one.", func(s db.Stats) float64 { return float64(s.Groups) }),
	counter("rollbacks_total", "Transactions that ended without a commit.", func(s db.Stats) float64 { return float64(s.Rollbacks) }),
	counter("retries_total", "Transactions begun again because of a conflict (PostgreSQL).", func(s db.Stats) float64 { return float64(s.Retries) }),
	gauge("updates_waiting", "Transactions that wait for their turn to write (SQLite).", func(s db.Stats) float64 { return float64(s.Waiting) }),
	counter("refused_updates_total", "Transactions that a full or failing disk has kept from being done (SQLite).", func(s db.Stats) float64 { return float64(s.Refused) }),
	gauge("unwritable", "Whether the latest of them was kept so (SQLite): 1 or 0.", func(s db.Stats) float64 {
		if s.Unwritable {
			return 1
		}
		return 0
	}),
	gauge("readers", "Connections for reading, at most (SQLite).", func(s db.Stats) float64 { return float64(s.Readers) }),
	gauge("readers_busy", "Connections for reading in use (SQLite).", func(s db.Stats) float64 { return float64(s.BusyReaders) }),
	counter("reader_waits_total", "Reads that found every connection for reading in use (SQLite).", func(s db.Stats) float64 { return float64(s.ReaderWaits) }),
	gauge("connections", "Connections, at most (PostgreSQL).", func(s db.Stats) float64 { return float64(s.Conns) }),
	gauge("connections_open", "Connections in the pool (PostgreSQL).", func(s db.Stats) float64 { return float64(s.OpenConns) }),
	gauge("connections_busy", "Connections of the pool in use (PostgreSQL).", func(s db.Stats) float64 { return float64(s.BusyConns) }),
	counter("connection_waits_total", "Transactions that had to wait for a connection (PostgreSQL).", func(s db.Stats) float64 { return float64(s.ConnWaits) }),
	counter("connection_wait_seconds_total", "Time spent in those waits (PostgreSQL).", func(s db.Stats) float64 { return s.WaitSeconds }),
	counter("connection_timeouts_total", "Transactions that waited for a connection in vain (PostgreSQL).", func(s db.Stats) float64 { return float64(s.ConnTimeouts) }),
	counter("connections_lost_total", "Connections found lost (PostgreSQL).", func(s db.Stats) float64 { return float64(s.LostConns) }),
	gauge("file_bytes", "Size of the database file (SQLite).", func(s db.Stats) float64 { return float64(s.FileBytes) }),
	gauge("log_bytes", "Size of the write-ahead log (SQLite).", func(s db.Stats) float64 { return float64(s.LogBytes) }),
}

func (c databaseCollector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range databaseMetrics {
		to <- m.desc
	}
}

func (c databaseCollector) Collect(to chan<- prometheus.Metric) {
	stats := c.db.Stats()
	for _, m := range databaseMetrics {
		to <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(stats))
	}
}

// A rateCollector reads how the counter of rates that servers share was used.
type rateCollector struct{ rates *workspace.Rates }

var rateMetrics = []struct {
	desc  *prometheus.Desc
	value func(rate.Stats) int64
}{
	{prometheus.NewDesc("parley_rate_counter_calls_total", "Questions to the counter of rates that servers share (PostgreSQL).", nil, nil),
		func(s rate.Stats) int64 { return s.Asked }},
	{prometheus.NewDesc("parley_rate_counter_failures_total", "Questions to it that ended in an error (PostgreSQL).", nil, nil),
		func(s rate.Stats) int64 { return s.Failed }},
	{prometheus.NewDesc("parley_rate_unshared_requests_total", "Counts of requests that went on without its answer (PostgreSQL).", nil, nil),
		func(s rate.Stats) int64 { return s.Unshared }},
}

func (c rateCollector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range rateMetrics {
		to <- m.desc
	}
}

func (c rateCollector) Collect(to chan<- prometheus.Metric) {
	stats := c.rates.Stats()
	for _, m := range rateMetrics {
		to <- prometheus.MustNewConstMetric(m.desc, prometheus.CounterValue, float64(m.value(stats)))
	}
}

// A busCollector reads how nodes were told and heard.
type busCollector struct{ peer *peer.Peer }

var busMetrics = []struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(bus.Stats) float64
}{
	{prometheus.NewDesc("parley_bus_connected", "Whether other servers are heard, and told at once (PostgreSQL): 1 or 0.", nil, nil), prometheus.GaugeValue,
		func(s bus.Stats) float64 {
			if s.Connected {
				return 1
			}
			return 0
		}},
	{prometheus.NewDesc("parley_bus_sent_total", "Messages to other servers.", nil, nil), prometheus.CounterValue,
		func(s bus.Stats) float64 { return float64(s.Sent) }},
	{prometheus.NewDesc("parley_bus_received_total", "Messages of other servers.", nil, nil), prometheus.CounterValue,
		func(s bus.Stats) float64 { return float64(s.Received) }},
	{prometheus.NewDesc("parley_bus_dropped_total", "Messages that were not sent: there was no connection, or too many waited.", nil, nil), prometheus.CounterValue,
		func(s bus.Stats) float64 { return float64(s.Dropped) }},
	{prometheus.NewDesc("parley_bus_skipped_total", "Messages of other servers that were not understood, or for which there was no room.", nil, nil), prometheus.CounterValue,
		func(s bus.Stats) float64 { return float64(s.Skipped) }},
	{prometheus.NewDesc("parley_bus_lag_seconds", "Time from telling to hearing, when it was measured last.", nil, nil), prometheus.GaugeValue,
		func(s bus.Stats) float64 { return s.Lag.Seconds() }},
}

func (c busCollector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range busMetrics {
		to <- m.desc
	}
}

// Collect tells of a node that hears nobody too.
func (c busCollector) Collect(to chan<- prometheus.Metric) {
	var stats bus.Stats
	if c.peer != nil {
		stats = c.peer.Stats()
	}
	for _, m := range busMetrics {
		to <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(stats))
	}
}

// A nodeCollector tells how many nodes there are.
type nodeCollector struct{ app *App }

var nodeMetric = prometheus.NewDesc("parley_nodes", "Servers on the database that were seen lately, by version.", []string{"version"}, nil)

func (c nodeCollector) Describe(to chan<- *prometheus.Desc) { to <- nodeMetric }

func (c nodeCollector) Collect(to chan<- prometheus.Metric) {
	for version, n := range c.app.countNodes() {
		to <- prometheus.MustNewConstMetric(nodeMetric, prometheus.GaugeValue, float64(n), version)
	}
}
