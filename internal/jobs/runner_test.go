package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/db"
	"parley/internal/jobs"
	"parley/internal/means"
)

// row reads what the table says of the only job.
func (b *bench) row(t testing.TB) (attempt int, runAt int64, dead bool, lastError string) {
	t.Helper()
	must(t, b.db.View(context.Background(), func(tx *db.Tx) error {
		return tx.QueryRow(`SELECT attempt, run_at, failed_at IS NOT NULL, COALESCE(last_error, '') FROM jobs`).
			Scan(&attempt, &runAt, &dead, &lastError)
	}))
	return attempt, runAt, dead, lastError
}

func TestRetry(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		fail := errors.New("the line is busy \x00\xff" + strings.Repeat("é", 2000))
		var outcomes []jobs.Outcome
		r := jobs.NewRunner(b.Queue, jobs.Options{Clock: b.clock, Logger: slog.New(slog.DiscardHandler),
			Handlers: map[string]jobs.Handler{"mail": {Attempts: 14, Run: func(context.Context, *jobs.Job) error { return fail }}},
			Observe: func(kind string, o jobs.Outcome, took time.Duration) {
				if kind != "mail" || took < 0 {
					t.Errorf("observed %q for %v", kind, took)
				}
				outcomes = append(outcomes, o)
			}})
		b.mail(t, "a", "", b.in(0))
		longest := 5 * time.Second
		for attempt := 1; attempt < 14; attempt++ {
			b.runDue(t, r, 1)
			got, at, dead, lastError := b.row(t)
			pause := time.Duration(at-b.in(0)) * time.Second
			if got != attempt || dead || pause < longest/2-time.Second || pause > longest {
				t.Fatalf("after attempt %d: attempt %d, dead %v, pause %v of %v at most", attempt, got, dead, pause, longest)
			}
			if len(lastError) > 2000 || !strings.HasPrefix(lastError, "the line is busy \uFFFD\uFFFDéé") {
				t.Fatalf("kept %d bytes of the failure: %.40q", len(lastError), lastError)
			}
			b.pass(pause - time.Second)
			b.runDue(t, r, 0)
			b.pass(time.Second)
			longest = min(2*longest, time.Hour)
		}
		b.runDue(t, r, 1)
		if got := b.counts(t); got != (jobs.Counts{Dead: 1}) {
			t.Errorf("%+v, want one dead", got)
		}
		b.pass(1000 * time.Hour)
		b.runDue(t, r, 0)
		if n := len(outcomes); n != 14 || outcomes[n-2] != jobs.Failed || outcomes[n-1] != jobs.Dead {
			t.Errorf("outcomes %v", outcomes)
		}
	})
}

func TestRecovers(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		runs := 0
		r := b.runner(jobs.Handler{Run: func(_ context.Context, j *jobs.Job) error {
			if runs++; runs == 1 {
				return errors.New("not yet")
			}
			if j.Attempt != 2 {
				t.Errorf("attempt %d, want 2", j.Attempt)
			}
			return nil
		}})
		b.mail(t, "a", "", b.in(0))
		b.runDue(t, r, 1)
		b.pass(5 * time.Second)
		b.runDue(t, r, 1)
		if got := b.counts(t); got != (jobs.Counts{}) || runs != 2 {
			t.Errorf("%+v after %d runs", got, runs)
		}
	})
}

// TestLater has jobs ask to be left alone: for longer than the usual pause, and for
// less.
func TestLater(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		for _, wait := range []time.Duration{time.Hour, 0} {
			r := b.runner(jobs.Handler{Run: func(context.Context, *jobs.Job) error {
				return fmt.Errorf("sorry: %w", &jobs.Later{Err: errors.New("the line is busy"), At: b.clock().Add(wait)})
			}})
			b.mail(t, "a", "key", b.in(0)) // instead of the one before
			b.runDue(t, r, 1)
			_, at, dead, lastError := b.row(t)
			if pause := time.Duration(at-b.in(0)) * time.Second; dead || lastError != "sorry: the line is busy" ||
				pause < wait || pause > max(wait, 5*time.Second) || pause == 0 {
				t.Errorf("after a wish for %v: dead %v, pause %v, %q", wait, dead, pause, lastError)
			}
		}
	})
}

