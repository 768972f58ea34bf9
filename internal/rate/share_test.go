package rate

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// counter is the shared counter as it is meant: one number.
type counter struct{ taken, asks int64 }

func (c *counter) answer(a Ask) Grant {
	c.asks++
	c.taken -= a.Back
	got := min(a.Want, max(0, a.Limit-c.taken))
	c.taken += got
	return Grant{Got: got, Taken: c.taken}
}

// A world is processes that share a limit, one step after another.
type world struct {
	now      time.Time
	limit    int64
	counter  counter
	shares   []share
	admitted []int64
}

func newWorld(t *rapid.T) *world {
	w := &world{now: time.Unix(1_700_000_000, 0), limit: rapid.OneOf(rapid.Int64Range(1, 300), rapid.Int64Range(1, 40_000)).Draw(t, "limit")}
	n := rapid.IntRange(1, 4).Draw(t, "processes")
	w.shares, w.admitted = make([]share, n), make([]int64, n)
	return w
}

// request has a process be asked until it knows, and reports whether it let in.
func (w *world) request(i int) bool {
	s := &w.shares[i]
	s.setLimit(w.limit)
	for {
		switch s.take(w.now) {
		case admitted:
			w.admitted[i]++
			return true
		case refused:
			return false
		}
		a := s.ask(w.now, 1)
		s.granted(w.now, a, w.counter.answer(a))
	}
}

func (w *world) settle(i int) {
	if s := &w.shares[i]; s.old(w.now) {
		a := s.giveBack()
		s.granted(w.now, a, w.counter.answer(a))
	}
}

func (w *world) total() (n int64) {
	for _, a := range w.admitted {
		n += a
	}
	return n
}

// Whatever comes when to whom: all that is granted is somewhere, nobody goes beyond
// the limit, and in the end the limit is reached.
func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			i := rapid.IntRange(0, len(w.shares)-1).Draw(t, "process")
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0, 1:
				for range rapid.IntRange(1, 50).Draw(t, "requests") {
					before := w.total()
					if in := w.request(i); !in && before < w.limit && len(w.shares) == 1 {
						t.Fatalf("alone, a process refuses after %d of %d", before, w.limit)
					}
				}
			case 2:
				w.now = w.now.Add(time.Duration(rapid.Int64Range(0, 1500).Draw(t, "ms")) * time.Millisecond)
			case 3:
				w.settle(i)
			}
			var known int64
			for j, s := range w.shares {
				known += s.held + s.back + w.admitted[j] - s.debt
				if s.held < 0 || s.back < 0 || s.debt != 0 {
					t.Fatalf("process %d: %+v", j, s)
				}
			}
			if known != w.counter.taken || w.total() > w.limit || w.counter.taken > w.limit {
				t.Fatalf("%d admitted, %d known, %d taken of %d", w.total(), known, w.counter.taken, w.limit)
			}
		}
		// Everything goes to one process now; the others say nothing any more, and a large
		// limit may leave a part with each of them.
		var kept int64
		for i := range w.shares {
			w.now = w.now.Add(lifetime)
			w.settle(i)
			if i > 0 {
				kept += w.shares[i].held
				if s := w.shares[i]; s.held > 0 && (w.limit < generous || s.held > first(w.limit)) {
					t.Fatalf("process %d keeps %d of %d", i, s.held, w.limit)
				}
			}
		}
		w.now = w.now.Add(pause)
		for w.request(0) {
		}
		if w.total()+kept != w.limit {
			t.Fatalf("%d of %d are admitted, %d are kept", w.total(), w.limit, kept)
		}
	})
}

// The limit changes, and the counter fails now and then, before or after it has
// counted: then too, what a process lets in beyond what it was granted is what it
// owes, and nothing is lost but what a failure has left open.
func TestSharesWithoutAnswers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		failing := rapid.Bool().Draw(t, "failing")
		for range rapid.IntRange(0, 300).Draw(t, "steps") {
			i := rapid.IntRange(0, len(w.shares)-1).Draw(t, "process")
			s := &w.shares[i]
			if rapid.IntRange(0, 20).Draw(t, "change") == 0 {
				w.limit = rapid.Int64Range(1, 300).Draw(t, "limit")
			}
			s.setLimit(w.limit)
			w.now = w.now.Add(time.Duration(rapid.Int64Range(0, 100).Draw(t, "ms")) * time.Millisecond)
			switch s.take(w.now) {
			case admitted:
				w.admitted[i]++
			case unknown:
				a := s.ask(w.now, rapid.Int64Range(1, 5).Draw(t, "waiting"))
				g := w.counter.answer
				switch fate := rapid.IntRange(0, 3).Draw(t, "fate"); {
				case fate == 0 && failing:
					s.failed(w.now)
				case fate == 1 && failing:
					g(a)
					s.failed(w.now)
				case fate == 2: // a request with another limit comes meanwhile
					s.setLimit(w.limit + 1)
					s.granted(w.now, a, g(a))
				default:
					s.granted(w.now, a, g(a))
				}
			}
			var known int64
			for j, s := range w.shares {
				known += s.held + s.back + w.admitted[j] - s.debt
				if s.held < 0 || s.back < 0 || s.debt < 0 || s.debt > 300 {
					t.Fatalf("process %d: %+v", j, s)
				}
			}
			if known > w.counter.taken || known < w.counter.taken && !failing {
				t.Fatalf("%d known, %d taken", known, w.counter.taken)
			}
		}
	})
}

