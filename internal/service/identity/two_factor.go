package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/service/workspace"
	"parley/internal/store"
)

// step is how long a code of an authenticator is shown, in seconds. One before and
// one after the present one are taken, since clocks differ.
const step = 30

var codes = totp.ValidateOpts{Period: step, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// matchStep finds the step of time, near the present one, that a code is of; 0 for
// none.
func matchStep(secret, code string, now int64) int64 {
	found := int64(0)
	for at := now/step - 1; at <= now/step+1; at++ {
		want, err := totp.GenerateCodeCustom(secret, time.Unix(at*step, 0), codes)
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = at
		}
	}
	return found
}

// spend uses up a code, be it of the authenticator or one that stands in for it.
func spend(c *identity.Credentials, code string, now int64) bool {
	code = strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(code))
	if at := matchStep(c.OTPSecret, code, now); at != 0 {
		return c.SpendStep(at)
	}
	return c.SpendRecovery(workspace.Hash(code))
}

// An Authenticator is what an app on a phone is given to make codes.
type Authenticator struct {
	Secret string // base32, for typing
	URI    string // otpauth://…, for a link or an image
}

// TwoFactor reads whether two-factor authentication is on for the admin who asks
// and, where it has begun only, what the phone is to be given.
func (s *Service) TwoFactor(ctx context.Context, by *model.Actor) (on bool, begun *Authenticator, err error) {
	err = s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		c, err := tx.Credentials.Find(by.Admin)
		if err != nil {
			return err
		}
		on = c.OTPConfirmed
		if on || c.OTPSecret == "" {
			return nil
		}
		a, err := tx.Admins.Find(by.Admin)
		if err != nil {
			return err
		}
		begun, err = authenticator(c.OTPSecret, by.Workspace, a)
		return err
	})
	return on, begun, err
}

func authenticator(secret string, w *model.Workspace, a *model.Admin) (*Authenticator, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return nil, err
	}
	// A colon parts the issuer from the account in the URI.
	key, err := totp.Generate(totp.GenerateOpts{Issuer: strings.ReplaceAll(w.Name, ":", " "), AccountName: a.Email, Secret: raw, Period: step})
	if err != nil {
		return nil, err
	}
	return &Authenticator{secret, key.URL()}, nil
}

// BeginTwoFactor makes a secret for the phone of the admin who asks. Nothing is
// asked for before a code of it was shown.
func (s *Service) BeginTwoFactor(ctx context.Context, by *model.Actor) error {
	raw := make([]byte, 20)
	rand.Read(raw)
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	return s.changeCredentials(ctx, by, by.Admin, func(_ *store.Tx, c *identity.Credentials, _ *model.Admin) error { return c.BeginOTP(secret) })
}

// ConfirmTwoFactor turns two-factor authentication on for the admin who asks, since
// the phone shows a code, and returns the codes that stand in for it: the only time
// that they are seen. All other sessions of the admin stay.
func (s *Service) ConfirmTwoFactor(ctx context.Context, by *model.Actor, code string) ([]string, error) {
	recovery := make([]string, identity.RecoveryCodes)
	hashes := make([]string, len(recovery))
	for i := range recovery {
		recovery[i] = strings.ToLower(rand.Text()[:16])
		hashes[i] = workspace.Hash(recovery[i])
	}
	err := s.withCode(ctx, by, func(tx *store.Tx, c *identity.Credentials, a *model.Admin) (bool, error) {
		if c.OTPConfirmed || c.OTPSecret == "" {
			return false, model.ParameterInvalid("There is no authenticator to turn on")
		}
		at := matchStep(c.OTPSecret, strings.ReplaceAll(code, " ", ""), tx.Now())
		if at == 0 {
			return false, nil
		}
		c.ConfirmOTP(at, hashes)
		return true, tx.ActivityLogs.Append(identity.TwoFactorChanged(by, a, true))
	})
	if err != nil {
		return nil, err
	}
	return recovery, nil
}

// DropTwoFactor turns two-factor authentication off for the admin who asks and
// shows a code.
func (s *Service) DropTwoFactor(ctx context.Context, by *model.Actor, code string) error {
	return s.withCode(ctx, by, func(tx *store.Tx, c *identity.Credentials, a *model.Admin) (bool, error) {
		if !c.OTPConfirmed {
			return false, model.ParameterInvalid("Two-factor authentication is off already")
		}
		if !spend(c, code, tx.Now()) {
			return false, nil
		}
		c.DropOTP()
		return true, tx.ActivityLogs.Append(identity.TwoFactorChanged(by, a, false))
	})
}

// withCode changes the credentials of the admin who asks where a code that is shown
// is right. Wrong ones are bounded as when signing in.
func (s *Service) withCode(ctx context.Context, by *model.Actor, change func(*store.Tx, *identity.Credentials, *model.Admin) (right bool, err error)) error {
	var refused error
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		refused = nil
		a, err := tx.Admins.Find(by.Admin)
		if err != nil {
			return err
		}
		c, err := tx.Credentials.FindForUpdate(by.Admin)
		if err != nil {
			return err
		}
		refused, err = countCode(tx, by.Admin, func() (bool, error) { return change(tx, c, a) })
		if err != nil || refused != nil {
			return err
		}
		return tx.Credentials.Save(c)
	})
	if err == nil {
		err = refused
	}
	return err
}

// countCode counts an attempt at a code of an admin and has it compared, unless there
// were too many. A right one pardons those before it. A refusal is no error of the
// transaction, which keeps the count.
func countCode(tx *store.Tx, id model.AdminID, compare func() (right bool, err error)) (refused, err error) {
	bounds := identity.CodeBounds(id)
	if within, err := tx.Attempts.Count(bounds); err != nil {
		return nil, err
	} else if !within {
		return identity.TooManyAttempts(), nil
	}
	if right, err := compare(); err != nil {
		return nil, err
	} else if !right {
		return identity.CodeRefused(), nil
	}
	return nil, tx.Attempts.Pardon(bounds)
}

// DisableTwoFactor turns two-factor authentication off for an admin who has neither
// the phone nor a code. That is for whoever runs the server to do.
func (s *Service) DisableTwoFactor(ctx context.Context, by *model.Actor, admin model.AdminID) error {
	return s.changeCredentials(ctx, by, admin, func(tx *store.Tx, c *identity.Credentials, a *model.Admin) error {
		if !c.DropOTP() {
			return nil
		}
		return tx.ActivityLogs.Append(identity.TwoFactorChanged(by, a, false))
	})
}

func (s *Service) changeCredentials(ctx context.Context, by *model.Actor, admin model.AdminID, change func(*store.Tx, *identity.Credentials, *model.Admin) error) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		a, err := tx.Admins.Find(admin)
		if err != nil {
			return err
		}
		c, err := tx.Credentials.FindForUpdate(admin)
		if err != nil {
			return err
		}
		if err := change(tx, c, a); err != nil {
			return err
		}
		return tx.Credentials.Save(c)
	})
}
