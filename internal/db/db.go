// Package db opens SQLite or PostgreSQL and runs transactions on it. It must not know any noun: no table of Parley is
// named here.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"parley/internal/db/dialect"
)

var (
	// ErrClosed answers a View or Update that came after Close.
	ErrClosed = errors.New("the database is closed")
	// ErrNested answers a View or Update whose context belongs to a transaction of the same database.
	ErrNested = errors.New("a transaction cannot begin inside another")
	// ErrNewerSchema says that a newer Parley has taken away from the database what this one needs.
	ErrNewerSchema = errors.New("the database belongs to a newer version of Parley")
	// ErrUnavailable says that the database could not do at the moment what it was asked to, and has done nothing of it:
	// no connection became free or could be made, the one in use was lost, or a statement took too long.
	ErrUnavailable = errors.New("the database is not available at the moment")
	// ErrUnwritable is an ErrUnavailable: the disk of a SQLite file is full, or fails. Reading goes on, and each Update
	// tries anew.
	ErrUnwritable = fmt.Errorf("nothing can be written: %w", ErrUnavailable)
	// ErrUncertain says that the connection was lost after an Update was to be committed and before PostgreSQL had
	// answered, or that the disk did not say whether it has kept the commit of SQLite: all of it is there, or nothing. It is
	// not run again.
	ErrUncertain = errors.New("it is not known whether the database has kept the change")
	// ErrReadOnly answers an Update of a database that was opened to be read.
	ErrReadOnly = errors.New("the database was opened to be read only")
)

// Options says which database to open.
type Options struct {
	URL      string        // postgres://…; empty means SQLite
	Path     string        // the SQLite file; its folder exists
	Readers  int           // SQLite connections that read; 0 means 4; PostgreSQL ignores it
	CacheKB  int           // memory of each SQLite connection for parts of the file, in KB; 0 means 16,000; PostgreSQL ignores it
	MaxConns int           // PostgreSQL connections; 0 means 16; SQLite ignores it
	ConnWait time.Duration // how long a transaction waits for one of them to be free; 0 means 5 s
	// Migrations are goose files at the root: NNNN_name.sql, or NNNN_name.sqlite.sql with NNNN_name.postgres.sql. After one
	// called NNNN_contract_name, programs that do not know it are refused. Beside them may lie schema.sqlite.sql.flate, from which
	// a new SQLite database is made at once rather than step by step.
	Migrations fs.FS
	Logger     *slog.Logger // nil discards

	// ReadOnly leaves the database as it is: it must be there, whatever its schema, and no Update is run.
	ReadOnly bool

	// Unsynced leaves it to the operating system when what was committed comes to the disk: it outlives the process, but
	// not the machine. It is for data that nobody will miss; PostgreSQL ignores it.
	Unsynced bool

	// Trace is told each statement that a View or an Update is about to run, in the order of a transaction's own. It may
	// be called by several goroutines at once. nil tells nobody.
	Trace func(statement string, args []any)
	// TraceEach is called as a transaction begins, and what it returns is told the statements of that one, in the place of
	// Trace. It may be called by several goroutines at once.
	TraceEach func() func(statement string, args []any)
}

// A Dialect is the words of a database: see package dialect.
type Dialect = dialect.Dialect

// DB is an open database whose schema is up to date. It is safe for concurrent use.
type DB struct {
	dialect *Dialect
	engine  engine
	begun   func() func(statement string, args []any) // what is told the statements of the next transaction; or nil

	mu      sync.Mutex // guards closed, so that running is never added to after Close waits for it
	closed  bool
	running sync.WaitGroup
	shut    sync.Once
	shutErr error
}

// engine is what differs between the two databases beyond their words.
type engine interface {
	view(ctx context.Context, fn func(*Tx) error) error
	update(ctx context.Context, fn func(*Tx) error) error
	ping(ctx context.Context) error
	stats() Stats
	close() error
}

