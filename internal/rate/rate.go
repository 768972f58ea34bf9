// Package rate counts against limits in fixed windows of time. Processes that share
// a counter share its limits: each takes blocks of what a window has and counts by
// itself until they are used.
// It must not know what it counts, nor where the counter is kept.
package rate

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"
)

// Window is the length of a window in seconds. Windows begin at its multiples.
const Window = 10

// patience is how long a request waits for the counter, unless options say
// otherwise. Then it goes on without an answer.
const patience = time.Second

// setBack is how far a clock may go back without being followed: requests of two
// windows come side by side, and clocks are corrected.
const setBack = 60

// An Ask is what a counter is asked: to take some back, and then to grant as many
// more as are wanted and the limit has left.
type Ask struct {
	Window     int64 // the second it begins
	Limit      int64
	Back, Want int64
	First      bool // the process asks for the first time in this window
}

// A Grant is the counter's answer.
type Grant struct {
	Got   int64 // at most what was wanted
	Taken int64 // by all, with this
}

// Options are what a Limiter needs.
type Options[K comparable] struct {
	Clock  func() time.Time
	Logger *slog.Logger
	// Ask asks the counter that all processes share. It is one step for the counter:
	// no other question comes in between. nil: this process is the only one.
	Ask func(ctx context.Context, key K, a Ask) (Grant, error)
	// Patience is how long a request waits for an answer; 0 means a second. A question
	// may take twice as long.
	Patience time.Duration
}

// A Limiter counts against limits that go by keys.
type Limiter[K comparable] struct {
	Options[K]

	mu     sync.Mutex
	start  int64 // of the window
	shares map[K]*entry
	stats  Stats
	warned time.Time

	stop    context.CancelFunc // of the goroutine that settles
	stopped chan struct{}
}

// An entry is a share that requests may be waiting for.
type entry struct {
	share
	waiting int64
	asking  chan struct{} // is closed when the counter has answered; nil while it is not being asked
}

// Stats count what was asked of the shared counter.
type Stats struct {
	Asked    int64 // questions
	Failed   int64 // those that ended in an error
	Unshared int64 // requests that were let in without an answer
}

// New makes a limiter.
func New[K comparable](o Options[K]) *Limiter[K] {
	return &Limiter[K]{Options: o, shares: map[K]*entry{}}
}

// A Claim is a limit that something counts against.
type Claim[K comparable] struct {
	Key   K
	Limit int64
}

// A Standing is how a limit stands after a count.
type Standing struct {
	Limit, Remaining int64
	Reset            int64 // the second at which the window ends
	Spent            bool  // nothing was left to count
}

// Count counts one against each of some limits, or none of them if one is spent. It
// returns the standing of that one, or of the one with the least remaining.
func (l *Limiter[K]) Count(ctx context.Context, claims ...Claim[K]) Standing {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Clock()
	shares, start := l.window(now)
	entries := make([]*entry, 0, 2)
	for _, c := range claims {
		e := shares[c.Key]
		if e == nil {
			e = &entry{share: share{alone: l.Ask == nil}}
			shares[c.Key] = e
		}
		e.setLimit(min(c.Limit, most))
		if e.refuses(now) { // before anything is taken that would have to be put back
			return Standing{Limit: e.limit, Reset: start + Window, Spent: true}
		}
		entries = append(entries, e)
	}
	var nearest Standing
	for i, e := range entries {
		if !l.take(ctx, e, claims[i].Key, start) {
			for _, e := range entries[:i] {
				e.undo()
			}
			return Standing{Limit: e.limit, Reset: start + Window, Spent: true}
		}
		if left := e.left(); i == 0 || left < nearest.Remaining {
			nearest = Standing{Limit: e.limit, Remaining: left, Reset: start + Window}
		}
	}
	return nearest
}

// Spent reports whether one of some keys is known to have nothing left in this window, without counting or asking.
func (l *Limiter[K]) Spent(keys ...K) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Clock()
	shares, _ := l.window(now)
	for _, key := range keys {
		if e := shares[key]; e != nil && e.refuses(now) {
			return true
		}
	}
	return false
}

