package rate_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/rate"
)

// A counter is what processes share, as the database keeps it, with faults.
type counter struct {
	mu    sync.Mutex
	taken map[string]int64
	asks  int
	fault func(ctx context.Context) error // before it counts
}

func (c *counter) ask(ctx context.Context, key string, a rate.Ask) (rate.Grant, error) {
	if c.fault != nil {
		if err := c.fault(ctx); err != nil {
			return rate.Grant{}, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asks++
	if c.taken == nil {
		c.taken = map[string]int64{}
	}
	at := key + time.Unix(a.Window, 0).String()
	c.taken[at] -= a.Back
	got := min(a.Want, max(0, a.Limit-c.taken[at]))
	c.taken[at] += got
	return rate.Grant{Got: got, Taken: c.taken[at]}, nil
}

func (c *counter) node(clock func() time.Time, log *bytes.Buffer) *rate.Limiter[string] {
	if log == nil {
		log = new(bytes.Buffer)
	}
	o := rate.Options[string]{Clock: clock, Logger: slog.New(slog.NewTextHandler(log, nil))}
	if c != nil {
		o.Ask = c.ask
	}
	return rate.New(o)
}

// at is a clock that stands still.
func at(second int64) func() time.Time {
	return func() time.Time { return time.Unix(second, 0) }
}

// toNextWindow sleeps, in a bubble.
func toNextWindow() {
	time.Sleep(time.Until(time.Unix(time.Now().Unix()/rate.Window*rate.Window+rate.Window, 0)))
}

func claim(key string, limit int64) rate.Claim[string] {
	return rate.Claim[string]{Key: key, Limit: limit}
}

// hammer has clients count until each has been refused, and returns how many were
// let in.
func hammer(nodes []*rate.Limiter[string], claims ...rate.Claim[string]) int64 {
	return hammerFor(0, nodes, claims...)
}

// hammerFor has clients that were refused come again for some time.
func hammerFor(d time.Duration, nodes []*rate.Limiter[string], claims ...rate.Claim[string]) int64 {
	var admitted atomic.Int64
	var clients sync.WaitGroup
	for i := range 16 {
		clients.Go(func() {
			for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
				for !nodes[i%len(nodes)].Count(context.Background(), claims...).Spent {
					admitted.Add(1)
				}
				if time.Since(began) >= d {
					return
				}
			}
		})
	}
	clients.Wait()
	return admitted.Load()
}

func TestExactly(t *testing.T) {
	t.Parallel()
	for _, nodes := range []int{1, 2, 5} {
		for _, limit := range []int64{1, 100, 5_000} {
			synctest.Test(t, func(t *testing.T) {
				toNextWindow()
				c := &counter{}
				all := make([]*rate.Limiter[string], nodes)
				for i := range all {
					all[i] = c.node(time.Now, nil)
					all[i].Start()
					defer all[i].Stop(context.Background())
				}
				if n := hammerFor(4*time.Second, all, claim("app", limit), claim("all", limit+7)); n != limit {
					t.Errorf("%d nodes let in %d of %d", nodes, n, limit)
				}
				// The app is spent, the other is not: what was refused was not counted there.
				if n := hammerFor(2*time.Second, all[:1], claim("all", limit+7)); n != 7 {
					t.Errorf("%d nodes: then %d of the 7 that are left", nodes, n)
				}
			})
		}
	}
	alone := (*counter)(nil).node(at(1005), nil)
	if n := hammer([]*rate.Limiter[string]{alone}, claim("app", 100), claim("all", 107)); n != 100 {
		t.Errorf("alone, it lets in %d of 100", n)
	}
}

// TestStanding counts against two limits and reads which is nearer its end.
func TestStanding(t *testing.T) {
	t.Parallel()
	for _, c := range []*counter{nil, {}} {
		l := c.node(at(1005), nil)
		for _, step := range []struct {
			claims []rate.Claim[string]
			want   rate.Standing
		}{
			{[]rate.Claim[string]{claim("a", 2), claim("all", 3)}, rate.Standing{Limit: 2, Remaining: 1, Reset: 1010}},
			{[]rate.Claim[string]{claim("a", 2), claim("all", 3)}, rate.Standing{Limit: 2, Remaining: 0, Reset: 1010}},
			{[]rate.Claim[string]{claim("a", 2), claim("all", 3)}, rate.Standing{Limit: 2, Remaining: 0, Reset: 1010, Spent: true}},
			{[]rate.Claim[string]{claim("b", 2), claim("all", 3)}, rate.Standing{Limit: 3, Remaining: 0, Reset: 1010}},
			{[]rate.Claim[string]{claim("b", 2), claim("all", 3)}, rate.Standing{Limit: 3, Remaining: 0, Reset: 1010, Spent: true}},
			{[]rate.Claim[string]{claim("b", 2)}, rate.Standing{Limit: 2, Remaining: 0, Reset: 1010}}, // given back by the one before
			{[]rate.Claim[string]{claim("b", 5)}, rate.Standing{Limit: 5, Remaining: 2, Reset: 1010}}, // a higher limit counts at once
			{[]rate.Claim[string]{claim("b", 3)}, rate.Standing{Limit: 3, Remaining: 0, Reset: 1010, Spent: true}},
			{[]rate.Claim[string]{claim("c", 1<<63-1)}, rate.Standing{Limit: 1 << 53, Remaining: 1<<53 - 1, Reset: 1010}},
		} {
			if got := l.Count(context.Background(), step.claims...); got != step.want {
				t.Errorf("%v: %+v, want %+v", step.claims, got, step.want)
			}
		}
	}
}

// TestClockThatGoesBack tells a request that comes a little late, which counts in the
// window that has begun, from a clock that is set.
func TestClockThatGoesBack(t *testing.T) {
	t.Parallel()
	now := int64(1009)
	l := (*counter)(nil).node(func() time.Time { return time.Unix(now, 0) }, nil)
	for _, step := range []struct {
		now              int64
		remaining, reset int64
	}{{1009, 4, 1010}, {1010, 4, 1020}, {1009, 3, 1020}, {1011, 2, 1020}, {951, 1, 1020}, {949, 4, 950}, {951, 4, 960}, {7, 4, 10}} {
		now = step.now
		want := rate.Standing{Limit: 5, Remaining: step.remaining, Reset: step.reset}
		if got := l.Count(context.Background(), claim("a", 5)); got != want {
			t.Errorf("at %d: %+v, want %+v", now, got, want)
		}
	}
}

// TestUnusedGoesBack has one node take a block and fall silent.
func TestUnusedGoesBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &counter{}
		silent, busy := c.node(time.Now, nil), c.node(time.Now, nil)
		silent.Start()
		ctx := context.Background()
		for range 9 {
			silent.Count(ctx, claim("a", 100))
		}
		n := hammer([]*rate.Limiter[string]{busy}, claim("a", 100))
		if n >= 91 {
			t.Fatalf("%d are let in while others hold blocks", n)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n += hammer([]*rate.Limiter[string]{busy}, claim("a", 100)); n != 91 {
			t.Errorf("%d of 91 that are left are let in", n)
		}
		silent.Stop(ctx)
	})
}

