package turn

import (
	"context"
	"sync"
	"time"
)

// Shared asks questions of which many want an answer at once. A question that is under way when somebody comes does not serve him: it may tell of
// what there was before. The next one does, for all who come until it is sent.
//
// Of each key there are questions of their own. Q is what is asked, by all who share it, and the answer.
type Shared[K comparable, Q any] struct {
	ask  func(context.Context, K, *Q) error
	late time.Duration

	mu   sync.Mutex
	keys map[K]*questions[Q]
}

// questions are those of a key, while one is under way.
type questions[Q any] struct {
	sent *question[Q]
	next *question[Q] // nil while nobody waits for it
}

type question[Q any] struct {
	of    Q
	err   error
	done  chan struct{} // closed when the rest is known; nil where only one wants it
	since *time.Timer   // sends it in any case; nil where that may take as long as it does
}

// NewShared makes questions that ask asks. The next one waits for the answer to the one before it, but no longer than until that is late; 0 is for
// as long as it takes.
func NewShared[K comparable, Q any](late time.Duration, ask func(context.Context, K, *Q) error) *Shared[K, Q] {
	return &Shared[K, Q]{ask: ask, late: late, keys: map[K]*questions[Q]{}}
}

// Ask has a question asked that is sent after the call, once join has added to it what the caller wants to know. Nobody may change it any more when Ask
// returns. Whoever comes while none is under way asks by his own context, for himself. Others may leave, and the question stays.
func (s *Shared[K, Q]) Ask(ctx context.Context, key K, join func(*Q)) (*Q, error) {
	s.mu.Lock()
	of := s.keys[key]
	if of == nil {
		q := &question[Q]{}
		join(&q.of)
		s.keys[key] = &questions[Q]{sent: q}
		s.mu.Unlock()
		s.send(ctx, key, q)
		return &q.of, q.err
	}
	q := of.next
	if q == nil {
		q = &question[Q]{done: make(chan struct{})}
		of.next = q
		if s.late > 0 {
			q.since = time.AfterFunc(s.late, func() { s.overtake(key, q) })
		}
	}
	join(&q.of)
	s.mu.Unlock()
	select {
	case <-q.done:
		return &q.of, q.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// send asks a question, and has the next one sent then.
func (s *Shared[K, Q]) send(ctx context.Context, key K, q *question[Q]) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if q.done != nil {
			close(q.done)
		}
		if of := s.keys[key]; of != nil && of.sent == q {
			s.goOn(key, of)
		}
	}()
	q.err = s.ask(ctx, key, &q.of)
}

// overtake sends a question while the one before it is under way.
func (s *Shared[K, Q]) overtake(key K, q *question[Q]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of := s.keys[key]; of != nil && of.next == q {
		s.goOn(key, of)
	}
}

// goOn goes on to the next question, which is bound to nobody's context.
func (s *Shared[K, Q]) goOn(key K, of *questions[Q]) {
	q := of.next
	if q == nil {
		delete(s.keys, key)
		return
	}
	of.sent, of.next = q, nil
	if q.since != nil {
		q.since.Stop()
	}
	go s.send(context.Background(), key, q)
}
