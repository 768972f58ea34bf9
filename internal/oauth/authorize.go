package oauth

import (
	"net/http"
	"net/url"
	"strings"

	"parley/internal/model"
	"parley/internal/model/identity"
)

// maxState bounds what an app may have carried through, in bytes.
const maxState = 4096

// An asking is what an app wants of an admin.
type asking struct {
	workspace  *model.Workspace
	app        *identity.App
	redirectTo string // a URL that the app has registered
	state      string
	params     url.Values // as given
}

// read finds out which app asks for what. A mistake in it is shown and never sent
// on: until the app and its URL are known to belong together, nobody can tell who
// would get it.
func (d *Door) read(r *http.Request, given url.Values) (*asking, error) {
	for _, name := range []string{"client_id", "redirect_uri", "state", "response_type"} {
		if len(given[name]) > 1 {
			return nil, model.ParameterInvalid("The app sent you here with more than one %s", name)
		}
	}
	w, app, err := d.Identity.FindClient(r.Context(), given.Get("client_id"))
	if err != nil {
		return nil, err
	}
	to, registered := app.Redirect(given.Get("redirect_uri"))
	if !registered {
		return nil, identity.RedirectRefused()
	}
	a := &asking{w, app, to, given.Get("state"), nextOf(given.Encode())}
	if len(a.state) > maxState {
		return nil, model.ParameterInvalid("The app sent you here with too long a state")
	}
	return a, nil
}

// back sends the browser to the app, with the answer.
func (a *asking) back(w http.ResponseWriter, r *http.Request, name, value string) error {
	answer := url.Values{name: {value}}
	if a.params.Has("state") {
		answer.Set("state", a.state)
	}
	to := a.redirectTo
	switch {
	case !strings.Contains(to, "?"):
		to += "?"
	case !strings.HasSuffix(to, "?") && !strings.HasSuffix(to, "&"):
		to += "&"
	}
	// The URL is sent as it was registered; http.Redirect would clean its path.
	w.Header().Set("Location", to+answer.Encode())
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// unsupported sends the app away if it wants an answer that there is not.
func (a *asking) unsupported(w http.ResponseWriter, r *http.Request) bool {
	if kind := a.params.Get("response_type"); kind != "" && kind != "code" {
		_ = a.back(w, r, "error", "unsupported_response_type")
		return true
	}
	return false
}

// A consentPage is what an admin is asked.
type consentPage struct {
	App, Workspace, Email string
	Scopes                []string // in words
	Host                  string   // of where the browser goes then
	Params                []param
}

// A param is a hidden field of a form.
type param struct{ Name, Value string }

// GET /oauth
func (d *Door) showAuthorize(w http.ResponseWriter, r *http.Request) error {
	given := r.URL.Query()
	a, err := d.read(r, given)
	if err != nil || a.unsupported(w, r) {
		return err
	}
	v, err := d.visitor(r)
	if err != nil {
		return err
	}
	if !v.mayAgree(a) {
		return d.askSignIn(w, r, http.StatusOK, signInPage{Next: a.params.Encode()})
	}
	p := consentPage{App: a.app.Name, Workspace: a.workspace.Name, Email: v.admin.Email, Host: hostOf(a.redirectTo)}
	for _, s := range a.app.Scopes {
		p.Scopes = append(p.Scopes, s.Words())
	}
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "state"} {
		if a.params.Has(name) {
			p.Params = append(p.Params, param{name, a.params.Get(name)})
		}
	}
	// Where the form leads in the end is another site, and that may send the browser
	// on: some browsers hold a form's whole way against form-action.
	w.Header().Set("Content-Security-Policy", policy)
	return d.show(w, http.StatusOK, consentView(p))
}

// POST /oauth
func (d *Door) authorize(w http.ResponseWriter, r *http.Request) error {
	a, err := d.read(r, r.PostForm)
	if err != nil || a.unsupported(w, r) {
		return err
	}
	v, err := d.visitor(r)
	if err != nil {
		return err
	}
	if !v.mayAgree(a) {
		return see(w, r, authorizePath+"?"+a.params.Encode())
	}
	switch r.PostForm.Get("answer") {
	case "allow":
		code, err := d.Identity.Authorize(r.Context(), v.by, a.app.ID, a.redirectTo)
		if err != nil {
			return err
		}
		return a.back(w, r, "code", code)
	case "deny":
		return a.back(w, r, "error", "access_denied")
	default:
		return model.ParameterInvalid("Choose whether to allow or to deny access")
	}
}

// mayAgree reports whether somebody is signed in to the workspace that an app is
// of. It takes a visitor who is not there.
func (v *visitor) mayAgree(a *asking) bool {
	return v != nil && v.complete && v.by.Workspace.ID == a.workspace.ID
}

func hostOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	return u.Host
}
