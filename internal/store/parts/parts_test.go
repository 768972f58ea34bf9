package parts_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/store/audit"
	"parley/internal/store/parts"
)

// TestStart has two of them put into the index what others write meanwhile, until there is less than is worth it.
func TestStart(t *testing.T) {
	t.Parallel()
	d, err := app.OpenDatabase(t.Context(), app.Options{Data: t.TempDir(), Unsynced: true})
	must(t, err)
	t.Cleanup(func() { d.Close() })
	r := apptest.On(t, d)
	both := [2]*parts.Index{parts.New(d, slog.Default()), parts.New(d, slog.Default())}
	for i := range 300 {
		if i == 150 {
			for _, x := range both {
				x.Start(0)
			}
		}
		_, err := r.People.CreateContact(t.Context(), r.Actor(), model.ContactPatch{Role: model.Some(model.RoleLead), Name: model.Some(fmt.Sprintf("Ann %d", i))})
		must(t, err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for waiting, documents := 300, 0; waiting+documents != 300 || waiting >= 64; <-tick.C {
		must(t, d.View(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRow(`SELECT (SELECT count(*) FROM kept_contact_changes), (SELECT count(*) FROM kept_contact_documents)`).Scan(&waiting, &documents)
		}))
	}
	for _, x := range both {
		x.Stop()
	}
	must(t, d.View(t.Context(), func(tx *db.Tx) error {
		wrong, _, err := audit.Recount(tx, 5)
		if len(wrong) > 0 {
			t.Errorf("%v", wrong)
		}
		return err
	}))
}

// TestPostgresHasNone holds that nothing is begun, and nothing asked, where there is no such index.
func TestPostgresHasNone(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Options{URL: means.Postgres(t)})
	must(t, err)
	defer d.Close()
	before := d.Stats()
	x := parts.New(d, slog.Default())
	x.Start(0)
	x.Stop()
	if after := d.Stats(); after != before {
		t.Errorf("the database was asked: %+v before and %+v after", before, after)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
