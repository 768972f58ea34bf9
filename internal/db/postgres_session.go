package db

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"parley/internal/db/revision"
)

// postgresSession is a transaction on PostgreSQL. A session serves one transaction at a time, and lasts longer than the
// connection that it has for it.
type postgresSession struct {
	engine *postgresEngine

	conn  *pgxpool.Conn // nil if it has none; kept for the next transaction
	link  *link         // of conn
	taken time.Time     // when conn was taken out of the pool
	used  time.Time     // when the latest transaction ended

	ctx       context.Context // bounds the statements
	writes    bool
	unhurried bool      // the transaction may take as long as it does
	queue     []asked   // what is to be sent before the next statement: BEGIN, and what Tx.Write was given
	coming    []asked   // queries that are to be sent along with the next statement
	read      []*answer // to queries that were sent along, and have yet to be run
	told      bool      // the transaction has been told an answer, so that it cannot begin anew by itself
	byValues  bool      // statements are planned for the values of their arguments
	last      bool      // the transaction ends with the next statement
	over      bool      // it was ended along with its last one
	open      *answer   // whose rows are not yet closed
	failed    error     // what doomed the transaction

	// Whether its moments were asked for, and what they are, if they are known.
	dated   bool // they are to be asked for along with the next statement
	asked   bool
	moments revision.Moments
	// Of one that writes: what it writes to, whether it may have a number with the queue, and whether that is known.
	writing  *revision.Writes
	numbered bool
	counted  bool
	locks    bool // what nobody has to write to, so that it is about to write something

	room []any // for the values of a row
}

// transaction starts a transaction on the connection that the session was given. Nothing is sent before there is a
// statement to go with it.
func (s *postgresSession) transaction(ctx context.Context, writes bool) *Tx {
	s.ctx, s.writes, s.unhurried = ctx, writes, false
	s.told, s.last, s.over, s.open, s.failed = false, false, false, nil, nil
	begin := s.engine.reading
	if writes {
		begin = s.engine.writing
	}
	s.dated, s.asked, s.moments, s.writing, s.numbered, s.counted, s.locks = false, false, nil, nil, false, false, false
	s.queue = append(s.queue[:0], begin...)
	s.coming, s.read, s.byValues = s.coming[:0], nil, false
	tx := &Tx{ctx: ctx, dialect: s.engine.dialect, run: s, later: s.later, ahead: s.ahead, unhurried: func() { s.unhurried = true }}
	if writes {
		tx.write = s.write
		s.writing = s.engine.revisions.Begin()
		tx.wrote, tx.numbered = s.writing.Writes, func() { s.locks = true }
	} else {
		tx.last = func() { s.last = true } // what is read does not change
	}
	if s.engine.revisions.Follows() {
		tx.moments, tx.dated = s.momentsSeen, func() { s.dated = !s.writes || !s.told }
	}
	return tx
}

// ahead has a query sent along with the next statement.
func (s *postgresSession) ahead(query asked) { s.coming = append(s.coming, query) }

// later has a statement sent with the next one. It fails where that fails.
func (s *postgresSession) later(text string, args []any) {
	s.queue = append(s.queue, asked{text: text, args: args, simple: len(args) == 0})
}

// mostQueued is how many statements are sent with the next one at most.
const mostQueued = 128

// write has a statement sent with the next one. It fails where that fails.
func (s *postgresSession) write(text string, args []any) error {
	if err := s.admit(); err != nil {
		return err
	}
	s.note(text, args)
	given := make([]any, len(args))
	for i, arg := range args {
		given[i] = asItIs(arg)
	}
	s.queue = append(s.queue, asked{text: text, args: given})
	if len(s.queue) < mostQueued {
		return nil
	}
	return s.flush()
}

// asItIs is an argument that what is written to by a pointer later does not change.
func asItIs(arg any) any {
	switch arg := arg.(type) {
	case nil, string, int64, int, bool:
		return arg
	case []byte:
		return bytes.Clone(arg)
	}
	v := reflect.ValueOf(arg)
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	return v.Interface()
}

// flush sends what is queued, and waits until that is done.
func (s *postgresSession) flush() error {
	var number string
	rows, err := s.query(asksNumber, nil)
	row := Row{rows, err}
	if err := row.Scan(&number); err != nil {
		return err
	}
	s.number(number)
	return nil
}

// admit refuses a statement that cannot be run.
func (s *postgresSession) admit() error {
	switch {
	case s.failed != nil:
		return fmt.Errorf("an earlier statement of the transaction has failed: %w", s.failed)
	case s.open != nil:
		return errRowsOpen
	}
	return nil
}

