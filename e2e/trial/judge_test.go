package trial

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

// A thing is what clients see of a contact or a conversation that several of them
// change at once.
type thing struct {
	Name     string // of a contact
	State    string
	Until    int64  // when it wakes, in Unix seconds
	Assignee string // id of an admin, or empty
	Parts    int    // how many were added
}

// The kinds of steps.
const (
	read     = "read"
	rename   = "rename"
	shut     = "close"
	reopen   = "open"
	snooze   = "snooze"
	assign   = "assign"
	comment  = "comment" // of a contact
	teamNote = "note"
)

// A step is what a client does to a thing.
type step struct {
	Kind  string
	Value string // the name, or the assignee
	Until int64
}

// after is the thing after a step.
func (s step) after(t thing) thing {
	if s.Kind == rename {
		t.Name = s.Value
		return t
	}
	t.Parts++
	switch s.Kind {
	case shut:
		t.State, t.Until = "closed", 0
	case reopen, comment:
		t.State, t.Until = "open", 0
	case snooze:
		t.State, t.Until = "snoozed", s.Until
	case assign:
		if t.Assignee = s.Value; s.Value != "" {
			t.State, t.Until = "open", 0
		}
	}
	return t
}

// lifeOf is the law that a thing's history must keep: there is an order of all steps,
// in which each took place between its request and its answer, and every read saw what
// the steps before it had made.
func lifeOf(initial thing) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return initial },
		Step: func(state, input, output any) (bool, any) {
			was, did := state.(thing), input.(step)
			if did.Kind == read {
				return output.(thing) == was, was
			}
			return true, did.after(was)
		},
		DescribeOperation: func(input, output any) string {
			did := input.(step)
			if did.Kind == read {
				return fmt.Sprintf("read %+v", output)
			}
			return strings.TrimSpace(fmt.Sprint(did.Kind, " ", did.Value))
		},
		DescribeState: func(state any) string { return fmt.Sprintf("%+v", state) },
	}
}

// never is the time of an answer that did not come. What was asked may have been done at
// any time, also after everything else, which is as good as not at all.
const never = math.MaxInt64

// maxJudging is how long the judge may think about one thing.
const maxJudging = 30 * time.Second

// judgeLife holds a history against the law.
func judgeLife(initial thing, history []porcupine.Operation) (porcupine.LinearizationInfo, error) {
	result, info := porcupine.CheckOperationsVerbose(lifeOf(initial), history, maxJudging)
	switch result {
	case porcupine.Ok:
		return info, nil
	case porcupine.Illegal:
		return info, errors.New("no order of its steps explains what was read")
	}
	return info, fmt.Errorf("the judge found no answer in %s", maxJudging)
}

// tell writes a history down, a line for each step.
func tell(history []porcupine.Operation) string {
	var b strings.Builder
	all := slices.SortedFunc(slices.Values(history), func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	for _, op := range all {
		did := op.Input.(step)
		end := "no answer"
		if op.Return != never {
			end = time.Duration(op.Return).Round(time.Microsecond).String()
		}
		fmt.Fprintf(&b, "%12s to %12s  client %d  %s %s", time.Duration(op.Call).Round(time.Microsecond), end, op.ClientId, did.Kind, did.Value)
		if did.Kind == read {
			fmt.Fprintf(&b, "%+v", op.Output)
		}
		fmt.Fprintf(&b, "  %v\n", op.Metadata)
	}
	return b.String()
}

// judgeSleep holds the parts of a conversation that was only ever snoozed, and by one
// client, against what that client was told: it fell asleep as often as was confirmed,
// or once more for each answer that did not come, and woke once each time.
func judgeSleep(parts []string, confirmed, unknown int) error {
	asleep, slept := false, 0
	for _, part := range parts {
		switch {
		case part == "snoozed" && !asleep:
			asleep, slept = true, slept+1
		case part == "timer_unsnooze" && asleep:
			asleep = false
		case part == "snoozed" || part == "timer_unsnooze":
			return fmt.Errorf("%s comes twice: %v", part, parts)
		}
	}
	switch {
	case asleep:
		return fmt.Errorf("it did not wake: %v", parts)
	case slept < confirmed || slept > confirmed+unknown:
		return fmt.Errorf("it slept %d times; %d were confirmed and %d not answered", slept, confirmed, unknown)
	}
	return nil
}

// judgeHearing holds what was heard of an object, in the order of hearing, against the
// numbers that its one writer wrote and was told of, in their order.
func judgeHearing(heard, confirmed, unknown []int) error {
	at := map[int]int{}
	for i, n := range heard {
		if _, twice := at[n]; twice {
			return fmt.Errorf("%d was told twice", n)
		}
		if at[n] = i; !slices.Contains(confirmed, n) && !slices.Contains(unknown, n) {
			return fmt.Errorf("%d was told and never written", n)
		}
	}
	last := -1
	for _, n := range confirmed {
		i, ok := at[n]
		if !ok {
			return fmt.Errorf("%d was confirmed and never told", n)
		}
		if i < last {
			return fmt.Errorf("%d was told too early: %v", n, heard)
		}
		last = i
	}
	return nil
}

// judgeRace holds the statuses that clients were answered who wanted the same key at
// once against how many have it in the end.
func judgeRace(statuses []int, have int64) error {
	won, unknown := 0, 0
	for _, s := range statuses {
		switch {
		case s == 200:
			won++
		case s == 0 || s >= 500:
			unknown++
		case s != 409:
			return fmt.Errorf("one was answered %d", s)
		}
	}
	switch {
	case won > 1 || have > 1:
		return fmt.Errorf("%d were answered 200, and %d have the key", won, have)
	case won == 1 && have != 1:
		return errors.New("one was answered 200, and nobody has the key")
	case won == 0 && have == 0 && unknown < len(statuses):
		return fmt.Errorf("%d were answered 409, and nobody has the key", len(statuses)-unknown)
	case won == 0 && unknown == 0:
		return errors.New("all were answered 409")
	}
	return nil
}

// judgeWhole holds how many rows of a change that writes several are there against
// whether it was confirmed.
func judgeWhole(have, want int64, confirmed bool) error {
	if have == want || have == 0 && !confirmed {
		return nil
	}
	return fmt.Errorf("%d of %d are there (confirmed: %t)", have, want, confirmed)
}

// judgeSame holds two lists against each other that must have the same in the same
// order.
func judgeSame(got, want []string) error {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return fmt.Errorf("%d are missing at the end, from %s on", len(want)-i, want[i])
		case i >= len(want):
			return fmt.Errorf("%d are too many at the end, from %s on", len(got)-i, got[i])
		case got[i] != want[i]:
			return fmt.Errorf("number %d is %s, want %s", i, got[i], want[i])
		}
	}
	return nil
}

// judgeOnce finds what is there more than once.
func judgeOnce(ids []string) error {
	seen := map[string]bool{}
	for _, id := range ids {
		if seen[id] {
			return fmt.Errorf("%s was given twice", id)
		}
		seen[id] = true
	}
	return nil
}

// judgeRates holds how many requests each window let in against the limit. In the
// windows that are loose the database was away, and each of so many servers may let in
// the limit.
func judgeRates(limit int, in map[int64]int, loose func(window int64) bool, servers int) error {
	for window, n := range in {
		most := limit
		if loose(window) {
			most *= servers
		}
		if n > most {
			return fmt.Errorf("the window that ends at %d let in %d, want %d at most", window, n, most)
		}
	}
	return nil
}
