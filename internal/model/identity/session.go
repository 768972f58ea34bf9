package identity

import "parley/internal/model"

// How long an admin stays signed in, in seconds.
const (
	SessionLifetime = 14 * 24 * 3600 // at most
	SessionIdle     = 24 * 3600      // without a visit
	PendingLifetime = 10 * 60        // with the second factor yet to be shown
	seenEvery       = 5 * 60         // how exactly the last visit is known
)

// A Session is an admin who is signed in, or who has yet to show a second factor.
type Session struct {
	Hash      string // lower-case hexadecimal SHA-256 of what the browser keeps
	Admin     model.AdminID
	Complete  bool // nothing is left to show
	CreatedAt int64
	SeenAt    int64
	ExpiresAt int64
}

// NewSession makes the session of an admin.
func NewSession(hash string, admin model.AdminID, complete bool, now int64) *Session {
	s := &Session{Hash: hash, Admin: admin, Complete: complete, CreatedAt: now, SeenAt: now, ExpiresAt: now + SessionLifetime}
	if !complete {
		s.ExpiresAt = now + PendingLifetime
	}
	return s
}

// Lasts reports whether the session is still good.
func (s *Session) Lasts(now int64) bool { return now < s.ExpiresAt && now < s.SeenAt+SessionIdle }

// Stale reports whether a visit now is to be remembered.
func (s *Session) Stale(now int64) bool { return now >= s.SeenAt+seenEvery }
