package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"parley/internal/blob"
)

// ToFile has fn write a file that only its owner may read. It is there, on disk, when ToFile returns nil; before that, and
// on an error, there is what was there before.
func ToFile(path string, fn func(to io.Writer) error) (err error) {
	beside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8]+".unfinished")
	file, err := os.OpenFile(beside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			file.Close()
			os.Remove(beside)
		}
	}()
	if err := fn(file); err != nil {
		return err
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// A Place takes files into a store beside what is there, and can take them out again.
type Place struct {
	store blob.Store
	put   *spool // keys of those that were not there
}

// NewPlace makes a place in a store. Close it when done.
func NewPlace(store blob.Store) (*Place, error) {
	put, err := newSpool()
	return &Place{store, put}, err
}

// Close gives back what the place holds. The files stay.
func (p *Place) Close() { p.put.remove() }

// Keeper puts files where they belong. One that is there already stays; it must have the same bytes.
func (p *Place) Keeper(ctx context.Context) Keeper {
	return func(key string, size int64, from io.Reader) error {
		there, has, err := p.store.Open(ctx, key)
		if err == nil {
			defer there.Close()
			if same, err := equal(there, from); err != nil {
				return err
			} else if !same || has != size {
				return errors.New("there is another file of that name, which is left as it is")
			}
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := p.put.line(key); err != nil {
			return err
		}
		return p.store.Put(ctx, key, from, size, "application/octet-stream")
	}
}

// TakeBack deletes the files that were put.
func (p *Place) TakeBack(ctx context.Context) error {
	return p.put.each(func(key string) error {
		if err := p.store.Delete(ctx, key); err != nil {
			return fmt.Errorf("taking back the file %s: %w", key, err)
		}
		return nil
	})
}

// equal reports whether two readers give the same bytes, and reads both to the end of the second.
func equal(one, other io.Reader) (bool, error) {
	a, b := make([]byte, 32<<10), make([]byte, 32<<10)
	for same := true; ; {
		n, err := io.ReadFull(other, b)
		if same {
			m, failed := io.ReadFull(one, a[:n])
			if failed != nil && failed != io.EOF && failed != io.ErrUnexpectedEOF {
				return false, failed
			}
			same = m == n && bytes.Equal(a[:m], b[:n])
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return same, nil
		}
		if err != nil {
			return false, err
		}
	}
}
