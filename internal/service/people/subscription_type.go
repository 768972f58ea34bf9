package people

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// CreateSubscriptionType makes a subscription type. The API cannot: they come
// from the command line and from seeds. It is live and for e-mail unless it says
// otherwise.
func (s *Service) CreateSubscriptionType(ctx context.Context, by *model.Actor, t model.SubscriptionType) (*model.SubscriptionType, error) {
	if t.State == "" {
		t.State = model.SubscriptionLive
	}
	if len(t.ContentTypes) == 0 {
		t.ContentTypes = []model.ContentType{model.ContentEmail}
	}
	if err := t.Validate(); err != nil {
		return nil, err
	}
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if t.ID, err = tx.SubscriptionTypes.NewID(); err != nil {
			return err
		}
		t.CreatedAt = tx.Now()
		tx.Notify(event.Changed, event.Other("subscription", t.ID.String()))
		return tx.SubscriptionTypes.Insert(&t)
	})
	return &t, err
}

// ListSubscriptionTypes reads all subscription types, in whatever state.
func (s *Service) ListSubscriptionTypes(ctx context.Context, by *model.Actor) ([]*model.SubscriptionType, error) {
	var types []*model.SubscriptionType
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		types, err = tx.SubscriptionTypes.List()
		return err
	})
	return types, err
}

// ContactSubscriptions reads the subscription types that a contact has made a
// choice about.
func (s *Service) ContactSubscriptions(ctx context.Context, by *model.Actor, id model.ContactID) ([]*model.SubscriptionType, error) {
	var types []*model.SubscriptionType
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		types, err = tx.SubscriptionTypes.OfContact(id)
		return err
	})
	return types, err
}

// AttachSubscriptionType records a contact's choice on a subscription type: out of one that
// is opt-out, in to one that is opt-in. Doing it twice changes nothing.
func (s *Service) AttachSubscriptionType(ctx context.Context, by *model.Actor, id model.ContactID, kind model.SubscriptionTypeID, consent model.ConsentType) (*model.SubscriptionType, error) {
	var t *model.SubscriptionType
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		if t, err = tx.SubscriptionTypes.Find(kind); err != nil {
			return err
		}
		if err = t.Accept(consent); err != nil {
			return err
		}
		isNew, err := tx.SubscriptionTypes.Attach(t, id)
		if isNew {
			tellSubscribed(tx, id, t, t.ConsentType == model.OptIn)
		}
		return err
	})
	return t, err
}

// DetachSubscriptionType forgets a contact's choice on a subscription type, so that the
// type's default holds again. Where there is none nothing changes.
func (s *Service) DetachSubscriptionType(ctx context.Context, by *model.Actor, id model.ContactID, kind model.SubscriptionTypeID) (*model.SubscriptionType, error) {
	var t *model.SubscriptionType
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Contacts.MustExist(id); err != nil {
			return err
		}
		if t, err = tx.SubscriptionTypes.Find(kind); err != nil {
			return err
		}
		was, err := tx.SubscriptionTypes.Detach(kind, id)
		if was { // the default holds again
			tellSubscribed(tx, id, t, t.ConsentType == model.OptOut)
		}
		return err
	})
	return t, err
}
