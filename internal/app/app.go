// Package app builds every part of Parley in order, starts it and stops it. It
// is the one place that knows all of them.
// It must not hold rules, SQL or HTTP of its own beyond the server's health.
package app

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/api"
	"parley/internal/blob"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/devpage"
	"parley/internal/explorer"
	"parley/internal/files"
	"parley/internal/jobs"
	"parley/internal/metric"
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/node"
	"parley/internal/oauth"
	"parley/internal/openid"
	"parley/internal/outbound"
	"parley/internal/page"
	"parley/internal/peer"
	"parley/internal/requestlog"
	"parley/internal/seed"
	"parley/internal/service/content"
	"parley/internal/service/identity"
	"parley/internal/service/inbox"
	"parley/internal/service/live"
	"parley/internal/service/people"
	"parley/internal/service/sandbox"
	hooks "parley/internal/service/webhook"
	"parley/internal/service/workspace"
	"parley/internal/sms"
	"parley/internal/store"
	"parley/internal/store/parts"
	"parley/internal/stream"
	"parley/internal/turn"
	"parley/internal/wire"
	"parley/internal/worker"
)

// Options are what a Parley is built with.
type Options struct {
	Data      string          // folder of the embedded database, made if it is not there
	Unsynced  bool            // what the embedded database is told outlives the process, but not the machine: for tests
	Database  string          // postgres://…; empty for the embedded database
	Pool      config.Pool     // of its connections; what is 0 is as much as is good
	Cache     int             // bytes of memory for contacts that were read, and as much for conversations; 0: as much as is good; less: none
	NoPages   bool            // pages of lists are read each time
	RateLimit int             // requests per workspace in ten seconds
	PublicURL string          // where clients reach the server; empty: wherever they sent the request
	Files     string          // folder of the attachments; empty: "files" in Data
	S3        *blob.S3Options // where attachments are kept instead, if it is set
	Version   string          // of the program, for the metrics
	Clock     func() time.Time
	Logger    *slog.Logger

	DevToken string // opens what tests of an integration need; empty: nobody can
	DevLocal bool   // everybody knows it, and nobody but this machine reaches the server
	Spares   int    // workspaces that are made ready of each seed or snapshot in use; 0: none
	// BesideDev says that another process on the database may have a DevToken: what is written waits for it to bring a workspace back.
	BesideDev bool

	// Sent is told of each attempt to tell a webhook something, once it has ended; nil: nobody
	// is. It must not wait.
	Sent func(ws model.WorkspaceID, url string, d event.Delivery, a event.Attempt)

	Connections int           // of clients, where a Server runs; 0: any number
	Parallel    int           // requests that are answered at once; 0: any number
	Patience    time.Duration // of those beyond them, before they are refused; 0: 5 seconds

	WorkspaceParallel int // requests of a workspace that are answered at once; 0: any number

	AppRateLimit int // requests per app in ten seconds; 0: as many as per workspace

	AllowPrivateAddresses bool // outgoing requests may go to addresses that are not public
	ExportStep            int  // receipts in a part of an export's file; 0: as many as are good

	RatePatience              time.Duration   // of a request, with the counter of rates; 0: a second
	OpenID                    *openid.Options // where admins may sign in; its clock is not looked at; nil: nowhere else
	Streams, WorkspaceStreams int             // live streams of the process, and of a workspace in it; 0: as many as are good
	StreamBeat                time.Duration   // how often a live stream says that it is there; 0: as often as is good

	SMS *sms.Options // the gateway of text messages; nil: they are kept

	Webhooks WebhookOptions

	DatabaseListen string        // postgres://… of a session in which other nodes are heard; empty: Database; NotListening: not
	FilesShared    bool          // the folder of the attachments is one that all nodes see
	Host           string        // name of the machine; empty: as the system has it
	Look           time.Duration // how long it is not looked for what other nodes wrote, at most; 0: as long as is good
	Settle         time.Duration // after a start, until it is looked for what was left to do; what comes in by then is not in its way

	demo <-chan demo // has the example company once it is read ahead; nil: nobody reads it ahead
}

// NotListening is the DatabaseListen of a node that neither hears others nor tells
// them anything but by the database.
const NotListening = config.NotListening

// What is in the data folder.
const (
	DatabaseFile = "parley.db" // the embedded database
	FilesFolder  = "files"     // attachments, unless they are kept elsewhere
)

// An App is a whole Parley without a port.
type App struct {
	People    *people.Service
	Workspace *workspace.Service
	Content   *content.Service
	Inbox     *inbox.Service
	Identity  *identity.Service
	Rates     *workspace.Rates
	Nodes     *node.Nodes
	Live      *live.Service
	Webhooks  *hooks.Service
	Sandbox   *sandbox.Service
	Requests  *requestlog.Log // nil where nobody is a developer
	Seeds     *seed.Seeder
	API       *api.API
	Files     *files.Door
	OAuth     *oauth.Door

	options  Options
	store    *store.Store
	db       *db.DB
	registry *metric.Registry
	packers  sync.Pool // of *gzip.Writer, which are large
	conns    *connections
	explorer *page.Door
	devPage  *page.Door // nil where nobody is a developer
	stream   *stream.Door
	jobs     *jobs.Runner
	post     *worker.Post
	parts    *parts.Index
	peer     *peer.Peer // nil: there are no other nodes, or they are not heard
	handler  http.Handler
	rest     rest // never comes where nobody is a developer
	draining atomic.Bool
	serving  atomic.Bool
	queue    *jobs.Queue
	keeper   *node.Keeper // nil: it is no node
	refused  chan error   // why it may be one no more
}

