package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A Disk is where a database's file and its log are. When fsync tells that a disk has not kept what was written, Linux goes on reading it from memory, as if
// it were on the disk, and ext4 keeps nothing that is later written in the same places of memory, whatever fsync says of that. So what is in memory is
// forgotten then: what is read next, and written over, is what the disk has. Elsewhere than on Linux nothing is forgotten.
type Disk struct {
	path  string
	users int // guarded by disks.mu

	mu   sync.Mutex
	main *os.File    // the database's, from the first ForgetUnkept on
	left [files]bool // what is yet to be forgotten, since that failed
}

// The files of a database.
const (
	databaseFile = iota
	logFile
	files
)

// disks are those in use by this process. A file of theirs is closed when nobody in the process uses the database any more: POSIX takes away all locks that the
// process has on it.
var disks = struct {
	mu sync.Mutex
	by map[string]*Disk
}{by: map[string]*Disk{}}

// OpenDisk is called before the database of that path is opened. If a process was killed that used it and nobody uses it now, what is in memory of it is forgotten: that
// process may have been told that the disk has not kept it, or may not have lived to hear it.
func OpenDisk(path string) (*Disk, error) {
	disks.mu.Lock()
	defer disks.mu.Unlock()
	d := disks.by[path]
	if d == nil {
		d = &Disk{path: path}
		if err := d.awake(); err != nil {
			return nil, err
		}
		disks.by[path] = d
	}
	d.users++
	return d, nil
}

// awake forgets what is in memory where a log was left behind.
func (d *Disk) awake() error {
	if info, err := os.Stat(d.path + "-wal"); err != nil || info.Size() == 0 || inUse(d.path+"-shm") {
		return nil
	}
	for _, path := range []string{d.path, d.path + "-wal"} {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		_ = file.Sync() // what it fails for is forgotten too
		err = forget(file)
		file.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// Close is called when the database is closed.
func (d *Disk) Close() {
	if d == nil {
		return
	}
	disks.mu.Lock()
	defer disks.mu.Unlock()
	if d.users--; d.users > 0 {
		return
	}
	delete(disks.by, d.path)
	if d.main != nil {
		d.main.Close()
	}
}

// forget has what is in memory of a file be forgotten, but for what is not written yet.
func (d *Disk) forget(file int) (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := d.main
	if file == logFile { // nobody locks it
		if from, err = os.Open(d.path + "-wal"); err == nil {
			defer from.Close()
		}
	}
	if err == nil {
		err = forget(from)
	}
	d.left[file] = err != nil
	return err
}

// behind reports whether a file has something that is yet to be forgotten.
func (d *Disk) behind(file int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.left[file]
}

// ForgetUnkept has what a disk has not kept of this connection's writing be forgotten. Before HoldLog, if that is called too. The file has a write-ahead log.
func (c *Conn) ForgetUnkept(d *Disk) error {
	if err := d.open(); err != nil {
		return err
	}
	// Only who has read has the log open.
	if err := c.run("PRAGMA user_version"); err != nil {
		return err
	}
	for file, pointer := range map[int]int32{databaseFile: sqlite3.SQLITE_FCNTL_FILE_POINTER, logFile: sqlite3.SQLITE_FCNTL_JOURNAL_POINTER} {
		place, err := c.file(pointer)
		if err != nil {
			return err
		}
		methods := (*uintptr)(at(place)) // a file begins with the address of its functions
		u := &unkept{disk: d, file: file, ours: libc.Xmalloc(c.tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))}
		if u.ours == 0 {
			return &Error{sqlite3.SQLITE_NOMEM, "out of memory"}
		}
		c.unkept = append(c.unkept, u) // Close frees it
		ours := *(*sqlite3.Tsqlite3_io_methods)(at(*methods))
		u.sync = function[func(*libc.TLS, uintptr, int32) int32](ours.FxSync)
		u.onSync = u.keep
		ours.FxSync = address(&u.onSync)
		*(*sqlite3.Tsqlite3_io_methods)(at(u.ours)) = ours
		*methods = u.ours
	}
	return nil
}

func (d *Disk) open() (err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.main == nil {
		d.main, err = os.Open(d.path)
	}
	return err
}

// file is the place of SQLite's description of a file, which is open.
func (c *Conn) file(pointer int32) (uintptr, error) {
	name, err := libc.CString("main")
	if err != nil {
		return 0, err
	}
	defer libc.Xfree(c.tls, name)
	if err := c.check(sqlite3.Xsqlite3_file_control(c.tls, c.db, name, pointer, c.place)); err != nil {
		return 0, err
	}
	place := *(*uintptr)(at(c.place))
	if *(*uintptr)(at(place)) == 0 {
		return 0, &Error{sqlite3.SQLITE_MISUSE, "the file is not open"}
	}
	return place, nil
}

// unkept is what is done about a file that a disk does not keep.
type unkept struct {
	disk *Disk
	file int
	ours uintptr // the functions that SQLite is to call
	sync func(tls *libc.TLS, file uintptr, flags int32) int32

	// SQLite has its address: it must stay as it is for as long as that is so.
	onSync func(tls *libc.TLS, file uintptr, flags int32) int32
}

// keep has the disk keep what was written. SQLite does not take for kept what was written before an error, but writes it again.
func (u *unkept) keep(tls *libc.TLS, file uintptr, flags int32) int32 {
	if u.disk.behind(u.file) && u.disk.forget(u.file) != nil {
		return sqlite3.SQLITE_IOERR_FSYNC
	}
	code := u.sync(tls, file, flags)
	if code != sqlite3.SQLITE_OK {
		_ = u.disk.forget(u.file) // or else before the next
	}
	return code
}
