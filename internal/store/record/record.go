// Package record is what the SQL of every noun shares: a transaction within one
// workspace, pages of a list, and columns that may be unset.
// It must not know any table but that of the sequences.
package record

import (
	"fmt"
	"time"

	"parley/internal/db"
	"parley/internal/model"
)

// A Scope is a transaction within a workspace: what the type of each noun is made
// of.
type Scope struct {
	*db.Tx
	Workspace model.WorkspaceID
	now       time.Time
}

// NewScope binds a transaction to a workspace and to the time that it takes place
// at.
func NewScope(t *db.Tx, ws model.WorkspaceID, now time.Time) *Scope { return &Scope{t, ws, now} }

// Now is the transaction's time in Unix seconds; it does not move.
func (s *Scope) Now() int64 { return s.now.Unix() }

// Time is the transaction's time.
func (s *Scope) Time() time.Time { return s.now }

// NextID gives out the next decimal id of a noun in the workspace.
func (s *Scope) NextID(noun string) (int64, error) {
	var id int64
	err := s.QueryRow(`INSERT INTO sequences (workspace_id, name, last) VALUES ($1, $2, 1)
		ON CONFLICT (workspace_id, name) DO UPDATE SET last = sequences.last + 1 RETURNING last`,
		s.Workspace, noun).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store: next id of %s: %w", noun, err)
	}
	return id, nil
}
