package statement

import "container/list"

// Limit is how many there are, as many as a connection keeps prepared.
const Limit = 512

// Recent keeps what was made of a statement's text, for the statements used last.
type Recent[V any] struct {
	byText map[string]*list.Element // of entry[V]
	byAge  *list.List               // latest used first
}

type entry[V any] struct {
	text  string
	value V
}

// NewRecent makes one that has nothing.
func NewRecent[V any]() Recent[V] {
	return Recent[V]{make(map[string]*list.Element), list.New()}
}

// Get finds what was made of a text.
func (r Recent[V]) Get(text string) (value V, ok bool) {
	at, ok := r.byText[text]
	if !ok {
		return value, false
	}
	r.byAge.MoveToFront(at)
	return at.Value.(entry[V]).value, true
}

// Put keeps a value for a text that has none. It returns the one that must make room, if there are too many.
func (r Recent[V]) Put(text string, value V) (oldest V, full bool) {
	if full = r.byAge.Len() >= Limit; full {
		last := r.byAge.Remove(r.byAge.Back()).(entry[V])
		delete(r.byText, last.text)
		oldest = last.value
	}
	r.byText[text] = r.byAge.PushFront(entry[V]{text, value})
	return oldest, full
}

// All calls do with every value.
func (r Recent[V]) All(do func(V)) {
	for at := r.byAge.Front(); at != nil; at = at.Next() {
		do(at.Value.(entry[V]).value)
	}
}
