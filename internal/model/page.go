package model

// A Sort orders a list by a field; the id breaks ties in the same direction.
// What has no value comes last either way.
type Sort struct {
	Field      string
	Descending bool
}

// NewestFirst is the order of lists that know no other.
func NewestFirst() Sort { return Sort{Field: "created_at", Descending: true} }

// A Position is the last row of a page: what the next page begins after.
type Position struct {
	Value any    // the sort field's value: int64, float64, string, or nil for none
	ID    string // the row's id
}

// A PageRequest asks for a page of a list. With After the page is found by key
// and Number only tells which page it is; without, Number is counted from the
// start of the list, as clients that count pages themselves expect.
type PageRequest struct {
	PerPage int
	Number  int // from 1
	After   *Position
}

// Offset is how many rows to pass over: none when the page is found by key.
func (p PageRequest) Offset() int {
	if p.After != nil {
		return 0
	}
	return (p.Number - 1) * p.PerPage
}

// A Page is part of a list.
type Page[T any] struct {
	Items   []T
	Total   int // of the whole list
	PerPage int
	Number  int
	Next    *Position // nil on the last page
}

// TotalPages is how many pages of this size the list has; 0 when it is empty.
func (p *Page[T]) TotalPages() int { return (p.Total + p.PerPage - 1) / p.PerPage }
