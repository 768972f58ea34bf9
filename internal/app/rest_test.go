package app

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/service/sandbox"
)

// TestRestComesWhenNobodyAsks has a rest come once, so long after the last request.
func TestRestComesWhenNobodyAsks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var rests atomic.Int64
		r := newRest(func() { rests.Add(1) })
		pass := func(d time.Duration, want int64, when string) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if rests := rests.Load(); rests != want {
				t.Errorf("%s: %d rests, want %d", when, rests, want)
			}
		}
		pass(2*time.Hour, 0, "before a server serves")
		r.putOff()
		pass(restAfter-time.Second, 0, "right after a request")
		r.putOff()
		pass(restAfter-time.Second, 0, "right after another")
		pass(time.Second, 1, "when nobody has asked for a while")
		pass(time.Hour, 1, "while nobody asks")
		r.putOff()
		pass(restAfter, 2, "after one more request")
		r.putOff()
		r.cancel()
		pass(time.Hour, 2, "once the server has stopped")
		rest{}.putOff()
		rest{}.cancel()
	})
}

// TestRestComesAfterSpares has a rest be put off by what a server does by itself after the last request.
func TestRestComesAfterSpares(t *testing.T) {
	t.Parallel()
	a, err := Open(t.Context(), Options{Data: t.TempDir(), DevToken: "rules", Spares: 1, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.Start()
	defer a.StopJobs(context.Background())
	a.rest.cancel()
	for range 2 { // the first of which is made by the rules
		if _, _, err := a.Sandbox.Create(t.Context(), sandbox.Request{Seed: "tags: [vip]"}); err != nil {
			t.Fatal(err)
		}
	}
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(20 * time.Second); a.Sandbox.Spares() < 1 || !a.rest.timer.Stop(); <-again.C {
		if time.Now().After(end) {
			t.Fatalf("there are %d spares, and no rest is to come", a.Sandbox.Spares())
		}
	}
}
