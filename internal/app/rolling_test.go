package app_test

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/store"
)

// TestServersOfTwoVersions has a server of this version and one of the next work on
// one database. The next one has a column and a table more.
func TestServersOfTwoVersions(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	url := means.Postgres(t)
	options := app.FromSettings(config.Settings{Data: t.TempDir(), Database: url, RateLimit: 1000}, "test", slog.New(slog.DiscardHandler))
	ours, err := app.Open(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	defer ours.Close()
	by, err := ours.CreateWorkspace(ctx, model.Workspace{Name: "Acme", Timezone: "UTC"}, app.Owner())
	if err != nil {
		t.Fatal(err)
	}
	token, err := ours.Workspace.CreateToken(ctx, by, by.Admin, "test", "")
	if err != nil {
		t.Fatal(err)
	}
	create := func(a *app.App, externalID string) {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/contacts", strings.NewReader(`{"role":"user","external_id":"`+externalID+`"}`))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("creating %s: %d %s", externalID, w.Code, w.Body)
		}
	}
	create(ours, "before")

	migrations := fstest.MapFS{"9999_next.sql": {Data: []byte("-- +goose Up\nALTER TABLE contacts ADD COLUMN mood TEXT NOT NULL DEFAULT 'fine';\n" +
		"CREATE TABLE moods (workspace_id TEXT NOT NULL, mood TEXT NOT NULL, PRIMARY KEY (workspace_id, mood));\n")}}
	names, err := fs.Glob(store.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(store.Migrations(), name)
		if err != nil {
			t.Fatal(err)
		}
		migrations[name] = &fstest.MapFile{Data: text}
	}
	d, err := db.Open(ctx, db.Options{URL: url, Migrations: migrations})
	if err != nil {
		t.Fatal(err)
	}
	next, err := app.New(d, options)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	create(ours, "beside")
	create(next, "next")

	again, err := app.Open(ctx, options)
	if err != nil {
		t.Fatal("a server of this version that was down does not start:", err)
	}
	defer again.Close()
	create(again, "again")
}
