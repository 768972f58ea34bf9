package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestUpdateUndoes(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		ctx := context.Background()
		sentinel := errors.New("no")
		after := func() { t.Error("AfterCommit ran after a rollback") }

		err := db.Update(ctx, func(tx *Tx) error {
			tx.AfterCommit(after)
			if err := insert("error")(tx); err != nil {
				return err
			}
			return sentinel
		})
		if err != sentinel {
			t.Errorf("error: got %v", err)
		}

		func() {
			defer func() {
				if got := recover(); got != sentinel {
					t.Errorf("panic: got %v", got)
				}
			}()
			db.Update(ctx, func(tx *Tx) error {
				tx.AfterCommit(after)
				if err := insert("panic")(tx); err != nil {
					return err
				}
				panic(sentinel)
			})
		}()

		exited := make(chan struct{})
		go func() {
			defer close(exited)
			db.Update(ctx, func(tx *Tx) error {
				tx.AfterCommit(after)
				if err := insert("exit")(tx); err != nil {
					return err
				}
				runtime.Goexit()
				return nil
			})
			t.Error("Update returned although its function ended the goroutine")
		}()
		<-exited

		update(t, db, insert("kept"))
		if got := ids(t, db); got != "kept" {
			t.Errorf("notes %q, want %q", got, "kept")
		}
		if stats := db.Stats(); stats.Updates != 1 || stats.Rollbacks != 3 || stats.Waiting != 0 {
			t.Errorf("stats %+v", stats)
		}
	})
}

func TestAfterCommit(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		var told []string
		update(t, db, func(tx *Tx) error {
			for _, word := range []string{"first", "second", "third"} {
				tx.AfterCommit(func() {
					// The change is visible, and a new transaction may begin.
					told = append(told, word+" sees "+ids(t, db))
				})
			}
			return insert("a")(tx)
		})
		if got, want := strings.Join(told, ", "), "first sees a, second sees a, third sees a"; got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	})
}

func TestDoomed(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		update(t, db, insert("a"))
		for name, statement := range map[string]string{
			"not SQL":           "SELEKT 1",
			"no table":          "SELECT 1 FROM nowhere",
			"null where barred": "INSERT INTO note (id, number) VALUES ('x', NULL)",
		} {
			var later error
			err := db.Update(context.Background(), func(tx *Tx) error {
				if err := insert(name)(tx); err != nil {
					return err
				}
				if _, err := tx.Exec(statement); err == nil {
					t.Errorf("%s: no error", name)
				}
				later = insert("later")(tx)
				return nil
			})
			if err == nil || later == nil {
				t.Errorf("%s: Update returned %v, the statement after it %v; want errors", name, err, later)
			}
		}
		err := db.View(context.Background(), func(tx *Tx) error {
			tx.QueryRow("SELECT 1 FROM nowhere").Scan(new(int))
			return nil
		})
		if err == nil {
			t.Error("View returned nil after a failed statement")
		}
		if got := ids(t, db); got != "a" {
			t.Errorf("notes %q, want %q", got, "a")
		}
	})
}

