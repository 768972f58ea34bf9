package people

import (
	"cmp"
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// RecordEvent writes down what a contact did. Reporting it again changes nothing.
func (s *Service) RecordEvent(ctx context.Context, by *model.Actor, of model.ContactRef, e *model.DataEvent) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		id, err := holdContact(tx, of)
		if err != nil {
			return err
		}
		own := *e
		own.Contact = id
		isNew, err := tx.DataEvents.Insert(&own)
		if isNew {
			tx.Notify(event.EventCreated, event.DataEvent{Event: &own})
		}
		return err
	})
}

// AddEventSummary adds what was counted elsewhere to what has been counted of a
// contact's events. What was done at no stated time was done now.
func (s *Service) AddEventSummary(ctx context.Context, by *model.Actor, of model.ContactRef, more *model.EventSummary) error {
	return s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		id, err := holdContact(tx, of)
		if err != nil {
			return err
		}
		dated := *more
		dated.First, dated.Last = cmp.Or(more.First, tx.Now()), cmp.Or(more.Last, tx.Now())
		tx.Notify(event.Changed, event.Contact{ID: id})
		return tx.DataEvents.Count(id, &dated)
	})
}

// holdContact finds the contact that is meant and holds it until the transaction
// ends, so that it is neither merged nor deleted meanwhile.
func holdContact(tx *store.Tx, of model.ContactRef) (model.ContactID, error) {
	if of == (model.ContactRef{}) {
		return "", model.ContactNotSpecified()
	}
	return tx.Contacts.ResolveForUpdate(of)
}

// ListEvents reads a page of what a contact did lately, newest first: only what
// came after since, if it is given.
func (s *Service) ListEvents(ctx context.Context, by *model.Actor, of model.ContactRef, since *model.Position, page model.PageRequest) (*model.Contact, *model.Page[*model.DataEvent], error) {
	var events *model.Page[*model.DataEvent]
	c, err := s.viewContact(ctx, by, of, func(tx *store.Tx, id model.ContactID) (err error) {
		events, err = tx.DataEvents.List(id, since, page)
		return err
	})
	return c, events, err
}

// SummarizeEvents reads a page of how often a contact did what.
func (s *Service) SummarizeEvents(ctx context.Context, by *model.Actor, of model.ContactRef, page model.PageRequest) (*model.Contact, *model.Page[*model.EventSummary], error) {
	var summaries *model.Page[*model.EventSummary]
	c, err := s.viewContact(ctx, by, of, func(tx *store.Tx, id model.ContactID) (err error) {
		summaries, err = tx.DataEvents.Summarize(id, page)
		return err
	})
	return c, summaries, err
}

func (s *Service) viewContact(ctx context.Context, by *model.Actor, of model.ContactRef, read func(*store.Tx, model.ContactID) error) (*model.Contact, error) {
	var c *model.Contact
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if of == (model.ContactRef{}) {
			return model.ContactNotSpecified()
		}
		id, err := tx.Contacts.Resolve(of)
		if err != nil {
			return err
		}
		if c, err = tx.Contacts.Find(id); err != nil {
			return err
		}
		return read(tx, id)
	})
	return c, err
}
