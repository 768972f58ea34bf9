package webhook

import (
	"context"
	"time"

	"parley/internal/model/event"
	"parley/internal/store"
)

// A verdict is what an outcome means.
type verdict struct {
	outcome
	delivery event.Delivery
}

// flush writes what came of attempts, all in one transaction, and that the pump is
// still there. When the job is no longer its own, nothing is written: another has
// begun to send, and this one ends.
func (p *pump) flush(ctx context.Context) error {
	var held, gone, may bool
	var verdicts []verdict
	var after event.Subscription
	err := p.store.Update(ctx, p.ws, func(tx *store.Tx) (err error) {
		gone, verdicts = false, nil
		// Rows are held in one order everywhere: the webhook, its job, its deliveries.
		w, err := tx.Webhooks.FindForUpdate(p.id)
		if gone = isNotFound(err); gone {
			return nil
		} else if err != nil {
			return err
		}
		if held, err = tx.Jobs.Hold(p.job, p.lease); err != nil || !held {
			return err
		}
		before := *w
		for _, o := range p.ended {
			v := verdict{o, *o.delivery}
			v.conclude(&p.options.Policy, w)
			verdicts = append(verdicts, v)
		}
		after, may = *w, w.MaySend(tx.Now())
		if w.Health != before.Health {
			w.State, w.Reason = before.State, before.Reason // what ends it is written apart
			if err := tx.Webhooks.Save(w); err != nil {
				return err
			}
		}
		return p.write(tx, verdicts)
	})
	if err != nil {
		return err
	}
	p.renewed = time.Now()
	p.sent.count(verdicts)
	if !held || gone {
		p.stopping, p.over = true, true
		p.ended, p.urgent = nil, false
		return nil
	}
	p.settle(verdicts)
	if !may {
		p.stopping, p.over = true, true
	}
	if after.State == event.Removed || after.State == event.Suspended {
		return p.close(ctx, &after)
	}
	return nil
}

// write writes verdicts.
func (p *pump) write(tx *store.Tx, verdicts []verdict) error {
	arrived := map[int64][]int64{}
	var attempts []*event.Attempt
	var release []string
	var hold []int64
	for i := range verdicts {
		v := &verdicts[i]
		attempts = append(attempts, v.attempt)
		if v.again != nil {
			attempts = append(attempts, v.again)
		}
		switch {
		case v.delivery.State == event.Retrying && !v.lane.blocked:
			for _, d := range v.lane.rows[1:] {
				hold = append(hold, d.Number)
			}
		case v.delivery.State.Ended() && v.lane.blocked:
			release = append(release, v.lane.object)
		}
		if v.delivery.State == event.Delivered && v.delivery.Attempts == 1 {
			arrived[v.attempt.At] = append(arrived[v.attempt.At], v.attempt.Delivery)
		} else if err := tx.Deliveries.Save(&v.delivery); err != nil {
			return err
		}
	}
	for at, numbers := range arrived {
		if err := tx.Deliveries.SaveArrived(numbers, at); err != nil {
			return err
		}
	}
	if err := tx.Deliveries.Hold(p.id, hold); err != nil {
		return err
	}
	if err := tx.Deliveries.Release(p.id, release, tx.Now()); err != nil {
		return err
	}
	return tx.Deliveries.Log(attempts)
}

// settle brings what is in memory to what was written.
func (p *pump) settle(verdicts []verdict) {
	p.ended, p.urgent = nil, false
	for _, v := range verdicts {
		delete(p.lanes.known, v.attempt.Delivery)
		delete(p.fates, v.attempt.Delivery)
		switch {
		case v.delivery.State == event.Delivered && !v.lane.blocked:
			// The next of its lane may be on its way already.
		case v.delivery.State == event.Retrying, v.lane.blocked:
			p.lanes.trim(v.lane)
			delete(p.lanes.byObject, v.lane.object)
			p.more = true // another of the object may be due now
		default:
			p.lanes.shift(v.lane)
		}
	}
}

// close ends or suspends a webhook, as its failures have it.
func (p *pump) close(ctx context.Context, as *event.Subscription) error {
	p.stopping, p.over = true, true
	return p.store.Update(ctx, p.ws, func(tx *store.Tx) error {
		if err := tx.Webhooks.Lock(); err != nil {
			return err
		}
		w, err := tx.Webhooks.FindForUpdate(p.id)
		if isNotFound(err) || err == nil && w.State != event.Live {
			return nil // somebody was faster
		} else if err != nil {
			return err
		}
		w.State, w.Reason = as.State, as.Reason
		if err := tx.Webhooks.Save(w); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other(event.WebhookObject, w.ID.String()))
		return tx.Webhooks.SetRoutes()
	})
}