// The next block is for as many as came of late.
func TestNextBlock(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	use := func(s *share, n int64) {
		for range n {
			if s.take(now) != admitted {
				t.Fatalf("%+v", s)
			}
		}
	}
	for _, c := range []struct {
		name  string
		limit int64
		after func(s *share, first int64)
		want  int64
	}{
		{"used up in time: twice as many", 6400, func(s *share, first int64) { use(s, first) }, 200},
		{"used up late: as many", 6400, func(s *share, first int64) { now = now.Add(lifetime); use(s, first) }, 100},
		{"left lying: as many as were used", 6400, func(s *share, _ int64) { use(s, 7); s.granted(now, s.giveBack(), Grant{Taken: 7}) }, 7},
		{"none used: one", 6400, func(s *share, _ int64) { s.granted(now, s.giveBack(), Grant{}) }, 1},
		{"of a generous limit never few", 64_000, func(s *share, _ int64) { s.granted(now, s.giveBack(), Grant{}) }, 1000},
		{"another limit: anew, and the rest goes back", 6400, func(s *share, _ int64) { s.setLimit(12_800) }, 200},
		{"what is owed comes on top", 6400, func(s *share, first int64) { use(s, first); s.debt = 30 }, 230},
		{"a quarter of what is left", 6400, func(s *share, first int64) { use(s, first); s.seen = 6000 }, 100},
		{"one of the last", 6400, func(s *share, first int64) { use(s, first); s.seen = 6397 }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s share
			s.setLimit(c.limit)
			a := s.ask(now, 1)
			if a.Want != c.limit/part || !a.First {
				t.Fatalf("%+v", a)
			}
			s.granted(now, a, Grant{Got: a.Want, Taken: a.Want})
			c.after(&s, a.Want)
			if got := s.ask(now, 1); got.Want != c.want || got.First || got.Limit != s.limit {
				t.Errorf("%+v, want %d", got, c.want)
			}
		})
	}
}

// A block that was asked for under another limit is not used.
func TestLimitChangesMeanwhile(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	var s share
	s.setLimit(640)
	a := s.ask(now, 1)
	s.setLimit(2)
	s.granted(now, a, Grant{Got: 10, Taken: 10})
	if v := s.take(now); v != unknown {
		t.Errorf("a request is %v", v)
	}
	if a := s.ask(now, 1); a.Back != 10 || a.Limit != 2 {
		t.Errorf("%+v", a)
	}
}

// What may lie unused.
func TestSpare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ limit, seen, want int64 }{
		{9_999, 0, 0}, {64_000, 0, 1000}, {64_000, 47_000, 1000}, {64_000, 48_000, 0}, {64_000, 64_000, 0},
	} {
		s := share{limit: c.limit, seen: c.seen}
		if got := s.spare(); got != c.want {
			t.Errorf("%d, after %d of %d", got, c.seen, c.limit)
		}
	}
}

// How often the counter is asked does not go with the limit, nor much with the
// number of requests.
func TestQuestionsAreFew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		limit, processes int64
		requests, apart  int64 // apart: milliseconds between two
		most             int64
	}{
		{"a usual limit, hardly used", 1_000_000, 2, 200, 50, 2},
		{"a usual limit, 5,000 a second", 1_000_000, 2, 50_000, 0, 4},
		{"1,667, emptied", 1_667, 2, 1_700, 0, 50},
		{"100, emptied", 100, 2, 110, 0, 45},
		{"100, emptied by eight", 100, 8, 200, 0, 90},
		{"100, slowly", 100, 2, 40, 250, 60},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := &world{now: time.Unix(1_700_000_000, 0), limit: c.limit, shares: make([]share, c.processes), admitted: make([]int64, c.processes)}
			for i := range c.requests {
				w.now = w.now.Add(time.Duration(c.apart) * time.Millisecond)
				w.request(int(i % c.processes))
				for j := range w.shares {
					w.settle(j)
				}
			}
			if w.total() != min(c.limit, c.requests) || w.counter.asks > c.most {
				t.Errorf("%d admitted after %d questions, at most %d expected", w.total(), w.counter.asks, c.most)
			}
			t.Logf("%d questions", w.counter.asks)
		})
	}
}
