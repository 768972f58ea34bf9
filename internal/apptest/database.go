package apptest

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // makes and drops the test database

	"parley/internal/app"
	"parley/internal/db"
	"parley/internal/means"
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

// setupPostgres makes a database on the server that the tests were given.
func setupPostgres() (app.Options, func(), error) {
	at, drop, err := means.MakePostgres()
	return app.Options{Database: at}, func() { _ = drop() }, err
}
