package keep_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store/keep"
)

type person struct {
	id string
	n  int64
}

// open opens a file with two people in a workspace.
func open(t *testing.T, path string) *db.DB {
	t.Helper()
	return openBy(t, db.Options{Path: path})
}

// openBy opens a database with two people in a workspace.
func openBy(t *testing.T, o db.Options) *db.DB {
	t.Helper()
	o.Migrations = fstest.MapFS{"0001_people.sql": {Data: []byte(`-- +goose Up
CREATE TABLE people (workspace_id TEXT NOT NULL, id TEXT NOT NULL, n BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (workspace_id, id));
INSERT INTO people (workspace_id, id) VALUES ('w', 'a'), ('w', 'b');
`)}}
	d, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func people(bytes int) *keep.Objects[person] {
	return keep.New[person](bytes, `SELECT * FROM people`, map[string]string{"people": "id"})
}

func exec(d *db.DB, statement string, args ...any) error {
	return d.Update(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
}

func read(tx *db.Tx, id string) (*person, error) {
	p := &person{id: id}
	return p, tx.QueryRow(`SELECT n FROM people WHERE workspace_id = 'w' AND id = $1`, id).Scan(&p.n)
}

// TestKeep keeps a person, does something, and looks whether the person is still at hand.
func TestKeep(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "people.db")
	d, other := open(t, path), open(t, path)
	for _, c := range []struct {
		name string
		do   func() error
		here bool
	}{
		{"nothing", func() error { return nil }, true},
		{"a change", func() error { return exec(d, `UPDATE people SET n = 1 WHERE workspace_id = $1 AND id = $2`, "w", "a") }, false},
		{"a change of somebody else", func() error { return exec(d, `UPDATE people SET n = 1 WHERE workspace_id = $1 AND id = $2`, "w", "b") }, true},
		{"a change of all", func() error { return exec(d, `UPDATE people SET n = 2`) }, false},
		{"a change by another process", func() error {
			return exec(other, `UPDATE people SET n = 1 WHERE workspace_id = $1 AND id = $2`, "w", "b")
		}, false},
	} {
		objects := people(1 << 20)
		r := objects.Reader(t.Context(), d, "w")
		if r.Here("a") != nil || r.Find([]string{"a"})[0] != nil {
			t.Fatalf("%s: somebody is there whom nobody kept", c.name)
		}
		r.Keep("a", &person{id: "a"}, 100)
		before := objects.Reader(t.Context(), d, "w")
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		after := objects.Reader(t.Context(), d, "w")
		if here := after.Here("a") != nil; here != c.here {
			t.Errorf("%s: who was kept is there: %t", c.name, here)
		}
		if here := before.Find([]string{"b", "a"})[1] != nil; here != c.here {
			t.Errorf("%s: who was kept is there for a transaction that began before: %t", c.name, here)
		}
		after.Keep("a", &person{id: "a", n: 9}, 100)
		if p := after.Here("a"); p == nil || p.n != 9 {
			t.Errorf("%s: who was kept anew is not there", c.name)
		}
		if here := before.Find([]string{"a"})[0] != nil; here != c.here {
			t.Errorf("%s: who was kept anew is there for a transaction that began before: %t", c.name, here)
		}
		if objects.Reader(t.Context(), d, "v").Here("a") != nil {
			t.Errorf("%s: who was kept is there in another workspace", c.name)
		}
		objects.Forget()
		if objects.Reader(t.Context(), d, "w").Here("a") != nil {
			t.Errorf("%s: who was forgotten is there", c.name)
		}
	}
}

// TestKeepOfSeveral keeps what is read of the rows of several people.
func TestKeepOfSeveral(t *testing.T) {
	t.Parallel()
	d := open(t, filepath.Join(t.TempDir(), "people.db"))
	objects := people(1 << 20)
	r := objects.Reader(t.Context(), d, "w")
	complete := func(keys ...string) (missed string) {
		found, err := objects.Reader(t.Context(), d, "w").Complete(keys, func(missing []string) (map[string]*person, error) {
			missed = strings.Join(missing, " ")
			return map[string]*person{"c": {id: "c"}}, nil
		})
		if err != nil || len(found) != len(keys) {
			t.Fatalf("%d are found: %v", len(found), err)
		}
		for i, p := range found {
			if p != nil && p.id != keys[i] {
				t.Errorf("%s is found for %s", p.id, keys[i])
			}
		}
		return missed
	}
	r.Keep("a", &person{id: "a"}, 1, "b", "x")
	r.Keep("b", &person{id: "b"}, 1)
	if missed := complete("b", "c", "a"); missed != "c" {
		t.Errorf("%q are missed", missed)
	}
	if err := exec(d, `INSERT INTO people (workspace_id, id) VALUES ($1, $2)`, "w", "x"); err != nil {
		t.Fatal(err)
	}
	if missed := complete("b", "c", "a"); missed != "c a" {
		t.Errorf("%q are missed after a change of what one of them is read of, too", missed)
	}
}

// TestKeepIsBounded keeps more than there is room for.
func TestKeepIsBounded(t *testing.T) {
	t.Parallel()
	d := open(t, filepath.Join(t.TempDir(), "people.db"))
	const room, each = 1 << 16, 100
	objects := people(room)
	r := objects.Reader(t.Context(), d, "w")
	for i := range 5000 {
		id := fmt.Sprint(i)
		r.Keep(id, &person{id: id}, each)
		r.Keep(id, &person{id: id}, each) // counts once
		if r.Here(id) == nil {
			t.Fatalf("%s is not there right after it was kept", id)
		}
	}
	there := 0
	objects.Each(func(ws, id string) {
		there++
		if p := r.Here(id); ws != "w" || p == nil || p.id != id {
			t.Errorf("%s of %s is %v", id, ws, p)
		}
	})
	if there > room/each || there < room/each/2 {
		t.Errorf("%d are there, of %d that there is room for", there, room/each)
	}
	r.Keep("huge", &person{}, room)
	if r.Here("huge") != nil {
		t.Error("what takes the room of all others is kept")
	}
}

// TestKeepShowsWhatTheTransactionSees has two people change together, by two servers in turn. Whoever reads one of them and takes the other from
// what is kept finds them alike, and no older than when he began.
func TestKeepShowsWhatTheTransactionSees(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		showsWhatTheTransactionSees(t, db.Options{Path: filepath.Join(t.TempDir(), "people.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		showsWhatTheTransactionSees(t, db.Options{URL: means.Postgres(t)})
	})
}

func showsWhatTheTransactionSees(t *testing.T, o db.Options) {
	d, other := openBy(t, o), openBy(t, o)
	objects := people(1 << 20)
	const changes = 80
	var committed, found atomic.Int64
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() {
		defer close(done)
		for i := range int64(changes) {
			by := d
			if i%4 == 3 {
				by = other
			}
			err := by.Update(context.Background(), func(tx *db.Tx) error {
				_, a := tx.Exec(`UPDATE people SET n = $3 WHERE workspace_id = $1 AND id = $2`, "w", "a", i)
				_, b := tx.Exec(`UPDATE people SET n = $3 WHERE workspace_id = $1 AND id = $2`, "w", "b", i)
				return errors.Join(a, b)
			})
			if err != nil {
				t.Error(err)
				return
			}
			committed.Store(i)
		}
	})
	for range 3 {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				least := committed.Load()
				r := objects.Reader(context.Background(), d, "w")
				err := d.View(context.Background(), func(tx *db.Tx) error {
					r := r.In(tx)
					a, err := read(tx, "a")
					if err != nil {
						return err
					}
					b := r.Find([]string{"b"})[0]
					if b != nil {
						found.Add(1)
					} else if b, err = read(tx, "b"); err != nil {
						return err
					} else {
						r.Keep("b", b, 100)
					}
					if a.n != b.n || b.n < least {
						t.Errorf("one is at %d and the other at %d, after %d", a.n, b.n, least)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
				least = committed.Load()
				if b := objects.Reader(context.Background(), d, "w").Here("b"); b != nil && b.n < least {
					t.Errorf("who was kept is at %d, after %d", b.n, least)
				}
			}
		})
	}
	all.Wait()
	// What else is written to a server of PostgreSQL may have come between at each time.
	if found.Load() == 0 && !d.Dialect().Shared() {
		t.Error("nobody was ever found as he had been kept")
	}
}

// TestKeepOnPostgres keeps two people, does something, and looks whether they are still at hand for the next transaction.
func TestKeepOnPostgres(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	d, other := openBy(t, db.Options{URL: at}), openBy(t, db.Options{URL: at})
	const one = `UPDATE people SET n = n + 1 WHERE workspace_id = $1 AND id = $2`
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		do   func() error
		here string
	}{
		{"nothing", func() error { return nil }, "a b"},
		{"reading", func() error {
			return d.View(context.Background(), func(tx *db.Tx) error {
				_, err := read(tx, "a")
				return err
			})
		}, "a b"},
		{"a change", func() error { return exec(d, one, "w", "a") }, "b"},
		{"a change that locks before it writes", func() error {
			return d.Update(context.Background(), func(tx *db.Tx) error {
				var n int
				lock := tx.QueryRow(`SELECT n FROM people WHERE workspace_id = $1 AND id = $2 FOR UPDATE`, "w", "b").Scan(&n)
				_, err := tx.Exec(one, "w", "b")
				return errors.Join(lock, err)
			})
		}, "a"},
		{"a change beside others", func() error {
			var n int
			return d.Beside(context.Background(), one+` RETURNING n`, []any{"w", "a"}, &n)
		}, "b"},
		{"a lock", func() error {
			return d.Update(context.Background(), func(tx *db.Tx) error {
				var n int
				return tx.QueryRow(`SELECT n FROM people WHERE workspace_id = $1 AND id = $2 FOR UPDATE`, "w", "b").Scan(&n)
			})
		}, "a b"},
		{"a change that is undone", func() error {
			err := d.Update(context.Background(), func(tx *db.Tx) error {
				_, err := tx.Exec(one, "w", "a")
				return errors.Join(err, broken)
			})
			if errors.Is(err, broken) {
				return nil
			}
			return err
		}, "a b"},
		{"a change of the workspace", func() error { return exec(d, `UPDATE people SET n = 2 WHERE workspace_id = $1`, "w") }, ""},
		{"a change of another workspace", func() error { return exec(d, `UPDATE people SET n = 2 WHERE workspace_id = $1`, "v") }, "a b"},
		{"a change of all", func() error { return exec(d, `UPDATE people SET n = 2`) }, ""},
		{"a change by another process", func() error { return exec(other, one, "w", "b") }, ""},
	} {
		objects := people(1 << 20)
		here := func(keep bool) (found string) {
			r := objects.Reader(t.Context(), d, "w")
			err := d.View(t.Context(), func(tx *db.Tx) error {
				r := r.In(tx)
				for i, p := range r.Find([]string{"a", "b"}) {
					if p != nil {
						found += " " + []string{"a", "b"}[i]
					}
				}
				if keep {
					r.Keep("a", &person{id: "a"}, 100)
					r.Keep("b", &person{id: "b"}, 100)
				}
				return nil
			})
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			return strings.TrimSpace(found)
		}
		// What others write to the same server may come between. What should not be at hand never is.
		found := ""
		for range 1000 {
			here(true)
			if err := c.do(); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			found = here(false)
			if found == c.here || found != "" {
				break
			}
		}
		if found != c.here {
			t.Errorf("%s: %q are at hand in the end, and should: %q", c.name, found, c.here)
		}
	}
}

