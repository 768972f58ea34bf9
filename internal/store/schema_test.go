package store_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"parley/internal/db"
	"parley/internal/means"
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
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND m.name NOT LIKE 'article_search%' AND m.name NOT LIKE 'kept_contact_parts%' AND c.pk = 1
				AND c.name <> 'workspace_id' AND m.name NOT IN ('workspaces', 'access_tokens', 'help_center_identifiers', 'app_client_ids', 'jobs', 'nodes', 'events', 'deliveries', 'kept_contact_documents', 'kept_contact_ages', 'schema_contractions')`},
		{"every table has a key", `SELECT m.name FROM sqlite_master m
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND m.name NOT LIKE 'article_search%' AND m.name NOT LIKE 'kept_contact_parts%'
				AND NOT EXISTS (SELECT 1 FROM pragma_table_info(m.name) c WHERE c.pk = 1)`},
		{"every index begins with the workspace", `SELECT i.name FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%' AND m.name NOT LIKE 'article_search%' AND m.name NOT LIKE 'kept_contact_parts%' AND c.seqno = 0
				AND c.name <> 'workspace_id' AND m.name NOT IN ('workspaces', 'access_tokens', 'help_center_identifiers', 'app_client_ids', 'jobs', 'nodes', 'schema_contractions')`},
		{"a table whose statistics are known has them for every index", `SELECT m.name FROM sqlite_master m
			WHERE m.type = 'index' AND m.tbl_name IN (SELECT tbl FROM sqlite_stat1)
				AND m.name NOT IN (SELECT idx FROM sqlite_stat1)`},
		{"statistics are of an index there is", `SELECT idx FROM sqlite_stat1
			WHERE idx NOT IN (SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = tbl)
				AND idx NOT IN (SELECT name FROM pragma_table_list WHERE wr AND name = tbl)`}, // the index that such a table is
	} {
		t.Run(law.name, func(t *testing.T) {
			for _, offender := range column(t, d, law.offenders) {
				t.Error(offender)
			}
		})
	}
}

// TestPostgresSchemaKeepsItsLaws reads the schema out of the catalog of PostgreSQL. What
// stands outside a law is listed by name, with the reason.
func TestPostgresSchemaKeepsItsLaws(t *testing.T) {
	t.Parallel()
	d, err := db.Open(context.Background(), db.Options{URL: means.Postgres(t), Migrations: store.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	const tables = ` c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE 'goose_%' `
	for _, law := range []struct {
		name, all, offenders string
		outside              map[string]string
	}{
		{"every row belongs to a workspace", `SELECT c.relname FROM pg_class c WHERE` + tables, `SELECT c.relname FROM pg_class c WHERE` + tables + `
			AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND a.attnotnull)`,
			map[string]string{"workspaces": "it is the workspaces", "nodes": "a server is for all"}},
		{"every table has a key", `SELECT c.relname FROM pg_class c WHERE` + tables, `SELECT c.relname FROM pg_class c WHERE` + tables + `
			AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)`, nil},
		{"every key and index begins with the workspace", `SELECT i.relname` + indexes + tables, `SELECT i.relname` + indexes + tables + `
			AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = x.indkey[0] AND a.attname = 'workspace_id')`,
			map[string]string{
				"workspaces_pkey":              "the key of the workspaces",
				"access_tokens_pkey":           "whose a token is",
				"help_center_identifiers_pkey": "whose the help center of an address is",
				"app_client_ids_pkey":          "whose an app is",
				"jobs_pkey":                    "a job that was claimed, by its id",
				"jobs_by_due":                  "which jobs are due, of whatever workspace",
				"jobs_by_failure":              "how many jobs were given up",
				"nodes_pkey":                   "a server is for all",
				"article_search_document":      "the workspace is one of the words of each document",
			}},
		{"every reference is within the workspace", `SELECT f.conname FROM pg_constraint f WHERE f.contype = 'f'`,
			`SELECT f.conname FROM pg_constraint f
				JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
				JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = f.confkey[1]
			WHERE f.contype = 'f' AND NOT (a.attname = 'workspace_id' AND (b.attname = 'workspace_id' OR f.confrelid = 'workspaces'::regclass))`, nil},
		{"the planner takes a workspace for one of six", `SELECT c.relname FROM pg_class c WHERE` + tables, `SELECT c.relname FROM pg_class c
			JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
			WHERE` + tables + `AND (a.attstattarget IS DISTINCT FROM 1 OR a.attoptions IS DISTINCT FROM '{n_distinct=6}')`, nil}, // see 0024
		{"every index can be used", `SELECT i.relname` + indexes + tables, `SELECT i.relname` + indexes + tables + ` AND NOT (x.indisvalid AND x.indisready)`, nil},
	} {
		t.Run(law.name, func(t *testing.T) {
			if len(column(t, d, law.all)) < 20 {
				t.Error("the law is held against nothing")
			}
			offenders := column(t, d, law.offenders)
			for _, offender := range offenders {
				if law.outside[offender] == "" {
					t.Error(offender)
				}
			}
			for name := range law.outside {
				if !slices.Contains(offenders, name) {
					t.Errorf("%s keeps the law, or is not there", name)
				}
			}
		})
	}
}

const indexes = ` FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid WHERE`

// column reads the only column of what a statement selects.
func column(t *testing.T, d *db.DB, statement string) (values []string) {
	t.Helper()
	err := d.View(context.Background(), func(tx *db.Tx) error {
		rows, err := tx.Query(statement)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var value string
			if err := rows.Scan(&value); err != nil {
				return err
			}
			values = append(values, value)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return values
}
