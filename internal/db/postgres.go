package db

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"parley/internal/db/revision"
)

const (
	// postgresAttempts is how often an Update runs at most.
	postgresAttempts = 10
	// beginReading and beginWriting begin a View and an Update.
	beginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	beginWriting = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
)

// postgresEngine runs transactions on a pool of connections. A transaction begins with its first statement, in one round
// trip; a View does not wait for its end.
type postgresEngine struct {
	dialect          *Dialect
	pool             *pgxpool.Pool
	reading, writing []asked // what begins a View and an Update
	plansOnce        bool    // each statement but those that are ByValues
	connections      int
	patience         time.Duration // with the wait for a connection
	opening          time.Duration // how long it may take to open one

	readOnly bool
	beside   *postgresEngine // nil in the one that is it, and in one that only reads

	revisions *revision.Server // the same for beside
	moments   *sharedMoments

	slots chan struct{} // one per transaction that may have a connection

	mu      sync.Mutex
	idle    []*postgresSession // as many as there were transactions at once
	tidier  *time.Timer        // calls tidy
	tidying bool               // it is about to
	closed  bool

	tidies sync.Mutex // held by tidy, which has sessions in neither place meanwhile

	updates, rollbacks, retries, waits, waited, timeouts, losses atomic.Int64
}

func (e *postgresEngine) view(ctx context.Context, fn func(*Tx) error) (err error) {
	s, err := e.borrow(ctx)
	if err != nil {
		return err
	}
	tx := s.transaction(ctx, false)
	defer func() {
		tx.end()
		if err == nil {
			err = s.doom()
		}
		s.leave()
	}()
	return fn(tx)
}

