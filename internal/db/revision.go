package db

import (
	"context"
	"fmt"
	"strconv"

	"parley/internal/db/revision"
	"parley/internal/db/statement"
)

// A Revision tells of some tables whether any of their rows may have been written since they were read.
type Revision = revision.Revision

// A Moment numbers what the tables of a Revision hold.
type Moment = revision.Moment

// Revision makes a Revision of the tables that a statement names, and of those that have some of these written to when they are
// written to, by references or by triggers. Keys are the columns by which rows of some tables are told apart, beside workspace_id: what goes along
// with a row by a reference or a trigger must be of the same key, where both tables have one, and of the same workspace. It never knows
// anything where that cannot be told, as in a database that is only read. Who asks for the same gets the same one.
func (db *DB) Revision(ctx context.Context, reading string, keys map[string]string) (*Revision, error) {
	ctx, err := db.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer db.running.Done()
	var tables map[string]statement.Watch
	follow := func(c *catalog) error {
		err := db.engine.view(ctx, func(t *Tx) error {
			known, err := c.relations(t)
			if err == nil {
				tables = known.Follow(reading)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("finding what %q reads: %w", reading, err)
		}
		return nil
	}
	switch e := db.engine.(type) {
	case *sqliteEngine:
		if e.writer == nil {
			break
		}
		if r := e.writer.revisions.Find(reading, keys); r != nil {
			return r, nil
		}
		if err := follow(&e.catalog); err != nil {
			return nil, err
		}
		r, err := e.writer.revisions.Add(reading, keys, tables)
		if err == nil {
			return r, nil
		}
		e.writer.logger.Warn("what other processes write cannot be told from the index of the write-ahead log: nothing that it would change is kept in memory", "error", err)
	case *postgresEngine:
		if e.readOnly {
			break
		}
		if r := e.revisions.Find(reading, keys); r != nil {
			return r, nil
		}
		if err := follow(&postgresCatalog); err != nil {
			return nil, err
		}
		return e.revisions.Add(reading, keys, tables), nil
	}
	return &Revision{}, nil
}

// Moment returns the moment of what the transaction sees of a Revision's tables. It is not known on SQLite for one that only reads, which may
// see what there was before Revision.Now, and for one that may have written to them, or that is to be committed with one which may. PostgreSQL is asked for it,
// along with the next statement where Dated said so. There an Update, each statement of which sees what was committed before it, is told of a moment between its
// first statement and now, if Dated was called before that one and the transaction has not written to the tables.
func (t *Tx) Moment(r *Revision) (now Moment, known bool) {
	switch {
	case t.watch != nil:
		return r.Within()
	case t.wrote != nil && t.wrote(r):
	case t.moments != nil:
		return t.moments().Of(r)
	}
	return Moment{}, false
}

// Dated says that somebody may ask for the Moment of a transaction. PostgreSQL is asked along with the next statement; elsewhere it says nothing.
func (t *Tx) Dated() {
	if t.dated != nil {
		t.dated()
	}
}

const (
	// asksMoment asks which run of the server it is, and which snapshot the transaction has. The statistics of the server begin anew after a crash. A server
	// that follows another does not name all that its snapshots do not see.
	asksMoment = `SELECT pg_postmaster_start_time()::text, pg_stat_get_bgwriter_stat_reset_time()::text,
		CASE WHEN NOT pg_is_in_recovery() THEN pg_current_snapshot()::text ELSE '' END`
	// asksNumber asks for the number of a transaction, which one has that has written something.
	asksNumber = `SELECT COALESCE(pg_current_xact_id_if_assigned()::text, '')`
	// takesNumber gives the transaction a number.
	takesNumber = `SELECT pg_current_xact_id()::text`
)

// momentsSeen are those of what the transaction sees.
func (s *postgresSession) momentsSeen() revision.Moments {
	if s.asked || s.writes {
		return s.moments
	}
	s.asked = true
	var started, began, snapshot string
	rows, err := s.query(asksMoment, nil)
	row := Row{rows, err}
	if err := row.Scan(&started, &began, &snapshot); err != nil {
		return nil // as the transaction will, unless it is over already
	}
	s.moments = s.engine.revisions.Moments(started+" "+began, snapshot)
	return s.moments
}

// number is told the answer to asksNumber.
func (s *postgresSession) number(text string) {
	number, err := strconv.ParseUint(text, 10, 64)
	if s.counted || s.writing == nil {
		return
	}
	if s.counted = err == nil; s.counted {
		s.writing.Number(number)
	}
	s.numbered = s.counted // what was to give it one, a lock of no row say, has not
}

// WritesNothing says that the transaction of a number, another's than this database's and about to be committed, writes to no table.
func (db *DB) WritesNothing(number uint64) {
	if e, ok := db.engine.(*postgresEngine); ok {
		if w := e.revisions.Begin(); w != nil {
			w.Number(number)
			w.Commit()
		}
	}
}
