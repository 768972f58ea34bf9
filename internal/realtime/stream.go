package realtime

import (
	"context"
	"sync"
)

// A Stream is somebody who listens in a room. One goroutine takes what it is told.
type Stream[V any] struct {
	hub    *Hub[V]
	room   *room[V]
	keep   func(V) bool
	after  Position // where it began
	joined Position // what is after this comes from the room
	at     Position // up to where the way from after to joined has been read

	ready chan struct{}
	mu    sync.Mutex
	queue []*Message[V]
	// reached is up to where everything is in the queue or has been taken.
	reached Position
	ended   error
}

// Ready receives when there may be something to take.
func (s *Stream[V]) Ready() <-chan struct{} { return s.ready }

// Take returns what the stream is to be told next, and up to which position that
// is all there is to tell. It does not wait for something to happen.
func (s *Stream[V]) Take(ctx context.Context) ([]*Message[V], Position, error) {
	if s.at.Less(s.joined) {
		return s.catchUp(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.queue
	s.queue = nil
	return list, s.reached, s.ended
}

// catchUp reads a page of what happened before the room's reader came to tell the
// stream.
func (s *Stream[V]) catchUp(ctx context.Context) ([]*Message[V], Position, error) {
	s.mu.Lock()
	ended := s.ended
	s.mu.Unlock()
	if ended != nil {
		return nil, s.at, ended
	}
	list, err := s.hub.options.Read(ctx, s.room.name, s.at, page)
	if err != nil {
		return nil, s.at, err
	}
	s.ring()
	var kept []*Message[V]
	for _, m := range list {
		if s.joined.Less(m.Position) {
			s.at = s.joined
			return kept, s.at, nil
		}
		s.at = m.Position
		if s.keep(m.Value) {
			kept = append(kept, m)
		}
	}
	if len(list) < page {
		s.at = s.joined
	}
	return kept, s.at, nil
}

// push queues messages. A stream that takes too little of them is ended: it goes
// on where it was when it is opened again.
func (s *Stream[V]) push(list []*Message[V], upTo Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return
	}
	queued := len(s.queue)
	for _, m := range list {
		if m.Position != (Position{}) && !s.after.Less(m.Position) || !s.keep(m.Value) {
			continue
		}
		if len(s.queue) == s.hub.options.Buffer {
			s.ended, s.queue = ErrBehind, nil
			s.ring()
			return
		}
		s.queue = append(s.queue, m)
	}
	if s.reached.Less(upTo) {
		s.reached = upTo
	}
	if len(s.queue) > queued {
		s.ring()
	}
}

// end has the stream tell no more than it has told.
func (s *Stream[V]) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended, s.queue = why, nil
	}
	s.ring()
}

func (s *Stream[V]) ring() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// Close takes the stream out of its room.
func (s *Stream[V]) Close() {
	h, r := s.hub, s.room
	h.mu.Lock()
	defer h.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, open := r.streams[s]; !open {
		return
	}
	delete(r.streams, s)
	h.streams--
	if r.open--; r.open == 0 {
		r.leave()
		delete(h.rooms, r.name)
	}
}
