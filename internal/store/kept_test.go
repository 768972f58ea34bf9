package store_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
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
			if contacts, pages := s.Kept(); contacts != c.contacts || pages != c.pages {
				t.Errorf("%s: %d contacts and %d pages are kept, want %d and %d", c.name, contacts, pages, c.contacts, c.pages)
			}
		}
	})
}

// TestPagesWithoutObjects has a transaction find pages that are kept, but not what is on them, which it reads then.
func TestPagesWithoutObjects(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for i := range 3 {
			contact := r.Post(t, "/contacts", fmt.Sprintf(`{"role":"lead","name":"Ann %d"}`, i)).OK().ID()
			r.Post(t, "/conversations", fmt.Sprintf(`{"from":{"type":"lead","id":%q},"body":"Hello"}`, contact)).OK()
		}
		s := store.New(r.Database, r.Clock.Now, store.Options{})
		var first, again struct {
			contacts      *model.Page[*model.Contact]
			conversations *model.Page[*model.Conversation]
		}
		page := model.PageRequest{PerPage: 10, Number: 1}
		must(t, s.View(t.Context(), r.Workspace.ID, func(tx *store.Tx) (err error) {
			if first.conversations, err = tx.Conversations.List(model.NewestFirst(), page); err == nil {
				first.contacts, err = tx.Contacts.Search(query.Env{Dialect: tx.Dialect(), Workspace: r.Workspace.ID}, nil, model.NewestFirst(), page)
			}
			return err
		}))
		must(t, s.View(t.Context(), r.Workspace.ID, func(tx *store.Tx) (err error) {
			tx.WithoutObjects()
			if again.conversations, err = tx.Conversations.List(model.NewestFirst(), page); err == nil {
				again.contacts, err = tx.Contacts.Search(query.Env{Dialect: tx.Dialect(), Workspace: r.Workspace.ID}, nil, model.NewestFirst(), page)
			}
			return err
		}))
		if len(first.conversations.Items) != 3 || first.conversations.Items[0].Source.Body != "<p>Hello</p>" {
			t.Errorf("%+v", first.conversations.Items)
		}
		apart := cmpopts.IgnoreFields(model.Conversation{}, "Encoded")
		if diff := cmp.Diff(first.conversations, again.conversations, apart); diff != "" {
			t.Errorf("conversations differ (-first +again):\n%s", diff)
		}
		if diff := cmp.Diff(first.contacts, again.contacts, cmpopts.IgnoreFields(model.Contact{}, "Encoded")); diff != "" {
			t.Errorf("contacts differ (-first +again):\n%s", diff)
		}
	})
}

// TestGuessedFilters has a store that nobody else uses search by a segment that was made elsewhere, by what it takes for those that there are. Nobody writes
// meanwhile, which would have everything read anew.
func TestGuessedFilters(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	open := func() *db.DB {
		d, err := app.OpenDatabase(t.Context(), app.Options{Database: at})
		must(t, err)
		t.Cleanup(func() { d.Close() })
		return d
	}
	r := apptest.On(t, open())
	r.Post(t, "/contacts", `{"role":"user","external_id":"1"}`).OK()
	put := func(name string) model.SegmentID {
		saved, err := r.People.PutSegment(t.Context(), r.Actor(), model.Segment{Name: name, PersonType: model.PersonUser,
			Filter: model.Filter{Field: "role", Operator: model.Equal, Value: "user"}})
		must(t, err)
		return saved.ID
	}
	s := store.New(open(), r.Clock.Now, store.Options{})
	for _, name := range []string{"One", "Two", "Three"} {
		filter := &model.Filter{Field: "segment_id", Operator: model.Equal, Value: string(put(name))}
		for range 2 {
			total := 0
			must(t, s.Filtering(t.Context(), r.Workspace.ID, func(tx *store.Tx, f *store.Filterable) error {
				found, err := tx.Contacts.Search(query.Env{Dialect: tx.Dialect(), Workspace: r.Workspace.ID, Location: r.Workspace.Location(), Now: tx.Time(),
					Attributes: f.Attributes, Segments: f.Segments}, filter, model.NewestFirst(), model.PageRequest{PerPage: 10, Number: 1})
				if err == nil {
					total = found.Total
				}
				return err
			}))
			if total != 1 {
				t.Errorf("segment %s finds %d", name, total)
			}
		}
		if _, pages := s.Kept(); pages == 0 {
			t.Errorf("no page of segment %s is kept", name)
		}
		wrong, err := s.CheckKept(t.Context())
		if err != nil || len(wrong) > 0 {
			t.Errorf("segment %s: %v, %v", name, wrong, err)
		}
	}
}
