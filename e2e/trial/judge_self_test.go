package trial

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// did is a step of a history.
func did(client int, from, to int64, s step, saw thing) porcupine.Operation {
	return porcupine.Operation{ClientId: client, Input: s, Call: from, Output: saw, Return: to}
}

// TestJudges feeds each judge what it must let pass and what it must refuse.
func TestJudges(t *testing.T) {
	t.Parallel()
	named := func(n string) thing { return thing{Name: n} }
	to := func(n string) step { return step{Kind: rename, Value: n} }
	look := step{Kind: read}
	life := func(initial thing, history ...porcupine.Operation) error {
		_, err := judgeLife(initial, history)
		return err
	}
	open, closed := thing{State: "open"}, thing{State: "closed", Parts: 1}
	strict, loose := func(int64) bool { return false }, func(int64) bool { return true }
	for _, c := range []struct {
		name string
		err  error
		good bool
	}{
		{"a read of what was written", life(named("a"), did(0, 1, 2, to("b"), thing{}), did(1, 3, 4, look, named("b"))), true},
		{"reads on both sides of a write that is under way",
			life(named("a"), did(0, 1, 9, to("b"), thing{}), did(1, 2, 3, look, named("a")), did(1, 4, 5, look, named("b"))), true},
		{"a stale read", life(named("a"), did(0, 1, 2, to("b"), thing{}), did(1, 3, 4, look, named("a"))), false},
		{"a read that goes back", life(named("a"), did(0, 1, 9, to("b"), thing{}), did(1, 2, 3, look, named("b")), did(1, 4, 5, look, named("a"))), false},
		{"a lost write", life(named("a"), did(0, 1, 2, to("b"), thing{}), did(0, 3, 4, to("c"), thing{}), did(1, 5, 6, look, named("b"))), false},
		{"a write without an answer that came late",
			life(named("a"), did(0, 1, never, to("b"), thing{}), did(1, 3, 4, look, named("a")), did(1, 5, 6, look, named("b"))), true},
		{"a write without an answer that never came", life(named("a"), did(0, 1, never, to("b"), thing{}), did(1, 3, 4, look, named("a"))), true},
		{"a write without an answer that came twice", life(named("a"), did(0, 1, never, to("b"), thing{}), did(1, 3, 4, look, named("b")),
			did(0, 5, 6, to("c"), thing{}), did(1, 7, 8, look, named("b"))), false},
		{"a close", life(open, did(0, 1, 2, step{Kind: shut}, thing{}), did(1, 3, 4, look, closed)), true},
		{"a close that was done twice", life(open, did(0, 1, 2, step{Kind: shut}, thing{}), did(1, 3, 4, look, thing{State: "closed", Parts: 2})), false},
		{"half of a close", life(open, did(0, 1, 2, step{Kind: shut}, thing{}), did(1, 3, 4, look, thing{State: "open", Parts: 1})), false},

		{"a sleep", judgeSleep([]string{"comment", "snoozed", "timer_unsnooze"}, 1, 0), true},
		{"a sleep that nobody confirmed", judgeSleep([]string{"snoozed", "timer_unsnooze"}, 0, 1), true},
		{"a double snooze", judgeSleep([]string{"snoozed", "snoozed", "timer_unsnooze"}, 1, 1), false},
		{"a sleeper that woke twice", judgeSleep([]string{"snoozed", "timer_unsnooze", "timer_unsnooze"}, 1, 0), false},
		{"a sleeper that sleeps on", judgeSleep([]string{"snoozed"}, 1, 0), false},
		{"a snooze that was lost", judgeSleep(nil, 1, 0), false},
		{"a snooze that nobody asked for", judgeSleep([]string{"snoozed", "timer_unsnooze", "snoozed", "timer_unsnooze"}, 1, 0), false},

		{"all heard in order", judgeHearing([]int{1, 2, 3}, []int{1, 2, 3}, nil), true},
		{"what nobody confirmed, heard late", judgeHearing([]int{1, 3, 2}, []int{1, 3}, []int{2}), true},
		{"out of order", judgeHearing([]int{1, 3, 2}, []int{1, 2, 3}, nil), false},
		{"not heard", judgeHearing([]int{1, 3}, []int{1, 2, 3}, nil), false},
		{"heard and never written", judgeHearing([]int{1, 2}, []int{1}, nil), false},
		{"heard twice", judgeHearing([]int{1, 1}, []int{1}, nil), false},

		{"one of three", judgeRace([]int{409, 200, 409}, 1), true},
		{"one without an answer", judgeRace([]int{409, 0, 409}, 1), true},
		{"nobody, as none was asked", judgeRace([]int{0, 502, 500}, 0), true},
		{"two of three", judgeRace([]int{200, 200, 409}, 1), false},
		{"two have it", judgeRace([]int{200, 0, 409}, 2), false},
		{"none of three", judgeRace([]int{409, 409, 409}, 1), false},
		{"refused for nobody", judgeRace([]int{409, 0}, 0), false},
		{"lost", judgeRace([]int{200, 409}, 0), false},
		{"something else", judgeRace([]int{200, 404}, 1), false},

		{"all of it", judgeWhole(10, 10, true), true},
		{"none of it, and no answer", judgeWhole(0, 10, false), true},
		{"half of it", judgeWhole(4, 10, false), false},
		{"none of it, confirmed", judgeWhole(0, 10, true), false},

		{"the same", judgeSame([]string{"a", "b"}, []string{"a", "b"}), true},
		{"a gap", judgeSame([]string{"a", "c"}, []string{"a", "b", "c"}), false},
		{"a double", judgeSame([]string{"a", "a"}, []string{"a"}), false},
		{"cut off", judgeSame([]string{"a"}, []string{"a", "b"}), false},

		{"different ids", judgeOnce([]string{"1", "2"}), true},
		{"an id again", judgeOnce([]string{"1", "2", "1"}), false},

		{"as many as the limit", judgeRates(5, map[int64]int{10: 5, 20: 4}, strict, 3), true},
		{"one more", judgeRates(5, map[int64]int{10: 6}, strict, 3), false},
		{"more while the database is away", judgeRates(5, map[int64]int{10: 15}, loose, 3), true},
		{"far more while the database is away", judgeRates(5, map[int64]int{10: 16}, loose, 3), false},
	} {
		if (c.err == nil) != c.good {
			t.Errorf("%s: the judge says %v", c.name, c.err)
		}
	}
}
