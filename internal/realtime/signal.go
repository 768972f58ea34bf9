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

// A Bus carries signals to the hubs of all processes, the own one included. It may
// lose some.
type Bus[V any] interface {
	Tell(Signal[V])
	// Listen has hear called with each signal. It is called once, before any Tell.
	Listen(hear func(Signal[V]))
}

// A Local is the bus of a process that is alone.
type Local[V any] struct{ hear func(Signal[V]) }

// Tell implements Bus.
func (b *Local[V]) Tell(s Signal[V]) { b.hear(s) }

// Listen implements Bus.
func (b *Local[V]) Listen(hear func(Signal[V])) { b.hear = hear }

// maxSignals is how many signals hold at once in a room.
const maxSignals = 10_000

// ErrManySignals says that too many signals hold in a room.
var ErrManySignals = errors.New("realtime: too many signals")

// sweepEvery is how often signals that hold no longer are forgotten.
const sweepEvery = 10 * time.Second

// signals are those that hold.
type signals[V any] struct {
	mu     sync.Mutex
	byRoom map[string]map[string]Signal[V]
	swept  time.Time
}

// Signal tells a signal to who listens in its room, in all processes.
func (h *Hub[V]) Signal(s Signal[V]) error {
	now := h.options.Clock()
	if now.Before(s.Until) && !h.signals.room(s, now) {
		return ErrManySignals
	}
	h.options.Bus.Tell(s)
	return nil
}

// hear remembers a signal from the bus, and tells it.
func (h *Hub[V]) hear(s Signal[V]) {
	h.signals.put(s, h.options.Clock())
	h.mu.Lock()
	r := h.rooms[s.Room]
	h.mu.Unlock()
	if r == nil {
		return
	}
	list := []*Message[V]{{Value: s.Value}}
	r.mu.Lock()
	defer r.mu.Unlock()
	for stream := range r.streams {
		stream.push(list, r.position)
	}
}

// Holding lists the signals of a kind that hold in a room, by their keys.
func (h *Hub[V]) Holding(name, kind string) []V {
	now := h.options.Clock()
	h.signals.mu.Lock()
	defer h.signals.mu.Unlock()
	var holding []Signal[V]
	for _, s := range h.signals.byRoom[name] {
		if s.Kind == kind && now.Before(s.Until) {
			holding = append(holding, s)
		}
	}
	slices.SortFunc(holding, func(a, b Signal[V]) int { return strings.Compare(a.Key, b.Key) })
	values := make([]V, len(holding))
	for i, s := range holding {
		values[i] = s.Value
	}
	return values
}

// room reports whether there is room for a signal.
func (l *signals[V]) room(s Signal[V], now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if since := now.Sub(l.swept); since < 0 || since >= sweepEvery {
		l.sweep(now)
	}
	held := l.byRoom[s.Room]
	if _, again := held[s.id()]; again || len(held) < maxSignals {
		return true
	}
	l.sweep(now)
	return len(held) < maxSignals
}

// id names the signal in its room.
func (s Signal[V]) id() string { return s.Kind + " " + s.Key }

func (l *signals[V]) put(s Signal[V], now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := s.id()
	if !now.Before(s.Until) {
		delete(l.byRoom[s.Room], key)
		return
	}
	if l.byRoom[s.Room] == nil {
		l.byRoom[s.Room] = map[string]Signal[V]{}
	}
	l.byRoom[s.Room][key] = s
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
