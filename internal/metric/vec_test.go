package metric

import "testing"

// TestRace adds a series that another goroutine has added meanwhile: it is the same.
func TestRace(t *testing.T) {
	t.Parallel()
	v := new(Registry).Counters("a_total", "", "b")
	x, again, y := v.add([]string{"x"}), v.add([]string{"x"}), v.add([]string{"y"})
	if x != again || x == y {
		t.Error("a series is not one")
	}
}
