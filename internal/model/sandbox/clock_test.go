package sandbox_test

import (
	"testing"
	"testing/quick"
	"time"

	"parley/internal/model/sandbox"
)

// TestReachesIsWhenItShows holds that a clock shows a time when it reaches it, and not
// before.
func TestReachesIsWhenItShows(t *testing.T) {
	t.Parallel()
	holds := func(machine, to uint32, ahead int32, stands bool) bool {
		at := time.Unix(int64(machine), 5e8)
		c := sandbox.Clock{}.Set(max(int64(machine)+int64(ahead), sandbox.MinTime), stands, at)
		shown := c.Now(at).Unix()
		when := c.Reaches(int64(to), at)
		switch {
		case stands && int64(to) > shown:
			return when == sandbox.Never
		case stands:
			return when <= at.Unix() && at.Unix()-when == shown-int64(to)
		}
		return c.Now(time.Unix(when, 0)).Unix() == int64(to) && c.Now(time.Unix(when-1, 0)).Unix() < int64(to)
	}
	if err := quick.Check(holds, nil); err != nil {
		t.Error(err)
	}
	zero, at := sandbox.Clock{}, time.Unix(1e9, 7)
	if zero.Now(at) != at || zero.Reaches(5, at) != 5 || zero.Set(1e9, false, at) != zero {
		t.Error("no clock is not the machine's")
	}
}
