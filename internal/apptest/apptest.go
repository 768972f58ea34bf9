// Package apptest runs a whole Parley for tests: a workspace of its own for each
// test, on every database at hand, with the clock in the test's hand.
// It must not be imported by anything but tests.
package apptest

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/model/identity"
)

// A Rig is a Parley with one workspace, one admin and that admin's token.
type Rig struct {
	*app.App
	Clock     *Clock
	Workspace *model.Workspace
	Admin     *model.Admin
	Token     string
	Database  *db.DB
	Folder    string // of attachments

	t      testing.TB
	judges []*judge
	port   *port
}

const (
	// DevToken opens the operations of developers on every rig.
	DevToken = "dev-token"
	// NoDevToken is the option of a server that has none of them.
	NoDevToken = "none"
)

// Start is the time on the clock of every rig: a Thursday, noon, UTC.
var Start = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// OnEach runs a test on each database: SQLite always, PostgreSQL where
// PARLEY_TEST_DATABASE names a server.
func OnEach(t *testing.T, test func(t *testing.T, r *Rig)) {
	t.Helper()
	OnEachWith(t, app.Options{}, test)
}

// OnEachWith is OnEach with options of the test's own.
func OnEachWith(t *testing.T, o app.Options, test func(t *testing.T, r *Rig)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, With(t, o))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		means.NeedPostgres(t)
		test(t, newRig(t, postgres.open(t), o))
	})
}

// OnEachAlone is OnEach on databases of the test's own, for what a server does to every
// workspace that it finds.
func OnEachAlone(t *testing.T, test func(t *testing.T, r *Rig)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		d, err := app.OpenDatabase(t.Context(), app.Options{Data: t.TempDir()})
		must(t, err)
		t.Cleanup(func() { d.Close() })
		test(t, On(t, d))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, On(t, openAt(t, means.Postgres(t))))
	})
}

// Rigs makes a rig on each database at hand, for fuzzing.
func Rigs(t testing.TB) []*Rig {
	t.Helper()
	rigs := []*Rig{New(t)}
	if means.HasPostgres() {
		rigs = append(rigs, newRig(t, postgres.open(t), app.Options{}))
	}
	return rigs
}

// New makes a rig on the embedded database.
func New(t testing.TB) *Rig { return newRig(t, sqlite.open(t), app.Options{}) }

// On makes a rig on a migrated database of the test's own.
func On(t testing.TB, d *db.DB) *Rig { return newRig(t, d, app.Options{}) }

// With makes a rig on the embedded database with options of the test's own.
func With(t testing.TB, o app.Options) *Rig { return newRig(t, sqlite.open(t), o) }

// WithPostgres is With on PostgreSQL, which must be at hand.
func WithPostgres(t testing.TB, o app.Options) *Rig { return newRig(t, postgres.open(t), o) }

func newRig(t testing.TB, d *db.DB, o app.Options) *Rig {
	t.Helper()
	r := &Rig{Clock: &Clock{now: Start}, Database: d, t: t}
	r.serve(t, o)
	r.Workspace, r.Admin, r.Token = r.NewWorkspace(t)
	return r
}

// Restarted is the rig's workspace, on the same database and by the same clock, in
// a Parley with other options. What the old one left to be done, it finds.
func (r *Rig) Restarted(t testing.TB, o app.Options) *Rig {
	t.Helper()
	other := *r
	other.serve(t, o)
	return &other
}

// serve builds a Parley on the rig's database.
func (r *Rig) serve(t testing.TB, o app.Options) {
	t.Helper()
	o.Clock = r.Clock.Now
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	switch o.DevToken {
	case "":
		o.DevToken = DevToken
	case NoDevToken:
		o.DevToken = ""
	}
	if o.RateLimit == 0 {
		o.RateLimit = 1_000_000
	}
	if o.Files == "" {
		o.Files = filepath.Join(t.TempDir(), app.FilesFolder)
	}
	var err error
	r.Folder = o.Files
	r.App, err = app.New(r.Database, o)
	must(t, err)
	r.judges = judges(t, r.App)
	r.port = &port{}
	kept := r.App
	t.Cleanup(func() {
		wrong, err := kept.CheckKept(context.Background())
		if !errors.Is(err, db.ErrClosed) {
			must(t, err)
		}
		for _, w := range wrong {
			t.Error(w)
		}
	})
}

