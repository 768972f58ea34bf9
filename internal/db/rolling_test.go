package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"parley/internal/means"
)

// TestOlderBesideNewer opens a database that a newer program has migrated with an older one.
func TestOlderBesideNewer(t *testing.T) {
	expand := fstest.MapFS{"0003_colour.sql": migration("ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';")}
	contract := fstest.MapFS{
		"0003_colour.sql":         expand["0003_colour.sql"],
		"0004_contract_score.sql": migration("ALTER TABLE note DROP COLUMN score;"),
	}
	onBoth(t, func(t *testing.T, o Options) {
		older := open(t, o)
		update(t, older, insert("before"))

		o.Migrations = with(expand)
		newer := open(t, o)
		update(t, older, insert("beside"))
		update(t, newer, insert("newer"))
		o.Migrations = migrations
		again := open(t, o) // one that was down in between
		update(t, again, insert("again"))
		if n := count(t, newer, "SELECT count(*) FROM note WHERE colour = 'red'"); n != 4 {
			t.Errorf("there are %d notes, want 4", n)
		}

		o.Migrations = with(contract)
		open(t, o)
		for name, files := range map[string]fstest.MapFS{"older": migrations, "a little older": with(expand)} {
			o.Migrations = files
			if db, err := Open(context.Background(), o); !errors.Is(err, ErrNewerSchema) {
				t.Errorf("%s: opening a schema that was contracted: %v", name, err)
				if err == nil {
					db.Close()
				}
			}
		}
		// What comes after a contraction is as good for a program that knows it as what came before.
		further := with(contract)
		further["0005_size.sql"] = migration("ALTER TABLE note ADD COLUMN size BIGINT;")
		o.Migrations = further
		open(t, o)
		o.Migrations = with(contract)
		update(t, open(t, o), insert("last"))
	})
}

func count(t *testing.T, db *DB, query string) (n int) {
	t.Helper()
	err := db.View(context.Background(), func(tx *Tx) error { return tx.QueryRow(query).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestMigrationStandsAside has a migration want a table that somebody reads for long. Others write to it meanwhile: the
// migration does not have them wait behind it until the reader has done.
func TestMigrationStandsAside(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	o := Options{URL: means.Postgres(t), Migrations: migrations}
	db := open(t, o)
	o.Migrations = with(fstest.MapFS{"0003_size.sql": migration("ALTER TABLE note ADD COLUMN size BIGINT;")})
	waits := make(chan string, 1)
	o.Logger = slog.New(slog.NewTextHandler(writeTo(func(line string) {
		if strings.Contains(line, "a migration waits") {
			select {
			case waits <- line:
			default:
			}
		}
	}), nil))

	type result struct {
		db  *DB
		err error
	}
	opened := make(chan result, 1)
	err := db.View(ctx, func(tx *Tx) error {
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM note").Scan(&n); err != nil {
			return err
		}
		go func() {
			db, err := Open(ctx, o)
			opened <- result{db, err}
		}()
		<-waits // it has asked for the table in vain
		for i := range 10 {
			if err := db.Update(ctx, insert(fmt.Sprint("beside ", i))); err != nil {
				return err
			}
		}
		select {
		case r := <-opened:
			t.Errorf("the migration is through while its table is read: %v", r.err)
			opened <- r
		default:
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	r := <-opened
	if r.err != nil {
		t.Fatal(r.err)
	}
	defer r.db.Close()
	if n := count(t, r.db, "SELECT count(*) FROM note WHERE size IS NULL"); n != 10 {
		t.Errorf("there are %d notes, want 10", n)
	}
}

// writeTo makes a writer of a function.
type writeTo func(string)

func (f writeTo) Write(p []byte) (int, error) {
	f(string(p))
	return len(p), nil
}
