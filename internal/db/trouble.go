package db

import (
	"errors"
	"fmt"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite/lib"

	"parley/internal/sqlite"
)

// trouble is what keeps a SQLite file from being written: a disk that is full, or one that fails. It is asked of each
// update anew, so that it ends with its cause.
type trouble struct {
	cause   atomic.Pointer[error] // nil: there is none
	refused atomic.Int64          // updates, since Open
}

// isOfDisk reports whether SQLite could not do to a file what it had to, whatever the statement.
func isOfDisk(err error) bool {
	failed, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch failed.Code & 0xff { // the rest says what it was about
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN:
		return true
	}
	return false
}

// unwritable is the error of an update that the disk has kept from being done.
func unwritable(err error) error { return fmt.Errorf("%w: %w", ErrUnwritable, err) }

// uncommitted is the error of updates whose commit has failed. Where the log could not be written there is no commit in
// it. Where it was written and the disk does not say that it has kept it, a crash that comes before the next commit
// decides which is so.
func uncommitted(err error) error {
	err = fmt.Errorf("committing: %w", err)
	failed, ok := errors.AsType[*sqlite.Error](err)
	switch {
	case !ok || !isOfDisk(err):
		return err
	case failed.Code&0xff == sqlite3.SQLITE_IOERR && failed.Code != sqlite3.SQLITE_IOERR_WRITE:
		return fmt.Errorf("%w: %w", ErrUncertain, err)
	}
	return unwritable(err)
}

// meet notes how an update has ended. It reports whether that is news.
func (t *trouble) meet(err error) (news bool) {
	switch {
	case err == nil:
		return t.cause.Load() != nil && t.cause.Swap(nil) != nil
	case isOfDisk(err):
		t.refused.Add(1)
		return t.cause.Swap(&err) == nil
	}
	return false
}
