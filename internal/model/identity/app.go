package identity

import (
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"parley/internal/model"
)

// The bounds of apps.
const (
	MaxApps         = 100 // of a workspace
	MaxRedirectURLs = 20  // of an app
)

// An AppID is a decimal id, counted per workspace.
type AppID int64

func (id AppID) String() string { return strconv.FormatInt(int64(id), 10) }

// An App is a program that may ask admins of a workspace for access to its data,
// and that is told what happens there.
type App struct {
	ID           AppID
	ClientID     string // a UUID; no two apps of a server share one
	ClientSecret string // proves the app, and signs what is sent to it
	Name         string
	Own          bool     // the workspace's own, which nobody has registered
	RedirectURLs []string // where an admin may be sent back to, to the letter
	Scopes       []Scope
	CreatedAt    int64
}

// NewApp makes an app of what a person chose. Its id is left to be given.
func NewApp(name string, redirectURLs []string, scopes []Scope, now int64) (*App, error) {
	a := &App{ClientID: model.NewUUID(), ClientSecret: model.NewUUID(), Name: strings.TrimSpace(name), CreatedAt: now}
	if a.Name == "" {
		return nil, model.ParameterNotFound("An app needs a name")
	}
	if err := model.ValidateText("Name", a.Name, model.MaxText); err != nil {
		return nil, err
	}
	for _, u := range redirectURLs {
		if err := validateRedirectURL(u); err != nil {
			return nil, err
		}
		if !slices.Contains(a.RedirectURLs, u) {
			a.RedirectURLs = append(a.RedirectURLs, u)
		}
	}
	if len(a.RedirectURLs) > MaxRedirectURLs {
		return nil, model.ParameterInvalid("An app has %d redirect URLs at most", MaxRedirectURLs)
	}
	for _, s := range scopes {
		if !s.Known() {
			return nil, model.ParameterInvalid("%.80q is not a scope", s)
		}
	}
	a.Scopes = slices.Clone(scopes)
	slices.Sort(a.Scopes)
	a.Scopes = slices.Compact(a.Scopes)
	return a, nil
}

// NewOwnApp makes the app that a workspace has for itself.
func NewOwnApp(workspace string, now int64) (*App, error) {
	a, err := NewApp(workspace, nil, nil, now)
	if err == nil {
		a.Own = true
	}
	return a, err
}

var clientID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// IsClientID reports whether a text can be the client id of an app.
func IsClientID(s string) bool { return clientID.MatchString(s) }

// RotateSecret gives the app another secret. The old one is worth nothing from then
// on.
func (a *App) RotateSecret() { a.ClientSecret = model.NewUUID() }

// Redirect is the registered URL that a request names: the first where it names
// none. It reports false for any other.
func (a *App) Redirect(to string) (string, bool) {
	if to == "" && len(a.RedirectURLs) > 0 {
		return a.RedirectURLs[0], true
	}
	return to, slices.Contains(a.RedirectURLs, to)
}

// host is that of a redirect URL: a name or an address, and a port.
var host = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// validateRedirectURL lets in what every program reads alike: an absolute URL of
// visible ASCII without a backslash, an account or a fragment. What is sent there
// must not be overheard, so that it is https, or does not leave the machine.
func validateRedirectURL(s string) error {
	if err := model.ValidateText("Redirect URL", s, model.MaxURL); err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil || !host.MatchString(u.Host) || u.User != nil || strings.ContainsRune(s, '#') ||
		strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) ||
		u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return model.ParameterInvalid("%.200q is not a redirect URL: https://…, or http:// on localhost, without a fragment", s)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// AppNotFound is the answer to an unknown app.
func AppNotFound() *model.Error {
	return &model.Error{Kind: model.NotFound, Code: "not_found", Message: "App not found"}
}

// AppLimitReached is the answer to one app too many.
func AppLimitReached() *model.Error {
	return model.ParameterInvalid("A workspace can have %d apps at most", MaxApps)
}
