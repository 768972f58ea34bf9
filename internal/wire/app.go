package wire

import "parley/internal/model/identity"

// An AppPackage is an app as Parley's own operations show it.
type AppPackage struct {
	Type         string   `json:"type" enum:"app_package"`
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret,omitzero" doc:"Absent in lists."`
	RedirectURLs []string `json:"redirect_urls" doc:"Where admins may be sent back to."`
	Scopes       []string `json:"scopes" doc:"What the app may do."`
	CreatedAt    int64    `json:"created_at"`
}

// FromApp translates an app, its secret included.
func FromApp(a *identity.App) AppPackage {
	out := FromListedApp(a)
	out.ClientSecret = a.ClientSecret
	return out
}

// FromListedApp translates an app without its secret.
func FromListedApp(a *identity.App) AppPackage {
	return AppPackage{Type: "app_package", ID: a.ID.String(), Name: a.Name, ClientID: a.ClientID, RedirectURLs: append([]string{}, a.RedirectURLs...),
		Scopes: each(a.Scopes, func(s identity.Scope) string { return string(s) }), CreatedAt: a.CreatedAt}
}

// An AppRequest registers an app.
type AppRequest struct {
	Name         Text          `json:"name"`
	RedirectURLs Opt[[]string] `json:"redirect_urls,omitzero" doc:"https, or http on localhost. An app that only gets webhooks needs none."`
	Scopes       Opt[[]string] `json:"scopes,omitzero"`
}

// Wanted are the scopes that the app is to have.
func (r AppRequest) Wanted() []identity.Scope {
	return each(r.Scopes.Value, func(s string) identity.Scope { return identity.Scope(s) })
}
