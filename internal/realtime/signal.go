package realtime

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Signal is something that passes: it is told to who listens at the moment, and
// holds until a time unless it is given again.
type Signal[V any] struct {
	Room  string
	Kind  string // what it says
	Key   string // who says it, about what: it replaces an earlier one of its kind
	Value V
	Until time.Time
}

// maxSignals is how many signals hold at once in a room.
const maxSignals = 10_000

// ErrManySignals says that too many signals hold in a room.
var ErrManySignals = errors.New("realtime: too many signals")

// sweepEvery is how often signals that hold no longer are forgotten.
const sweepEvery = 10 * time.Second

// signals are those that hold.
type signals[V any] struct {
	mu     sync.Mutex
	byRoom map[string]map[string]held[V]
	swept  time.Time
}

type held[V any] struct {
	Signal[V]
	own bool // it was given in this process
}

// Signal tells a signal to who listens in its room, in all processes.
func (h *Hub[V]) Signal(s Signal[V]) error {
	if err := h.pass(s, true); err != nil {
		return err
	}
	if h.options.Tell != nil {
		h.options.Tell(s)
	}
	return nil
}

// Hear tells a signal that was given in another process to who listens in its room.
func (h *Hub[V]) Hear(s Signal[V]) error { return h.pass(s, false) }

// pass remembers a signal, for which there must be room, and tells it.
func (h *Hub[V]) pass(s Signal[V], own bool) error {
	if !h.signals.put(held[V]{s, own}, h.options.Clock()) {
		return ErrManySignals
	}
	h.mu.Lock()
	r := h.rooms[s.Room]
	h.mu.Unlock()
	if r == nil {
		return nil
	}
	list := []*Message[V]{{Value: s.Value}}
	r.mu.Lock()
	defer r.mu.Unlock()
	for stream := range r.streams {
		stream.push(list, r.position)
	}
	return nil
}

// Own lists signals that were given in this process and hold, as many as are wanted
// at most.
func (h *Hub[V]) Own(most int) []Signal[V] {
	now := h.options.Clock()
	h.signals.mu.Lock()
	defer h.signals.mu.Unlock()
	var own []Signal[V]
	for _, byKey := range h.signals.byRoom {
		for _, s := range byKey {
			if len(own) == most {
				return own
			}
			if s.own && now.Before(s.Until) {
				own = append(own, s.Signal)
			}
		}
	}
	return own
}

// Holding lists the signals of a kind that hold in a room, by their keys.
func (h *Hub[V]) Holding(name, kind string) []V {
	now := h.options.Clock()
	h.signals.mu.Lock()
	defer h.signals.mu.Unlock()
	var holding []Signal[V]
	for _, s := range h.signals.byRoom[name] {
		if s.Kind == kind && now.Before(s.Until) {
			holding = append(holding, s.Signal)
		}
	}
	slices.SortFunc(holding, func(a, b Signal[V]) int { return strings.Compare(a.Key, b.Key) })
	values := make([]V, len(holding))
	for i, s := range holding {
		values[i] = s.Value
	}
	return values
}

// id names the signal in its room.
func (s Signal[V]) id() string { return s.Kind + " " + s.Key }

// put remembers a signal, or forgets it where it does not hold. It reports whether
// there was room.
func (l *signals[V]) put(s held[V], now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if since := now.Sub(l.swept); since < 0 || since >= sweepEvery {
		l.sweep(now)
	}
	key := s.id()
	if !now.Before(s.Until) {
		delete(l.byRoom[s.Room], key)
		return true
	}
	room := l.byRoom[s.Room]
	if _, again := room[key]; !again && len(room) >= maxSignals {
		if l.sweep(now); len(l.byRoom[s.Room]) >= maxSignals {
			return false
		}
	}
	if l.byRoom[s.Room] == nil {
		l.byRoom[s.Room] = map[string]held[V]{}
	}
	l.byRoom[s.Room][key] = s
	return true
}

// sweep forgets what holds no longer.
func (l *signals[V]) sweep(now time.Time) {
	l.swept = now
	for name, byKey := range l.byRoom {
		for key, s := range byKey {
			if !now.Before(s.Until) {
				delete(byKey, key)
			}
		}
		if len(byKey) == 0 {
			delete(l.byRoom, name)
		}
	}
}
