package jobs_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/means"
)

// benchEach runs a benchmark on each kind of database, with the real clock.
func benchEach(b *testing.B, bench func(b *testing.B, d *db.DB, q *jobs.Queue)) {
	b.Run("sqlite", func(b *testing.B) {
		d := open(b, db.Options{Path: filepath.Join(b.TempDir(), "jobs.db")})
		bench(b, d, jobs.New(d, time.Now))
	})
	b.Run("postgres", func(b *testing.B) {
		d := open(b, db.Options{URL: means.Postgres(b)})
		bench(b, d, jobs.New(d, time.Now))
	})
}

// enqueue has 16 goroutines enqueue the b.N jobs, each in a transaction of its
// own that writes something else too.
func enqueue(b *testing.B, d *db.DB, q *jobs.Queue, at int64) {
	var turn atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for n := turn.Add(1); n <= int64(b.N); n = turn.Add(1) {
				err := d.Update(context.Background(), func(tx *db.Tx) error {
					if _, err := tx.Exec(`INSERT INTO effects (name, times) VALUES ($1, 1)
						ON CONFLICT (name) DO UPDATE SET times = 2`, time.Now().String()); err != nil {
						return err
					}
					return q.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "mail", Payload: letter{"a"}, RunAt: at})
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkEnqueue(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB, q *jobs.Queue) {
		enqueue(b, d, q, time.Now().Add(time.Hour).Unix())
	})
}

// BenchmarkThrough measures from the first job enqueued to the last one done.
func BenchmarkThrough(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB, q *jobs.Queue) {
		var left atomic.Int64
		left.Store(int64(b.N))
		done := make(chan struct{}, 1)
		r := jobs.NewRunner(q, jobs.Options{Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
			Handlers: map[string]jobs.Handler{"mail": {Limit: 64, Run: func(context.Context, *jobs.Job) error { return nil }}},
			Observe: func(string, jobs.Outcome, time.Duration) {
				if left.Add(-1) == 0 {
					done <- struct{}{}
				}
			}})
		r.Start(0)
		enqueue(b, d, q, time.Now().Unix())
		<-done
		must(b, r.Stop(context.Background()))
	})
}

// BenchmarkReaction measures from the commit of one job to its beginning.
func BenchmarkReaction(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB, q *jobs.Queue) {
		began := make(chan struct{})
		r := jobs.NewRunner(q, jobs.Options{Clock: time.Now, Logger: slog.New(slog.DiscardHandler), Handlers: map[string]jobs.Handler{
			"mail": {Run: func(context.Context, *jobs.Job) error { began <- struct{}{}; return nil }}}})
		r.Start(0)
		for b.Loop() {
			must(b, d.Update(context.Background(), func(tx *db.Tx) error {
				return q.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "mail", Payload: letter{"a"}, RunAt: 1})
			}))
			<-began
		}
		must(b, r.Stop(context.Background()))
	})
}

// BenchmarkIdle measures a look at a queue that has nothing due but much to come.
func BenchmarkIdle(b *testing.B) {
	benchEach(b, func(b *testing.B, d *db.DB, q *jobs.Queue) {
		must(b, d.Update(context.Background(), func(tx *db.Tx) error {
			for range 10_000 {
				if err := q.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "mail", Payload: letter{"a"}, RunAt: 1 << 40}); err != nil {
					return err
				}
			}
			return nil
		}))
		for b.Loop() {
			_, err := q.Next(context.Background(), []string{"fax", "mail"})
			must(b, err)
		}
	})
}
