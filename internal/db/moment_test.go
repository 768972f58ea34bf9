package db

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/internal/means"
)

// TestMoment asks Views for the moment of what they see, and counts how often that sends, on the one connection that there is.
func TestMoment(t *testing.T) {
	t.Parallel()
	w, at := wired(t, means.Postgres(t))
	db := open(t, Options{URL: at, MaxConns: 1, Migrations: migrations})
	scan := func(tx *Tx, query string) error { return tx.QueryRow(query).Scan(new(string)) }
	var r *Revision
	moment := func(tx *Tx) error {
		if _, known := tx.Moment(r); !known {
			return errors.New("the moment is not known")
		}
		return nil
	}
	nothing := func(tx *Tx) error {
		if _, known := tx.Moment(r); known {
			return errors.New("the moment is known")
		}
		return nil
	}
	for _, c := range []struct {
		name string
		of   string // what the Revision reads; nothing: there is none
		view func(tx *Tx) error
		sent int64 // 0: its end may be sent by itself
		fail bool
	}{
		{"without a Revision", "", func(tx *Tx) error {
			tx.Dated()
			return errors.Join(nothing(tx), scan(tx, "SELECT 'a'"))
		}, 0, false},
		{"alone", "SELECT * FROM note", func(tx *Tx) error {
			tx.Last()
			return moment(tx)
		}, 1, false},
		{"alone, and more behind it", "SELECT * FROM note", func(tx *Tx) error {
			tx.Last()
			return errors.Join(moment(tx), moment(tx), scan(tx, "SELECT 'a'"))
		}, 1, true},
		{"before a statement", "SELECT * FROM note", func(tx *Tx) error { return errors.Join(moment(tx), scan(tx, "SELECT 'a'")) }, 0, false},
		{"along with a statement", "SELECT * FROM note", func(tx *Tx) error {
			tx.Dated()
			return errors.Join(scan(tx, "SELECT 'a'"), moment(tx), moment(tx))
		}, 0, false},
		{"along with the last statement", "SELECT * FROM note", func(tx *Tx) error {
			tx.Dated()
			tx.Last()
			return errors.Join(scan(tx, "SELECT 'a'"), moment(tx))
		}, 1, false},
		{"along with what it goes along with itself", "SELECT * FROM note", func(tx *Tx) error {
			tx.Dated()
			tx.Ahead("SELECT 'b'")
			tx.Last()
			return errors.Join(moment(tx), scan(tx, "SELECT 'b'"))
		}, 1, false},
		{"after one that fails", "SELECT * FROM note", func(tx *Tx) error {
			tx.Dated()
			return errors.Join(scan(tx, "SELECT CAST(1 / 0 AS text)"), nothing(tx))
		}, 0, true},
	} {
		r = &Revision{}
		if c.of != "" {
			var err error
			if r, err = db.Revision(t.Context(), c.of, nil); err != nil {
				t.Fatal(err)
			}
		}
		for round := range 3 { // in the first, statements are prepared
			before := w.sent.Load()
			err := db.View(context.Background(), c.view)
			if (err != nil) != c.fail {
				t.Errorf("%s: %v", c.name, err)
			}
			// Nobody has waited for the end of the View, where it was sent by itself, but who comes next.
			if err := db.View(context.Background(), func(tx *Tx) error {
				tx.Last()
				return scan(tx, "SELECT 'z'")
			}); err != nil {
				t.Fatal(err)
			}
			if sent := w.sent.Load() - before; round > 0 && c.sent > 0 && sent != c.sent+1 {
				t.Errorf("%s: sent %d times, want %d", c.name, sent-1, c.sent)
			}
		}
	}
}

