package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/means"
)

// start is the time on the clock of every bench.
var start = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// A bench is a queue on a database of its own, with the clock in the test's hand.
type bench struct {
	*jobs.Queue
	db *db.DB

	mu  sync.Mutex
	now time.Time
	log bytes.Buffer
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

// in is a time on the bench's clock, in Unix seconds.
func (b *bench) in(d time.Duration) int64 { return b.clock().Add(d).Unix() }

// Write takes the log.
func (b *bench) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(p)
}

func (b *bench) logged() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}

// schema is the jobs' own migrations and what they refer to. That of SQLite does for both.
func schema(t testing.TB) fstest.MapFS {
	t.Helper()
	text, err := os.ReadFile("../store/migrations/0003_jobs.sql")
	must(t, err)
	ownTime, err := os.ReadFile("../store/migrations/0028_own_time.sqlite.sql")
	must(t, err)
	return fstest.MapFS{
		"0001_workspaces.sql": {Data: []byte("-- +goose Up\nCREATE TABLE workspaces (\n\tid TEXT PRIMARY KEY\n);\n" +
			"CREATE TABLE effects (\n\tname TEXT PRIMARY KEY,\n\ttimes BIGINT NOT NULL\n);\n" +
			"INSERT INTO workspaces (id) VALUES ('one'), ('two');\n")},
		"0003_jobs.sql":     {Data: text},
		"0028_own_time.sql": {Data: ownTime},
	}
}

func open(t testing.TB, o db.Options) *db.DB {
	t.Helper()
	o.Migrations = schema(t)
	d, err := db.Open(context.Background(), o)
	must(t, err)
	t.Cleanup(func() { must(t, d.Close()) })
	return d
}

func newBench(t testing.TB, o db.Options) *bench {
	t.Helper()
	b := &bench{db: open(t, o), now: start}
	b.Queue = jobs.New(b.db, b.clock)
	return b
}

func onEach(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newBench(t, db.Options{Path: filepath.Join(t.TempDir(), "jobs.db")}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newBench(t, db.Options{URL: means.Postgres(t)}))
	})
}

// runner makes a runner that has one kind, "mail".
func (b *bench) runner(h jobs.Handler) *jobs.Runner {
	return b.runners(map[string]jobs.Handler{"mail": h})
}

func (b *bench) runners(handlers map[string]jobs.Handler) *jobs.Runner {
	return jobs.NewRunner(b.Queue, jobs.Options{Handlers: handlers, Clock: b.clock, Logger: slog.New(slog.NewTextHandler(b, nil))})
}

type letter struct {
	To string `json:"to"`
}

// mail asks for a job of kind "mail" in workspace "one".
func (b *bench) mail(t testing.TB, to, key string, at int64) {
	t.Helper()
	must(t, b.db.Update(context.Background(), func(tx *db.Tx) error {
		return b.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "mail", Key: key, Payload: letter{to}, RunAt: at})
	}))
}

// claim takes at most so many jobs of kind "mail", for a minute.
func (b *bench) claim(t testing.TB, most int, workspaces ...string) []*jobs.Job {
	t.Helper()
	claimed, err := b.Claim(context.Background(), []jobs.Want{{Kind: "mail", Most: most, Lease: time.Minute}}, workspaces...)
	must(t, err)
	return claimed
}

// to is whom the letters go to, in order.
func to(t testing.TB, all []*jobs.Job) string {
	t.Helper()
	var names []string
	for _, j := range all {
		var l letter
		must(t, j.Decode(&l))
		names = append(names, l.To)
	}
	return strings.Join(names, " ")
}

func (b *bench) counts(t testing.TB) jobs.Counts {
	t.Helper()
	counts, err := b.Count(context.Background(), []string{"fax", "mail"})
	must(t, err)
	return counts["mail"]
}

