package db

import (
	"context"
	"errors"
	"testing"

	"parley/internal/means"
)

// TestLast ends transactions along with what they said was the last that they ask. None stays open: on the one connection that there is, a change is
// made after each.
func TestLast(t *testing.T) {
	t.Parallel()
	w, at := wired(t, means.Postgres(t))
	db := open(t, Options{URL: at, MaxConns: 1, Migrations: migrations})
	scan := func(tx *Tx, query string, args ...any) error {
		return tx.QueryRow(query, args...).Scan(new(string))
	}
	const divided = "SELECT CAST(1 / CAST($1 AS integer) AS text)"
	for _, c := range []struct {
		name string
		view func(tx *Tx) error
		sent int64 // how often, with the change after it, once the statements are known; 0: its end may be sent by itself
		fail bool
		is   error
	}{
		{"one statement", func(tx *Tx) error {
			tx.Last()
			return scan(tx, "SELECT 'a'")
		}, 3, false, nil},
		{"one statement that does not say so", func(tx *Tx) error { return scan(tx, "SELECT 'a'") }, 0, false, nil},
		{"what was said of", func(tx *Tx) error {
			tx.Ahead("SELECT 'b'")
			tx.Ahead("SELECT 'c'") // which nobody asks for
			tx.Last()
			return errors.Join(scan(tx, "SELECT 'a'"), scan(tx, "SELECT 'b'"))
		}, 3, false, nil},
		{"no row", func(tx *Tx) error {
			tx.Last()
			if err := scan(tx, "SELECT 'a' WHERE 1 = 2"); !IsNoRows(err) {
				return errors.New("there is a row")
			}
			return nil
		}, 3, false, nil},
		{"rows that nobody reads", func(tx *Tx) error {
			tx.Last()
			rows, err := tx.Query("SELECT id FROM note UNION ALL SELECT 'a' UNION ALL SELECT 'b'")
			if err == nil && !rows.Next() {
				err = errors.New("there is no row")
			}
			return err
		}, 3, false, nil},
		{"nothing at all", func(tx *Tx) error {
			tx.Last()
			return nil
		}, 2, false, nil},
		{"a statement before it", func(tx *Tx) error {
			if err := scan(tx, "SELECT 'b'"); err != nil {
				return err
			}
			tx.Last()
			return scan(tx, "SELECT 'a'")
		}, 4, false, nil},
		{"a statement behind it", func(tx *Tx) error {
			tx.Last()
			return errors.Join(scan(tx, "SELECT 'a'"), scan(tx, "SELECT 'd'"))
		}, 3, true, errViewOver},
		{"one that fails", func(tx *Tx) error {
			tx.Last()
			return scan(tx, divided, 0)
		}, 0, true, nil},
		{"one along with it that fails", func(tx *Tx) error {
			tx.Ahead(divided, 0)
			tx.Last()
			return scan(tx, "SELECT 'a'")
		}, 0, true, nil},
	} {
		for round := range 3 {
			before := w.sent.Load()
			err := db.View(context.Background(), c.view)
			// Of the first round, nothing may be known of what is sent along: it is asked by itself, and the end as well.
			if (err != nil) != c.fail && round > 0 || c.is != nil && round > 0 && !errors.Is(err, c.is) {
				t.Errorf("%s: %v", c.name, err)
			}
			update(t, db, func(tx *Tx) error {
				_, err := tx.Exec("DELETE FROM note")
				return err
			})
			if sent := w.sent.Load() - before; round > 0 && c.sent > 0 && sent != c.sent {
				t.Errorf("%s: sent %d times, want %d", c.name, sent, c.sent)
			}
		}
	}
}
