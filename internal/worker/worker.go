// Package worker is the door that time knocks on: it runs the jobs that rules
// asked for by calling rules, one file for each kind.
// It must not decide, nor open a transaction.
package worker

import (
	"context"
	"log/slog"
	"time"

	"parley/internal/jobs"
	"parley/internal/metric"
	"parley/internal/model"
	"parley/internal/model/content"
	"parley/internal/model/event"
	"parley/internal/model/sandbox"
	"parley/internal/outbound"
	"parley/internal/sms"
)

// Options are what a worker is built with. The rules must bear being called
// again for the same job. A job whose rule is nil is left alone.
type Options struct {
	Queue   *jobs.Queue
	Clock   func() time.Time
	Logger  *slog.Logger
	Metrics *metric.Registry

	// Unsnooze opens a conversation whose snooze has ended; for any other it does
	// nothing.
	Unsnooze func(ctx context.Context, workspace model.WorkspaceID, id model.ConversationID) error
	// DeleteBlob drops a file, if it is there and no row names it, and DropFiles some.
	DeleteBlob func(ctx context.Context, key string) error
	DropFiles  func(ctx context.Context, keys []string) error
	// FetchAttachment keeps what get gets from the attachment's URL. A *model.Error
	// of get says that it will never get it.
	FetchAttachment func(ctx context.Context, workspace model.WorkspaceID, id model.AttachmentID,
		get func(ctx context.Context, url string) ([]byte, error)) error
	// ExportReceipts writes the part of that number of an export, if that is the next
	// one.
	ExportReceipts func(ctx context.Context, workspace model.WorkspaceID, id content.DataExportID, part int64) error
	// SweepDataExport drops what nobody may download of an export, from behind a file
	// on.
	SweepDataExport func(ctx context.Context, workspace model.WorkspaceID, id content.DataExportID, file int64) error
	// Web is what files are fetched with.
	Web *outbound.Client
	// SendSMS hands a text message of the outbox to a gateway, or keeps it where that
	// is nil.
	SendSMS func(ctx context.Context, workspace model.WorkspaceID, id string, gateway *sms.Gateway) error
	// Gateway takes text messages; nil if there is none.
	Gateway *sms.Gateway
	// DeliverWebhooks sends what is due of a webhook, whose job is the one that runs.
	DeliverWebhooks func(ctx context.Context, workspace model.WorkspaceID, id event.SubscriptionID, j *jobs.Job) error
	// WebhookTurn and WebhookLease are how long that takes at most, and how long it may
	// give no sign; WebhookLimit is how many webhooks are sent to at once.
	WebhookTurn, WebhookLease time.Duration
	WebhookLimit              int
	// State reads what is set for a workspace whose jobs may be due by a clock of its own.
	State func(ctx context.Context, workspace model.WorkspaceID) (sandbox.State, error)
	// Full is called when more may be due than this process does; nil tells nobody.
	Full func()
	// Look is how long it is not looked for jobs that other processes ask for, at most;
	// 0 means a second.
	Look time.Duration
}

// New makes a runner of the queue that knows every kind of job.
func New(o Options) *jobs.Runner {
	handlers := make(map[string]jobs.Handler)
	if o.Unsnooze != nil {
		handlers[string(model.Unsnooze)] = jobs.Handler{Run: unsnooze(o.Unsnooze), Timeout: 15 * time.Second}
	}
	if o.DeleteBlob != nil {
		handlers[string(model.DeleteBlob)] = jobs.Handler{Run: deleteBlob(o.DeleteBlob)}
	}
	if o.DropFiles != nil {
		handlers[sandbox.DropFiles] = jobs.Handler{Run: dropFiles(o.DropFiles), Limit: 1, Attempts: 100}
	}
	if o.FetchAttachment != nil {
		handlers[string(model.FetchAttachment)] = jobs.Handler{Run: fetchAttachment(o.FetchAttachment, o.Web), Timeout: 90 * time.Second}
	}
	if o.SendSMS != nil {
		// The rule says when it has tried for long enough, which is sooner.
		handlers[string(model.SendSMS)] = jobs.Handler{Run: sendSMS(o.SendSMS, o.Gateway), Attempts: 100}
	}
	if o.ExportReceipts != nil {
		handlers[string(model.ExportReceipts)] = jobs.Handler{Run: exportReceipts(o.ExportReceipts), Limit: 2, Timeout: 30 * time.Second,
			Attempts: 2 * content.MaxExportAttempts} // the rule gives up first
	}
	if o.SweepDataExport != nil {
		handlers[string(model.SweepDataExport)] = jobs.Handler{Run: sweepDataExport(o.SweepDataExport)}
	}
	if o.DeliverWebhooks != nil {
		handlers[string(model.DeliverWebhooks)] = jobs.Handler{Run: deliverWebhooks(o.DeliverWebhooks), Limit: o.WebhookLimit,
			Timeout: o.WebhookTurn, Lease: o.WebhookLease, Attempts: 1 << 30} // what is due is never given up
	}
	m := newMetrics(o.Metrics)
	r := jobs.NewRunner(o.Queue, jobs.Options{Handlers: handlers, Clock: o.Clock, Logger: o.Logger, Observe: m.observe, Full: o.Full, Look: o.Look, Own: ownClock(o)})
	o.Metrics.Collect(queueCollector{o.Queue, r.Kinds(), o.Clock, o.Logger}.collect, queueMetric, lateMetric)
	return r
}
