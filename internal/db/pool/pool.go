// Package pool lends connections to those who need one for a while, no more of them than there are places, and opens them as they are wanted.
// It must not know what a connection is, nor try whether one still works.
package pool

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
)

// A Pool lends connections. To open one takes longer than most that is done with one: so who finds none waits for whatever comes first, one that is given back or
// a new one, of which one is opened at a time.
type Pool[C any] struct {
	open   func() (C, error)
	places chan struct{} // has one for each who has a connection or waits for one
	waits  atomic.Int64

	mu      sync.Mutex
	idle    []C               // the latest used is the last, and the next to be used: its caches are warm
	wanted  []chan<- found[C] // by those who have a place and no connection; who came first is first
	opening bool
	opener  sync.WaitGroup
}

// found is what comes of waiting for a connection.
type found[C any] struct {
	conn C
	err  error
}

// New makes a Pool of so many places, and opens nothing yet.
func New[C any](places int, open func() (C, error)) *Pool[C] {
	return &Pool[C]{open: open, places: make(chan struct{}, places)}
}

// Take waits for a place, for as long as ctx says, and then for a connection. Its error is that of ctx, or of opening.
func (p *Pool[C]) Take(ctx context.Context) (conn C, err error) {
	select {
	case p.places <- struct{}{}:
	default:
		p.waits.Add(1)
		select {
		case p.places <- struct{}{}:
		case <-ctx.Done():
			return conn, ctx.Err()
		}
	}
	return p.take()
}

// TakeAtOnce is Take for who does not wait for a place, and may be told that there is none.
func (p *Pool[C]) TakeAtOnce() (conn C, place bool, err error) {
	select {
	case p.places <- struct{}{}:
		conn, err = p.take()
		return conn, true, err
	default:
		return conn, false, nil
	}
}

// take waits for a connection for a place that was taken.
func (p *Pool[C]) take() (C, error) {
	p.mu.Lock()
	if last := len(p.idle) - 1; last >= 0 {
		conn := p.idle[last]
		p.idle = slices.Delete(p.idle, last, last+1)
		p.mu.Unlock()
		return conn, nil
	}
	here := make(chan found[C], 1)
	p.wanted = append(p.wanted, here)
	p.openMore()
	p.mu.Unlock()
	got := <-here
	if got.err != nil {
		<-p.places
	}
	return got.conn, got.err
}

// GiveBack gives back a connection that was taken.
func (p *Pool[C]) GiveBack(conn C) {
	p.mu.Lock()
	p.put(found[C]{conn: conn})
	p.mu.Unlock()
	<-p.places
}

// put gives what was found to who wants it. p.mu is held.
func (p *Pool[C]) put(f found[C]) {
	switch {
	case len(p.wanted) > 0:
		p.wanted[0] <- f
		p.wanted = slices.Delete(p.wanted, 0, 1)
	case f.err == nil:
		p.idle = append(p.idle, f.conn)
	}
}

// Prepare opens a connection before somebody wants it, and does not wait for that. If it cannot be opened, only who waits for it by then is told.
func (p *Pool[C]) Prepare() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.openMore()
}

// openMore opens a connection, and then more for as long as somebody waits for one. p.mu is held.
func (p *Pool[C]) openMore() {
	if p.opening {
		return
	}
	p.opening = true
	p.opener.Go(func() {
		for more := true; more; {
			conn, err := p.open()
			p.mu.Lock()
			p.put(found[C]{conn, err})
			more = len(p.wanted) > 0
			p.opening = more
			p.mu.Unlock()
		}
	})
}

// TakeIdle takes the connections that nobody has out of the Pool, and gives nothing back for them.
func (p *Pool[C]) TakeIdle() []C {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle := p.idle
	p.idle = nil
	return idle
}

// Close is TakeIdle at the end, when all is given back and nobody takes anything any more.
func (p *Pool[C]) Close() []C {
	p.opener.Wait()
	return p.TakeIdle()
}

// Places is how many may have a connection at once.
func (p *Pool[C]) Places() int { return cap(p.places) }

// Busy is how many places are taken.
func (p *Pool[C]) Busy() int { return len(p.places) }

// Waits is how often somebody had to wait for a place.
func (p *Pool[C]) Waits() int64 { return p.waits.Load() }
