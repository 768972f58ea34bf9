package record

import (
	"math"
	"slices"
	"sync"
	"testing"
)

// TestNumbersOfASecondAscend makes numbers from several goroutines, whose own numbers grow
// whatever the others make.
func TestNumbersOfASecondAscend(t *testing.T) {
	t.Parallel()
	var a ascending
	var running sync.WaitGroup
	var made [8][]uint64
	for i := range made {
		running.Go(func() {
			for range 1000 {
				made[i] = append(made[i], a.next(7))
			}
		})
	}
	running.Wait()
	all := slices.Concat(made[:]...)
	for i, numbers := range made {
		if !slices.IsSorted(numbers) {
			t.Errorf("the numbers of goroutine %d do not grow", i)
		}
	}
	slices.Sort(all)
	if n := len(slices.Compact(slices.Clone(all))); n != 8000 {
		t.Errorf("%d numbers of 8,000 differ", n)
	}
	if steps := all[len(all)-1] - all[0]; steps < 1<<stepBits {
		t.Errorf("8,000 steps are %d: who knows a number knows the next", steps)
	}
}

func TestNumbersBeginAnew(t *testing.T) {
	t.Parallel()
	const full = math.MaxUint64
	tests := []struct {
		name   string
		second uint32
	}{
		{"for another second", 8},
		{"for a second before", 6},
		{"with no room for a step", 7},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			a := ascending{second: 7, last: full}
			n := a.next(test.second)
			if n >= 1<<63 {
				t.Errorf("%#x leaves too little room for those to come", n)
			}
			if next := a.next(test.second); next <= n {
				t.Errorf("after %#x there is %#x", n, next)
			}
		})
	}
}
