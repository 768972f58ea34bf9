package db

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"parley/internal/db/statement"
)

// link is one connection to PostgreSQL, what is known of its statements, and what it has not answered yet. It has one user
// at a time.
type link struct {
	conn      *pgconn.PgConn
	pipeline  *pgconn.Pipeline // open from the first statement until the link is closed; nil before
	owed      bool             // the answer to the latest statement is yet to be read; see leave
	types     *pgtype.Map
	encoder   pgx.ExtendedQueryBuilder
	prepared  statement.Recent[*prepared]
	names     bool          // statements may be kept by the server under names
	unhurried bool          // the transaction may take as long as it does
	patience  time.Duration // an answer that takes longer does not come any more; 0: there is no telling
	deadline  time.Time     // of the answers
	made      int64
}

// prepared is a statement as the server described it.
type prepared struct {
	pgconn.StatementDescription
	formats []int16 // of the columns, as they are asked for
}

// asked is a statement with its arguments.
type asked struct {
	text   string
	args   []any
	simple bool // without parameters or rows, such as BEGIN: it is not worth a name
}

// simple are statements without parameters or rows.
func simple(texts ...string) (statements []asked) {
	for _, text := range texts {
		statements = append(statements, asked{text: text, simple: true})
	}
	return statements
}

// endReading ends a View.
var endReading = simple("ROLLBACK")

// send sends the statements of before, of whose answers nothing but success is needed, then a statement, and along with it others that return rows,
// all at once, and returns the answer to the statement as soon as it begins to arrive. One whose parameters are not known yet costs one more round trip,
// and is not sent along. After the last, the transaction is ended in the same way, unless something could not be sent along. When ctx ends, the
// connection is lost.
func (l *link) send(ctx context.Context, before []asked, to asked, along []asked, last bool) (*answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.begin() // moves the deadline, so before the watch does
	stop := l.watch(ctx)
	a, err := l.exchange(before, to, along, last)
	if err != nil {
		err = l.resume(err)
		stop()
		return nil, err
	}
	a.stop = stop
	return a, nil
}

func (l *link) exchange(before []asked, to asked, along []asked, last bool) (*answer, error) {
	before, err := l.knownAll(before)
	if err != nil {
		return nil, err
	}
	for _, other := range along {
		if len(other.args) == 0 { // which nobody may ever ask for by itself
			if _, err := l.known(&before, other.text); err != nil {
				return nil, err
			}
		}
	}
	var st *prepared
	if !to.simple {
		if st, err = l.known(&before, to.text); err != nil {
			return nil, err
		}
		if err := l.encoder.Build(l.types, &st.StatementDescription, to.args); err != nil {
			return nil, argumentError{err}
		}
	}
	p := l.pipeline
	if err := l.putAll(before); err != nil {
		return nil, err
	}
	if st == nil || slices.ContainsFunc(before, func(a asked) bool { return !a.simple }) { // which was encoded in the place of this one
		err = l.putAll([]asked{to})
	} else {
		l.put(st, to.text)
	}
	if err != nil {
		return nil, err
	}
	a := &answer{link: l, to: to}
	for _, to := range along {
		if st, known := l.prepared.Get(to.text); known && l.encoder.Build(l.types, &st.StatementDescription, to.args) == nil {
			l.put(st, to.text)
			a.along = append(a.along, &answer{to: to})
		}
	}
	if a.last = last && len(a.along) == len(along); a.last {
		if err := l.putAll(endReading); err != nil {
			return nil, err
		}
	}
	if err = l.sync(); err == nil {
		err = readAll(p, before)
	}
	if err == nil {
		a.result, err = receive[*pgconn.ResultReader](p)
	}
	return a, err
}

// known is a statement as the server described it, which is asked to, behind the statements of before, where it has not yet.
func (l *link) known(before *[]asked, text string) (*prepared, error) {
	if st, known := l.prepared.Get(text); known {
		return st, nil
	}
	sent := *before
	*before = nil
	return l.prepare(sent, text)
}

