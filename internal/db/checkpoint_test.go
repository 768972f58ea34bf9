package db

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// TestLogStaysShort writes several times what the write-ahead log may have, without a pause: it is begun anew while that goes on, and
// what was written is there afterwards. So it is where no other connection can be opened to copy it, of which is told.
func TestLogStaysShort(t *testing.T) {
	t.Parallel()
	t.Run("two connections", func(t *testing.T) { t.Parallel(); writeLog(t, nil) })
	t.Run("the writer's alone", func(t *testing.T) { t.Parallel(); writeLog(t, errors.New("too many open files")) })
}

func writeLog(t *testing.T, alone error) {
	const writers, each, rows = 4, 200, 40
	text := strings.Repeat("x", 3000)
	path := filepath.Join(t.TempDir(), "a.db")
	var told bytes.Buffer
	o := Options{Path: path, Unsynced: true, Logger: slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Migrations: fstest.MapFS{"0001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT NOT NULL);\n")}}}
	d, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if alone != nil {
		d.engine.(*sqliteEngine).writer.log.open = func() (*session, error) { return nil, alone }
	}
	var all sync.WaitGroup
	longest := make([]int64, writers)
	for w := range writers {
		all.Go(func() {
			for range each {
				err := d.Update(t.Context(), func(tx *Tx) error {
					for range rows {
						if _, err := tx.Exec("INSERT INTO a (t) VALUES ($1)", text); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				longest[w] = max(longest[w], d.Stats().LogBytes)
			}
		})
	}
	all.Wait()
	if s := d.Stats(); s.FileBytes < 64<<20 {
		t.Errorf("of 96 MB that were written, %d are in the file", s.FileBytes)
	}
	for _, n := range longest {
		if n > 64<<20 {
			t.Errorf("the log had %d MB", n>>20)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if n := size(path + "-wal"); n != 0 {
		t.Errorf("the log has %d bytes after the end", n)
	}
	if is := strings.Contains(told.String(), "too many open files"); is != (alone != nil) {
		t.Errorf("it is told that the log is copied by who writes: %v", is)
	}
	if d, err = Open(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.View(t.Context(), func(tx *Tx) error {
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM a WHERE t = $1", text).Scan(&n); err != nil {
			return err
		}
		if n != writers*each*rows {
			t.Errorf("%d rows are there", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLogBeginsAnewAfterAFailure has the disk not say of a commit whether it has kept it, in the moment in which an update fails by a
// statement: the next one is done all the same.
func TestLogBeginsAnewAfterAFailure(t *testing.T) {
	t.Parallel()
	d := openSQLiteOnly(t)
	w := d.engine.(*sqliteEngine).writer
	update(t, d, insert("a"))
	if err := d.Update(context.Background(), func(tx *Tx) error {
		w.doubt = true // we are in the writer's goroutine
		return insert("a")(tx)
	}); err == nil {
		t.Fatal("a note was inserted twice")
	}
	update(t, d, insert("b"))
	if got := ids(t, d); got != "a b" || w.doubt {
		t.Errorf("notes %q, and doubt is %v", got, w.doubt)
	}
}
