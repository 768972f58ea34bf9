package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"parley/internal/db/statement"
	"parley/internal/sqlite"
)

// session is one SQLite connection. Compiling a statement costs more than running most, so a session compiles each text once
// and keeps the result; and it watches over the rules of Tx.
//
// A session serves one transaction at a time. It does without a driver of database/sql: for each query the usual one looks up the names and
// types of all columns, and for each argument it takes memory and gives it back, which is most of what it takes to read or write a row by its key.
type session struct {
	conn     *sqlite.Conn
	compiled statement.Recent[*sqlite.Stmt]
	ctx      context.Context // the running transaction's; when it ends, a statement is interrupted
	open     int             // cursors not yet closed
	failed   error           // what doomed the running transaction
	told     told            // is told each statement that is to run; or nil
	args     []any           // of the statement that is about to run
	room     []any           // for the values of a row
	ends     *ending
}

// told hears of a statement and its arguments.
type told func(text string, args []any)

// openSession opens a SQLite file that is there.
func openSession(path string, settings []string) (*session, error) {
	conn, err := sqlite.Open(sqliteName(path, "mode=rw"), settings...)
	if err != nil {
		return nil, err
	}
	return &session{conn: conn, compiled: statement.NewRecent[*sqlite.Stmt](), ctx: context.Background(), ends: newEnding(conn)}, nil
}

// begin starts a transaction by the given statement. ctx bounds its statements until finish.
func (s *session) begin(ctx context.Context, text string) error {
	s.ctx, s.failed = ctx, nil
	err := s.control(text)
	if err != nil {
		// The end of an earlier transaction may have failed; then this one cannot begin inside it.
		if s.control("ROLLBACK") == nil {
			err = s.control(text)
		}
	}
	if err == nil {
		s.ends.watch(ctx)
	}
	return err
}

// save begins a savepoint named member, for one more update inside the running transaction.
func (s *session) save() error {
	s.failed = nil
	return s.control("SAVEPOINT member")
}

// finish ends a transaction by the given statement, or, when that fails, by a rollback.
func (s *session) finish(text string) error {
	s.ctx = context.Background()
	s.ends.leave()
	err := s.control(text)
	if err != nil && text != "ROLLBACK" {
		// The rollback fails when SQLite has rolled back already; the first error says why.
		_ = s.control("ROLLBACK")
	}
	return err
}

// control runs a statement that steers the transaction; it runs even in a doomed one.
func (s *session) control(text string) error {
	st, err := s.statement(text)
	if err != nil {
		return err
	}
	return st.Run()
}

// doom returns what forbids the transaction to be committed: a failed statement, or a deferred foreign key that points
// nowhere, which SQLite would notice only at the commit of the whole group.
func (s *session) doom() error {
	if s.failed != nil {
		return fmt.Errorf("a statement of the transaction has failed: %w", s.failed)
	}
	if s.conn.Unresolved() {
		return errors.New("FOREIGN KEY constraint failed")
	}
	return nil
}

// exec runs a statement to its end and returns how many rows it changed.
func (s *session) exec(text string, args []any) (int64, error) {
	given, err := s.given(args)
	if err != nil {
		return 0, err
	}
	st, err := s.start(text, given)
	if err != nil {
		return 0, err
	}
	defer st.Reset()
	for {
		if more, err := s.step(st); err != nil {
			return 0, err
		} else if !more {
			return s.conn.Changes(), nil
		}
	}
}

// query runs a statement up to its first row: what it writes is written by then.
func (s *session) query(text string, args []any) (rows Rows, err error) {
	given, err := s.given(args)
	if err != nil {
		return rows, err
	}
	st, err := s.start(text, given)
	if err != nil {
		return rows, err
	}
	more, err := s.step(st)
	if err != nil {
		st.Reset()
		return rows, err
	}
	s.open++
	return Rows{from: &cursor{session: s, st: st, ahead: true, over: !more}, room: &s.room}, nil
}

// given are arguments as SQLite takes them.
func (s *session) given(args []any) ([]any, error) {
	s.args = s.args[:0]
	for i, arg := range args {
		value, err := given(arg)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		s.args = append(s.args, value)
	}
	return s.args, nil
}

// given is an argument as SQLite takes it. Bytes are stored as text: to PostgreSQL they are JSON where a column is JSONB,
// whereas SQLite would take a blob for its own binary form of JSON.
func given(arg any) (any, error) {
	value, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil {
		return nil, err
	}
	if bytes, ok := value.([]byte); ok {
		if bytes == nil {
			return nil, nil
		}
		return string(bytes), nil
	}
	return value, nil
}

// start gives a statement its arguments.
func (s *session) start(text string, args []any) (*sqlite.Stmt, error) {
	st, err := s.admit(text)
	if err != nil {
		return nil, err
	}
	if s.told != nil {
		s.told(text, args)
	}
	defer clear(args)
	if err := st.Bind(args...); err != nil {
		s.failed = err
		return nil, fmt.Errorf("giving a statement its arguments: %w", err)
	}
	return st, nil
}

// step goes on to the next row of a statement, the first at first.
func (s *session) step(st *sqlite.Stmt) (more bool, err error) {
	if err = s.ctx.Err(); err == nil {
		more, err = st.Step()
	}
	if err != nil {
		err = s.ended(err)
		s.failed = err
	}
	return more, err
}

// errRowsOpen answers a statement that came before the rows of another were closed.
var errRowsOpen = errors.New("the rows of an earlier query are still open")

// admit checks the rules of Tx and finds the statement.
func (s *session) admit(text string) (*sqlite.Stmt, error) {
	if s.failed != nil {
		return nil, fmt.Errorf("an earlier statement of the transaction has failed: %w", s.failed)
	}
	if s.open > 0 {
		return nil, errRowsOpen
	}
	st, err := s.statement(text)
	if err != nil {
		err = s.ended(err)
		s.failed = err
	}
	return st, err
}

// ended is the error of a statement, unless the end of the transaction's context has interrupted it.
func (s *session) ended(err error) error {
	if ended := s.ctx.Err(); ended != nil {
		return ended
	}
	return err
}

// statement returns the compiled text. No statement is in use then, so the one that must make room can be dropped.
func (s *session) statement(text string) (*sqlite.Stmt, error) {
	if st, ok := s.compiled.Get(text); ok {
		return st, nil
	}
	st, err := s.conn.Prepare(statement.Numbered(text))
	if err != nil {
		return nil, err
	}
	if oldest, full := s.compiled.Put(text, st); full {
		oldest.Close()
	}
	return st, nil
}

// close closes the connection.
func (s *session) close() error {
	s.ends.leave() // a transaction that nobody has ended
	s.compiled.All(func(st *sqlite.Stmt) { st.Close() })
	return s.conn.Close()
}

// cursor is the rows of a query.
type cursor struct {
	session *session
	st      *sqlite.Stmt
	ahead   bool // the statement is at a row that has yet to be read
	over    bool // there is no further row: one step more would run the statement again
}

func (c *cursor) columns() []string { return c.st.Columns() }

func (c *cursor) next(to []any) (row []any, more bool, err error) {
	if !c.ahead && !c.over {
		if more, err = c.session.step(c.st); err != nil {
			return to, false, err
		}
		c.over = !more
	}
	c.ahead = false
	if c.over {
		return to, false, nil
	}
	for i := range c.st.Columns() {
		to = append(to, c.st.Column(i))
	}
	return to, true, nil
}

func (c *cursor) end() error {
	c.session.open--
	c.st.Reset()
	return nil
}