// Open opens the database, applies the migrations it lacks and checks that it then has the newest schema. Several
// processes may open one database at once: one of them migrates, the others wait. A database that a newer Parley has
// migrated is opened as it is, unless a migration contracted its schema: then it is refused with ErrNewerSchema.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.CacheKB <= 0 {
		o.CacheKB = 16_000
	}
	if o.MaxConns <= 0 {
		o.MaxConns = 16
	}
	if o.ConnWait <= 0 {
		o.ConnWait = 5 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.ReadOnly {
		o.Migrations = nil
	}
	db := &DB{begun: o.TraceEach}
	if o.TraceEach == nil && o.Trace != nil {
		db.begun = func() func(string, []any) { return o.Trace }
	}
	var err error
	if o.URL != "" {
		db.dialect = dialect.Postgres()
		db.engine, err = openPostgres(ctx, db.dialect, o)
	} else {
		db.dialect = dialect.SQLite()
		db.engine, err = openSQLite(ctx, db.dialect, o)
	}
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Dialect returns the words of this database.
func (db *DB) Dialect() *Dialect { return db.dialect }

// View runs fn on one consistent snapshot that it cannot change. A statement that is running when ctx ends is
// interrupted. The snapshot is given up when View returns, however fn ends; rows that fn left open are closed.
func (db *DB) View(ctx context.Context, fn func(*Tx) error) error {
	ctx, err := db.enter(ctx)
	if err != nil {
		return err
	}
	defer db.running.Done()
	return db.engine.view(ctx, db.traced(fn))
}

// Update runs fn in a transaction and commits it: when it returns nil, the change is on disk and every later View
// sees it. When fn returns an error or panics, nothing of it remains and the error or the panic reaches the caller.
//
// fn may run in another goroutine, and more than once, each time on a fresh transaction: PostgreSQL reports some
// conflicts between transactions, a broken unique rule among them, by an error of a statement, and Update begins again
// when fn returns that error or one that wraps it. So fn must have no effect outside its Tx, must set rather than
// append to the variables it shares with the caller, and must not begin another transaction. A ctx that ends stops an
// Update that waits for its turn, never one whose fn has begun.
func (db *DB) Update(ctx context.Context, fn func(*Tx) error) error {
	ctx, err := db.enter(ctx)
	if err != nil {
		return err
	}
	defer db.running.Done()
	return db.engine.update(ctx, db.traced(fn))
}

// traced is fn on a transaction whose statements are told.
func (db *DB) traced(fn func(*Tx) error) func(*Tx) error {
	if db.begun == nil {
		return fn
	}
	return func(t *Tx) error {
		t.trace = db.begun()
		return fn(t)
	}
}

// enter counts a transaction in and marks its context, so that one inside it is refused rather than waiting for the
// connection the outer one holds. The caller must count it out.
func (db *DB) enter(ctx context.Context) (context.Context, error) {
	if ctx.Value(enclosing{}) == db {
		return nil, ErrNested
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, ErrClosed
	}
	db.running.Add(1)
	return context.WithValue(ctx, enclosing{}, db), nil
}

// enclosing is the context key under which a transaction's context names its database.
type enclosing struct{}

// Ping reads from the database and reports whether that worked. It does not wait for transactions that run or wait. Where
// nothing could be written lately, it tries that too, and reports ErrUnwritable if it still cannot.
func (db *DB) Ping(ctx context.Context) error {
	ctx, err := db.enter(ctx)
	if err != nil {
		return err
	}
	defer db.running.Done()
	if err := db.engine.ping(ctx); err != nil {
		return fmt.Errorf("reading from the database: %w", err)
	}
	return nil
}

// Stats returns the counters as they are now.
func (db *DB) Stats() Stats { return db.engine.stats() }

// Close refuses new transactions, waits for those that run or wait for their turn, and closes the database. A second
// call waits for the first and returns its error. It must not be called inside a transaction or by a function given to
// AfterCommit.
func (db *DB) Close() error {
	db.mu.Lock()
	db.closed = true
	db.mu.Unlock()
	db.running.Wait()
	db.shut.Do(func() { db.shutErr = db.engine.close() })
	return db.shutErr
}

// IsNoRows reports whether err says that QueryRow found no row.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