func (e *postgresEngine) update(ctx context.Context, fn func(*Tx) error) error {
	if e.readOnly {
		return ErrReadOnly
	}
	for attempts := 1; ; attempts++ {
		after, err := e.attempt(ctx, fn)
		if err == nil {
			e.updates.Add(1)
			for _, fn := range after {
				fn()
			}
			return nil
		}
		if attempts == postgresAttempts || !conflict(err) && !errors.Is(err, errLost) {
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

// attempt runs fn in a transaction that the end of ctx does not interrupt, commits it and returns what is to run then.
func (e *postgresEngine) attempt(ctx context.Context, fn func(*Tx) error) (after []func(), err error) {
	s, err := e.borrow(ctx)
	if err != nil {
		return nil, err
	}
	committed := false
	tx := s.transaction(context.WithoutCancel(ctx), true)
	defer func() { // serves an error, a panic and runtime.Goexit alike
		tx.end()
		if !committed {
			e.rollbacks.Add(1)
		}
		s.finish()
	}()
	if err := fn(tx); err != nil {
		return nil, err
	}
	tx.end()
	if err := s.commit(); err != nil {
		return nil, fmt.Errorf("committing: %w", err)
	}
	committed = true
	return tx.after, nil
}

// borrow waits for its turn and returns a session that has a connection.
func (e *postgresEngine) borrow(ctx context.Context) (*postgresSession, error) {
	select {
	case e.slots <- struct{}{}:
	default:
		if err := e.wait(ctx); err != nil {
			return nil, err
		}
	}
	s := e.session()
	if s.conn == nil {
		if err := s.connect(ctx); err != nil {
			e.giveBack(s)
			return nil, err
		}
	}
	return s, nil
}

// wait waits for another transaction to end.
func (e *postgresEngine) wait(ctx context.Context) error {
	e.waits.Add(1)
	began := time.Now()
	defer func() { e.waited.Add(int64(time.Since(began))) }()
	patience := time.NewTimer(e.patience)
	defer patience.Stop()
	select {
	case e.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-patience.C:
		e.timeouts.Add(1)
		return fmt.Errorf("%w: none of %d connections became free within %v", ErrUnavailable, e.connections, e.patience)
	}
}

// connect takes a connection out of the pool. There is one for each slot, once those that were lost are closed.
func (e *postgresEngine) connect(ctx context.Context) (*pgxpool.Conn, error) {
	bounded, cancel := context.WithTimeout(ctx, e.opening)
	defer cancel()
	conn, err := e.pool.Acquire(bounded)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return nil, fmt.Errorf("%w: connecting: %w", ErrUnavailable, err)
}

// session returns a session that nobody uses: the latest used, whose connection and caches are warm.
func (e *postgresEngine) session() *postgresSession {
	e.mu.Lock()
	defer e.mu.Unlock()
	if last := len(e.idle) - 1; last >= 0 {
		s := e.idle[last]
		e.idle = e.idle[:last]
		return s
	}
	return &postgresSession{engine: e}
}

const (
	// warmTime is how long a session that is not used keeps its connection at least.
	warmTime = time.Second
	// poolTime is how long a session that is always used keeps it at most: the pool replaces old ones.
	poolTime = time.Minute
)

// giveBack returns a session, which keeps its connection for the next transaction.
func (e *postgresEngine) giveBack(s *postgresSession) {
	s.used = time.Now()
	switch {
	case s.conn == nil:
	case s.link.conn.IsClosed():
		s.release()
	case s.used.Sub(s.taken) > poolTime:
		s.release()
	}
	e.mu.Lock()
	if e.closed && s.conn != nil {
		e.mu.Unlock()
		s.release()
		e.mu.Lock()
	}
	e.idle = append(e.idle, s)
	if !e.tidying && !e.closed {
		e.tidying = true
		e.tidier.Reset(warmTime)
	}
	e.mu.Unlock()
	<-e.slots
}

// tidy gives the connections of sessions that nobody used lately to the pool, which closes those that it does not need.
func (e *postgresEngine) tidy() {
	e.tidies.Lock()
	defer e.tidies.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	var cold, warm []*postgresSession
	for _, s := range e.idle {
		if s.conn != nil && (e.closed || time.Since(s.used) >= warmTime) {
			cold = append(cold, s)
		} else {
			warm = append(warm, s)
		}
	}
	e.idle = warm
	e.mu.Unlock()
	for _, s := range cold {
		s.release()
	}
	e.mu.Lock()
	e.idle = append(cold, e.idle...)
	e.tidying = !e.closed && slices.ContainsFunc(e.idle, func(s *postgresSession) bool { return s.conn != nil })
	if e.tidying {
		e.tidier.Reset(warmTime)
	}
}

// errLost says that a connection was lost of which no transaction can have been committed since.
var errLost = fmt.Errorf("%w: the connection was lost", ErrUnavailable)

// conflict reports whether another transaction was in the way, so that a new attempt may succeed. A key that is taken, or
// gone, is one: the new attempt sees what came first, and the rule can decide what it means.
func conflict(err error) bool {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code {
	case "40001", "40P01", "23505", "23503", "55P03": // serialization failure, deadlock, unique and foreign-key violation, lock timeout
		return true
	}
	return false
}

// unavailable reports whether an error of the server is about its state, not about what it was asked.
func unavailable(err error) bool {
	var failure *pgconn.PgError
	if !errors.As(err, &failure) {
		return false
	}
	switch failure.Code {
	case "57014", "55P03": // the statement, or its wait for a lock, took too long
		return true
	}
	class := failure.Code[:min(2, len(failure.Code))]
	return class == "53" || class == "57" || class == "08" // no resources, intervention of an operator, connection
}

// ping takes a connection of those beside, which are never held for long: that all others are in use does not deny that
// the database is there.
func (e *postgresEngine) ping(ctx context.Context) error {
	if e.beside != nil {
		return e.beside.ping(ctx)
	}
	return e.view(ctx, func(tx *Tx) error {
		var table string
		return tx.QueryRow("SELECT relname FROM pg_class LIMIT 1").Scan(&table)
	})
}

func (e *postgresEngine) stats() Stats {
	pool := e.pool.Stat()
	updates := e.updates.Load()
	return Stats{
		Groups:       updates,
		Updates:      updates,
		Rollbacks:    e.rollbacks.Load(),
		Retries:      e.retries.Load(),
		Conns:        int64(e.connections),
		OpenConns:    int64(pool.TotalConns()),
		BusyConns:    int64(len(e.slots)),
		ConnWaits:    e.waits.Load(),
		WaitSeconds:  time.Duration(e.waited.Load()).Seconds(),
		ConnTimeouts: e.timeouts.Load(),
		LostConns:    e.losses.Load(),
	}
}

// close closes all connections. No transaction runs.
func (e *postgresEngine) close() error {
	e.mu.Lock()
	e.closed = true
	e.mu.Unlock()
	e.tidier.Stop()
	e.tidy()
	e.pool.Close()
	if e.beside != nil {
		return e.beside.close()
	}
	return nil
}
