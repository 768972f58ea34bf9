package apptest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/db"
	"parley/internal/means"
)

// Nodes are rigs of one workspace that serve one PostgreSQL database, which is of the
// test's own and at the URL that is returned. They hear each other, unless the options
// say otherwise.
func Nodes(t testing.TB, n int, o app.Options) (nodes []*Rig, at string) {
	t.Helper()
	at = means.Postgres(t)
	first := newRig(t, openAt(t, at), inDatabase(o, at))
	first.start(t, o)
	nodes = []*Rig{first}
	for range n - 1 {
		nodes = append(nodes, Beside(t, first, at, o))
	}
	return nodes, at
}

// Beside is another node on the database at a URL, with the workspace and by the
// clock of a rig.
func Beside(t testing.TB, r *Rig, at string, o app.Options) *Rig {
	t.Helper()
	other := *r
	other.Database = openAt(t, at)
	other.serve(t, inDatabase(o, at))
	other.start(t, o)
	return &other
}

func inDatabase(o app.Options, at string) app.Options {
	o.Database = at
	return o
}

func openAt(t testing.TB, at string) *db.DB {
	t.Helper()
	d, err := app.OpenDatabase(context.Background(), app.Options{Database: at})
	must(t, err)
	t.Cleanup(func() { d.Close() })
	return d
}

// start has a node do what it does by itself, and waits until it hears others.
func (r *Rig) start(t testing.TB, o app.Options) {
	t.Helper()
	r.Start()
	t.Cleanup(func() {
		r.Live.Close()
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	if o.DatabaseListen != app.NotListening {
		r.Await(t, "parley_bus_connected", func(v float64) bool { return v == 1 })
	}
}

// Await waits until a metric without labels is as it should be.
func (r *Rig) Await(t testing.TB, metric string, is func(float64) bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		v := r.Metric(t, metric)
		if is(v) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s stays %v", metric, v)
		}
	}
}

// Metric is what /metrics says of one without labels.
func (r *Rig) Metric(t testing.TB, name string) float64 {
	t.Helper()
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			must(t, err)
			return v
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}
