package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
)

// The page is there for developers alone, and leaves what is beside it to the API.
func TestWhereThePageIs(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	off := r.Restarted(t, app.Options{DevToken: apptest.NoDevToken})
	for _, c := range []struct {
		name         string
		h            http.Handler
		method, path string
		status       int
		api          bool // the API answers
	}{
		{"the page", r.Handler(), "GET", "/_parley/dev", 200, false},
		{"its head", r.Handler(), "HEAD", "/_parley/dev/", 200, false},
		{"it takes nothing", r.Handler(), "POST", "/_parley/dev", 405, false},
		{"what is not below it", r.Handler(), "GET", "/_parley/dev/none.js", 404, false},
		{"what leads out", r.Handler(), "GET", "/_parley/dev/../workspaces", 404, false},
		{"what begins like it", r.Handler(), "GET", "/_parley/device", 404, true},
		{"without developers", off.Handler(), "GET", "/_parley/dev", 404, true},
		{"and what is below it", off.Handler(), "GET", "/_parley/dev/dev.js", 404, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			c.h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
			if w.Code != c.status || strings.Contains(w.Body.String(), `"error.list"`) != c.api {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}
