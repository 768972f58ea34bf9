package db

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
)

// openHomes opens a SQLite file with rooms, which go along with their homes, and with what has nothing to do with them.
func openHomes(t *testing.T, path string) *DB {
	t.Helper()
	return open(t, Options{Path: path, Migrations: fstest.MapFS{"0001_homes.sql": {Data: []byte(`-- +goose Up
CREATE TABLE homes (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0);
CREATE TABLE rooms (id BIGINT PRIMARY KEY, home BIGINT NOT NULL REFERENCES homes (id) ON DELETE CASCADE);
CREATE TABLE roads (id BIGINT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0);
CREATE TABLE doors (id BIGINT PRIMARY KEY);
-- +goose StatementBegin
CREATE TRIGGER doors_made AFTER INSERT ON doors BEGIN
	UPDATE homes SET n = n + 1 WHERE id = 1;
END;
-- +goose StatementEnd
INSERT INTO homes VALUES (1, 0), (2, 0);
INSERT INTO rooms VALUES (1, 1);
INSERT INTO roads VALUES (1, 0);
`)}}})
}

func run(d *DB, statements ...string) error {
	return d.Update(context.Background(), func(tx *Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestRevision does one thing after another, and looks each time whether rooms count as written to.
func TestRevision(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "homes.db")
	d, other := openHomes(t, path), openHomes(t, path)
	r, err := d.Revision(t.Context(), `SELECT id FROM rooms WHERE id = $1`, nil)
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	for _, step := range []struct {
		name    string
		do      func() error
		changes bool
	}{
		{"nothing", func() error { return nil }, false},
		{"reading", func() error {
			return d.View(context.Background(), func(tx *Tx) error {
				var n int
				return tx.QueryRow(`SELECT count(*) FROM rooms`).Scan(&n)
			})
		}, false},
		{"an update that writes nothing", func() error { return run(d) }, false},
		{"another table", func() error { return run(d, `UPDATE roads SET n = n + 1`, `INSERT INTO roads VALUES (2, 0)`) }, false},
		{"another table, of what is in this one", func() error { return run(d, `UPDATE roads SET n = (SELECT count(*) FROM rooms)`) }, false},
		{"the table", func() error { return run(d, `INSERT INTO rooms VALUES (2, 1)`) }, true},
		{"the table, by another name of it", func() error { return run(d, `UPDATE OR IGNORE main."Rooms" SET home = 2 WHERE id = 2`) }, true},
		{"the table, behind a WITH", func() error {
			return run(d, `WITH a AS (SELECT 1 AS id) DELETE FROM rooms WHERE id IN (SELECT id + 1 FROM a)`)
		}, true},
		{"the table, and its answer read", func() error {
			return d.Update(context.Background(), func(tx *Tx) error {
				var id int
				return tx.QueryRow(`INSERT INTO rooms VALUES (3, 2) RETURNING id`).Scan(&id)
			})
		}, true},
		{"what takes its rows along", func() error { return run(d, `DELETE FROM homes WHERE id = 1`) }, true},
		{"a table whose trigger writes to what takes its rows along", func() error { return run(d, `INSERT INTO doors VALUES (1)`) }, true},
		{"a table whose trigger has nothing to do", func() error { return run(d, `UPDATE roads SET n = 7`) }, false},
		{"the whole table", func() error { return run(d, `DELETE FROM rooms`) }, true},
		{"a change that is rolled back", func() error {
			err := d.Update(context.Background(), func(tx *Tx) error {
				_, err := tx.Exec(`INSERT INTO rooms VALUES (4, 2)`)
				return errors.Join(err, broken)
			})
			if !errors.Is(err, broken) {
				return errors.New("it was done")
			}
			return nil
		}, false},
		{"a statement of no known form", func() error { return run(d, `CREATE TABLE more (id BIGINT)`) }, true},
		{"another connection, another table", func() error { return run(other, `UPDATE roads SET n = n + 1`) }, true},
		{"another connection, the table", func() error { return run(other, `INSERT INTO rooms VALUES (5, 2)`) }, true},
		{"another connection, then this one another table", func() error {
			return errors.Join(run(other, `DELETE FROM rooms`), run(d, `UPDATE roads SET n = n + 1`))
		}, true},
		{"another table after all that", func() error { return run(d, `UPDATE roads SET n = n + 1`) }, false},
	} {
		before, known := r.Now()
		if !known {
			t.Fatalf("%s: what there was before is not known", step.name)
		}
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if after, known := r.Now(); !known || (after != before) != step.changes {
			t.Errorf("%s: %v became %v, %t", step.name, before, after, known)
		}
	}
}

// TestRevisionOfKeys does one thing after another, and looks each time of which people it counts as written to.
func TestRevisionOfKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "people.db")
	schema := fstest.MapFS{"0001_people.sql": {Data: []byte(`-- +goose Up
CREATE TABLE people (workspace_id TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (workspace_id, id));
CREATE TABLE labels (workspace_id TEXT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (workspace_id, id));
CREATE TABLE labelled (workspace_id TEXT NOT NULL, person_id TEXT NOT NULL, label_id BIGINT NOT NULL,
	FOREIGN KEY (workspace_id, person_id) REFERENCES people ON DELETE CASCADE,
	FOREIGN KEY (workspace_id, label_id) REFERENCES labels ON DELETE CASCADE);
INSERT INTO people (workspace_id, id) VALUES ('a', '1'), ('a', '2'), ('b', '1');
INSERT INTO labels VALUES ('a', 7);
`)}}
	d, other := open(t, Options{Path: path, Migrations: schema}), open(t, Options{Path: path, Migrations: schema})
	r, err := d.Revision(t.Context(), `SELECT * FROM people JOIN labelled`, map[string]string{"people": "id", "labelled": "person_id"})
	if err != nil {
		t.Fatal(err)
	}
	exec := func(d *DB, statement string, args ...any) func() error {
		return func() error {
			return d.Update(context.Background(), func(tx *Tx) error {
				_, err := tx.Exec(statement, args...)
				return err
			})
		}
	}
	// People are named by their workspaces and ids.
	const a1, a2, b1 = "a 1", "a 2", "b 1"
	for _, step := range []struct {
		name    string
		do      func() error
		changes []string
	}{
		{"nothing", func() error { return nil }, nil},
		{"one", exec(d, `UPDATE people SET n = 1 WHERE workspace_id = $1 AND id = $2`, "a", "1"), []string{a1}},
		{"one of another workspace", exec(d, `UPDATE people SET n = 1 WHERE workspace_id = $1 AND id = $2`, "b", "1"), []string{b1}},
		{"some", exec(d, `UPDATE people SET n = 1 WHERE workspace_id = $1 AND id IN (SELECT value FROM json_each($2))`, "a", `["1","2"]`), []string{a1, a2}},
		{"what belongs to one", exec(d, `INSERT INTO labelled (workspace_id, person_id, label_id) VALUES ($1, $2, $3)`, "a", "2", 7), []string{a2}},
		{"what takes along what belongs to them", exec(d, `DELETE FROM labels WHERE workspace_id = $1 AND id = $2`, "a", 7), []string{a1, a2}},
		{"somebody new", exec(d, `INSERT INTO people (workspace_id, id) VALUES ($1, $2)`, "a", "3"), nil},
		{"all of a workspace", exec(d, `UPDATE people SET n = 2 WHERE workspace_id = $1`, "a"), []string{a1, a2}},
		{"any", exec(d, `UPDATE people SET n = 3`), []string{a1, a2, b1}},
		{"another process", exec(other, `UPDATE people SET n = 4 WHERE workspace_id = $1 AND id = $2`, "a", "1"), []string{a1, a2, b1}},
		{"nothing again", func() error { return nil }, nil},
		{"one and another in a transaction", func() error {
			return d.Update(context.Background(), func(tx *Tx) error {
				_, err := tx.Exec(`UPDATE people SET n = 5 WHERE workspace_id = $1 AND id = $2`, "a", "2")
				_, err2 := tx.Exec(`DELETE FROM people WHERE workspace_id = $1 AND id = $2`, "b", "1")
				return errors.Join(err, err2)
			})
		}, []string{a2, b1}},
	} {
		before, known := r.Now()
		if !known {
			t.Fatalf("%s: what there was before is not known", step.name)
		}
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		now, known := r.Now()
		if !known {
			t.Errorf("%s: it is not known what there is", step.name)
		}
		for _, person := range []string{a1, a2, b1} {
			changed := slices.Contains(step.changes, person)
			for _, when := range [][2]Moment{{before, now}, {now, before}, {before, before}} {
				if r.Same(person[:1], person[2:], when[0], when[1], now) == changed {
					t.Errorf("%s: of %s it was said that it changed: %t", step.name, person, !changed)
				}
			}
			if !r.Same(person[:1], person[2:], now, now, now) {
				t.Errorf("%s: %s is not as it is", step.name, person)
			}
		}
	}
}

