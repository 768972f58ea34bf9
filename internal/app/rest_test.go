package app

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
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
