package api

import (
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"parley/internal/requestlog"
	"parley/internal/wire"
)

// record keeps a call for whoever tests with the workspace. It comes before the answer
// is sent, so that who has the answer finds the call. One without a valid token is told to
// those who follow, and kept for nobody.
func (a *API) record(r *request, h http.Header, status int, sent []byte) {
	if a.Requests == nil || r.op.dev || ownPath(r.http) || r.actor == nil && !a.Requests.Followed() {
		return
	}
	e := &requestlog.Entry{At: r.began, Took: a.Clock().Sub(r.began), Base: r.base,
		Method: r.http.Method, Path: r.http.URL.EscapedPath(), Query: r.http.URL.RawQuery, Operation: r.op.meta.ID, Status: status,
		RequestHeader: public(r.http.Header), ResponseHeader: maps.Clone(h), Request: requestlog.NewBody(r.body), Response: requestlog.NewBody(sent)}
	if r.fault != nil {
		e.Fault = strconv.FormatInt(r.fault.ID, 10)
	}
	of, body := r.op.meta.Request, e.Request
	e.Unread = sync.OnceValue(func() []string {
		if of == nil {
			return nil
		}
		kept, whole := body.Read()
		if !whole {
			return nil
		}
		return wire.Unread(kept, of)
	})
	if r.actor == nil {
		a.Requests.Pass(e)
		return
	}
	e.Workspace = string(r.actor.Workspace.ID)
	a.Requests.Add(e)
	a.Sandbox.Told(r.actor.Workspace.ID) // e-mails and text messages are told to nobody else
}

// secrets are headers of a request that nobody is shown.
var secrets = []string{"Authorization", "Cookie", "Proxy-Authorization"}

// public is a header without its secrets.
func public(h http.Header) http.Header {
	shown := maps.Clone(h)
	for _, name := range secrets {
		delete(shown, name)
	}
	return shown
}

// recognise finds who asks for what is not there, and what for, where calls are kept.
func (a *API) recognise(r *request) {
	if a.Requests == nil || ownPath(r.http) || strings.HasPrefix(r.http.URL.Path, "/auth/") {
		return
	}
	if err := a.authenticate(r); err != nil {
		return // it is nobody's
	}
	r.body, _ = io.ReadAll(io.LimitReader(r.http.Body, requestlog.Kept+1)) // what broke off is kept as it came
}