// TestStopGivesBack has a server end that holds a block.
func TestStopGivesBack(t *testing.T) {
	t.Parallel()
	c := &counter{}
	ends, stays := c.node(at(1000), nil), c.node(at(1000), nil)
	ends.Start()
	for range 9 {
		ends.Count(context.Background(), claim("a", 100))
	}
	ends.Stop(context.Background())
	if n := hammer([]*rate.Limiter[string]{stays}, claim("a", 100)); n != 91 {
		t.Errorf("%d of 91 that are left are let in", n)
	}
	alone := (*counter)(nil).node(at(1000), nil)
	alone.Start()
	alone.Stop(context.Background())
}

// TestCounterThatFails counts alone meanwhile, and settles what it owes after it.
func TestCounterThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		toNextWindow()
		var log bytes.Buffer
		c := &counter{fault: func(context.Context) error { return errors.New("no connection") }}
		l, other := c.node(time.Now, &log), c.node(time.Now, nil)
		for range 30 {
			if s := l.Count(context.Background(), claim("a", 50)); s.Spent {
				t.Fatal("a request is refused though nobody knows")
			}
		}
		if s := l.Stats(); s != (rate.Stats{Asked: 1, Failed: 1, Unshared: 30}) {
			t.Errorf("%+v", s)
		}
		synctest.Wait()
		if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "no connection") {
			t.Errorf("the log says %q", text)
		}
		if n := hammer([]*rate.Limiter[string]{l}, claim("a", 50)); n != 20 {
			t.Errorf("by itself it lets in %d more, want 20", n)
		}
		c.fault = nil
		time.Sleep(time.Second)
		if s := l.Count(context.Background(), claim("a", 51)); s.Spent || s.Remaining != 0 {
			t.Errorf("then it has %+v", s)
		}
		if n := l.Stats().Asked; n != 2 {
			t.Errorf("it took %d questions to be told", n-1)
		}
		if n := hammer([]*rate.Limiter[string]{other}, claim("a", 51)); n != 0 {
			t.Errorf("another lets in %d of none that are left", n)
		}
	})
}

