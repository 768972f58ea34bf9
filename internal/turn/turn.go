// Package turn lets so many of each key run at once. The others of that key wait for
// their turn, in the order in which they came, and hold up nobody else; or they share
// what runs next, where one can ask for all.
// It must not know what runs, nor for whom.
package turn

import (
	"context"
	"errors"
	"sync"
)

// ErrFull answers whoever comes while as many wait as may.
var ErrFull = errors.New("too many wait for their turn already")

// queued is how many may wait for each that may run.
const queued = 32

// Turns are given out by key. Nil, or the zero value, gives one to everybody at once.
type Turns[K comparable] struct {
	most, queue int

	mu    sync.Mutex
	lines map[K]*line
}

// A line is what runs and waits of one key. There is one while anything does.
type line struct {
	running int
	waiting []chan struct{} // each is closed when it is its turn
}

// New makes turns of which each key has so many at once; 0 is any number.
func New[K comparable](most int) *Turns[K] { return NewWithQueue[K](most, most*queued) }

// NewWithQueue is New where so many wait at most for each key.
func NewWithQueue[K comparable](most, queue int) *Turns[K] {
	return &Turns[K]{most: most, queue: queue, lines: map[K]*line{}}
}

// Try takes a turn if nobody has to be waited for. It must be given back by calling done, once.
func (t *Turns[K]) Try(key K) (done func(), ok bool) {
	if t == nil || t.most == 0 {
		return func() {}, true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.line(key)
	if l.running >= t.most {
		return nil, false
	}
	l.running++
	return func() { t.giveBack(key, l) }, true
}

// line finds the line of a key, whose lock is held.
func (t *Turns[K]) line(key K) *line {
	l := t.lines[key]
	if l == nil {
		l = &line{}
		t.lines[key] = l
	}
	return l
}

// Take waits for a turn. It must be given back by calling done, once. The error is ErrFull
// or that of the context, which has ended while it waited.
func (t *Turns[K]) Take(ctx context.Context, key K) (done func(), err error) {
	if t == nil || t.most == 0 {
		return func() {}, nil
	}
	t.mu.Lock()
	l := t.line(key)
	done = func() { t.giveBack(key, l) }
	if l.running < t.most {
		l.running++
		t.mu.Unlock()
		return done, nil
	}
	if len(l.waiting) >= t.queue {
		t.mu.Unlock()
		return nil, ErrFull
	}
	mine := make(chan struct{})
	l.waiting = append(l.waiting, mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return done, nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	for i, other := range l.waiting {
		if other == mine {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			t.mu.Unlock()
			return nil, ctx.Err()
		}
	}
	t.mu.Unlock()
	done() // the turn came in the same moment
	return nil, ctx.Err()
}

// giveBack hands the turn to whoever has waited longest.
func (t *Turns[K]) giveBack(key K, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(l.waiting) > 0 {
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
		return
	}
	if l.running--; l.running == 0 {
		delete(t.lines, key)
	}
}

// Waiting is how many wait, of all keys.
func (t *Turns[K]) Waiting() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, l := range t.lines {
		n += len(l.waiting)
	}
	return n
}
