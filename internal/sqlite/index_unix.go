//go:build unix

package sqlite

import (
	"encoding/binary"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// A window is where the header is looked at: in the memory that all processes share with SQLite. A call of the operating system for each look would be
// a good part of what a request costs.
type window struct {
	memory []byte // a page, which is there for as long as the window
	closed atomic.Bool
}

func openWindow(file *os.File) (*window, error) {
	size := os.Getpagesize()
	switch info, err := file.Stat(); {
	case err != nil:
		return nil, err
	case info.Size() < int64(size):
		return nil, errNoIndex // memory beyond the end of a file may not be touched
	}
	memory, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	w := &window{memory: memory}
	runtime.AddCleanup(w, func(memory []byte) { _ = syscall.Munmap(memory) }, memory) // once nobody can be looking any more
	return w, nil
}

func (w *window) header() (h IndexHeader, err error) {
	if w.closed.Load() {
		return h, os.ErrClosed
	}
	const words = len(h) / 8
	shared := (*[words]uint64)(unsafe.Pointer(&w.memory[0]))
	for i := range shared {
		binary.NativeEndian.PutUint64(h[8*i:], atomic.LoadUint64(&shared[i]))
	}
	runtime.KeepAlive(w)
	return h, nil
}

// close has nobody look any more: once SQLite has given up the file, the next that opens it may make it shorter.
func (w *window) close() { w.closed.Store(true) }
