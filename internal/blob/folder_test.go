package blob_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/internal/blob"
)

// A folder is made only when there is something to put into it, and is for its
// owner alone.
func TestFolderOnDisk(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "files")
	s := blob.NewFolder(dir)
	gone(t, s, "acme/1")
	if err := s.Delete(context.Background(), "acme/1"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made for nothing")
	}
	put(t, s, "acme/1", []byte("one"))
	if err := s.Put(context.Background(), "acme/2", strings.NewReader("x"), 2, ""); err == nil {
		t.Error("a blob that is too short was put")
	}
	modes := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		name, _ := filepath.Rel(dir, path)
		modes[name] = info.Mode().Perm()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]fs.FileMode{".": 0o700, "acme": 0o700, "acme/1": 0o600, ".unfinished": 0o700} {
		if modes[name] != want {
			t.Errorf("%s has mode %v, want %v", name, modes[name], want)
		}
	}
	if len(modes) != 4 {
		t.Errorf("the folder has %v", modes)
	}
}

// A link in the folder leads nowhere outside it.
func TestFolderIsNotLeft(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "acme")); err != nil {
		t.Fatal(err)
	}
	s := blob.NewFolder(dir)
	ctx := context.Background()
	if _, _, err := s.Open(ctx, "acme/secret"); err == nil {
		t.Error("a file outside was opened")
	}
	if err := s.Put(ctx, "acme/new", strings.NewReader("x"), 1, ""); err == nil {
		t.Error("a file outside was written")
	}
	if err := s.Delete(ctx, "acme/secret"); err == nil {
		t.Error("a file outside was deleted")
	}
}

// TestFolderID has many ask at once which folder it is: all are told the same, as is
// whoever sees it elsewhere. Another folder is another.
func TestFolderID(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "files")
	ids := make([]string, 16)
	var asking sync.WaitGroup
	for i := range ids {
		asking.Go(func() {
			var err error
			if ids[i], err = blob.NewFolder(dir).ID(); err != nil {
				t.Error(err)
			}
		})
	}
	asking.Wait()
	for _, id := range ids {
		if id != ids[0] || id == "" {
			t.Fatalf("the ids are %q", ids)
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "mounted")
	if err := os.Symlink(dir, elsewhere); err != nil {
		t.Fatal(err)
	}
	if id, err := blob.NewFolder(elsewhere).ID(); id != ids[0] || err != nil {
		t.Errorf("elsewhere it is %q: %v", id, err)
	}
	if id, err := blob.NewFolder(t.TempDir()).ID(); id == ids[0] || err != nil {
		t.Errorf("another is %q: %v", id, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".unfinished", "*")); err != nil || len(left) > 0 {
		t.Errorf("%q are left: %v", left, err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".folder"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if id, err := blob.NewFolder(dir).ID(); err == nil {
		t.Errorf("an empty marker says %q", id)
	}
}
