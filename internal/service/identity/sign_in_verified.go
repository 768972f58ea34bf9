package identity

import (
	"context"
	"strings"
	"unicode/utf8"

	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/store"
)

// byProvider is how the activity log calls the way in by a provider.
const byProvider = "openid_connect"

// SignInVerified lets in the admin whose e-mail address a provider has verified.
// Two-factor authentication is asked for where the admin has turned it on.
func (s *Service) SignInVerified(ctx context.Context, ws model.WorkspaceID, email, ip string) (*Entry, error) {
	email = strings.TrimSpace(email)
	if !utf8.ValidString(email) || strings.ContainsRune(email, 0) {
		return nil, identity.NoSuchAdmin()
	}
	var entry *Entry
	err := s.store.Update(ctx, ws, func(tx *store.Tx) error {
		admin, err := tx.Admins.FindByEmail(email)
		if isNotFound(err) {
			return identity.NoSuchAdmin()
		} else if err != nil {
			return err
		}
		c, err := tx.Credentials.Find(admin.ID)
		if err != nil {
			return err
		}
		entry, err = enter(tx, &model.Actor{Admin: admin.ID, IP: ip}, !c.OTPConfirmed, byProvider)
		return err
	})
	return entry, err
}
