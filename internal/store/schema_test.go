package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
)

// TestSchemaKeepsItsLaws reads the schema that the migrations make. Some tables
// stand outside the law of the workspace: the one of them all, those that tell
// which workspace a token, the address of a help center or an app is for, the
// jobs, which are found by when they are due, and the nodes, which serve all. The index of words, and the tables that
// SQLite keeps it in, are laid out by SQLite; each document in it names its
// workspace.
func TestSchemaKeepsItsLaws(t *testing.T) {
	t.Parallel()
	d, err := db.Open(context.Background(), db.Options{
		Path: filepath.Join(t.TempDir(), "parley.db"), Migrations: store.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, law := range []struct{ name, offenders string }{
		// SQLite gives out numbers that count across workspaces as a table's own key; on PostgreSQL these keys begin with the
		// workspace too.
		{"every key begins with the workspace", `SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND m.name NOT LIKE 'article_search%' AND c.pk = 1
				AND c.name <> 'workspace_id' AND m.name NOT IN ('workspaces', 'access_tokens', 'help_center_identifiers', 'app_client_ids', 'jobs', 'nodes', 'events', 'deliveries')`},
		{"every table has a key", `SELECT m.name FROM sqlite_master m
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND m.name NOT LIKE 'article_search%'
				AND NOT EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.pk = 1)`},
		{"every index begins with the workspace", `SELECT i.name FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND m.name NOT LIKE 'article_search%' AND c.seqno = 0
				AND c.name <> 'workspace_id' AND m.name NOT IN ('workspaces', 'access_tokens', 'help_center_identifiers', 'app_client_ids', 'jobs', 'nodes')`},
		{"a table whose statistics are known has them for every index", `SELECT m.name FROM sqlite_master m
			WHERE m.type = 'index' AND m.tbl_name IN (SELECT tbl FROM sqlite_stat1)
				AND m.name NOT IN (SELECT idx FROM sqlite_stat1)`},
		{"statistics are of an index there is", `SELECT idx FROM sqlite_stat1
			WHERE idx NOT IN (SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = tbl)`},
	} {
		t.Run(law.name, func(t *testing.T) {
			err := d.View(context.Background(), func(tx *db.Tx) error {
				rows, err := tx.Query(law.offenders)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var offender string
					if err := rows.Scan(&offender); err != nil {
						return err
					}
					t.Error(offender)
				}
				return rows.Err()
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
