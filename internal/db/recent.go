package db

import "container/list"

// statementLimit is how many statements a connection keeps prepared.
const statementLimit = 512

// recent keeps what was made of a statement's text, for the statements used last.
type recent[V any] struct {
	byText map[string]*list.Element // of entry[V]
	byAge  *list.List               // latest used first
}

type entry[V any] struct {
	text  string
	value V
}

func newRecent[V any]() recent[V] {
	return recent[V]{make(map[string]*list.Element), list.New()}
}

func (r recent[V]) get(text string) (value V, ok bool) {
	at, ok := r.byText[text]
	if !ok {
		return value, false
	}
	r.byAge.MoveToFront(at)
	return at.Value.(entry[V]).value, true
}

// put keeps a value for a text that has none. It returns the one that must make room, if there are too many.
func (r recent[V]) put(text string, value V) (oldest V, full bool) {
	if full = r.byAge.Len() >= statementLimit; full {
		last := r.byAge.Remove(r.byAge.Back()).(entry[V])
		delete(r.byText, last.text)
		oldest = last.value
	}
	r.byText[text] = r.byAge.PushFront(entry[V]{text, value})
	return oldest, full
}

// all calls do with every value.
func (r recent[V]) all(do func(V)) {
	for at := r.byAge.Front(); at != nil; at = at.Next() {
		do(at.Value.(entry[V]).value)
	}
}
