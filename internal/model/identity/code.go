package identity

import "parley/internal/model"

// CodeLifetime is how long an app has to fetch its token, in seconds.
const CodeLifetime = 10 * 60

// MaxTokens is how many tokens of an admin an app holds. Signing in with an app
// makes one each time, so that the oldest ends when there are more.
const MaxTokens = 10

// A Code is what an admin's browser carries to an app, which fetches a token for
// it, once.
type Code struct {
	Hash        string // lower-case hexadecimal SHA-256 of the code
	App         AppID
	Admin       model.AdminID
	RedirectURL string // where it was sent
	ExpiresAt   int64
	Token       string // hash of the token that was made of it; empty while there is none
}

// Redeem checks that a token may be made of the code now, for an app that names the
// URL the code was sent to, or none.
func (c *Code) Redeem(app AppID, redirectURL string, now int64) error {
	if c.Token != "" || c.App != app || now >= c.ExpiresAt || redirectURL != "" && redirectURL != c.RedirectURL {
		return CodeInvalid()
	}
	return nil
}

// CodeInvalid is the answer to a code that is unknown, spent, too old or another's.
func CodeInvalid() *model.Error {
	return &model.Error{Kind: model.Invalid, Code: "bad_request", Message: "Unauthorized Code"}
}

// ClientInvalid is the answer to a program that is not the app it says it is.
func ClientInvalid() *model.Error {
	return &model.Error{Kind: model.Unauthorized, Code: "unauthorized", Message: "Client authentication failed"}
}

// RedirectRefused is the answer to a URL that the app has not registered.
func RedirectRefused() *model.Error {
	return model.ParameterInvalid("The redirect_uri is none of those that the app has registered")
}
