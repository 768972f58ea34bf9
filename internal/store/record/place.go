package record

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
)

// A Place is where a row is in a list that is sorted by a time.
type Place struct {
	At int64
	ID string
}

func (p Place) compare(q Place) int { return cmp.Or(cmp.Compare(p.At, q.At), cmp.Compare(p.ID, q.ID)) }

// ReadPlaces runs a SELECT of a time and an id, in whatever order, and returns one page of what it finds; nil where that is more than most.
func ReadPlaces(s *Scope, b *query.Builder, most int, sort model.Sort, page model.PageRequest) (*model.Page[Place], error) {
	var all []Place
	err := s.Rows(b.SQL()+" LIMIT "+strconv.Itoa(most+1), b.Args(), func(r *db.Rows) error {
		var p Place
		err := r.Scan(&p.At, &p.ID)
		all = append(all, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read places: %w", err)
	}
	if len(all) > most {
		return nil, nil
	}
	return PageOfPlaces(all, sort, page), nil
}

// PageOfPlaces is one page of all rows that a list has, as ReadPage would read it.
func PageOfPlaces(all []Place, sort model.Sort, page model.PageRequest) *model.Page[Place] {
	result := &model.Page[Place]{Total: len(all), PerPage: page.PerPage, Number: page.Number}
	order := Place.compare
	if sort.Descending {
		order = func(p, q Place) int { return q.compare(p) }
	}
	slices.SortFunc(all, order)
	from := min(max(page.Offset(), 0), len(all))
	if after := page.After; after != nil {
		at, _ := after.Value.(int64)
		var found bool
		if from, found = slices.BinarySearchFunc(all, Place{at, after.ID}, order); found {
			from++
		}
	}
	result.Items = all[from:min(from+page.PerPage, len(all))]
	if n := len(result.Items); from+n < len(all) {
		last := result.Items[n-1]
		result.Next = &model.Position{Value: last.At, ID: last.ID}
	}
	return result
}
