package revision

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A snapshot is which transactions of a PostgreSQL server a transaction sees the changes of: pg_current_snapshot. Those below end are over
// but for the pending ones; those from there on it does not see.
type snapshot struct {
	end     uint64
	pending []uint64 // from the lowest
}

// parseSnapshot reads xmin:xmax:xip_list.
func parseSnapshot(text string) (s snapshot, err error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 {
		return s, fmt.Errorf("%q is no snapshot", text)
	}
	if s.end, err = strconv.ParseUint(parts[1], 10, 64); err != nil {
		return s, err
	}
	if parts[2] == "" {
		return s, nil
	}
	for number := range strings.SplitSeq(parts[2], ",") {
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return s, err
		}
		s.pending = append(s.pending, n)
	}
	slices.Sort(s.pending)
	return s, nil
}

// sees reports whether a transaction is over for the snapshot.
func (s snapshot) sees(number uint64) bool {
	_, pending := slices.BinarySearch(s.pending, number)
	return number < s.end && !pending
}

// mostSince is how many transactions between two snapshots are looked at.
const mostSince = 10_000

// since are the transactions that are over for the snapshot, and were not for an earlier one. It is not known where they are very many, nor
// where the other is not earlier: where it sees one that this one does not.
func (s snapshot) since(earlier snapshot) (numbers []uint64, known bool) {
	if s.end < earlier.end || s.end-earlier.end > mostSince {
		return nil, false
	}
	for _, number := range s.pending {
		if earlier.sees(number) {
			return nil, false
		}
	}
	for _, number := range earlier.pending {
		if s.sees(number) {
			numbers = append(numbers, number)
		}
	}
	for number := earlier.end; number < s.end; number++ {
		if s.sees(number) {
			numbers = append(numbers, number)
		}
	}
	return numbers, true
}
