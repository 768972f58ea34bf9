package db

import (
	"context"
	"database/sql"
	"hash/fnv"

	"parley/internal/db/revision"
)

// Tx is one transaction. It is used by one goroutine, and only until the function it was given to returns.
//
// Two rules of PostgreSQL hold on SQLite too, so that what works on one works on the other. A failed statement dooms
// its transaction: later statements are refused, and the transaction ends in an error even if the function returns nil.
// And a statement cannot run while the rows of an earlier Query are open; reading them to the end closes them.
type Tx struct {
	ctx       context.Context
	dialect   *Dialect
	run       runner
	unhurried func()                    // has the connection wait for as long as an answer takes; nil on SQLite
	later     func(string, []any)       // has a statement sent with the next one; nil on SQLite
	write     func(string, []any) error // has one sent with the next one that may write; nil on SQLite, and where nothing may be written
	ahead     func(asked)               // has a query sent with the next one; nil on SQLite
	last      func()                    // has the transaction end with the next one; nil on SQLite, and where something may be written
	moments   func() revision.Moments   // of what it sees; nil on SQLite, and where nobody asks for any
	wrote     func(*Revision) bool      // whether it may have written to the tables; nil where nothing may be written, and on SQLite
	numbered  func()                    // has the number be asked for along with the next statement, as the transaction is about to write; nil where wrote is
	dated     func()                    // has moments be asked for along with the next statement; nil where moments is
	rows      *Rows                     // the latest query's
	watch     *watch                    // of the connection that writes to SQLite; else nil
	trace     func(statement string, args []any)
	claims    []claim
	after     []func()
	ended     bool
}

// claim is a Claim, what is to be told of it, and what is to be told.
type claim struct {
	revision.Claim
	told  func(at Moment)
	at    Moment
	known bool
}

// runner runs the statements of a transaction.
type runner interface {
	exec(text string, args []any) (changed int64, err error)
	query(text string, args []any) (Rows, error)
}

// Context returns the caller's context. Inside Update it does not end when the caller's does.
func (t *Tx) Context() context.Context { return t.ctx }

// Dialect returns the words of the database.
func (t *Tx) Dialect() *Dialect { return t.dialect }

// ByValues, at the beginning of a statement, has PostgreSQL plan it anew each time, for the values of its arguments: it
// is for conditions that somebody else made up, where the best plan for one value is the worst for another. Elsewhere
// it is a comment.
const ByValues = "/* by values */ "

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	if t.ended {
		return 0, sql.ErrTxDone
	}
	t.tell(query, args)
	return t.run.exec(query, args)
}

// Write runs a statement of which nothing but success is needed. PostgreSQL is sent it with the next statement that is asked for something, or with
// the commit, and where it fails, that does.
func (t *Tx) Write(statement string, args ...any) error {
	if t.write == nil {
		_, err := t.Exec(statement, args...)
		return err
	}
	if t.ended {
		return sql.ErrTxDone
	}
	t.tell(statement, args)
	return t.write(statement, args)
}

// Query runs a statement that returns rows. The caller closes them or reads them to the end.
func (t *Tx) Query(query string, args ...any) (*Rows, error) {
	if t.ended {
		return nil, sql.ErrTxDone
	}
	t.tell(query, args)
	rows, err := t.run.query(query, args)
	if err != nil {
		return nil, err
	}
	t.rows = &rows
	return t.rows, nil
}

// QueryRow runs a statement that returns at most one row. Its error, one that IsNoRows knows if there is none, waits for
// Scan, which must be called.
func (t *Tx) QueryRow(query string, args ...any) *Row {
	if t.ended {
		return &Row{err: sql.ErrTxDone}
	}
	t.tell(query, args)
	rows, err := t.run.query(query, args)
	row := &Row{rows, err}
	if err == nil {
		t.rows = &row.rows
	}
	return row
}

func (t *Tx) tell(statement string, args []any) {
	if t.trace != nil {
		t.trace(statement, args)
	}
}

// Lock has the next statement wait until no other transaction holds the same key, which is then held until this one ends.
// It serves rules that must not run side by side and have no row of their own to lock. SQLite runs one Update at a time, so
// there every key is held already.
func (t *Tx) Lock(key string) error { return t.lock("pg_advisory_xact_lock", key) }

// LockShared is Lock, but any number of transactions may hold the key by it at once.
func (t *Tx) LockShared(key string) error { return t.lock("pg_advisory_xact_lock_shared", key) }

func (t *Tx) lock(function, key string) error {
	if t.numbered != nil {
		t.numbered()
	}
	hash := fnv.New64a()
	hash.Write([]byte(key))
	return t.send("SELECT "+function+"($1)", int64(hash.Sum64()))
}

// Passing says that a crash of the database may take what the transaction writes, so that the commit need not wait for the
// disk. SQLite, whose commits are of many transactions, makes no difference.
func (t *Tx) Passing() error { return t.send("SET LOCAL synchronous_commit = off") }

// send has PostgreSQL run a statement whose rows say nothing. It goes with the next one, or with the commit, and fails where that fails.
func (t *Tx) send(text string, args ...any) error {
	switch {
	case t.later == nil:
		return nil
	case t.ended:
		return sql.ErrTxDone
	}
	t.tell(text, args)
	t.later(text, args)
	return nil
}

// Ahead says of a query that it will be run with these arguments, after the next statement. PostgreSQL is asked both at once, so that a transaction waits
// once for what does not depend on each other; elsewhere it says nothing. Where the query fails, the next statement does. In an Update it sees what there is
// right after the next statement, and a statement that writes, or locks, comes before it is run has it asked anew.
func (t *Tx) Ahead(query string, args ...any) {
	if t.ahead != nil {
		t.ahead(asked{text: query, args: args})
	}
}

// Last says that a View asks for nothing but the next statement and what was said of by Ahead. PostgreSQL is told along with them that the
// View is over, and refuses more; elsewhere it says nothing.
func (t *Tx) Last() {
	if t.last != nil {
		t.last()
	}
}

// AfterCommit has fn run once the transaction is committed: in the order of the calls, in the goroutine of the caller
// of Update, before Update returns. After a rollback fn is forgotten. A View forgets it too.
func (t *Tx) AfterCommit(fn func()) { t.after = append(t.after, fn) }

// Still reports whether what the tables of a Revision hold of some keys of a workspace is the same for an Update on SQLite as it was at a moment. Elsewhere that is
// not known.
func (t *Tx) Still(r *Revision, since Moment, workspace string, keys ...string) bool {
	return t.watch != nil && r.Still(since, workspace, keys...)
}

// AtCommit has fn run as AfterCommit does, and before what that has run, with a moment at which the tables of a Revision hold of some keys of a workspace what this
// Update knows of them, which writes no more of them. It does not run where another Update has changed any of these in the same commit, nor on PostgreSQL.
func (t *Tx) AtCommit(r *Revision, fn func(at Moment), workspace string, keys ...string) {
	if t.watch != nil {
		t.claims = append(t.claims, claim{Claim: r.Claim(workspace, keys...), told: fn})
	}
}

// end closes what the function left open and refuses further use.
func (t *Tx) end() {
	t.ended = true
	if t.rows != nil {
		t.rows.abandon()
	}
}
