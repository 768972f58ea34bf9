package webhook

import (
	"context"
	"math/rand/v2"
	"time"

	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/identity"
	"parley/internal/model/sandbox"
	"parley/internal/store"
	storage "parley/internal/store/event"
	"parley/internal/webhook"
)

// The times of a pump, by the clock of the machine.
const (
	turn   = 20 * time.Second      // after which others may have their turn
	renew  = 5 * time.Second       // between two signs that it is still there
	linger = time.Second           // that it waits for more, where that is cheap
	batch  = 32                    // outcomes that are written together, if there is more to be sent
	soon   = 20 * time.Millisecond // between two times that outcomes are written, while there is something on its way
	crowd  = 32                    // pumps of this process, with which none waits for more
)

// Lease is how long nobody else sends to a webhook after whoever did has given no
// sign, if a request takes so long at most.
func Lease(timeout time.Duration) time.Duration { return max(15*time.Second, timeout+2*renew) }

// MaxTurn is how long a call of Deliver takes at most, if a request does.
func MaxTurn(timeout time.Duration) time.Duration { return turn + timeout + 10*time.Second }

// A pump sends what is due of one webhook, several objects at once and each in its
// order, and writes what came of it. It is the only one of its webhook, since it has
// the webhook's job.
type pump struct {
	*Service
	ws    model.WorkspaceID
	id    event.SubscriptionID
	job   *jobs.Job
	lease time.Duration

	lanes   *lanes
	sending int
	results chan outcome
	ended   []outcome // that are not written yet
	urgent  bool      // one of them decides what is to be sent next
	renewed time.Time

	webhook *event.Subscription
	secret  string
	fates   map[int64]sandbox.Fault // of deliveries that are to go wrong

	more     bool // there may be more to read
	stopping bool // nothing is to be sent any more
	over     bool // and nothing is left to be done
}

// An outcome is an attempt that has come to an end.
type outcome struct {
	lane     *lane
	delivery *event.Delivery
	attempt  *event.Attempt
	again    *event.Attempt // of one that is sent twice on purpose; nil else
	lost     bool           // on purpose: nothing was sent
	shifted  bool           // it arrived, and the next of its lane has its turn
	jitter   float64
}

// Deliver sends what is due of a webhook, until nothing is or its turn is over. The
// job is what makes it the only one to do so.
func (s *Service) Deliver(ctx context.Context, ws model.WorkspaceID, id event.SubscriptionID, j *jobs.Job) error {
	ref := storage.Ref{Workspace: ws, ID: id}
	bell := make(chan struct{}, 1)
	s.mu.Lock()
	_, taken := s.pumps[ref]
	if !taken {
		s.pumps[ref] = bell
	}
	s.mu.Unlock()
	if taken { // one that lost its job has yet to notice
		return s.afterAnother(ctx)
	}
	p := &pump{Service: s, ws: ws, id: id, job: j, lease: Lease(s.options.Timeout), lanes: newLanes(),
		results: make(chan outcome, s.options.Parallel), more: true, renewed: time.Now()}
	ctx, cancel := context.WithCancel(ctx)
	err := p.run(ctx, bell)
	cancel()
	for ; p.sending > 0; p.sending-- {
		<-p.results
	}
	s.mu.Lock()
	delete(s.pumps, ref)
	s.mu.Unlock()
	select {
	case <-bell:
		p.more = true
	default:
	}
	if err == nil && !p.over && (p.more || len(p.lanes.byObject) > 0) {
		return &jobs.Again{}
	}
	return err
}

