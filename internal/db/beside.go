package db

import (
	"context"
	"errors"
	"fmt"
)

// besideConns is how many connections there are for what runs beside transactions. Their statements are short, and whoever
// waits for one holds a connection of the pool: they must not be of the pool themselves.
const besideConns = 4

// Beside runs one statement that returns a row, beside the transaction that the caller may be in, and scans the row: what
// it changes is committed, and no lock of it is left, when Beside returns, whatever becomes of that transaction. A crash
// of the database may take it, but not if anything is kept that was committed after it.
//
// A row that stays locked for five seconds is a conflict: an Update whose function returns the error begins again.
// SQLite, which has one writer, cannot.
func (db *DB) Beside(ctx context.Context, statement string, args []any, dest ...any) error {
	e, ok := db.engine.(*postgresEngine)
	if !ok || e.beside == nil {
		return fmt.Errorf("a statement beside a transaction: %w", errors.ErrUnsupported)
	}
	if db.begun != nil {
		db.begun()(statement, args)
	}
	_, err := e.beside.attempt(ctx, func(tx *Tx) error { return tx.QueryRow(statement, args...).Scan(dest...) })
	return err
}
