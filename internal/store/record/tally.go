package record

import (
	"fmt"
	"math/rand/v2"
)

// A Tally is a number that many transactions change at once: the sum of rows of which
// each takes one that nobody holds, or adds one if there is none. So nobody waits, and
// there are as many rows as ever wrote at once: one on SQLite.
type Tally struct {
	Table  string // with the columns workspace_id, Key and slot, which are its primary key
	Key    string // the column that tells one number of the table from others
	Column string // the number's, NOT NULL DEFAULT 0
}

// Add adds to a tally.
func (s *Scope) Add(t Tally, key any, n int64) error {
	of := ` WHERE workspace_id = $1 AND ` + t.Key + ` = $2`
	change := `UPDATE ` + t.Table + ` SET ` + t.Column + ` = ` + t.Column + ` + $3` + of +
		` AND slot = (SELECT slot FROM ` + t.Table + of + ` LIMIT 1` + s.Dialect().ForUpdateOfFree() + `)`
	insert := `INSERT INTO ` + t.Table + ` (workspace_id, ` + t.Key + `, slot, ` + t.Column + `) `
	slot := rand.Int64() // by chance, so that two who add one at once do not meet
	var err error
	if s.Dialect().InsertsTogether() {
		err = s.Write(`WITH changed AS (`+change+` RETURNING slot) `+insert+`SELECT $1, $2, $4, $3 WHERE NOT EXISTS (SELECT 1 FROM changed)`,
			s.Workspace, key, n, slot)
	} else if changed, failed := s.Exec(change, s.Workspace, key, n); failed != nil || changed == 0 {
		if err = failed; err == nil {
			err = s.Write(insert+`VALUES ($1, $2, $4, $3)`, s.Workspace, key, n, slot)
		}
	}
	if err != nil {
		return fmt.Errorf("store: add to %s: %w", t.Table, err)
	}
	return nil
}
