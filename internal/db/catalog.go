package db

import (
	"fmt"
	"slices"
	"strings"
)

// A Table is a table as the database describes it.
type Table struct {
	Name    string
	Columns []Column // in their order, without those that the database computes
	Key     []string // the columns of the primary key, in its order; none where there is none
}

// A Column is a column of a Table.
type Column struct {
	Name string
	Type ColumnType
}

// A ColumnType is what a column holds, by the same name on both databases.
type ColumnType string

// The types of columns.
const (
	Text    ColumnType = "text"
	Integer ColumnType = "integer" // of 64 bits
	Boolean ColumnType = "boolean"
	Double  ColumnType = "double"
	JSON    ColumnType = "json"
	Untyped ColumnType = "any" // a number or a text: SQLite's index of words
)

// columnTypes are the types as the databases spell them.
var columnTypes = map[string]ColumnType{
	"TEXT": Text, "BIGINT": Integer, "INTEGER": Integer, "BOOLEAN": Boolean, "DOUBLE PRECISION": Double, "JSONB": JSON, "": Untyped,
}

// Quoted is a name as SQL has it, whatever is in it.
func Quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// ColumnNames are the names of the columns, quoted, with a comma between.
func (t *Table) ColumnNames() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = Quoted(c.Name)
	}
	return strings.Join(names, ", ")
}

// Tables lists the tables in the order of their names, but for those in which migrations and the database itself keep
// their books, and KeptTables.
func (t *Tx) Tables() ([]*Table, error) {
	tables, err := t.tables()
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	return slices.DeleteFunc(tables, func(t *Table) bool { return strings.HasPrefix(t.Name, kept) }), nil
}

// KeptTables lists the tables that triggers write, or that are written behind them, and are what other tables make them.
func (t *Tx) KeptTables() ([]*Table, error) {
	tables, err := t.tables()
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w", err)
	}
	return slices.DeleteFunc(tables, func(t *Table) bool { return !strings.HasPrefix(t.Name, kept) }), nil
}

// kept is how the names of KeptTables begin.
const kept = "kept_"

func (t *Tx) tables() ([]*Table, error) {
	rows, err := t.Query(t.dialect.Catalog())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []*Table
	for rows.Next() {
		var table, column, spelled string
		var place int // in the key, from 1
		if err := rows.Scan(&table, &column, &spelled, &place); err != nil {
			return nil, err
		}
		if strings.HasPrefix(table, "goose_") || strings.HasPrefix(table, "sqlite_") || table == "schema_contractions" || table == "schema_left_out" {
			continue
		}
		kind, known := columnTypes[strings.ToUpper(spelled)]
		if !known {
			return nil, fmt.Errorf("the column %s of %s is of the type %s, which no migration uses", column, table, spelled)
		}
		if last := len(tables) - 1; last < 0 || tables[last].Name != table {
			tables = append(tables, &Table{Name: table})
		}
		last := tables[len(tables)-1]
		last.Columns = append(last.Columns, Column{column, kind})
		if place > 0 {
			last.Key = append(last.Key, make([]string, max(0, place-len(last.Key)))...)
			last.Key[place-1] = column
		}
	}
	return tables, rows.Err()
}

// A Reference says that rows of a table refer to rows of another.
type Reference struct {
	Table, Other string
	Holds        bool // a row of the other cannot be taken away while one refers to it; else that is taken away too
}

// References lists which tables have rows that refer to rows of others.
func (t *Tx) References() ([]Reference, error) {
	rows, err := t.Query(t.dialect.References())
	if err != nil {
		return nil, fmt.Errorf("reading the references: %w", err)
	}
	defer rows.Close()
	var all []Reference
	for rows.Next() {
		var r Reference
		if err := rows.Scan(&r.Table, &r.Other, &r.Holds); err != nil {
			return nil, fmt.Errorf("reading the references: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// SchemaVersion returns the number of the newest migration that was applied; 0 where none was.
func (t *Tx) SchemaVersion() (int64, error) {
	var exists bool
	var version int64
	err := t.QueryRow(t.dialect.Bookkeeping()).Scan(&exists)
	if err == nil && exists {
		err = t.QueryRow("SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version)
	}
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	return version, nil
}

// Unhurried lets the transaction take as long as it does: no statement of it, and no pause between two, ends it.
func (t *Tx) Unhurried() error {
	if t.unhurried == nil {
		return nil
	}
	t.unhurried()
	_, err := t.Exec(`SELECT set_config(name, '0', true) FROM pg_settings
		WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout', 'lock_timeout')`)
	return err
}
