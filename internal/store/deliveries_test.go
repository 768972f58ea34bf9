package store_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"

	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store"
)

// TestDeliveriesKeepWhatTheyShow opens a database from when what deliveries show was
// in rows of their own.
func TestDeliveriesKeepWhatTheyShow(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]func(t *testing.T) db.Options{
		"sqlite":   func(t *testing.T) db.Options { return db.Options{Path: filepath.Join(t.TempDir(), "parley.db")} },
		"postgres": func(t *testing.T) db.Options { return db.Options{URL: means.Postgres(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := options(t)
			o.Migrations = before(t, "0021")
			old := open(t, o)
			update(t, old, `INSERT INTO workspaces (id, name, timezone, region, secret, created_at) VALUES ('w', 'W', 'UTC', 'US', 's', 1)`,
				`INSERT INTO notifications (workspace_id, id, topic, object, item, test, deliveries, created_at)
					VALUES ('w', 'n', 'contact.user.created', 'contact:1', '{"id":"1"}', true, 2, 7)`,
				`INSERT INTO deliveries (workspace_id, subscription_id, notification_id, object, state, attempts, failures, due_at, created_at) VALUES
					('w', 1, 'n', 'contact:1', 'pending', 0, 0, 0, 7), ('w', 2, 'n', 'contact:1', 'retrying', 1, 1, 9, 7)`)
			if err := old.Close(); err != nil {
				t.Fatal(err)
			}
			o.Migrations = store.Migrations()
			d := open(t, o)
			defer d.Close()
			n := 0
			err := d.View(context.Background(), func(tx *db.Tx) error {
				return tx.QueryRow(`SELECT count(*) FROM deliveries WHERE workspace_id = 'w' AND topic = 'contact.user.created' AND item = '{"id":"1"}'
					AND test AND (state = 'pending' AND due_at IS NULL OR state = 'retrying' AND due_at = 9)`).Scan(&n)
			})
			if err != nil || n != 2 {
				t.Errorf("%d deliveries are what they were, want 2: %v", n, err)
			}
		})
	}
}

// before are the migrations before one.
func before(t *testing.T, version string) fs.FS {
	t.Helper()
	all := store.Migrations()
	entries, err := fs.ReadDir(all, ".")
	if err != nil {
		t.Fatal(err)
	}
	some := fstest.MapFS{}
	for _, e := range entries {
		if e.Name() >= version {
			continue
		}
		text, err := fs.ReadFile(all, e.Name())
		if err != nil {
			t.Fatal(err)
		}
		some[e.Name()] = &fstest.MapFile{Data: text}
	}
	return some
}

func open(t *testing.T, o db.Options) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func update(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	err := d.Update(context.Background(), func(tx *db.Tx) error {
		for _, s := range statements {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
