// Package record is what the SQL of every noun shares: a transaction within one
// workspace, statements of its columns, pages of a list, and columns that may be unset.
// It must not know any table but that of the sequences.
package record

import (
	"fmt"
	"time"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
)

// A Scope is a transaction within a workspace: what the type of each noun is made
// of.
type Scope struct {
	*db.Tx
	Workspace model.WorkspaceID
	now       time.Time
	sequences *Sequences
	seed      string // of ids; empty: they are random
}

// NewScope binds a transaction to a workspace and to the time that it takes place
// at. Without sequences, all ids are given out in the transaction itself.
func NewScope(t *db.Tx, ws model.WorkspaceID, now time.Time, sequences *Sequences) *Scope {
	return &Scope{Tx: t, Workspace: ws, now: now, sequences: sequences}
}

// Now is the transaction's time in Unix seconds; it does not move.
func (s *Scope) Now() int64 { return s.now.Unix() }

// SetTime has the rest of the transaction take place at another time.
func (s *Scope) SetTime(to time.Time) { s.now = to }

// Time is the transaction's time.
func (s *Scope) Time() time.Time { return s.now }

// InsertAll writes rows of the workspace into a table in one statement: columns are
// those behind workspace_id, and each row has their values. No rows are no
// statement.
func (s *Scope) InsertAll(table, columns string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	b := &query.Builder{}
	b.Text("INSERT INTO ", table, " (workspace_id, ", columns, ") VALUES ")
	ws := b.Arg(s.Workspace)
	for i, row := range rows {
		if i > 0 {
			b.Text(", ")
		}
		b.Text("(", ws)
		for _, v := range row {
			b.Text(", ", b.Arg(v))
		}
		b.Text(")")
	}
	if err := s.Write(b.SQL(), b.Args()...); err != nil {
		return fmt.Errorf("store: insert into %s: %w", table, err)
	}
	return nil
}
