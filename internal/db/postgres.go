package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresAttempts is how often an Update runs at most.
const postgresAttempts = 10

// postgresEngine runs transactions on a pool of connections.
type postgresEngine struct {
	dialect *Dialect
	pool    *sql.DB

	updates, rollbacks, retries atomic.Int64
}

func openPostgres(ctx context.Context, d *Dialect, o Options) (*postgresEngine, error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return nil, fmt.Errorf("reading the database URL: %w", err)
	}
	preset(config, "application_name", "parley")
	if err := migratePostgres(ctx, d, config.Copy(), o); err != nil {
		return nil, fmt.Errorf("opening the PostgreSQL database %s on %s: %w", config.Database, config.Host, err)
	}
	// A statement that hangs, or a process that stops inside a transaction, must not hold its locks for ever.
	preset(config, "statement_timeout", "30s")
	preset(config, "idle_in_transaction_session_timeout", "60s")
	e := &postgresEngine{dialect: d, pool: stdlib.OpenDB(*config)}
	e.pool.SetMaxOpenConns(o.MaxConns)
	e.pool.SetMaxIdleConns(o.MaxConns)
	e.pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := e.ping(ctx); err != nil {
		e.pool.Close()
		return nil, fmt.Errorf("opening the PostgreSQL database %s on %s: %w", config.Database, config.Host, err)
	}
	return e, nil
}

// preset gives a session parameter a value unless the URL gives one.
func preset(config *pgx.ConnConfig, name, value string) {
	if _, ok := config.RuntimeParams[name]; ok || strings.Contains(config.RuntimeParams["options"], name) {
		return
	}
	config.RuntimeParams[name] = value
}

// migratePostgres brings the schema up to date on connections of its own, since a migration may take its time.
func migratePostgres(ctx context.Context, d *Dialect, config *pgx.ConnConfig, o Options) error {
	config.RuntimeParams["statement_timeout"] = "0"
	handle := stdlib.OpenDB(*config)
	defer handle.Close()
	return migrate(ctx, d, handle, o)
}

func (e *postgresEngine) view(ctx context.Context, fn func(*Tx) error) error {
	_, err := e.attempt(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, fn)
	if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
		return ctx.Err() // database/sql rolled back when the caller left
	}
	return err
}

func (e *postgresEngine) update(ctx context.Context, fn func(*Tx) error) error {
	for attempts := 1; ; attempts++ {
		after, err := e.attemptUpdate(ctx, fn)
		if err == nil {
			e.updates.Add(1)
			for _, fn := range after {
				fn()
			}
			return nil
		}
		if attempts == postgresAttempts || !conflict(err) {
			return err
		}
		pause := min(time.Millisecond<<(attempts-1), 20*time.Millisecond)
		select {
		case <-time.After(pause/2 + rand.N(pause)/2):
		case <-ctx.Done():
			return err
		}
		e.retries.Add(1)
	}
}

// conflict reports whether another transaction was in the way, so that a new attempt may succeed. A key that is taken, or
// gone, is one: the new attempt sees what came first, and the rule can decide what it means.
func conflict(err error) bool {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code {
	case "40001", "40P01", "23505", "23503": // serialization failure, deadlock, unique and foreign-key violation
		return true
	}
	return false
}

// attemptUpdate runs fn in a transaction that the end of ctx does not interrupt once it has begun.
func (e *postgresEngine) attemptUpdate(ctx context.Context, fn func(*Tx) error) (after []func(), err error) {
	begun, committed := false, false
	defer func() {
		if !committed {
			e.rollbacks.Add(1)
		}
	}()
	steady, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, cancel)
	defer stop()
	after, err = e.attempt(steady, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, func(tx *Tx) error {
		if begun = stop(); !begun {
			return ctx.Err()
		}
		tx.ctx = context.WithoutCancel(ctx)
		return fn(tx)
	})
	if !begun && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	committed = err == nil
	return after, err
}

// attempt runs fn once in a transaction and returns what is to run after its commit.
func (e *postgresEngine) attempt(ctx context.Context, o *sql.TxOptions, fn func(*Tx) error) ([]func(), error) {
	raw, err := e.pool.BeginTx(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", err)
	}
	// After the commit this does nothing; it serves an error, a panic and runtime.Goexit alike.
	defer raw.Rollback()
	tx := &Tx{ctx: ctx, dialect: e.dialect, run: raw, scope: ctx}
	defer tx.end()
	if err := fn(tx); err != nil {
		return nil, err
	}
	tx.end()
	if err := raw.Commit(); err != nil {
		return nil, fmt.Errorf("committing: %w", err)
	}
	return tx.after, nil
}

func (e *postgresEngine) ping(ctx context.Context) error {
	var table string
	return e.pool.QueryRowContext(ctx, "SELECT relname FROM pg_class LIMIT 1").Scan(&table)
}

func (e *postgresEngine) stats() Stats {
	pool := e.pool.Stats()
	updates := e.updates.Load()
	return Stats{
		Groups:      updates,
		Updates:     updates,
		Rollbacks:   e.rollbacks.Load(),
		Retries:     e.retries.Load(),
		OpenConns:   int64(pool.OpenConnections),
		BusyConns:   int64(pool.InUse),
		ConnWaits:   pool.WaitCount,
		WaitSeconds: pool.WaitDuration.Seconds(),
	}
}

func (e *postgresEngine) close() error {
	if err := e.pool.Close(); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}
