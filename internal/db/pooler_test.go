package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"parley/internal/means"
)

// TestPooler works through a PgBouncer that has fewer sessions than there are clients, and gives them by the transaction.
func TestPooler(t *testing.T) {
	t.Parallel()
	const clients, rounds = 8, 10
	direct := means.Postgres(t)
	at := means.PgBouncer(t, direct, 3)
	// Two servers that start at once migrate once.
	servers := make([]*DB, 2)
	var starting sync.WaitGroup
	for i := range servers {
		starting.Go(func() {
			db, err := Open(context.Background(), Options{URL: at, MaxConns: clients, Migrations: migrations})
			if err != nil {
				t.Error(err)
				return
			}
			servers[i] = db
			t.Cleanup(func() { db.Close() })
		})
	}
	starting.Wait()
	if t.Failed() {
		t.FailNow()
	}
	update(t, servers[0], insert("sum"))

	var all sync.WaitGroup
	for n := range clients {
		db := servers[n%len(servers)]
		all.Go(func() {
			for i := range rounds {
				if err := addOne(db, fmt.Sprintf("%d-%d", n, i)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	var sum, notes int
	err := servers[1].View(context.Background(), func(tx *Tx) error {
		if err := tx.QueryRow("SELECT number FROM note WHERE id = $1", "sum").Scan(&sum); err != nil {
			return err
		}
		return tx.QueryRow("SELECT count(*) FROM note").Scan(&notes)
	})
	if err != nil || sum != clients*rounds || notes != clients*rounds+1 {
		t.Errorf("the sum is %d and there are %d notes (%v), want %d and one more", sum, notes, err, clients*rounds)
	}
}

// addOne locks, reads, counts up and inserts.
func addOne(db *DB, id string) error {
	return db.Update(context.Background(), func(tx *Tx) error {
		if err := tx.Lock("sum"); err != nil {
			return err
		}
		var sum int64
		if err := tx.QueryRow("SELECT number FROM note WHERE id = $1", "sum").Scan(&sum); err != nil {
			return err
		}
		if _, err := tx.Exec("UPDATE note SET number = $1 WHERE id = $2", sum+1, "sum"); err != nil {
			return err
		}
		_, err := tx.Exec("INSERT INTO note (id, number, flag, score, attrs) VALUES ($1, $2, $3, $4, $5)", id, sum, true, 0.5, `{"a": 1}`)
		return err
	})
}

// TestPoolerKeepsTheLimits holds that a transaction has its time-outs where no session can be relied on, and that
// nothing of them is left to others.
func TestPoolerKeepsTheLimits(t *testing.T) {
	t.Parallel()
	direct := means.Postgres(t)
	at := means.PgBouncer(t, direct, 1)
	db := open(t, Options{URL: at, Migrations: migrations})
	want := map[string]string{"statement_timeout": "30s", "idle_in_transaction_session_timeout": "1min", "transaction_isolation": "repeatable read"}
	got := map[string]string{}
	err := db.View(context.Background(), func(tx *Tx) error {
		for name := range want {
			var value string
			if err := tx.QueryRow("SELECT current_setting($1)", name).Scan(&value); err != nil {
				return err
			}
			got[name] = value
		}
		return nil
	})
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("in a view: %v, %v; want %v", got, err, want)
	}
	set := open(t, Options{URL: withSetting(at, "statement_timeout", "7000"), Migrations: migrations})
	var timeout string
	err = set.View(context.Background(), func(tx *Tx) error { return tx.QueryRow("SHOW statement_timeout").Scan(&timeout) })
	if err != nil || timeout != "7s" {
		t.Errorf("a time-out that the URL gives is %s, %v", timeout, err)
	}
	var prepared []string
	err = db.View(context.Background(), func(tx *Tx) error {
		rows, err := tx.Query("SELECT name FROM pg_prepared_statements")
		if err != nil {
			return err
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			prepared = append(prepared, name)
		}
		return rows.Err()
	})
	if err != nil || len(slices.DeleteFunc(prepared, func(name string) bool { return name == "" })) != 0 {
		t.Errorf("statements are left in the session: %q, %v", prepared, err)
	}
}
