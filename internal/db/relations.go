package db

import (
	"strings"
	"sync"

	"parley/internal/db/statement"
)

// A catalog is how a database says what it has.
type catalog struct {
	tables string // the names of tables and views
	// references are pairs of a table whose rows refer to those of another, with " updated" where they follow an update of these too,
	// and the other.
	references string
	triggers   string // pairs of a table and what a trigger of it does
	version    string // a number that is another once any of this is; empty where nothing tells

	mu    sync.Mutex
	since int64
	known *statement.Relations // as of that version
}

func sqliteCatalog() catalog {
	return catalog{
		tables: `SELECT lower(name), '' FROM sqlite_schema WHERE type IN ('table', 'view')`,
		references: `SELECT lower(s.name) || iif(f.on_update IN ('NO ACTION', 'RESTRICT'), '', ' updated'), lower(f."table")
			FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f
			WHERE s.type = 'table' AND NOT (f.on_delete IN ('NO ACTION', 'RESTRICT') AND f.on_update IN ('NO ACTION', 'RESTRICT'))`,
		triggers: `SELECT lower(tbl_name), substr(sql, instr(sql, 'BEGIN')) FROM sqlite_schema WHERE type = 'trigger'`,
		version:  `PRAGMA schema_version`,
	}
}

var postgresCatalog = catalog{
	tables: `SELECT lower(relname), '' FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm') AND pg_table_is_visible(oid) AND relnamespace <> 'pg_catalog'::regnamespace`,
	references: `SELECT lower(c.relname) || CASE WHEN f.confupdtype IN ('a', 'r') THEN '' ELSE ' updated' END, lower(p.relname)
		FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class p ON p.oid = f.confrelid
		WHERE f.contype = 'f' AND NOT (f.confdeltype IN ('a', 'r') AND f.confupdtype IN ('a', 'r'))`,
	triggers: `SELECT lower(c.relname), f.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc f ON f.oid = t.tgfoid WHERE NOT t.tgisinternal`,
}

// relations reads what there is, once for each version where one is told.
func (c *catalog) relations(t *Tx) (*statement.Relations, error) {
	if c.version == "" {
		return c.read(t)
	}
	var now int64
	if err := t.QueryRow(c.version).Scan(&now); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || c.since != now {
		read, err := c.read(t)
		if err != nil {
			return nil, err
		}
		c.known, c.since = read, now
	}
	return c.known, nil
}

func (c *catalog) read(t *Tx) (*statement.Relations, error) {
	var found statement.Relations
	err := pairs(t, c.tables, func(name, _ string) { found.Names = append(found.Names, name) })
	if err != nil {
		return nil, err
	}
	err = pairs(t, c.references, func(of, table string) {
		of, updated := strings.CutSuffix(of, " updated")
		found.Writes(table, of, statement.Watch{Deletions: !updated})
	})
	if err != nil {
		return nil, err
	}
	err = pairs(t, c.triggers, func(table, does string) {
		for _, target := range statement.Targets(does) {
			found.Writes(table, target, statement.Watch{})
		}
	})
	return &found, err
}

func pairs(t *Tx, statement string, add func(first, second string)) error {
	rows, err := t.Query(statement)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var first, second string
		if err := rows.Scan(&first, &second); err != nil {
			return err
		}
		add(first, second)
	}
	return rows.Err()
}
