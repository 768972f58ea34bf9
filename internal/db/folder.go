package db

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrFolderInUse says that another process works on a data folder.
var ErrFolderInUse = errors.New("the folder is in use by another process")

// LockFolder makes this process the only one to work on a data folder, by a lock on the file named lock in it. The
// operating system gives the lock up when the process ends, however it ends; unlock gives it up earlier.
func LockFolder(dir string) (unlock func() error, err error) {
	lock := flock.New(filepath.Join(dir, "lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	if !held {
		return nil, fmt.Errorf("%s: %w", dir, ErrFolderInUse)
	}
	return lock.Close, nil
}
