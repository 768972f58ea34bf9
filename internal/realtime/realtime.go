// Package realtime tells those who listen what is told in a room: what is kept, in
// its order and without a gap, and what passes.
// It must not know what is told, who listens, or any noun.
package realtime

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// A Position is where a message stands among those of its room.
type Position struct{ Transaction, Number int64 }

// Less reports whether the position comes before another.
func (p Position) Less(o Position) bool {
	return p.Transaction < o.Transaction || p.Transaction == o.Transaction && p.Number < o.Number
}

// A Message is told to all streams of a room that want it, which share it.
type Message[V any] struct {
	Position Position // zero for a signal
	Value    V

	once    sync.Once
	encoded []byte
}

// Encoded is the message as encode writes it, which is done once for all streams.
func (m *Message[V]) Encoded(encode func(*Message[V]) []byte) []byte {
	m.once.Do(func() { m.encoded = encode(m) })
	return m.encoded
}

// Why a stream cannot be opened, or ends.
var (
	ErrClosed   = errors.New("realtime: no more streams")
	ErrFull     = errors.New("realtime: too many streams")
	ErrRoomFull = errors.New("realtime: too many streams in this room")
	ErrBehind   = errors.New("realtime: the stream is too slow")
)

// Options are what a Hub is made with.
type Options[V any] struct {
	// Read reads what follows a position in a room, in order: messages that were read
	// once never change, and none comes before them later.
	Read func(ctx context.Context, room string, after Position, most int) ([]*Message[V], error)
	// Tell passes a signal that was given here on to other processes, whose hubs Hear
	// it. It must not wait, and may lose it. nil where there is no other process.
	Tell   func(Signal[V])
	Clock  func() time.Time // signals expire by it
	Logger *slog.Logger

	Streams     int // in this process, at most; 0 means 10,000
	RoomStreams int // in a room, at most; 0 means 5,000
	Buffer      int // messages that wait for a stream, at most; 0 means 1,000

	// Look is how long a room is not looked at, at most; 0 means a second. A hub is
	// woken by what its own process writes; of others it may not be told.
	Look time.Duration
}

const (
	page        = 200 // messages that are read at once
	defaultLook = time.Second
	// soon is when a room is looked at again after it was woken, at first: what was
	// written may stand behind something that is not written to its end.
	soon = 5 * time.Millisecond
)

// A Hub has the streams of a process. There is one reader for each room that has
// any, however many there are.
type Hub[V any] struct {
	options Options[V]
	signals signals[V]

	mu      sync.Mutex
	rooms   map[string]*room[V]
	streams int
	closed  bool
}

type room[V any] struct {
	name  string
	wake  chan struct{}
	leave context.CancelFunc
	open  int // streams; guarded by the hub

	mu       sync.Mutex
	position Position // up to which streams were told
	streams  map[*Stream[V]]struct{}
}

// NewHub makes a hub, which does nothing before somebody listens.
func NewHub[V any](o Options[V]) *Hub[V] {
	if o.Streams <= 0 {
		o.Streams = 10_000
	}
	if o.RoomStreams <= 0 {
		o.RoomStreams = 5_000
	}
	if o.Buffer <= 0 {
		o.Buffer = 1_000
	}
	if o.Look <= 0 {
		o.Look = defaultLook
	}
	h := &Hub[V]{options: o, rooms: map[string]*room[V]{}}
	h.signals.byRoom = map[string]map[string]held[V]{}
	return h
}

// Open makes a stream of what follows a position in a room, of messages that keep
// is true of. newest is the last position at present, or a little less. The stream
// must be closed.
func (h *Hub[V]) Open(name string, after, newest Position, keep func(V) bool) (*Stream[V], error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[name]
	switch {
	case h.closed:
		return nil, ErrClosed
	case h.streams >= h.options.Streams:
		return nil, ErrFull
	case r != nil && r.open >= h.options.RoomStreams:
		return nil, ErrRoomFull
	}
	if r == nil {
		r = &room[V]{name: name, wake: make(chan struct{}, 1), position: newest, streams: map[*Stream[V]]struct{}{}}
		ctx, leave := context.WithCancel(context.Background())
		r.leave = leave
		h.rooms[name] = r
		go h.pump(ctx, r)
	}
	h.streams++
	r.open++
	s := &Stream[V]{hub: h, room: r, keep: keep, ready: make(chan struct{}, 1), after: after, at: after}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.joined = r.position
	if s.reached = s.joined; s.reached.Less(after) {
		s.reached = after
	}
	r.streams[s] = struct{}{}
	s.ring()
	return s, nil
}

// Wake says that something was written in a room.
func (h *Hub[V]) Wake(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r := h.rooms[name]; r != nil {
		r.ring()
	}
}

// WakeAll says that something may have been written in any room.
func (h *Hub[V]) WakeAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.rooms {
		r.ring()
	}
}

func (r *room[V]) ring() {
	select {
	case r.wake <- struct{}{}:
	default: // it has not been heard yet
	}
}

// Streams is how many are open.
func (h *Hub[V]) Streams() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.streams
}

// Close ends all streams, and has no more opened.
func (h *Hub[V]) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, r := range h.rooms {
		r.leave()
		r.mu.Lock()
		for s := range r.streams {
			s.end(ErrClosed)
		}
		r.mu.Unlock()
	}
}

// pump tells a room what is written in it until ctx ends.
func (h *Hub[V]) pump(ctx context.Context, r *room[V]) {
	look := h.options.Look
	pause := look
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
			pause = soon
		case <-timer.C:
			pause = min(2*pause, look)
		}
		if err := h.forward(ctx, r); err != nil && ctx.Err() == nil {
			h.options.Logger.Warn("what happened cannot be read for streams", "room", r.name, "error", err)
			pause = look
		}
		// However often a room is woken, what comes meanwhile is read together.
		timer.Reset(soon)
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(max(0, pause-soon))
	}
}

// forward reads what is new in a room, and tells it.
func (h *Hub[V]) forward(ctx context.Context, r *room[V]) error {
	for {
		list, err := h.options.Read(ctx, r.name, r.position, page)
		if err != nil || len(list) == 0 {
			return err
		}
		r.tell(list, list[len(list)-1].Position)
		if len(list) < page {
			return nil
		}
	}
}

// tell gives messages to all streams of the room, which has come to a position by
// them.
func (r *room[V]) tell(list []*Message[V], upTo Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.streams {
		s.push(list, upTo)
	}
	r.position = upTo
}
