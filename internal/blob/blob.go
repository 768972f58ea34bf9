// Package blob keeps bytes under keys: in a folder, or in a store that speaks
// S3's protocol.
// It must not know what the bytes are, or who may see them.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// ErrUnwritable says that a folder's disk is full, or fails, so that nothing was kept.
var ErrUnwritable = errors.New("the disk does not take it")

// A Store keeps blobs. A key is a path of one or more names, "acme/1f3a", made of
// ASCII letters, digits, "-", "_" and ".", none of which begins with a dot; any
// other key is an error.
type Store interface {
	// Put keeps exactly size bytes under the key, in place of what is there. Once
	// it returns nil the blob survives a loss of power; when it fails, there is
	// either no change or the whole new blob.
	Put(ctx context.Context, key string, from io.Reader, size int64, contentType string) error
	// Open reads a blob, and tells its length in bytes. An unknown key is
	// fs.ErrNotExist. The context must last as long as the blob is read.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, int64, error)
	// Delete drops a blob. To delete what is not there is no error.
	Delete(ctx context.Context, key string) error
}

// CheckKey keeps a store from being led astray by a key: out of its folder, or to
// names that it uses itself. Each method of a store begins with it.
func CheckKey(key string) error {
	const most = 512 // S3 takes 1024 bytes, prefix included
	if len(key) > most || !fs.ValidPath(key) {
		return fmt.Errorf("blob: %q is no key", key)
	}
	for name := range strings.SplitSeq(key, "/") {
		if strings.HasPrefix(name, ".") || strings.ContainsFunc(name, strange) {
			return fmt.Errorf("blob: %q is no key", key)
		}
	}
	return nil
}

func strange(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_' || r == '.')
}

// errSize is the error for content that is longer or shorter than was said.
func errSize(size int64) error {
	return fmt.Errorf("the content is not of %d bytes, as was said", size)
}

// unknown is the error for a key that no blob has.
func unknown(key string) error { return fmt.Errorf("blob: %q: %w", key, fs.ErrNotExist) }
