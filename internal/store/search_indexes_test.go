package store_test

import (
	"context"
	"testing"

	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store"
)

// An index whose build was cut off is there and serves nothing. The next start builds it
// again, with those that were not begun.
func TestIndexesAreBuiltAgain(t *testing.T) {
	t.Parallel()
	o := db.Options{URL: means.Postgres(t), Migrations: store.Migrations()}
	open := func() *db.DB {
		d, err := db.Open(t.Context(), o)
		must(t, err)
		return d
	}
	d := open()
	must(t, d.Update(context.Background(), func(tx *db.Tx) error {
		for _, text := range []string{
			`DELETE FROM goose_db_version WHERE version_id IN (24, 25, 38)`,
			`UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid IN ('conversations_waiting'::regclass, 'contacts_by_names_parts'::regclass)`,
			`DROP INDEX conversations_closed`,
			`DROP INDEX contacts_by_members`,
		} {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, d.Close())
	d = open()
	defer d.Close()
	found := column(t, d, `SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid WHERE indisvalid AND relname IN
		('conversations_waiting', 'contacts_by_names_parts', 'conversations_closed', 'contacts_by_members')`)
	if len(found) != 4 {
		t.Errorf("only %v can be used", found)
	}
}
