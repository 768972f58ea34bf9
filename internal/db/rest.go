package db

import (
	"context"
	"errors"

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
	var err error
	for _, s := range e.readers.TakeIdle() {
		err = errors.Join(err, s.close())
	}
	if e.writer != nil {
		err = errors.Join(err, e.update(ctx, func(*Tx) error { return e.writer.session.rest() }))
	}
	return errors.Join(err, sqlite.GiveBack())
}

// rest gives back the statements that are compiled, and what is at hand of the file.
func (s *session) rest() error {
	s.compiled.All(func(st *sqlite.Stmt) { st.Close() })
	s.compiled = statement.NewRecent[*sqlite.Stmt]()
	return s.control("PRAGMA shrink_memory")
}
