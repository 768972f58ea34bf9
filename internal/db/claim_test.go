package db

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/fstest"
)

// TestAtCommit has an update say what it knows of a key, among others of the same commit, and looks whether it is told the moment and whether that is so for who comes
// after it.
func TestAtCommit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "people.db")
	o := Options{Path: path, Migrations: fstest.MapFS{"0001_people.sql": {Data: []byte(`-- +goose Up
CREATE TABLE people (workspace_id TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (workspace_id, id));
CREATE TABLE roads (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0);
INSERT INTO people (workspace_id, id) VALUES ('w', 'a'), ('w', 'b'), ('v', 'a');
INSERT INTO roads VALUES (1, 0);
`)}}}
	d, other := open(t, o), open(t, o)
	r, err := d.Revision(t.Context(), `SELECT * FROM people`, map[string]string{"people": "id"})
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	set := func(statement string, args ...any) func(*Tx) error {
		return func(tx *Tx) error {
			_, err := tx.Exec(statement, args...)
			return err
		}
	}
	one := `UPDATE people SET n = n + 1 WHERE workspace_id = $1 AND id = $2`
	for _, c := range []struct {
		name                string
		before, own, behind func(*Tx) error // what others do in the same commit, and what it does itself; nil for nothing
		told, still         bool            // whether it is told a moment, and whether that holds when nobody has written since
	}{
		{"alone", nil, set(one, "w", "a"), nil, true, true},
		{"it writes nothing", nil, nil, nil, false, false},
		{"it writes nothing, and others do", nil, nil, set(one, "w", "b"), true, true},
		{"somebody before it", set(one, "w", "a"), set(one, "w", "a"), nil, true, true},
		{"somebody behind it", nil, set(one, "w", "a"), set(one, "w", "a"), false, false},
		{"somebody behind it who fails", nil, set(one, "w", "a"), func(tx *Tx) error { return errors.Join(set(one, "w", "a")(tx), broken) }, false, false},
		{"another key behind it", nil, set(one, "w", "a"), set(one, "w", "b"), true, true},
		{"another workspace behind it", nil, set(one, "w", "a"), set(one, "v", "a"), true, true},
		{"another table behind it", nil, set(one, "w", "a"), set(`UPDATE roads SET n = n + 1`), true, true},
		{"all of the workspace behind it", nil, set(one, "w", "a"), set(`UPDATE people SET n = n + 1 WHERE workspace_id = $1`, "w"), false, false},
		{"everything behind it", nil, set(one, "w", "a"), set(`UPDATE people SET n = n + 1`), false, false},
		{"it fails itself", nil, func(tx *Tx) error { return errors.Join(set(one, "w", "a")(tx), broken) }, nil, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			nothing := func(*Tx) error { return nil }
			or := func(fn func(*Tx) error) func(*Tx) error {
				if fn == nil {
					return nothing
				}
				return fn
			}
			var at Moment
			told := false
			ended := inOneGroup(t, d, or(c.before), func(tx *Tx) error {
				err := or(c.own)(tx)
				tx.AtCommit(r, func(m Moment) { at, told = m, true }, "w", "a")
				return err
			}, or(c.behind))
			for _, err := range ended {
				if err != nil && !errors.Is(err, broken) {
					t.Fatal(err)
				}
			}
			if told != c.told {
				t.Errorf("it was told a moment: %t, want %t", told, c.told)
			}
			var still, after, beside bool
			update(t, d, func(tx *Tx) error {
				still = tx.Still(r, at, "w", "a")
				return set(one, "w", "b")(tx)
			})
			update(t, d, func(tx *Tx) error {
				beside = tx.Still(r, at, "w", "a")
				if err := set(one, "w", "a")(tx); err != nil {
					return err
				}
				after = tx.Still(r, at, "w", "a")
				return nil
			})
			if still != c.still || beside != c.still || after {
				t.Errorf("it is so for who comes next: %t, and behind who has written of somebody else: %t, want %t; and for who has written of it: %t", still, beside, c.still, after)
			}
		})
	}
	var at Moment
	known := func(tx *Tx) error {
		err := set(one, "w", "a")(tx)
		tx.AtCommit(r, func(m Moment) { at = m }, "w", "a")
		return err
	}
	still := func() (still bool) {
		update(t, d, func(tx *Tx) error {
			still = tx.Still(r, at, "w", "a")
			return nil
		})
		return still
	}
	for name, write := range map[string]func(*Tx) error{
		"the key": set(one, "w", "a"), "the workspace": set(`UPDATE people SET n = n + 1 WHERE workspace_id = $1`, "w"), "everything": set(`UPDATE people SET n = n + 1`),
	} {
		update(t, d, known)
		if !still() {
			t.Errorf("it is not so before %s is written", name)
		}
		update(t, d, func(tx *Tx) error {
			err := write(tx)
			if tx.Still(r, at, "w", "a") {
				t.Errorf("it is so for who has written %s", name)
			}
			return err
		})
		if still() {
			t.Errorf("it is so after %s was written", name)
		}
	}
	update(t, d, func(tx *Tx) error {
		tx.AtCommit(r, func(m Moment) { at = m }, "w", "a")
		return set(one, "w", "a")(tx)
	})
	if still() {
		t.Error("who writes after it has said what it knows is believed")
	}
	update(t, d, known)
	if err := run(other, `UPDATE people SET n = n + 1 WHERE workspace_id = 'w' AND id = 'b'`); err != nil {
		t.Fatal(err)
	}
	if still() {
		t.Error("it is so still after another process has written")
	}
	update(t, d, known)
	if !still() {
		t.Error("nothing is known any more once another process has written")
	}
	if err := d.View(t.Context(), func(tx *Tx) error {
		if tx.Still(r, at, "w", "a") {
			t.Error("it is so for who may see what there was before")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
