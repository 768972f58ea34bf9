package realtime_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/realtime"
)

// A log is what is told in a room, numbered from 1.
type log struct {
	mu   sync.Mutex
	last int64
}

func (l *log) add(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last += n
}

func (l *log) newest() realtime.Position {
	l.mu.Lock()
	defer l.mu.Unlock()
	return realtime.Position{Number: l.last}
}

func (l *log) read(_ context.Context, _ string, after realtime.Position, most int) ([]*realtime.Message[string], error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var list []*realtime.Message[string]
	for n := after.Number + 1; n <= l.last && len(list) < most; n++ {
		list = append(list, &realtime.Message[string]{Position: realtime.Position{Number: n}, Value: fmt.Sprint(n)})
	}
	return list, nil
}

func all(string) bool { return true }

func hub(l *log, o realtime.Options[string]) *realtime.Hub[string] {
	o.Read, o.Logger = l.read, slog.New(slog.DiscardHandler)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return realtime.NewHub(o)
}

// take waits for what a stream is told.
func take(t testing.TB, s *realtime.Stream[string]) ([]string, realtime.Position, error) {
	t.Helper()
	for {
		select {
		case <-s.Ready():
		case <-time.After(30 * time.Second):
			t.Fatal("nothing was told")
		}
		list, reached, err := s.Take(context.Background())
		if len(list) == 0 && err == nil {
			continue
		}
		var values []string
		for _, m := range list {
			values = append(values, m.Value)
		}
		return values, reached, err
	}
}

// TestStreamJoinsWithoutAGap opens streams at any position of a room that is at any
// other: each is told what follows its own, once.
func TestStreamJoinsWithoutAGap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		l := &log{}
		h := hub(l, realtime.Options[string]{})
		first := int64(rapid.IntRange(0, 500).Draw(rt, "first"))
		l.add(first)
		keeper, err := h.Open("room", l.newest(), l.newest(), all)
		if err != nil {
			t.Fatal(err)
		}
		defer keeper.Close()
		// The room may have come to know of these or not.
		l.add(int64(rapid.IntRange(0, 300).Draw(rt, "more")))
		if rapid.Bool().Draw(rt, "woken") {
			h.Wake("room")
		}
		after := rapid.Int64Range(0, l.newest().Number).Draw(rt, "after")
		s, err := h.Open("room", realtime.Position{Number: after}, l.newest(), all)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		l.add(1)
		h.Wake("room")
		want := l.newest().Number
		for next := after + 1; next <= want; {
			list, _, err := take(t, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range list {
				if v != fmt.Sprint(next) {
					t.Fatalf("the stream tells %s instead of %d", v, next)
				}
				next++
			}
		}
	})
}

func TestSlowStreamEnds(t *testing.T) {
	t.Parallel()
	l := &log{}
	h := hub(l, realtime.Options[string]{Buffer: 10})
	slow, err := h.Open("room", l.newest(), l.newest(), all)
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	deaf, err := h.Open("room", l.newest(), l.newest(), func(v string) bool { return v == "11" })
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	l.add(11)
	h.Wake("room")
	if list, reached, err := take(t, deaf); !slices.Equal(list, []string{"11"}) || reached.Number != 11 || err != nil {
		t.Errorf("who hears little is told %q, up to %v (%v)", list, reached, err)
	}
	if list, _, err := take(t, slow); len(list) > 0 || !errors.Is(err, realtime.ErrBehind) {
		t.Errorf("the slow stream is told %q, and %v", list, err)
	}
	again, err := h.Open("room", realtime.Position{}, l.newest(), all)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if list, _, err := take(t, again); len(list) != 11 || err != nil {
		t.Errorf("when it is back it is told %q, and %v", list, err)
	}
}

func TestHubIsClosed(t *testing.T) {
	t.Parallel()
	l := &log{}
	h := hub(l, realtime.Options[string]{})
	s, err := h.Open("room", l.newest(), l.newest(), all)
	if err != nil {
		t.Fatal(err)
	}
	h.Close()
	if _, _, err := take(t, s); !errors.Is(err, realtime.ErrClosed) {
		t.Errorf("the stream ends with %v", err)
	}
	s.Close()
	s.Close() // is no harm
	if _, err := h.Open("room", l.newest(), l.newest(), all); !errors.Is(err, realtime.ErrClosed) {
		t.Errorf("another is opened with %v", err)
	}
}

