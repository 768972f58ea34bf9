package record

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"

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

// ReadPlaces reads one page of those whom a plan finds, as ReadPage would read it; nil where they are to be counted first.
func ReadPlaces(s *Scope, plan *query.Plan, sort model.Sort, page model.PageRequest) (*model.Page[Place], error) {
	if plan.Gathers(sort) {
		return readGathered(s, plan, sort, page)
	}
	b := &query.Builder{}
	if can, err := plan.AtOnce(b, sort, page); !can || err != nil {
		return nil, err
	}
	result := &model.Page[Place]{PerPage: page.PerPage, Number: page.Number}
	known := false
	err := s.Rows(b.SQL(), b.Args(), func(r *db.Rows) error {
		var n, at sql.NullInt64
		var id sql.NullString
		err := r.Scan(&n, &at, &id)
		if id.Valid {
			result.Items = append(result.Items, Place{at.Int64, id.String})
		} else {
			result.Total, known = int(n.Int64), n.Valid
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read places: %w", err)
	}
	if !known {
		return nil, nil
	}
	if most := page.PerPage; len(result.Items) > most {
		result.Items = result.Items[:most]
		result.Next = &model.Position{Value: result.Items[most-1].At, ID: result.Items[most-1].ID}
		return result, nil
	}
	if sort.Field == "created_at" || sort.Field == "updated_at" || page.After == nil && len(result.Items) == result.Total {
		return result, nil
	}
	return nil, nil // behind those are others, who have no such time
}

// readGathered reads one page of those whom a plan gathers; nil where they are too many.
func readGathered(s *Scope, plan *query.Plan, sort model.Sort, page model.PageRequest) (*model.Page[Place], error) {
	var all []Place
	tells, alone := plan.Tells()
	if !tells || !alone {
		b := &query.Builder{}
		if err := plan.Gather(b); err != nil {
			return nil, err
		}
		var err error
		if all, err = readPlaces(s, b); err != nil || !tells && len(all) > query.MostGathered {
			return nil, err
		}
	}
	known, total := &told{plan: plan}, len(all)
	if tells {
		if err := known.read(s, sort); err != nil {
			return nil, fmt.Errorf("store: read numbers: %w", err)
		}
		total += known.count
	}
	all, err := known.near(s, all, sort, page)
	if err != nil {
		return nil, err
	}
	result := pageOfPlaces(all, sort, page)
	result.Total = total
	return result, nil
}

// readPlaces runs a SELECT of a time and an id, in whatever order.
func readPlaces(s *Scope, b *query.Builder) ([]Place, error) {
	var all []Place
	err := s.Rows(b.SQL(), b.Args(), func(r *db.Rows) error {
		var p Place
		err := r.Scan(&p.At, &p.ID)
		all = append(all, p)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: read places: %w", err)
	}
	return all, nil
}

// pageOfPlaces is one page of places that are in their order. A list has all of them, or those that may be on the page or the first behind it.
func pageOfPlaces(all []Place, sort model.Sort, page model.PageRequest) *model.Page[Place] {
	result := &model.Page[Place]{PerPage: page.PerPage, Number: page.Number}
	from := min(begin(all, sort, page), len(all))
	result.Items = all[from:min(from+page.PerPage, len(all))]
	if n := len(result.Items); from+n < len(all) {
		last := result.Items[n-1]
		result.Next = &model.Position{Value: last.At, ID: last.ID}
	}
	return result
}

// begin is where a page begins among places that are in their order.
func begin(all []Place, sort model.Sort, page model.PageRequest) int {
	if page.After == nil {
		return max(page.Offset(), 0)
	}
	at, _ := page.After.Value.(int64)
	from, found := slices.BinarySearchFunc(all, Place{at, page.After.ID}, order(sort))
	if found {
		from++
	}
	return from
}

// order compares places as a list has them.
func order(sort model.Sort) func(p, q Place) int {
	if sort.Descending {
		return func(p, q Place) int { return q.compare(p) }
	}
	return Place.compare
}
