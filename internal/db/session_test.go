package db

import (
	"context"
	"testing"
)

// TestNumbered holds that SQLite gives each parameter the number that its name says.
func TestNumbered(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"SELECT 1", "SELECT 1"},
		{"SELECT $1, $2, $3", "SELECT ?, ?, ?"},
		{"SELECT $1, $2, $1, $3, $2", "SELECT ?, ?, ?1, ?, ?2"},
		{"SELECT $2, $1, $3", "SELECT ?2, ?1, ?"},
		{"SELECT $1, $3, $4", "SELECT ?, ?3, ?"},
		{"SELECT $10,$1", "SELECT ?10,?1"},
		{"SELECT '$1', $1, 'a''$1', \"b$1\", $2 -- $3\n, /* $3 '*/ $3", "SELECT '$1', ?, 'a''$1', \"b$1\", ? -- $3\n, /* $3 '*/ ?"},
		{"SELECT x->'$.a', $1, '$", "SELECT x->'$.a', ?, '$"},
		{"SELECT $1, $2; SELECT $3, $1", "SELECT ?, ?; SELECT ?3, ?1"},
		{"SELECT $a, $, $99999999999999999999", "SELECT $a, $, $99999999999999999999"},
	} {
		if got := numbered(c.in); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.in, got, c.want)
		}
	}
}

// TestParametersInAnyOrder has the values of parameters that come in any order, and more
// than once.
func TestParametersInAnyOrder(t *testing.T) {
	t.Parallel()
	d := openSQLiteOnly(t)
	var got [6]int64
	err := d.View(context.Background(), func(tx *Tx) error {
		return tx.QueryRow(`SELECT $3, $1, $1, $4, $2, $4`, 1, 2, 3, 4).Scan(&got[0], &got[1], &got[2], &got[3], &got[4], &got[5])
	})
	if want := [6]int64{3, 1, 1, 4, 2, 4}; err != nil || got != want {
		t.Errorf("they are %v, want %v: %v", got, want, err)
	}
}