// knownAll has the server describe the statements of before that it has not yet. It returns those that were not sent meanwhile.
func (l *link) knownAll(before []asked) ([]asked, error) {
	for i := 0; i < len(before); i++ {
		if before[i].simple {
			continue
		}
		sent := before[:i]
		if _, err := l.known(&sent, before[i].text); err != nil {
			return nil, err
		}
		if sent == nil {
			before, i = before[i:], 0
		}
	}
	return before, nil
}

// put has a statement be sent with the arguments that were encoded last.
func (l *link) put(st *prepared, text string) {
	if st.Name == "" {
		l.pipeline.SendQueryParams(text, l.encoder.ParamValues, st.ParamOIDs, l.encoder.ParamFormats, st.formats)
	} else {
		l.pipeline.SendQueryStatement(&st.StatementDescription, l.encoder.ParamValues, l.encoder.ParamFormats, st.formats)
	}
}

// errForgotten says that a statement had to make room for others that are sent with it.
var errForgotten = errors.New("too many statements at once")

// putAll has statements be sent, which are known.
func (l *link) putAll(statements []asked) error {
	for _, to := range statements {
		if to.simple {
			l.pipeline.SendQueryParams(to.text, nil, nil, nil, nil)
			continue
		}
		st, known := l.prepared.Get(to.text)
		if !known { // it had to make room
			return fmt.Errorf("%.40q: %w", to.text, errForgotten)
		}
		if err := l.encoder.Build(l.types, &st.StatementDescription, to.args); err != nil {
			return fmt.Errorf("%.40q: %w", to.text, argumentError{err})
		}
		l.put(st, to.text)
	}
	return nil
}

// finish sends statements, the last without parameters or rows, and waits until they are done. It returns what the last of them says it was.
func (l *link) finish(before []asked, last string) (tag string, err error) {
	a, err := l.send(context.Background(), before, asked{text: last, simple: true}, nil, false)
	if err != nil {
		return "", err
	}
	done, err := a.end()
	return done.String(), err
}

// leave sends a statement without parameters or rows and does not wait until it is done. Who sends the next one reads the
// answer, when it is long there.
func (l *link) leave(text string) error {
	l.begin()
	if err := l.putAll(simple(text)); err != nil {
		return err
	}
	err := l.sync()
	l.owed = err == nil
	return err
}

// close settles what was left unread, so that the connection can be given to others.
func (l *link) close() error {
	l.hurry()
	err := l.resume(l.settle())
	if l.pipeline != nil {
		err = errors.Join(err, l.pipeline.Close())
		l.pipeline = nil
	}
	return err
}

// begin returns the pipeline to send by.
func (l *link) begin() *pgconn.Pipeline {
	if l.pipeline == nil {
		l.pipeline = l.conn.StartPipeline(context.Background())
	}
	l.hurry()
	return l.pipeline
}

// sync has PostgreSQL answer all that was sent, and reads what was left unread before it.
func (l *link) sync() error {
	if err := l.pipeline.Sync(); err != nil {
		return err
	}
	return l.settle()
}

// settle reads the answer that was left unread.
func (l *link) settle() error {
	if !l.owed {
		return nil
	}
	l.owed = false
	if err := readAll(l.pipeline, simple("")); err != nil {
		return err
	}
	_, err := receive[*pgconn.PipelineSync](l.pipeline)
	return err
}

// resume reads on, after an error, until PostgreSQL is ready for another statement, or closes the connection where there is
// no telling whether it is. It returns the error.
func (l *link) resume(err error) error {
	var failure *pgconn.PgError
	switch _, argument := err.(argumentError); {
	case err == nil, l.conn.IsClosed(), argument:
		return err
	case errors.As(err, &failure):
		// PostgreSQL passes over what was sent behind the statement that failed. The pipeline does not forget what the rows of those would have
		// been like, and would take it for what those of later ones are; another one knows nothing of them. Closing it reads all answers.
		l.pipeline.Close()
		l.pipeline = nil
		if !l.conn.IsClosed() {
			return err
		}
	}
	l.drop()
	return err
}

// argumentError says that a value does not fit a statement. It comes as it is where nothing was sent.
type argumentError struct{ error }

func (e argumentError) Unwrap() error { return e.error }

