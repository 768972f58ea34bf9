package record

import (
	"cmp"
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
)

// A Listing is a SELECT that is read page by page.
type Listing[T any] struct {
	Columns string
	From    string
	Counted string         // what to count rows of, where that is less than From; or empty
	Where   *query.Builder // the condition alone
	ID      string         // the column that breaks ties and never repeats
	Column  func(*query.Builder) (query.Column, error)
	Scan    func(Scanner) (T, error)
	Key     func(T) string // the item's id, as the column has it
	Search  bool           // the condition is a caller's, and planned for its values
	Few     bool           // rows are there, as was counted: they are found and then sorted
}

// few is how many rows a search finds that are better sorted than come upon in the order
// of the list.
const few = 500

// SortedBy is the column of a listing that knows only one order.
func SortedBy(column string) func(*query.Builder) (query.Column, error) {
	return func(*query.Builder) (query.Column, error) { return query.Column{SQL: column}, nil }
}

// ReadPage counts a listing and reads one page of it.
func ReadPage[T any](s *Scope, l Listing[T], sort model.Sort, page model.PageRequest) (*model.Page[T], error) {
	total := 0
	count := l.begin() + `SELECT count(*) FROM ` + cmp.Or(l.Counted, l.From) + ` WHERE ` + l.Where.SQL()
	if err := s.QueryRow(count, l.Where.Args()...).Scan(&total); err != nil {
		return nil, fmt.Errorf("store: count %s: %w", l.From, err)
	}
	return ReadCounted(s, l, total, sort, page)
}

// ReadCounted reads one page of a listing that was counted.
func ReadCounted[T any](s *Scope, l Listing[T], total int, sort model.Sort, page model.PageRequest) (*model.Page[T], error) {
	l.Few = l.Few || l.Search && total <= few
	result, err := ReadRows(s, l, sort, page)
	if err != nil {
		return nil, err
	}
	result.Total = total
	return result, nil
}

// ReadRows reads one page of a listing that nobody needs the length of.
func ReadRows[T any](s *Scope, l Listing[T], sort model.Sort, page model.PageRequest) (*model.Page[T], error) {
	result := &model.Page[T]{PerPage: page.PerPage, Number: page.Number}
	var last, value any
	read := func(end func(b *query.Builder, c query.Column, most int)) error {
		where := l.Where.Clone()
		if !l.Search && s.Dialect().PlansOnce() {
			where.FixLimit()
		}
		column, err := l.Column(where)
		if err != nil {
			return err
		}
		if l.Few {
			column.Order = s.Dialect().Unsorted(column.SQL)
		}
		// One more than the page holds, to see whether another follows.
		end(where, column, page.PerPage+1-len(result.Items))
		statement := l.begin() + `SELECT ` + column.SQL + `, ` + l.Columns + ` FROM ` + l.From + ` WHERE ` + where.SQL()
		err = s.Rows(statement, where.Args(), func(r *db.Rows) error {
			if len(result.Items) == page.PerPage {
				result.Next = &model.Position{Value: last, ID: l.Key(result.Items[page.PerPage-1])}
				return nil
			}
			item, err := l.Scan(Behind(r, &value))
			result.Items, last = append(result.Items, item), plain(value)
			return err
		})
		if err != nil {
			return fmt.Errorf("store: list %s: %w", l.From, err)
		}
		return nil
	}
	column, err := l.Column(l.Where.Clone())
	if err != nil {
		return nil, err
	}
	var after any // among the rows without a value
	switch {
	case !column.Nullable:
		return result, read(func(b *query.Builder, c query.Column, most int) { b.Page(c, l.ID, sort, page, most) })
	case page.Offset() > 0:
		return result, read(func(b *query.Builder, c query.Column, most int) { b.PageWithNulls(c, l.ID, sort, page, most) })
	case page.After != nil && page.After.Value == nil:
		after = page.After.ID
	default:
		err = read(func(b *query.Builder, c query.Column, most int) { b.PageOfSome(c, l.ID, sort, page, most) })
	}
	if err == nil && result.Next == nil {
		err = read(func(b *query.Builder, c query.Column, most int) { b.PageOfNone(c, l.ID, sort, after, most) })
	}
	return result, err
}

func (l Listing[T]) begin() string {
	if l.Search {
		return db.ByValues
	}
	return ""
}

// Behind is a row whose first column is not the noun's, and is scanned into first.
func Behind(row Scanner, first any) Scanner { return behind{row, first} }

type behind struct {
	row   Scanner
	first any
}

func (b behind) Scan(dest ...any) error { return b.row.Scan(append([]any{b.first}, dest...)...) }

// plain makes a driver's value one that a position may hold.
func plain(v any) any {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return v
}
