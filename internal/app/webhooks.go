package app

import (
	"time"

	"parley/internal/config"
	"parley/internal/model/event"
	"parley/internal/outbound"
	hooks "parley/internal/service/webhook"
	"parley/internal/store"
	"parley/internal/webhook"
	"parley/internal/worker"
)

// WebhookOptions are how webhooks are told what happens. The zero value is good.
type WebhookOptions struct {
	Timeout   time.Duration    // of a request; 0: 5 seconds
	Allow     outbound.Allowed // may be told though it is not public
	Parallel  int              // requests to one webhook at once; 0: 8
	Limit     int              // webhooks that are told at once; 0: 64
	Check     bool             // a URL is asked for its header first
	Retention time.Duration    // of deliveries that have ended; 0: 30 days
	Policy    event.Policy     // what failures lead to; the zero value: DefaultPolicy
}

// The figures of webhooks that are chosen if nobody does.
const (
	defaultWebhookTimeout = 5 * time.Second
	defaultWebhookLimit   = 64
)

// DefaultPolicy loses nothing to a receiver that is away for a day: the retries of a
// delivery take four days at least.
func DefaultPolicy() event.Policy {
	return event.Policy{Retries: 100, RetryDelay: 5, MaxDelay: 60 * 60, PauseAfter: 1000, PauseWindow: 15 * 60, PauseFor: 15 * 60,
		SuspendAfter: 7 * 24 * 60 * 60, ThrottleMin: 60, ThrottleMax: 2 * 60 * 60}
}

// webhookOptions are those that the settings of a program stand for.
func webhookOptions(s config.Settings) WebhookOptions {
	w, seconds := s.Webhooks, func(d time.Duration) int64 { return int64(d / time.Second) }
	// Whoever uses a server that its own machine alone can reach is on that machine, and may tell what is there.
	return WebhookOptions{Timeout: w.Timeout, Parallel: w.Parallel, Limit: w.Limit, Check: w.Check, Retention: w.Retention,
		Allow: outbound.Allowed{Loopback: config.IsLoopback(s.Addr), Hosts: w.AllowHosts, Networks: w.AllowNetworks},
		Policy: event.Policy{Retries: int64(w.Retries), RetryDelay: seconds(w.RetryDelay), MaxDelay: seconds(w.MaxRetryDelay),
			PauseAfter: int64(w.PauseAfter), PauseWindow: seconds(w.PauseWindow), PauseFor: seconds(w.PauseFor),
			SuspendAfter: seconds(w.SuspendAfter), ThrottleMin: seconds(w.MinThrottle), ThrottleMax: seconds(w.MaxThrottle)}}
}

// newWebhooks makes the rules of webhooks.
func newWebhooks(s *store.Store, o Options) *hooks.Service {
	w := o.Webhooks
	if w.Policy == (event.Policy{}) {
		w.Policy = DefaultPolicy()
	}
	sender := webhook.New(webhook.Options{Timeout: w.Timeout, AllowPrivateAddresses: o.AllowPrivateAddresses, Allow: w.Allow,
		Kept: event.MaxAnswerBody, KeptHeader: event.MaxAnswerHeader, PerHost: w.Parallel, Clock: o.Clock})
	return hooks.New(s, sender, hooks.Options{Policy: w.Policy, Parallel: w.Parallel, Check: w.Check, Retention: w.Retention,
		Timeout: w.Timeout, PublicURL: o.PublicURL, Look: o.Look, Clock: o.Clock, Faults: o.DevToken != "", Sent: o.Sent})
}

// newPost makes what gets deliveries on their way.
func (a *App) newPost() *worker.Post {
	w := a.Webhooks
	return worker.NewPost(worker.PostOptions{Logger: a.options.Logger, Wake: w.Wake, Ensure: w.Ensure, EnsureDue: w.EnsureDue, Sweep: w.Sweep,
		Others: a.tellDeliveries, Look: a.options.Look})
}
