package jobs_test

import (
	"context"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/jobs"
)

// ensure asks for a job of kind "mail" and key "k" if there is none.
func (b *bench) ensure(t *testing.T, to string) {
	t.Helper()
	must(t, b.db.Update(context.Background(), func(tx *db.Tx) error {
		return b.EnqueueIfAbsent(tx, jobs.Request{Workspace: "one", Kind: "mail", Key: "k", Payload: letter{to}, RunAt: b.in(0)})
	}))
}

func TestEnqueueIfAbsent(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		b.ensure(t, "a")
		b.ensure(t, "b") // one waits
		claimed := b.claim(t, 9)
		if got := to(t, claimed); got != "a" {
			t.Fatalf("claimed %q", got)
		}
		b.ensure(t, "c") // one runs
		if held, err := b.Complete(ctx, claimed[0]); err != nil || !held {
			t.Fatalf("the one that ran was replaced: %v", err)
		}
		b.ensure(t, "d")
		claimed = b.claim(t, 9)
		held, err := b.Bury(ctx, claimed[0], context.Canceled)
		if must(t, err); !held {
			t.Fatal("it was not held")
		}
		b.ensure(t, "e") // it was given up
		if got := to(t, b.claim(t, 9)); got != "e" {
			t.Errorf("after it was given up claimed %q", got)
		}
	})
}

func TestHold(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		hold := func(j *jobs.Job) (held bool) {
			must(t, b.db.Update(context.Background(), func(tx *db.Tx) (err error) {
				held, err = b.Hold(tx, j, time.Minute)
				return err
			}))
			return held
		}
		b.ensure(t, "a")
		first := b.claim(t, 9)[0]
		b.pass(50 * time.Second)
		if !hold(first) {
			t.Error("it was lost")
		}
		b.pass(50 * time.Second)
		if got := to(t, b.claim(t, 9)); got != "" {
			t.Errorf("claimed %q, which is held", got)
		}
		b.pass(11 * time.Second)
		second := b.claim(t, 9)[0]
		if hold(first) || !hold(second) {
			t.Error("whoever lost it holds it")
		}
		must(t, b.ReleaseAll(context.Background()))
		if got := to(t, b.claim(t, 9)); got != "a" {
			t.Errorf("after all were released claimed %q", got)
		}
	})
}

func TestAgain(t *testing.T) {
	onEach(t, func(t *testing.T, b *bench) {
		var ids []string
		r := b.runner(jobs.Handler{Attempts: 1, Run: func(_ context.Context, j *jobs.Job) error {
			ids = append(ids, j.ID)
			if j.Attempt != 1 {
				t.Errorf("attempt %d", j.Attempt)
			}
			if len(ids) < 3 {
				return &jobs.Again{At: b.clock().Add(time.Minute)}
			}
			return nil
		}})
		b.ensure(t, "a")
		b.runDue(t, r, 1)
		b.runDue(t, r, 0)
		b.pass(time.Minute)
		b.runDue(t, r, 1)
		b.pass(time.Minute)
		b.runDue(t, r, 1)
		b.pass(time.Hour)
		b.runDue(t, r, 0)
		if ids[0] == ids[1] || ids[1] == ids[2] {
			t.Errorf("whoever had it could end it again: %q", ids)
		}
	})
}
