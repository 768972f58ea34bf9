package record

import (
	"database/sql"
	"fmt"
	"math"

	"github.com/go-json-experiment/json"

	"parley/internal/db"
	"parley/internal/model"
)

// Text and Number turn a noun's "unset" into SQL's NULL.
func Text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func Number[N ~int64](n N) any {
	if n == 0 {
		return nil
	}
	return int64(n)
}

// OrEmpty and OrZero scan a nullable column into a noun's field.
func OrEmpty(field *string) sql.Scanner { return orEmpty{field} }

func OrZero[N ~int64](field *N) sql.Scanner { return orZero[N]{field} }

type orEmpty struct{ field *string }

func (o orEmpty) Scan(v any) error {
	var n sql.NullString
	err := n.Scan(v)
	*o.field = n.String
	return err
}

type orZero[N ~int64] struct{ field *N }

func (o orZero[N]) Scan(v any) error {
	var n sql.NullInt64
	err := n.Scan(v)
	*o.field = N(n.Int64)
	return err
}

// Optional and OrAbsent do the same for a number that may be 0.
func Optional(o model.Opt[int64]) any {
	if !o.Has() {
		return nil
	}
	return o.Value
}

func OrAbsent(field *model.Opt[int64]) sql.Scanner { return orAbsent{field} }

type orAbsent struct{ field *model.Opt[int64] }

func (o orAbsent) Scan(v any) error {
	var n sql.NullInt64
	err := n.Scan(v)
	*o.field = model.Opt[int64]{Value: n.Int64, Set: n.Valid}
	return err
}

// JSONColumn scans a JSONB column into a Go value, by its pointer.
func JSONColumn(value any) sql.Scanner { return jsonColumn{value: value} }

// JSONOrZero is JSONColumn for one that may be NULL, which leaves the value as it is.
func JSONOrZero(value any) sql.Scanner { return jsonColumn{value: value, optional: true} }

type jsonColumn struct {
	value    any
	optional bool
}

func (c jsonColumn) Scan(v any) error {
	if v == nil && c.optional {
		return nil
	}
	switch v := v.(type) {
	case []byte:
		return json.Unmarshal(v, c.value)
	case string:
		return json.Unmarshal([]byte(v), c.value)
	default:
		return fmt.Errorf("a JSON column holds a %T", v)
	}
}

// ToJSON encodes what is to go into a JSONB column or a list parameter.
func ToJSON(v any) string { return toJSON(v) }

// SetToJSON is ToJSON without the fields of a struct that are unset, as they are found again where there are none.
func SetToJSON(v any) string { return toJSON(v, json.OmitZeroStructFields(true)) }

func toJSON(v any, options ...json.Options) string {
	b, err := json.Marshal(v, append(options, json.Deterministic(true))...)
	if err != nil {
		panic(err) // only values of our own making come here
	}
	return string(b)
}

// Rows runs a query and calls scan for each row.
func (s *Scope) Rows(query string, args []any, scan func(*db.Rows) error) error {
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

// A Reading is a query and what takes each of its rows.
type Reading struct {
	Of        string // what is read, for an error
	Statement string
	Args      []any
	Scan      func(*db.Rows) error
}

// Expect says that queries will be run with Take after the next statement, whose rows they do not depend on: see db.Tx.Ahead.
func (s *Scope) Expect(readings ...Reading) {
	for _, r := range readings {
		s.Ahead(r.Statement, r.Args...)
	}
}

// Read runs queries that do not depend on each other.
func (s *Scope) Read(readings ...Reading) error {
	if len(readings) > 1 {
		s.Expect(readings[1:]...)
	}
	return s.Take(readings...)
}

// Take is Read for queries that were expected.
func (s *Scope) Take(readings ...Reading) error {
	for _, r := range readings {
		if err := s.Rows(r.Statement, r.Args, r.Scan); err != nil {
			return fmt.Errorf("store: read %s: %w", r.Of, err)
		}
	}
	return nil
}

// OrNotFound turns "no such row" into the caller's word for it.
func OrNotFound(err, notFound error) error {
	if db.IsNoRows(err) {
		return notFound
	}
	return err
}

// A Scanner is a row, be it the only one or one of many.
type Scanner interface{ Scan(dest ...any) error }

// OfficeHours scans office hours.
func OfficeHours(h *model.OfficeHours) sql.Scanner { return officeHours{h} }

type officeHours struct{ h *model.OfficeHours }

func (c officeHours) Scan(v any) error {
	var days map[string][]string
	err := JSONColumn(&days).Scan(v)
	if err == nil {
		*c.h, err = model.ParseOfficeHours(days)
	}
	if err != nil {
		return fmt.Errorf("office hours: %v", err) // what is kept is no mistake of a caller's
	}
	return nil
}

// Whole gives back as int64 what was written as one: JSON has one kind of number.
func Whole(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= model.MaxNumber {
			return int64(v)
		}
	case []any:
		for i := range v {
			v[i] = Whole(v[i])
		}
	}
	return v
}