// Open opens the database, brings its schema up to date and builds the parts.
// Close it when done.
func Open(ctx context.Context, o Options) (*App, error) {
	d, err := OpenDatabase(ctx, o)
	if err != nil {
		return nil, err
	}
	a, err := New(d, o)
	if err != nil {
		d.Close()
		return nil, err
	}
	return a, nil
}

// devCacheKB is what a connection to SQLite keeps in memory on a server of tests, whose workspaces are small and which has a machine to share.
const devCacheKB = 1000

// OpenDatabase opens the database that the options name, without the rest.
func OpenDatabase(ctx context.Context, o Options) (*db.DB, error) {
	options := db.Options{URL: o.Database, MaxConns: o.Pool.Connections, ConnWait: o.Pool.Wait, Unsynced: o.Unsynced, Migrations: store.Migrations(),
		Logger: o.Logger}
	if o.Database == "" {
		if err := makeFolder(o.Data); err != nil {
			return nil, err
		}
		options.Path = filepath.Join(o.Data, DatabaseFile)
	}
	if o.DevToken != "" {
		options.CacheKB = devCacheKB
	}
	return db.Open(ctx, options)
}

// New builds the parts on an open database.
func New(d *db.DB, o Options) (*App, error) {
	o.Webhooks.Timeout = cmp.Or(o.Webhooks.Timeout, defaultWebhookTimeout)
	a := new(App)
	s := store.New(d, o.Clock, store.Options{Encode: wire.ItemEncoder(o.PublicURL), Told: a.told, Cache: o.Cache, NoPages: o.NoPages, Dev: o.DevToken != "" || o.BesideDev})
	blobs, err := OpenFiles(o)
	if err != nil {
		return nil, err
	}
	w := workspace.New(s)
	*a = App{People: people.New(s), Workspace: w, Content: content.New(s, blobs, content.Options{ExportStep: o.ExportStep}), Inbox: inbox.New(s, blobs),
		Identity: identity.New(s, w), Webhooks: newWebhooks(s, o),
		Live: live.New(s, live.Options{Clock: o.Clock, Logger: o.Logger, Streams: o.Streams, WorkspaceStreams: o.WorkspaceStreams,
			Look: o.Look, Tell: a.tellSignal}),
		Nodes: node.New(d), refused: make(chan error, 1),
		options: o, store: s, queue: s.Queue(), db: d, registry: newRegistry(d, o.Version), conns: newConnections(o.Connections)}
	a.registry.Gauge("parley_streams_open", "Live streams that are open.", func() float64 { return float64(a.Live.Streams()) })
	if o.DevToken != "" {
		a.Requests, a.devPage = requestlog.New(requestlog.Options{}), devpage.New(o.Logger)
		a.rest = newRest(a.giveBack)
	}
	a.Seeds = &seed.Seeder{People: a.People, Workspace: a.Workspace, Content: a.Content, Inbox: a.Inbox, Clock: o.Clock}
	a.Sandbox = sandbox.New(s, sandbox.Options{Workspace: w, Webhooks: a.Webhooks, Read: a.readSeed, Version: o.Version, Clock: o.Clock, Token: o.DevToken,
		Run:    func(ctx context.Context, ws model.WorkspaceID) (int, error) { return a.jobs.RunSome(ctx, string(ws)) },
		Spares: o.Spares, Changes: changes(d), Shared: d.Dialect().Shared(), Tended: a.restLater, Logger: o.Logger})
	a.registry.Gauge("parley_dev_spares", "Workspaces that are ready before somebody asks for them.", func() float64 { return float64(a.Sandbox.Spares()) })
	a.Rates = workspace.NewRates(s, workspace.RateOptions{Clock: o.Clock, Logger: o.Logger, Patience: o.RatePatience,
		Usual: model.RateLimits{App: int64(o.AppRateLimit), Workspace: int64(o.RateLimit)}})
	turns := turn.New[model.WorkspaceID](o.WorkspaceParallel)
	a.registry.Gauge("parley_http_requests_waiting", "Requests that wait for another of their workspace to be answered.",
		func() float64 { return float64(turns.Waiting()) })
	a.API = api.New(api.Options{
		People: a.People, Workspace: a.Workspace, Content: a.Content, Inbox: a.Inbox, Identity: a.Identity, Live: a.Live, Webhooks: a.Webhooks, Clock: o.Clock, Logger: o.Logger,
		Metrics: api.NewMetrics(a.registry), Rates: a.Rates, Turns: turns, Crowd: api.NewCrowd(o.Parallel, cmp.Or(o.Patience, 5*time.Second), a.registry), PublicURL: o.PublicURL, Sandbox: a.Sandbox, DevToken: o.DevToken, DevLocal: o.DevLocal,
		Requests: a.Requests,
	})
	a.Files = files.New(files.Options{Inbox: a.Inbox, Logger: o.Logger})
	a.OAuth = oauth.New(oauth.Options{Identity: a.Identity, Workspace: a.Workspace, Clock: o.Clock, Logger: o.Logger, PublicURL: o.PublicURL,
		Provider: openProvider(o)})
	a.stream = stream.New(stream.Options{Workspace: w, Live: a.Live, Logger: o.Logger, Version: api.Version, Beat: o.StreamBeat, Admit: a.API.Count})
	a.peer = a.newPeer()
	a.measure()
	a.post = a.newPost()
	a.parts = parts.New(d, o.Logger)
	a.explorer = explorer.New(o.Logger)
	a.jobs = worker.New(worker.Options{Queue: s.Queue(), Clock: o.Clock, Logger: o.Logger, Metrics: a.registry,
		Unsnooze: a.Inbox.Unsnooze, DeleteBlob: a.Inbox.DeleteBlob, DropFiles: a.Inbox.DropFiles, FetchAttachment: a.Inbox.FetchAttachment,
		ExportReceipts: a.Content.ExportReceipts, SweepDataExport: a.Content.SweepDataExport,
		Web: outbound.New(outbound.Options{AllowPrivate: o.AllowPrivateAddresses}), SendSMS: a.Inbox.SendSMS, Gateway: openGateway(o),
		DeliverWebhooks: a.Webhooks.Deliver, State: a.Sandbox.State, WebhookTurn: hooks.MaxTurn(o.Webhooks.Timeout), WebhookLease: hooks.Lease(o.Webhooks.Timeout),
		WebhookLimit: cmp.Or(o.Webhooks.Limit, defaultWebhookLimit), Full: a.tellDue, Look: o.Look})
	a.handler = a.routes()
	return a, nil
}

