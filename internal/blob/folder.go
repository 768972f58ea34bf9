package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// A Folder keeps blobs as files of a folder on this machine. Nobody but its owner
// can read them.
type Folder struct {
	dir     string
	folders sync.Mutex // held while folders are made
}

// unfinished is the folder of what is being written. No key begins with a dot.
const unfinished = ".unfinished"

// NewFolder keeps blobs in a folder, which is made when the first blob comes.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

func (f *Folder) Put(ctx context.Context, key string, from io.Reader, size int64, _ string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	root, err := f.make(path.Dir(key))
	if err != nil {
		return fmt.Errorf("blob: the folder cannot be made: %w", ofDisk(err))
	}
	defer root.Close()
	if err := put(ctx, root, key, from, size); err != nil {
		return fmt.Errorf("blob: put %s: %w", key, ofDisk(err))
	}
	return nil
}

// ofDisk is an error of writing, an ErrUnwritable if what is written does not matter to it.
func ofDisk(err error) error {
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EIO} {
		if errors.Is(err, cause) {
			return fmt.Errorf("%w: %w", ErrUnwritable, err)
		}
	}
	return err
}

// marker is the file that says which folder it is.
const marker = ".folder"

// ID is what is written in the folder: a text that is made once, and is the same for
// all who see this folder, wherever they see it. Of two that make it at once, one is
// first. A copy of the folder has the same.
func (f *Folder) ID() (string, error) {
	root, err := f.make(unfinished)
	if err != nil {
		return "", fmt.Errorf("blob: the folder cannot be made: %w", err)
	}
	defer root.Close()
	id, err := root.ReadFile(marker)
	if errors.Is(err, fs.ErrNotExist) {
		if err := mark(root); err != nil {
			return "", fmt.Errorf("blob: the folder cannot be marked: %w", err)
		}
		id, err = root.ReadFile(marker)
	}
	if err == nil && len(id) != len(rand.Text()) {
		err = fmt.Errorf("%s does not say which folder it is", filepath.Join(f.dir, marker))
	}
	if err != nil {
		return "", fmt.Errorf("blob: %w", err)
	}
	return string(id), nil
}

// mark writes an id beside its place and links it there, which fails where another was
// first. Whoever sees the marker sees all of it.
func mark(root *os.Root) error {
	id := rand.Text()
	beside := path.Join(unfinished, id)
	if err := write(context.Background(), root, beside, strings.NewReader(id), int64(len(id))); err != nil {
		return err
	}
	defer root.Remove(beside) // what cannot be removed does no harm there
	err := root.Link(beside, marker)
	if err != nil && !errors.Is(err, fs.ErrExist) { // there are file systems without links
		err = write(context.Background(), root, marker, strings.NewReader(id), int64(len(id)))
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(root.Open("."))
}

// make makes the store's own folder, the one for unfinished files and the one
// that a key is to be in.
func (f *Folder) make(folder string) (*os.Root, error) {
	// Nobody may find a folder there and rely on it before it is on disk.
	f.folders.Lock()
	defer f.folders.Unlock()
	if err := makeWithParents(filepath.Clean(f.dir)); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, err
	}
	if err := makeFolders(root, unfinished, folder); err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

func makeWithParents(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(dir)
	if err := makeWithParents(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(os.Open(parent))
}

func makeFolders(root *os.Root, paths ...string) error {
	for _, p := range paths {
		parent := "."
		for name := range strings.SplitSeq(p, "/") {
			at := path.Join(parent, name)
			err := root.Mkdir(at, 0o700)
			if err == nil {
				err = syncFolder(root.Open(parent))
			}
			if err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
			parent = at
		}
	}
	return nil
}

// put writes the blob beside its place and moves it there when all of it is on
// disk.
func put(ctx context.Context, root *os.Root, key string, from io.Reader, size int64) error {
	beside := path.Join(unfinished, rand.Text())
	err := write(ctx, root, beside, from, size)
	if err == nil {
		err = root.Rename(beside, key)
	}
	if err != nil {
		_ = root.Remove(beside) // what cannot be removed does no harm there
		return err
	}
	return syncFolder(root.Open(path.Dir(key)))
}

func write(ctx context.Context, root *os.Root, name string, from io.Reader, size int64) error {
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(file, io.LimitReader(from, size+1))
	if err == nil && n != size {
		err = errSize(size)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncFolder puts a folder's names on disk.
func syncFolder(dir *os.File, err error) error {
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (f *Folder) Open(_ context.Context, key string) (io.ReadSeekCloser, int64, error) {
	if err := CheckKey(key); err != nil {
		return nil, 0, err
	}
	root, err := os.OpenRoot(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, unknown(key)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("blob: open %s: %w", key, err)
	}
	defer root.Close()
	file, err := root.Open(key)
	if err != nil {
		return nil, 0, fmt.Errorf("blob: open %s: %w", key, err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = unknown(key)
	}
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, info.Size(), nil
}

func (f *Folder) Delete(_ context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	root, err := os.OpenRoot(f.dir)
	if err == nil {
		defer root.Close()
		if err = root.Remove(key); err == nil {
			err = syncFolder(root.Open(path.Dir(key)))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: delete %s: %w", key, err)
	}
	return nil
}
