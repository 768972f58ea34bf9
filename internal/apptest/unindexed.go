package apptest

import (
	"context"
	"testing"

	"parley/internal/db"
)

// Unindexed runs fill while a PostgreSQL database has no indexes but those that keep rows
// unique, and builds the others afterwards: many rows at once are written in a fraction of
// the time. Then the planner is told what there is.
func Unindexed(t testing.TB, d *db.DB, fill func()) {
	t.Helper()
	ctx := context.Background()
	var drop, build []string
	must(t, d.View(ctx, func(tx *db.Tx) error {
		rows, err := tx.Query(`SELECT i.relname, pg_get_indexdef(x.indexrelid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
			WHERE i.relnamespace = current_schema()::regnamespace AND NOT x.indisunique ORDER BY i.relname`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name, definition string
			if err := rows.Scan(&name, &definition); err != nil {
				return err
			}
			drop, build = append(drop, "DROP INDEX "+db.Quoted(name)), append(build, definition)
		}
		return rows.Err()
	}))
	for _, text := range drop {
		runUnhurried(t, d, text)
	}
	fill()
	for _, text := range append(build, "ANALYZE") {
		runUnhurried(t, d, "SET LOCAL maintenance_work_mem = '256MB'", text)
	}
}

// runUnhurried runs statements in a transaction that may take as long as it does.
func runUnhurried(t testing.TB, d *db.DB, statements ...string) {
	t.Helper()
	must(t, d.Update(context.Background(), func(tx *db.Tx) error {
		if err := tx.Unhurried(); err != nil {
			return err
		}
		for _, text := range statements {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		return nil
	}))
}
