package record

import (
	"cmp"
	"database/sql"
	"fmt"

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
}

// SortedBy is the column of a listing that knows only one order.
func SortedBy(column string) func(*query.Builder) (query.Column, error) {
	return func(*query.Builder) (query.Column, error) { return query.Column{SQL: column}, nil }
}

// ReadPage counts a listing and reads one page of it.
func ReadPage[T any](s *Scope, l Listing[T], sort model.Sort, page model.PageRequest) (*model.Page[T], error) {
	total := 0
	count := `SELECT count(*) FROM ` + cmp.Or(l.Counted, l.From) + ` WHERE ` + l.Where.SQL()
	if err := s.QueryRow(count, l.Where.Args()...).Scan(&total); err != nil {
		return nil, fmt.Errorf("store: count %s: %w", l.From, err)
	}
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
	where := l.Where.Clone()
	column, err := l.Column(where)
	if err != nil {
		return nil, err
	}
	where.Page(column, l.ID, sort, page)
	var last, value any
	statement := `SELECT ` + column.SQL + `, ` + l.Columns + ` FROM ` + l.From + ` WHERE ` + where.SQL()
	err = s.Rows(statement, where.Args(), func(r *sql.Rows) error {
		if len(result.Items) == page.PerPage { // one more row: another page follows
			result.Next = &model.Position{Value: last, ID: l.Key(result.Items[page.PerPage-1])}
			return nil
		}
		item, err := l.Scan(Behind(r, &value))
		result.Items, last = append(result.Items, item), plain(value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list %s: %w", l.From, err)
	}
	return result, nil
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
