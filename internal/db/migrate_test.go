package db

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"parley/internal/means"
)

// with returns the migrations of the tests and more.
func with(more fstest.MapFS) fstest.MapFS {
	all := maps.Clone(migrations)
	maps.Copy(all, more)
	return all
}

func migration(sql string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\n" + sql)}
}

func TestMigrateFurther(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		update(t, db, insert("a"))
		db.Close()
		o.Migrations = with(fstest.MapFS{
			"0003_colour.sql": migration("ALTER TABLE note ADD COLUMN colour TEXT NOT NULL DEFAULT 'red';"),
		})
		db = open(t, o)
		var colour string
		update(t, db, func(tx *Tx) error { return tx.QueryRow("SELECT colour FROM note").Scan(&colour) })
		if colour != "red" {
			t.Errorf("colour %q, want red", colour)
		}
	})
}

// TestMigratedAlready opens a database on which all migrations have been applied: what is in them is not read again. Where one is
// missing they are.
func TestMigratedAlready(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		update(t, db, insert("a"))
		db.Close()
		unread := fstest.MapFS{}
		for name := range migrations {
			unread[name] = &fstest.MapFile{Data: []byte("-- +goose Upwards")}
		}
		o.Migrations = unread
		db = open(t, o)
		if got := ids(t, db); got != "a" {
			t.Errorf("notes %q, want %q", got, "a")
		}
		update(t, db, func(tx *Tx) error {
			_, err := tx.Exec("DELETE FROM goose_db_version WHERE version_id = 2")
			return err
		})
		db.Close()
		if db, err := Open(t.Context(), o); err == nil {
			db.Close()
			t.Error("one of the migrations is missing, and none is read")
		}
	})
}

func TestMigrationFails(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		good := o
		o.Migrations = with(fstest.MapFS{
			"0003_bad.sql": migration("CREATE TABLE another (id TEXT);\nINSERT INTO nowhere VALUES (1);"),
		})
		if db, err := Open(context.Background(), o); err == nil || !strings.Contains(err.Error(), "0003_bad") {
			t.Errorf("opening with a bad migration: %v", err)
			if err == nil {
				db.Close()
			}
		}
		// Nothing of the bad one remains, and the good ones before it do.
		good.Migrations = with(fstest.MapFS{"0003_good.sql": migration("CREATE TABLE another (id TEXT);")})
		update(t, open(t, good), insert("a"))
	})
}

func TestMigrateAtOnce(t *testing.T) {
	const nodes = 4
	onBoth(t, func(t *testing.T, o Options) {
		type result struct {
			db  *DB
			err error
		}
		results := make(chan result, nodes)
		for range nodes {
			go func() {
				db, err := Open(context.Background(), o)
				results <- result{db, err}
			}()
		}
		var db *DB
		for range nodes {
			r := <-results
			if r.err != nil {
				t.Error(r.err)
				continue
			}
			db = r.db
			t.Cleanup(func() { r.db.Close() })
		}
		if db != nil {
			update(t, db, insert("a"))
		}
	})
}

func TestMigrationNames(t *testing.T) {
	t.Parallel()
	empty := migration("SELECT 1;")
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"one for both and one for SQLite": {fstest.MapFS{"0001_a.sql": empty, "0001_a.sqlite.sql": empty}, "are the same for sqlite"},
		"two with one number":             {fstest.MapFS{"0001_a.sql": empty, "0001_b.sqlite.sql": empty}, "duplicate"},
		"no number":                       {fstest.MapFS{"a.sql": empty}, "not named like"},
		"another database":                {fstest.MapFS{"0001_a.mysql.sql": empty}, "not named like"},
		"none":                            {fstest.MapFS{"readme.md": empty}, "no migrations"},
		"only for PostgreSQL":             {fstest.MapFS{"0001_a.postgres.sql": empty}, "no migrations"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := Open(context.Background(), Options{Path: t.TempDir() + "/parley.db", Migrations: test.files})
			if err == nil {
				db.Close()
				t.Fatal("Open succeeded")
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q does not say %q", err, test.want)
			}
		})
	}
}

func TestTextIsOrderedByItsBytes(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		o.Migrations = with(fstest.MapFS{
			"0003_word.sql": migration("CREATE TABLE spelt (\n\tspelling TEXT PRIMARY KEY\n);\nALTER TABLE spelt ADD COLUMN other TEXT;\n" +
				"INSERT INTO spelt VALUES ('b', 'b'), ('B', 'B'), ('a', 'a'), ('é', 'é');"),
		})
		db := open(t, o)
		for _, column := range []string{"spelling", "other"} {
			var order string
			err := db.View(context.Background(), func(tx *Tx) error {
				rows, err := tx.Query("SELECT spelling FROM spelt ORDER BY " + column)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var s string
					if err := rows.Scan(&s); err != nil {
						return err
					}
					order += s
				}
				return rows.Err()
			})
			if err != nil || order != "Babé" {
				t.Errorf("by %s: %q, %v", column, order, err)
			}
		}
	})
}

// A migration whose extension the database has not is left out, and done when it has it.
func TestMigrationNeedsAnExtension(t *testing.T) {
	t.Parallel()
	o := Options{URL: means.Postgres(t)}
	opened := func(needs string) (there bool, log string) {
		var out strings.Builder
		o.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))
		o.Migrations = with(fstest.MapFS{
			"0003_fast.postgres.sql": {Data: []byte("-- needs: plpgsql " + needs + "\n-- +goose Up\nCREATE TABLE fast (id BIGINT);")},
			"0004_later.sql":         migration("CREATE TABLE later (id BIGINT);"),
		})
		db := open(t, o)
		defer db.Close()
		update(t, db, func(tx *Tx) error { return tx.QueryRow("SELECT to_regclass('fast') IS NOT NULL").Scan(&there) })
		return there, out.String()
	}
	for range 2 { // the second start finds it as the first one left it
		if there, log := opened("no_such_extension"); there || !strings.Contains(log, "lacks an extension") || !strings.Contains(log, "no_such_extension") {
			t.Errorf("without the extension: %v, %s", there, log)
		}
	}
	for range 2 {
		if there, log := opened(""); !there || log != "" {
			t.Errorf("with the extension: %v, %s", there, log)
		}
	}
}