func (b *bench) runDue(t testing.TB, r *jobs.Runner, want int) {
	t.Helper()
	n, err := r.RunDue(context.Background())
	must(t, err)
	if n != want {
		t.Fatalf("%d attempts, want %d", n, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEnqueue(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		b.mail(t, "later", "", b.in(time.Hour))
		b.mail(t, "second", "", b.in(0))
		b.mail(t, "third", "", b.in(0))
		b.mail(t, "first", "", b.in(-time.Second))
		if got, want := b.counts(t), (jobs.Counts{Waiting: 1, Due: 3}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		if got, want := to(t, b.claim(t, 2)), "first second"; got != want {
			t.Errorf("claimed %q, want %q", got, want)
		}
		if got, want := to(t, b.claim(t, 2)), "third"; got != want {
			t.Errorf("then claimed %q, want %q", got, want)
		}
		b.pass(time.Hour - time.Second)
		all := b.claim(t, 9)
		if got, want := to(t, all), "first second third"; got != want {
			t.Errorf("after their leases claimed %q, want %q", got, want)
		}
		b.pass(time.Second)
		all = b.claim(t, 9)
		if got, want := to(t, all), "later"; got != want {
			t.Fatalf("when it was due claimed %q, want %q", got, want)
		}
		j := *all[0]
		if j.Workspace != "one" || j.Kind != "mail" || j.Key != "" || j.Attempt != 1 || j.RunAt != b.in(0) || j.CreatedAt != start.Unix() {
			t.Errorf("%+v", j)
		}
	})
}

func TestRollbackLeavesNoJob(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		sentinel := errors.New("no")
		err := b.db.Update(context.Background(), func(tx *db.Tx) error {
			if err := b.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "mail", Payload: letter{"nobody"}, RunAt: b.in(0)}); err != nil {
				return err
			}
			return sentinel
		})
		if err != sentinel {
			t.Fatal(err)
		}
		if got := b.counts(t); got != (jobs.Counts{}) {
			t.Errorf("%+v, want none", got)
		}
	})
}

func TestKey(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		b.mail(t, "a", "k", b.in(0))
		b.mail(t, "b", "k", b.in(time.Hour))
		b.mail(t, "other", "l", b.in(time.Hour))
		must(t, b.db.Update(ctx, func(tx *db.Tx) error {
			return b.Enqueue(tx, jobs.Request{Workspace: "two", Kind: "mail", Key: "k", Payload: letter{"two"}, RunAt: b.in(time.Hour)})
		}))
		if got := to(t, b.claim(t, 9)); got != "" {
			t.Fatalf("claimed %q too early", got)
		}
		b.pass(time.Hour)
		if got, want := to(t, b.claim(t, 9, "two")), "two"; got != want {
			t.Errorf("of the other workspace claimed %q, want %q", got, want)
		}
		claimed := b.claim(t, 9)
		if got, want := to(t, claimed), "b other"; got != want {
			t.Fatalf("claimed %q, want %q", got, want)
		}

		// One that is replaced while it runs does not take the new one away.
		b.mail(t, "c", "k", b.in(0))
		for name, settle := range map[string]func() (bool, error){
			"complete": func() (bool, error) { return b.Complete(ctx, claimed[0]) },
			"retry":    func() (bool, error) { return b.Retry(ctx, claimed[0], errors.New("late"), 0) },
			"bury":     func() (bool, error) { return b.Bury(ctx, claimed[0], errors.New("late")) },
		} {
			held, err := settle()
			must(t, err)
			if held {
				t.Errorf("%s of a job that was replaced went through", name)
			}
		}
		again := b.claim(t, 9)
		if got, want := to(t, again), "c"; got != want || again[0].Attempt != 1 || again[0].Key != "k" {
			t.Fatalf("claimed %q, want %q", got, want)
		}

		// One that was given up is replaced as well.
		_, err := b.Bury(ctx, again[0], errors.New("no use"))
		must(t, err)
		if got := b.counts(t).Dead; got != 1 {
			t.Errorf("%d dead, want 1", got)
		}
		b.mail(t, "d", "k", b.in(0))
		if got := b.counts(t).Dead; got != 0 {
			t.Errorf("%d dead, want 0", got)
		}
		if got, want := to(t, b.claim(t, 9)), "d"; got != want {
			t.Errorf("claimed %q, want %q", got, want)
		}
	})
}

