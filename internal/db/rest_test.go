package db

import (
	"context"
	"sync"
	"testing"
)

// TestRest has a database that has rested hold no connection for reading, and answer as before.
func TestRest(t *testing.T) {
	t.Parallel()
	d, ctx := openSQLiteOnly(t), context.Background()
	read := func(tx *Tx) error {
		var n int64
		return tx.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&n)
	}
	write := func(tx *Tx) error {
		_, err := tx.Exec("PRAGMA user_version = 0")
		return err
	}
	must := func(errs ...error) {
		t.Helper()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	must(d.View(ctx, read), d.Update(ctx, write), d.Rest(ctx))
	if n := len(d.engine.(*sqliteEngine).readers.TakeIdle()); n != 0 {
		t.Errorf("%d connections for reading are open", n)
	}
	must(d.View(ctx, read), d.Update(ctx, write), d.Rest(ctx), d.Rest(ctx), d.Update(ctx, write))

	var all sync.WaitGroup
	for _, f := range []func() error{func() error { return d.View(ctx, read) }, func() error { return d.Update(ctx, write) }, func() error { return d.Rest(ctx) }} {
		all.Go(func() {
			for range 50 {
				if err := f(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	must(d.Close())
	if err := d.Rest(ctx); err != ErrClosed {
		t.Errorf("a closed database rests: %v", err)
	}
}
