package pool

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// numbered is a Pool whose connections are numbers from 1, of which each is opened when it is let.
func numbered(places int) (p *Pool[int], let chan error, opened *atomic.Int64) {
	let, opened = make(chan error), new(atomic.Int64)
	p = New(places, func() (int, error) {
		if err := <-let; err != nil {
			return 0, err
		}
		return int(opened.Add(1)), nil
	})
	return p, let, opened
}

// taking takes a connection beside the test, and tells which.
func taking(t *testing.T, p *Pool[int]) <-chan int {
	t.Helper()
	p.mu.Lock()
	before := len(p.wanted)
	p.mu.Unlock()
	got := make(chan int, 1)
	go func() {
		n, err := p.Take(context.Background())
		if err != nil {
			n = -1
		}
		got <- n
	}()
	for {
		p.mu.Lock()
		waits := len(p.wanted) > before
		p.mu.Unlock()
		if waits || len(got) > 0 {
			return got
		}
		runtime.Gosched()
	}
}

func TestOneIsGivenBackFirst(t *testing.T) {
	t.Parallel()
	p, let, _ := numbered(3)
	first := taking(t, p)
	let <- nil
	one := <-first
	second := taking(t, p)
	p.GiveBack(one)
	if n := <-second; n != one {
		t.Errorf("who waited got %d, want what was given back", n)
	}
	let <- nil // what is opened all the same
	p.GiveBack(one)
	if idle := p.Close(); !slices.Equal(idle, []int{1, 2}) && !slices.Equal(idle, []int{2, 1}) {
		t.Errorf("%v are there, want 1 and 2", idle)
	}
}

func TestOneIsOpenedFirst(t *testing.T) {
	t.Parallel()
	p, let, opened := numbered(3)
	waiting := []<-chan int{taking(t, p), taking(t, p), taking(t, p)}
	for i, w := range waiting {
		let <- nil
		if n := <-w; n != i+1 {
			t.Errorf("the one who came as %d got %d", i+1, n)
		}
	}
	if p.Busy() != 3 || opened.Load() != 3 {
		t.Errorf("%d places are taken, %d were opened; want 3", p.Busy(), opened.Load())
	}
	p.GiveBack(2)
	p.GiveBack(3)
	if n, _ := p.Take(t.Context()); n != 3 {
		t.Errorf("the next got %d, want the one used last", n)
	}
}

func TestOneCannotBeOpened(t *testing.T) {
	t.Parallel()
	p, let, _ := numbered(2)
	a, b := taking(t, p), taking(t, p)
	let <- errors.New("no more files")
	if n := <-a; n != -1 {
		t.Errorf("who came first got %d", n)
	}
	let <- nil
	if n := <-b; n != 1 {
		t.Errorf("the other got %d", n)
	}
	if p.Busy() != 1 {
		t.Errorf("%d places are taken", p.Busy())
	}
	p.Prepare()
	let <- errors.New("no more files") // of which nobody is told
	p.GiveBack(1)
	if idle := p.Close(); !slices.Equal(idle, []int{1}) {
		t.Errorf("%v are there", idle)
	}
}

func TestPrepare(t *testing.T) {
	t.Parallel()
	p, let, opened := numbered(2)
	p.Prepare()
	p.Prepare() // which is under way
	got := taking(t, p)
	let <- nil
	if n := <-got; n != 1 || opened.Load() != 1 {
		t.Errorf("%d of %d, want the one that was prepared", n, opened.Load())
	}
}

func TestNoPlace(t *testing.T) {
	t.Parallel()
	p, let, _ := numbered(1)
	got := taking(t, p)
	let <- nil
	one := <-got
	if _, place, err := p.TakeAtOnce(); place || err != nil {
		t.Errorf("there is a place, or %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Take(ctx); !errors.Is(err, context.Canceled) || p.Waits() != 1 {
		t.Errorf("%v, after %d have waited", err, p.Waits())
	}
	p.GiveBack(one)
	if n, place, err := p.TakeAtOnce(); n != one || !place || err != nil {
		t.Errorf("%d, %v, %v", n, place, err)
	}
}

// TestManyTake has many take at once: never are there more connections than places, nor does any serve two.
func TestManyTake(t *testing.T) {
	t.Parallel()
	const places = 4
	var opened atomic.Int64
	p := New(places, func() (*atomic.Int64, error) { opened.Add(1); return new(atomic.Int64), nil })
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 200 {
				c, err := p.Take(context.Background())
				if err != nil || c.Add(1) != 1 {
					t.Errorf("a connection serves two, or %v", err)
				}
				runtime.Gosched()
				c.Add(-1)
				p.GiveBack(c)
			}
		})
	}
	all.Wait()
	if n := len(p.Close()); n > places || int64(n) != opened.Load() || p.Busy() != 0 {
		t.Errorf("%d are left of %d, for %d places of which %d are taken", n, opened.Load(), places, p.Busy())
	}
}
