package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/means"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestPostgresSettings(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	for name, test := range map[string]struct {
		url  string
		want map[string]string
	}{
		"defaults": {at, map[string]string{
			"application_name": "parley", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "1min",
		}},
		"set by the URL": {withParameters(at, "application_name=mine&statement_timeout=5s&options=-c%20idle_in_transaction_session_timeout%3D7s"), map[string]string{
			"application_name": "mine", "statement_timeout": "5s", "idle_in_transaction_session_timeout": "7s",
		}},
	} {
		db := open(t, Options{URL: test.url, Migrations: migrations})
		for setting, want := range test.want {
			var got string
			err := db.View(context.Background(), func(tx *Tx) error { return tx.QueryRow("SHOW " + setting).Scan(&got) })
			if err != nil || got != want {
				t.Errorf("%s: %s is %q (%v), want %q", name, setting, got, err, want)
			}
		}
	}
}

// TestConnectionsOfAStart counts the connections that are opened where there is nothing to migrate: one that looks, and one of each pool.
func TestConnectionsOfAStart(t *testing.T) {
	t.Parallel()
	w, at := wired(t, means.Postgres(t))
	o := Options{URL: at, Migrations: migrations}
	opened := func() int {
		w.mu.Lock()
		before := len(w.conns)
		w.mu.Unlock()
		open(t, o).Close()
		w.mu.Lock()
		defer w.mu.Unlock()
		return (len(w.conns) - before) / 2 // each has two ends
	}
	if first, second := opened(), opened(); first <= second || second != 3 {
		t.Errorf("the first start opened %d connections, the second one %d, want 3", first, second)
	}
}

// TestPlannedOnce asks statements how they are planned: once, but for those that say otherwise, in transactions of both kinds and in any order.
func TestPlannedOnce(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	const mode = "SELECT current_setting('plan_cache_mode') WHERE 'a' <> $1"
	for name, test := range map[string]struct{ url, once string }{
		"defaults":       {at, "force_generic_plan"},
		"set by the URL": {withParameters(at, "plan_cache_mode=auto"), "auto"},
	} {
		db := open(t, Options{URL: test.url, Migrations: migrations})
		both := map[string]func(context.Context, func(*Tx) error) error{"view": db.View, "update": db.Update}
		for kind, begin := range both {
			for _, first := range []bool{false, true} {
				err := begin(context.Background(), func(tx *Tx) error {
					for i := range 6 {
						query, want := mode, test.once
						if byValues := first == (i%2 == 0); byValues {
							query, want = ByValues+mode, "force_custom_plan"
						}
						var got string
						if err := tx.QueryRow(query, "b").Scan(&got); err != nil || got != want {
							t.Errorf("%s, %s: the %d. statement is planned by %q (%v), want %q", name, kind, i+1, got, err, want)
						}
					}
					return nil
				})
				if err != nil {
					t.Errorf("%s, %s: %v", name, kind, err)
				}
			}
		}
	}
}

// withSetting is a database's URL with more parameters of its sessions.
func withParameters(at, parameters string) string {
	if strings.Contains(at, "?") {
		return at + "&" + parameters
	}
	return at + "?" + parameters
}

// TestConflictIsRetried has a function meet conflicts that end after a while, or do not.
func TestConflictIsRetried(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), Migrations: migrations})
	for _, code := range []string{"40001", "40P01", "23505", "23503", "55P03"} {
		told, runs := 0, 0
		err := db.Update(context.Background(), func(tx *Tx) error {
			runs++
			tx.AfterCommit(func() { told++ })
			if err := insert(fmt.Sprint(code, runs))(tx); err != nil {
				return err
			}
			if runs < 3 {
				return fmt.Errorf("wrapped: %w", &pgconn.PgError{Code: code})
			}
			return nil
		})
		if err != nil || runs != 3 || told != 1 {
			t.Errorf("%s: error %v, %d runs, told %d times; want 3 runs and once", code, err, runs, told)
		}
	}
	runs := 0
	err := db.Update(context.Background(), func(*Tx) error {
		runs++
		return &pgconn.PgError{Code: "40001"}
	})
	if err == nil || runs != postgresAttempts {
		t.Errorf("a lasting conflict: error %v after %d runs, want one after %d", err, runs, postgresAttempts)
	}
	runs = 0
	sentinel := errors.New("no")
	err = db.Update(context.Background(), func(*Tx) error {
		runs++
		return sentinel
	})
	if err != sentinel || runs != 1 {
		t.Errorf("an error of another kind: %v after %d runs", err, runs)
	}
	if got, want := ids(t, db), "235033 235053 400013 40P013 55P033"; got != want {
		t.Errorf("notes %q, want %q", got, want)
	}
	if stats := db.Stats(); stats.Retries != 2*5+postgresAttempts-1 {
		t.Errorf("stats %+v", stats)
	}
}

// TestDeadlock has two transactions lock two rows in opposite orders.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), Migrations: migrations})
	update(t, db, insert("a"))
	update(t, db, insert("b"))
	results := make(chan error, 2)
	var met [2]chan struct{}
	for i := range met {
		met[i] = make(chan struct{})
	}
	for i, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		go func() {
			first := true
			results <- db.Update(context.Background(), func(tx *Tx) error {
				for n, id := range order {
					if _, err := tx.Exec("UPDATE note SET number = number + 1 WHERE id = $1", id); err != nil {
						return err
					}
					if n == 0 && first {
						first = false
						close(met[i])
						<-met[1-i]
					}
				}
				return nil
			})
		}()
	}
	for range met {
		select {
		case err := <-results:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(30 * time.Second):
			t.Fatal("the deadlock lasts")
		}
	}
	var sum int
	update(t, db, func(tx *Tx) error { return tx.QueryRow("SELECT sum(number) FROM note").Scan(&sum) })
	if sum != 4 {
		t.Errorf("the numbers add up to %d, want 4", sum)
	}
}

// TestCloseWhileTidying closes a database whose idle connections are just being given to the pool.
func TestCloseWhileTidying(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	for range 10 {
		db := open(t, Options{URL: at, Migrations: migrations})
		e, ok := db.engine.(*postgresEngine)
		if !ok {
			t.Fatalf("the engine is %T", db.engine)
		}
		err := db.View(context.Background(), func(*Tx) error {
			return db.View(context.Background(), func(*Tx) error { return nil })
		})
		if err != nil {
			t.Fatal(err)
		}
		tidied := make(chan struct{})
		go func() {
			defer close(tidied)
			e.tidy()
			e.tidy()
		}()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		<-tidied
		for _, s := range e.idle {
			if s.conn != nil {
				t.Error("a session has kept its connection")
			}
		}
	}
}
