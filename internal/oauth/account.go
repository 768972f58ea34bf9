package oauth

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"net/http"

	"github.com/pquerna/otp"

	"parley/internal/model"
)

// An accountPage is what an admin sees of the own account.
type accountPage struct {
	Name, Email, Workspace string
	TwoFactor              bool
}

// signedIn finds who has opened a page that is for those who are signed in. Others
// are sent to sign in, and nil is returned.
func (d *Door) signedIn(w http.ResponseWriter, r *http.Request) (*visitor, error) {
	v, err := d.visitor(r)
	if err == nil && (v == nil || !v.complete) {
		return nil, see(w, r, signInPath)
	}
	return v, err
}

// GET /account
func (d *Door) showAccount(w http.ResponseWriter, r *http.Request) error {
	v, err := d.signedIn(w, r)
	if v == nil {
		return err
	}
	on, _, err := d.Identity.TwoFactor(r.Context(), v.by)
	if err != nil {
		return err
	}
	return d.show(w, http.StatusOK, accountView(accountPage{v.admin.Name, v.admin.Email, v.by.Workspace.Name, on}))
}

// A twoFactorPage is what an admin sees of two-factor authentication.
type twoFactorPage struct {
	On      bool
	Begun   bool
	Secret  string
	URI     string // an otpauth: link of our own making
	Image   string // of the URI, for a phone's camera
	Failure string
}

// GET /account/two-factor
func (d *Door) showTwoFactor(w http.ResponseWriter, r *http.Request) error {
	v, err := d.signedIn(w, r)
	if v == nil {
		return err
	}
	return d.twoFactor(w, r, v, http.StatusOK, "")
}

func (d *Door) twoFactor(w http.ResponseWriter, r *http.Request, v *visitor, status int, failure string) error {
	on, begun, err := d.Identity.TwoFactor(r.Context(), v.by)
	if err != nil {
		return err
	}
	p := twoFactorPage{On: on, Begun: begun != nil, Failure: failure}
	if begun != nil {
		p.Secret, p.URI = begun.Secret, begun.URI
		if p.Image, err = imageOf(begun.URI); err != nil {
			return err
		}
	}
	return d.show(w, status, twoFactorView(p))
}

// POST /account/two-factor
func (d *Door) changeTwoFactor(w http.ResponseWriter, r *http.Request) error {
	v, err := d.signedIn(w, r)
	if v == nil {
		return err
	}
	code := r.PostForm.Get("code")
	switch r.PostForm.Get("do") {
	case "begin":
		err = d.Identity.BeginTwoFactor(r.Context(), v.by)
	case "confirm":
		var recovery []string
		if recovery, err = d.Identity.ConfirmTwoFactor(r.Context(), v.by, code); err == nil {
			return d.show(w, http.StatusOK, recoveryView(recovery))
		}
	case "drop":
		err = d.Identity.DropTwoFactor(r.Context(), v.by, code)
	default:
		err = model.ParameterInvalid("The form could not be read")
	}
	if e, ok := model.AsError(err); ok && statuses[e.Kind] != 0 {
		return d.twoFactor(w, r, v, statuses[e.Kind], e.Message)
	} else if err != nil {
		return err
	}
	return see(w, r, twoFactorPath)
}

// imageOf draws an otpauth: URI for a phone's camera, as a data: URL.
func imageOf(uri string) (string, error) {
	key, err := otp.NewKeyFromURL(uri)
	if err != nil {
		return "", err
	}
	image, err := key.Image(240, 240)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
