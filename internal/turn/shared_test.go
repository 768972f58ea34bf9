package turn

import (
	"context"
	"errors"
	"testing"
	"time"
)

// sum is a question that all who share it add a number to.
type sum struct{ added, answer int }

// asked is a question that is under way until somebody answers it.
type asked struct {
	*sum
	ctx    context.Context
	answer chan error
}

// sums makes questions, and tells of each as it is sent.
func sums(most int, late time.Duration) (*Shared[string, sum], <-chan *asked) {
	sent := make(chan *asked)
	return NewShared(most, late, func(ctx context.Context, _ string, q *sum) error {
		a := &asked{q, ctx, make(chan error)}
		sent <- a
		err := <-a.answer
		q.answer = 10 * q.added
		return err
	}), sent
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

// quiet fails unless nothing is left of what was asked.
func quiet(t *testing.T, s *Shared[string, sum]) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) != 0 {
		t.Errorf("%d keys are left", len(s.keys))
	}
}

// TestShared has many ask while as many questions are under way as may be: none of them is served by these, and all by the next.
func TestShared(t *testing.T) {
	t.Parallel()
	for most := 1; most <= 3; most++ {
		s, sent := sums(most, 0)
		var first []<-chan outcome
		var under []*asked
		for range most {
			first = append(first, come(t.Context(), s, "a", 1))
			under = append(under, <-sent)
		}
		var others []<-chan outcome
		for range 5 {
			others = append(others, come(t.Context(), s, "a", 2))
		}
		elsewhere := come(t.Context(), s, "b", 7) // which waits for nobody
		(<-sent).answer <- nil
		want(t, "another key", elsewhere, 70, nil)

		under[0].answer <- nil
		want(t, "the first", first[0], 10, nil)
		next := <-sent
		if next.added != 10 {
			t.Errorf("the next question is of %d, want those of all who wait", next.added)
		}
		later := come(t.Context(), s, "a", 3)
		no := errors.New("no")
		next.answer <- no
		for _, other := range others {
			want(t, "who has waited", other, 0, no)
		}
		(<-sent).answer <- nil
		want(t, "who came while the next was under way", later, 30, nil)
		for i, one := range under[1:] {
			one.answer <- nil
			want(t, "one of the first", first[i+1], 10, nil)
		}
		alone := come(t.Context(), s, "a", 4)
		(<-sent).answer <- nil
		want(t, "who came when all was quiet", alone, 40, nil)
		quiet(t, s)
	}
}

// TestSharedByContexts has askers leave: whoever waits for a question takes it from nobody else, and so does who asks for himself.
func TestSharedByContexts(t *testing.T) {
	t.Parallel()
	s, sent := sums(1, 0)
	one, leave := context.WithCancel(t.Context())
	alone := come(one, s, "a", 1)
	first := <-sent
	if first.ctx != one {
		t.Error("who asks for himself does not by his own context")
	}
	two, gone := context.WithCancel(t.Context())
	leaves, stays := come(two, s, "a", 2), come(t.Context(), s, "a", 3)
	gone()
	want(t, "who leaves", leaves, 0, context.Canceled)
	leave()
	first.answer <- one.Err()
	want(t, "who asks for himself and leaves", alone, 0, context.Canceled)
	next := <-sent
	if next.ctx.Done() != nil {
		t.Error("a question of several is bound to the context of one")
	}
	next.answer <- nil
	want(t, "who stays", stays, 50, nil)
	quiet(t, s)
}

// TestSharedLate has a question go unanswered: those behind it wait no longer than until it is late, and its answer changes nothing for them.
func TestSharedLate(t *testing.T) {
	t.Parallel()
	s, sent := sums(1, time.Millisecond)
	stuck := come(t.Context(), s, "a", 1)
	first := <-sent
	second := come(t.Context(), s, "a", 2)
	other := <-sent // though nobody has answered
	other.answer <- nil
	want(t, "the second", second, 20, nil)
	third := come(t.Context(), s, "a", 3)
	another := <-sent
	if another.ctx != t.Context() {
		t.Error("who comes while only late ones are under way waits for them")
	}
	first.answer <- nil
	want(t, "the one that was late", stuck, 10, nil)
	s.mu.Lock()
	if of := s.keys["a"]; of == nil || of.sent != 1 {
		t.Errorf("after the late answer %v is known of the question under way", of)
	}
	s.mu.Unlock()
	another.answer <- nil
	want(t, "the third", third, 30, nil)
	quiet(t, s)
}
