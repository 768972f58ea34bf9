package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/internal/means"
)

// write is insert by Write.
func write(id string) func(*Tx) error {
	return func(tx *Tx) error { return tx.Write("INSERT INTO note (id, number) VALUES ($1, 1)", id) }
}

// TestWrite has statements of which nobody needs the answer run in their order, among others.
func TestWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		read := func(tx *Tx) (found string, err error) {
			rows, err := tx.Query("SELECT id FROM note ORDER BY id")
			if err != nil {
				return "", err
			}
			defer rows.Close()
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					return "", err
				}
				found += id
			}
			return found, rows.Err()
		}
		for _, c := range []struct {
			name string
			fn   func(tx *Tx) error
			want string
		}{
			{"alone", write("a"), "a"},
			{"several", func(tx *Tx) error { return errors.Join(write("a")(tx), write("b")(tx), write("c")(tx)) }, "a b c"},
			{"each is seen by what comes behind it", func(tx *Tx) error {
				for i, want := range []string{"a", "ab", "abc"} {
					if err := write(want[i:])(tx); err != nil {
						return err
					}
					if got, err := read(tx); err != nil || got != want {
						return fmt.Errorf("read %q, %w", got, err)
					}
				}
				return nil
			}, "a b c"},
			{"in their order", func(tx *Tx) error {
				err := errors.Join(write("a")(tx), tx.Write("UPDATE note SET id = 'b' WHERE id = 'a'"), write("a")(tx))
				n, failed := tx.Exec("UPDATE note SET id = 'c' WHERE id = 'b'")
				if n != 1 {
					failed = fmt.Errorf("changed %d", n)
				}
				return errors.Join(err, failed, tx.Write("DELETE FROM note WHERE id = 'a'"))
			}, "c"},
			{"with what its arguments were", func(tx *Tx) error {
				id, bytes := "a", []byte("b")
				err := errors.Join(tx.Write("INSERT INTO note (id, number) VALUES ($1, 1)", &id), tx.Write("INSERT INTO note (id, number) VALUES ($1, 1)", bytes))
				id, bytes[0] = "c", 'd'
				return err
			}, "a b"},
			{"more than are sent at once", func(tx *Tx) error {
				for i := range 5 * mostQueued / 2 {
					if err := write(fmt.Sprint(i))(tx); err != nil {
						return err
					}
				}
				return tx.Write("DELETE FROM note WHERE id <> '7'")
			}, "7"},
			{"behind what was read ahead", func(tx *Tx) error {
				const count = "SELECT count(*) FROM note WHERE number < $1"
				tx.Ahead(count, 5)
				var one, n int
				err := tx.QueryRow("SELECT 1").Scan(&one)
				err = errors.Join(err, write("a")(tx), tx.QueryRow(count, 5).Scan(&n))
				if n != 1 {
					err = errors.Join(err, fmt.Errorf("it has not seen what was written: %d", n))
				}
				return err
			}, "a"},
		} {
			db := open(t, o)
			for range 2 { // of the first, nothing is known of the statements
				update(t, db, func(tx *Tx) error { return tx.Write("DELETE FROM note") })
				update(t, db, c.fn)
				if got := ids(t, db); got != c.want {
					t.Errorf("%s: notes %q, want %q", c.name, got, c.want)
				}
			}
		}
	})
}

// TestWriteThatFails has one fail where it is run: with what comes behind it, or the commit.
func TestWriteThatFails(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		update(t, db, insert("kept"))
		none := func(tx *Tx) error { return tx.Write("INSERT INTO note (id, number) VALUES ('none', NULL)") }
		for name, fn := range map[string]func(*Tx) error{
			"the last":      func(tx *Tx) error { return errors.Join(write("a")(tx), none(tx)) },
			"one before":    func(tx *Tx) error { return errors.Join(none(tx), insert("a")(tx)) },
			"whose error":   func(tx *Tx) error { none(tx); insert("a")(tx); return nil },
			"one of a read": func(tx *Tx) error { ids(t, db); return none(tx) },
			"no SQL":        func(tx *Tx) error { return tx.Write("INSERT INTO nowhere VALUES ($1)", 1) },
			"no argument": func(tx *Tx) error {
				return errors.Join(write("a")(tx), tx.Write("DELETE FROM note WHERE id = $1", struct{}{}))
			},
			"an argument less": func(tx *Tx) error { return errors.Join(write("a")(tx), tx.Write("DELETE FROM note WHERE id = $1")) },
		} {
			told := false
			runs := 0
			err := db.Update(context.Background(), func(tx *Tx) error {
				runs++
				tx.AfterCommit(func() { told = true })
				return fn(tx)
			})
			if err == nil || told || runs != 1 {
				t.Errorf("%s: %v after %d runs, and told: %v", name, err, runs, told)
			}
			if got := ids(t, db); got != "kept" {
				t.Errorf("%s: notes %q, want %q", name, got, "kept")
			}
		}
		err := db.View(context.Background(), func(tx *Tx) error { return write("view")(tx) })
		if err == nil {
			t.Error("a View writes")
		}
	})
}

