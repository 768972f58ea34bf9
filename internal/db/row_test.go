package db

import (
	"database/sql"
	"reflect"
	"strings"
	"testing"
)

// TestRow reads one row into variables of all kinds, by a connection that reads and by the one that writes. Both do the same.
func TestRow(t *testing.T) {
	type name string
	type number int64
	twelve := number(12)
	onBoth(t, func(t *testing.T, o Options) {
		d := open(t, o)
		for _, c := range []struct {
			column string
			into   any // a pointer
			want   any // what is there then; an error where it is nil
		}{
			{`CAST('a' AS TEXT)`, new(string), "a"},
			{`CAST('a' AS TEXT)`, new(name), name("a")},
			{`CAST('a' AS TEXT)`, new(any), any("a")},
			{`CAST('a' AS TEXT)`, new(sql.NullString), sql.NullString{String: "a", Valid: true}},
			{`CAST('12' AS TEXT)`, new(int), 12},
			{`CAST('a' AS TEXT)`, new(int), nil},
			{`CAST(12 AS BIGINT)`, new(int), 12},
			{`CAST(12 AS BIGINT)`, new(int64), int64(12)},
			{`CAST(12 AS BIGINT)`, new(number), number(12)},
			{`CAST(12 AS BIGINT)`, new(string), "12"},
			{`CAST(12 AS BIGINT)`, new(float64), 12.0},
			{`CAST(12 AS BIGINT)`, new(int8), int8(12)},
			{`CAST(1000 AS BIGINT)`, new(int8), nil},
			{`CAST(4000000000 AS BIGINT)`, new(uint32), uint32(4_000_000_000)},
			{`CAST(5000000000 AS BIGINT)`, new(uint32), nil},
			{`CAST(-1 AS BIGINT)`, new(uint32), nil},
			{`CAST(12 AS BIGINT)`, new(*number), &twelve},
			{`CAST(NULL AS BIGINT)`, new(*number), (*number)(nil)},
			{`CAST('a' AS TEXT)`, new([]byte), []byte("a")},
			{`CAST(NULL AS TEXT)`, new([]byte), []byte(nil)},
			{`CAST(1 AS BIGINT)`, new(bool), true},
			{`CAST(2 AS BIGINT)`, new(bool), nil},
			{`CAST(1.5 AS DOUBLE PRECISION)`, new(float64), 1.5},
			{`CAST(1.5 AS DOUBLE PRECISION)`, new(int), nil},
			{`CAST(NULL AS TEXT)`, new(string), nil},
			{`CAST(NULL AS TEXT)`, new(name), nil},
			{`CAST(NULL AS BIGINT)`, new(int), nil},
			{`CAST(NULL AS TEXT)`, new(sql.NullString), sql.NullString{}},
			{`CAST('a' AS TEXT)`, new(struct{}), nil},
			{`CAST('a' AS TEXT)`, "no pointer", nil},
		} {
			for by, run := range map[string]func(func(*Tx) error) error{
				"view":   func(fn func(*Tx) error) error { return d.View(t.Context(), fn) },
				"update": func(fn func(*Tx) error) error { return d.Update(t.Context(), fn) },
			} {
				into := c.into
				if v := reflect.ValueOf(into); v.Kind() == reflect.Pointer {
					into = reflect.New(v.Type().Elem()).Interface()
				}
				err := run(func(tx *Tx) error { return tx.QueryRow("SELECT " + c.column).Scan(into) })
				switch {
				case c.want == nil && err == nil:
					t.Errorf("%s: %s went into a %T", by, c.column, into)
				case c.want != nil && err != nil:
					t.Errorf("%s: %s into a %T: %v", by, c.column, into, err)
				case c.want != nil && !reflect.DeepEqual(reflect.ValueOf(into).Elem().Interface(), c.want):
					t.Errorf("%s: %s became %v", by, c.column, reflect.ValueOf(into).Elem())
				}
			}
		}
		err := d.View(t.Context(), func(tx *Tx) error {
			var one, two string
			if err := tx.QueryRow("SELECT 'a' WHERE 1 = 0").Scan(&one); !IsNoRows(err) {
				t.Errorf("no row: %v", err)
			}
			row := tx.QueryRow("SELECT 'a'")
			if err := row.Scan(&one, &two); err == nil || !strings.Contains(err.Error(), "1") {
				t.Errorf("two variables for one column: %v", err)
			}
			if err := row.Scan(&one); err == nil {
				t.Error("a row was read twice")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		_ = d.View(t.Context(), func(tx *Tx) error { // which PostgreSQL ends for it
			var one string
			if err := tx.QueryRow("SELECT CAST($1 AS TEXT)", struct{}{}).Scan(&one); err == nil {
				t.Error("an argument was taken that is none")
			}
			return nil
		})
	})
}
