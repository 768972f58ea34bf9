package db

import (
	"context"
	"errors"
	"testing"

	"parley/internal/means"
)

const incrementOne = "UPDATE note SET number = number + 1 WHERE id = $1 RETURNING number"

// TestBeside has a statement run beside a transaction that then fails: what it changed
// stays, and nobody waits for it.
func TestBeside(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		ctx := context.Background()
		update(t, db, insert("a"))
		if !db.Dialect().Shared() {
			if err := db.Beside(ctx, incrementOne, []any{"a"}, new(int64)); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("one writer writes beside itself: %v", err)
			}
			return
		}
		var before, got int64
		update(t, db, func(tx *Tx) error { return tx.QueryRow("SELECT number FROM note WHERE id = 'a'").Scan(&before) })
		failure := errors.New("no")
		err := db.Update(ctx, func(tx *Tx) error {
			for range 2 * besideConns {
				if err := db.Beside(tx.Context(), incrementOne, []any{"a"}, &got); err != nil {
					return err
				}
			}
			return failure
		})
		if want := before + 2*besideConns; err != failure || got != want {
			t.Errorf("%d, %v; want %d and the function's own error", got, err, want)
		}
		if err := db.Beside(ctx, incrementOne, []any{"none"}, &got); !IsNoRows(err) {
			t.Errorf("no row: %v", err)
		}
	})
}

// TestBesideWaitsInACircle has a statement wait for a row that the very transaction
// holds beside which it runs. The database sees no circle; the transaction begins again.
func TestBesideWaitsInACircle(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: withSetting(means.Postgres(t), "lock_timeout", "50ms"), Migrations: migrations})
	update(t, db, insert("a"))
	runs := 0
	var got int64
	err := db.Update(context.Background(), func(tx *Tx) error {
		if runs++; runs == 1 {
			if _, err := tx.Exec("UPDATE note SET number = 40 WHERE id = 'a'"); err != nil {
				return err
			}
		}
		return db.Beside(tx.Context(), incrementOne, []any{"a"}, &got)
	})
	if err != nil || runs != 2 || got >= 40 {
		t.Errorf("error %v after %d runs, and the number is %d", err, runs, got)
	}
}

// TestBesideSettings reads what sessions for statements beside transactions are like,
// and that the pool's are not.
func TestBesideSettings(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), Migrations: migrations})
	for name, want := range map[string]string{"synchronous_commit": "off", "lock_timeout": "5s", "statement_timeout": "30s"} {
		var got string
		if err := db.Beside(context.Background(), "SELECT current_setting($1)", []any{name}, &got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", name, got, err, want)
		}
	}
	var pool string
	err := db.View(context.Background(), func(tx *Tx) error { return tx.QueryRow("SHOW lock_timeout").Scan(&pool) })
	if err != nil || pool != "0" {
		t.Errorf("in the pool lock_timeout is %q (%v)", pool, err)
	}
}
