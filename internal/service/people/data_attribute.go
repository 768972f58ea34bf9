package people

import (
	"context"
	"maps"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateDataAttribute declares a custom attribute of contacts or companies. Those
// of conversations are not the API's to declare.
func (s *Service) CreateDataAttribute(ctx context.Context, by *model.Actor, p model.DataAttributePatch) (*model.DataAttribute, error) {
	if p.Model == model.ConversationAttributes {
		return nil, model.InvalidAttributeModel()
	}
	return s.DeclareDataAttribute(ctx, by, p)
}

// DeclareDataAttribute declares a custom attribute of any model.
func (s *Service) DeclareDataAttribute(ctx context.Context, by *model.Actor, p model.DataAttributePatch) (*model.DataAttribute, error) {
	var a *model.DataAttribute
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if a, err = model.NewDataAttribute(p, by.Admin, tx.Now()); err != nil {
			return err
		}
		if err = tx.DataAttributes.Lock(); err != nil {
			return err
		}
		other, err := tx.DataAttributes.FindByName(a.Model.Namesakes(), a.Name)
		if err == nil {
			return model.DataAttributeTaken(a.Name, other.Model, a.Model)
		}
		if !isNotFound(err) {
			return err
		}
		if err = admitDataAttribute(tx, a.Model); err != nil {
			return err
		}
		if a.ID, err = tx.DataAttributes.NewID(); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("data_attribute", a.ID.String()))
		return tx.DataAttributes.Insert(a)
	})
	return a, err
}

// admitDataAttribute checks that there is room for one attribute more.
func admitDataAttribute(tx *store.Tx, of model.AttributeModel) error {
	n, err := tx.DataAttributes.Count(of)
	if err == nil && n >= model.MaxDataAttributes {
		err = model.DataAttributeLimitReached(of)
	}
	return err
}

// ListDataAttributes reads the attributes of models, built-in and custom, those
// that are archived left out.
func (s *Service) ListDataAttributes(ctx context.Context, by *model.Actor, of []model.AttributeModel) ([]*model.DataAttribute, error) {
	return s.dataAttributes(ctx, by, of, func(a *model.DataAttribute) bool { return a.Archived })
}

// ListAllDataAttributes reads the attributes of models, built-in and custom,
// archived ones too.
func (s *Service) ListAllDataAttributes(ctx context.Context, by *model.Actor, of []model.AttributeModel) ([]*model.DataAttribute, error) {
	return s.dataAttributes(ctx, by, of, func(*model.DataAttribute) bool { return false })
}

func (s *Service) dataAttributes(ctx context.Context, by *model.Actor, of []model.AttributeModel, leaveOut func(*model.DataAttribute) bool) ([]*model.DataAttribute, error) {
	var all []*model.DataAttribute
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		all = nil
		for _, m := range of {
			custom, err := tx.DataAttributes.List(m)
			if err != nil {
				return err
			}
			all = append(all, model.WithBuiltIns(m, slices.DeleteFunc(custom, leaveOut))...)
		}
		return nil
	})
	return all, err
}

// UpdateDataAttribute changes what the patch names. An attribute that a segment
// asks for cannot be archived.
func (s *Service) UpdateDataAttribute(ctx context.Context, by *model.Actor, id model.DataAttributeID, p model.DataAttributePatch) (*model.DataAttribute, error) {
	var a *model.DataAttribute
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.DataAttributes.Lock(); err != nil {
			return err
		}
		if a, err = tx.DataAttributes.Find(id); err != nil {
			return err
		}
		archived := a.Archived
		if err = a.Update(p, tx.Now()); err != nil {
			return err
		}
		switch {
		case a.Archived && !archived:
			err = refuseInSegments(tx, a)
		case archived && !a.Archived:
			err = admitDataAttribute(tx, a.Model)
		}
		if err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("data_attribute", a.ID.String()))
		return tx.DataAttributes.Update(a)
	})
	return a, err
}

func refuseInSegments(tx *store.Tx, a *model.DataAttribute) error {
	segments, err := tx.Segments.List()
	if err != nil {
		return err
	}
	for _, g := range segments {
		if g.DependsOnAttribute(a) {
			return model.DataAttributeInUse()
		}
	}
	return nil
}

// CheckAttributes refuses values of custom attributes that the workspace has not
// declared, or that do not fit what it declared, and brings the others into the
// form that they are kept in, so that it is called before they are applied. What
// was declared and archived since can still be cleared.
func CheckAttributes(tx *store.Tx, of model.AttributeModel, values model.Attributes) error {
	if len(values) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(values)) // in one order, so that it is always the same mistake that is told
	declared, err := tx.DataAttributes.Named(of, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		a, ok := declared[name]
		if !ok || a.Archived && values[name] != nil {
			return of.UnknownAttribute(name)
		}
		if values[name] == nil {
			continue
		}
		if values[name], err = a.Conform(values[name]); err != nil {
			return err
		}
	}
	return nil
}