func TestRowsLeftOpen(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		o.Readers, o.MaxConns = 1, 1
		db := open(t, o)
		update(t, db, insert("a"))
		update(t, db, insert("b"))
		both := map[string]func(context.Context, func(*Tx) error) error{"view": db.View, "update": db.Update}
		for name, begin := range both {
			var rows *Rows
			var row *Row
			var used *Tx
			err := begin(context.Background(), func(tx *Tx) (err error) {
				used = tx
				if rows, err = tx.Query("SELECT id FROM note"); err != nil {
					return err
				}
				rows.Next()
				if _, err := tx.Exec("SELECT 1"); err == nil {
					t.Errorf("%s: a statement ran while rows were open", name)
				}
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if rows.Next() {
				t.Errorf("%s: rows outlived their transaction", name)
			}
			err = begin(context.Background(), func(tx *Tx) error {
				row = tx.QueryRow("SELECT id FROM note")
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := row.Scan(new(string)); err == nil {
				t.Errorf("%s: a row outlived its transaction", name)
			}
			if _, err := used.Exec("SELECT 1"); !errors.Is(err, sql.ErrTxDone) {
				t.Errorf("%s: Exec after the end: %v", name, err)
			}
			if _, err := used.Query("SELECT 1"); !errors.Is(err, sql.ErrTxDone) {
				t.Errorf("%s: Query after the end: %v", name, err)
			}
			if err := used.QueryRow("SELECT 1").Scan(new(int)); !errors.Is(err, sql.ErrTxDone) {
				t.Errorf("%s: QueryRow after the end: %v", name, err)
			}
			if err := used.Lock("key"); o.URL != "" && !errors.Is(err, sql.ErrTxDone) {
				t.Errorf("%s: Lock after the end: %v", name, err)
			}
		}
		// Neither the write nor the one connection for reading is held any more.
		update(t, db, insert("c"))
		if got := ids(t, db); got != "a b c" {
			t.Errorf("notes %q, want %q", got, "a b c")
		}
	})
}

func TestViewIsOneSnapshot(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		o.Readers = 1
		db := open(t, o)
		update(t, db, insert("a"))
		count := func(tx *Tx) (n int, err error) {
			return n, tx.QueryRow("SELECT count(*) FROM note").Scan(&n)
		}
		err := db.View(context.Background(), func(tx *Tx) error {
			before, err := count(tx)
			if err != nil {
				return err
			}
			update(t, db, insert("b"))
			after, err := count(tx)
			if before != 1 || after != 1 {
				t.Errorf("the snapshot had %d notes, then %d; want 1 and 1", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(t, db); got != "a b" {
			t.Errorf("notes %q, want %q", got, "a b")
		}
	})
}

func TestViewIsReadOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		for _, statement := range []string{
			"INSERT INTO note (id) VALUES ('x')", "DELETE FROM note", "CREATE TABLE another (id TEXT)", "DROP TABLE note",
		} {
			err := db.View(context.Background(), func(tx *Tx) error {
				_, err := tx.Exec(statement)
				return err
			})
			if err == nil {
				t.Errorf("a view could %s", statement)
			}
		}
		if got := ids(t, db); got != "" {
			t.Errorf("notes %q, want none", got)
		}
	})
}

func TestViewPanics(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		o.Readers, o.MaxConns = 1, 1
		db := open(t, o)
		update(t, db, insert("a"))
		for range 3 {
			func() {
				defer func() {
					if got := recover(); got != "oh" {
						t.Errorf("panic: got %v", got)
					}
				}()
				db.View(context.Background(), func(tx *Tx) error {
					rows, err := tx.Query("SELECT id FROM note")
					if err != nil {
						return err
					}
					rows.Next()
					panic("oh")
				})
			}()
		}
		update(t, db, insert("b"))
		if got := ids(t, db); got != "a b" {
			t.Errorf("a view after the panics saw %q, want %q", got, "a b")
		}
	})
}

func TestViewIsInterrupted(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		o.Readers, o.MaxConns = 1, 1
		db := open(t, o)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		err := db.View(ctx, func(tx *Tx) error {
			return tx.QueryRow(`WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000000000)
				SELECT count(*) FROM c`).Scan(new(int))
		})
		if !errors.Is(err, context.DeadlineExceeded) && !strings.Contains(fmt.Sprint(err), "canceling statement") {
			t.Errorf("View: %v", err)
		}
		if got := ids(t, db); got != "" {
			t.Errorf("notes %q, want none", got)
		}
	})
}

func TestUpdateOutlivesItsCaller(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		type key struct{}
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, "value"))
		err := db.Update(ctx, func(tx *Tx) error {
			cancel()
			if got := tx.Context().Value(key{}); got != "value" {
				t.Errorf("Context().Value: %v", got)
			}
			if err := tx.Context().Err(); err != nil {
				t.Errorf("Context().Err(): %v", err)
			}
			return insert("a")(tx)
		})
		if err != nil {
			t.Errorf("Update: %v", err)
		}
		if err := db.Update(ctx, insert("b")); !errors.Is(err, context.Canceled) {
			t.Errorf("Update with a cancelled context: %v", err)
		}
		if got := ids(t, db); got != "a" {
			t.Errorf("notes %q, want %q", got, "a")
		}
	})
}

func TestWaitIsCancelled(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		o.MaxConns = 1
		db := open(t, o)
		running, release, result := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			result <- db.Update(context.Background(), func(tx *Tx) error {
				close(running)
				<-release
				return insert("a")(tx)
			})
		}()
		<-running
		before := db.Stats().ConnWaits
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			until(t, func() bool { return db.Stats().Waiting+db.Stats().ConnWaits > before })
			cancel()
		}()
		if err := db.Update(ctx, insert("b")); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled wait: %v", err)
		}
		close(release)
		if err := <-result; err != nil {
			t.Error(err)
		}
		if got := ids(t, db); got != "a" {
			t.Errorf("notes %q, want %q", got, "a")
		}
	})
}

