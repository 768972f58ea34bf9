package sqlite

import (
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// mostHeld is how many bytes of a log are held before they are written: SQLite writes less than 128 KB at once.
const mostHeld = 64 << 10

// A heldLog writes the write-ahead log of a connection in few pieces. SQLite writes the head of each page and then the page, by a call of the operating
// system for each of them, one behind the other: a small change has a dozen pages. They are held, and written together where SQLite has the disk
// keep them, or does anything else with the file. It has the functions by which SQLite writes, reads and so on in the place of those of the file.
type heldLog struct {
	conn  *Conn
	file  uintptr
	does  sqlite3.Tsqlite3_io_methods // what SQLite itself does
	ours  uintptr                     // what it is to call: ours for some of it
	write func(tls *libc.TLS, file, from uintptr, n int32, at int64) int32

	// What is held of the file: so many bytes, from where on.
	held  uintptr
	n     int
	start int64

	// SQLite has their addresses: they must stay as they are for as long as that is so.
	onWrite    func(tls *libc.TLS, file, from uintptr, n int32, at int64) int32
	onRead     func(tls *libc.TLS, file, to uintptr, n int32, at int64) int32
	onTruncate func(tls *libc.TLS, file uintptr, size int64) int32
	onSync     func(tls *libc.TLS, file uintptr, flags int32) int32
	onFileSize func(tls *libc.TLS, file, size uintptr) int32
	onRollback func(tls *libc.TLS, arg uintptr)
}

// HoldLog has what is written to the log be held until SQLite has the disk keep it. So SQLite must do that at each commit (synchronous is FULL):
// no other connection could read what was committed. The file has a write-ahead log, and none of the connection's statements runs.
func (c *Conn) HoldLog() error {
	// Only who has read has the log open.
	if err := c.run("PRAGMA user_version"); err != nil {
		return err
	}
	place, err := c.file(sqlite3.SQLITE_FCNTL_JOURNAL_POINTER)
	if err != nil {
		return err
	}
	l := &heldLog{conn: c, file: place}
	methods := (*uintptr)(at(l.file)) // a file begins with the address of its functions
	l.does = *(*sqlite3.Tsqlite3_io_methods)(at(*methods))
	l.write = function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](l.does.FxWrite)
	read := function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](l.does.FxRead)
	truncate := function[func(*libc.TLS, uintptr, int64) int32](l.does.FxTruncate)
	sync := function[func(*libc.TLS, uintptr, int32) int32](l.does.FxSync)
	fileSize := function[func(*libc.TLS, uintptr, uintptr) int32](l.does.FxFileSize)
	l.onWrite = l.hold
	l.onRead = func(tls *libc.TLS, file, to uintptr, n int32, at int64) int32 {
		return after(l.give(tls), func() int32 { return read(tls, file, to, n, at) })
	}
	l.onTruncate = func(tls *libc.TLS, file uintptr, size int64) int32 {
		return after(l.give(tls), func() int32 { return truncate(tls, file, size) })
	}
	l.onSync = func(tls *libc.TLS, file uintptr, flags int32) int32 {
		return after(l.give(tls), func() int32 { return sync(tls, file, flags) })
	}
	l.onFileSize = func(tls *libc.TLS, file, size uintptr) int32 {
		return after(l.give(tls), func() int32 { return fileSize(tls, file, size) })
	}
	l.held = libc.Xmalloc(c.tls, mostHeld)
	l.ours = libc.Xmalloc(c.tls, libc.Tsize_t(unsafe.Sizeof(l.does)))
	c.log = l // which frees both
	if l.held == 0 || l.ours == 0 {
		return &Error{sqlite3.SQLITE_NOMEM, "out of memory"}
	}
	ours := l.does
	ours.FxWrite, ours.FxRead, ours.FxTruncate = address(&l.onWrite), address(&l.onRead), address(&l.onTruncate)
	ours.FxSync, ours.FxFileSize = address(&l.onSync), address(&l.onFileSize)
	*(*sqlite3.Tsqlite3_io_methods)(at(l.ours)) = ours
	*methods = l.ours
	// What was written of a transaction that is undone must not come later: others may have written there by then.
	l.onRollback = func(*libc.TLS, uintptr) { l.forget() }
	sqlite3.Xsqlite3_rollback_hook(c.tls, c.db, address(&l.onRollback), 0)
	return nil
}

// hold is given bytes to write.
func (l *heldLog) hold(tls *libc.TLS, file, from uintptr, n int32, where int64) int32 {
	if l.n > 0 && where != l.start+int64(l.n) || l.n+int(n) > mostHeld {
		if code := l.give(tls); code != sqlite3.SQLITE_OK {
			return code
		}
	}
	if n > mostHeld {
		return l.write(tls, file, from, n, where)
	}
	if l.n == 0 {
		l.start = where
	}
	copy(bytesAt(l.held+uintptr(l.n), int(n)), bytesAt(from, int(n)))
	l.n += int(n)
	return sqlite3.SQLITE_OK
}

// give writes what is held. Where that fails, SQLite undoes the transaction that it is of, so that nobody asks for it again.
func (l *heldLog) give(tls *libc.TLS) int32 {
	if l.n == 0 {
		return sqlite3.SQLITE_OK
	}
	n := l.n
	l.n = 0
	return l.write(tls, l.file, l.held, int32(n), l.start)
}

// forget forgets what is held: nobody will commit it.
func (l *heldLog) forget() {
	if l != nil {
		l.n = 0
	}
}

// free is called when SQLite has closed the file.
func (l *heldLog) free() {
	if l != nil {
		libc.Xfree(l.conn.tls, l.held)
		libc.Xfree(l.conn.tls, l.ours)
	}
}

// after does something unless what came before has failed.
func after(code int32, do func() int32) int32 {
	if code != sqlite3.SQLITE_OK {
		return code
	}
	return do()
}

// function is the function at an address that SQLite has.
func function[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }

// address is that of a function for SQLite.
func address[F any](f *F) uintptr { return *(*uintptr)(unsafe.Pointer(f)) }
