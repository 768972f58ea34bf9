package sandbox_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"parley/internal/db"
)

// ownHere are columns that a workspace has values of its own in, by their tables.
var ownHere = map[string]string{"apps": "client_id", "help_centers": "identifier", "article_search": "keys"}

// leading are columns whose values lead to other rows: on PostgreSQL they cannot lead nowhere, as they can for a while on SQLite.
var leading = []string{"contact_id", "conversation_id", "help_center_id", "parent_id", "ticket_type_id"}

// holding are tables of which rows are held by others, and held the columns by which these lead to them.
var (
	holding = []string{"admins", "plans", "segments"}
	held    = []string{"admin_id", "plan_id", "sender_id"}
)

// TestEveryColumnGoesBack changes one column after the other of each table, then takes its rows away, and goes back each time, where it is
// known what was written, as on SQLite, and where it is not.
func TestEveryColumnGoesBack(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *db.DB, of copier) {
		must(t, d.Update(context.Background(), func(tx *db.Tx) error {
			tables := fill(t, tx)
			must(t, of(tx, original).Keep(copied))
			must(t, of(tx, original).GoBack(copied))
			before := map[string]string{}
			for name, table := range tables {
				if _, skipped := notCopied[name]; skipped {
					delete(tables, name)
					continue
				}
				before[name] = read(t, tx, table, original)
			}
			// change runs a statement about a table and goes back; then these tables are as they were. leads: a reference leads nowhere meanwhile.
			change := func(name, statement string, leads, known bool, same ...string) {
				t.Helper()
				begin, end := tx.Dialect().PutOffReferences()
				if leads {
					must(t, exec(tx, begin))
				}
				must(t, exec(tx, statement, original))
				if read(t, tx, tables[name], original) == before[name] {
					t.Errorf("%s changes nothing", statement)
				}
				if name == "article_search" { // as the store does that writes it
					tx.Touch(original, name)
				}
				if !known {
					must(t, tx.Mark(original, ""))
				}
				must(t, of(tx, original).GoBack(copied))
				if leads {
					must(t, exec(tx, end))
				}
				for _, other := range same {
					if got := read(t, tx, tables[other], original); got != before[other] {
						t.Errorf("after %s, %s has %s, and had %s", statement, other, got, before[other])
					}
				}
			}
			all := slices.Collect(maps.Keys(tables))
			for name, table := range tables {
				for _, c := range table.Columns {
					switch {
					case name == "jobs", c.Name == "workspace_id", slices.Contains(table.Key, c.Name), ownHere[name] == c.Name,
						d.Dialect().Shared() && slices.Contains(leading, c.Name):
						continue
					}
					change(name, "UPDATE "+name+" SET "+db.Quoted(c.Name)+" = "+another(c)+" WHERE workspace_id = $1",
						slices.Contains(leading, c.Name) || slices.Contains(held, c.Name), true, name)
				}
				change(name, "DELETE FROM "+name+" WHERE workspace_id = $1", slices.Contains(holding, name), true, name)
			}
			change("contacts", "DELETE FROM contacts WHERE workspace_id = $1", false, false, all...)
			change("admins", "DELETE FROM admins WHERE workspace_id = $1", true, false, all...)
			change("conversations", "DELETE FROM conversations WHERE workspace_id = $1", false, true, all...)
			return nil
		}))
	})
}

// another is a value that insert does not write.
func another(c db.Column) string {
	switch c.Type {
	case db.Integer, db.Double:
		return "2"
	case db.Boolean:
		return "FALSE"
	case db.JSON:
		return `'{"a": 1.0}'`
	}
	return "'2'"
}
