package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"parley/internal/blob"
	"parley/internal/config"
	"parley/internal/datafolder"
	"parley/internal/openid"
	"parley/internal/sms"
	"parley/internal/sqlite"
)

// The bounds of a connection. A request has a body of a few megabytes at most
// and is answered in well under a second, so that what takes longer is a client
// that is stuck, or means harm.
const (
	headerTimeout  = 10 * time.Second  // to send the request's header
	readTimeout    = 60 * time.Second  // to send all of the request
	writeTimeout   = 90 * time.Second  // from the header to the end of the answer
	idleTimeout    = 120 * time.Second // between two requests
	maxHeaderBytes = 64 << 10
)

// Once a server has left, a stop takes at most the two together, which is less than
// the ten seconds that are promised.
const (
	drainTimeout = 8 * time.Second // for requests and jobs that run
	closeTimeout = 1 * time.Second // for the database
)

// A Server runs a Parley on a port, from its settings to its end.
type Server struct {
	Settings config.Settings
	Version  string
	Output   io.Writer // is told where the server is, once it can be reached
	Logger   *slog.Logger

	Dev *Dev // nil: nobody watches

	NotifySocket string // where systemd waits for word of the server; empty: nobody waits
}

// NewLogger makes a log of the form that the settings ask for.
func NewLogger(to io.Writer, s config.Settings) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	if s.LogFormat == config.LogJSON {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// FromSettings are the options that the settings of a program stand for.
func FromSettings(s config.Settings, version string, logger *slog.Logger) Options {
	o := Options{Data: s.Data, Database: s.Database, Pool: s.Pool, RateLimit: s.RateLimit, AppRateLimit: s.AppRateLimit, Connections: s.Connections, Parallel: s.Parallel, Patience: s.ParallelWait, WorkspaceParallel: s.WorkspaceParallel, PublicURL: s.PublicURL, Files: s.Files, DatabaseListen: s.DatabaseListen,
		FilesShared: s.FilesShared,
		Settle:      settle,
		Version:     version, Clock: time.Now, Logger: logger, AllowPrivateAddresses: s.AllowPrivateAddresses}
	o.NoPages = !s.CachePages
	if o.Cache = s.CacheMB << 20; o.Cache == 0 {
		o.Cache = -1
	}
	if s.Dev {
		o.DevToken, o.DevLocal = s.DevToken, s.DevToken == config.UsualDevToken && config.IsLoopback(s.Addr)
		o.Spares = s.DevSpares
	}
	if s.S3.Bucket != "" {
		place := blob.S3Options(s.S3)
		o.S3 = &place
	}
	if s.SMS.Gateway == config.Twilio {
		o.SMS = &sms.Options{URL: s.SMS.URL, Account: s.SMS.Account, Token: s.SMS.Token, From: s.SMS.From}
	}
	if s.OpenID.Issuer != "" {
		o.OpenID = &openid.Options{Issuer: s.OpenID.Issuer, ClientID: s.OpenID.ClientID, ClientSecret: s.OpenID.ClientSecret}
	}
	o.Webhooks = webhookOptions(s)
	return o
}

// Run serves until ctx ends, then answers what has been asked and stops. It
// returns nil if all went well up to the stop.
func (s *Server) Run(ctx context.Context) error {
	if s.Settings.Database == "" {
		unlock, err := lockFolder(s.Settings.Data)
		if err != nil {
			return err
		}
		defer unlock()
	}
	// The port is taken before anything is made: a first start that fails here
	// must not have used up its one chance to show the token.
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Settings.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen: %w", err)
	}
	defer listener.Close()
	if !s.Settings.Dev {
		unused := make([]byte, headroom)
		defer runtime.KeepAlive(unused)
	} else if s.Settings.Database == "" {
		if err := sqlite.TakeOwnMemory(); err != nil {
			s.Logger.Debug("memory of the database will not be given back", "error", err)
		}
	}
	options := FromSettings(s.Settings, s.Version, s.Logger)
	options.demo = demoAhead(s.Settings)
	watching := s.watch(&options)
	a, err := Open(ctx, options)
	if err != nil {
		return err
	}
	if s.Settings.Database == "" { // which nobody else has open, since the folder is locked
		if err := a.releaseJobs(ctx); err != nil {
			a.Close()
			return err
		}
	}
	if err := a.Join(ctx); err != nil {
		a.Close()
		return err
	}
	hello, err := s.begin(ctx, a)
	if err != nil {
		a.Close()
		return err
	}
	running := newInFlight()
	watching.follow(a)
	server := &http.Server{
		Handler:           running.count(a.conns.bound(a.Handler())),
		ConnState:         a.conns.changed,
		ConnContext:       remember,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.Logger.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	a.Start()
	s.Logger.Info("listening", "address", listener.Addr().String(), "version", s.Version, "database", a.db.Dialect().Name())
	hello.dev = a.options.DevToken
	hello.print(s.Output, baseURL(listener.Addr()))
	watching.begin(a, hello.workspace.ID)
	s.notify("READY=1")

	select {
	case err = <-failed:
		err = fmt.Errorf("serving: %w", err)
		s.stopJobs(a)
	case err = <-a.refused:
		s.Logger.Error("this node has been away for too long, and may not serve any more", "error", err)
		s.drain(server, a, running)
	case <-ctx.Done():
		s.Logger.Info("stopping")
		s.notify("STOPPING=1")
		s.leave(a)
		s.drain(server, a, running)
	}
	watching.end()
	s.close(a)
	s.Logger.Info("stopped")
	return err
}

// settle is how long a server answers before it looks for what an earlier one left to be done. Whoever has waited for the server is the first to be
// answered then, with the connection to the database that is open, and the whole processor.
const settle = 200 * time.Millisecond

// headroom is memory that is reserved and never touched, so that it takes none of the machine's. The garbage collector begins when what
// is in use has doubled, and counts it in: a server with little in use would otherwise collect often, which is much of
// its work (docs/performance.md). One that tests are made with shares its machine with them, and goes without.
const headroom = 16 << 20

// lockFolder keeps a second server from the data folder.
func lockFolder(dir string) (unlock func() error, err error) {
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	unlock, err = datafolder.Lock(dir)
	if errors.Is(err, datafolder.ErrInUse) {
		return nil, fmt.Errorf("the data folder %s is in use by another Parley server: stop that one, or choose another folder with --data", dir)
	}
	return unlock, err
}

// baseURL is how the server is reached on its own machine.
func baseURL(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return "http://" + addr.String()
	}
	return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
}

