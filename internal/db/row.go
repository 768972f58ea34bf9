package db

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// A Row is the answer of QueryRow: at most one row.
type Row struct {
	sql *sql.Row

	// On SQLite database/sql is left out: for one row it takes longer than SQLite.
	session *session
	rows    *cursor
	err     error
}

// one runs a query of which one row is wanted.
func (s *session) one(text string, args []any) *Row {
	given, err := s.given(args)
	if err != nil {
		return &Row{err: err}
	}
	rows, err := s.query(text, given)
	return &Row{session: s, rows: rows, err: err}
}

// Scan reads the columns of the row into variables, as that of sql.Row does. IsNoRows knows its error where there is no row.
func (r *Row) Scan(dest ...any) error {
	if r.sql != nil {
		return r.sql.Scan(dest...)
	}
	if r.err != nil {
		return r.err
	}
	defer r.end()
	values := r.session.values[:0]
	for range r.rows.Columns() {
		values = append(values, nil)
	}
	r.session.values = values
	defer clear(values)
	switch err := r.rows.Next(values); {
	case err == io.EOF:
		return sql.ErrNoRows
	case err != nil:
		return err
	case len(dest) != len(values):
		return fmt.Errorf("a row has %d columns, and %d variables are to take them", len(values), len(dest))
	}
	for i, v := range values {
		if err := assign(dest[i], v); err != nil {
			return fmt.Errorf("reading column %d, %q: %w", i+1, r.rows.Columns()[i], err)
		}
	}
	return nil
}

// end gives up a row that nobody wants any more.
func (r *Row) end() {
	switch {
	case r.sql != nil:
		// Scan is the only way to close a row's rows; after an earlier Scan it does nothing. Its error is that no destination was given.
		_ = r.sql.Scan()
	case r.err == nil:
		r.rows.Close()
		r.err = errRowOver
	}
}

// errRowOver answers a Scan that comes too late.
var errRowOver = errors.New("the row has been read, or its transaction is over")

var errNull = errors.New("NULL has no place in the variable")

// assign sets a variable to what a column holds. For the most frequent pairs it does by itself what it leaves to database/sql for others.
func assign(dest, v any) error {
	switch d := dest.(type) {
	case sql.Scanner:
		return d.Scan(v)
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
	case *int64:
		if n, ok := v.(int64); ok {
			*d = n
			return nil
		}
	case *any:
		*d = v
		return nil
	}
	to := reflect.ValueOf(dest)
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return fmt.Errorf("a %T is no place for a value", dest)
	}
	return convert(to.Elem(), v)
}

// convert sets a variable of whatever type, those that are defined as another and pointers to one included.
func convert(to reflect.Value, v any) error {
	if to.Kind() == reflect.Pointer {
		if v == nil {
			to.SetZero()
			return nil
		}
		at := reflect.New(to.Type().Elem())
		to.Set(at)
		return assign(at.Interface(), v)
	}
	if v == nil && to.Kind() == reflect.Slice {
		to.SetZero()
		return nil
	}
	if v == nil {
		return errNull
	}
	switch to.Kind() {
	case reflect.String:
		if s, ok := v.(string); ok {
			to.SetString(s)
			return nil
		}
		n, err := through[sql.NullString](v)
		to.SetString(n.String)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := through[sql.NullInt64](v)
		if err == nil && to.OverflowInt(n.Int64) {
			return fmt.Errorf("%d has no place in a %s", n.Int64, to.Type())
		}
		to.SetInt(n.Int64)
		return err
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := through[sql.NullInt64](v) // SQLite has none that is greater
		if err == nil && (n.Int64 < 0 || to.OverflowUint(uint64(n.Int64))) {
			return fmt.Errorf("%d has no place in a %s", n.Int64, to.Type())
		}
		to.SetUint(uint64(n.Int64))
		return err
	case reflect.Bool:
		n, err := through[sql.NullBool](v)
		to.SetBool(n.Bool)
		return err
	case reflect.Float32, reflect.Float64:
		n, err := through[sql.NullFloat64](v)
		to.SetFloat(n.Float64)
		return err
	case reflect.Slice:
		if to.Type().Elem().Kind() == reflect.Uint8 {
			n, err := through[sql.NullString](v)
			to.SetBytes([]byte(n.String))
			return err
		}
	}
	return fmt.Errorf("a %s does not take a %T", to.Type(), v)
}

// through has a type of database/sql convert a value.
func through[N any, P interface {
	*N
	sql.Scanner
}](v any) (n N, err error) {
	err = P(&n).Scan(v)
	return n, err
}
