package db

import (
	"context"
	"testing"
)

// TestParametersInAnyOrder has the values of parameters that come in any order, and more
// than once.
func TestParametersInAnyOrder(t *testing.T) {
	t.Parallel()
	d := openSQLiteOnly(t)
	var got [6]int64
	err := d.View(context.Background(), func(tx *Tx) error {
		return tx.QueryRow(`SELECT $3, $1, $1, $4, $2, $4`, 1, 2, 3, 4).Scan(&got[0], &got[1], &got[2], &got[3], &got[4], &got[5])
	})
	if want := [6]int64{3, 1, 1, 4, 2, 4}; err != nil || got != want {
		t.Errorf("they are %v, want %v: %v", got, want, err)
	}
}

// TestQueriesThatWrite holds that a query has written all that it writes before its first row is read, and does not do so again after the last.
func TestQueriesThatWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		d := open(t, o)
		update(t, d, func(tx *Tx) error {
			rows, err := tx.Query(`INSERT INTO note (id) VALUES ('a'), ('b') RETURNING id`)
			if err != nil {
				return err
			}
			if err := rows.Close(); err != nil { // unread
				return err
			}
			if rows, err = tx.Query(`INSERT INTO note (id) VALUES ('c'), ('d') RETURNING id`); err != nil {
				return err
			}
			for rows.Next() {
			}
			var one, none string
			if err := tx.QueryRow(`INSERT INTO note (id) VALUES ('e'), ('f') RETURNING id`).Scan(&one); err != nil || one != "e" {
				t.Errorf("%q is written first: %v", one, err)
			}
			if err := tx.QueryRow(`DELETE FROM note WHERE id = 'z' RETURNING id`).Scan(&none); !IsNoRows(err) {
				t.Errorf("what is not there: %v", err)
			}
			n, err := tx.Exec(`UPDATE note SET number = 1 WHERE id > 'b' RETURNING id`)
			if n != 4 {
				t.Errorf("%d rows are changed", n)
			}
			return err
		})
		if got := ids(t, d); got != "a b c d e f" {
			t.Errorf("notes %q", got)
		}
	})
}