// TestRevisionIsNeverLate keeps what it reads by the revision, as whoever uses one does, while this server and another change it and
// what is beside it. What was committed before somebody asks is in what he gets.
func TestRevisionIsNeverLate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "homes.db")
	d, other := openHomes(t, path), openHomes(t, path)
	r, err := d.Revision(t.Context(), `SELECT n FROM homes`, nil)
	if err != nil {
		t.Fatal(err)
	}
	const changes, mostReads = 60, 200_000
	var committed atomic.Int64
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() {
		defer close(done)
		for i := range changes {
			by := d
			if i%3 == 2 {
				by = other
			}
			if err := run(by, `UPDATE homes SET n = n + 1 WHERE id = 1`); err != nil {
				t.Error(err)
				return
			}
			committed.Add(1)
			if err := run(d, `UPDATE roads SET n = n + 1`); err != nil {
				t.Error(err)
				return
			}
		}
	})
	var kept atomic.Int64
	for range 3 {
		all.Go(func() {
			var value, least int64
			var of Moment
			for range mostReads {
				select {
				case <-done:
					return
				default:
				}
				least = committed.Load()
				number, known := r.Now()
				if known && of == number {
					kept.Add(1)
				} else {
					of = Moment{}
					err := d.View(context.Background(), func(tx *Tx) error {
						return tx.QueryRow(`SELECT n FROM homes WHERE id = 1`).Scan(&value)
					})
					if err != nil {
						t.Error(err)
						return
					}
					if known {
						of = number
					}
				}
				if value < least {
					t.Errorf("%d was committed, and %d was read", least, value)
					return
				}
			}
		})
	}
	all.Wait()
	if kept.Load() == 0 {
		t.Error("nothing was ever found as it had been kept")
	}
}

