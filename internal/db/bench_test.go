package db

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/means"
)

// onEach runs a benchmark on each kind of database.
func onEach(b *testing.B, bench func(b *testing.B, db *DB)) {
	b.Run("sqlite", func(b *testing.B) {
		bench(b, open(b, Options{Path: filepath.Join(b.TempDir(), "parley.db"), Migrations: migrations}))
	})
	b.Run("postgres", func(b *testing.B) {
		bench(b, open(b, Options{URL: means.Postgres(b), Migrations: migrations}))
	})
}

// share has a number of goroutines do the b.N rounds of work between them.
func share(b *testing.B, goroutines int, work func(i int64) error) {
	var done atomic.Int64
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := done.Add(1); i <= int64(b.N); i = done.Add(1) {
				if err := work(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkUpdate(b *testing.B) {
	onEach(b, func(b *testing.B, db *DB) {
		var prefix int
		for _, goroutines := range []int{1, 16, 64} {
			b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
				prefix++
				id := strconv.Itoa(prefix) + "-"
				before := db.Stats()
				share(b, goroutines, func(i int64) error {
					return db.Update(context.Background(), func(tx *Tx) error {
						_, err := tx.Exec("INSERT INTO note (id, number, attrs) VALUES ($1, $2, $3)", id+strconv.FormatInt(i, 10), i, `{"plan":"pro"}`)
						return err
					})
				})
				after := db.Stats()
				b.ReportMetric(float64(after.Updates-before.Updates)/float64(after.Groups-before.Groups), "updates/group")
			})
		}
	})
}

func BenchmarkView(b *testing.B) {
	onEach(b, func(b *testing.B, db *DB) {
		for i := range 1000 {
			update(b, db, insert(strconv.Itoa(i)))
		}
		for _, goroutines := range []int{1, 16, 64} {
			b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
				// A context that may end, as a request's does.
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				share(b, goroutines, func(i int64) error {
					return db.View(ctx, func(tx *Tx) error {
						var number int64
						return tx.QueryRow("SELECT number FROM note WHERE id = $1", strconv.FormatInt(i%1000, 10)).Scan(&number)
					})
				})
			})
		}
	})
}

// BenchmarkViewOfThree reads by three statements.
func BenchmarkViewOfThree(b *testing.B) {
	onEach(b, func(b *testing.B, db *DB) {
		for i := range 1000 {
			update(b, db, insert(strconv.Itoa(i)))
		}
		for _, goroutines := range []int{1, 16} {
			b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				share(b, goroutines, func(i int64) error {
					return db.View(ctx, func(tx *Tx) error {
						for n := range int64(3) {
							var number int64
							err := tx.QueryRow("SELECT number FROM note WHERE id = $1", strconv.FormatInt((i+n)%1000, 10)).Scan(&number)
							if err != nil {
								return err
							}
						}
						return nil
					})
				})
			})
		}
	})
}

// BenchmarkUpdateOfTwo reads a row that it then changes, as most rules do.
func BenchmarkUpdateOfTwo(b *testing.B) {
	onEach(b, func(b *testing.B, db *DB) {
		for i := range 1000 {
			update(b, db, insert(strconv.Itoa(i)))
		}
		for _, goroutines := range []int{1, 16} {
			b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
				share(b, goroutines, func(i int64) error {
					return db.Update(context.Background(), func(tx *Tx) error {
						id, number := strconv.FormatInt(i%1000, 10), int64(0)
						if err := tx.QueryRow("SELECT number FROM note WHERE id = $1"+tx.Dialect().ForUpdate(), id).Scan(&number); err != nil {
							return err
						}
						_, err := tx.Exec("UPDATE note SET number = $1 WHERE id = $2", number+1, id)
						return err
					})
				})
			})
		}
	})
}

// BenchmarkAcrossNetwork has a network of a millisecond each way between Parley and PostgreSQL.
func BenchmarkAcrossNetwork(b *testing.B) {
	w, at := wired(b, means.Postgres(b))
	db := open(b, Options{URL: at, Migrations: migrations})
	update(b, db, insert("a"))
	read := func(times int) func(*Tx) error {
		return func(tx *Tx) error {
			for range times {
				if err := tx.QueryRow("SELECT number FROM note WHERE id = $1", "a").Scan(new(int64)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.delay = time.Millisecond
	for _, c := range []struct {
		name string
		work func() error
	}{
		{"view of one", func() error { return db.View(ctx, read(1)) }},
		{"view of three", func() error { return db.View(ctx, read(3)) }},
		{"update of two", func() error { return db.Update(ctx, read(2)) }},
		{"update with a lock", func() error {
			return db.Update(ctx, func(tx *Tx) error {
				if err := tx.Lock("a"); err != nil {
					return err
				}
				return read(2)(tx)
			})
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			share(b, 1, func(int64) error { return c.work() })
		})
	}
}
