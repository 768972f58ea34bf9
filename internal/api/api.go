// Package api is the door of the REST API: it authenticates, reads requests,
// calls a rule and writes what it returned.
// It must not decide anything beyond that, and never opens a transaction.
package api

import (
	"log/slog"
	"net/http"
	"time"

	"parley/internal/model"
	"parley/internal/requestlog"
	"parley/internal/service/content"
	"parley/internal/service/identity"
	"parley/internal/service/inbox"
	"parley/internal/service/live"
	"parley/internal/service/people"
	"parley/internal/service/sandbox"
	"parley/internal/service/webhook"
	"parley/internal/service/workspace"
	"parley/internal/turn"
)

// Version is the version of Intercom's API that is spoken here.
const Version = "2.9"

// Options are what the door needs.
type Options struct {
	People    *people.Service
	Workspace *workspace.Service
	Content   *content.Service
	Inbox     *inbox.Service
	Identity  *identity.Service
	Live      *live.Service
	Webhooks  *webhook.Service
	Clock     func() time.Time
	Logger    *slog.Logger
	Metrics   *Metrics
	// Rates count the requests.
	Rates *workspace.Rates
	// Sandbox is the rules of workspaces that tests are made with, and DevToken what opens
	// them; without one, nobody can.
	Sandbox  *sandbox.Service
	DevToken string
	// DevLocal says that everybody knows that token, and that nobody but the server's own
	// machine reaches it.
	DevLocal bool
	// Requests are the calls that were made, for those who have the token of developers;
	// nil where nobody has.
	Requests *requestlog.Log
	// Crowd bounds what the server does at once, whoever asks. Nil bounds nothing.
	Crowd *Crowd
	// Turns are how many requests of a workspace are answered at once.
	Turns *turn.Turns[model.WorkspaceID]
	// PublicURL is where clients reach the server, without a slash at the end.
	// Empty means: whatever host the request was sent to.
	PublicURL string
}

// An API answers the operations of the REST API.
type API struct {
	Options
	mux      *http.ServeMux
	document document
	extended document        // of the extensions
	known    map[string]bool // ids of the REST API's operations
	// Where browsers that call for developers may come from, and the host of PublicURL.
	origins    *http.CrossOriginProtection
	publicHost string
}

// New makes the door.
func New(o Options) *API {
	a := &API{Options: o, mux: http.NewServeMux(), known: map[string]bool{}}
	a.trustOrigin()
	rest := a.operations()
	for _, op := range rest {
		a.known[op.meta.ID] = true
	}
	for _, op := range append(rest, a.extensions()...) {
		if op.dev && a.DevToken == "" {
			continue
		}
		a.mux.Handle(op.meta.Method+" "+op.meta.Path, a.handle(op))
	}
	a.mux.HandleFunc("GET /openapi.yaml", a.serveDocument)
	a.mux.HandleFunc("GET /openapi.json", a.serveDocument)
	a.mux.HandleFunc("GET "+extensionPrefix+"openapi.yaml", a.serveDocument)
	a.mux.HandleFunc("GET "+extensionPrefix+"openapi.json", a.serveDocument)
	a.mux.Handle("/", a.handle(unknownRoute)) // any other path, and any other method
	return a
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path, ok := canonical(r.URL.Path); !ok {
		a.handle(unknownRoute).ServeHTTP(w, r)
	} else {
		if path != r.URL.Path {
			u := *r.URL
			u.Path, u.RawPath = path, ""
			r2 := *r
			r2.URL = &u
			r = &r2
		}
		a.mux.ServeHTTP(w, r)
	}
}