// TestRevisionOfNothing asks databases that cannot tell.
func TestRevisionOfNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "homes.db")
	d := openHomes(t, path)
	err := d.Update(t.Context(), func(tx *Tx) error {
		if _, known := tx.Moment(&Revision{}); known { // which there is where the index of the log cannot be read
			t.Error("an update knows the moment of nothing")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	reading, err := Open(t.Context(), Options{Path: path, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reading.Close() })
	if r, err := reading.Revision(t.Context(), `SELECT 1`, nil); err != nil {
		t.Error(err)
	} else if _, known := r.Now(); known {
		t.Error("a database that is only read knows what its writers do")
	}
}

// TestRevisionOfLaterTables changes the schema after a Revision was made: the next one knows. Until then it is read once.
func TestRevisionOfLaterTables(t *testing.T) {
	t.Parallel()
	d := openHomes(t, filepath.Join(t.TempDir(), "homes.db"))
	revised := func(reading string) func() bool {
		r, err := d.Revision(t.Context(), reading, nil)
		if err != nil {
			t.Fatal(err)
		}
		before, known := r.Now()
		if !known {
			t.Fatal("nothing is known of it")
		}
		return func() bool {
			now, known := r.Now()
			return !known || now != before
		}
	}
	catalog := &d.engine.(*sqliteEngine).catalog
	revised(`SELECT id FROM roads`)
	read := catalog.known
	revised(`SELECT id FROM homes`)
	if catalog.known != read {
		t.Error("the schema was read again")
	}
	if err := run(d, `CREATE TABLE tolls (id BIGINT PRIMARY KEY)`,
		`CREATE TRIGGER tolls_made AFTER INSERT ON tolls BEGIN UPDATE rooms SET home = home; END`); err != nil {
		t.Fatal(err)
	}
	tolls, rooms, doors := revised(`SELECT id FROM tolls`), revised(`SELECT id FROM rooms`), revised(`SELECT id FROM doors`)
	if err := run(d, `INSERT INTO tolls VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	if !tolls() || !rooms() || doors() {
		t.Errorf("a toll was made: tolls %v, rooms %v, doors %v", tolls(), rooms(), doors())
	}
}
