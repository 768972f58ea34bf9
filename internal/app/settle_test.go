package app

import (
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/db"
	"parley/internal/store"
)

// TestStartAnswersFirst has a server ask its database for nothing by itself until it has settled, so that whoever comes first has it alone, and act at
// once on what it is told.
func TestStartAnswersFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(t.TempDir(), DatabaseFile), Unsynced: true, Migrations: store.Migrations(),
			Trace: func(string, []any) { asked.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		a, err := New(d, Options{Data: t.TempDir(), DevToken: "rules", Settle: time.Minute, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		asked.Store(0)
		a.Start()
		defer a.StopJobs(t.Context())
		pass := func(d time.Duration, want bool, when string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if n := asked.Swap(0); n > 0 != want {
				t.Errorf("%s: the database was asked %d times, is that right: %v", when, n, want)
			}
		}
		pass(time.Minute-time.Second, false, "before it has settled")
		a.jobs.Look()
		pass(0, true, "told of a job before it has settled")
		pass(time.Second, true, "once it has settled")
	})
}