func TestPanicIsAFailure(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		r := b.runner(jobs.Handler{Run: func(context.Context, *jobs.Job) error { panic("oh no") }})
		b.mail(t, "a", "", b.in(0))
		b.runDue(t, r, 1)
		if attempt, _, dead, lastError := b.row(t); attempt != 1 || dead || lastError != "panic: oh no" {
			t.Errorf("attempt %d, dead %v, %q", attempt, dead, lastError)
		}
		for _, want := range []string{"a job panicked", "runner_test.go", "will be tried again", "workspace=one"} {
			if !strings.Contains(b.logged(), want) {
				t.Errorf("the log lacks %q:\n%s", want, b.logged())
			}
		}
	})
}

// TestAbandoned has every attempt end with its process.
func TestAbandoned(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		r := b.runner(jobs.Handler{Attempts: 2, Run: func(context.Context, *jobs.Job) error {
			t.Error("ran once more")
			return nil
		}})
		b.mail(t, "a", "", b.in(0))
		for range 2 {
			b.claim(t, 1)
			b.pass(time.Minute)
		}
		b.runDue(t, r, 1)
		if _, _, dead, lastError := b.row(t); !dead || lastError == "" {
			t.Errorf("dead %v, %q", dead, lastError)
		}
	})
}

// TestRunDueFollows has jobs ask for jobs.
func TestRunDueFollows(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		r := b.runner(jobs.Handler{Run: func(_ context.Context, j *jobs.Job) error {
			if name := to(t, []*jobs.Job{j}); len(name) < 4 {
				b.mail(t, name+"a", "", b.in(0))
			}
			return nil
		}})
		b.mail(t, "a", "", b.in(0))
		b.mail(t, "later", "", b.in(time.Second))
		b.runDue(t, r, 4)
	})
}

// TestClaimDoesNotWait has another process be about to take a job.
func TestClaimDoesNotWait(t *testing.T) {
	t.Parallel()
	url := means.Postgres(t)
	one := newBench(t, db.Options{URL: url})
	two := newBench(t, db.Options{URL: url})
	one.mail(t, "a", "", one.in(-time.Second))
	one.mail(t, "b", "", one.in(0))
	must(t, one.db.Update(context.Background(), func(tx *db.Tx) error {
		var first string
		err := tx.QueryRow(`SELECT id FROM jobs ORDER BY run_at LIMIT 1` + tx.Dialect().ForUpdate()).Scan(&first)
		if got := to(t, two.claim(t, 1)); got != "b" {
			t.Errorf("claimed %q, want b", got)
		}
		return err
	}))
	if got := to(t, two.claim(t, 1)); got != "a" {
		t.Errorf("then claimed %q, want a", got)
	}
}

