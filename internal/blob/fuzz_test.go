package blob_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/blob"
)

// A key that is taken leads to a file within the folder, where what was put is found again; with
// any other there is no file.
func FuzzKey(f *testing.F) {
	for _, key := range []string{"acme/1f3a", "a", "", ".", "..", "../a", "a/../b", "/a", "a//b", "a/", ".tmp", "a/.b", "a\\b", "a\x00", "ä", "con", "a:b", strings.Repeat("k", 512), strings.Repeat("k/", 256) + "k"} {
		f.Add(key, []byte("content"))
	}
	f.Fuzz(func(t *testing.T, key string, content []byte) {
		root := t.TempDir()
		folder := blob.NewFolder(filepath.Join(root, "blobs"))
		err := folder.Put(t.Context(), key, bytes.NewReader(content), int64(len(content)), "text/plain")
		if bad := blob.CheckKey(key); bad != nil {
			if err == nil {
				t.Fatalf("%q is no key and is taken", key)
			}
			if left, _ := os.ReadDir(root); len(left) > 0 {
				t.Fatalf("%q leaves %v", key, left)
			}
			return
		}
		if err != nil {
			if len(key) > 255 {
				t.Skip("the file system takes no such name")
			}
			t.Fatalf("%q is a key and is refused: %v", key, err)
		}
		if left, _ := os.ReadDir(root); len(left) != 1 {
			t.Fatalf("%q leaves %v beside the folder", key, left)
		}
		file, size, err := folder.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if got, err := io.ReadAll(file); err != nil || size != int64(len(content)) || !bytes.Equal(got, content) {
			t.Errorf("under %q are %d bytes %q, want %q: %v", key, size, got, content, err)
		}
	})
}
