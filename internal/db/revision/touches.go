package revision

import (
	"slices"
	"sync"

	"parley/internal/db/statement"
)

// touches tell which of all Revisions statements may write to the tables of, so that a statement is looked up once, however many there are.
type touches struct {
	mu     sync.Mutex
	byText statement.Recent[*touching]
}

// touching is what is known of a statement.
type touching struct {
	asked int // how many Revisions it was held against: the first of them
	found []touch
}

// touch is a Revision, by its place among all, whose tables a statement may write to.
type touch struct {
	place int
	statement.Reach
}

func newTouches() touches { return touches{byText: statement.NewRecent[*touching]()} }

// of are those of a statement, in the order of all.
func (t *touches) of(all []*Revision, text string) []touch {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, seen := t.byText.Get(text)
	if !seen {
		known = &touching{}
		t.byText.Put(text, known)
	}
	for ; known.asked < len(all); known.asked++ {
		if reach := statement.ReachOf(text, all[known.asked].tables); reach.Touches {
			known.found = append(slices.Clip(known.found), touch{known.asked, reach}) // others read what was found before
		}
	}
	for i, found := range known.found {
		if found.place >= len(all) { // one that came later
			return known.found[:i]
		}
	}
	return known.found
}
