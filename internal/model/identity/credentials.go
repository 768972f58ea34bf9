package identity

import (
	"slices"
	"unicode/utf8"

	"parley/internal/model"
)

// The bounds of a password. Length is all that is asked of it: what makes a
// password good beyond that, a rule does not know.
const (
	MinPassword = 12   // characters
	MaxPassword = 1024 // bytes
)

// RecoveryCodes is how many codes stand in for an authenticator that is lost.
const RecoveryCodes = 10

// Credentials are how an admin signs in.
type Credentials struct {
	Admin        model.AdminID
	PasswordHash string // empty: not by a password
	OTPSecret    string // base32, of an authenticator app; it makes codes, and so must be readable
	OTPConfirmed bool   // a code of it was shown, so that it is asked for
	OTPStep      int64  // the last step of time whose code was used
	Recovery     []string
	UpdatedAt    int64
}

// ValidatePassword checks a password that somebody chose.
func ValidatePassword(password string) error {
	switch {
	case !utf8.ValidString(password):
		return model.ParameterInvalid("The password is not valid text")
	case utf8.RuneCountInString(password) < MinPassword:
		return model.ParameterInvalid("A password has %d characters at least", MinPassword)
	case len(password) > MaxPassword:
		return model.ParameterInvalid("A password has %d bytes at most", MaxPassword)
	}
	return nil
}

// BeginOTP gives the admin an authenticator that has yet to show a code.
func (c *Credentials) BeginOTP(secret string) error {
	if c.OTPConfirmed {
		return model.ParameterInvalid("Two-factor authentication is on already")
	}
	c.OTPSecret, c.OTPStep = secret, 0
	return nil
}

// ConfirmOTP turns the authenticator on, since a code of the step was shown, and
// keeps the hashes of the codes that stand in for it.
func (c *Credentials) ConfirmOTP(step int64, recovery []string) {
	c.OTPConfirmed, c.OTPStep, c.Recovery = true, step, recovery
}

// DropOTP turns the authenticator off. It reports whether it was on.
func (c *Credentials) DropOTP() bool {
	was := c.OTPConfirmed
	c.OTPSecret, c.OTPConfirmed, c.OTPStep, c.Recovery = "", false, 0, nil
	return was
}

// SpendStep uses up the code of a step of time: neither it nor an older one is good
// again.
func (c *Credentials) SpendStep(step int64) bool {
	if step <= c.OTPStep {
		return false
	}
	c.OTPStep = step
	return true
}

// SpendRecovery uses up a code that stands in for the authenticator, by its hash.
func (c *Credentials) SpendRecovery(hash string) bool {
	i := slices.Index(c.Recovery, hash)
	if i < 0 {
		return false
	}
	c.Recovery = slices.Delete(slices.Clone(c.Recovery), i, i+1)
	return true
}

// SignInRefused is the answer to a wrong password, and to an e-mail address or a
// workspace that there is not.
func SignInRefused() *model.Error {
	return &model.Error{Kind: model.Unauthorized, Code: "unauthorized", Message: "That e-mail address and password do not belong together"}
}

// CodeRefused is the answer to a wrong code of an authenticator.
func CodeRefused() *model.Error {
	return &model.Error{Kind: model.Unauthorized, Code: "unauthorized", Message: "That code is wrong, too old, or was used before"}
}

// NotSignedIn is the answer to whoever has no session that lasts.
func NotSignedIn() *model.Error {
	return &model.Error{Kind: model.Unauthorized, Code: "unauthorized", Message: "You are not signed in"}
}

// ProviderUnknown is the answer where no provider is set up.
func ProviderUnknown() *model.Error {
	return &model.Error{Kind: model.NotFound, Code: "not_found", Message: "Signing in by a provider is not set up"}
}

// ProviderRefused is the answer to somebody whom the provider has not let in.
func ProviderRefused() *model.Error {
	return &model.Error{Kind: model.Unauthorized, Code: "unauthorized", Message: "The provider did not say who you are. Try again"}
}

// EmailUnverified is the answer to somebody of whom the provider knows no address
// for sure.
func EmailUnverified() *model.Error {
	return &model.Error{Kind: model.Forbidden, Code: "forbidden", Message: "The provider has verified no e-mail address of your account"}
}

// NoSuchAdmin is the answer to somebody whom the provider knows and the workspace
// does not.
func NoSuchAdmin() *model.Error {
	return &model.Error{Kind: model.Forbidden, Code: "forbidden", Message: "No admin of the workspace has the e-mail address of your account"}
}