// drop closes the connection. The server rolls back by itself.
func (l *link) drop() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	l.conn.Close(ctx)
}

// watch interrupts what is sent when ctx ends before stop is called.
func (l *link) watch(ctx context.Context) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	interrupted := make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		l.conn.Conn().SetDeadline(time.Unix(1, 0))
		close(interrupted)
	})
	return func() {
		if unwatch() {
			return
		}
		<-interrupted
		if !l.conn.IsClosed() { // the answer was quicker
			l.deadline = time.Time{}
			l.conn.Conn().SetDeadline(l.deadline)
		}
	}
}

// hurry bounds the time until the next answer, by one to two times the patience. A peer that is gone without a word would
// be waited for as long as the operating system sends again. A deadline is not moved each time: that wakes others.
func (l *link) hurry() {
	now := time.Now()
	switch {
	case l.unhurried && !l.deadline.IsZero():
		l.deadline = time.Time{}
	case l.unhurried || l.patience == 0 || l.deadline.Sub(now) > l.patience:
		return
	default:
		l.deadline = now.Add(2 * l.patience)
	}
	l.conn.Conn().SetDeadline(l.deadline)
}

// prepare sends the statements of before and has the server describe one more.
func (l *link) prepare(before []asked, text string) (*prepared, error) {
	p := l.pipeline
	if err := l.putAll(before); err != nil {
		return nil, err
	}
	name := ""
	if l.names && !strings.HasPrefix(text, ByValues) { // without a name it is planned with its values
		l.made++
		name = "parley" + strconv.FormatInt(l.made, 10)
	}
	p.SendPrepare(name, text, nil)
	if err := l.sync(); err != nil {
		return nil, err
	}
	if err := readAll(p, before); err != nil {
		return nil, err
	}
	sd, err := receive[*pgconn.StatementDescription](p)
	if err != nil {
		return nil, err
	}
	if _, err := receive[*pgconn.PipelineSync](p); err != nil {
		return nil, err
	}
	st := &prepared{StatementDescription: *sd}
	st.Name, st.SQL = name, text
	for _, field := range st.Fields {
		st.formats = append(st.formats, binaryFormats[field.DataTypeOID])
	}
	if oldest, full := l.prepared.Put(text, st); full && oldest.Name != "" {
		p.SendDeallocate(oldest.Name)
		if err := l.sync(); err != nil {
			return nil, err
		}
		if _, err := receive[*pgconn.CloseComplete](p); err != nil {
			return nil, err
		}
		if _, err := receive[*pgconn.PipelineSync](p); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// readAll reads what came of statements of which nothing but success is needed.
func readAll(p *pgconn.Pipeline, statements []asked) error {
	for _, to := range statements {
		result, err := receive[*pgconn.ResultReader](p)
		if err == nil {
			_, err = result.Close()
		}
		if err != nil {
			if to.simple {
				return err
			}
			return fmt.Errorf("%.40q: %w", to.text, err)
		}
	}
	return nil
}

// receive reads the next result of a pipeline, which is of the given kind.
func receive[R any](p *pgconn.Pipeline) (R, error) {
	got, err := p.GetResults()
	result, ok := got.(R)
	if err == nil && !ok {
		// After a fatal error the server answers nothing more.
		err = fmt.Errorf("%w: the server left something unanswered", io.ErrUnexpectedEOF)
	}
	return result, err
}

// answer is what a statement returns, as it arrives, or all of it, if the statement was sent along with another.
type answer struct {
	link   *link
	to     asked
	result *pgconn.ResultReader
	stop   func()    // ends the watch over the context
	along  []*answer // to what was sent along
	last   bool      // the end of the transaction was sent along, too
	ended  bool
	tag    pgconn.CommandTag
	err    error

	// Of one that has arrived, in the place of result.
	fields []pgconn.FieldDescription
	rows   [][][]byte
}

// end reads what is left. It returns how the statement ended, again if it is called again.
func (a *answer) end() (pgconn.CommandTag, error) {
	if a.ended {
		return a.tag, a.err
	}
	a.ended = true
	if a.result == nil {
		return a.tag, nil
	}
	a.tag, a.err = a.result.Close()
	for _, other := range a.along {
		if a.err == nil {
			a.err = other.arrive(a.link.pipeline)
		}
	}
	if a.err == nil && a.last {
		a.err = readAll(a.link.pipeline, endReading)
	}
	if a.err == nil {
		_, a.err = receive[*pgconn.PipelineSync](a.link.pipeline)
	}
	a.err = a.link.resume(a.err)
	a.stop()
	return a.tag, a.err
}

// arrive reads all of an answer.
func (a *answer) arrive(p *pgconn.Pipeline) error {
	result, err := receive[*pgconn.ResultReader](p)
	if err != nil {
		return err
	}
	a.fields = slices.Clone(result.FieldDescriptions())
	for result.NextRow() {
		values := slices.Clone(result.Values())
		for i, v := range values { // which are where the next row will be
			values[i] = bytes.Clone(v)
		}
		a.rows = append(a.rows, values)
	}
	a.tag, err = result.Close()
	return err
}

// described are the columns.
func (a *answer) described() []pgconn.FieldDescription {
	if a.result == nil {
		return a.fields
	}
	return a.result.FieldDescriptions()
}

// next appends the values of the next row, if there is one more. If not, end says why.
func (a *answer) next(to []any) (row []any, more bool, err error) {
	var values [][]byte
	switch {
	case a.ended || a.result != nil && !a.result.NextRow() || a.result == nil && len(a.rows) == 0:
		return to, false, nil
	case a.result != nil:
		values = a.result.Values()
	default:
		values, a.rows = a.rows[0], a.rows[1:]
	}
	return appendValues(to, a.described(), values)
}

// binaryFormats are how values of a type are asked for: numbers, booleans and bytes in PostgreSQL's binary form, all else as text.
var binaryFormats = pgx.QueryResultFormatsByOID{
	pgtype.BoolOID: pgtype.BinaryFormatCode, pgtype.ByteaOID: pgtype.BinaryFormatCode,
	pgtype.Int2OID: pgtype.BinaryFormatCode, pgtype.Int4OID: pgtype.BinaryFormatCode, pgtype.Int8OID: pgtype.BinaryFormatCode,
	pgtype.Float4OID: pgtype.BinaryFormatCode, pgtype.Float8OID: pgtype.BinaryFormatCode,
}

// columns are the names of columns.
func columns(fields []pgconn.FieldDescription) []string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	return names
}

// appendValues appends the values of a row.
func appendValues(to []any, fields []pgconn.FieldDescription, raw [][]byte) (row []any, more bool, err error) {
	for i, field := range fields {
		v, err := value(field.DataTypeOID, field.Format, raw[i])
		if err != nil {
			return to, false, fmt.Errorf("reading the column %s: %w", field.Name, err)
		}
		to = append(to, v)
	}
	return to, true, nil
}

var errFormat = errors.New("PostgreSQL sent it in another form than it was asked for")

// value is a value as Scan takes it. What arrives as text is a string; Scan makes a number of it where it is asked
// for one.
func value(oid uint32, format int16, raw []byte) (any, error) {
	switch {
	case raw == nil:
		return nil, nil
	case format == pgtype.TextFormatCode:
		return string(raw), nil
	}
	switch {
	case oid == pgtype.BoolOID && len(raw) == 1:
		return raw[0] != 0, nil
	case oid == pgtype.Int2OID && len(raw) == 2:
		return int64(int16(binary.BigEndian.Uint16(raw))), nil
	case oid == pgtype.Int4OID && len(raw) == 4:
		return int64(int32(binary.BigEndian.Uint32(raw))), nil
	case oid == pgtype.Int8OID && len(raw) == 8:
		return int64(binary.BigEndian.Uint64(raw)), nil
	case oid == pgtype.Float4OID && len(raw) == 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(raw))), nil
	case oid == pgtype.Float8OID && len(raw) == 8:
		return math.Float64frombits(binary.BigEndian.Uint64(raw)), nil
	case oid == pgtype.ByteaOID:
		return append([]byte{}, raw...), nil
	}
	return nil, errFormat
}
