// Package oauth is the door through which apps are given access to a workspace:
// the pages where an admin signs in and agrees, and the calls by which an app
// fetches its token and ends it.
// It must not decide who may come in, and never opens a transaction.
package oauth

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/openid"
	"parley/internal/service/identity"
	"parley/internal/service/workspace"
)

// The paths of the door.
const (
	authorizePath = "/oauth"
	stylePath     = "/oauth/style.css"
	signInPath    = "/sign-in"
	codePath      = "/sign-in/code"
	signOutPath   = "/sign-out"
	accountPath   = "/account"
	providerPath  = "/sign-in/provider"
	returnPath    = "/sign-in/provider/return"
	twoFactorPath = "/account/two-factor"
	tokenPath     = "/auth/eagle/token"
	uninstallPath = "/auth/uninstall"
)

// Options are what the door needs.
type Options struct {
	Identity  *identity.Service
	Workspace *workspace.Service
	Clock     func() time.Time
	Logger    *slog.Logger
	Provider  *openid.Provider // where admins may sign in; nil for none
	// PublicURL is where browsers reach the server, without a slash at the end.
	// Empty means: whatever host the request was sent to.
	PublicURL string
}

// A Door answers requests for the pages and the calls.
type Door struct {
	Options
	mux     *http.ServeMux
	paths   map[string]bool
	foreign *http.CrossOriginProtection
}

// New makes the door.
func New(o Options) *Door {
	d := &Door{Options: o, mux: http.NewServeMux(), paths: map[string]bool{}, foreign: http.NewCrossOriginProtection()}
	if u, err := url.Parse(o.PublicURL); err == nil && u.Host != "" {
		// A proxy in front may give requests another host than browsers see.
		_ = d.foreign.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	for _, p := range []struct {
		method, path string
		serve        func(http.ResponseWriter, *http.Request) error
	}{
		{http.MethodGet, authorizePath, d.showAuthorize}, {http.MethodPost, authorizePath, d.authorize},
		{http.MethodGet, signInPath, d.showSignIn}, {http.MethodPost, signInPath, d.signIn},
		{http.MethodGet, codePath, d.showCode}, {http.MethodPost, codePath, d.checkCode},
		{http.MethodGet, providerPath, d.leave}, {http.MethodGet, returnPath, d.comeBack},
		{http.MethodPost, signOutPath, d.signOut},
		{http.MethodGet, accountPath, d.showAccount},
		{http.MethodGet, twoFactorPath, d.showTwoFactor}, {http.MethodPost, twoFactorPath, d.changeTwoFactor},
		{http.MethodGet, stylePath, d.style},
	} {
		d.paths[p.path] = true
		d.mux.Handle(p.method+" "+p.path, d.page(p.serve))
	}
	for path, serve := range map[string]func(http.ResponseWriter, *http.Request) error{tokenPath: d.token, uninstallPath: d.uninstall} {
		d.paths[path] = true
		d.mux.Handle(http.MethodPost+" "+path, d.call(serve))
	}
	return d
}

// Has reports whether a path is one of the door's.
func (d *Door) Has(path string) bool { return d.paths[path] }

func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// maxForm bounds the body of a form and of a call, in bytes.
const maxForm = 64 << 10

// page is the way of every page. Forms that another site sends are refused, and no
// page is shown in another.
func (d *Door) page(serve func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy+"; form-action 'self'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // none at all would hide the origin of our own forms from us
		h.Set("Cache-Control", "no-store")
		if err := d.foreign.Check(r); err != nil {
			d.failPage(w, r, &model.Error{Kind: model.Forbidden, Code: "forbidden", Message: "This form came from another site"})
			return
		}
		if r.Method == http.MethodPost {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if err := r.ParseForm(); err != nil {
				d.failPage(w, r, model.ParameterInvalid("The form could not be read"))
				return
			}
		}
		if err := serve(w, r); err != nil {
			d.failPage(w, r, err)
		}
	})
}

// policy is what browsers may do for a page: show it, with our style and an image
// that is in the page. There is no script.
const policy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"

// statuses are those of failures, by their kind.
var statuses = map[model.Kind]int{
	model.Invalid:      http.StatusBadRequest,
	model.Unauthorized: http.StatusUnauthorized,
	model.Forbidden:    http.StatusForbidden,
	model.NotFound:     http.StatusNotFound,
	model.TooLarge:     http.StatusRequestEntityTooLarge,
	model.Unsupported:  http.StatusUnsupportedMediaType,
	model.RateLimited:  http.StatusTooManyRequests,
}

// told is the status of a failure and what a person may know of it. What is not for
// their eyes is logged.
func (d *Door) told(r *http.Request, err error) (int, *model.Error) {
	if e, ok := model.AsError(err); ok && statuses[e.Kind] != 0 {
		return statuses[e.Kind], e
	}
	if errors.Is(err, db.ErrUnavailable) {
		d.Logger.LogAttrs(r.Context(), slog.LevelWarn, "request refused for want of the database", slog.String("path", r.URL.Path), slog.Any("error", err))
		return http.StatusServiceUnavailable, &model.Error{Code: "service_unavailable", Message: "The server cannot answer at the moment. Please try again"}
	}
	if !errors.Is(err, context.Canceled) {
		d.Logger.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("path", r.URL.Path), slog.Any("error", err))
	}
	return http.StatusInternalServerError, &model.Error{Code: "server_error", Message: "Something went wrong on our side. Please try again"}
}

// secure reports whether the browser speaks to the server, or to a proxy in front
// of it, by TLS.
func (d *Door) secure(r *http.Request) bool {
	return r.TLS != nil || strings.HasPrefix(d.PublicURL, "https://")
}

// address is the caller's.
func address(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
