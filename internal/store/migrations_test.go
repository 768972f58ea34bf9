package store_test

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/internal/store"
)

// firstUnderLoad is the first migration that is held to what servers need that work while it runs: those before were
// written while there was no release to upgrade from.
const firstUnderLoad = "0024"

// briefly are statements that hold locks for as long as they take, and why that is not long.
var briefly = map[string]string{}

var (
	comments      = regexp.MustCompile(`(?m)--.*$`)
	functions     = regexp.MustCompile(`(?s)(CREATE OR REPLACE FUNCTION [^;]*?AS )\$\$.*?\$\$`) // what they do is done later
	created       = regexp.MustCompile(`(?is)^CREATE TABLE (?:IF NOT EXISTS )?(\w+)`)
	indexed       = regexp.MustCompile(`(?is)^CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(?:IF NOT EXISTS )?(\w+) ON (\w+)`)
	altered       = regexp.MustCompile(`(?is)^ALTER TABLE (?:IF EXISTS )?(\w+) (.*)$`)
	addedColumn   = regexp.MustCompile(`(?is)^ADD COLUMN (?:IF NOT EXISTS )?\w+ (.*)$`)
	takesAway     = regexp.MustCompile(`(?is)^(DROP TABLE|ALTER TABLE \w+ (DROP|RENAME))\b`)
	movesRows     = regexp.MustCompile(`(?is)^(UPDATE|DELETE|INSERT INTO \w+.*\bSELECT\b)`)
	isContraction = regexp.MustCompile(`^[0-9]+_contract_`)
)

// faults lists what in a migration would have others wait for long, or break servers of the version before.
func faults(name, text string) []string {
	var list, made, dropped []string
	unbound := strings.Contains(text, "-- +goose NO TRANSACTION")
	sqlite := strings.Contains(name, ".sqlite.")
	for statement := range strings.SplitSeq(functions.ReplaceAllString(comments.ReplaceAllString(text, ""), "$1"), ";") {
		statement = strings.Join(strings.Fields(statement), " ")
		fault := func(why string) {
			if briefly[name+": "+statement] == "" {
				list = append(list, why+": "+statement)
			}
		}
		if m := created.FindStringSubmatch(statement); m != nil {
			made = append(made, m[1])
			continue
		}
		if takesAway.MatchString(statement) && !isContraction.MatchString(name) {
			fault("a server of the version before may need this, so it is for a contract_ migration of a later version")
		}
		if sqlite { // where one server works, which migrates before it serves
			continue
		}
		if strings.HasPrefix(statement, "DROP INDEX CONCURRENTLY IF EXISTS ") {
			dropped = append(dropped, statement[len("DROP INDEX CONCURRENTLY IF EXISTS "):])
		}
		if m := indexed.FindStringSubmatch(statement); m != nil && !slices.Contains(made, m[3]) {
			switch {
			case m[1] == "" || !unbound:
				fault("writers would wait until the index is built: CONCURRENTLY, with NO TRANSACTION")
			case !slices.Contains(dropped, m[2]):
				fault("what an interrupted attempt left would be in the way: DROP INDEX CONCURRENTLY IF EXISTS first")
			}
		}
		if m := altered.FindStringSubmatch(statement); m != nil && !slices.Contains(made, m[1]) {
			column := addedColumn.FindStringSubmatch(m[2])
			upper := strings.ToUpper(m[2])
			switch {
			case column != nil && strings.Contains(upper, "NOT NULL") && !strings.Contains(upper, "DEFAULT"):
				fault("rows that servers of the version before write would have no value")
			case column != nil && strings.ContainsAny(column[1], "(") && strings.Contains(upper, "DEFAULT"):
				fault("a default that is computed rewrites the table")
			case column != nil && (strings.Contains(upper, "REFERENCES") || strings.Contains(upper, "UNIQUE")):
				fault("this is checked for all rows under a lock")
			case strings.Contains(upper, "SET NOT NULL"), strings.Contains(upper, " TYPE "),
				strings.HasPrefix(upper, "ADD CONSTRAINT") && !strings.Contains(upper, "NOT VALID"):
				fault("this reads or rewrites the table under a lock")
			}
		}
		if movesRows.MatchString(statement) {
			fault("this changes as many rows as there are")
		}
	}
	return list
}

