// Package datafolder has one process at a time work on a data folder. It must not know what lies in it.
package datafolder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// ErrInUse says that another process works on a data folder.
var ErrInUse = errors.New("the folder is in use by another process")

// Lock makes this process the only one to work on a data folder, by a lock on the file named lock in it. The
// operating system gives the lock up when the process ends, however it ends; unlock gives it up earlier.
func Lock(dir string) (unlock func() error, err error) {
	lock := flock.New(filepath.Join(dir, "lock"))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	if !held {
		return nil, fmt.Errorf("%s: %w", dir, ErrInUse)
	}
	return lock.Close, nil
}

// InUse reports whether another process works on a data folder. It changes nothing there.
func InUse(dir string) (bool, error) {
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // nobody ever did
	}
	if err != nil {
		return false, fmt.Errorf("looking at the lock of %s: %w", dir, err)
	}
	return !free, lock.Close()
}
