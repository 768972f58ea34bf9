package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
)

// A page of another site that has the token gets nothing done by a browser.
func TestDevelopersComeFromHere(t *testing.T) {
	t.Parallel()
	own := apptest.With(t, app.Options{PublicURL: "https://parley.example/below"})
	local := own.Restarted(t, app.Options{PublicURL: "https://parley.example/below", DevLocal: true})
	for _, c := range []struct {
		name          string
		local         bool // the token is one that everybody knows
		method, host  string
		origin, fetch string // Origin and Sec-Fetch-Site
		status        int
	}{
		{"a program", false, "POST", "parley.test", "", "", 200},
		{"a page of this server", false, "POST", "parley.test", "http://parley.test", "same-origin", 200},
		{"an older browser", false, "POST", "parley.test:8080", "http://parley.test:8080", "", 200},
		{"a page of the public URL", false, "POST", "10.0.0.7:8080", "https://parley.example", "cross-site", 200},
		{"a page of another site", false, "POST", "127.0.0.1:8080", "http://evil.test", "cross-site", 403},
		{"another port of the machine", false, "POST", "127.0.0.1:8080", "http://127.0.0.1:3000", "same-site", 403},
		{"a page of another site, in an older browser", false, "POST", "127.0.0.1:8080", "http://evil.test", "", 403},
		{"a sandboxed page", false, "DELETE", "127.0.0.1:8080", "null", "", 403},
		{"what it reads it is not shown", false, "GET", "127.0.0.1:8080", "http://evil.test", "cross-site", 200},
		{"a name of another's, and a token of one's own", false, "GET", "evil.test", "", "same-origin", 200},
		{"a name of another's that points here", true, "GET", "evil.test:8080", "", "same-origin", 403},
		{"likewise, to write", true, "POST", "evil.test:8080", "http://evil.test:8080", "same-origin", 403},
		{"a name that begins like one of this machine", true, "GET", "localhost.evil.test", "", "", 403},
		{"an address that does", true, "GET", "127.0.0.1.evil.test:8080", "", "", 403},
		{"any address", true, "GET", "0.0.0.0:8080", "", "", 403},
		{"this machine", true, "POST", "127.0.0.1:8080", "http://127.0.0.1:8080", "same-origin", 200},
		{"by name", true, "GET", "LocalHost:8080", "", "", 200},
		{"by a name below that", true, "GET", "parley.localhost", "", "", 200},
		{"by IPv6", true, "GET", "[::1]:8080", "", "", 200},
		{"by IPv6 without a port", true, "GET", "[::1]", "", "", 200},
		{"by the public URL", true, "GET", "parley.example", "", "", 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := own
			if c.local {
				r = local
			}
			path := "/_parley/workspaces/" + string(r.Workspace.ID) + "/requests"
			if c.method == "POST" {
				path += "/assert"
			}
			hr := httptest.NewRequest(c.method, path, strings.NewReader(`{"at_least":0}`))
			hr.Host = c.host
			hr.Header.Set("Authorization", "Bearer "+apptest.DevToken)
			for name, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.fetch} {
				if value != "" {
					hr.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			r.Handler().ServeHTTP(w, hr)
			if w.Code != c.status || (w.Code == http.StatusForbidden) != strings.Contains(w.Body.String(), `"origin_forbidden"`) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			// Whoever has no token is told nothing of it.
			hr.Header.Set("Authorization", "Bearer nope")
			w = httptest.NewRecorder()
			if r.Handler().ServeHTTP(w, hr); w.Code != http.StatusUnauthorized {
				t.Errorf("without a token: %d %s", w.Code, w.Body)
			}
		})
	}
}

func TestWorkspaceTokens(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		dev := r.AsDeveloper()
		path := "/_parley/workspaces/" + string(r.Workspace.ID) + "/tokens"
		made := dev.Post(t, path, nil).OK()
		token, _ := made.At("access_token").(string)
		if made.ID() != string(r.Workspace.ID) || token == "" || token == r.Token {
			t.Errorf("answered %s", made.Body)
		}
		for _, good := range []string{token, r.Token} {
			r.Get(t, "/me", apptest.As(good)).OK()
		}
		if again := dev.Post(t, path, nil).OK(); again.At("access_token") == token {
			t.Error("the second token is the first")
		}
		r.Post(t, path, nil).Is(401)
		dev.Post(t, "/_parley/workspaces/nobodyhas/tokens", nil).Is(404)
	})
}