// Start has the rig do by itself what is due: in every workspace, so that the database
// must be the test's own. Beside others, it would do their jobs by its own settings.
func (r *Rig) Start() {
	r.t.Helper()
	if r.Database == sqlite.db || r.Database == postgres.db {
		r.t.Fatal("a server that does jobs by itself needs a database of its own")
	}
	r.App.Start()
}

// Unjudged stops holding answers against the contract: for benchmarks, and for tests that read again what was held before.
func (r *Rig) Unjudged() *Rig {
	r.judges = nil
	return r
}

// NewWorkspace makes another workspace beside the rig's own.
func (r *Rig) NewWorkspace(t testing.TB) (*model.Workspace, *model.Admin, string) {
	t.Helper()
	return r.newWorkspace(t, "America/Los_Angeles")
}

func (r *Rig) newWorkspace(t testing.TB, timezone string) (*model.Workspace, *model.Admin, string) {
	t.Helper()
	ctx := context.Background()
	ws, err := r.App.Workspace.Create(ctx, model.Workspace{Name: "Acme", Timezone: timezone, Region: "US"})
	must(t, err)
	operator, err := r.App.Workspace.Operator(ctx, ws.ID)
	must(t, err)
	admin, err := r.App.Workspace.CreateAdmin(ctx, operator, model.Admin{
		Name: "Ann Owner", Email: "ann@acme.test", HasInboxSeat: true})
	must(t, err)
	operator.Admin = admin.ID
	token, err := r.App.Workspace.CreateToken(ctx, operator, admin.ID, "test", "")
	must(t, err)
	return ws, admin, token
}

// Elsewhere is the same Parley with a new workspace, whose owner asks.
func (r *Rig) Elsewhere(t testing.TB) *Rig {
	t.Helper()
	other := *r
	other.Workspace, other.Admin, other.Token = r.NewWorkspace(t)
	return &other
}

// In is Elsewhere with a workspace in a time zone of the test's own.
func (r *Rig) In(t testing.TB, timezone string) *Rig {
	t.Helper()
	other := *r
	other.Workspace, other.Admin, other.Token = r.newWorkspace(t, timezone)
	return &other
}

// Actor is the rig's admin, for calling rules that no operation reaches.
func (r *Rig) Actor() *model.Actor {
	return &model.Actor{Workspace: r.Workspace, Admin: r.Admin.ID, IP: "127.0.0.1"}
}

// AsDeveloper is the rig with the token of the server in the place of its admin's.
func (r *Rig) AsDeveloper() *Rig {
	other := *r
	other.Token = DevToken
	return &other
}

// AppToken is a token of a new app that may do what the scopes say, given by the
// rig's admin.
func (r *Rig) AppToken(t testing.TB, scopes ...identity.Scope) string {
	t.Helper()
	const back = "https://app.test/back"
	ctx := context.Background()
	scopes = slices.DeleteFunc(slices.Clone(scopes), func(s identity.Scope) bool { return s == identity.NoScope })
	a, err := r.Identity.RegisterApp(ctx, r.Actor(), "App", []string{back}, scopes)
	must(t, err)
	code, err := r.Identity.Authorize(ctx, r.Actor(), a.ID, back)
	must(t, err)
	token, err := r.Identity.Exchange(ctx, a.ClientID, a.ClientSecret, code, "", "127.0.0.1")
	must(t, err)
	return token
}

// RunJobs runs the jobs of the rig's workspace that are due by the rig's clock,
// those that they ask for too, and returns how many attempts that took.
func (r *Rig) RunJobs() int {
	r.t.Helper()
	n, err := r.App.RunJobs(context.Background(), r.Workspace.ID)
	if err != nil {
		r.t.Errorf("running jobs: %v", err)
	}
	return n
}

// A Clock stands still until a test moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time on the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass moves the clock.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