// OpenFiles finds the place of attachments. Neither a folder nor a bucket is gone
// to before there is something to keep.
func OpenFiles(o Options) (blob.Store, error) {
	if o.S3 != nil {
		return blob.NewS3(*o.S3)
	}
	return blob.NewFolder(filesFolder(o)), nil
}

// filesFolder is where attachments are kept if not in a bucket.
func filesFolder(o Options) string { return cmp.Or(o.Files, filepath.Join(o.Data, FilesFolder)) }

// openGateway is the gateway of text messages, or nil. It is not asked before there
// is something to send.
func openGateway(o Options) *sms.Gateway {
	if o.SMS == nil {
		return nil
	}
	return sms.New(*o.SMS)
}

// openProvider is where admins may sign in, or nil. It is not asked before somebody
// does.
func openProvider(o Options) *openid.Provider {
	if o.OpenID == nil {
		return nil
	}
	options := *o.OpenID
	options.Clock = o.Clock
	return openid.New(options)
}

// CheckKept compares what is kept in memory of the database with what is there, and returns what differs.
func (a *App) CheckKept(ctx context.Context) ([]string, error) { return a.store.CheckKept(ctx) }

// ForgetKept has what is kept in memory of the database be read anew.
func (a *App) ForgetKept() { a.store.ForgetKept() }

// Leave has the server say that it is not ready for more requests. It answers those
// that come nevertheless, each as the last one of its connection.
func (a *App) Leave() { a.draining.Store(true) }

// Drain is Leave, and ends live streams and those who wait for calls.
func (a *App) Drain() {
	a.Leave()
	a.Live.Close()
	if a.Requests != nil {
		a.Requests.Close()
	}
}

// Handler answers every request that the server takes.
func (a *App) Handler() http.Handler { return a.handler }

// RunJobs runs the jobs that are due now, one after another, until none is, and
// returns how many attempts that took. Its error is one of the queue; a job that
// fails is logged and tried again later. Where workspaces are named, jobs of
// others are left alone.
func (a *App) RunJobs(ctx context.Context, workspaces ...model.WorkspaceID) (int, error) {
	names := make([]string, len(workspaces))
	for i, id := range workspaces {
		names[i] = string(id)
	}
	for attempts := 0; ; {
		// Nothing else asks for what is due of webhooks, unless the server runs.
		if _, err := a.Webhooks.EnsureDue(ctx, workspaces...); err != nil {
			return attempts, err
		}
		n, err := a.jobs.RunDue(ctx, names...)
		attempts += n
		if err != nil || n == 0 {
			return attempts, err
		}
	}
}

// makeFolder makes the data folder, which nobody else on the machine may read.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be made: %w", err)
	}
	return nil
}

// Close waits for running work and closes the database.
func (a *App) Close() error {
	a.Live.Close()
	a.leaveNodes()
	return a.db.Close()
}