// leave goes on serving for as long as it takes others to notice that the server says
// it is not ready. Whoever opened a connection to a closed port, or a stream that ends
// at once, would have come too soon.
func (s *Server) leave(a *App) {
	a.Leave()
	if s.Settings.DrainDelay > 0 {
		time.Sleep(s.Settings.DrainDelay)
	}
}

// drain stops the server and the jobs. While requests that came before are
// running, it still listens, so that whoever watches /readyz sees that it stops.
func (s *Server) drain(server *http.Server, a *App, running *inFlight) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	a.Drain()
	var jobs sync.WaitGroup
	jobs.Go(func() { s.stopJobs(a) })
	defer jobs.Wait()
	select {
	case <-running.settled():
	case <-ctx.Done():
	}
	err := server.Shutdown(ctx)
	if err != nil {
		s.Logger.Warn("requests were cut off", "error", err)
		server.Close()
	}
}

// stopJobs lets the jobs that run come to an end and begins no more.
func (s *Server) stopJobs(a *App) {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := a.StopJobs(ctx); err != nil {
		s.Logger.Warn("jobs were cut off and will be run again", "error", err)
	}
}

// close gives back what other servers can use, and closes the database. It does not
// wait for one that hangs.
func (s *Server) close(a *App) {
	closed := make(chan error, 1)
	go func() {
		a.leave(context.Background())
		closed <- a.Close()
	}()
	select {
	case err := <-closed:
		if err != nil {
			s.Logger.Warn("the database did not close well", "error", err)
		}
	case <-time.After(closeTimeout):
		s.Logger.Warn("the database did not close in time")
	}
}