// afterAnother has a webhook's job be done again when another that sends to it may have
// ended: in a second by the machine's clock, since that of the workspace may stand.
func (s *Service) afterAnother(ctx context.Context) error {
	if sandbox.In(ctx).Clock == (sandbox.Clock{}) {
		return &jobs.Again{At: s.options.Clock().Add(time.Second)}
	}
	select {
	case <-time.After(time.Second):
		return &jobs.Again{}
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *pump) run(ctx context.Context, bell <-chan struct{}) error {
	end := time.NewTimer(turn)
	defer end.Stop()
	tick := time.NewTicker(p.options.Look)
	defer tick.Stop()
	late := time.NewTimer(soon)
	defer late.Stop()
	waiting := false // outcomes do, until it is late
	var written time.Time
	idle := time.Now()
	stopped := p.stopped
	for {
		for p.more && !p.stopping && len(p.lanes.known)-len(p.ended) < window/2 {
			if err := p.refill(ctx); err != nil {
				return err
			}
		}
		p.begin(ctx)
		if p.urgent || len(p.ended) >= batch || len(p.ended) > 0 && (p.stopping || p.sending == 0 || time.Since(written) > soon) || time.Since(p.renewed) > renew {
			if err := p.flush(ctx); err != nil {
				return err
			}
			waiting, written = false, time.Now()
			continue
		}
		if len(p.ended) > 0 && !waiting {
			waiting = true
			late.Reset(soon - time.Since(written))
		}
		if p.sending > 0 {
			idle = time.Now()
		} else if p.stopping || !p.waits(ctx, time.Since(idle)) {
			return nil
		}
		select {
		case o := <-p.results:
			p.end(o)
		case <-late.C:
			p.urgent = p.urgent || len(p.ended) > 0
		case <-bell:
			p.more = true
		case <-tick.C:
			p.more = true // another process may have written
		case <-end.C:
			p.stopping = true
		case <-stopped:
			p.stopping, stopped, p.more = true, nil, true
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// waits reports whether to wait for more, having had nothing for so long. Where the
// workspace has a clock of its own, whoever moves that waits for the pump to end.
func (p *pump) waits(ctx context.Context, idle time.Duration) bool {
	if len(p.lanes.ready) > 0 || p.more {
		return true
	}
	if sandbox.In(ctx).HasOwnTime() {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.serving && len(p.pumps) < crowd && idle < linger
}

// begin sends as much at once as may be.
func (p *pump) begin(ctx context.Context) {
	for !p.stopping && p.sending < p.options.Parallel {
		l := p.lanes.take()
		if l == nil {
			return
		}
		p.sending++
		d, at := l.rows[0], sandbox.Now(ctx, p.options.Clock()).Unix()
		a := &event.Attempt{Delivery: d.Number, Number: d.Attempts + 1, At: at}
		url, secret, o := p.webhook.URL, p.secret, outcome{lane: l, delivery: d, attempt: a, jitter: jitter(ctx)}
		fate := p.fates[d.Number]
		go func() {
			p.attempt(ctx, &o, fate, url, secret)
			p.results <- o
		}()
	}
}

// jitter spreads what failed together; where all is to be the same each time, it does not.
func jitter(ctx context.Context) float64 {
	if sandbox.In(ctx).IDs != "" {
		return 0.5
	}
	return rand.Float64()
}

// send makes an attempt.
func (p *pump) send(ctx context.Context, a *event.Attempt, n *webhook.Notification, url, secret string) {
	body, err := n.Body()
	if err != nil {
		a.Error = "The notification cannot be written: " + err.Error()
		return
	}
	r := p.sender.Send(ctx, url, body, secret)
	a.Took, a.Status, a.Error, a.Header, a.Body, a.RetryAfter = r.Took, r.Status, r.Error, r.Header, []byte(r.Body), r.RetryAfter
}

// end takes note of an attempt that has come to an end.
func (p *pump) end(o outcome) {
	p.sending--
	o.shifted = o.attempt.Arrived() && (!o.lane.blocked || len(o.lane.rows) > 1)
	p.ended = append(p.ended, o)
	if o.shifted {
		p.lanes.shift(o.lane)
	} else {
		p.urgent = true // what is next depends on what is written
	}
}

// refill reads what is to be sent next. What waits for an earlier delivery of its
// object is put aside in the database, so that it does not stand in the way of
// others.
func (p *pump) refill(ctx context.Context) error {
	if len(p.ended) > 0 {
		if err := p.flush(ctx); err != nil || p.stopping {
			return err
		}
	}
	var fresh, due []*event.Delivery
	var blocked map[string]bool
	gone, may := false, false
	err := p.store.View(ctx, p.ws, func(tx *store.Tx) (err error) {
		fresh, due = nil, nil
		if p.webhook, err = tx.Webhooks.Find(p.id); isNotFound(err) {
			gone = true
			return nil
		} else if err != nil {
			return err
		}
		if may = p.webhook.MaySend(tx.Now()); !may {
			return nil
		}
		app, err := tx.Apps.Find(identity.AppID(p.webhook.App))
		if isNotFound(err) {
			gone = true // with its app
			return nil
		} else if err != nil {
			return err
		}
		p.secret = app.ClientSecret
		most := len(p.lanes.known) + window/2
		if due, err = tx.Deliveries.Due(p.id, tx.Now(), most); err != nil {
			return err
		}
		if fresh, err = tx.Deliveries.Fresh(p.id, most); err != nil {
			return err
		}
		p.more = len(due) == most || len(fresh) == most
		var objects []string
		for _, d := range fresh {
			if !p.lanes.known[d.Number] && p.lanes.byObject[d.Notification.Object] == nil {
				objects = append(objects, d.Notification.Object)
			}
		}
		if p.options.Faults {
			if err := p.foresee(tx, due, fresh); err != nil {
				return err
			}
		}
		blocked, err = tx.Deliveries.Blocked(p.id, objects)
		return err
	})
	if err != nil {
		return err
	}
	if gone || !may {
		p.stopping, p.over = true, true
		return nil
	}
	return p.sort(ctx, due, fresh, blocked)
}

// sort takes deliveries in, or puts them aside.
func (p *pump) sort(ctx context.Context, due, fresh []*event.Delivery, blocked map[string]bool) error {
	var taken []*event.Delivery
	var hold, block []int64
	late := map[int64][]int64{} // by when it is to be sent
	for _, d := range due {
		d.Failures = max(d.Failures, 0) // one that was overtaken has its turn
		if !p.lanes.known[d.Number] && p.lanes.byObject[d.Notification.Object] == nil {
			p.lanes.add(d, true)
			taken = append(taken, d)
		}
	}
	for _, d := range fresh {
		l := p.lanes.byObject[d.Notification.Object]
		switch {
		case p.lanes.known[d.Number]:
		case p.fates[d.Number].Delivery == sandbox.Reorder:
			at := d.CreatedAt + p.fates[d.Number].Delay
			late[at] = append(late[at], d.Number)
		case l == nil && blocked[d.Notification.Object] || l != nil && l.blocked:
			hold = append(hold, d.Number)
		case l != nil && len(l.rows) >= deep:
			block, hold = append(block, l.rows[0].Number), append(append(hold, p.lanes.trim(l)...), d.Number)
			l.blocked = true
		default:
			p.lanes.add(d, false)
			taken = append(taken, d)
		}
	}
	if len(hold)+len(late) > 0 {
		held := false
		err := p.store.Update(ctx, p.ws, func(tx *store.Tx) (err error) {
			if held, err = tx.Jobs.Hold(p.job, p.lease); err != nil || !held {
				return err
			}
			if err = tx.Deliveries.Block(p.id, block); err != nil {
				return err
			}
			if err = tx.Deliveries.Overtake(p.id, late); err != nil {
				return err
			}
			return tx.Deliveries.Hold(p.id, hold)
		})
		if err != nil {
			return err
		}
		if !held {
			p.stopping, p.over = true, true
			return nil
		}
		p.renewed = time.Now()
	}
	return p.store.View(ctx, p.ws, func(tx *store.Tx) error { return tx.Deliveries.Show(taken) })
}
