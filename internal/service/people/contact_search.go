package people

import (
	"context"
	"strings"

	"parley/internal/model"
	"parley/internal/store"
	"parley/internal/store/query"
)

// SearchContacts reads a page of the users and leads that match a filter, or of
// all of them without one. Archived contacts are not among them.
func (s *Service) SearchContacts(ctx context.Context, by *model.Actor, filter *model.Filter, sort model.Sort, page model.PageRequest) (*model.Page[*model.Contact], error) {
	if filter == nil || by.Workspace.Sandbox.SearchLag == 0 {
		if found, err := s.store.ContactsAtHand(ctx, by.Workspace, filter, sort, page); found != nil || err != nil {
			return found, err
		}
	}
	var found *model.Page[*model.Contact]
	search := func(tx *store.Tx, f *store.Filterable) (err error) {
		env := newEnv(tx, by)
		env.Attributes, env.Segments = f.Attributes, f.Segments
		if filter != nil { // it is no list
			env.Until = Searchable(tx, by)
		}
		found, err = tx.Contacts.Search(env, filter, sort, page)
		return err
	}
	if attributes, segments := refersTo(filter, sort); attributes || segments {
		err := s.store.Filtering(ctx, by.Workspace.ID, search)
		return found, err
	}
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error { return search(tx, &store.Filterable{}) })
	return found, err
}

// Searchable is until when something must have been made for searches to find it; 0:
// whenever. A developer can have them be behind, as the live service may be.
func Searchable(tx *store.Tx, by *model.Actor) int64 {
	if lag := by.Workspace.Sandbox.SearchLag; lag > 0 {
		return tx.Now() - lag
	}
	return 0
}

// FilterEnv gathers what a filter or a sort of objects with these attributes refers
// to, and nothing that it does not.
func FilterEnv(tx *store.Tx, by *model.Actor, of model.AttributeModel, filter *model.Filter, sort model.Sort) (query.Env, error) {
	env := newEnv(tx, by)
	needsAttributes, needsSegments := refersTo(filter, sort)
	if needsAttributes || needsSegments { // a segment's own filter may refer to attributes
		types, err := tx.DataAttributes.Types(of)
		if err != nil {
			return env, err
		}
		env.Attributes = types
	}
	if needsSegments {
		segments, err := tx.Segments.List()
		if err != nil {
			return env, err
		}
		env.Segments = make(map[model.SegmentID]*model.Segment, len(segments))
		for _, g := range segments {
			env.Segments[g.ID] = g
		}
	}
	return env, nil
}

func newEnv(tx *store.Tx, by *model.Actor) query.Env {
	return query.Env{Dialect: tx.Dialect(), Workspace: by.Workspace.ID, Location: by.Workspace.Location(), Now: tx.Time()}
}

// refersTo reports what a filter or a sort refers to.
func refersTo(filter *model.Filter, sort model.Sort) (attributes, segments bool) {
	attributes = strings.HasPrefix(sort.Field, "custom_attributes.")
	if filter != nil {
		filter.Tests(func(test *model.Filter) {
			attributes = attributes || strings.HasPrefix(test.Field, "custom_attributes.")
			segments = segments || test.Field == "segment_id"
		})
	}
	return attributes, segments
}