// TestClaimRace has two processes empty one queue.
func TestClaimRace(t *testing.T) {
	t.Parallel()
	const count = 400
	url := means.Postgres(t)
	one := newBench(t, db.Options{URL: url})
	two := newBench(t, db.Options{URL: url})
	must(t, one.db.Update(context.Background(), func(tx *db.Tx) error {
		for i := range count {
			err := one.Enqueue(tx, jobs.Request{Workspace: "one", Kind: "mail", Payload: letter{fmt.Sprint(i)}, RunAt: one.in(0)})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	var runs [2]atomic.Int64
	var seen sync.Map
	done := make(chan struct{})
	var total atomic.Int64
	runners := []*jobs.Runner{}
	for i, b := range []*bench{one, two} {
		r := b.runner(jobs.Handler{Limit: 8, Run: func(_ context.Context, j *jobs.Job) error {
			if _, again := seen.LoadOrStore(j.ID, true); again {
				t.Errorf("%s ran twice", j.ID)
			}
			runs[i].Add(1)
			if total.Add(1) == count {
				close(done)
			}
			return nil
		}})
		r.Start(0)
		runners = append(runners, r)
	}
	<-done
	for _, r := range runners {
		must(t, r.Stop(context.Background()))
	}
	if got := one.counts(t); got != (jobs.Counts{}) {
		t.Errorf("%+v, want none", got)
	}
	t.Logf("%d and %d", runs[0].Load(), runs[1].Load())
}

// inBubble runs a test of the loop on the clock of a bubble, which moves only
// while everybody sleeps.
func inBubble(t *testing.T, test func(t *testing.T, b *bench, q *jobs.Queue)) {
	t.Helper()
	t.Parallel()
	path := filepath.Join(t.TempDir(), "jobs.db")
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, db.Options{Path: path})
		b.Queue = jobs.New(b.db, time.Now)
		test(t, b, b.Queue)
	})
}

func loop(t *testing.T, b *bench, handlers map[string]jobs.Handler) *jobs.Runner {
	r := jobs.NewRunner(b.Queue, jobs.Options{Handlers: handlers, Clock: time.Now, Logger: slog.New(slog.NewTextHandler(b, nil))})
	r.Start(0)
	synctest.Wait()
	return r
}

func TestLoopWakes(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, q *jobs.Queue) {
		var ran []string
		r := loop(t, b, map[string]jobs.Handler{"mail": {Run: func(_ context.Context, j *jobs.Job) error {
			ran = append(ran, fmt.Sprintf("%s at %d", to(t, []*jobs.Job{j}), time.Now().UnixMilli()))
			return nil
		}}})
		time.Sleep(300 * time.Millisecond)
		began := time.Now()
		b.mail(t, "bell", "", began.Unix())
		synctest.Wait()
		due := began.Unix() + 5
		b.mail(t, "timer", "", due)
		b.mail(t, "never", "", due+1000)
		time.Sleep(10 * time.Second)
		must(t, r.Stop(context.Background()))
		want := fmt.Sprintf("[bell at %d timer at %d]", began.UnixMilli(), due*1000)
		if got := fmt.Sprint(ran); got != want {
			t.Errorf("ran %s, want %s", got, want)
		}
	})
}

// TestLoopLooks has another process enqueue, whose bell is not heard here.
func TestLoopLooks(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, q *jobs.Queue) {
		var ran time.Time
		r := loop(t, b, map[string]jobs.Handler{"mail": {Run: func(context.Context, *jobs.Job) error {
			ran = time.Now()
			return nil
		}}})
		b.Queue = jobs.New(b.db, time.Now) // the other's
		time.Sleep(time.Minute)
		began := time.Now()
		b.mail(t, "a", "", began.Unix())
		time.Sleep(time.Minute)
		must(t, r.Stop(context.Background())) // which the job has ended before
		if took := ran.Sub(began); took < 0 || took > time.Second {
			t.Errorf("ran after %v, want a second at most", took)
		}
	})
}

// TestLanes has jobs of one kind hang while those of another run.
func TestLanes(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, q *jobs.Queue) {
		var mails, most, faxes atomic.Int64
		r := loop(t, b, map[string]jobs.Handler{
			"mail": {Limit: 3, Run: func(context.Context, *jobs.Job) error {
				most.Store(max(most.Load(), mails.Add(1)))
				time.Sleep(10 * time.Second)
				mails.Add(-1)
				return nil
			}},
			"fax": {Run: func(context.Context, *jobs.Job) error { faxes.Add(1); return nil }},
		})
		began := time.Now()
		must(t, b.db.Update(context.Background(), func(tx *db.Tx) error {
			for i := range 30 {
				kind := "mail"
				if i >= 10 {
					kind = "fax"
				}
				if err := q.Enqueue(tx, jobs.Request{Workspace: "one", Kind: kind, Payload: letter{}, RunAt: began.Unix()}); err != nil {
					return err
				}
			}
			return nil
		}))
		synctest.Wait()
		if n := faxes.Load(); n != 20 || mails.Load() != 3 {
			t.Errorf("%d of 20 faxes are through and %d of 10 letters under way, want all and 3", n, mails.Load())
		}
		for b.counts(t) != (jobs.Counts{}) {
			time.Sleep(100 * time.Millisecond)
		}
		if took := time.Since(began).Round(time.Second); took != 40*time.Second || most.Load() != 3 {
			t.Errorf("ten letters of ten seconds took %v by %d at once, want 40s by 3", took, most.Load())
		}
		must(t, r.Stop(context.Background()))
	})
}