func TestCancel(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		cancel := func(workspace, key string) {
			t.Helper()
			must(t, b.db.Update(ctx, func(tx *db.Tx) error { return b.Cancel(tx, workspace, "mail", key) }))
		}
		b.mail(t, "a", "a", b.in(0))
		b.mail(t, "b", "b", b.in(0))
		b.mail(t, "c", "", b.in(0))
		cancel("one", "a")
		cancel("one", "absent")
		cancel("two", "b")
		cancel("one", "")
		claimed := b.claim(t, 9)
		if got, want := to(t, claimed), "b c"; got != want {
			t.Fatalf("claimed %q, want %q", got, want)
		}
		cancel("one", "b") // while it runs
		if held, err := b.Retry(ctx, claimed[0], errors.New("oh"), b.in(0)); err != nil || held {
			t.Errorf("a job that was cancelled is tried again: %v, %v", held, err)
		}
		if got, want := b.counts(t), (jobs.Counts{Waiting: 1}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// TestFence has a worker come back after its lease.
func TestFence(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		b.mail(t, "a", "", b.in(0))
		first := b.claim(t, 1)[0]
		b.pass(time.Minute - time.Second)
		if got := b.claim(t, 1); len(got) != 0 {
			t.Fatal("claimed under the lease of another")
		}
		b.pass(time.Second)
		second := b.claim(t, 1)[0]
		if second.ID != first.ID || second.Attempt != 2 {
			t.Fatalf("attempt %d of %s, want 2 of %s", second.Attempt, second.ID, first.ID)
		}
		for name, settle := range map[string]func() (bool, error){
			"complete": func() (bool, error) { return b.Complete(ctx, first) },
			"retry":    func() (bool, error) { return b.Retry(ctx, first, errors.New("late"), 0) },
			"bury":     func() (bool, error) { return b.Bury(ctx, first, errors.New("late")) },
		} {
			if held, err := settle(); err != nil || held {
				t.Errorf("%s by the late worker: %v, %v", name, held, err)
			}
		}
		if held, err := b.Complete(ctx, second); err != nil || !held {
			t.Errorf("complete by the one that holds it: %v, %v", held, err)
		}
		if got := b.counts(t); got != (jobs.Counts{}) {
			t.Errorf("%+v, want none", got)
		}
	})
}

func TestNext(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		b.mail(t, "a", "", b.in(time.Hour))
		b.mail(t, "b", "", b.in(time.Minute))
		must(t, b.db.Update(ctx, func(tx *db.Tx) error {
			return b.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "fax", Payload: letter{"f"}, RunAt: 1})
		}))
		next, err := b.Next(ctx, []string{"mail", "telex"})
		must(t, err)
		if len(next) != 1 || next["mail"] != b.in(time.Minute) {
			t.Errorf("%v", next)
		}
		next, err = b.Next(ctx, []string{"fax", "mail"})
		must(t, err)
		if len(next) != 2 || next["fax"] != 1 {
			t.Errorf("%v", next)
		}
		b.pass(time.Minute)
		b.claim(t, 1)
		b.pass(time.Second)
		next, err = b.Next(ctx, []string{"mail"})
		must(t, err)
		if want := b.in(time.Minute - time.Second); next["mail"] != want {
			t.Errorf("next at %d, want the end of the lease at %d", next["mail"], want)
		}
	})
}

// TestPlan looks at how the queue's statements find their rows.
func TestPlan(t *testing.T) {
	t.Parallel()
	b := newBench(t, db.Options{Path: filepath.Join(t.TempDir(), "jobs.db")})
	for name, query := range map[string]string{
		"claim": `SELECT id FROM jobs WHERE kind = 'mail' AND failed_at IS NULL AND COALESCE(leased_until, run_at) <= 5
			ORDER BY COALESCE(leased_until, run_at), id LIMIT 3`,
		"next": `SELECT COALESCE(leased_until, run_at) FROM jobs WHERE jobs.kind = 'mail' AND failed_at IS NULL
			ORDER BY COALESCE(leased_until, run_at), id LIMIT 1`,
		"dead":   `SELECT count(*) FROM (SELECT 1 FROM jobs WHERE kind = 'mail' AND failed_at IS NOT NULL LIMIT 9)`,
		"cancel": `DELETE FROM jobs WHERE workspace_id = 'one' AND kind = 'mail' AND unique_key = 'k'`,
		"purge":  `DELETE FROM jobs WHERE workspace_id = 'one'`,
	} {
		var plan []string
		must(t, b.db.View(context.Background(), func(tx *db.Tx) error {
			rows, err := tx.Query("EXPLAIN QUERY PLAN " + query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id, parent, unused int
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					return err
				}
				plan = append(plan, detail)
			}
			return rows.Err()
		}))
		if all := strings.Join(plan, "; "); !strings.Contains(all, "USING") || strings.Contains(all, "TEMP B-TREE") {
			t.Errorf("%s: %s", name, all)
		}
	}
}
