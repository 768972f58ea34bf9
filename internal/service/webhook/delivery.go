package webhook

import (
	"context"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/identity"
	"parley/internal/store"
	storage "parley/internal/store/event"
	"parley/internal/webhook"
)

const (
	// shownAttempts is how many attempts a delivery shows, of those that it has.
	shownAttempts = 150
	// replayed is how many deliveries a transaction puts on their way again.
	replayed = 500
	// countedOpen is where a count of open deliveries ends.
	countedOpen = 100_000
)

// A Filter says which deliveries are meant. What it leaves empty is no condition.
type Filter = storage.Filter

// ListDeliveries reads so many deliveries of a webhook before a number, newest first;
// 0 is the newest.
func (s *Service) ListDeliveries(ctx context.Context, by *model.Actor, id event.SubscriptionID, f Filter, before int64, most int) ([]*event.Delivery, error) {
	if err := validate(f); err != nil {
		return nil, err
	}
	var all []*event.Delivery
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if _, err = tx.Webhooks.Find(id); err != nil {
			return err
		}
		all, err = tx.Deliveries.List(id, f, before, most)
		return err
	})
	return all, err
}

func validate(f Filter) error {
	known := f.State == ""
	for _, state := range event.DeliveryStates() {
		known = known || state == f.State
	}
	if !known {
		return model.ParameterInvalid("%.80q is not a state of a delivery", f.State)
	}
	if _, ok := event.Known(string(f.Topic)); !ok && f.Topic != "" {
		return model.ParameterInvalid("%.80q is not a topic", f.Topic)
	}
	return nil
}

// CountOpen counts what is on its way to a webhook; the count ends at 100,000.
func (s *Service) CountOpen(ctx context.Context, by *model.Actor, id event.SubscriptionID) (int, error) {
	n := 0
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if _, err = tx.Webhooks.Find(id); err != nil {
			return err
		}
		n, err = tx.Deliveries.CountOpen(id, countedOpen)
		return err
	})
	return n, err
}

// A Record is a delivery with what was sent and what came of it.
type Record struct {
	Delivery *event.Delivery
	URL      string
	Sent     []Sent
}

// Sent is one request, as it was made, and its attempt.
type Sent struct {
	Attempt   *event.Attempt
	Body      []byte
	Signature string // by the secret that the app has now
}

// FindDelivery reads a delivery with its attempts, the newest 150 of them.
func (s *Service) FindDelivery(ctx context.Context, by *model.Actor, number int64) (*Record, error) {
	var r *Record
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		d, err := tx.Deliveries.Find(number)
		if err != nil {
			return err
		}
		w, err := tx.Webhooks.Find(d.Subscription)
		if err != nil {
			return err
		}
		attempts, err := tx.Deliveries.AttemptsAt(number, shownAttempts)
		if err != nil {
			return err
		}
		secret := ""
		if a, err := tx.Apps.Find(identity.AppID(w.App)); err == nil {
			secret = a.ClientSecret
		} else if !isNotFound(err) {
			return err
		}
		r = &Record{Delivery: d, URL: w.URL}
		for _, a := range attempts {
			body, err := s.request(by.Workspace.ID, d, a.Number, a.At).Body()
			if err != nil {
				return err
			}
			r.Sent = append(r.Sent, Sent{a, body, webhook.Sign(body, secret)})
		}
		return nil
	})
	return r, err
}

// Replay puts a delivery on its way again, whatever became of it.
func (s *Service) Replay(ctx context.Context, by *model.Actor, number int64) (*event.Delivery, error) {
	var d *event.Delivery
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if d, err = tx.Deliveries.Find(number); err != nil {
			return err
		}
		if err = ensure(tx, d.Subscription); err != nil { // which holds the job before its deliveries
			return err
		}
		if d, err = tx.Deliveries.FindForUpdate(number); err != nil || !d.Replay(tx.Now()) {
			return err
		}
		return tx.Deliveries.Save(d)
	})
	return d, err
}

// ReplayAll puts the deliveries of a webhook on their way again that are meant, oldest
// first, and returns how many those are.
func (s *Service) ReplayAll(ctx context.Context, by *model.Actor, id event.SubscriptionID, f Filter) (int, error) {
	if err := validate(f); err != nil {
		return 0, err
	}
	total := 0
	err := s.inParts(ctx, by.Workspace.ID, func(tx *store.Tx, behind int64) (int64, error) {
		if _, err := tx.Webhooks.Find(id); err != nil {
			return 0, err
		}
		if err := ensure(tx, id); err != nil { // which holds the job before its deliveries
			return 0, err
		}
		list, err := tx.Deliveries.After(id, f, behind, replayed)
		if err != nil || len(list) == 0 {
			return 0, err
		}
		n := 0
		for _, d := range list {
			if !d.Replay(tx.Now()) {
				continue
			}
			if err := tx.Deliveries.Save(d); err != nil {
				return 0, err
			}
			n++
		}
		tx.AfterCommit(func() { total += n })
		return list[len(list)-1].Number, nil
	})
	return total, err
}
