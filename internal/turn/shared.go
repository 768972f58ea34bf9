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
	most int
	late time.Duration

	mu   sync.Mutex
	keys map[K]*questions[Q]
}

// questions are those of a key, while any is under way.
type questions[Q any] struct {
	sent int          // how many are under way
	next *question[Q] // nil while nobody waits for it
}

type question[Q any] struct {
	of   Q
	err  error
	done chan struct{} // closed when the rest is known; nil where only one wants it
	late *time.Timer   // sends it in any case; nil where answers may take as long as they do
}

// NewShared makes questions that ask asks, so many at once of a key. The next one waits for the answer to one of those before it, but no longer than until
// these are late; 0 is for as long as it takes.
func NewShared[K comparable, Q any](most int, late time.Duration, ask func(context.Context, K, *Q) error) *Shared[K, Q] {
	return &Shared[K, Q]{ask: ask, most: most, late: late, keys: map[K]*questions[Q]{}}
}

// Ask has a question asked that is sent after the call, once join has added to it what the caller wants to know. Nobody may change it any more when Ask
// returns. Whoever need not wait asks for himself, by his own context. Others may leave, and the question stays.
func (s *Shared[K, Q]) Ask(ctx context.Context, key K, join func(*Q)) (*Q, error) {
	s.mu.Lock()
	of := s.keys[key]
	if of == nil {
		of = &questions[Q]{}
		s.keys[key] = of
	}
	q := of.next
	switch {
	case of.sent < s.most: // so that nobody waits
		q = &question[Q]{}
		join(&q.of)
		of.sent++
		s.mu.Unlock()
		s.send(ctx, key, of, q)
		return &q.of, q.err
	case q == nil:
		q = &question[Q]{done: make(chan struct{})}
		of.next = q
		if s.late > 0 {
			q.late = time.AfterFunc(s.late, func() { s.overtake(key, of, q) })
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
func (s *Shared[K, Q]) send(ctx context.Context, key K, of *questions[Q], q *question[Q]) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if q.done != nil {
			close(q.done)
		}
		of.sent--
		switch {
		case of.next != nil:
			s.sendNext(key, of, of)
		case of.sent == 0 && s.keys[key] == of:
			delete(s.keys, key)
		}
	}()
	q.err = s.ask(ctx, key, &q.of)
}

// sendNext sends the next question, as one of others. It is bound to nobody's context.
func (s *Shared[K, Q]) sendNext(key K, of, as *questions[Q]) {
	q := of.next
	of.next = nil
	if q.late != nil {
		q.late.Stop()
	}
	as.sent++
	go s.send(context.Background(), key, as, q)
}

// overtake sends a question while as many are under way as may be. Nobody waits for these any more.
func (s *Shared[K, Q]) overtake(key K, of *questions[Q], q *question[Q]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if of.next == q {
		others := &questions[Q]{}
		s.keys[key] = others
		s.sendNext(key, of, others)
	}
}
