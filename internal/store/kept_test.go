package store_test

import (
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/store"
	"parley/internal/store/query"
)

// TestCache has stores keep what they read, or not.
func TestCache(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for range 3 {
			r.Post(t, "/contacts", `{"role":"lead"}`).OK()
		}
		for _, c := range []struct {
			name            string
			options         store.Options
			contacts, pages int
		}{
			{"as it comes", store.Options{}, 3, 2},
			{"without pages", store.Options{NoPages: true}, 3, 0},
			{"with nothing", store.Options{Cache: -1}, 0, 0},
			{"with next to nothing", store.Options{Cache: 1000}, 0, 0},
			{"for tests, with nothing", store.Options{Cache: -1, Dev: true}, 0, 0},
			{"for tests", store.Options{Dev: true}, 3, 2},
		} {
			s := store.New(r.Database, r.Clock.Now, c.options)
			for _, perPage := range []int{10, 20, 10} {
				must(t, s.View(t.Context(), r.Workspace.ID, func(tx *store.Tx) error {
					found, err := tx.Contacts.Search(query.Env{Dialect: tx.Dialect(), Workspace: r.Workspace.ID, Location: r.Workspace.Location(), Now: tx.Time()},
						nil, model.NewestFirst(), model.PageRequest{PerPage: perPage, Number: 1})
					if err == nil && (len(found.Items) != 3 || found.Total != 3) {
						t.Errorf("%s: %d of %d are on a page", c.name, len(found.Items), found.Total)
					}
					return err
				}))
			}
			if contacts, pages := store.Kept(s); contacts != c.contacts || pages != c.pages {
				t.Errorf("%s: %d contacts and %d pages are kept, want %d and %d", c.name, contacts, pages, c.contacts, c.pages)
			}
		}
	})
}
