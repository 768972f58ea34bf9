package sqlite

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
)

// An IndexHeader is what the shared index of a write-ahead log begins with (sqlite.org/walformat.html, 2.1): the commits so far, the end
// of the log, and sums over both, in the order of the machine's bytes.
type IndexHeader [48]byte

// Commits is how many there were, of all processes.
func (h IndexHeader) Commits() uint32 { return binary.NativeEndian.Uint32(h[8:]) }

// indexVersion is the version of the index's format.
const indexVersion = 3007000

var errNoIndex = errors.New("the shared index of the write-ahead log is not as SQLite describes it")

// An Index is the shared index of a write-ahead log, to be looked at beside SQLite. It stays open for as long as SQLite uses it: when a process closes a file,
// POSIX takes away all locks that it has on it.
type Index struct {
	file   *os.File
	window *window
}

// OpenIndex opens the index of a database that is in use.
func OpenIndex(database string) (*Index, error) {
	file, err := os.Open(database + "-shm")
	if err != nil {
		return nil, err
	}
	return &Index{file: file}, nil
}

// Check reads the header, and fails where the index is not as it is known here. The first time it comes before any Header.
func (i *Index) Check() (h IndexHeader, err error) {
	if i.window == nil {
		if i.window, err = openWindow(i.file); err != nil {
			return h, err
		}
	}
	h, err = i.Header()
	if err == nil && (binary.NativeEndian.Uint32(h[:]) != indexVersion || h[12] == 0) {
		err = fmt.Errorf("%s: %w", i.file.Name(), errNoIndex)
	}
	return h, err
}

// Header reads the header. In the midst of a change it is one that never was.
func (i *Index) Header() (IndexHeader, error) { return i.window.header() }

// Close is called when SQLite has closed the database. From then on there is no header.
func (i *Index) Close() error {
	if i.window != nil {
		i.window.close()
	}
	return i.file.Close()
}