// note is told of a statement before it is sent. What was read ahead of one that may write is forgotten.
func (s *postgresSession) note(text string, args []any) {
	if !s.writes {
		return
	}
	if s.engine.revisions.MayWrite(text) {
		s.read, s.numbered = nil, s.writing != nil
	}
	s.writing.Note(text, args)
}

// ask runs a statement.
func (s *postgresSession) ask(text string, args []any) (*answer, error) {
	if err := s.admit(); err != nil {
		return nil, err
	}
	s.note(text, args)
	for i, a := range s.read {
		if a.to.text == text && slices.EqualFunc(a.to.args, args, equal) {
			s.read = slices.Delete(s.read, i, i+1)
			s.open = a
			return a, nil
		}
	}
	if s.over {
		return nil, errViewOver
	}
	if s.dated && text != asksMoment {
		s.coming = append(s.coming, asked{text: asksMoment})
	}
	s.dated = false
	switch {
	case s.counted || s.writing == nil || text == asksNumber:
	case s.locks:
		s.coming = append(s.coming, asked{text: takesNumber})
	case s.numbered:
		s.coming = append(s.coming, asked{text: asksNumber})
	}
	s.planned(text)
	before, last := s.queue, s.last
	alone := last && text == asksMoment && len(s.coming) == 0 && !s.told
	if alone { // a statement is a transaction by itself, and the snapshot is of any kind
		before, last = nil, false
	}
	for tries := 0; ; tries++ {
		s.link.unhurried = s.unhurried
		a, err := s.link.send(s.ctx, before, asked{text: text, args: args}, s.coming, last)
		if err == nil {
			clear(s.queue)
			s.queue, s.coming, s.told, s.open = s.queue[:0], s.coming[:0], true, a
			s.last, s.over = false, a.last || alone // if the end was not sent along, neither was what is asked after this
			return a, nil
		}
		if s.told || tries > s.engine.connections || s.ctx.Err() != nil || !s.lost(err) {
			return nil, s.fail(err)
		}
		// The transaction knows nothing yet, and what it may have begun ends with its connection. Those that a restart of
		// the database left behind are found one by one.
		if err := s.move(); err != nil {
			s.failed = err
			return nil, err
		}
	}
}

// planned has the next statement, and what is sent along with it, be planned as it asks for.
func (s *postgresSession) planned(text string) {
	byValues := strings.HasPrefix(text, ByValues) || slices.ContainsFunc(s.coming, func(a asked) bool { return strings.HasPrefix(a.text, ByValues) })
	switch {
	case !s.engine.plansOnce || byValues == s.byValues:
		return
	case byValues:
		s.later("SET LOCAL "+planMode+" = force_custom_plan", nil)
	default:
		s.later("SET LOCAL "+planMode+" TO DEFAULT", nil) // as the session has it
	}
	s.byValues = byValues
}

// errViewOver answers a statement behind the one that was said to be the last.
var errViewOver = errors.New("the transaction has asked for what it said was the last")

// equal compares arguments, which may be lists.
func equal(a, b any) bool { return reflect.DeepEqual(a, b) }

// move gives a lost connection up for another.
func (s *postgresSession) move() error {
	s.engine.losses.Add(1)
	s.release()
	return s.connect(s.ctx)
}

// connect takes a connection out of the pool, which opens one if it has none.
func (s *postgresSession) connect(ctx context.Context) error {
	conn, err := s.engine.connect(ctx)
	if err != nil {
		return err
	}
	s.conn, s.link, s.taken = conn, linkOf(conn), time.Now()
	return nil
}

// release gives the connection to the pool, which keeps none that is closed or in a transaction.
func (s *postgresSession) release() {
	if s.conn == nil {
		return
	}
	if err := s.link.close(); err != nil {
		s.link.drop()
	}
	s.conn.Release()
	s.conn, s.link = nil, nil
}

// lost reports whether an error leaves the connection of no use. Beside one that is gone, that is one whose statements
// the schema or a pooler has left behind, and one to a server that has become, or has always been, a mere standby.
func (s *postgresSession) lost(err error) bool {
	var failure *pgconn.PgError
	switch argument := (argumentError{}); {
	case errors.As(err, &argument):
		return false // it would be as wrong on another
	case errors.As(err, &failure):
		switch {
		case failure.Code == "0A000" && failure.Routine == "RevalidateCachedQuery", // cached plan must not change result type
			failure.Code == "26000",             // there is no such prepared statement
			failure.Code == "25006" && s.writes: // the transaction can only read
			s.link.drop()
		}
	}
	return s.link.conn.IsClosed()
}

