package revision

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestParseSnapshot(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want snapshot
		ok   bool
	}{
		{"724:724:", snapshot{end: 724}, true},
		{"10:20:10,14,15", snapshot{20, []uint64{10, 14, 15}}, true},
		{"10:20:15,10", snapshot{20, []uint64{10, 15}}, true},
		{"4294967296:18446744073709551615:4294967296", snapshot{18446744073709551615, []uint64{4294967296}}, true},
		{"", snapshot{}, false},
		{"10:20", snapshot{}, false},
		{"10:20:10:", snapshot{}, false},
		{"10::", snapshot{}, false},
		{"10:20:10,", snapshot{}, false},
		{"10:-20:", snapshot{}, false},
		{"10:20:a", snapshot{}, false},
	} {
		got, err := parseSnapshot(c.text)
		if (err == nil) != c.ok || c.ok && (got.end != c.want.end || !slices.Equal(got.pending, c.want.pending)) {
			t.Errorf("%q is %v, %v", c.text, got, err)
		}
	}
}

// A server gives out numbers to transactions that begin and end by chance.
type server struct {
	next    uint64
	running []uint64
	over    map[uint64]bool
}

func (s *server) step(r *rand.Rand) {
	if len(s.running) == 0 || r.IntN(2) == 0 {
		s.running = append(s.running, s.next)
		s.next++
		return
	}
	i := r.IntN(len(s.running))
	s.over[s.running[i]] = true
	s.running = slices.Delete(s.running, i, i+1)
}

// snapshot is as PostgreSQL makes one: it ends behind the latest that is over.
func (s *server) snapshot(first uint64) string {
	end := first
	for number := range s.over {
		end = max(end, number+1)
	}
	var pending []string
	least := end
	for _, number := range s.running {
		if number < end {
			pending = append(pending, fmt.Sprint(number))
			least = min(least, number)
		}
	}
	return fmt.Sprintf("%d:%d:%s", least, end, strings.Join(pending, ","))
}

// TestSince compares what lies between snapshots with what had ended when they were made.
func TestSince(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		first := 1 + r.Uint64N(1000)
		s := &server{next: first, over: map[uint64]bool{}}
		var snapshots []snapshot
		var over [][]uint64
		for range 40 {
			s.step(r)
			made, err := parseSnapshot(s.snapshot(first))
			if err != nil {
				t.Fatal(err)
			}
			snapshots = append(snapshots, made)
			var numbers []uint64
			for number := range s.over {
				numbers = append(numbers, number)
			}
			over = append(over, numbers)
		}
		for i, a := range snapshots {
			for j, b := range snapshots {
				var want []uint64
				for _, number := range over[j] {
					if !slices.Contains(over[i], number) {
						want = append(want, number)
					}
				}
				got, known := b.since(a)
				slices.Sort(got)
				slices.Sort(want)
				earlier := len(over[i]) > len(over[j]) // and so it sees one that the other does not
				if known == earlier || !slices.Equal(got, want) && known {
					t.Fatalf("seed %d: from %v to %v are %v, %t, and were %v", seed, a, b, got, known, want)
				}
			}
		}
	}
}

func TestSinceIsBounded(t *testing.T) {
	t.Parallel()
	if numbers, known := (snapshot{end: 10 + mostSince}).since(snapshot{end: 10}); !known || len(numbers) != mostSince {
		t.Errorf("%d transactions are %d, %t", mostSince, len(numbers), known)
	}
	if _, known := (snapshot{end: 11 + mostSince}).since(snapshot{end: 10}); known {
		t.Error("more are known")
	}
}
