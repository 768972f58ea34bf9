package app

import (
	"runtime"

	"github.com/VictoriaMetrics/metrics"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/metric"
	"parley/internal/rate"
)

// newRegistry makes the server's metrics but for those of the parts, which come with them.
func newRegistry(d *db.DB, version string) *metric.Registry {
	r := new(metric.Registry)
	build := &metric.Desc{Name: "parley_build_info", Help: "Always 1; the labels say what runs.", Kind: metric.KindGauge,
		Labels: []string{"database", "go_version", "version"}}
	database := d.Dialect().Name()
	r.Collect(func(tell metric.Tell) { tell(build, 1, database, runtime.Version(), version) }, build)
	collect(r, d.Stats, databaseFigures)
	r.Append(metrics.WriteProcessMetrics)
	r.Append(metrics.WriteFDMetrics)
	return r
}

// measure registers what parts tell that have no registry.
func (a *App) measure() {
	collect(a.registry, a.Rates.Stats, rateFigures)
	collect(a.registry, a.readBus, busFigures)
	a.registry.Collect(a.collectNodes, nodeMetric)
	a.registry.Collect(a.collectWebhooks, webhookAttempts, webhookStates, webhookLate)
	a.registry.Collect(a.conns.collect, connectionsOpen, connectionsClosed)
}

// A figure is one of some that are read together, as an S.
type figure[S any] struct {
	desc  *metric.Desc
	value func(S) float64
}

func counter[S any](name, help string, value func(S) float64) figure[S] {
	return figure[S]{&metric.Desc{Name: name, Help: help, Kind: metric.KindCounter}, value}
}

func gauge[S any](name, help string, value func(S) float64) figure[S] {
	return figure[S]{&metric.Desc{Name: name, Help: help, Kind: metric.KindGauge}, value}
}

// collect registers figures of what is read once for all of them.
func collect[S any](to *metric.Registry, read func() S, figures []figure[S]) {
	var descs []*metric.Desc
	for _, f := range figures {
		descs = append(descs, f.desc)
	}
	to.Collect(func(tell metric.Tell) {
		stats := read()
		for _, f := range figures {
			tell(f.desc, f.value(stats))
		}
	}, descs...)
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

var databaseFigures = []figure[db.Stats]{
	counter("parley_database_updates_total", "Transactions committed that change something.", func(s db.Stats) float64 { return float64(s.Updates) }),
	counter("parley_database_commits_total", "Commits of such transactions; SQLite puts several into one.", func(s db.Stats) float64 { return float64(s.Groups) }),
	counter("parley_database_rollbacks_total", "Transactions that ended without a commit.", func(s db.Stats) float64 { return float64(s.Rollbacks) }),
	counter("parley_database_retries_total", "Transactions begun again because of a conflict (PostgreSQL).", func(s db.Stats) float64 { return float64(s.Retries) }),
	gauge("parley_database_updates_waiting", "Transactions that wait for their turn to write (SQLite).", func(s db.Stats) float64 { return float64(s.Waiting) }),
	counter("parley_database_refused_updates_total", "Transactions that a full or failing disk has kept from being done (SQLite).", func(s db.Stats) float64 { return float64(s.Refused) }),
	gauge("parley_database_unwritable", "Whether the latest of them was kept so (SQLite): 1 or 0.", func(s db.Stats) float64 { return truth(s.Unwritable) }),
	gauge("parley_database_readers", "Connections for reading, at most (SQLite).", func(s db.Stats) float64 { return float64(s.Readers) }),
	gauge("parley_database_readers_busy", "Connections for reading in use (SQLite).", func(s db.Stats) float64 { return float64(s.BusyReaders) }),
	counter("parley_database_reader_waits_total", "Reads that found every connection for reading in use (SQLite).", func(s db.Stats) float64 { return float64(s.ReaderWaits) }),
	gauge("parley_database_connections", "Connections, at most (PostgreSQL).", func(s db.Stats) float64 { return float64(s.Conns) }),
	gauge("parley_database_connections_open", "Connections in the pool (PostgreSQL).", func(s db.Stats) float64 { return float64(s.OpenConns) }),
	gauge("parley_database_connections_busy", "Connections of the pool in use (PostgreSQL).", func(s db.Stats) float64 { return float64(s.BusyConns) }),
	counter("parley_database_connection_waits_total", "Transactions that had to wait for a connection (PostgreSQL).", func(s db.Stats) float64 { return float64(s.ConnWaits) }),
	counter("parley_database_connection_wait_seconds_total", "Time spent in those waits (PostgreSQL).", func(s db.Stats) float64 { return s.WaitSeconds }),
	counter("parley_database_connection_timeouts_total", "Transactions that waited for a connection in vain (PostgreSQL).", func(s db.Stats) float64 { return float64(s.ConnTimeouts) }),
	counter("parley_database_connections_lost_total", "Connections found lost (PostgreSQL).", func(s db.Stats) float64 { return float64(s.LostConns) }),
	gauge("parley_database_file_bytes", "Size of the database file (SQLite).", func(s db.Stats) float64 { return float64(s.FileBytes) }),
	gauge("parley_database_log_bytes", "Size of the write-ahead log (SQLite).", func(s db.Stats) float64 { return float64(s.LogBytes) }),
}

// How the counter of rates that servers share was used.
var rateFigures = []figure[rate.Stats]{
	counter("parley_rate_counter_calls_total", "Questions to the counter of rates that servers share (PostgreSQL).", func(s rate.Stats) float64 { return float64(s.Asked) }),
	counter("parley_rate_counter_failures_total", "Questions to it that ended in an error (PostgreSQL).", func(s rate.Stats) float64 { return float64(s.Failed) }),
	counter("parley_rate_unshared_requests_total", "Counts of requests that went on without its answer (PostgreSQL).", func(s rate.Stats) float64 { return float64(s.Unshared) }),
}

// How nodes were told and heard.
var busFigures = []figure[bus.Stats]{
	gauge("parley_bus_connected", "Whether other servers are heard, and told at once (PostgreSQL): 1 or 0.", func(s bus.Stats) float64 { return truth(s.Connected) }),
	counter("parley_bus_sent_total", "Messages to other servers.", func(s bus.Stats) float64 { return float64(s.Sent) }),
	counter("parley_bus_received_total", "Messages of other servers.", func(s bus.Stats) float64 { return float64(s.Received) }),
	counter("parley_bus_dropped_total", "Messages that were not sent: there was no connection, or too many waited.", func(s bus.Stats) float64 { return float64(s.Dropped) }),
	counter("parley_bus_skipped_total", "Messages of other servers that were not understood, or for which there was no room.", func(s bus.Stats) float64 { return float64(s.Skipped) }),
	gauge("parley_bus_lag_seconds", "Time from telling to hearing, when it was measured last.", func(s bus.Stats) float64 { return s.Lag.Seconds() }),
}

// readBus tells of a node that hears nobody too.
func (a *App) readBus() bus.Stats {
	if a.peer == nil {
		return bus.Stats{}
	}
	return a.peer.Stats()
}

var nodeMetric = &metric.Desc{Name: "parley_nodes", Help: "Servers on the database that were seen lately, by version.", Kind: metric.KindGauge,
	Labels: []string{"version"}}

func (a *App) collectNodes(tell metric.Tell) {
	for version, n := range a.countNodes() {
		tell(nodeMetric, float64(n), version)
	}
}
