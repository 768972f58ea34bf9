package oauth

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json"

	"parley/internal/model"
	nouns "parley/internal/model/identity"
	"parley/internal/openid"
)

// tripName is the cookie that a browser keeps on its way to the provider and back,
// with what the trip was begun for.
const (
	tripName    = "parley_trip"
	tripSeconds = 10 * 60
)

// A trip is the way to the provider and back.
type trip struct {
	openid.Trip
	Workspace model.WorkspaceID
	Next      string
}

// GET /sign-in/provider
func (d *Door) leave(w http.ResponseWriter, r *http.Request) error {
	if d.Provider == nil {
		return nouns.ProviderUnknown()
	}
	p := signInPage{Workspace: r.URL.Query().Get("workspace"), Next: nextOf(r.URL.Query().Get("next")).Encode()}
	ws, err := d.chosen(r, p)
	if err != nil {
		return err
	}
	at, begun, err := d.Provider.Begin(r.Context(), d.base(r)+returnPath)
	if err != nil {
		return err
	}
	kept, err := json.Marshal(trip{begun, ws, p.Next})
	if err != nil {
		return err
	}
	c := d.tripCookie(r)
	c.Value, c.MaxAge = base64.RawURLEncoding.EncodeToString(kept), tripSeconds
	http.SetCookie(w, c)
	w.Header().Set("Location", at)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// GET /sign-in/provider/return
func (d *Door) comeBack(w http.ResponseWriter, r *http.Request) error {
	if d.Provider == nil {
		return nouns.ProviderUnknown()
	}
	t, ok := d.tripOf(r)
	c := d.tripCookie(r)
	c.MaxAge = -1
	http.SetCookie(w, c)
	if !ok {
		return nouns.ProviderRefused()
	}
	q := r.URL.Query()
	email, err := d.Provider.End(r.Context(), d.base(r)+returnPath, t.Trip, q.Get("state"), q.Get("code"))
	if errors.Is(err, openid.ErrUnverified) {
		return nouns.EmailUnverified()
	} else if err != nil {
		// Whoever runs the server wants to know what is wrong with the provider.
		d.Logger.LogAttrs(r.Context(), slog.LevelWarn, "a sign-in by the provider failed", slog.Any("error", err))
		return nouns.ProviderRefused()
	}
	entry, err := d.Identity.SignInVerified(r.Context(), t.Workspace, email, address(r))
	if err != nil {
		return err
	}
	return d.let(w, r, t.Workspace, entry, nextOf(t.Next).Encode())
}

func (d *Door) tripCookie(r *http.Request) *http.Cookie {
	c := d.cookie(r)
	c.Name = strings.TrimSuffix(c.Name, cookieName) + tripName
	return c
}

// tripOf is what the browser keeps of the trip that it is back from.
func (d *Door) tripOf(r *http.Request) (t trip, ok bool) {
	c, err := r.Cookie(d.tripCookie(r).Name)
	if err != nil {
		return t, false
	}
	kept, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return t, false
	}
	return t, json.Unmarshal(kept, &t) == nil && t.Workspace.Valid()
}

// base is what the URLs of the server begin with.
func (d *Door) base(r *http.Request) string {
	switch {
	case d.PublicURL != "":
		return d.PublicURL
	case r.TLS != nil:
		return "https://" + r.Host
	default:
		return "http://" + r.Host
	}
}
