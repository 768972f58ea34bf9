package api_test

import (
	"cmp"
	"context"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/model/identity"
)

// TestTokenEndsAtOnce takes away what a token may do, in the server that was asked with it a moment ago and in another process on its
// database. The next request is refused.
func TestTokenEndsAtOnce(t *testing.T) {
	t.Parallel()
	type world struct {
		*apptest.Rig
		by    *app.App // who takes away
		in    *db.DB   // its database
		token string   // of an app that may read contacts
	}
	exec := func(t *testing.T, w *world, statement string) {
		t.Helper()
		noError(t, w.in.Update(t.Context(), func(tx *db.Tx) error {
			n, err := tx.Exec(statement, w.Workspace.ID)
			if err == nil && n == 0 {
				t.Error("nothing was changed")
			}
			return err
		}))
	}
	cases := []struct {
		name   string
		take   func(t *testing.T, w *world)
		status int    // of whatever is asked next; 0: as usual
		limit  string // that the next answer tells of; empty: any
	}{
		{"the token is revoked", func(t *testing.T, w *world) {
			apps, err := w.by.Identity.ListApps(t.Context(), w.Actor())
			noError(t, err)
			for _, a := range apps {
				noError(t, w.by.Identity.EndAccess(t.Context(), w.Actor(), a.ID))
			}
		}, 401, ""},
		{"the app is deleted", func(t *testing.T, w *world) {
			apps, err := w.by.Identity.ListApps(t.Context(), w.Actor())
			noError(t, err)
			for _, a := range apps {
				if !a.Own {
					_, err = w.by.Identity.DeleteApp(t.Context(), w.Actor(), a.ID)
					noError(t, err)
				}
			}
		}, 401, ""},
		{"the app may do something else", func(t *testing.T, w *world) {
			exec(t, w, `UPDATE apps SET scopes = '["read_articles"]' WHERE workspace_id = $1`)
		}, 403, ""},
		{"the row of the app is gone", func(t *testing.T, w *world) { exec(t, w, `DELETE FROM apps WHERE workspace_id = $1`) }, 401, ""},
		{"the row of the token is gone", func(t *testing.T, w *world) { exec(t, w, `DELETE FROM access_tokens WHERE workspace_id = $1`) }, 401, ""},
		{"the workspace is deleted", func(t *testing.T, w *world) {
			noError(t, w.by.Sandbox.Delete(t.Context(), w.Workspace.ID))
		}, 401, ""},
		{"the workspace may ask once more, and has", func(t *testing.T, w *world) {
			_, err := w.by.Workspace.SetRateLimits(t.Context(), w.Workspace.ID, func(l *model.RateLimits) { l.Workspace = 1 })
			noError(t, err)
		}, 429, "1"},
		{"the workspace may ask for much more", func(t *testing.T, w *world) {
			_, err := w.by.Workspace.SetRateLimits(t.Context(), w.Workspace.ID, func(l *model.RateLimits) { l.App = 123456 })
			noError(t, err)
		}, 0, "123456"},
	}
	for name, o := range map[string]func(*testing.T) app.Options{
		"sqlite":   func(t *testing.T) app.Options { return app.Options{Data: t.TempDir()} },
		"postgres": func(t *testing.T) app.Options { return app.Options{Database: means.Postgres(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := o(t)
			open := func() *db.DB {
				d, err := app.OpenDatabase(context.Background(), o)
				noError(t, err)
				t.Cleanup(func() { d.Close() })
				return d
			}
			here := apptest.On(t, open())
			there := open()
			other, err := app.New(there, app.Options{Clock: here.Clock.Now, Files: t.TempDir()})
			noError(t, err)
			for _, c := range cases {
				for _, place := range []world{{by: here.App, in: here.Database}, {by: other, in: there}} {
					t.Run(c.name, func(t *testing.T) {
						w := place
						w.Rig = here.Elsewhere(t)
						w.token = w.AppToken(t, identity.ReadUsersCompanies)
						id := w.Post(t, "/contacts", map[string]any{"email": "ann@acme.test"}).OK().ID()
						writes := w.AppToken(t, identity.ReadUsersCompanies) // nothing is read with it
						for range 3 {
							w.Get(t, "/contacts", apptest.As(w.token)).OK()
							w.Post(t, "/contacts", map[string]any{"email": "bob@acme.test"}, apptest.As(writes)).Is(403)
						}
						c.take(t, &w)
						for _, next := range []struct {
							method, path string
							body         any
							edit         apptest.Edit
							otherwise    int // its status where nothing is amiss; 0: 200
						}{
							{"POST", "/contacts", map[string]any{"email": "bob@acme.test"}, apptest.As(writes), 403},
							{"GET", "/contacts", nil, nil, 0},
							{"GET", "/contacts/" + id, nil, nil, 0},
							{"GET", "/contacts/nobody", nil, nil, 404},
							{"POST", "/contacts/search", map[string]any{"query": map[string]any{"field": "email", "operator": "=", "value": "ann@acme.test"}}, nil, 0},
							{"POST", "/contacts/search", "no search", nil, 400},
							{"GET", "/contacts?per_page=no", nil, nil, 400},
							{"GET", "/contacts", nil, apptest.Header("Accept", "image/png"), 406},
							{"GET", "/contacts", nil, apptest.Header("Intercom-Version", "9.9"), 400},
						} {
							edits := []apptest.Edit{apptest.As(w.token)}
							if next.edit != nil {
								edits = append(edits, next.edit)
							}
							want := cmp.Or(c.status, next.otherwise, 200)
							if c.status == 403 && next.edit != nil {
								want = next.otherwise // which is looked at before scopes
							}
							if got := w.Do(t, next.method, next.path, next.body, edits...); got.Status != want {
								t.Errorf("%s %s: %d, not %d: %s", next.method, next.path, got.Status, want, got.Pretty())
							} else if limit := strings.Join(spelt(got.Header, "X-RateLimit-Limit"), ""); c.limit != "" && limit != c.limit {
								t.Errorf("%s %s: %q requests of a minute are told of, not %s", next.method, next.path, limit, c.limit)
							}
						}
					})
				}
			}
		})
	}
}
