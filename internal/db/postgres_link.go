package db

import (
	"context"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// link is one connection to PostgreSQL and what is known of its statements. It has one user at a time.
type link struct {
	conn     *pgconn.PgConn
	types    *pgtype.Map
	encoder  pgx.ExtendedQueryBuilder
	prepared recent[*prepared]
	names    bool          // statements may be kept by the server under names
	patience time.Duration // an answer that takes longer does not come any more; 0: there is no telling
	deadline time.Time     // of the answers
	made     int64
}

// prepared is a statement as the server described it.
type prepared struct {
	pgconn.StatementDescription
	formats []int16 // of the columns, as they are asked for
}

// simple is a statement without parameters or rows, such as BEGIN. It is not worth a name.
type simple = string

// send sends the statements of before and then a statement, all at once, and returns the answer to the last as soon as
// it begins to arrive. A statement whose parameters are not known yet costs one more round trip.
func (l *link) send(ctx context.Context, before []simple, text string, args []any) (*answer, error) {
	st, known := l.prepared.get(text)
	if known {
		if err := l.encoder.Build(l.types, &st.StatementDescription, args); err != nil {
			return nil, err
		}
	}
	p := l.begin(ctx)
	if !known {
		var err error
		if st, err = l.prepare(p, before, text); err != nil {
			return nil, done(p, err)
		}
		before = nil
		if err := l.encoder.Build(l.types, &st.StatementDescription, args); err != nil {
			return nil, done(p, err)
		}
	}
	sendSimple(p, before)
	if st.Name == "" {
		p.SendQueryParams(text, l.encoder.ParamValues, st.ParamOIDs, l.encoder.ParamFormats, st.formats)
	} else {
		p.SendQueryStatement(&st.StatementDescription, l.encoder.ParamValues, l.encoder.ParamFormats, st.formats)
	}
	if err := p.Sync(); err != nil {
		return nil, done(p, err)
	}
	if err := readSimple(p, before); err != nil {
		return nil, done(p, err)
	}
	result, err := receive[*pgconn.ResultReader](p)
	if err != nil {
		return nil, done(p, err)
	}
	return &answer{pipeline: p, result: result}, nil
}

// run sends statements without parameters or rows, all at once, and waits until they are done. It returns what the
// last of them says it was.
func (l *link) run(ctx context.Context, statements ...simple) (tag string, err error) {
	p := l.begin(ctx)
	last := len(statements) - 1
	sendSimple(p, statements)
	if err := p.Sync(); err != nil {
		return "", done(p, err)
	}
	if err := readSimple(p, statements[:last]); err != nil {
		return "", done(p, err)
	}
	result, err := receive[*pgconn.ResultReader](p)
	if err != nil {
		return "", done(p, err)
	}
	a := answer{pipeline: p, result: result}
	changed, err := a.end()
	return changed.String(), err
}

func (l *link) begin(ctx context.Context) *pgconn.Pipeline {
	l.hurry()
	return l.conn.StartPipeline(ctx)
}

// hurry bounds the time until the next answer, by one to two times the patience. A peer that is gone without a word would
// be waited for as long as the operating system sends again. A deadline is not moved each time: that wakes others.
func (l *link) hurry() {
	now := time.Now()
	if l.patience == 0 || l.deadline.Sub(now) > l.patience {
		return
	}
	l.deadline = now.Add(2 * l.patience)
	l.conn.Conn().SetDeadline(l.deadline)
}

// prepare sends the statements of before and has the server describe one more.
func (l *link) prepare(p *pgconn.Pipeline, before []simple, text string) (*prepared, error) {
	sendSimple(p, before)
	name := ""
	if l.names {
		l.made++
		name = "parley" + strconv.FormatInt(l.made, 10)
	}
	p.SendPrepare(name, text, nil)
	if err := p.Sync(); err != nil {
		return nil, err
	}
	if err := readSimple(p, before); err != nil {
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
		st.formats = append(st.formats, format(field.DataTypeOID))
	}
	if oldest, full := l.prepared.put(text, st); full && oldest.Name != "" {
		p.SendDeallocate(oldest.Name)
		if err := p.Sync(); err != nil {
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

func sendSimple(p *pgconn.Pipeline, statements []simple) {
	for _, text := range statements {
		p.SendQueryParams(text, nil, nil, nil, nil)
	}
}

func readSimple(p *pgconn.Pipeline, statements []simple) error {
	for range statements {
		result, err := receive[*pgconn.ResultReader](p)
		if err != nil {
			return err
		}
		if _, err := result.Close(); err != nil {
			return err
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

// done reads what is left of a pipeline after an error, and returns that error.
func done(p *pgconn.Pipeline, err error) error {
	p.Close() // its own error is another word for the same
	return err
}

// answer is what a statement returns, as it arrives.
type answer struct {
	pipeline *pgconn.Pipeline
	result   *pgconn.ResultReader
	ended    bool
	tag      pgconn.CommandTag
	err      error
}

// end reads what is left. It returns how the statement ended, again if it is called again.
func (a *answer) end() (pgconn.CommandTag, error) {
	if a.ended {
		return a.tag, a.err
	}
	a.ended = true
	a.tag, a.err = a.result.Close()
	if err := a.pipeline.Close(); a.err == nil {
		a.err = err
	}
	return a.tag, a.err
}

// columns are the names of the columns.
func (a *answer) columns() []string {
	fields := a.result.FieldDescriptions()
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name
	}
	return names
}

// next reads a row, if there is one more. If not, end says why.
func (a *answer) next(dest []driver.Value) (more bool, err error) {
	if a.ended || !a.result.NextRow() {
		return false, nil
	}
	values := a.result.Values()
	for i, field := range a.result.FieldDescriptions() {
		if dest[i], err = value(field.DataTypeOID, field.Format, values[i]); err != nil {
			return false, fmt.Errorf("reading the column %s: %w", field.Name, err)
		}
	}
	return true, nil
}

// format is how values of a type are asked for: numbers, booleans and bytes in PostgreSQL's binary form, all else as text.
func format(oid uint32) int16 {
	switch oid {
	case pgtype.BoolOID, pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID, pgtype.ByteaOID:
		return pgtype.BinaryFormatCode
	}
	return pgtype.TextFormatCode
}

var errFormat = errors.New("PostgreSQL sent it in another form than it was asked for")

// value is a value as database/sql takes it. What arrives as text is a string; Scan makes a number of it where it is asked
// for one.
func value(oid uint32, format int16, raw []byte) (driver.Value, error) {
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