// TestMomentOfWriters asks those of whom it is not known.
func TestMomentOfWriters(t *testing.T) {
	t.Parallel()
	o := Options{URL: means.Postgres(t), Migrations: migrations}
	db := open(t, o)
	r, err := db.Revision(t.Context(), "SELECT * FROM note", nil)
	if err != nil {
		t.Fatal(err)
	}
	known := func(tx *Tx) bool { _, known := tx.Moment(r); return known }
	read := func(tx *Tx) error { return tx.QueryRow("SELECT 1").Scan(new(int)) }
	var before Moment
	for _, c := range []struct {
		name string
		fn   func(tx *Tx) error
		want bool
	}{
		{"before the first statement", func(tx *Tx) error { tx.Dated(); return nil }, false},
		{"without saying so", read, false},
		{"having said so too late", func(tx *Tx) error { err := read(tx); tx.Dated(); return errors.Join(err, read(tx)) }, false},
		{"having read", func(tx *Tx) error { tx.Dated(); return read(tx) }, true},
		{"having written elsewhere", func(tx *Tx) error {
			tx.Dated()
			return errors.Join(read(tx), tx.Write("INSERT INTO word (text) VALUES ('a') ON CONFLICT DO NOTHING"), read(tx))
		}, true},
		{"having written", func(tx *Tx) error { tx.Dated(); return errors.Join(read(tx), insert("a")(tx)) }, false},
		{"having written before", func(tx *Tx) error { tx.Dated(); return errors.Join(insert("b")(tx), read(tx)) }, false},
		{"being about to write", func(tx *Tx) error { tx.Dated(); return errors.Join(read(tx), write("c")(tx)) }, false},
	} {
		update(t, db, func(tx *Tx) error {
			if err := c.fn(tx); err != nil {
				return err
			}
			if got := known(tx); got != c.want {
				t.Errorf("%s, a transaction that writes knows the moment: %v, want %v", c.name, got, c.want)
			}
			return nil
		})
	}
	// Others that have begun to read since do not take it from one that began before them, and what they have written shows.
	update(t, db, func(tx *Tx) error {
		tx.Dated()
		if err := read(tx); err != nil {
			return err
		}
		before, _ = tx.Moment(r)
		return nil
	})
	update(t, db, func(tx *Tx) error {
		tx.Dated()
		rows, err := tx.Query("SELECT 1") // the moment is asked for, and not told before these are read
		if err != nil {
			return err
		}
		update(t, db, insert("d"))
		err = db.View(t.Context(), func(other *Tx) error {
			now, known := other.Moment(r)
			if !known || now == before {
				t.Errorf("a change does not show: %v, %v", now, known)
			}
			before = now
			return nil
		})
		if err := errors.Join(err, rows.Close()); err != nil {
			return err
		}
		if now, known := tx.Moment(r); !known || before.Before(now) {
			t.Errorf("one that began earlier knows %v (%v), and there is no more than %v", now, known, before)
		}
		return nil
	})
	// A transaction of nobody knows whom may have written, unless it is said that it has not.
	other, err := pgx.Connect(t.Context(), o.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(context.Background())
	for _, said := range []bool{false, true} {
		same := false
		for range 100 { // what others do on the server counts, too
			tx, err := other.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var number string
			if err := tx.QueryRow(t.Context(), "SELECT pg_current_xact_id()::text").Scan(&number); err != nil {
				t.Fatal(err)
			}
			before, _ := now(t, db, r)
			if said {
				n, _ := strconv.ParseUint(number, 10, 64)
				db.WritesNothing(n)
			}
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			after, known := now(t, db, r)
			if same = known && before == after; same == said {
				break
			}
		}
		if same != said {
			t.Errorf("what is there is known to be the same after a transaction that has said so: %v, and that has not: %v", same == said, same)
		}
	}
	if _, known := r.Now(); known {
		t.Error("the moment is known without asking")
	}
	o.ReadOnly = true
	reading := open(t, o)
	if r, err = reading.Revision(t.Context(), "SELECT * FROM note", nil); err != nil {
		t.Fatal(err)
	}
	err = reading.View(t.Context(), func(tx *Tx) error {
		if _, known := tx.Moment(r); known {
			t.Error("a database that is only read tells the moment")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// now is the moment of what a View sees.
func now(t *testing.T, db *DB, r *Revision) (now Moment, known bool) {
	t.Helper()
	err := db.View(t.Context(), func(tx *Tx) error {
		now, known = tx.Moment(r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return now, known
}
