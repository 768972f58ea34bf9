package sqlite

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// forget has the operating system forget what it has in memory of a file, but for what is not written yet.
func forget(file *os.File) error { return unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED) }

// usedAt is the byte of the shared index that everybody who uses the database has a lock on: SQLite calls it the dead man's switch.
const usedAt = 128

// inUse reports whether a process uses the database of an index. If that cannot be told, nobody does.
func inUse(index string) bool {
	file, err := os.Open(index)
	if err != nil {
		return false
	}
	defer file.Close()
	lock := unix.Flock_t{Type: unix.F_WRLCK, Whence: io.SeekStart, Start: usedAt, Len: 1}
	return unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock) == nil && lock.Type != unix.F_UNLCK
}