// fail remembers an error, which dooms the transaction, and returns it with what it means.
func (s *postgresSession) fail(err error) error {
	switch {
	case s.ctx.Err() != nil:
		err = fmt.Errorf("%w: %w", s.ctx.Err(), err)
	case s.lost(err):
		s.engine.losses.Add(1)
		err = fmt.Errorf("%w: %w", errLost, err)
	case unavailable(err):
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	s.failed = err
	return err
}

// end ends an answer, whose failure dooms the transaction.
func (s *postgresSession) end(a *answer) (pgconn.CommandTag, error) {
	ended := a.ended
	tag, err := a.end()
	if ended {
		return tag, err
	}
	s.open = nil
	if err != nil {
		a.err = s.fail(err)
	}
	for _, other := range a.along {
		switch text := other.to.text; {
		case (text == asksNumber || text == takesNumber) && len(other.rows) == 1:
			s.number(string(other.rows[0][0]))
		case text == asksMoment && len(other.rows) == 1 && s.writes:
			row := other.rows[0]
			s.moments = s.engine.revisions.MomentsSince(string(row[0])+" "+string(row[1]), string(row[2]))
		default:
			s.read = append(s.read, other)
		}
	}
	return tag, a.err
}

// doom returns what forbids the transaction to be committed.
func (s *postgresSession) doom() error {
	if s.failed != nil {
		return fmt.Errorf("a statement of the transaction has failed: %w", s.failed)
	}
	return nil
}

// begun reports whether the server may have heard of the transaction.
func (s *postgresSession) begun() bool { return s.told || s.failed != nil }

// commit commits, and waits until that is done.
func (s *postgresSession) commit() error {
	if err := s.doom(); err != nil {
		return err
	}
	switch {
	case !s.told && len(s.queue) == len(s.engine.writing):
		return nil // no statement was run
	case !s.told || s.numbered && !s.counted:
		// What is lost before COMMIT is sent can be done again, and others are to know the number before they see what was written.
		if err := s.flush(); err != nil {
			return err
		}
	}
	s.writing.Commit()
	s.link.unhurried = s.unhurried
	tag, err := s.link.finish(s.queue, "COMMIT")
	clear(s.queue)
	s.queue = s.queue[:0]
	switch {
	case err == nil && tag == "COMMIT":
		s.told = false
		return nil
	case err == nil:
		return errors.New("the transaction was rolled back")
	case !s.link.conn.IsClosed(): // the server says that it did not commit
		return s.fail(err)
	case pgconn.SafeToRetry(err): // nothing was sent, and a server that misses its client rolls back
		return s.fail(err)
	}
	s.engine.losses.Add(1)
	s.failed = fmt.Errorf("%w: %w", ErrUncertain, err)
	return s.failed
}

// leave ends a View and gives the session back. Nobody waits for the answer, since nothing depends on it: what was read was
// read from one snapshot, and nothing was written.
func (s *postgresSession) leave() {
	ended := s.over && s.failed == nil // what fails keeps PostgreSQL from doing what was sent behind it
	if s.begun() && !ended && s.conn != nil && !s.link.conn.IsClosed() {
		if err := s.link.leave("ROLLBACK"); err != nil {
			s.link.drop()
		}
	}
	s.engine.giveBack(s)
}

// finish ends an Update, of which nothing is to be kept unless it is committed, and gives the session back.
func (s *postgresSession) finish() {
	if s.begun() && s.conn != nil && !s.link.conn.IsClosed() {
		// A connection on which this fails is not used again, and the server rolls back when it ends.
		if _, err := s.link.finish(nil, "ROLLBACK"); err != nil {
			s.link.drop()
		}
	}
	s.engine.giveBack(s)
}

// query runs a statement that returns rows.
func (s *postgresSession) query(text string, args []any) (Rows, error) {
	a, err := s.ask(text, args)
	if err != nil {
		return Rows{}, err
	}
	return Rows{from: &postgresRows{s, a}, room: &s.room}, nil
}

// exec runs a statement to its end and returns how many rows it changed.
func (s *postgresSession) exec(text string, args []any) (int64, error) {
	a, err := s.ask(text, args)
	if err != nil {
		return 0, err
	}
	tag, err := s.end(a)
	if err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}

// postgresRows are the rows of a query.
type postgresRows struct {
	session *postgresSession
	answer  *answer
}

func (r *postgresRows) columns() []string { return columns(r.answer.described()) }

func (r *postgresRows) next(to []any) (row []any, more bool, err error) { return r.answer.next(to) }

func (r *postgresRows) end() error {
	_, err := r.session.end(r.answer)
	return err
}
