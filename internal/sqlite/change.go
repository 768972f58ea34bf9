package sqlite

import (
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Changes returns how many rows the latest statement that writes has written, without those that references and triggers take along.
func (c *Conn) Changes() int64 { return sqlite3.Xsqlite3_changes64(c.tls, c.db) }

// PagesWritten returns how many pages the connection has written to the file or its log, since it was opened.
func (c *Conn) PagesWritten() int { return c.status(sqlite3.SQLITE_DBSTATUS_CACHE_WRITE) }

// Unresolved reports whether a reference that is looked at when the transaction commits leads to no row.
func (c *Conn) Unresolved() bool { return c.status(sqlite3.SQLITE_DBSTATUS_DEFERRED_FKS) != 0 }

// status is something that SQLite counts of a connection. It refuses only what it does not know.
func (c *Conn) status(of int32) int {
	sqlite3.Xsqlite3_db_status(c.tls, c.db, of, c.place, c.place+unsafe.Sizeof(c.db), 0)
	return int(*(*int32)(at(c.place)))
}

// A Change is a row that is about to be written or taken away. It can be asked only while it is told.
type Change struct {
	conn    *Conn
	table   uintptr
	Deleted bool
	Row     int64 // the number by which SQLite will know the row; of no use where it is deleted
}

// preUpdateHook is what SQLite calls.
type preUpdateHook func(tls *libc.TLS, arg, db uintptr, what int32, database, table uintptr, was, will int64)

// OnChange has fn called for each row that a statement writes from now on, those that references and triggers take along included, in the
// goroutine that runs the statement. It must not use the connection.
func (c *Conn) OnChange(fn func(Change)) {
	c.told = func(_ *libc.TLS, _, _ uintptr, what int32, _, table uintptr, _, will int64) {
		fn(Change{conn: c, table: table, Deleted: what == sqlite3.SQLITE_DELETE, Row: will})
	}
	sqlite3.Xsqlite3_preupdate_hook(c.tls, c.db, *(*uintptr)(unsafe.Pointer(&c.told)), 0)
}

// Table returns the name of the row's table.
func (h Change) Table() string { return libc.GoString(h.table) }

// First returns what is in the first column of the row: what will be there, or, where the row is deleted, what was. What is no text is
// returned as an empty one. It is not known where SQLite does not say.
func (h Change) First() (text string, known bool) {
	c := h.conn
	ask := sqlite3.Xsqlite3_preupdate_new
	if h.Deleted {
		ask = sqlite3.Xsqlite3_preupdate_old
	}
	if ask(c.tls, c.db, 0, c.place) != sqlite3.SQLITE_OK {
		return "", false
	}
	value := *(*uintptr)(at(c.place))
	if sqlite3.Xsqlite3_value_type(c.tls, value) != sqlite3.SQLITE_TEXT {
		return "", true
	}
	p := sqlite3.Xsqlite3_value_text(c.tls, value)
	return string(bytesAt(p, int(sqlite3.Xsqlite3_value_bytes(c.tls, value)))), true
}
