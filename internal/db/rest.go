package db

import (
	"context"
	"database/sql/driver"

	"parley/internal/db/statement"
	"parley/internal/sqlite"
)

// Rest gives back memory that is held for the next transactions: for a database that nobody has asked for a while. The first of
// them compile their statements and read from the file again. PostgreSQL's connections hold little.
func (db *DB) Rest(ctx context.Context) error {
	e, ok := db.engine.(*sqliteEngine)
	if !ok {
		return nil
	}
	ctx, err := db.enter(ctx)
	if err != nil {
		return err
	}
	defer db.running.Done()
	return e.rest(ctx)
}

// rest closes the connections for reading that nobody reads by, and empties the one for writing.
func (e *sqliteEngine) rest(ctx context.Context) error {
	e.mu.Lock()
	idle := e.idle
	e.idle = nil
	e.mu.Unlock()
	for _, r := range idle {
		// Or else database/sql would keep it for who wants the next.
		_ = r.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	if e.writer == nil {
		return nil
	}
	return e.update(ctx, func(tx *Tx) error { return tx.direct.rest() })
}

// rest gives back the statements that are compiled, and what is at hand of the file.
func (s *session) rest() error {
	s.compiled.All(func(st *sqlite.Stmt) { st.Close() })
	s.compiled = statement.NewRecent[*sqlite.Stmt]()
	return s.control("PRAGMA shrink_memory")
}