// TestWriteThatConflicts has a key be taken by the time that it is written: the Update begins anew, and sees that.
func TestWriteThatConflicts(t *testing.T) {
	t.Parallel()
	db := open(t, Options{URL: means.Postgres(t), Migrations: migrations})
	runs := 0
	update(t, db, func(tx *Tx) error {
		runs++
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM note").Scan(&n); err != nil || n > 0 {
			return err
		}
		update(t, db, insert("a"))
		return write("a")(tx)
	})
	if runs != 2 {
		t.Errorf("it ran %d times, want twice", runs)
	}
}

// TestWriteIsSentWithTheNext counts what is sent to PostgreSQL.
func TestWriteIsSentWithTheNext(t *testing.T) {
	t.Parallel()
	w, at := wired(t, means.Postgres(t))
	db := open(t, Options{URL: at, MaxConns: 1, Migrations: migrations})
	read := func(tx *Tx) error { return tx.QueryRow("SELECT 1").Scan(new(int)) }
	lock := func(tx *Tx) error {
		return tx.QueryRow("SELECT count(*) FROM (SELECT 1 FROM note FOR UPDATE) n").Scan(new(int))
	}
	all := func(fns ...func(*Tx) error) func(*Tx) error {
		return func(tx *Tx) (err error) {
			for _, fn := range fns {
				err = errors.Join(err, fn(tx))
			}
			return err
		}
	}
	empty := func(tx *Tx) error { return tx.Write("DELETE FROM note") }
	for _, followed := range []bool{false, true} {
		if followed {
			if _, err := db.Revision(t.Context(), "SELECT * FROM note", nil); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name           string
			fn             func(*Tx) error
			sent, followed int64
		}{
			{"a change", empty, 2, 2}, // which can be done again where its connection is lost, and its commit cannot
			{"changes", all(empty, write("a"), write("b")), 2, 2},
			{"a question and a change", all(read, empty), 2, 3}, // others are to know the number before they see the change
			{"a change and a question", all(empty, read), 2, 2},
			{"a change, a question and changes", all(write("z"), read, write("a"), write("b")), 2, 2},
			{"a change of nothing, a question and a change", all(empty, read, write("a")), 2, 3},
			{"what holds a key, and changes", all(func(tx *Tx) error { return tx.Lock("a") }, read, empty, write("a")), 2, 2},
			{"what locks a row, and changes", all(insert("c"), lock, empty, write("a")), 3, 3},
			{"nothing", all(), 0, 0},
			{"a question", all(read), 2, 2},
		} {
			want := c.sent
			if followed {
				want = c.followed
			}
			for round := range 2 {
				before := w.sent.Load()
				update(t, db, c.fn)
				if got := w.sent.Load() - before; round > 0 && got != want {
					t.Errorf("%s, followed %v: sent %d times, want %d", c.name, followed, got, want)
				}
				update(t, db, empty)
			}
		}
	}
}

// TestWriteThatIsCut holds that what is lost before the commit was sent is done again, and what is lost with it is not.
func TestWriteThatIsCut(t *testing.T) {
	t.Parallel()
	direct := means.Postgres(t)
	w, at := wired(t, direct)
	db := open(t, Options{URL: at, Migrations: migrations})
	read := func(tx *Tx) error { return tx.QueryRow("SELECT 1").Scan(new(int)) }
	for _, c := range []struct {
		name      string
		fn        func(id string) func(*Tx) error
		after     bool
		uncertain bool
		kept      bool
	}{
		{"a change", write, false, false, true},
		{"a change that was made", write, true, false, true},
		{"a change with its commit", func(id string) func(*Tx) error {
			return func(tx *Tx) error { return errors.Join(read(tx), write(id)(tx)) }
		}, false, true, false},
		{"a change with its commit that was made", func(id string) func(*Tx) error {
			return func(tx *Tx) error { return errors.Join(read(tx), write(id)(tx)) }
		}, true, true, true},
	} {
		for round := range 2 { // of the first, nothing may be known of the statement
			id := strings.ReplaceAll(fmt.Sprint(c.name, round), " ", "-")
			update(t, db, func(tx *Tx) error { return errors.Join(read(tx), write("known-"+id)(tx)) })
			w.cutAt(id, c.after)
			err := db.Update(context.Background(), c.fn(id))
			if errors.Is(err, ErrUncertain) != c.uncertain || (err != nil) != c.uncertain {
				t.Errorf("%s: %v", c.name, err)
			}
			if got := strings.Contains(" "+ids(t, db)+" ", " "+id+" "); got != c.kept {
				t.Errorf("%s: kept: %v, want %v", c.name, got, c.kept)
			}
		}
	}
}
