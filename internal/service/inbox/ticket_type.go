package inbox

import (
	"context"
	"slices"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateTicketType makes a type of tickets, with the built-in attributes.
func (s *Service) CreateTicketType(ctx context.Context, by *model.Actor, p model.TicketTypePatch) (*model.TicketType, error) {
	var t *model.TicketType
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if t, err = model.NewTicketType(p, tx.Now()); err != nil {
			return err
		}
		if err = tx.TicketTypes.Lock(); err != nil {
			return err
		}
		n, err := tx.TicketTypes.Count()
		if err != nil {
			return err
		}
		if n >= model.MaxTicketTypes {
			return model.TicketTypeLimitReached()
		}
		if t.ID, err = tx.TicketTypes.NewID(); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("ticket_type", t.ID.String()))
		if err = tx.TicketTypes.Insert(t); err != nil {
			return err
		}
		for _, a := range t.Attributes {
			a.TicketType = t.ID
			if err = insertTicketTypeAttribute(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	return t, err
}

func insertTicketTypeAttribute(tx *store.Tx, a *model.TicketTypeAttribute) (err error) {
	if a.ID, err = tx.TicketTypes.NewAttributeID(); err != nil {
		return err
	}
	return tx.TicketTypes.InsertAttribute(a)
}

// nameItems is the patch with ids for items of a list that have none, which they take
// unless the list has had them before.
func nameItems(tx *store.Tx, p model.TicketTypeAttributePatch) (model.TicketTypeAttributePatch, error) {
	p.Items.Value = slices.Clone(p.Items.Value)
	for i := range p.Items.Value {
		item := &p.Items.Value[i]
		if item.ID != "" {
			continue
		}
		item.ID = model.NewUUID()
		if err := tx.Retake("list item", &item.ID); err != nil {
			return p, err
		}
	}
	return p, nil
}

// FindTicketType reads a type with its attributes.
func (s *Service) FindTicketType(ctx context.Context, by *model.Actor, id model.TicketTypeID) (*model.TicketType, error) {
	var t *model.TicketType
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		t, err = tx.TicketTypes.Find(id)
		return err
	})
	return t, err
}

// ListTicketTypes reads all types with their attributes, archived ones too.
func (s *Service) ListTicketTypes(ctx context.Context, by *model.Actor) ([]*model.TicketType, error) {
	var types []*model.TicketType
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		types, err = tx.TicketTypes.List()
		return err
	})
	return types, err
}

// UpdateTicketType changes what the patch names. Tickets of the type stay as they
// are.
func (s *Service) UpdateTicketType(ctx context.Context, by *model.Actor, id model.TicketTypeID, p model.TicketTypePatch) (*model.TicketType, error) {
	var t *model.TicketType
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if t, err = tx.TicketTypes.FindForUpdate(id); err != nil {
			return err
		}
		if err = t.Update(p, tx.Now()); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("ticket_type", t.ID.String()))
		return tx.TicketTypes.Update(t)
	})
	return t, err
}

// CreateTicketTypeAttribute declares an attribute, behind the others of the type.
func (s *Service) CreateTicketTypeAttribute(ctx context.Context, by *model.Actor, of model.TicketTypeID, p model.TicketTypeAttributePatch) (*model.TicketTypeAttribute, error) {
	var a *model.TicketTypeAttribute
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		t, err := tx.TicketTypes.FindForUpdate(of)
		if err != nil {
			return err
		}
		named, err := nameItems(tx, p)
		if err != nil {
			return err
		}
		if a, err = t.AddAttribute(named, tx.Now()); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("ticket_type", of.String()))
		return insertTicketTypeAttribute(tx, a)
	})
	return a, err
}

// UpdateTicketTypeAttribute changes what the patch names. What tickets have of
// the attribute stays.
func (s *Service) UpdateTicketTypeAttribute(ctx context.Context, by *model.Actor, of model.TicketTypeID, id model.TicketTypeAttributeID, p model.TicketTypeAttributePatch) (*model.TicketTypeAttribute, error) {
	var a *model.TicketTypeAttribute
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		t, err := tx.TicketTypes.FindForUpdate(of)
		if err != nil {
			return err
		}
		named, err := nameItems(tx, p)
		if err != nil {
			return err
		}
		if a, err = t.UpdateAttribute(id, named, tx.Now()); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other("ticket_type", of.String()))
		return tx.TicketTypes.UpdateAttribute(a)
	})
	return a, err
}
