package api_test

import (
	"context"
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
		status int
	}{
		{"the token is revoked", func(t *testing.T, w *world) {
			apps, err := w.by.Identity.ListApps(t.Context(), w.Actor())
			noError(t, err)
			for _, a := range apps {
				noError(t, w.by.Identity.EndAccess(t.Context(), w.Actor(), a.ID))
			}
		}, 401},
		{"the app is deleted", func(t *testing.T, w *world) {
			apps, err := w.by.Identity.ListApps(t.Context(), w.Actor())
			noError(t, err)
			for _, a := range apps {
				if !a.Own {
					_, err = w.by.Identity.DeleteApp(t.Context(), w.Actor(), a.ID)
					noError(t, err)
				}
			}
		}, 401},
		{"the app may do something else", func(t *testing.T, w *world) {
			exec(t, w, `UPDATE apps SET scopes = '["read_articles"]' WHERE workspace_id = $1`)
		}, 403},
		{"the row of the app is gone", func(t *testing.T, w *world) { exec(t, w, `DELETE FROM apps WHERE workspace_id = $1`) }, 401},
		{"the row of the token is gone", func(t *testing.T, w *world) { exec(t, w, `DELETE FROM access_tokens WHERE workspace_id = $1`) }, 401},
		{"the workspace is deleted", func(t *testing.T, w *world) {
			noError(t, w.by.Sandbox.Delete(t.Context(), w.Workspace.ID))
		}, 401},
		{"the workspace may ask once more, and has", func(t *testing.T, w *world) {
			_, err := w.by.Workspace.SetRateLimits(t.Context(), w.Workspace.ID, func(l *model.RateLimits) { l.Workspace = 1 })
			noError(t, err)
		}, 429},
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
						for range 3 {
							w.Get(t, "/contacts", apptest.As(w.token)).OK()
						}
						c.take(t, &w)
						if got := w.Get(t, "/contacts", apptest.As(w.token)).Status; got != c.status {
							t.Errorf("the next request is answered with %d, not %d", got, c.status)
						}
					})
				}
			}
		})
	}
}
