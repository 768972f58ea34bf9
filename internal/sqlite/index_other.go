//go:build !unix

package sqlite

import (
	"io"
	"os"
)

// A window is where the header is looked at: in the file.
type window struct{ file *os.File }

func openWindow(file *os.File) (*window, error) { return &window{file}, nil }

func (w *window) header() (h IndexHeader, err error) {
	_, err = w.file.ReadAt(h[:], 0)
	if err == io.EOF {
		err = nil
	}
	return h, err
}

func (*window) close() {}
