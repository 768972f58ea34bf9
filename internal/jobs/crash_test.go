package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/means"
)

// The process that is to be killed finds its database in these.
const (
	childPath = "PARLEY_JOBS_TEST_PATH"
	childURL  = "PARLEY_JOBS_TEST_URL"
)

func TestMain(m *testing.M) {
	path, url := os.Getenv(childPath), os.Getenv(childURL)
	if path == "" && url == "" {
		os.Exit(m.Run())
	}
	child(db.Options{Path: path, URL: url})
}

// Each of a number of chains is a job that asks for the next, up to a length
// that nobody waits for in the process that is killed.
const (
	chains = 8
	length = 60
)

type link struct {
	Chain int `json:"chain"`
	Step  int `json:"step"`
}

// chain makes a handler whose rule does a step once, however often it is called,
// and asks for the next in the same transaction.
func chain(d *db.DB, q *jobs.Queue, end int) jobs.Handler {
	return jobs.Handler{Limit: chains, Run: func(ctx context.Context, j *jobs.Job) error {
		var l link
		if err := j.Decode(&l); err != nil {
			return err
		}
		return d.Update(ctx, func(tx *db.Tx) error {
			n, err := tx.Exec(`INSERT INTO effects (name, times) VALUES ($1, 1) ON CONFLICT (name) DO NOTHING`,
				fmt.Sprintf("%d-%d", l.Chain, l.Step))
			if err != nil || n == 0 || l.Step >= end {
				return err
			}
			return q.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "chain", Payload: link{l.Chain, l.Step + 1}, RunAt: 1})
		})
	}}
}

// child runs jobs and says when each is done, until it is killed.
func child(o db.Options) {
	d, err := db.Open(context.Background(), o)
	if err != nil {
		panic(err)
	}
	q := jobs.New(d, time.Now)
	r := jobs.NewRunner(q, jobs.Options{Handlers: map[string]jobs.Handler{"chain": chain(d, q, 1<<30)}, Clock: time.Now,
		Logger:  slog.New(slog.DiscardHandler),
		Observe: func(string, jobs.Outcome, time.Duration) { fmt.Println("done") }})
	r.Start(0)
	select {}
}

// TestKill kills a process while it runs jobs. Every step must be there
// afterwards, none twice, and none may be missing in between.
func TestKill(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "jobs.db")
		testKill(t, db.Options{Path: path}, childPath+"="+path)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := means.Postgres(t)
		testKill(t, db.Options{URL: url}, childURL+"="+url)
	})
}

func testKill(t *testing.T, o db.Options, env string) {
	d := open(t, o)
	b := &bench{db: d, now: time.Now(), Queue: jobs.New(d, time.Now)}
	must(t, d.Update(context.Background(), func(tx *db.Tx) error {
		for i := range chains {
			if err := b.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "chain", Payload: link{i, 1}, RunAt: 1}); err != nil {
				return err
			}
		}
		return nil
	}))
	for round := range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), env)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		n := 0
		for n < 40+round && lines.Scan() {
			n++
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait() // says that it was killed
		cancel()
		if n < 40+round {
			t.Fatalf("the process ended by itself after %d jobs", n)
		}
		// Jobs of the next process must not wait for the leases of this one.
		must(t, d.Update(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE jobs SET leased_until = 1 WHERE leased_until IS NOT NULL`)
			return err
		}))
	}

	b.pass(time.Hour)
	b.Queue = jobs.New(d, b.clock)
	r := b.runners(map[string]jobs.Handler{"chain": chain(d, b.Queue, length)})
	_, err := r.RunDue(context.Background())
	must(t, err)
	must(t, d.View(context.Background(), func(tx *db.Tx) error {
		var left int
		if err := tx.QueryRow(`SELECT count(*) FROM jobs`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d jobs are left: %v", left, err)
		}
		for i := range chains {
			var steps, last int
			if err := tx.QueryRow(`SELECT count(*), max(CAST(substr(name, 3) AS BIGINT)) FROM effects WHERE substr(name, 1, 2) = $1`,
				fmt.Sprintf("%d-", i)).Scan(&steps, &last); err != nil {
				return err
			}
			if steps != last || last < length {
				t.Errorf("chain %d has %d steps and ends with %d, want %d at least without a gap", i, steps, last, length)
			}
		}
		return nil
	}))
}
