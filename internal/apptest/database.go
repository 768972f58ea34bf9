package apptest

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // makes and drops the test database

	"parley/internal/app"
	"parley/internal/db"
)

// A shared database is opened once for all tests of a package, each of which has
// a workspace of its own in it.
type shared struct {
	once  sync.Once
	setup func() (app.Options, func(), error)
	db    *db.DB
	err   error
	close func()
}

var (
	sqlite   = &shared{setup: setupSQLite}
	postgres = &shared{setup: setupPostgres}
)

// Main runs a package's tests and removes the databases they made. A package
// that uses rigs calls it from TestMain.
func Main(m *testing.M) {
	code := m.Run()
	sqlite.remove()
	postgres.remove()
	os.Exit(code)
}

func (s *shared) open(t testing.TB) *db.DB {
	t.Helper()
	s.once.Do(func() {
		var o app.Options
		if o, s.close, s.err = s.setup(); s.err != nil {
			return
		}
		o.Clock, o.Logger = time.Now, slog.New(slog.DiscardHandler)
		s.db, s.err = app.OpenDatabase(context.Background(), o)
	})
	must(t, s.err)
	return s.db
}

func (s *shared) remove() {
	if s.db != nil {
		s.db.Close()
	}
	if s.close != nil {
		s.close()
	}
}

func setupSQLite() (app.Options, func(), error) {
	dir, err := os.MkdirTemp("", "parley-test-")
	return app.Options{Data: dir}, func() { os.RemoveAll(dir) }, err
}

func postgresURL() string { return os.Getenv("PARLEY_TEST_DATABASE") }

// setupPostgres makes a database on the server that the tests were given.
func setupPostgres() (app.Options, func(), error) {
	u, err := url.Parse(postgresURL())
	if err != nil {
		return app.Options{}, nil, err
	}
	server, err := sql.Open("pgx", u.String())
	if err != nil {
		return app.Options{}, nil, err
	}
	name := fmt.Sprintf("parley_test_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := server.Exec(`CREATE DATABASE ` + name); err != nil {
		return app.Options{}, nil, fmt.Errorf("make a test database: %w", err)
	}
	u.Path = "/" + name
	return app.Options{Database: u.String()}, func() {
		server.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`)
		server.Close()
	}, nil
}
