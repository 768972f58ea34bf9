package db

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
)

// Rows are the rows of a query, for one goroutine. Next goes on to the next of them, the first at first, and closes them when there is none;
// who stops before that closes them. They are read as sql.Rows are, which take longer for a few rows than SQLite does.
type Rows struct {
	from   source
	room   *[]any // for the values of a row; of the connection, which has one query at a time
	closed bool
	err    error
}

// source is where rows come from.
type source interface {
	// next appends the values of the next row, if there is one.
	next(to []any) (row []any, more bool, err error)
	// columns are the names of those values.
	columns() []string
	// end gives up what was not read, and says how the query ended.
	end() error
}

// Next goes on to the next row, and reports whether there is one. Err says whether they ended in an error.
func (r *Rows) Next() bool {
	if r.closed {
		return false
	}
	clear(*r.room)
	row, more, err := r.from.next((*r.room)[:0])
	*r.room = row
	if !more {
		r.err = err
		r.Close()
	}
	return more
}

// Columns are the names of the columns.
func (r *Rows) Columns() []string { return r.from.columns() }

// Err is why Next reported that there is no further row: nil where there was none.
func (r *Rows) Err() error { return r.err }

// Close gives up the rows that were not read. An error says that the query has failed. Again, it does nothing.
func (r *Rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	clear(*r.room)
	err := r.from.end()
	if r.err == nil {
		r.err = err
	}
	return err
}

// abandon closes rows that were left open: their transaction is over.
func (r *Rows) abandon() {
	if !r.closed {
		// What was not read is missed by nobody, and a query that has failed has doomed the transaction.
		_ = r.Close()
		r.err = errRowsOver
	}
}

// Scan reads the columns of the row that Next went on to into variables.
func (r *Rows) Scan(dest ...any) error {
	if r.closed {
		return errRowsOver
	}
	if len(dest) != len(*r.room) {
		return fmt.Errorf("a row has %d columns, and %d variables are to take them", len(*r.room), len(dest))
	}
	for i, v := range *r.room {
		if err := assign(dest[i], v); err != nil {
			return fmt.Errorf("reading column %d, %q: %w", i+1, r.from.columns()[i], err)
		}
	}
	return nil
}

// A Row is the answer of QueryRow: at most one row.
type Row struct {
	rows Rows
	err  error
}

// Scan reads the columns of the row into variables. IsNoRows knows its error where there is no row.
func (r *Row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	r.err = errRowsOver
	defer r.rows.Close()
	if !r.rows.Next() {
		if r.rows.err != nil {
			return r.rows.err
		}
		return sql.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.rows.Close()
}

// errRowsOver answers a Scan that comes too late.
var errRowsOver = errors.New("the row has been read, or its transaction is over")

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
		if n, ok := v.(int64); ok && to.Kind() == reflect.Int64 {
			to.SetInt(n)
			return nil
		}
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