// TestCounterThatHangs holds a request up once, and not for long.
func TestCounterThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		toNextWindow()
		c := &counter{fault: func(context.Context) error { time.Sleep(3 * time.Second); return nil }}
		l := c.node(time.Now, nil)
		began := time.Now()
		var clients sync.WaitGroup
		for range 8 {
			clients.Go(func() {
				if s := l.Count(context.Background(), claim("a", 100)); s.Spent {
					t.Error("a request is refused though nobody knows")
				}
			})
		}
		clients.Wait()
		l.Count(context.Background(), claim("a", 100))
		if took := time.Since(began); took != time.Second {
			t.Errorf("requests are held up for %v", took)
		}
		// A client that leaves is not waited for.
		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		l.Count(ctx, claim("b", 100))
		if took := time.Since(began); took != 1001*time.Millisecond {
			t.Errorf("a client that left is waited for: %v", took)
		}
		time.Sleep(3 * time.Second)
		synctest.Wait()
		c.fault = nil
		if n := hammer([]*rate.Limiter[string]{l}, claim("a", 100)); n != 91 {
			t.Errorf("after it, %d of 91 that are left are let in", n)
		}
	})
}

// What is counted in one window is nothing to the next.
func TestWindows(t *testing.T) {
	t.Parallel()
	for _, c := range []*counter{nil, {}} {
		now := int64(1000)
		var mu sync.Mutex
		clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return time.Unix(now, 0) }
		l := c.node(clock, nil)
		for range 3 {
			if n := hammer([]*rate.Limiter[string]{l}, claim("a", 20)); n != 20 {
				t.Errorf("%d of 20", n)
			}
			mu.Lock()
			now += rate.Window
			mu.Unlock()
		}
	}
}

// TestSpent asks whether anything is left without counting: of whom nothing is known, something is.
func TestSpent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*counter{"alone": nil, "shared": {}} {
		now := time.Unix(1000, 0)
		l := c.node(func() time.Time { return now }, nil)
		spent := func(when string, want bool) {
			t.Helper()
			for range 3 { // which counts nothing
				if got := l.Spent("b", "a"); got != want {
					t.Errorf("%s, %s: spent is %t", name, when, got)
				}
			}
		}
		spent("before anything", false)
		l.Count(t.Context(), claim("a", 2))
		spent("after one of two", false)
		if s := l.Count(t.Context(), claim("a", 2)); s.Spent || s.Remaining != 0 {
			t.Errorf("%s: the second of two: %+v", name, s)
		}
		if s := l.Count(t.Context(), claim("a", 2)); !s.Spent {
			t.Errorf("%s: the third of two: %+v", name, s)
		}
		spent("after three of two", true)
		if l.Spent("b") {
			t.Errorf("%s: another is spent", name)
		}
		now = now.Add(rate.Window * time.Second)
		spent("in the next window", false)
	}
}

func BenchmarkCount(b *testing.B) {
	for name, c := range map[string]*counter{"alone": nil, "shared": {}} {
		b.Run(name, func(b *testing.B) {
			l := c.node(time.Now, nil)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					l.Count(context.Background(), claim("app", 1<<40), claim("all", 1<<40))
				}
			})
		})
	}
}
