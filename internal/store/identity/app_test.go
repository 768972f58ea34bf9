package identity_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/identity"
	"parley/internal/store"
)

// TestDefaultApp holds that a workspace has one app of its own, whoever asks for it
// first, and that another workspace cannot see it.
func TestDefaultApp(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(t.TempDir(), "parley.db"), Migrations: store.Migrations(), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	s := store.New(d, time.Now, store.Options{})
	for _, ws := range []model.WorkspaceID{"aaaaaaaa", "bbbbbbbb"} {
		err := s.Update(ctx, ws, func(tx *store.Tx) error {
			return tx.Workspaces.Insert(&model.Workspace{ID: ws, Name: "Acme " + string(ws), Timezone: "UTC", Region: "US"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	found := make([]*identity.App, 8)
	for i := range found {
		wg.Go(func() {
			err := s.Update(ctx, "aaaaaaaa", func(tx *store.Tx) (err error) {
				found[i], err = tx.Apps.Default()
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	first := found[0]
	for _, a := range found {
		if a.ClientID != first.ClientID || a.Name != "Acme aaaaaaaa" || !a.Own {
			t.Errorf("got %+v, want %+v", a, first)
		}
	}
	if ws, err := s.FindAppWorkspace(ctx, first.ClientID); err != nil || ws != "aaaaaaaa" {
		t.Errorf("the app's workspace is %s, %v", ws, err)
	}
	err = s.View(ctx, "bbbbbbbb", func(tx *store.Tx) error {
		if _, err := tx.Apps.Find(first.ID); err == nil {
			t.Error("another workspace sees the app by its id")
		}
		if _, err := tx.Apps.FindByClientID(first.ClientID); err == nil {
			t.Error("another workspace sees the app by its client id")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
