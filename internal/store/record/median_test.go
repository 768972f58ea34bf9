package record_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"parley/internal/store/record"
)

// TestMedian adds values in no order, many of them equal, to a median of which only what is beside it is known.
func TestMedian(t *testing.T) {
	t.Parallel()
	for range 2000 {
		var all []record.Value
		var m record.Median
		for id := int64(1); id <= 9; id++ {
			v := record.Value{Number: rand.Int64N(6), ID: id}
			all = append(all, v)
			slices.SortStableFunc(all, func(a, b record.Value) int { return int(a.Number - b.Number) })
			middle := (len(all) - 1) / 2
			want := (all[middle].Number + all[len(all)/2].Number) / 2
			if got := m.Add(v); got != want || m.Middle != all[middle] || m.Values != id {
				t.Fatalf("the median of %v is %d, want %d; the middle is %v of %d, want %v", all, got, want, m.Middle, m.Values, all[middle])
			}
			m.Below, m.Above = record.Value{}, record.Value{}
			if middle > 0 {
				m.Below = all[middle-1]
			}
			if middle+1 < len(all) {
				m.Above = all[middle+1]
			}
		}
	}
}
