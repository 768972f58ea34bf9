package internal

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/lazy"
)

// TestCompressed holds the files that are part of the program compressed against those beside them that they are of. With
// PARLEY_TEST_UPDATE=1 it writes them.
func TestCompressed(t *testing.T) {
	t.Parallel()
	const suffix = ".flate"
	found := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		found++
		want, err := os.ReadFile(strings.TrimSuffix(path, suffix))
		if err != nil {
			return err
		}
		if os.Getenv("PARLEY_TEST_UPDATE") != "" {
			if err := os.WriteFile(path, lazy.Compress(want), 0o644); err != nil {
				return err
			}
		}
		compressed, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(lazy.Text(compressed), want) {
			t.Errorf("%s is of another file: PARLEY_TEST_UPDATE=1 go test ./internal -run TestCompressed writes it", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 6 {
		t.Errorf("%d compressed files were found", found)
	}
}
