package store_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"parley/internal/db"
	"parley/internal/lazy"
	"parley/internal/store"
)

// TestSchemaIsCommitted holds schema.sqlite.sql, of which a new database is made, against what the migrations make step by step:
// PARLEY_TEST_UPDATE=1 go test ./internal/store -run TestSchemaIsCommitted
// writes it anew, which is to be done after a migration was added.
func TestSchemaIsCommitted(t *testing.T) {
	t.Parallel()
	const file, compressed = "migrations/schema.sqlite.sql", "schema.sqlite.sql.flate"
	steps := fstest.MapFS{}
	entries, err := fs.ReadDir(store.Migrations(), ".")
	must(t, err)
	for _, entry := range entries {
		if entry.Name() == compressed {
			continue
		}
		text, err := fs.ReadFile(store.Migrations(), entry.Name())
		must(t, err)
		steps[entry.Name()] = &fstest.MapFile{Data: text}
	}
	newest, err := db.NewestVersion(steps)
	must(t, err)
	want := fmt.Sprintf("-- version %d\n-- Written by TestSchemaIsCommitted, which says how: what the migrations make of an empty database.\n\n%s",
		newest, layout(t, steps))
	if os.Getenv("PARLEY_TEST_UPDATE") != "" {
		must(t, os.WriteFile(file, []byte(want), 0o644))
		must(t, os.WriteFile(filepath.Join("migrations", compressed), lazy.Compress([]byte(want)), 0o644))
	}
	committed, err := os.ReadFile(file)
	must(t, err)
	if string(committed) != want {
		t.Errorf("%s is not what the migrations make; renew it with PARLEY_TEST_UPDATE=1", file)
	}
	// TestCompressed holds the compressed file that is there against this one.
	steps[compressed] = &fstest.MapFile{Data: lazy.Compress(committed)}
	steps["0001_initial.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nSELECT no_such_function();\n")} // not run
	if _, made, _ := strings.Cut(string(committed), "\n\n"); layout(t, steps) != made {
		t.Error("a database that is made of it differs from one that the migrations made")
	}
}

// layout is what is in a new database, as statements that make another like it. The tables that an index of words keeps for itself come
// with it.
func layout(t *testing.T, migrations fs.FS) string {
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(t.TempDir(), "parley.db"), Migrations: migrations})
	must(t, err)
	defer d.Close()
	var text strings.Builder
	for _, statement := range column(t, d, `SELECT sql FROM sqlite_schema m WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		AND NOT EXISTS (SELECT 1 FROM pragma_table_list l WHERE l.name = m.tbl_name AND l.type = 'shadow') ORDER BY rowid`) {
		fmt.Fprintf(&text, "%s;\n", statement)
	}
	text.WriteString("ANALYZE goose_db_version;\nDELETE FROM sqlite_stat1;\n") // the first makes the table of the second
	for _, table := range column(t, d, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
		AND name NOT IN ('sqlite_schema', 'sqlite_sequence') ORDER BY name`) {
		columns := column(t, d, "SELECT name FROM pragma_table_info('"+table+"') WHERE name <> 'tstamp' ORDER BY cid") // when goose made its note
		values := strings.Join(columns, ") || ', ' || quote(")
		for _, row := range column(t, d, fmt.Sprintf("SELECT quote(%s) FROM %s ORDER BY 1", values, table)) {
			fmt.Fprintf(&text, "INSERT INTO %s (%s) VALUES (%s);\n", table, strings.Join(columns, ", "), row)
		}
	}
	return text.String()
}