// TestGet finds somebody for whom the moments of now are asked for on PostgreSQL, and not on SQLite.
func TestGet(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		gets(t, db.Options{Path: filepath.Join(t.TempDir(), "people.db")}, 0)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		gets(t, db.Options{URL: means.Postgres(t)}, 1)
	})
}

func gets(t *testing.T, o db.Options, want int) {
	d, other := openBy(t, o), openBy(t, o)
	objects := people(1 << 20)
	get := func() (p *person, asked int) {
		p, err := objects.Reader(t.Context(), d, "w").Get("a", func() (db.Moments, error) {
			asked++
			return d.Moments(t.Context())
		})
		if err != nil {
			t.Fatal(err)
		}
		return p, asked
	}
	keep := func() {
		r := objects.Reader(t.Context(), d, "w")
		err := d.View(t.Context(), func(tx *db.Tx) error {
			r := r.In(tx)
			p, err := read(tx, "a")
			r.Keep("a", p, 100)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if p, asked := get(); p != nil || asked != 0 {
		t.Errorf("nobody was kept, and %v is found by %d questions", p, asked)
	}
	for tries := range 1000 { // what else is written to a server of PostgreSQL may come between
		keep()
		if p, asked := get(); asked != want {
			t.Fatalf("somebody is looked for by %d questions, want %d", asked, want)
		} else if p != nil {
			break
		} else if tries == 999 {
			t.Fatal("nobody is ever found")
		}
	}
	for i := int64(1); i < 6; i++ {
		if err := exec(other, `UPDATE people SET n = $1`, i); err != nil {
			t.Fatal(err)
		}
		if p, _ := get(); p != nil {
			t.Errorf("who was changed by another process is found as %v", p)
		}
		if p, asked := get(); p != nil || asked != 0 {
			t.Errorf("who is known to have been changed is looked for by %d questions, and %v is found", asked, p)
		}
		keep()
		if p, _ := get(); p != nil && p.n != i {
			t.Errorf("who was kept anew is at %d, after %d", p.n, i)
		}
	}
}

// TestKeepNothing asks where it cannot be told what others write.
func TestKeepNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "people.db")
	open(t, path)
	d, err := db.Open(t.Context(), db.Options{Path: path, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	for name, r := range map[string]keep.Reader[person]{"a database that is only read": people(1<<20).Reader(t.Context(), d, "w"), "no reader": {}} {
		r.Keep("a", &person{}, 1)
		if found := r.Find([]string{"a", "b"}); len(found) != 2 || found[0] != nil || r.Here("a") != nil || r.Keeps() {
			t.Errorf("%s keeps something: %v", name, found)
		}
	}
}

// TestWriters has many add to what people have at once, by what is at hand for who writes. Some fail, some keep nothing, some write to everybody, and another process does:
// whoever finds a person finds what the database has.
func TestWriters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "people.db")
	d, other := open(t, path), open(t, path)
	for i := range 10 {
		if err := exec(d, `INSERT INTO people (workspace_id, id) VALUES ('w', $1)`, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	objects := people(1 << 20)
	objects.Follow(t.Context(), d)
	var found atomic.Int64
	broken := errors.New("broken")
	add := func(draw *rand.Rand) error {
		id := fmt.Sprint(draw.IntN(10))
		return d.Update(context.Background(), func(tx *db.Tx) error {
			w := objects.Writer(tx, "w")
			now, err := read(tx, id)
			if err != nil {
				return err
			}
			if here := w.Find(id); here != nil {
				found.Add(1)
				if *here != *now {
					t.Errorf("%v is at hand, and it is %v", *here, *now)
				}
			}
			what := draw.IntN(40)
			statement, args := `UPDATE people SET n = n + 1 WHERE workspace_id = $1 AND id = $2`, []any{"w", id}
			if what == 0 {
				statement, args = `UPDATE people SET n = n + 1 WHERE workspace_id = $1`, []any{"w"}
			}
			if _, err := tx.Exec(statement, args...); err != nil {
				return err
			}
			now.n++
			if what > 2 || what == 0 {
				w.Keep(id, now, 100)
			}
			if what == 3 {
				return broken
			}
			return nil
		})
	}
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			draw := rand.New(rand.NewPCG(1, uint64(i)))
			for range 200 {
				if err := add(draw); err != nil && !errors.Is(err, broken) {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range 20 {
			if err := exec(other, `UPDATE people SET n = n + 1 WHERE workspace_id = $1 AND id = $2`, "w", "1"); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
	if found.Load() == 0 {
		t.Error("nobody has found anything")
	}
}
