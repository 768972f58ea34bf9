package identity

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// AccessTokens are the tokens of a workspace, by their hashes.
type AccessTokens struct{ *record.Scope }

const accessTokenColumns = `token_hash, workspace_id, admin_id, name, app_id, created_at, revoked_at`

func scanAccessToken(row record.Scanner) (*model.AccessToken, error) {
	var t model.AccessToken
	err := row.Scan(&t.Hash, &t.Workspace, &t.Admin, &t.Name, record.OrZero(&t.App), &t.CreatedAt, record.OrZero(&t.RevokedAt))
	return &t, err
}

// Insert writes a new token.
func (s AccessTokens) Insert(t *model.AccessToken) error {
	err := s.Write(`INSERT INTO access_tokens (`+accessTokenColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.Hash, s.Workspace, t.Admin, t.Name, record.Number(t.App), t.CreatedAt, record.Number(t.RevokedAt))
	if err != nil {
		return fmt.Errorf("store: insert access token: %w", err)
	}
	return nil
}

// Taken reports whether a token of that hash was given out before, in whatever
// workspace, revoked or not.
func (s AccessTokens) Taken(hash string) (bool, error) {
	var n int
	err := s.QueryRow(`SELECT count(*) FROM access_tokens WHERE token_hash = $1`, hash).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("store: look for access token: %w", err)
	}
	return n > 0, nil
}

// FindForUpdate reads the token that goes by the short id, and holds it until
// the transaction ends, where the database can.
func (s AccessTokens) FindForUpdate(id string) (*model.AccessToken, error) {
	t, err := scanAccessToken(s.QueryRow(`SELECT `+accessTokenColumns+` FROM access_tokens
		WHERE workspace_id = $1 AND substr(token_hash, 1, 12) = $2`+s.Dialect().ForUpdate(), s.Workspace, id))
	return t, record.OrNotFound(err, model.TokenNotFound())
}

// List reads the workspace's tokens, revoked ones too, oldest first.
func (s AccessTokens) List() ([]*model.AccessToken, error) {
	var tokens []*model.AccessToken
	err := s.Rows(`SELECT `+accessTokenColumns+` FROM access_tokens WHERE workspace_id = $1 ORDER BY created_at, token_hash`,
		[]any{s.Workspace}, func(r *db.Rows) error {
			t, err := scanAccessToken(r)
			tokens = append(tokens, t)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list access tokens: %w", err)
	}
	return tokens, nil
}

// Revoke ends a token. Ending it twice changes nothing.
func (s AccessTokens) Revoke(hash string) error {
	err := s.Write(`UPDATE access_tokens SET revoked_at = $3
		WHERE workspace_id = $1 AND token_hash = $2 AND revoked_at IS NULL`, s.Workspace, hash, s.Now())
	if err != nil {
		return fmt.Errorf("store: revoke access token: %w", err)
	}
	return nil
}

// RevokeAll ends all tokens of an app.
func (s AccessTokens) RevokeAll(app int64) error {
	err := s.Write(`UPDATE access_tokens SET revoked_at = $3
		WHERE workspace_id = $1 AND app_id = $2 AND revoked_at IS NULL`, s.Workspace, app, s.Now())
	if err != nil {
		return fmt.Errorf("store: revoke access tokens of an app: %w", err)
	}
	return nil
}

// RevokeOldest ends the oldest tokens that an app has of an admin, so that no more
// than those to keep are left.
func (s AccessTokens) RevokeOldest(app int64, admin model.AdminID, keep int) error {
	err := s.Write(`UPDATE access_tokens SET revoked_at = $5 WHERE workspace_id = $1 AND token_hash IN (
		SELECT token_hash FROM access_tokens WHERE workspace_id = $1 AND app_id = $2 AND admin_id = $3 AND revoked_at IS NULL
		ORDER BY created_at DESC, token_hash LIMIT 1000 OFFSET $4)`, s.Workspace, app, admin, keep, s.Now())
	if err != nil {
		return fmt.Errorf("store: revoke oldest access tokens of an app: %w", err)
	}
	return nil
}
