package db

import (
	"context"
	"testing"
)

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