// window is the shares of the window of now, and its beginning. One that comes late
// counts in the window that has begun since.
func (l *Limiter[K]) window(now time.Time) (map[K]*entry, int64) {
	at := now.Unix()
	if start := at - at%Window; start > l.start || start < l.start-setBack {
		l.start, l.shares = start, map[K]*entry{}
	}
	return l.shares, l.start
}

// take takes one of a share, and waits for the counter where it must. The lock is
// given up meanwhile.
func (l *Limiter[K]) take(ctx context.Context, e *entry, key K, start int64) bool {
	var deadline <-chan time.Time
	for {
		debt := e.debt
		v := e.take(l.Clock())
		if v != unknown {
			if e.debt > debt && !e.alone {
				l.stats.Unshared++
			}
			return v == admitted
		}
		e.waiting++
		if e.asking == nil {
			l.ask(ctx, e, key, start, e.ask(l.Clock(), e.waiting))
		}
		asking := e.asking
		if deadline == nil {
			timer := time.NewTimer(cmp.Or(l.Patience, patience))
			defer timer.Stop()
			deadline = timer.C
		}
		l.mu.Unlock()
		answered := false
		select {
		case <-asking:
			answered = true
		case <-deadline:
		case <-ctx.Done():
		}
		l.mu.Lock()
		e.waiting--
		if !answered && e.held == 0 {
			e.late = e.late || e.asking != nil && ctx.Err() == nil
			v := e.overdraw()
			if v == admitted {
				l.stats.Unshared++
			}
			return v == admitted
		}
	}
}

// ask asks the counter, in a goroutine of its own: whoever asks may leave, and
// others wait for the same answer.
func (l *Limiter[K]) ask(ctx context.Context, e *entry, key K, start int64, a Ask) {
	a.Window = start
	asking := make(chan struct{})
	e.asking = asking
	l.stats.Asked++
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*cmp.Or(l.Patience, patience))
		defer cancel()
		g, err := l.Ask(ctx, key, a)
		if l.answer(e, a, g, err) {
			l.Logger.Warn("the counter of rates does not answer; until it does, this server counts by itself", "error", err)
		}
	}()
}

// answer has those who wait for the counter go on, and reports whether the log is to
// be told of a failure: it is, once a window.
func (l *Limiter[K]) answer(e *entry, a Ask, g Grant, failure error) (warn bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Clock()
	if failure == nil {
		e.granted(now, a, g)
	} else {
		e.failed(now)
		l.stats.Failed++
		if warn = now.Sub(l.warned).Abs() >= Window*time.Second; warn {
			l.warned = now
		}
	}
	close(e.asking)
	e.asking = nil
	return warn
}

// Settle gives back what has been lying here for too long. It returns when the
// counter has it.
func (l *Limiter[K]) Settle(ctx context.Context) { l.settle(ctx, (*share).old) }

func (l *Limiter[K]) settle(ctx context.Context, goes func(*share, time.Time) bool) {
	type found struct {
		key K
		*entry
	}
	var all []found
	l.mu.Lock()
	now, start := l.Clock(), l.start
	for key, e := range l.shares {
		if goes(&e.share, now) {
			all = append(all, found{key, e})
		}
	}
	l.mu.Unlock()
	for _, f := range all {
		l.mu.Lock()
		if f.asking != nil || !goes(&f.share, now) {
			l.mu.Unlock()
			continue
		}
		l.ask(ctx, f.entry, f.key, start, f.giveBack())
		asking := f.asking
		l.mu.Unlock()
		select {
		case <-asking:
		case <-ctx.Done():
			return
		}
	}
}

// Start settles every now and then until Stop, where the counter is shared.
func (l *Limiter[K]) Start() {
	if l.Ask == nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.stop, l.stopped = cancel, make(chan struct{})
	go func() {
		defer close(l.stopped)
		tick := time.NewTicker(lifetime / 2)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				l.Settle(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
}

// Stop ends what Start began and gives back all that is held here, so that a server
// that ends takes nothing along.
func (l *Limiter[K]) Stop(ctx context.Context) {
	if l.stop != nil {
		l.stop()
		<-l.stopped
	}
	l.settle(ctx, func(s *share, _ time.Time) bool { return s.held > 0 })
}

// Stats are the counts up to now.
func (l *Limiter[K]) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats
}
