package identity

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/store/record"
)

// Sessions are the admins who are signed in.
type Sessions struct{ *record.Scope }

// Insert writes a new session.
func (s Sessions) Insert(v *identity.Session) error {
	err := s.Write(`INSERT INTO admin_sessions (workspace_id, token_hash, admin_id, complete, created_at, seen_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, s.Workspace, v.Hash, v.Admin, v.Complete, v.CreatedAt, v.SeenAt, v.ExpiresAt)
	if err != nil {
		return fmt.Errorf("store: insert session: %w", err)
	}
	return nil
}

// Find reads the session of a hash, be it one that has ended.
func (s Sessions) Find(hash string) (*identity.Session, error) {
	v := identity.Session{Hash: hash}
	err := s.QueryRow(`SELECT admin_id, complete, created_at, seen_at, expires_at FROM admin_sessions
		WHERE workspace_id = $1 AND token_hash = $2`, s.Workspace, hash).Scan(&v.Admin, &v.Complete, &v.CreatedAt, &v.SeenAt, &v.ExpiresAt)
	return &v, record.OrNotFound(err, identity.NotSignedIn())
}

// See remembers a visit.
func (s Sessions) See(hash string) error {
	err := s.Write(`UPDATE admin_sessions SET seen_at = $3 WHERE workspace_id = $1 AND token_hash = $2`, s.Workspace, hash, s.Now())
	if err != nil {
		return fmt.Errorf("store: see session: %w", err)
	}
	return nil
}

// Delete ends a session. It reports whether there was one.
func (s Sessions) Delete(hash string) (bool, error) {
	n, err := s.Exec(`DELETE FROM admin_sessions WHERE workspace_id = $1 AND token_hash = $2`, s.Workspace, hash)
	if err != nil {
		return false, fmt.Errorf("store: delete session: %w", err)
	}
	return n > 0, nil
}

// DeleteAll ends all sessions of an admin.
func (s Sessions) DeleteAll(admin model.AdminID) error {
	err := s.Write(`DELETE FROM admin_sessions WHERE workspace_id = $1 AND admin_id = $2`, s.Workspace, admin)
	if err != nil {
		return fmt.Errorf("store: delete sessions: %w", err)
	}
	return nil
}

// Sweep removes the sessions that have expired.
func (s Sessions) Sweep() error {
	err := s.Write(`DELETE FROM admin_sessions WHERE workspace_id = $1 AND expires_at <= $2`, s.Workspace, s.Now())
	if err != nil {
		return fmt.Errorf("store: sweep sessions: %w", err)
	}
	return nil
}
