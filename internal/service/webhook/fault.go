package webhook

import (
	"context"
	"fmt"
	"strings"

	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	"parley/internal/store"
)

// foresee finds which of these deliveries are to go wrong at their first attempt, as a
// developer has it for the workspace. Which those are follows from the deliveries that
// the webhook has and from nothing else: whoever sends them comes to the same.
func (p *pump) foresee(tx *store.Tx, due, fresh []*event.Delivery) error {
	p.fates = map[int64]sandbox.Fault{}
	w, err := tx.Workspaces.Find()
	if err != nil {
		return err
	}
	var first, last int64
	var untried []*event.Delivery
	for _, list := range [][]*event.Delivery{due, fresh} {
		for _, d := range list {
			if d.Attempts > 0 {
				continue
			}
			if untried = append(untried, d); first == 0 || d.Number < first {
				first = d.Number
			}
			last = max(last, d.Number)
		}
	}
	for _, f := range w.Sandbox.Faults {
		if len(untried) == 0 || !f.IsForWebhook(int64(p.id)) || f.Behind >= last {
			continue
		}
		ordinals, err := tx.Deliveries.Ordinals(p.id, event.Topic(f.Topic), f.Behind, first, last)
		if err != nil {
			return err
		}
		for _, d := range untried {
			if n := ordinals[d.Number]; n > 0 && f.Has(n) && p.fates[d.Number].ID == 0 { // the oldest fault acts
				p.fates[d.Number] = f
			}
		}
	}
	return nil
}

// attempt makes an attempt at a delivery, or what a fault makes of it.
func (p *pump) attempt(ctx context.Context, o *outcome, fate sandbox.Fault, url, secret string) {
	a := o.attempt
	if o.lost = fate.Delivery == sandbox.Lose; o.lost {
		a.Error = fmt.Sprintf("Lost by fault %d: nothing was sent", fate.ID)
		return
	}
	p.send(ctx, a, p.request(p.ws, o.delivery, a.Number, a.At), url, secret)
	switch {
	case fate.Delivery == sandbox.Duplicate && a.Arrived():
		o.again = &event.Attempt{Delivery: a.Delivery, Number: a.Number + 1, At: a.At}
		p.send(ctx, o.again, p.request(p.ws, o.delivery, o.again.Number, a.At), url, secret)
		note(o.again, fmt.Sprintf("Sent twice by fault %d", fate.ID))
	case fate.Delivery == sandbox.Reorder:
		note(a, fmt.Sprintf("Held back by fault %d", fate.ID))
	}
}

// note has the log tell something of an attempt beside its own error.
func note(a *event.Attempt, text string) { a.Error = strings.TrimSuffix(text+": "+a.Error, ": ") }

// conclude finds what an outcome means for its delivery and the webhook. What went wrong
// on purpose is no failure of the receiver's.
func (v *verdict) conclude(policy *event.Policy, w *event.Subscription) {
	if v.lost {
		v.delivery.State, v.delivery.Attempts, v.delivery.DueAt = event.Dropped, v.attempt.Number, 0
		return
	}
	policy.Conclude(w, &v.delivery, v.attempt, v.jitter)
	if v.again != nil {
		v.delivery.Attempts = v.again.Number
	}
}
