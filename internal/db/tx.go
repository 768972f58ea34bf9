package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"hash/fnv"
)

// Tx is one transaction. It is used by one goroutine, and only until the function it was given to returns.
//
// Two rules of PostgreSQL hold on SQLite too, so that what works on one works on the other. A failed statement dooms
// its transaction: later statements are refused, and the transaction ends in an error even if the function returns nil.
// And a statement cannot run while the rows of an earlier Query are open; reading them to the end closes them.
type Tx struct {
	ctx     context.Context
	dialect *Dialect
	run     runner
	scope   context.Context // what database/sql gets; on SQLite it never ends, which spares a goroutine per query
	rows    *sql.Rows       // the latest Query's
	row     *sql.Row        // the latest QueryRow's
	trace   func(statement string, args []any)
	after   []func()
	ended   bool
}

// runner is a *sql.Conn inside a transaction, or a *sql.Tx.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Context returns the caller's context. Inside Update it does not end when the caller's does.
func (t *Tx) Context() context.Context { return t.ctx }

// Dialect returns the words of the database.
func (t *Tx) Dialect() *Dialect { return t.dialect }

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	if t.ended {
		return 0, sql.ErrTxDone
	}
	t.tell(query, args)
	result, err := t.run.ExecContext(t.scope, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// Query runs a statement that returns rows. The caller closes them or reads them to the end.
func (t *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if t.ended {
		return nil, sql.ErrTxDone
	}
	t.tell(query, args)
	rows, err := t.run.QueryContext(t.scope, query, args...)
	if err != nil {
		return nil, err
	}
	t.rows = rows
	return rows, nil
}

// QueryRow runs a statement that returns at most one row. Its error, one that IsNoRows knows if there is none, waits for
// Scan, which must be called.
func (t *Tx) QueryRow(query string, args ...any) *sql.Row {
	if t.ended {
		return refusedRow(sql.ErrTxDone)
	}
	t.tell(query, args)
	t.row = t.run.QueryRowContext(t.scope, query, args...)
	return t.row
}

func (t *Tx) tell(statement string, args []any) {
	if t.trace != nil {
		t.trace(statement, args)
	}
}

// refusedRow returns a row whose Scan returns err. Only database/sql can make a row, so it is asked to connect in vain.
func refusedRow(err error) *sql.Row {
	nowhere := sql.OpenDB(refusal{err})
	defer nowhere.Close()
	return nowhere.QueryRow("")
}

type refusal struct{ err error }

func (r refusal) Connect(context.Context) (driver.Conn, error) { return nil, r.err }
func (r refusal) Driver() driver.Driver                        { return nil }

// Lock waits until no other transaction holds the same key, and holds it until this one ends. It serves rules that must
// not run side by side and have no row of their own to lock. SQLite runs one Update at a time, so there every key is
// held already.
func (t *Tx) Lock(key string) error {
	if t.dialect.name != "postgres" {
		return nil
	}
	hash := fnv.New64a()
	hash.Write([]byte(key))
	if _, err := t.Exec("SELECT pg_advisory_xact_lock($1)", int64(hash.Sum64())); err != nil {
		return fmt.Errorf("locking %q: %w", key, err)
	}
	return nil
}

// Passing says that a crash of the database may take what the transaction writes, so that the commit need not wait for the
// disk. SQLite, whose commits are of many transactions, makes no difference.
func (t *Tx) Passing() error {
	if t.dialect.name != "postgres" {
		return nil
	}
	_, err := t.Exec("SET LOCAL synchronous_commit = off")
	return err
}

// AfterCommit has fn run once the transaction is committed: in the order of the calls, in the goroutine of the caller
// of Update, before Update returns. After a rollback fn is forgotten. A View forgets it too.
func (t *Tx) AfterCommit(fn func()) { t.after = append(t.after, fn) }

// end closes what the function left open and refuses further use.
func (t *Tx) end() {
	t.ended = true
	if t.rows != nil {
		t.rows.Close()
	}
	if t.row != nil {
		// Scan is the only way to close a row's rows; after an earlier Scan it does nothing. Its error is that no
		// destination was given.
		_ = t.row.Scan()
	}
}
