package oauth

import (
	"net/http"
	"net/url"
	"strings"

	"parley/internal/lazy"
	"parley/internal/model"
	nouns "parley/internal/model/identity"
	"parley/internal/service/identity"
)

// The cookie of a session: the workspace and what the browser keeps. The prefix
// __Host- has browsers refuse one that another host of the domain has set; they take
// it over TLS only.
const (
	cookieName       = "parley_session"
	secureCookieName = "__Host-" + cookieName
)

var cookieForm = lazy.Regexp(`^([a-z0-9]{8})\.([0-9a-f]{64})$`)

func (d *Door) cookie(r *http.Request) *http.Cookie {
	c := &http.Cookie{Name: cookieName, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if d.secure(r) {
		c.Name, c.Secure = secureCookieName, true
	}
	return c
}

// keep has the browser keep a session.
func (d *Door) keep(w http.ResponseWriter, r *http.Request, ws model.WorkspaceID, e *identity.Entry) {
	c := d.cookie(r)
	c.Value = string(ws) + "." + e.Token
	http.SetCookie(w, c)
}

// kept is what the browser keeps.
func (d *Door) kept(r *http.Request) (ws model.WorkspaceID, token string) {
	c, err := r.Cookie(d.cookie(r).Name)
	if err != nil {
		return "", ""
	}
	m := cookieForm().FindStringSubmatch(c.Value)
	if m == nil {
		return "", ""
	}
	return model.WorkspaceID(m[1]), m[2]
}

// A visitor is who has opened a page.
type visitor struct {
	by       *model.Actor
	admin    *model.Admin
	complete bool // nothing is left to show
}

// visitor finds who has opened a page: nil for somebody who is not signed in.
func (d *Door) visitor(r *http.Request) (*visitor, error) {
	ws, token := d.kept(r)
	if token == "" {
		return nil, nil
	}
	by, admin, complete, err := d.Identity.FindSession(r.Context(), ws, token)
	if e, ok := model.AsError(err); ok && (e.Kind == model.Unauthorized || e.Kind == model.NotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	by.IP = address(r)
	return &visitor{by, admin, complete}, nil
}

// A signInPage is what the page shows.
type signInPage struct {
	App       string // that the admin signs in for; empty for none
	Workspace string // as typed
	Choose    bool   // which workspace it is has to be typed
	Email     string
	Failure   string
	Next      string // what the page for agreeing was asked with
	Provider  bool   // may be signed in by
}

// GET /sign-in
func (d *Door) showSignIn(w http.ResponseWriter, r *http.Request) error {
	v, err := d.visitor(r)
	if err != nil {
		return err
	}
	if v != nil && v.complete {
		return see(w, r, accountPath)
	}
	return d.askSignIn(w, r, http.StatusOK, signInPage{Workspace: r.URL.Query().Get("workspace")})
}

func (d *Door) askSignIn(w http.ResponseWriter, r *http.Request, status int, p signInPage) error {
	if p.Next != "" {
		_, app, err := d.Identity.FindClient(r.Context(), nextOf(p.Next).Get("client_id"))
		if err != nil {
			return err
		}
		p.App = app.Name
	} else if _, err := d.Workspace.Sole(r.Context()); err != nil {
		if e, ok := model.AsError(err); !ok || e.Kind != model.NotFound {
			return err
		}
		p.Choose = true
	}
	p.Provider = d.Provider != nil
	return d.show(w, status, signInView(p))
}

// POST /sign-in
func (d *Door) signIn(w http.ResponseWriter, r *http.Request) error {
	p := signInPage{Workspace: r.PostForm.Get("workspace"), Email: r.PostForm.Get("email"), Next: nextOf(r.PostForm.Get("next")).Encode()}
	ws, err := d.chosen(r, p)
	var entry *identity.Entry
	if err == nil {
		entry, err = d.Identity.SignIn(r.Context(), identity.Attempt{Workspace: ws, Email: p.Email, Password: r.PostForm.Get("password"), IP: address(r)})
	}
	if e, ok := model.AsError(err); ok && (e.Kind == model.Unauthorized || e.Kind == model.RateLimited) {
		p.Failure = e.Message
		return d.askSignIn(w, r, statuses[e.Kind], p)
	} else if err != nil {
		return err
	}
	return d.let(w, r, ws, entry, p.Next)
}

// let lets somebody in, in the place of whoever was signed in in this browser.
func (d *Door) let(w http.ResponseWriter, r *http.Request, ws model.WorkspaceID, entry *identity.Entry, next string) error {
	if old, token := d.kept(r); token != "" {
		if err := d.Identity.SignOut(r.Context(), old, token, address(r)); err != nil {
			return err
		}
	}
	d.keep(w, r, ws, entry)
	switch {
	case !entry.Complete && next != "":
		return see(w, r, codePath+"?"+url.Values{"next": {next}}.Encode())
	case !entry.Complete:
		return see(w, r, codePath)
	case next != "":
		return see(w, r, authorizePath+"?"+next)
	default:
		return see(w, r, accountPath)
	}
}

// chosen is the workspace that somebody signs in to: that of the app, that which
// was typed, or the only one there is.
func (d *Door) chosen(r *http.Request, p signInPage) (model.WorkspaceID, error) {
	if p.Next != "" {
		w, _, err := d.Identity.FindClient(r.Context(), nextOf(p.Next).Get("client_id"))
		if err != nil {
			return "", err
		}
		return w.ID, nil
	}
	if typed := strings.ToLower(strings.TrimSpace(p.Workspace)); typed != "" {
		if id := model.WorkspaceID(typed); id.Valid() {
			return id, nil
		}
		return "", nouns.SignInRefused()
	}
	w, err := d.Workspace.Sole(r.Context())
	if e, ok := model.AsError(err); ok && e.Kind == model.NotFound {
		return "", nouns.SignInRefused()
	} else if err != nil {
		return "", err
	}
	return w.ID, nil
}

// nextOf reads what the page for agreeing was asked with, and drops the rest.
func nextOf(text string) url.Values {
	given, _ := url.ParseQuery(text) // what can be read of it
	next := url.Values{}
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "state"} {
		if given.Has(name) {
			next[name] = given[name]
		}
	}
	if next.Get("client_id") == "" {
		return url.Values{}
	}
	return next
}

// A codePage is what the page for the second factor shows.
type codePage struct {
	Failure string
	Next    string
}

// GET /sign-in/code
func (d *Door) showCode(w http.ResponseWriter, r *http.Request) error {
	v, err := d.visitor(r)
	if err != nil {
		return err
	}
	if v == nil || v.complete {
		return see(w, r, signInPath)
	}
	return d.show(w, http.StatusOK, codeView(codePage{Next: nextOf(r.URL.Query().Get("next")).Encode()}))
}

// POST /sign-in/code
func (d *Door) checkCode(w http.ResponseWriter, r *http.Request) error {
	next := nextOf(r.PostForm.Get("next")).Encode()
	ws, token := d.kept(r)
	if token == "" {
		return see(w, r, signInPath)
	}
	entry, err := d.Identity.ShowCode(r.Context(), ws, token, r.PostForm.Get("code"), address(r))
	e, ok := model.AsError(err)
	switch {
	case ok && e.Message == nouns.NotSignedIn().Message:
		return see(w, r, signInPath)
	case ok && (e.Kind == model.Unauthorized || e.Kind == model.RateLimited):
		return d.show(w, statuses[e.Kind], codeView(codePage{Failure: e.Message, Next: next}))
	case err != nil:
		return err
	}
	return d.let(w, r, ws, entry, next)
}

// POST /sign-out
func (d *Door) signOut(w http.ResponseWriter, r *http.Request) error {
	if ws, token := d.kept(r); token != "" {
		if err := d.Identity.SignOut(r.Context(), ws, token, address(r)); err != nil {
			return err
		}
	}
	c := d.cookie(r)
	c.MaxAge = -1
	http.SetCookie(w, c)
	return see(w, r, signInPath)
}
