// Package webhook holds the rules of webhooks: who is told what, in which order, and
// what failures lead to.
// It must not know HTTP, JSON or SQL, nor how contacts and conversations change.
package webhook

import (
	"context"
	"sync"
	"time"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/identity"
	"parley/internal/store"
	storage "parley/internal/store/event"
	"parley/internal/webhook"
)

// Options are figures that somebody may want to choose.
type Options struct {
	Policy    event.Policy
	Parallel  int           // requests of a webhook at once; 0 means 8
	Check     bool          // whether a URL is asked for its header before it is told anything
	Retention time.Duration // how long deliveries that have ended are kept; 0 means 30 days
	Timeout   time.Duration // of a request
	PublicURL string        // where clients reach the server; empty: deliveries have no URL
	Look      time.Duration // how long what sends to a webhook does not look for what other servers wrote, at most; 0 means 250 ms
	Clock     func() time.Time
	Faults    bool // developers may have deliveries go wrong
	// Sent is told of each attempt, with what became of the delivery, once that is written; nil:
	// nobody is. It must not wait.
	Sent func(ws model.WorkspaceID, url string, d event.Delivery, a event.Attempt)
}

// The figures that are chosen if nobody does.
const (
	defaultParallel  = 8
	defaultRetention = 30 * 24 * time.Hour
	defaultLook      = 250 * time.Millisecond
)

// A Service is the rules, over a store.
type Service struct {
	store   *store.Store
	sender  *webhook.Sender
	options Options

	sent sentCounts

	mu      sync.Mutex
	pumps   map[storage.Ref]chan struct{} // of this process; each holds a stroke until it is heard
	serving bool
	stopped chan struct{}
	stop    func()
}

// New makes the rules over a store and what sends.
func New(s *store.Store, sender *webhook.Sender, o Options) *Service {
	if o.Parallel <= 0 {
		o.Parallel = defaultParallel
	}
	if o.Retention <= 0 {
		o.Retention = defaultRetention
	}
	if o.Look <= 0 {
		o.Look = defaultLook
	}
	stopped := make(chan struct{})
	return &Service{store: s, sender: sender, options: o, pumps: map[storage.Ref]chan struct{}{}, stopped: stopped,
		stop: sync.OnceFunc(func() { close(stopped) })}
}

// Start has what is sent wait a while for more: a server runs.
func (s *Service) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving = true
}

// Stop has what is being sent come to an end, and begins nothing more.
func (s *Service) Stop() { s.stop() }

// Subscribe has a URL told of topics, in the name of an app; 0 is the workspace's own.
func (s *Service) Subscribe(ctx context.Context, by *model.Actor, app identity.AppID, url string, topics []string) (*event.Subscription, error) {
	w, err := event.NewSubscription(int64(app), url, topics, s.sender.Plain, 0)
	if err != nil {
		return nil, err
	}
	if err := s.check(ctx, w.URL); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		if err := tx.Webhooks.Lock(); err != nil {
			return err
		}
		all, err := tx.Webhooks.List()
		if err != nil {
			return err
		}
		if len(all) >= event.MaxSubscriptions {
			return event.SubscriptionLimitReached()
		}
		a, err := findApp(tx, app)
		if err != nil {
			return err
		}
		w.App, w.CreatedAt = int64(a.ID), tx.Now()
		if err := tx.Webhooks.Insert(w); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other(event.WebhookObject, w.ID.String()))
		return tx.Webhooks.SetRoutes()
	})
	return w, err
}

func findApp(tx *store.Tx, id identity.AppID) (*identity.App, error) {
	if id == 0 {
		return tx.Apps.Default()
	}
	return tx.Apps.FindForUpdate(id)
}

// check asks a URL whether it is there, if that is wanted.
func (s *Service) check(ctx context.Context, url string) error {
	if !s.options.Check {
		return nil
	}
	r := s.sender.Check(ctx, url)
	switch {
	case r.Status == 200:
		return nil
	case r.Status == 0:
		return model.ParameterInvalid("The URL cannot be reached: %s", r.Error)
	default:
		return model.ParameterInvalid("The URL answered a HEAD request with %d, not 200", r.Status)
	}
}