// TestMigrationsUnderLoad reads the migrations for what servers that work meanwhile, of this version or the one before,
// would trip over.
func TestMigrationsUnderLoad(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(store.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := fs.ReadFile(store.Migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		if name < firstUnderLoad {
			continue
		}
		for _, fault := range faults(name, string(text)) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// TestFaultsOfMigrations shows what is found.
func TestFaultsOfMigrations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, sql, fault string }{
		{"a new table", "0099_a.sql", "CREATE TABLE a (id TEXT);\nCREATE INDEX a_by_id ON a (id);\nALTER TABLE a ADD COLUMN b TEXT NOT NULL", ""},
		{"an index of an old table", "0099_a.sql", "CREATE INDEX a_by_id ON a (id)", "writers would wait"},
		{"on SQLite", "0099_a.sqlite.sql", "CREATE INDEX a_by_id ON a (id)", ""},
		{"in a transaction", "0099_a.sql", "CREATE INDEX CONCURRENTLY a_by_id ON a (id)", "writers would wait"},
		{"built again", "0099_a.sql", "-- +goose NO TRANSACTION\nCREATE UNIQUE INDEX CONCURRENTLY a_by_id ON a (id)", "interrupted"},
		{"built well", "0099_a.sql", "-- +goose NO TRANSACTION\nDROP INDEX CONCURRENTLY IF EXISTS a_by_id;\nCREATE INDEX CONCURRENTLY a_by_id ON a (id)", ""},
		{"a column", "0099_a.sql", "ALTER TABLE a ADD COLUMN b TEXT", ""},
		{"with a default", "0099_a.sql", "ALTER TABLE a ADD COLUMN b BIGINT NOT NULL DEFAULT 0", ""},
		{"without one", "0099_a.sql", "ALTER TABLE a ADD COLUMN b BIGINT NOT NULL", "have no value"},
		{"with one that is computed", "0099_a.sql", "ALTER TABLE a ADD COLUMN b TEXT DEFAULT md5(random()::text)", "computed"},
		{"with a reference", "0099_a.sql", "ALTER TABLE a ADD COLUMN b TEXT REFERENCES c (id)", "checked for all rows"},
		{"another type", "0099_a.sql", "ALTER TABLE a ALTER COLUMN b TYPE BIGINT", "rewrites the table"},
		{"a constraint", "0099_a.sql", "ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0)", "reads or rewrites"},
		{"a constraint for later", "0099_a.sql", "ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0) NOT VALID", ""},
		{"taken away", "0099_a.sql", "DROP TABLE a", "contract_"},
		{"taken away on SQLite", "0099_a.sqlite.sql", "ALTER TABLE a DROP COLUMN b", "contract_"},
		{"contracted", "0099_contract_a.sql", "ALTER TABLE a DROP COLUMN b", ""},
		{"renamed", "0099_a.sql", "ALTER TABLE a RENAME COLUMN b TO c", "contract_"},
		{"all rows", "0099_a.sql", "UPDATE a SET b = 1", "as many rows"},
		{"all rows into another", "0099_a.sql", "INSERT INTO a (b) SELECT b FROM c", "as many rows"},
		{"what a function does", "0099_a.sql", "CREATE OR REPLACE FUNCTION f() RETURNS VOID LANGUAGE sql AS $$ SELECT 1; UPDATE a SET b = 1 $$", ""},
		{"behind a function", "0099_a.sql", "CREATE OR REPLACE FUNCTION f() RETURNS VOID LANGUAGE sql AS $$ SELECT 1 $$; UPDATE a SET b = 1", "as many rows"},
		{"one row", "0099_a.sql", "INSERT INTO a (b) VALUES (1)", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(faults(c.file, "-- +goose Up\n"+c.sql+";\n"), "\n")
			if c.fault == "" && got != "" || !strings.Contains(got, c.fault) {
				t.Errorf("found %q, want %q", got, c.fault)
			}
		})
	}
}
