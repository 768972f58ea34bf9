package store

import (
	"database/sql"
	"fmt"

	"github.com/go-json-experiment/json"

	"parley/internal/db"
	"parley/internal/model"
)

// text and number turn a noun's "unset" into SQL's NULL.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func number[N ~int64](n N) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}

// orEmpty and orZero scan a nullable column into a noun's field.
type orEmpty struct{ s *string }

func (o orEmpty) Scan(v any) error {
	var n sql.NullString
	err := n.Scan(v)
	*o.s = n.String
	return err
}

type orZero[N ~int64] struct{ n *N }

func (o orZero[N]) Scan(v any) error {
	var n sql.NullInt64
	err := n.Scan(v)
	*o.n = N(n.Int64)
	return err
}

func zero[N ~int64](n *N) orZero[N] { return orZero[N]{n} }

// optional and orAbsent do the same for a number that may be 0.
func optional(o model.Opt[int64]) any {
	if !o.Has() {
		return nil
	}
	return o.Value
}

type orAbsent struct{ o *model.Opt[int64] }

func (o orAbsent) Scan(v any) error {
	var n sql.NullInt64
	err := n.Scan(v)
	*o.o = model.Opt[int64]{Value: n.Int64, Set: n.Valid}
	return err
}

// jsonColumn scans a JSONB column into a Go value.
type jsonColumn struct{ v any }

func (c jsonColumn) Scan(v any) error {
	switch v := v.(type) {
	case []byte:
		return json.Unmarshal(v, c.v)
	case string:
		return json.Unmarshal([]byte(v), c.v)
	default:
		return fmt.Errorf("a JSON column holds a %T", v)
	}
}

// toJSON encodes what is to go into a JSONB column or a list parameter.
func toJSON(v any) string {
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		panic(err) // only values of our own making come here
	}
	return string(b)
}

// rows runs a query and calls scan for each row.
func (s *scope) rows(query string, args []any, scan func(*sql.Rows) error) error {
	rows, err := s.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// orNotFound turns "no such row" into the caller's word for it.
func orNotFound(err, notFound error) error {
	if db.IsNoRows(err) {
		return notFound
	}
	return err
}

// A scanner is a row, be it the only one or one of many.
type scanner interface{ Scan(dest ...any) error }
