package db

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
)

// openThings opens a SQLite file with a table whose rows have an owner, and one that goes along with it.
func openThings(t *testing.T, path string) *DB {
	t.Helper()
	return open(t, Options{Path: path, Migrations: fstest.MapFS{"0001_things.sql": {Data: []byte(`-- +goose Up
CREATE TABLE things (owner TEXT NOT NULL, id BIGINT NOT NULL, name TEXT, PRIMARY KEY (owner, id));
CREATE TABLE parts (owner TEXT NOT NULL, thing BIGINT NOT NULL, FOREIGN KEY (owner, thing) REFERENCES things (owner, id) ON DELETE CASCADE);
CREATE VIRTUAL TABLE words USING fts5 (word);
`)}}})
}

// written is what is known at the end of a statement of an owner's things and parts; -1 for tables that were not touched.
type written struct {
	known         bool
	things, parts int
}

// TestWritten does one thing after another and looks each time at what is known since the mark of a.
func TestWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "things.db")
	d, other := openThings(t, path), openThings(t, path)
	exec := func(d *DB, statements ...string) func() error {
		return func() error {
			return d.Update(context.Background(), func(tx *Tx) error {
				for _, s := range statements {
					if _, err := tx.Exec(s); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	mark := func(owner, name string, then error) func() error {
		return func() error {
			err := d.Update(context.Background(), func(tx *Tx) error { return errors.Join(tx.Mark(owner, name), then) })
			if then != nil && errors.Is(err, then) {
				return nil
			}
			return err
		}
	}
	broken := errors.New("broken")
	for _, step := range []struct {
		name string
		do   func() error
		want written
	}{
		{"nobody has asked", exec(d, `INSERT INTO things VALUES ('a', 1, 'x'), ('b', 1, 'x')`), written{false, -1, -1}},
		{"a mark", mark("a", "m", nil), written{true, -1, -1}},
		{"rows of another", exec(d, `UPDATE things SET name = 'y' WHERE owner = 'b'`, `INSERT INTO words VALUES ('a')`), written{true, -1, -1}},
		{"a row changed, and back", exec(d, `UPDATE things SET name = 'y' WHERE owner = 'a'`, `UPDATE things SET name = 'x' WHERE owner = 'a'`), written{true, 1, -1}},
		{"rows inserted", exec(d, `INSERT INTO things VALUES ('a', 2, 'x')`, `INSERT INTO parts VALUES ('a', 2), ('a', 2)`), written{true, 2, 2}},
		{"a row that takes others along", exec(d, `DELETE FROM things WHERE owner = 'a' AND id = 2`), written{true, 2, 2}},
		{"a mark again", mark("a", "m", nil), written{true, -1, -1}},
		{"only what goes along", exec(d, `INSERT INTO parts VALUES ('a', 1)`, `DELETE FROM things WHERE owner = 'a' AND id = 1`), written{true, 0, 1}},
		{"a mark that is rolled back", mark("a", "m", broken), written{false, -1, -1}},
		{"and made after all", mark("a", "m", nil), written{true, -1, -1}},
		{"another's that is rolled back", mark("b", "m", broken), written{true, -1, -1}},
		{"a change that is rolled back", func() error {
			err := exec(d, `INSERT INTO things VALUES ('a', 3, 'x')`, `INSERT INTO nowhere VALUES (1)`)()
			if err == nil {
				return errors.New("it was done")
			}
			return nil
		}, written{true, 1, -1}},
		{"another writes to the file", exec(other, `INSERT INTO things VALUES ('a', 4, 'x')`), written{false, -1, -1}},
		{"a mark after that", mark("a", "m", nil), written{true, -1, -1}},
		{"the mark of another name", mark("a", "n", nil), written{false, -1, -1}},
		{"the end of marks", mark("a", "", nil), written{false, -1, -1}},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		got := written{false, -1, -1}
		if err := d.Update(context.Background(), func(tx *Tx) error {
			w, known, err := tx.Written("a", "m")
			got.known = known
			if rows, ok := w.Tables["things"]; ok {
				got.things = len(rows)
			}
			if rows, ok := w.Tables["parts"]; ok {
				got.parts = len(rows)
			}
			return err
		}); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got != step.want {
			t.Errorf("%s: %+v is known, want %+v", step.name, got, step.want)
		}
	}
}

// TestWrittenInGroups has a mark and what is written after it share a commit with an update that fails.
func TestWrittenInGroups(t *testing.T) {
	t.Parallel()
	d := openSQLiteOnly(t)
	broken := errors.New("broken")
	mark := func(owner string) func(tx *Tx) error {
		return func(tx *Tx) error { return tx.Mark(owner, "m") }
	}
	known := func() (owners []string) {
		t.Helper()
		if err := d.Update(context.Background(), func(tx *Tx) error {
			for _, owner := range []string{"a", "b"} {
				w, known, err := tx.Written(owner, "m")
				if err != nil {
					return err
				}
				if known && len(w.Tables["note"]) > 0 {
					owners = append(owners, owner+" with a note")
				} else if known {
					owners = append(owners, owner)
				}
			}
			_, err := tx.Exec("DELETE FROM note WHERE id = 'gate'") // or it would be in the way of the next group's
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return owners
	}
	runGroup(t, d, []*member{{name: "mark", fn: mark("a")}, {name: "write", fn: insert("a")}})
	if got := known(); !slices.Equal(got, []string{"a with a note"}) {
		t.Errorf("%q are known", got)
	}
	// Whose update failed is not told apart: marks that no commit has made firm are lost with it.
	runGroup(t, d, []*member{{name: "mark", fn: mark("b")}, {name: "failure", fn: func(*Tx) error { return broken }}})
	if got := known(); !slices.Equal(got, []string{"a with a note"}) {
		t.Errorf("after a failure, %q are known", got)
	}
}
