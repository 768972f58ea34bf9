package identity

import (
	"fmt"

	"parley/internal/model/identity"
	"parley/internal/store/record"
)

// Attempts are how often something was tried of late.
type Attempts struct{ *record.Scope }

// Spent reports whether so much was tried of late that nothing more may be. It
// counts nothing.
func (s Attempts) Spent(bounds []identity.Bound) (bool, error) {
	for _, b := range bounds {
		var n int64
		err := s.QueryRow(`SELECT coalesce(sum(attempts), 0) FROM sign_in_attempts WHERE workspace_id = $1 AND subject = $2 AND expires_at > $3`,
			s.Workspace, b.Subject, s.Now()).Scan(&n)
		if err != nil {
			return false, fmt.Errorf("store: read attempts: %w", err)
		}
		if n >= b.Most {
			return true, nil
		}
	}
	return false, nil
}

// Count counts an attempt and reports whether it is within its bounds.
func (s Attempts) Count(bounds []identity.Bound) (bool, error) {
	if err := s.Write(`DELETE FROM sign_in_attempts WHERE workspace_id = $1 AND expires_at <= $2`, s.Workspace, s.Now()); err != nil {
		return false, fmt.Errorf("store: sweep attempts: %w", err)
	}
	within := true
	for _, b := range bounds {
		var n int64
		err := s.QueryRow(`INSERT INTO sign_in_attempts (workspace_id, subject, attempts, expires_at) VALUES ($1, $2, 1, $3)
			ON CONFLICT (workspace_id, subject) DO UPDATE SET attempts = sign_in_attempts.attempts + 1 RETURNING attempts`,
			s.Workspace, b.Subject, s.Now()+identity.AttemptWindow).Scan(&n)
		if err != nil {
			return false, fmt.Errorf("store: count attempt: %w", err)
		}
		within = within && n <= b.Most
	}
	return within, nil
}

// Pardon takes back an attempt that was no failure.
func (s Attempts) Pardon(bounds []identity.Bound) error { return s.add(bounds, -1) }

// Note writes the attempts as they are: as much work as if something had changed.
func (s Attempts) Note(bounds []identity.Bound) error { return s.add(bounds, 0) }

func (s Attempts) add(bounds []identity.Bound, n int) error {
	for _, b := range bounds {
		err := s.Write(`UPDATE sign_in_attempts SET attempts = attempts + $3 WHERE workspace_id = $1 AND subject = $2`, s.Workspace, b.Subject, n)
		if err != nil {
			return fmt.Errorf("store: correct attempts: %w", err)
		}
	}
	return nil
}
