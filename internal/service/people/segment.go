package people

import (
	"cmp"
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
	"parley/internal/store/query"
)

// PutSegment makes a segment, or gives the one of that name and person type
// another filter. A new one may bring its id. The filter may ask for what
// contacts and companies can be searched by, except for other segments; the tags
// and custom attributes it asks for must be there.
func (s *Service) PutSegment(ctx context.Context, by *model.Actor, g model.Segment) (*model.Segment, error) {
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := g.Validate(); err != nil {
			return err
		}
		if err := cmp.Or(tx.DataAttributes.Lock(), tx.Segments.Lock()); err != nil {
			return err
		}
		if err := checkSegment(tx, by, &g); err != nil {
			return err
		}
		g.UpdatedAt = tx.Now()
		old, err := tx.Segments.FindByName(g.PersonType, g.Name)
		if err == nil {
			g.ID, g.CreatedAt = old.ID, old.CreatedAt
			tx.Notify(event.Changed, event.Other("segment", string(g.ID)))
			return tx.Segments.Update(&g)
		}
		if !isNotFound(err) {
			return err
		}
		n, err := tx.Segments.Count()
		if err != nil {
			return err
		}
		if n >= model.MaxSegments {
			return model.SegmentLimitReached()
		}
		id, err := tx.Segments.NewID()
		if err != nil {
			return err
		}
		g.ID, g.CreatedAt = cmp.Or(g.ID, id), tx.Now()
		tx.Notify(event.Changed, event.Other("segment", string(g.ID)))
		return tx.Segments.Insert(&g)
	})
	return &g, err
}

func checkSegment(tx *store.Tx, by *model.Actor, g *model.Segment) error {
	env, err := segmentEnv(tx, by, g.AttributeModel())
	if err != nil {
		return err
	}
	attributes, err := tx.DataAttributes.List(g.AttributeModel())
	if err != nil {
		return err
	}
	for _, a := range attributes {
		if a.Archived && g.DependsOnAttribute(a) {
			return a.Model.UnknownAttribute(a.Name)
		}
	}
	if wanted := g.Tags(); len(wanted) > 0 {
		tags, err := tx.Tags.List()
		if err != nil {
			return err
		}
		for _, id := range wanted {
			if !slices.ContainsFunc(tags, func(t *model.Tag) bool { return t.ID == id }) {
				return model.ParameterInvalid("Tag %s does not exist", id)
			}
		}
	}
	return query.CheckSegment(env, g)
}

// segmentEnv gathers what the filters of segments may refer to.
func segmentEnv(tx *store.Tx, by *model.Actor, of model.AttributeModel) (query.Env, error) {
	env := query.Env{Dialect: tx.Dialect(), Workspace: by.Workspace.ID, Location: by.Workspace.Location(), Now: tx.Time()}
	var err error
	env.Attributes, err = tx.DataAttributes.Types(of)
	return env, err
}

// FindSegment reads a segment, of contacts or of companies.
func (s *Service) FindSegment(ctx context.Context, by *model.Actor, id model.SegmentID) (*model.Segment, error) {
	var g *model.Segment
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		g, err = tx.Segments.Find(id)
		return err
	})
	return g, err
}

// CountSegment reads a segment and counts who is in it.
func (s *Service) CountSegment(ctx context.Context, by *model.Actor, id model.SegmentID) (*model.Segment, error) {
	var g *model.Segment
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if g, err = tx.Segments.Find(id); err != nil {
			return err
		}
		return countMembers(tx, by, g)
	})
	return g, err
}

// ListSegments reads the segments of contacts, or those of companies.
func (s *Service) ListSegments(ctx context.Context, by *model.Actor, of model.AttributeModel) ([]*model.Segment, error) {
	var segments []*model.Segment
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		segments, err = segmentsOf(tx, of)
		return err
	})
	return segments, err
}

// CountSegments reads the segments of contacts, or those of companies, and counts
// who is in each.
func (s *Service) CountSegments(ctx context.Context, by *model.Actor, of model.AttributeModel) ([]*model.Segment, error) {
	var segments []*model.Segment
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if segments, err = segmentsOf(tx, of); err != nil {
			return err
		}
		return countMembers(tx, by, segments...)
	})
	return segments, err
}

func segmentsOf(tx *store.Tx, of model.AttributeModel) ([]*model.Segment, error) {
	all, err := tx.Segments.List()
	return slices.DeleteFunc(all, func(g *model.Segment) bool { return g.AttributeModel() != of }), err
}

// countMembers counts who is in segments that are all of contacts or all of
// companies.
func countMembers(tx *store.Tx, by *model.Actor, segments ...*model.Segment) error {
	if len(segments) == 0 {
		return nil
	}
	env, err := segmentEnv(tx, by, segments[0].AttributeModel())
	if err != nil {
		return err
	}
	return tx.Segments.CountMembers(env, segments)
}

// ContactSegments reads the segments that a contact is in.
func (s *Service) ContactSegments(ctx context.Context, by *model.Actor, id model.ContactID) ([]*model.Segment, error) {
	var segments []*model.Segment
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := tx.Contacts.MustExist(id); err != nil {
			return err
		}
		all, err := segmentsOf(tx, model.ContactAttributes)
		if err != nil {
			return err
		}
		env, err := segmentEnv(tx, by, model.ContactAttributes)
		if err != nil {
			return err
		}
		segments, err = tx.Segments.OfContact(id, env, all)
		return err
	})
	return segments, err
}
