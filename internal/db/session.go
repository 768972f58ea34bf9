package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"modernc.org/sqlite"

	"parley/internal/db/statement"
)

// session is one SQLite connection as database/sql sees it. Compiling a statement costs more than running most, so a
// session compiles each text once and keeps the result; and it watches over the rules of Tx.
//
// A session serves one transaction at a time, whose begin and end do not pass through database/sql.
type session struct {
	raw      sqliteConn
	compiled statement.Recent[sqliteStmt]
	ctx      context.Context // the running transaction's; when it ends, a statement is interrupted
	open     int             // cursors not yet closed
	failed   error           // what doomed the running transaction
	told     told            // is told each statement that is to run; or nil
	values   []driver.Value  // of the latest Row
	ends     *ending         // has the context interrupt the transaction, where the driver does not
}

// told hears of a statement and its arguments.
type told func(text string, args []driver.NamedValue)

// sqliteConn is what this package needs of a connection.
type sqliteConn interface {
	driver.Conn
	sqlite.DBStatus
}

// sqliteStmt is what this package needs of a statement.
type sqliteStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// sessions makes every connection of the driver a session.
type sessions struct{ driver.Connector }

func (c sessions) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return newSession(conn.(sqliteConn)), nil
}

func newSession(raw sqliteConn) *session {
	return &session{raw: raw, compiled: statement.NewRecent[sqliteStmt](), ctx: context.Background()}
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
	if err == nil && s.ends != nil {
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
	if s.ends != nil {
		s.ends.leave()
	}
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
	_, err = st.ExecContext(context.Background(), nil)
	return err
}

// doom returns what forbids the transaction to be committed: a failed statement, or a deferred foreign key that points
// nowhere, which SQLite would notice only at the commit of the whole group.
func (s *session) doom() error {
	if s.failed != nil {
		return fmt.Errorf("a statement of the transaction has failed: %w", s.failed)
	}
	unresolved, _, err := s.raw.Status(sqlite.DBStatusDeferredFKs, false)
	if err != nil {
		return err
	}
	if unresolved != 0 {
		return errors.New("FOREIGN KEY constraint failed")
	}
	return nil
}

// ExecContext implements driver.ExecerContext.
func (s *session) ExecContext(_ context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	st, err := s.admit(text, args)
	if err != nil {
		return nil, err
	}
	result, err := st.ExecContext(s.ctx, args)
	if err != nil {
		s.failed = err
		return nil, err
	}
	return result, nil
}

// QueryContext implements driver.QueryerContext.
func (s *session) QueryContext(_ context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	st, err := s.admit(text, args)
	if err != nil {
		return nil, err
	}
	rows, err := st.QueryContext(s.ctx, args)
	if err != nil {
		s.failed = err
		return nil, err
	}
	s.open++
	return &cursor{Rows: rows, session: s}, nil
}

// CheckNamedValue implements driver.NamedValueChecker. Bytes are stored as text: to PostgreSQL they are JSON where a
// column is JSONB, whereas SQLite would take a blob for its own binary form of JSON.
func (s *session) CheckNamedValue(arg *driver.NamedValue) error {
	value, err := driver.DefaultParameterConverter.ConvertValue(arg.Value)
	if err != nil {
		return err
	}
	if bytes, ok := value.([]byte); ok {
		value = nil
		if bytes != nil {
			value = string(bytes)
		}
	}
	arg.Value = value
	return nil
}

// errRowsOpen answers a statement that came before the rows of another were closed.
var errRowsOpen = errors.New("the rows of an earlier query are still open")

// admit checks the rules of Tx and finds the statement.
func (s *session) admit(text string, args []driver.NamedValue) (sqliteStmt, error) {
	if s.failed != nil {
		return nil, fmt.Errorf("an earlier statement of the transaction has failed: %w", s.failed)
	}
	if s.open > 0 {
		return nil, errRowsOpen
	}
	st, err := s.statement(text)
	if err != nil {
		s.failed = err
	} else if s.told != nil {
		s.told(text, args)
	}
	return st, err
}

// statement returns the compiled text. No statement is in use then, so the one that must make room can be dropped.
func (s *session) statement(text string) (sqliteStmt, error) {
	if st, ok := s.compiled.Get(text); ok {
		return st, nil
	}
	made, err := s.raw.Prepare(statement.Numbered(text))
	if err != nil {
		return nil, err
	}
	st := made.(sqliteStmt)
	if oldest, full := s.compiled.Put(text, st); full {
		oldest.Close()
	}
	return st, nil
}

// Close implements driver.Conn.
func (s *session) Close() error {
	s.compiled.All(func(st sqliteStmt) { st.Close() })
	return s.raw.Close()
}

// Prepare implements driver.Conn; nothing calls it, since a session keeps its statements itself.
func (s *session) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }

// Begin implements driver.Conn; nothing calls it, see begin.
func (s *session) Begin() (driver.Tx, error) { return nil, errors.ErrUnsupported }

// cursor is the rows of a query.
type cursor struct {
	driver.Rows
	session *session
}

// Next implements driver.Rows.
func (c *cursor) Next(dest []driver.Value) error {
	if err := c.session.ctx.Err(); err != nil {
		c.session.failed = err
		return err
	}
	err := c.Rows.Next(dest)
	if err != nil && err != io.EOF {
		if ended := c.session.ctx.Err(); ended != nil {
			err = ended // which has interrupted it
		}
		c.session.failed = err
	}
	return err
}

// Close implements driver.Rows; database/sql calls it once.
func (c *cursor) Close() error {
	c.session.open--
	return c.Rows.Close()
}
