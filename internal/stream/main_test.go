package stream_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store"
)

func TestMain(m *testing.M) { apptest.Main(m) }

type object map[string]any

// onOwn runs a test on each database, on one of its own.
func onOwn(t *testing.T, test func(t *testing.T, r *apptest.Rig)) {
	t.Helper()
	onTraced(t, func(t *testing.T, r *apptest.Rig, _ *atomic.Int64) { test(t, r) })
}

// onTraced is onOwn with the number of statements that the database was given.
func onTraced(t *testing.T, test func(t *testing.T, r *apptest.Rig, statements *atomic.Int64)) {
	t.Helper()
	t.Parallel()
	run := func(t *testing.T, o db.Options) {
		t.Helper()
		var statements atomic.Int64
		o.Migrations, o.Trace = store.Migrations(), func(string, []any) { statements.Add(1) }
		d, err := db.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		test(t, apptest.On(t, d), &statements)
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		run(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		run(t, db.Options{URL: means.Postgres(t)})
	})
}
