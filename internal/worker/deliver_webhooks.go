package worker

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"parley/internal/jobs"
	"parley/internal/model"
	"parley/internal/model/event"
)

// deliverWebhooks does jobs of model.DeliverWebhooks.
func deliverWebhooks(rule func(context.Context, model.WorkspaceID, event.SubscriptionID, *jobs.Job) error) func(context.Context, *jobs.Job) error {
	return func(ctx context.Context, j *jobs.Job) error {
		var p model.DeliverWebhooksPayload
		if err := j.Decode(&p); err != nil {
			return err
		}
		return rule(ctx, model.WorkspaceID(j.Workspace), event.SubscriptionID(p.Webhook), j)
	}
}

// PostOptions are what a Post is made with.
type PostOptions struct {
	Logger *slog.Logger
	// Wake tells what sends to webhooks in this process, and returns the webhooks that
	// nothing sends to here.
	Wake func(workspace model.WorkspaceID, webhooks []int64) []event.SubscriptionID
	// Ensure has what is due of webhooks sent.
	Ensure func(ctx context.Context, workspace model.WorkspaceID, webhooks []event.SubscriptionID) error
	// EnsureDue looks for webhooks that have something due which nothing sends.
	EnsureDue func(ctx context.Context, workspaces ...model.WorkspaceID) (int, error)
	// Sweep drops what is too old to be kept.
	Sweep func(ctx context.Context) error
	// Others passes on to other processes which webhooks have something to be sent that
	// nothing here sends to. It must not wait, and may lose it. nil tells nobody.
	Others func(workspace model.WorkspaceID, webhooks []event.SubscriptionID)
	// Look is how long it is not looked for what is due, whatever was told, at most; 0
	// means a second.
	Look time.Duration
}

const (
	defaultLook = time.Second
	// sweepPause is how long it is until what is old is dropped again.
	sweepPause = 10 * time.Minute
)

// A Post sees to it that what is told to webhooks gets on its way. What it is told is
// for speed alone: it looks for what is due besides.
type Post struct {
	options PostOptions
	bell    chan struct{} // holds a stroke until it is heard

	mu   sync.Mutex
	told map[model.WorkspaceID]map[event.SubscriptionID]bool

	running sync.WaitGroup
	cancel  context.CancelFunc
}

// NewPost makes a Post, which does nothing yet.
func NewPost(o PostOptions) *Post {
	if o.Look <= 0 {
		o.Look = defaultLook
	}
	if o.Others == nil {
		o.Others = func(model.WorkspaceID, []event.SubscriptionID) {}
	}
	return &Post{options: o, bell: make(chan struct{}, 1), told: map[model.WorkspaceID]map[event.SubscriptionID]bool{}}
}

// Tell says that webhooks have something to be sent. It does not wait.
func (p *Post) Tell(workspace model.WorkspaceID, webhooks []int64) {
	others := p.options.Wake(workspace, webhooks)
	if len(others) == 0 {
		return
	}
	p.options.Others(workspace, others)
	p.mu.Lock()
	if p.told != nil {
		if p.told[workspace] == nil {
			p.told[workspace] = map[event.SubscriptionID]bool{}
		}
		for _, id := range others {
			p.told[workspace][id] = true
		}
	}
	p.mu.Unlock()
	select {
	case p.bell <- struct{}{}:
	default:
	}
}

// Start has it act on what it is told, and after a while look by itself.
func (p *Post) Start(after time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	p.running.Go(func() { p.listen(ctx) })
	p.running.Go(func() {
		p.every(ctx, after, sweepPause, "old events and deliveries cannot be dropped", p.options.Sweep)
	})
	p.running.Go(func() {
		p.every(ctx, after, p.options.Look, "it cannot be looked for due webhooks", func(ctx context.Context) error {
			_, err := p.options.EnsureDue(ctx)
			return err
		})
	})
}

// Stop ends it.
func (p *Post) Stop() {
	p.cancel()
	p.running.Wait()
}

// listen acts on what is told. Webhooks that are told of while it acts are one more
// act together.
func (p *Post) listen(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.bell:
		}
		p.mu.Lock()
		told := p.told
		p.told = map[model.WorkspaceID]map[event.SubscriptionID]bool{}
		p.mu.Unlock()
		for workspace, set := range told {
			webhooks := make([]event.SubscriptionID, 0, len(set))
			for id := range set {
				webhooks = append(webhooks, id)
			}
			if err := p.options.Ensure(ctx, workspace, webhooks); err != nil && ctx.Err() == nil {
				p.options.Logger.Warn("a webhook will be sent to later", "workspace", workspace, "error", err)
			}
		}
	}
}

// every calls fn again and again, from after on.
func (p *Post) every(ctx context.Context, after, pause time.Duration, failure string, fn func(context.Context) error) {
	for next := time.NewTimer(after); ; next.Reset(pause) {
		select {
		case <-ctx.Done():
			next.Stop()
			return
		case <-next.C:
		}
		if err := fn(ctx); err != nil && ctx.Err() == nil {
			p.options.Logger.Warn(failure, "error", err)
		}
	}
}
