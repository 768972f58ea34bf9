package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"parley/internal/sqlite"
)

// TestIndex looks at the header while two connections, one of them of the driver, write by turns.
func TestIndex(t *testing.T) {
	t.Parallel()
	path := made(t, `CREATE TABLE many (n INTEGER)`)
	ours, err := sqlite.Open(path)
	must(t, err)
	theirs, err := sql.Open("sqlite", path)
	must(t, err)
	var file *os.File
	var index *sqlite.Index
	t.Cleanup(func() {
		must(t, ours.Close())
		must(t, theirs.Close())
		must(t, file.Close()) // not before SQLite has given the file up: its locks go with any descriptor of this process
		must(t, index.Close())
		if _, err := index.Header(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("after the end there is a header, or the error %v", err)
		}
	})
	insert := prepare(t, ours, `INSERT INTO many VALUES (1)`)
	must(t, insert.Run())
	file, err = os.Open(path + "-shm")
	must(t, err)
	index, err = sqlite.OpenIndex(path)
	must(t, err)
	last, err := index.Check()
	must(t, err)
	for i := range 200 {
		if i%2 == 0 {
			must(t, insert.Run())
		} else {
			_, err := theirs.ExecContext(t.Context(), `INSERT INTO many VALUES (2)`)
			must(t, err)
		}
		now, err := index.Header()
		must(t, err)
		if now == last || now.Commits() != last.Commits()+1 {
			t.Fatalf("commit %d does not show: %d commits, then %d", i, last.Commits(), now.Commits())
		}
		if again, err := index.Header(); err != nil || again != now {
			t.Fatalf("with nobody who commits the header has changed to %v, %v", again, err)
		}
		in := make([]byte, len(now))
		_, err = file.ReadAt(in, 0)
		must(t, err)
		if !bytes.Equal(in, now[:]) {
			t.Fatalf("the file has % x, where % x was seen", in, now)
		}
		last = now
	}
}

// TestNoIndex opens what no SQLite has begun to use.
func TestNoIndex(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.db")
	if _, err := sqlite.OpenIndex(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for name, content := range map[string][]byte{"empty": nil, "short": make([]byte, 100), "of zeros": make([]byte, 1<<16)} {
		must(t, os.WriteFile(path+"-shm", content, 0o600))
		index, err := sqlite.OpenIndex(path)
		must(t, err)
		if h, err := index.Check(); err == nil {
			t.Errorf("%s: %v is a header", name, h)
		}
		must(t, index.Close())
	}
}
