package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"parley/internal/means"
)

// TestAhead has queries be run that were said of ahead, and others, in any order: each has its own rows, NULL and none among them.
func TestAhead(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		update(t, db, func(tx *Tx) error {
			return errors.Join(insert("a")(tx), insert("b")(tx), insert("c")(tx))
		})
		const some, none, more = "SELECT id, NULL FROM note WHERE id > $1 ORDER BY id", "SELECT id, 'x' FROM note WHERE id > $1 AND 1 = 2", "SELECT id, '' FROM note WHERE id = $1"
		read := func(tx *Tx, query, arg string) string {
			t.Helper()
			rows, err := tx.Query(query, arg)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			var found []string
			for rows.Next() {
				var id string
				var other *string
				if err := rows.Scan(&id, &other); err != nil {
					t.Fatal(err)
				}
				if other != nil {
					id += *other + "!"
				}
				found = append(found, id)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			return strings.Join(found, " ")
		}
		for round := range 3 { // of the first, nothing is known of the statements
			err := db.View(context.Background(), func(tx *Tx) error {
				tx.Ahead(some, "a")
				tx.Ahead(none, "a")
				tx.Ahead(some, "b") // which nobody asks for
				tx.Ahead(more, "c")
				var n int
				if err := tx.QueryRow("SELECT count(*) FROM note").Scan(&n); err != nil || n != 3 {
					t.Errorf("round %d: there are %d notes (%v)", round, n, err)
				}
				got := []string{read(tx, more, "c"), read(tx, more, "a"), read(tx, none, "a"), read(tx, some, "a"), read(tx, some, "a")}
				if want := []string{"c!", "a!", "", "b c", "b c"}; !slices.Equal(got, want) {
					t.Errorf("round %d: read %q, want %q", round, got, want)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		// What is said in one transaction is not for the next, nor for one that writes.
		update(t, db, func(tx *Tx) error {
			tx.Ahead(some, "a")
			if _, err := tx.Exec("DELETE FROM note WHERE id = 'b'"); err != nil {
				return err
			}
			if got := read(tx, some, "a"); got != "c" {
				t.Errorf("after a change, read %q", got)
			}
			return nil
		})
	})
}

// TestAheadIsOneRoundTrip counts what is sent to PostgreSQL.
func TestAheadIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	w, at := wired(t, means.Postgres(t))
	db := open(t, Options{URL: at, MaxConns: 1, Migrations: migrations})
	queries := []string{"SELECT 'a'", "SELECT 'b'", "SELECT 'c'"}
	read := func(ahead bool) (sent int) {
		// The end of the view before is sent without waiting for its answer. Once a change is answered, it has been counted.
		update(t, db, func(tx *Tx) error {
			_, err := tx.Exec("DELETE FROM note")
			return err
		})
		err := db.View(context.Background(), func(tx *Tx) error {
			before := w.sent.Load()
			if ahead {
				for _, q := range queries[1:] {
					tx.Ahead(q)
				}
			}
			got := ""
			for _, q := range queries {
				var one string
				if err := tx.QueryRow(q).Scan(&one); err != nil {
					return err
				}
				got += one
			}
			if got != "abc" {
				return fmt.Errorf("read %q", got)
			}
			sent = int(w.sent.Load() - before)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return sent
	}
	read(false) // which has the statements prepared
	if one, three := read(true), read(false); one != 1 || three != 3 {
		t.Errorf("sent %d times, want once; without saying so %d times, want 3", one, three)
	}
}

// TestAheadThatFails has a query fail that was sent along: the statement before it does, and nothing else.
func TestAheadThatFails(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), MaxConns: 1, Migrations: migrations})
	const divided = "SELECT 1 / CAST($1 AS integer)"
	one := func(tx *Tx, query string, args ...any) (n int, err error) {
		err = tx.QueryRow(query, args...).Scan(&n)
		return n, err
	}
	view := func(by int) error {
		return db.View(context.Background(), func(tx *Tx) error {
			tx.Ahead(divided, by)
			tx.Ahead("SELECT 5")
			if n, err := one(tx, "SELECT 4"); err != nil || n != 4 {
				return err
			}
			if n, err := one(tx, divided, by); err != nil || n != 1 {
				return err
			}
			n, err := one(tx, "SELECT 5")
			if err == nil && n != 5 {
				err = fmt.Errorf("it is %d", n)
			}
			return err
		})
	}
	for range 3 {
		if err := view(1); err != nil {
			t.Errorf("one that does not fail: %v", err)
		}
		if err := view(0); err == nil || !strings.Contains(err.Error(), "division by zero") {
			t.Errorf("one that fails: %v", err)
		}
	}
}
