package sqlite

import (
	"math"
	"sync"
	"unsafe"

	"modernc.org/libc"
	"modernc.org/memory"
	sqlite3 "modernc.org/sqlite/lib"
)

// own is what SQLite takes its memory from since TakeOwnMemory. It is one for the process, as SQLite's is.
var own struct {
	mu        sync.Mutex
	allocator memory.Allocator
	methods   sqlite3.Tsqlite3_mem_methods // SQLite is given its address
}

// TakeOwnMemory has SQLite take its memory where GiveBack finds what it does not use any more: what it usually takes it from is of the same kind, but can only be told
// to keep it. Nobody else may use SQLite meanwhile; where somebody has done so before, it is refused, and all is as it was.
func TakeOwnMemory() error {
	tls := libc.NewTLS()
	defer tls.Close()
	// Functions, since they have no variables that would have to stay where they are.
	allocate, free, reallocate, size, roundUp, begin, end := ownAllocate, ownFree, ownReallocate, ownSize, ownRoundUp, ownBegin, ownEnd
	own.methods = sqlite3.Tsqlite3_mem_methods{FxMalloc: address(&allocate), FxFree: address(&free), FxRealloc: address(&reallocate),
		FxSize: address(&size), FxRoundup: address(&roundUp), FxInit: address(&begin), FxShutdown: address(&end)}
	args := libc.NewVaList(uintptr(unsafe.Pointer(&own.methods)))
	defer libc.Xfree(tls, args)
	if code := sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_MALLOC, args); code != sqlite3.SQLITE_OK {
		return &Error{int(code), libc.GoString(sqlite3.Xsqlite3_errstr(tls, code))}
	}
	return nil
}

// GiveBack gives the system what SQLite has given back.
func GiveBack() error {
	own.mu.Lock()
	defer own.mu.Unlock()
	return own.allocator.Trim()
}

// SQLite asks for more than 0 bytes, and has an address where it gives something back. It is given 0 for want of memory.

func ownAllocate(_ *libc.TLS, n int32) uintptr {
	own.mu.Lock()
	defer own.mu.Unlock()
	p, _ := own.allocator.UintptrMalloc(int(n))
	return p
}

func ownFree(_ *libc.TLS, p uintptr) {
	own.mu.Lock()
	defer own.mu.Unlock()
	_ = own.allocator.UintptrFree(p) // what the system does not take back stays ours
}

func ownReallocate(_ *libc.TLS, p uintptr, n int32) uintptr {
	own.mu.Lock()
	defer own.mu.Unlock()
	p, _ = own.allocator.UintptrRealloc(p, int(n))
	return p
}

func ownSize(_ *libc.TLS, p uintptr) int32 {
	return int32(min(memory.UintptrUsableSize(p), math.MaxInt32))
}

func ownRoundUp(_ *libc.TLS, n int32) int32 { return (n + 7) &^ 7 }

func ownBegin(*libc.TLS, uintptr) int32 { return sqlite3.SQLITE_OK }

func ownEnd(*libc.TLS, uintptr) {}
