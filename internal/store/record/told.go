package record

import (
	"cmp"
	"slices"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
)

// told are the numbers that contacts have whom an index tells of, apart by when they may have been made. Those are looked at who may be on a page.
type told struct {
	plan  *query.Plan
	count int
	spans []span // in the order of the list, by the first place that one of theirs may have
}

// A span is of numbers one after the other.
type span struct {
	numbers     []int64
	first, last int64 // between which all of theirs are, as rank has it
}

// rank is where a time is in a list.
func rank(at int64, sort model.Sort) int64 {
	if sort.Descending {
		return -at
	}
	return at
}

// read reads the numbers, and when those who have them may have been made.
func (t *told) read(s *Scope, sort model.Sort) error {
	b := &query.Builder{}
	t.plan.Told(b)
	var numbers []int64
	err := s.Rows(b.SQL(), b.Args(), func(r *db.Rows) error {
		var n int64
		err := r.Scan(&n)
		numbers = append(numbers, n)
		return err
	})
	if err != nil {
		return err
	}
	t.count = len(numbers)
	slices.Sort(numbers) // as the index has them anyhow
	b = &query.Builder{}
	t.plan.Ages(b)
	return s.Rows(b.SQL(), b.Args(), func(r *db.Rows) error {
		var begin, oldest, newest int64
		err := r.Scan(&begin, &oldest, &newest)
		from, _ := slices.BinarySearch(numbers, begin)
		to, _ := slices.BinarySearch(numbers, begin+query.AgesOf)
		if from < to {
			first, last := rank(oldest, sort), rank(newest, sort)
			t.spans = append(t.spans, span{numbers[from:to], min(first, last), max(first, last)})
		}
		return err
	})
}

// near adds those to the places of others who may be on a page, or the first behind it, until nobody else can be.
func (t *told) near(s *Scope, all []Place, sort model.Sort, page model.PageRequest) ([]Place, error) {
	slices.SortFunc(t.spans, func(a, b span) int { return cmp.Compare(a.first, b.first) })
	if page.After != nil {
		after, _ := page.After.Value.(int64)
		t.spans = slices.DeleteFunc(t.spans, func(one span) bool { return one.last < rank(after, sort) })
	}
	for {
		slices.SortFunc(all, order(sort))
		behind := begin(all, sort, page) + page.PerPage // the place of the first behind the page
		missing, last := behind+1-len(all), int64(0)
		if missing <= 0 {
			last = rank(all[behind].At, sort)
		}
		var numbers []int64
		for len(t.spans) > 0 && (len(numbers) < missing || missing <= 0 && t.spans[0].first <= last) {
			numbers = append(numbers, t.spans[0].numbers...)
			t.spans = t.spans[1:]
		}
		if len(numbers) == 0 {
			return all, nil
		}
		b := &query.Builder{}
		t.plan.Numbered(b, ToJSON(numbers))
		more, err := readPlaces(s, b)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
}
