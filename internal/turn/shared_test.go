package turn

import (
	"context"
	"errors"
	"testing"
	"time"
)

// sum is a question that all who share it add a number to.
type sum struct{ added, answer int }

// asker answers questions when it is told to.
type asker struct {
	asked  chan *sum            // each as it is sent
	answer chan error           // answers the one that is waited for
	by     chan context.Context // of each
}

func newAsker(late time.Duration) (*asker, *Shared[string, sum]) {
	a := &asker{make(chan *sum), make(chan error), make(chan context.Context, 100)}
	return a, NewShared(late, func(ctx context.Context, _ string, q *sum) error {
		a.by <- ctx
		a.asked <- q
		err := <-a.answer
		q.answer = 10 * q.added
		return err
	})
}

type outcome struct {
	q   *sum
	err error
}

// come asks a question in the name of somebody, who has joined it when come returns.
func come(ctx context.Context, s *Shared[string, sum], key string, number int) <-chan outcome {
	joined, done := make(chan struct{}), make(chan outcome, 1)
	go func() {
		q, err := s.Ask(ctx, key, func(q *sum) {
			q.added += number
			close(joined)
		})
		done <- outcome{q, err}
	}()
	<-joined
	return done
}

// want fails unless somebody was answered so.
func want(t *testing.T, who string, got <-chan outcome, answer int, err error) {
	t.Helper()
	switch o := <-got; {
	case o.err != err:
		t.Errorf("%s: %v, want %v", who, o.err, err)
	case err == nil && o.q.answer != answer:
		t.Errorf("%s was answered %d, want %d", who, o.q.answer, answer)
	}
}

// TestShared has many ask while a question is under way: none of them is served by that one, and all by the next.
func TestShared(t *testing.T) {
	t.Parallel()
	a, s := newAsker(0)
	first := come(t.Context(), s, "a", 1)
	<-a.asked
	var others []<-chan outcome
	for range 5 {
		others = append(others, come(t.Context(), s, "a", 2))
	}
	elsewhere := come(t.Context(), s, "b", 7) // which waits for nobody
	<-a.asked
	a.answer <- nil // one of the two under way
	a.answer <- nil
	want(t, "the first", first, 10, nil)
	want(t, "another key", elsewhere, 70, nil)
	if q := <-a.asked; q.added != 10 {
		t.Errorf("the next question is of %d, want those of all who wait", q.added)
	}
	late := come(t.Context(), s, "a", 3)
	no := errors.New("no")
	a.answer <- no
	for _, other := range others {
		want(t, "who has waited", other, 0, no)
	}
	<-a.asked
	a.answer <- nil
	want(t, "who came while the next was under way", late, 30, nil)
	alone := come(t.Context(), s, "a", 4)
	<-a.asked
	a.answer <- nil
	want(t, "who came when all was quiet", alone, 40, nil)
	if len(s.keys) != 0 {
		t.Errorf("%d keys are left", len(s.keys))
	}
}

// TestSharedByContexts has askers leave: whoever waits for a question takes it from nobody else, and so does who asks one by himself.
func TestSharedByContexts(t *testing.T) {
	t.Parallel()
	a, s := newAsker(0)
	one, leave := context.WithCancel(t.Context())
	first := come(one, s, "a", 1)
	<-a.asked
	if ctx := <-a.by; ctx != one {
		t.Error("who asks by himself does not by his own context")
	}
	two, gone := context.WithCancel(t.Context())
	leaves, stays := come(two, s, "a", 2), come(t.Context(), s, "a", 3)
	gone()
	want(t, "who leaves", leaves, 0, context.Canceled)
	leave()
	a.answer <- context.Canceled
	want(t, "who asks by himself and leaves", first, 0, context.Canceled)
	<-a.asked
	if ctx := <-a.by; ctx.Done() != nil {
		t.Error("a question of several is bound to the context of one")
	}
	a.answer <- nil
	want(t, "who stays", stays, 50, nil)
}

// TestSharedLate has a question go unanswered: those behind it wait no longer than until it is late, and its answer changes nothing for them.
func TestSharedLate(t *testing.T) {
	t.Parallel()
	a, s := newAsker(time.Millisecond)
	stuck := come(t.Context(), s, "a", 1)
	<-a.asked
	second := come(t.Context(), s, "a", 2)
	<-a.asked // though nobody has answered
	third := come(t.Context(), s, "a", 3)
	<-a.asked
	for range 3 {
		a.answer <- nil
	}
	want(t, "the one that was late", stuck, 10, nil)
	want(t, "the second", second, 20, nil)
	want(t, "the third", third, 30, nil)
	again := come(t.Context(), s, "a", 4)
	<-a.asked
	a.answer <- nil
	want(t, "who came after all of them", again, 40, nil)
	if len(s.keys) != 0 {
		t.Errorf("%d keys are left", len(s.keys))
	}
}
