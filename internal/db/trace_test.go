package db

import (
	"context"
	"slices"
	"sync"
	"testing"
)

// Each statement of a transaction is told with its arguments; what begins and
// ends a transaction is not.
func TestTrace(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		var mu sync.Mutex
		var told []string
		o.Trace = func(statement string, args []any) {
			mu.Lock()
			defer mu.Unlock()
			for _, a := range args {
				statement += " " + a.(string)
			}
			told = append(told, statement)
		}
		db := open(t, o)
		update(t, db, func(tx *Tx) error {
			if _, err := tx.Exec("INSERT INTO note (id) VALUES ($1)", "a"); err != nil {
				return err
			}
			var id string
			return tx.QueryRow("SELECT id FROM note").Scan(&id)
		})
		err := db.View(context.Background(), func(tx *Tx) error {
			rows, err := tx.Query("SELECT id FROM note WHERE id = $1", "b")
			if err != nil {
				return err
			}
			return rows.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"INSERT INTO note (id) VALUES ($1) a", "SELECT id FROM note", "SELECT id FROM note WHERE id = $1 b"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}

// Each attempt of a transaction is told apart from the others.
func TestTraceEach(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		var told [][]string
		o.TraceEach = func() func(string, []any) {
			i := len(told)
			told = append(told, nil)
			return func(statement string, _ []any) { told[i] = append(told[i], statement) }
		}
		db := open(t, o)
		update(t, db, func(tx *Tx) error {
			_, err := tx.Exec("INSERT INTO note (id) VALUES ($1)", "a")
			return err
		})
		update(t, db, func(tx *Tx) error {
			var id string
			if err := tx.QueryRow("SELECT id FROM note").Scan(&id); err != nil {
				return err
			}
			_, err := tx.Exec("DELETE FROM note")
			return err
		})
		want := [][]string{{"INSERT INTO note (id) VALUES ($1)"}, {"SELECT id FROM note", "DELETE FROM note"}}
		if !slices.EqualFunc(told, want, slices.Equal[[]string]) {
			t.Errorf("told %q, want %q", told, want)
		}
	})
}