func TestNested(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		nothing := func(*Tx) error { return nil }
		update(t, db, func(tx *Tx) error {
			if err := db.Update(tx.Context(), nothing); !errors.Is(err, ErrNested) {
				t.Errorf("Update in Update: %v", err)
			}
			if err := db.View(tx.Context(), nothing); !errors.Is(err, ErrNested) {
				t.Errorf("View in Update: %v", err)
			}
			return nil
		})
		err := db.View(context.Background(), func(tx *Tx) error {
			if err := db.Update(tx.Context(), nothing); !errors.Is(err, ErrNested) {
				t.Errorf("Update in View: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestManyWriters(t *testing.T) {
	const writers, rounds = 64, 8
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		update(t, db, insert("sum"))
		results := make(chan error, writers)
		for n := range writers {
			go func() {
				for i := range rounds {
					id := fmt.Sprintf("%d-%d", n, i)
					var next int64
					err := db.Update(context.Background(), func(tx *Tx) error {
						err := tx.QueryRow("SELECT number FROM note WHERE id = $1"+tx.Dialect().ForUpdate(), "sum").Scan(&next)
						if err != nil {
							return err
						}
						next++
						if _, err := tx.Exec("UPDATE note SET number = $1 WHERE id = $2", next, "sum"); err != nil {
							return err
						}
						_, err = tx.Exec("INSERT INTO note (id, number) VALUES ($1, $2)", id, next)
						return err
					})
					if err == nil {
						// What Update has answered, a View sees.
						err = db.View(context.Background(), func(tx *Tx) error {
							var sum int64
							err := tx.QueryRow("SELECT number FROM note WHERE id = 'sum'").Scan(&sum)
							if err == nil && sum < next {
								err = fmt.Errorf("a view saw %d after an update wrote %d", sum, next)
							}
							return err
						})
					}
					if err != nil {
						results <- err
						return
					}
				}
				results <- nil
			}()
		}
		for range writers {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		var numbers, sum int64
		err := db.View(context.Background(), func(tx *Tx) error {
			return tx.QueryRow("SELECT count(DISTINCT number), max(number) FROM note WHERE id <> $1", "sum").Scan(&numbers, &sum)
		})
		if err != nil {
			t.Fatal(err)
		}
		if numbers != writers*rounds || sum != writers*rounds {
			t.Errorf("%d numbers up to %d, want %d", numbers, sum, writers*rounds)
		}
		if stats := db.Stats(); stats.Updates != writers*rounds+1 || stats.Groups > stats.Updates {
			t.Errorf("stats %+v", stats)
		}
	})
}

// TestFirstOneWins has several callers each look for a row and insert it if it is absent. All must see the same one.
func TestFirstOneWins(t *testing.T) {
	const callers = 16
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		for round := range 8 {
			id := fmt.Sprint("round", round)
			winners := make(chan int64, callers)
			for n := range callers {
				go func() {
					var number int64
					err := db.Update(context.Background(), func(tx *Tx) error {
						err := tx.QueryRow("SELECT number FROM note WHERE id = $1", id).Scan(&number)
						if !IsNoRows(err) {
							return err
						}
						number = int64(n)
						_, err = tx.Exec("INSERT INTO note (id, number) VALUES ($1, $2)", id, number)
						return err
					})
					if err != nil {
						t.Error(err)
					}
					winners <- number
				}()
			}
			winner := <-winners
			for range callers - 1 {
				if other := <-winners; other != winner {
					t.Errorf("two winners: %d and %d", winner, other)
				}
			}
		}
		if o.URL != "" {
			t.Logf("%d retries", db.Stats().Retries)
		}
	})
}

func TestUniqueViolationIsReported(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		update(t, db, insert("a"))
		if err := db.Update(context.Background(), insert("a")); err == nil {
			t.Error("the same note was inserted twice")
		}
	})
}

// TestLock has callers change a number that no row lock protects.
func TestLock(t *testing.T) {
	const callers = 16
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		results := make(chan error, callers)
		for n := range callers {
			go func() {
				results <- db.Update(context.Background(), func(tx *Tx) error {
					if err := tx.Lock("counter"); err != nil {
						return err
					}
					var count int
					if err := tx.QueryRow("SELECT count(*) FROM note").Scan(&count); err != nil {
						return err
					}
					_, err := tx.Exec("INSERT INTO note (id, number) VALUES ($1, $2)", fmt.Sprint(n), count)
					return err
				})
			}()
		}
		for range callers {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		var numbers int
		err := db.View(context.Background(), func(tx *Tx) error {
			return tx.QueryRow("SELECT count(DISTINCT number) FROM note").Scan(&numbers)
		})
		if err != nil || numbers != callers {
			t.Errorf("%d numbers (%v), want %d", numbers, err, callers)
		}
	})
}

// TestViewWhoseCallerLeaves tells of the end of the context, not of what that did to the transaction.
func TestViewWhoseCallerLeaves(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		for name, before := range map[string]string{"first statement": "", "later statement": "SELECT count(*) FROM note"} {
			ctx, leave := context.WithCancel(context.Background())
			err := db.View(ctx, func(tx *Tx) error {
				if before != "" {
					if err := tx.QueryRow(before).Scan(new(int)); err != nil {
						return err
					}
				}
				leave()
				return tx.QueryRow("SELECT count(*) FROM note").Scan(new(int))
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
			ctx, leave = context.WithCancel(context.Background())
			err = db.View(ctx, func(*Tx) error {
				leave()
				return nil
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%s: no statement after it: %v", name, err)
			}
		}
	})
}
