package trial

import (
	"context"
	"fmt"

	"parley/internal/db"
	"parley/internal/store/audit"
)

// audit holds the database itself, and what is kept beside what it counts, to what they
// must be at any time, also at that of a crash.
func (t *trial) audit(ctx context.Context, d *database) {
	t.Helper()
	t.hold("an audit", d.view(ctx, func(tx *db.Tx) error {
		wrong, _, err := audit.Recount(tx, 5)
		if err != nil {
			return err
		}
		for _, m := range wrong {
			t.wrong("%s", m)
		}
		if tx.Dialect().Name() != "sqlite" {
			return nil
		}
		// The index of words checks itself in this too.
		said, err := texts(tx, `SELECT integrity_check FROM pragma_integrity_check`)
		if err != nil {
			return err
		}
		if fmt.Sprint(said) != "[ok]" {
			t.wrong("the integrity of the file: %q", said)
		}
		lost, err := texts(tx, `SELECT "table" || ' ' || COALESCE(rowid, '') || ' names a row of ' || parent FROM pragma_foreign_key_check LIMIT 5`)
		for _, row := range lost {
			t.wrong("%s that is not there", row)
		}
		return err
	}))
}