func TestStop(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, q *jobs.Queue) {
		ended := make(map[string]error)
		r := loop(t, b, map[string]jobs.Handler{"mail": {Limit: 2, Timeout: 30 * time.Second, Run: func(ctx context.Context, j *jobs.Job) error {
			pause := 5 * time.Second
			name := to(t, []*jobs.Job{j})
			if name == "long" {
				pause = 20 * time.Second
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			ended[name] = ctx.Err()
			return ctx.Err()
		}}})
		for _, name := range []string{"short", "long", "too late"} {
			b.mail(t, name, "", time.Now().Unix())
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(context.Background(), 8*time.Second)
		defer cancel()
		began := time.Now()
		if err := r.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 8*time.Second {
			t.Errorf("Stop took %v: %v", time.Since(began), err)
		}
		synctest.Wait()
		if err, ok := ended["short"]; !ok || err != nil {
			t.Errorf("the short job ended: %v, %v", ok, err)
		}
		if !errors.Is(ended["long"], context.Canceled) || len(ended) != 2 {
			t.Errorf("ended: %v", ended)
		}
		counts, err := q.Count(context.Background(), []string{"mail"})
		must(t, err)
		if want := (jobs.Counts{Waiting: 1, Due: 1}); counts["mail"] != want { // the long one, under its lease, and the one not begun
			t.Errorf("%+v, want %+v", counts["mail"], want)
		}

		// The next process runs both, the one that was cut off when its lease ends.
		next := loop(t, b, map[string]jobs.Handler{"mail": {Run: func(_ context.Context, j *jobs.Job) error {
			if name := to(t, []*jobs.Job{j}); name == "long" && (j.Attempt != 2 || time.Since(began) < 59*time.Second) {
				t.Errorf("attempt %d at %s after %v", j.Attempt, name, time.Since(began))
			}
			return nil
		}}})
		time.Sleep(time.Minute)
		must(t, next.Stop(context.Background()))
		if counts, err = q.Count(context.Background(), []string{"mail"}); err != nil || counts["mail"] != (jobs.Counts{}) {
			t.Errorf("%+v, %v: want none", counts["mail"], err)
		}
	})
}

// TestTimeout has a handler hang until its time is up.
func TestTimeout(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, q *jobs.Queue) {
		r := loop(t, b, map[string]jobs.Handler{"mail": {Timeout: 3 * time.Second, Run: func(ctx context.Context, j *jobs.Job) error {
			<-ctx.Done()
			return ctx.Err()
		}}})
		b.mail(t, "a", "", time.Now().Unix())
		time.Sleep(4 * time.Second)
		if attempt, at, _, lastError := b.row(t); attempt != 1 || at <= time.Now().Unix() || lastError != "context deadline exceeded" {
			t.Errorf("attempt %d, next at %d, %q", attempt, at, lastError)
		}
		must(t, r.Stop(context.Background()))
	})
}

// TestFullLaneTellsOthers has a process with more to do than it has room for: another,
// which hardly looks by itself, does the rest at once.
func TestFullLaneTellsOthers(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, q *jobs.Queue) {
		began := time.Now()
		var held, done atomic.Int64
		release := make(chan struct{})
		options := func(run func(context.Context, *jobs.Job) error) jobs.Options {
			return jobs.Options{Handlers: map[string]jobs.Handler{"mail": {Limit: 1, Run: run}}, Clock: time.Now,
				Logger: slog.New(slog.NewTextHandler(b, nil)), Look: time.Hour}
		}
		other := jobs.NewRunner(jobs.New(b.db, time.Now), options(func(context.Context, *jobs.Job) error {
			done.Add(1)
			return nil
		}))
		o := options(func(context.Context, *jobs.Job) error {
			held.Add(1)
			<-release
			return nil
		})
		o.Full = other.Look
		one := jobs.NewRunner(q, o)
		other.Start(0)
		synctest.Wait() // it has looked, and will not for an hour
		for i := range 4 {
			b.mail(t, fmt.Sprint(i), "", began.Unix())
		}
		synctest.Wait()
		if done.Load() != 0 {
			t.Errorf("%d are done by one who was not told", done.Load())
		}
		one.Start(0)
		synctest.Wait()
		if held.Load() != 1 || done.Load() != 3 || time.Since(began) > time.Second {
			t.Errorf("%d are held and %d done after %s", held.Load(), done.Load(), time.Since(began))
		}
		close(release)
		must(t, one.Stop(context.Background()))
		must(t, other.Stop(context.Background()))
	})
}
