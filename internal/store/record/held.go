package record

import "slices"

// Held is what a transaction has last read or written of a row that nobody else can write to until it ends: the values of some columns, which can be
// compared.
type Held[ID comparable] struct {
	id     ID
	values []any
}

// Is says what the row has now.
func (h *Held[ID]) Is(id ID, values []any) { h.id, h.values = id, values }

// Becomes is Is, and reports whether that is what was last read or written of the same row.
func (h *Held[ID]) Becomes(id ID, values []any) (same bool) {
	same = h.id == id && slices.Equal(h.values, values)
	h.Is(id, values)
	return same
}
