// Package app builds every part of Parley in order, starts it and stops it. It
// is the one place that knows all of them.
// It must not hold rules, SQL or HTTP of its own beyond the server's health.
package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/api"
	"parley/internal/db"
	"parley/internal/seed"
	"parley/internal/service/people"
	"parley/internal/service/workspace"
	"parley/internal/store"
)

// Options are what a Parley is built with.
type Options struct {
	Data      string // folder of the embedded database, made if it is not there
	Database  string // postgres://…; empty for the embedded database
	RateLimit int    // requests per workspace in ten seconds
	PublicURL string // where clients reach the server; empty: wherever they sent the request
	Version   string // of the program, for the metrics
	Clock     func() time.Time
	Logger    *slog.Logger
}

// DatabaseFile is the embedded database, in the data folder.
const DatabaseFile = "parley.db"

// An App is a whole Parley without a port.
type App struct {
	People    *people.Service
	Workspace *workspace.Service
	Seeds     *seed.Seeder
	API       *api.API

	options  Options
	db       *db.DB
	registry *prometheus.Registry
	handler  http.Handler
	draining atomic.Bool
}

// Open opens the database, brings its schema up to date and builds the parts.
// Close it when done.
func Open(ctx context.Context, o Options) (*App, error) {
	d, err := OpenDatabase(ctx, o)
	if err != nil {
		return nil, err
	}
	return New(d, o), nil
}

// OpenDatabase opens the database that the options name, without the rest.
func OpenDatabase(ctx context.Context, o Options) (*db.DB, error) {
	options := db.Options{URL: o.Database, Migrations: store.Migrations(), Logger: o.Logger}
	if o.Database == "" {
		if err := makeFolder(o.Data); err != nil {
			return nil, err
		}
		options.Path = filepath.Join(o.Data, DatabaseFile)
	}
	return db.Open(ctx, options)
}

// New builds the parts on an open database.
func New(d *db.DB, o Options) *App {
	s := store.New(d, o.Clock)
	a := &App{People: people.New(s), Workspace: workspace.New(s), options: o, db: d, registry: newRegistry(d, o.Version)}
	a.Seeds = &seed.Seeder{People: a.People, Workspace: a.Workspace, Clock: o.Clock}
	a.API = api.New(api.Options{
		People: a.People, Workspace: a.Workspace, Clock: o.Clock, Logger: o.Logger,
		Metrics: api.NewMetrics(a.registry), RateLimit: o.RateLimit, PublicURL: o.PublicURL,
	})
	a.handler = a.routes()
	return a
}

// Drain has the server say that it is not ready for more requests. It answers
// those that come nevertheless.
func (a *App) Drain() { a.draining.Store(true) }

// Handler answers every request that the server takes.
func (a *App) Handler() http.Handler { return a.handler }

// makeFolder makes the data folder, which nobody else on the machine may read.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be made: %w", err)
	}
	return nil
}

// Close waits for running work and closes the database.
func (a *App) Close() error { return a.db.Close() }
