// Package sqlite reads and writes a SQLite file by the functions of SQLite itself, in the order in which SQLite wants them: a statement
// is compiled once, and then given its arguments, stepped through and read as often as need be, with no work for what nobody asks for. It tells what SQLite takes its memory from.
// It must not know what it reads and writes, nor begin or end a transaction by itself.
package sqlite

import (
	"fmt"
	"math"
	"strings"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// An Error is what SQLite answers where it cannot do something.
type Error struct {
	Code    int // SQLite's extended result code
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("sqlite: %s (%d)", e.Message, e.Code) }

// A Conn is a connection. It is used by one goroutine at a time, Interrupt excepted.
type Conn struct {
	tls   *libc.TLS // what SQLite, which was written for C, takes for a thread
	other *libc.TLS // Interrupt's
	db    uintptr
	place uintptr // memory for two addresses or numbers that a function of SQLite gives back
	log   *heldLog
	// What ForgetUnkept does about the file and the log.
	unkept []*unkept
	told   preUpdateHook // SQLite has its address: it must stay as it is for as long as that is so
}

// Open opens the file of that name, which must be there, or, where the name begins with "file:", the one that SQLite's URI names. The
// settings are PRAGMAs, run one after another.
func Open(name string, settings ...string) (*Conn, error) {
	c := &Conn{tls: libc.NewTLS(), other: libc.NewTLS()}
	if err := c.open(name); err != nil {
		c.Close()
		return nil, err
	}
	for _, s := range settings {
		if err := c.run("PRAGMA " + s); err != nil {
			c.Close()
			return nil, fmt.Errorf("%s: %w", s, err)
		}
	}
	return c, nil
}

func (c *Conn) open(name string) error {
	text, err := libc.CString(name)
	if err != nil {
		return err
	}
	defer libc.Xfree(c.tls, text)
	if c.place = libc.Xcalloc(c.tls, 2, libc.Tsize_t(unsafe.Sizeof(c.db))); c.place == 0 {
		return &Error{sqlite3.SQLITE_NOMEM, "out of memory"}
	}
	// Nobody else uses the connection at the same time, so that it needs no lock of its own. SQLite makes one even where it fails: it
	// has the message then.
	code := sqlite3.Xsqlite3_open_v2(c.tls, text, c.place, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_URI|sqlite3.SQLITE_OPEN_NOMUTEX, 0)
	c.db = *(*uintptr)(at(c.place))
	if err := c.check(code); err != nil {
		return err
	}
	sqlite3.Xsqlite3_extended_result_codes(c.tls, c.db, 1)
	// What is in double quotes is a name, and never a text for want of one.
	for _, kind := range []int32{sqlite3.SQLITE_DBCONFIG_DQS_DDL, sqlite3.SQLITE_DBCONFIG_DQS_DML} {
		args := libc.NewVaList(int32(0), uintptr(0))
		code := sqlite3.Xsqlite3_db_config(c.tls, c.db, kind, args)
		libc.Xfree(c.tls, args)
		if err := c.check(code); err != nil {
			return err
		}
	}
	return nil
}

// run runs a statement of which nothing is wanted.
func (c *Conn) run(text string) error {
	st, err := c.Prepare(text)
	if err != nil {
		return err
	}
	defer st.Close()
	return st.Run()
}

// check makes an error of a result code.
func (c *Conn) check(code int32) error {
	switch {
	case code == sqlite3.SQLITE_OK:
		return nil
	case c.db == 0:
		return &Error{int(code), libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, code))}
	}
	return &Error{int(code), libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db))}
}

// Interrupt ends the statement that is running with an error. Where none is, it does nothing. Any goroutine may call it until Close.
func (c *Conn) Interrupt() { sqlite3.Xsqlite3_interrupt(c.other, c.db) }

// Close ends the connection. Its statements are closed by then.
func (c *Conn) Close() error {
	var err error
	if c.db != 0 {
		c.log.forget()
		err = c.check(sqlite3.Xsqlite3_close_v2(c.tls, c.db))
		c.db = 0
	}
	c.log.free()
	for _, u := range c.unkept {
		libc.Xfree(c.tls, u.ours)
	}
	libc.Xfree(c.tls, c.place)
	c.other.Close()
	c.tls.Close()
	return err
}

// A Stmt is a compiled statement.
type Stmt struct {
	conn   *Conn
	handle uintptr
	params int
	names  []string // of its columns

	texts uintptr // memory of its own for arguments that are texts, which SQLite reads there
	room  int     // bytes of it
}

// Prepare compiles the one statement of a text.
func (c *Conn) Prepare(text string) (*Stmt, error) {
	p, err := libc.CString(text)
	if err != nil {
		return nil, err
	}
	defer libc.Xfree(c.tls, p)
	end := c.place + unsafe.Sizeof(c.db) // has the place in the text behind the statement
	if err := c.check(sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, p, int32(len(text)), sqlite3.SQLITE_PREPARE_PERSISTENT, c.place, end)); err != nil {
		return nil, err
	}
	s := &Stmt{conn: c, handle: *(*uintptr)(at(c.place))}
	if s.handle == 0 {
		return nil, &Error{sqlite3.SQLITE_MISUSE, "there is no statement"}
	}
	if rest := strings.TrimSpace(text[*(*uintptr)(at(end))-p:]); rest != "" {
		s.Close()
		return nil, &Error{sqlite3.SQLITE_MISUSE, "there is more than one statement"}
	}
	s.params = int(sqlite3.Xsqlite3_bind_parameter_count(c.tls, s.handle))
	for i := range sqlite3.Xsqlite3_column_count(c.tls, s.handle) {
		s.names = append(s.names, libc.GoString(sqlite3.Xsqlite3_column_name(c.tls, s.handle, i)))
	}
	return s, nil
}

