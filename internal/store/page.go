package store

import (
	"cmp"
	"database/sql"
	"fmt"

	"parley/internal/model"
	"parley/internal/store/query"
)

// A listing is a SELECT that is read page by page.
type listing[T any] struct {
	columns string
	from    string
	counted string         // what to count rows of, where that is less than from; or empty
	where   *query.Builder // the condition alone
	id      string         // the column that breaks ties and never repeats
	column  func(*query.Builder) (query.Column, error)
	scan    func(scanner) (T, error)
	key     func(T) string // the item's id, as the column has it
}

// sortedBy is the column of a listing that knows only one order.
func sortedBy(column string) func(*query.Builder) (query.Column, error) {
	return func(*query.Builder) (query.Column, error) { return query.Column{SQL: column}, nil }
}

// readPage counts a listing and reads one page of it.
func readPage[T any](s *scope, l listing[T], sort model.Sort, page model.PageRequest) (*model.Page[T], error) {
	total := 0
	count := `SELECT count(*) FROM ` + cmp.Or(l.counted, l.from) + ` WHERE ` + l.where.SQL()
	if err := s.QueryRow(count, l.where.Args()...).Scan(&total); err != nil {
		return nil, fmt.Errorf("store: count %s: %w", l.from, err)
	}
	result, err := readRows(s, l, sort, page)
	if err != nil {
		return nil, err
	}
	result.Total = total
	return result, nil
}

// readRows reads one page of a listing that nobody needs the length of.
func readRows[T any](s *scope, l listing[T], sort model.Sort, page model.PageRequest) (*model.Page[T], error) {
	result := &model.Page[T]{PerPage: page.PerPage, Number: page.Number}
	where := l.where.Clone()
	column, err := l.column(where)
	if err != nil {
		return nil, err
	}
	where.Page(column, l.id, sort, page)
	var last, value any
	statement := `SELECT ` + column.SQL + `, ` + l.columns + ` FROM ` + l.from + ` WHERE ` + where.SQL()
	err = s.rows(statement, where.Args(), func(r *sql.Rows) error {
		if len(result.Items) == page.PerPage { // one more row: another page follows
			result.Next = &model.Position{Value: last, ID: l.key(result.Items[page.PerPage-1])}
			return nil
		}
		item, err := l.scan(behind{r, &value})
		result.Items, last = append(result.Items, item), plain(value)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list %s: %w", l.from, err)
	}
	return result, nil
}

// behind scans a row whose first column is not the noun's.
type behind struct {
	row   scanner
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
