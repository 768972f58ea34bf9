package turn

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
)

// waitFor yields to the others until so many wait.
func waitFor(t *testing.T, turns *Turns[string], n int) {
	t.Helper()
	for turns.Waiting() != n {
		if t.Context().Err() != nil {
			t.Fatal("nobody comes")
		}
	}
}

func take(t *testing.T, turns *Turns[string], key string) func() {
	t.Helper()
	done, err := turns.Take(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestOrder(t *testing.T) {
	t.Parallel()
	turns := New[string](2)
	first, second := take(t, turns, "a"), take(t, turns, "a")
	take(t, turns, "b")() // others do not wait for a
	var got []int
	var all sync.WaitGroup
	for i := range 5 {
		all.Go(func() {
			done, err := turns.Take(t.Context(), "a")
			if err != nil {
				t.Error(err)
				return
			}
			got = append(got, i) // one at a time: the second turn is not given back
			done()
		})
		waitFor(t, turns, i+1)
	}
	first()
	all.Wait()
	second()
	if !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
		t.Errorf("they ran in the order %v", got)
	}
	if len(turns.lines) != 0 {
		t.Errorf("%d keys are remembered", len(turns.lines))
	}
}

func TestEndsWaiting(t *testing.T) {
	t.Parallel()
	turns := New[string](1)
	done := take(t, turns, "a")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := turns.Take(ctx, "a")
		ended <- err
	}()
	waitFor(t, turns, 1)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) || turns.Waiting() != 0 {
		t.Errorf("%v, and %d wait", err, turns.Waiting())
	}
	done()
	take(t, turns, "a")() // nobody holds it
}

func TestFull(t *testing.T) {
	t.Parallel()
	turns := New[string](1)
	done := take(t, turns, "a")
	var all sync.WaitGroup
	for range queued {
		all.Go(func() { take(t, turns, "a")() })
	}
	waitFor(t, turns, queued)
	if _, err := turns.Take(t.Context(), "a"); !errors.Is(err, ErrFull) {
		t.Errorf("one too many gets %v", err)
	}
	take(t, turns, "b")()
	done()
	all.Wait()
}

// However many come and go, no more run at once than may, and as many as may do.
func TestBound(t *testing.T) {
	t.Parallel()
	const most, callers, rounds = 3, 12, 200
	turns := New[string](most)
	var mu sync.Mutex
	running, highest := 0, 0
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range rounds {
				done := take(t, turns, "a")
				mu.Lock()
				running++
				highest = max(highest, running)
				mu.Unlock()
				mu.Lock()
				running--
				mu.Unlock()
				done()
			}
		})
	}
	all.Wait()
	if highest > most {
		t.Errorf("%d ran at once", highest)
	}
}

func TestUnbounded(t *testing.T) {
	t.Parallel()
	turns := New[string](0)
	for range 1000 {
		take(t, turns, "a")
	}
}

// TestTry takes what is free, and does not wait.
func TestTry(t *testing.T) {
	t.Parallel()
	turns := New[string](1)
	done, ok := turns.Try("a")
	if !ok {
		t.Fatal("the first has no turn")
	}
	if _, ok := turns.Try("a"); ok {
		t.Error("two have a turn")
	}
	other, ok := turns.Try("b")
	if !ok {
		t.Fatal("another key has no turn")
	}
	other()
	next := make(chan func())
	go func() {
		done, err := turns.Take(t.Context(), "a")
		if err != nil {
			t.Error(err)
		}
		next <- done
	}()
	waitFor(t, turns, 1)
	done()
	done = <-next
	if _, ok := turns.Try("a"); ok {
		t.Error("who waited has his turn, and another too")
	}
	done()
	if _, ok := New[string](0).Try("a"); !ok {
		t.Error("where there is no bound, somebody has no turn")
	}
}