// Columns returns the names of the columns.
func (s *Stmt) Columns() []string { return s.names }

// Bind gives the statement, which is not running, its arguments: each nil, an int64, a float64, a bool or a string. Those too
// many are left out.
func (s *Stmt) Bind(args ...any) error {
	c := s.conn
	if s.params > len(args) {
		return &Error{sqlite3.SQLITE_RANGE, fmt.Sprintf("%d arguments for %d parameters", len(args), s.params)}
	}
	args = args[:s.params]
	room := 0
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			room += len(text)
		}
	}
	if err := s.makeRoom(room); err != nil {
		return err
	}
	free := s.texts
	for i, arg := range args {
		n := int32(i + 1)
		var code int32
		switch arg := arg.(type) {
		case nil:
			code = sqlite3.Xsqlite3_bind_null(c.tls, s.handle, n)
		case int64:
			code = sqlite3.Xsqlite3_bind_int64(c.tls, s.handle, n, arg)
		case bool:
			var is int64
			if arg {
				is = 1
			}
			code = sqlite3.Xsqlite3_bind_int64(c.tls, s.handle, n, is)
		case float64:
			code = sqlite3.Xsqlite3_bind_double(c.tls, s.handle, n, arg)
		case string:
			if len(arg) > math.MaxInt32 {
				return &Error{sqlite3.SQLITE_TOOBIG, "a text is too long"}
			}
			copy(bytesAt(free, len(arg)), arg)
			code = sqlite3.Xsqlite3_bind_text(c.tls, s.handle, n, free, int32(len(arg)), 0) // it stays where it is
			free += uintptr(len(arg))
		default:
			return fmt.Errorf("sqlite: an argument is a %T", arg)
		}
		if err := c.check(code); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom has the statement's memory for texts take so many bytes, and one in any case: an empty text is not none.
func (s *Stmt) makeRoom(room int) error {
	if room < s.room {
		return nil
	}
	p := libc.Xrealloc(s.conn.tls, s.texts, libc.Tsize_t(room+1))
	if p == 0 {
		return &Error{sqlite3.SQLITE_NOMEM, "out of memory"}
	}
	s.texts, s.room = p, room+1
	return nil
}

// Step goes on to the next row, the first at first. It reports whether there is one.
func (s *Stmt) Step() (bool, error) {
	switch code := sqlite3.Xsqlite3_step(s.conn.tls, s.handle); code {
	case sqlite3.SQLITE_ROW:
		return true, nil
	case sqlite3.SQLITE_DONE:
		return false, nil
	default:
		return false, s.conn.check(code)
	}
}

// Column returns the value of a column of the row: nil, an int64, a float64, a string or, for a blob, bytes.
func (s *Stmt) Column(i int) any {
	c, n := s.conn, int32(i)
	switch sqlite3.Xsqlite3_column_type(c.tls, s.handle, n) {
	case sqlite3.SQLITE_INTEGER:
		return sqlite3.Xsqlite3_column_int64(c.tls, s.handle, n)
	case sqlite3.SQLITE_FLOAT:
		return sqlite3.Xsqlite3_column_double(c.tls, s.handle, n)
	case sqlite3.SQLITE_TEXT:
		p := sqlite3.Xsqlite3_column_text(c.tls, s.handle, n)
		return string(bytesAt(p, int(sqlite3.Xsqlite3_column_bytes(c.tls, s.handle, n))))
	case sqlite3.SQLITE_BLOB:
		p := sqlite3.Xsqlite3_column_blob(c.tls, s.handle, n)
		return append([]byte{}, bytesAt(p, int(sqlite3.Xsqlite3_column_bytes(c.tls, s.handle, n)))...)
	default:
		return nil
	}
}

// mostRoom is how many bytes of arguments a statement keeps room for between its runs.
const mostRoom = 64 << 10

// Reset ends the run of the statement, which can then begin anew, with arguments of that run.
func (s *Stmt) Reset() {
	sqlite3.Xsqlite3_reset(s.conn.tls, s.handle) // its error is that of the last Step, which was told
	if s.room > mostRoom {
		sqlite3.Xsqlite3_clear_bindings(s.conn.tls, s.handle)
		libc.Xfree(s.conn.tls, s.texts)
		s.texts, s.room = 0, 0
	}
}

// Run runs the statement to its end, whatever rows it has.
func (s *Stmt) Run() error {
	defer s.Reset()
	for {
		if more, err := s.Step(); err != nil || !more {
			return err
		}
	}
}

// Close gives the statement up.
func (s *Stmt) Close() error {
	sqlite3.Xsqlite3_finalize(s.conn.tls, s.handle)
	libc.Xfree(s.conn.tls, s.texts)
	return nil
}

// at is a place in the memory of SQLite, which the garbage collector knows nothing of and never moves.
func at(p uintptr) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&p)) }

// bytesAt are so many bytes there.
func bytesAt(p uintptr, n int) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(at(p)), n)
}