// List reads all webhooks of the workspace, oldest first.
func (s *Service) List(ctx context.Context, by *model.Actor) ([]*event.Subscription, error) {
	var all []*event.Subscription
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		all, err = tx.Webhooks.List()
		return err
	})
	return all, err
}

// Find reads a webhook.
func (s *Service) Find(ctx context.Context, by *model.Actor, id event.SubscriptionID) (*event.Subscription, error) {
	var w *event.Subscription
	err := s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		w, err = tx.Webhooks.Find(id)
		return err
	})
	return w, err
}

// A Patch is what is to be changed of a webhook.
type Patch struct {
	URL    model.Opt[string]
	Topics model.Opt[[]string]
	State  model.Opt[string] // live or paused
}

// Change changes a webhook. What is on its way goes to the new URL.
func (s *Service) Change(ctx context.Context, by *model.Actor, id event.SubscriptionID, p Patch) (*event.Subscription, error) {
	if p.URL.Has() {
		var valid event.Subscription
		if err := valid.SetURL(p.URL.Value, s.sender.Plain); err != nil {
			return nil, err
		}
		if err := s.check(ctx, p.URL.Value); err != nil {
			return nil, err
		}
	}
	return s.change(ctx, by, id, func(w *event.Subscription) error {
		if p.URL.Set {
			if err := w.SetURL(p.URL.Value, s.sender.Plain); err != nil {
				return err
			}
		}
		if p.Topics.Set {
			if err := w.SetTopics(p.Topics.Value); err != nil {
				return err
			}
		}
		switch event.SubscriptionState(p.State.Value) {
		case event.Live:
			w.Resume()
		case event.Paused:
			return w.Pause()
		default:
			if p.State.Set {
				return model.ParameterInvalid("A webhook can be made live or paused")
			}
		}
		return nil
	})
}

// Pause stops what is sent to a webhook until it is resumed. Nothing is lost.
func (s *Service) Pause(ctx context.Context, by *model.Actor, id event.SubscriptionID) (*event.Subscription, error) {
	return s.change(ctx, by, id, (*event.Subscription).Pause)
}

// Resume has a webhook sent to again, whatever stopped it.
func (s *Service) Resume(ctx context.Context, by *model.Actor, id event.SubscriptionID) (*event.Subscription, error) {
	return s.change(ctx, by, id, func(w *event.Subscription) error {
		w.Resume()
		return nil
	})
}

// Remove ends a webhook. What is on its way to it is dropped.
func (s *Service) Remove(ctx context.Context, by *model.Actor, id event.SubscriptionID) (*event.Subscription, error) {
	return s.change(ctx, by, id, func(w *event.Subscription) error {
		w.State = event.Removed
		return nil
	})
}

func (s *Service) change(ctx context.Context, by *model.Actor, id event.SubscriptionID, change func(*event.Subscription) error) (*event.Subscription, error) {
	var w *event.Subscription
	err := s.store.Update(ctx, by.Workspace.ID, func(tx *store.Tx) (err error) {
		if err = tx.Webhooks.Lock(); err != nil {
			return err
		}
		if w, err = tx.Webhooks.FindForUpdate(id); err != nil {
			return err
		}
		if err = change(w); err != nil {
			return err
		}
		if err = tx.Webhooks.Save(w); err != nil {
			return err
		}
		if err = tx.Webhooks.SetRoutes(); err != nil {
			return err
		}
		tx.Notify(event.Changed, event.Other(event.WebhookObject, w.ID.String()))
		return ensure(tx, w.ID)
	})
	return w, err
}

// ensure has what is due of a webhook sent.
func ensure(tx *store.Tx, id event.SubscriptionID) error {
	return tx.Jobs.Ensure(model.Job{Kind: model.DeliverWebhooks, Key: id.String(), Payload: model.DeliverWebhooksPayload{Webhook: int64(id)}})
}
