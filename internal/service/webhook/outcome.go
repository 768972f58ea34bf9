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
	var behind []*event.Delivery
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
		behind, err = p.write(tx, verdicts)
		return err
	})
	if err != nil {
		return err
	}
	p.renewed = time.Now()
	p.sent.count(verdicts)
	p.say(verdicts)
	if !held || gone {
		p.stopping, p.over = true, true
		p.ended, p.urgent = nil, false
		return nil
	}
	p.settle(verdicts, behind)
	if !may {
		p.stopping, p.over = true, true
	}
	if after.State == event.Removed || after.State == event.Suspended {
		return p.close(ctx, &after)
	}
	return nil
}

// say tells whoever asks of attempts that have been written.
func (p *pump) say(verdicts []verdict) {
	if p.options.Sent == nil {
		return
	}
	for _, v := range verdicts {
		p.options.Sent(p.ws, p.webhook.URL, v.delivery, *v.attempt)
		if v.again != nil {
			p.options.Sent(p.ws, p.webhook.URL, v.delivery, *v.again)
		}
	}
}

// write writes verdicts, and reads what waited for the last delivery of a lane.
func (p *pump) write(tx *store.Tx, verdicts []verdict) (behind []*event.Delivery, err error) {
	arrived := map[int64][]int64{}
	var attempts []*event.Attempt
	var hold []int64
	last := map[*lane]*verdict{} // of those that others wait for
	for i := range verdicts {
		v := &verdicts[i]
		attempts = append(attempts, v.attempt)
		if v.again != nil {
			attempts = append(attempts, v.again)
		}
		if v.lane.blocked {
			last[v.lane] = v
		} else if v.delivery.State == event.Retrying {
			for _, d := range v.lane.rows[1:] {
				hold = append(hold, d.Number)
			}
		}
		if v.delivery.State == event.Delivered && v.delivery.Attempts == 1 {
			arrived[v.attempt.At] = append(arrived[v.attempt.At], v.attempt.Delivery)
		} else if err := tx.Deliveries.Save(&v.delivery); err != nil {
			return nil, err
		}
	}
	for at, numbers := range arrived {
		if err := tx.Deliveries.SaveArrived(numbers, at); err != nil {
			return nil, err
		}
	}
	if err := tx.Deliveries.Hold(p.id, hold); err != nil {
		return nil, err
	}
	var release, spent []string // objects whose next is to be sent, and those of which it is not in memory
	for l, v := range last {
		if v.delivery.State.Ended() {
			release = append(release, l.object)
			if !v.shifted && len(l.rows) == 1 {
				spent = append(spent, l.object)
			}
		}
	}
	if err := tx.Deliveries.Release(p.id, release, tx.Now()); err != nil {
		return nil, err
	}
	if err := tx.Deliveries.Log(attempts); err != nil {
		return nil, err
	}
	if behind, err = tx.Deliveries.Behind(p.id, spent, tx.Now(), max(deep, window/2/max(1, len(spent)))); err != nil {
		return nil, err
	}
	return behind, tx.Deliveries.Show(behind)
}

// settle brings what is in memory to what was written.
func (p *pump) settle(verdicts []verdict, behind []*event.Delivery) {
	p.ended, p.urgent = nil, false
	for _, v := range verdicts {
		delete(p.lanes.known, v.attempt.Delivery)
		delete(p.fates, v.attempt.Delivery)
		switch {
		case v.shifted:
			// It arrived, and the next of its lane may be on its way already.
		case v.delivery.State == event.Retrying:
			p.lanes.trim(v.lane)
			delete(p.lanes.byObject, v.lane.object)
			p.more = true // others were put aside
		case v.lane.blocked && len(v.lane.rows) == 1:
			p.lanes.follow(v.lane, behind)
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