// TestSignalsPass holds that a signal is for who listens at the moment, holds until
// its time, and is replaced.
func TestSignalsPass(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	l := &log{}
	h := hub(l, realtime.Options[string]{Clock: func() time.Time { return now }})
	s, err := h.Open("room", l.newest(), l.newest(), func(v string) bool { return v != "secret" })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	signal := func(room, key, value string, holds time.Duration) {
		t.Helper()
		if err := h.Signal(realtime.Signal[string]{Room: room, Kind: "here", Key: key, Value: value, Until: now.Add(holds)}); err != nil {
			t.Fatal(err)
		}
	}
	signal("room", "a", "secret", time.Minute)
	signal("other", "a", "elsewhere", time.Minute)
	signal("room", "b", "b", time.Second)
	signal("room", "c", "c", time.Minute)
	signal("room", "c", "c again", time.Minute)
	var got []string
	for len(got) < 3 {
		list, reached, err := take(t, s)
		if err != nil || reached != (realtime.Position{}) {
			t.Fatalf("signals lead to %v (%v)", reached, err)
		}
		got = append(got, list...)
	}
	if !slices.Equal(got, []string{"b", "c", "c again"}) {
		t.Errorf("the stream is told %q", got)
	}
	holding := func(want ...string) {
		t.Helper()
		if got := h.Holding("room", "here"); !slices.Equal(got, want) {
			t.Errorf("%q hold, want %q", got, want)
		}
	}
	holding("secret", "b", "c again")
	now = now.Add(time.Second)
	holding("secret", "c again")
	signal("room", "a", "gone", 0)
	holding("c again")
	for i := range 10_000 - 1 {
		signal("room", fmt.Sprint("x", i), "x", time.Hour)
	}
	err = h.Signal(realtime.Signal[string]{Room: "room", Kind: "here", Key: "y", Until: now.Add(time.Hour)})
	if !errors.Is(err, realtime.ErrManySignals) {
		t.Errorf("one signal too many: %v", err)
	}
	now = now.Add(30 * time.Minute)
	signal("room", "c", "back", time.Hour) // the minute is over
}

// TestSignalsOfOtherProcesses has two hubs that tell each other: both hold what was
// given to either, one holds as its own what was given to it last, and neither has
// more of the other's than there is room for.
func TestSignalsOfOtherProcesses(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	clock := func() time.Time { return now }
	var a, b *realtime.Hub[string]
	refused := 0
	hear := func(by **realtime.Hub[string]) func(realtime.Signal[string]) {
		return func(s realtime.Signal[string]) {
			if errors.Is((*by).Hear(s), realtime.ErrManySignals) {
				refused++
			}
		}
	}
	a = hub(&log{}, realtime.Options[string]{Clock: clock, Tell: hear(&b)})
	b = hub(&log{}, realtime.Options[string]{Clock: clock, Tell: hear(&a)})
	listener, err := b.Open("room", realtime.Position{}, realtime.Position{}, all)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	give := func(to *realtime.Hub[string], key, value string, holds time.Duration) {
		t.Helper()
		if err := to.Signal(realtime.Signal[string]{Room: "room", Kind: "here", Key: key, Value: value, Until: now.Add(holds)}); err != nil {
			t.Fatal(err)
		}
	}
	own := func(h *realtime.Hub[string]) (values []string) {
		for _, s := range h.Own(100) {
			values = append(values, s.Value)
		}
		slices.Sort(values)
		return values
	}
	give(a, "1", "one", time.Minute)
	give(a, "2", "two", time.Minute)
	give(b, "2", "two again", time.Minute)
	give(b, "3", "three", time.Second)
	now = now.Add(time.Second)
	for name, h := range map[string]*realtime.Hub[string]{"a": a, "b": b} {
		if got := h.Holding("room", "here"); !slices.Equal(got, []string{"one", "two again"}) {
			t.Errorf("%s holds %q", name, got)
		}
	}
	if a, b := own(a), own(b); !slices.Equal(a, []string{"one"}) || !slices.Equal(b, []string{"two again"}) {
		t.Errorf("own are %q and %q", a, b)
	}
	if got := a.Own(0); len(got) > 0 {
		t.Errorf("none is wanted, and it is %v", got)
	}
	var told []string
	for len(told) < 4 {
		list, _, err := take(t, listener)
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, list...)
	}
	if !slices.Equal(told, []string{"one", "two", "two again", "three"}) {
		t.Errorf("who listens is told %q", told)
	}
	for i := range 10_000 - 2 {
		give(b, fmt.Sprint("x", i), "x", time.Hour)
	}
	if refused > 0 {
		t.Errorf("%d were refused while there was room", refused)
	}
	if err := a.Hear(realtime.Signal[string]{Room: "room", Kind: "here", Key: "y", Until: now.Add(time.Hour)}); !errors.Is(err, realtime.ErrManySignals) {
		t.Errorf("one of another too many: %v", err)
	}
}

// TestWokenByOthers has hubs that do not look by themselves: what others wrote is
// told once somebody says so, of one room or of all.
func TestWokenByOthers(t *testing.T) {
	t.Parallel()
	l := &log{}
	h := hub(l, realtime.Options[string]{Look: time.Hour})
	s, err := h.Open("room", l.newest(), l.newest(), all)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, wake := range []func(){func() { h.Wake("room") }, h.WakeAll} {
		l.add(1)
		wake()
		if list, _, err := take(t, s); !slices.Equal(list, []string{fmt.Sprint(i + 1)}) || err != nil {
			t.Errorf("the stream is told %q (%v)", list, err)
		}
	}
}
