package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	driving "modernc.org/sqlite"

	"parley/internal/sqlite"
)

// readings makes connections that read a SQLite file without the driver by which it is written: for each query that one looks up the names
// and types of all columns and starts a goroutine, which is most of what it takes to read a row by its key.
type readings struct {
	name     string
	settings []string
}

func (r readings) Connect(context.Context) (driver.Conn, error) {
	conn, err := sqlite.Open(r.name, r.settings...)
	if err != nil {
		return nil, err
	}
	s := newSession(readingConn{conn})
	s.ends = newEnding(conn)
	return s, nil
}

// Driver implements driver.Connector; nothing calls it.
func (r readings) Driver() driver.Driver { return nil }

// readingConn is a connection as a session has it.
type readingConn struct{ *sqlite.Conn }

// Prepare implements driver.Conn.
func (c readingConn) Prepare(text string) (driver.Stmt, error) {
	st, err := c.Conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	return &readingStmt{Stmt: st}, nil
}

// Begin implements driver.Conn; nothing calls it, see session.begin.
func (c readingConn) Begin() (driver.Tx, error) { return nil, errors.ErrUnsupported }

// Status is nothing: what is asked of a connection is what it has written.
func (c readingConn) Status(driving.DBStatusOp, bool) (int, int, error) { return 0, 0, nil }

// readingStmt is a statement as a session has it.
type readingStmt struct {
	*sqlite.Stmt
	args []any
}

// NumInput implements driver.Stmt: it is not known.
func (s *readingStmt) NumInput() int { return -1 }

// Exec and Query implement driver.Stmt; nothing calls them.
func (s *readingStmt) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }
func (s *readingStmt) Query([]driver.Value) (driver.Rows, error)  { return nil, errors.ErrUnsupported }

// ExecContext implements driver.StmtExecContext. The session's ending interrupts it, not the context.
func (s *readingStmt) ExecContext(_ context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := s.bind(args); err != nil {
		return nil, err
	}
	return driver.RowsAffected(0), s.Run()
}

// QueryContext implements driver.StmtQueryContext, likewise.
func (s *readingStmt) QueryContext(_ context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := s.bind(args); err != nil {
		return nil, err
	}
	return readingRows{s.Stmt}, nil
}

func (s *readingStmt) bind(args []driver.NamedValue) error {
	s.args = s.args[:0]
	for _, arg := range args {
		s.args = append(s.args, arg.Value)
	}
	defer clear(s.args)
	if err := s.Bind(s.args...); err != nil {
		return fmt.Errorf("giving a statement its arguments: %w", err)
	}
	return nil
}

// readingRows are the rows of a statement.
type readingRows struct{ *sqlite.Stmt }

// Next implements driver.Rows.
func (r readingRows) Next(dest []driver.Value) error {
	more, err := r.Step()
	if err != nil {
		return err
	}
	if !more {
		return io.EOF
	}
	for i := range dest {
		dest[i] = r.Column(i)
	}
	return nil
}

// Close implements driver.Rows. The statement is kept.
func (r readingRows) Close() error {
	r.Reset()
	return nil
}

// An ending interrupts a transaction whose context has ended. Until then it takes no goroutine.
type ending struct {
	conn  *sqlite.Conn
	stop  func() bool
	over  chan struct{} // closed when the transaction is
	ended chan struct{} // closed when nobody interrupts it any more
}

func newEnding(conn *sqlite.Conn) *ending {
	return &ending{conn: conn, over: make(chan struct{}), ended: make(chan struct{})}
}

// watch begins with a transaction.
func (e *ending) watch(ctx context.Context) {
	if ctx.Done() != nil {
		e.stop = context.AfterFunc(ctx, e.interrupt)
	}
}

// interrupt interrupts what is running until the transaction is over: an interruption that comes right before a statement is lost on it.
func (e *ending) interrupt() {
	defer close(e.ended)
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		e.conn.Interrupt()
		select {
		case <-e.over:
			return
		case <-again.C:
		}
	}
}

// leave ends with the transaction: the next one of the connection is left alone.
func (e *ending) leave() {
	if e.stop != nil && !e.stop() {
		close(e.over)
		<-e.ended
		e.over, e.ended = make(chan struct{}), make(chan struct{})
	}
	e.stop = nil
}
