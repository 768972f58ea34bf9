package identity

import (
	"fmt"

	"parley/internal/model/identity"
	"parley/internal/store/record"
)

// Codes are what admins gave to apps that have yet to fetch their tokens, and for a
// while after that.
type Codes struct{ *record.Scope }

// Insert writes a new code.
func (s Codes) Insert(c *identity.Code) error {
	err := s.Write(`INSERT INTO authorization_codes (workspace_id, code_hash, app_id, admin_id, redirect_url, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, s.Workspace, c.Hash, c.App, c.Admin, c.RedirectURL, c.ExpiresAt)
	if err != nil {
		return fmt.Errorf("store: insert authorization code: %w", err)
	}
	return nil
}

// FindForUpdate reads the code of a hash and holds it until the transaction ends,
// where the database can.
func (s Codes) FindForUpdate(hash string) (*identity.Code, error) {
	c := identity.Code{Hash: hash}
	err := s.QueryRow(`SELECT app_id, admin_id, redirect_url, expires_at, token_hash FROM authorization_codes
		WHERE workspace_id = $1 AND code_hash = $2`+s.Dialect().ForUpdate(), s.Workspace, hash).
		Scan(&c.App, &c.Admin, &c.RedirectURL, &c.ExpiresAt, record.OrEmpty(&c.Token))
	return &c, record.OrNotFound(err, identity.CodeInvalid())
}

// Spend writes which token was made of a code.
func (s Codes) Spend(c *identity.Code) error {
	err := s.Write(`UPDATE authorization_codes SET token_hash = $3 WHERE workspace_id = $1 AND code_hash = $2`,
		s.Workspace, c.Hash, c.Token)
	if err != nil {
		return fmt.Errorf("store: spend authorization code: %w", err)
	}
	return nil
}

// Sweep removes codes that had expired at a time.
func (s Codes) Sweep(before int64) error {
	err := s.Write(`DELETE FROM authorization_codes WHERE workspace_id = $1 AND expires_at <= $2`, s.Workspace, before)
	if err != nil {
		return fmt.Errorf("store: sweep authorization codes: %w", err)
	}
	return nil
}

// Forget removes all codes of an app that no token was made of.
func (s Codes) Forget(app identity.AppID) error {
	err := s.Write(`DELETE FROM authorization_codes WHERE workspace_id = $1 AND app_id = $2 AND token_hash IS NULL`, s.Workspace, app)
	if err != nil {
		return fmt.Errorf("store: forget authorization codes: %w", err)
	}
	return nil
}
