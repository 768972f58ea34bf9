package identity

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/store/record"
)

// Credentials are how the admins of a workspace sign in.
type Credentials struct{ *record.Scope }

const credentialColumns = `password_hash, otp_secret, otp_confirmed, otp_step, recovery_codes, updated_at`

// Find reads how an admin signs in. Of one who cannot, nothing is set.
func (s Credentials) Find(admin model.AdminID) (*identity.Credentials, error) {
	return s.one(admin, "")
}

// FindForUpdate is Find and holds what is found until the transaction ends, where
// the database can.
func (s Credentials) FindForUpdate(admin model.AdminID) (*identity.Credentials, error) {
	return s.one(admin, s.Dialect().ForUpdate())
}

func (s Credentials) one(admin model.AdminID, lock string) (*identity.Credentials, error) {
	c := identity.Credentials{Admin: admin}
	err := s.QueryRow(`SELECT `+credentialColumns+` FROM admin_credentials WHERE workspace_id = $1 AND admin_id = $2`+lock, s.Workspace, admin).
		Scan(record.OrEmpty(&c.PasswordHash), record.OrEmpty(&c.OTPSecret), &c.OTPConfirmed, &c.OTPStep, record.JSONColumn(&c.Recovery), &c.UpdatedAt)
	if err != nil && !db.IsNoRows(err) {
		return nil, fmt.Errorf("store: read credentials: %w", err)
	}
	return &c, nil
}

// Save writes how an admin signs in.
func (s Credentials) Save(c *identity.Credentials) error {
	c.UpdatedAt = s.Now()
	err := s.Write(`INSERT INTO admin_credentials (workspace_id, admin_id, `+credentialColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (workspace_id, admin_id) DO UPDATE SET password_hash = excluded.password_hash, otp_secret = excluded.otp_secret,
			otp_confirmed = excluded.otp_confirmed, otp_step = excluded.otp_step, recovery_codes = excluded.recovery_codes,
			updated_at = excluded.updated_at`,
		s.Workspace, c.Admin, record.Text(c.PasswordHash), record.Text(c.OTPSecret), c.OTPConfirmed, c.OTPStep,
		record.ToJSON(append([]string{}, c.Recovery...)), c.UpdatedAt)
	if err != nil {
		return fmt.Errorf("store: save credentials: %w", err)
	}
	return nil
}
