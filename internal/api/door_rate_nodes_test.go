package api_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/rate"
	"parley/internal/store"
)

// limits sets the limits of the rig's workspace.
func limits(t testing.TB, r *apptest.Rig, l model.RateLimits) {
	t.Helper()
	_, err := r.App.Workspace.SetRateLimits(context.Background(), r.Workspace.ID, func(to *model.RateLimits) { *to = l })
	noError(t, err)
}

// nodes are the servers that may work on the rig's database.
func nodes(t testing.TB, r *apptest.Rig) []*apptest.Rig {
	if !r.Database.Dialect().Shared() {
		return []*apptest.Rig{r}
	}
	patient := app.Options{RatePatience: time.Minute} // however slow the machine is
	return []*apptest.Rig{r.Restarted(t, patient), r.Restarted(t, patient)}
}

// hammer has clients call the servers by turns until each has been refused, and
// counts what was let in.
func hammer(t *testing.T, nodes []*apptest.Rig, token string) (admitted int) {
	t.Helper()
	var mu sync.Mutex
	var clients sync.WaitGroup
	for i := range 6 {
		clients.Go(func() {
			for {
				a := nodes[i%len(nodes)].Get(t, "/me", apptest.As(token))
				if a.Status == http.StatusTooManyRequests {
					return
				}
				a.OK()
				mu.Lock()
				admitted++
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	return admitted
}

func newToken(t testing.TB, r *apptest.Rig, name string) string {
	t.Helper()
	token, err := r.App.Workspace.CreateToken(context.Background(), r.Actor(), r.Admin.ID, name, "")
	noError(t, err)
	return token
}

// TestRateOfNodes has two servers share the limits of an app and of a workspace, on
// PostgreSQL; the embedded database has one.
func TestRateOfNodes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		limits(t, r, model.RateLimits{App: 100, Workspace: 150})
		other := newToken(t, r, "other app")
		all := nodes(t, r)
		if n := hammer(t, all, r.Token); n != 100 {
			t.Errorf("%d requests of an app are let in, want 100", n)
		}
		r.Get(t, "/me").Fails(429, "rate_limit_exceeded", "Exceeded rate limit of 100 in 10_seconds")
		if n := hammer(t, all, other); n != 50 {
			t.Errorf("%d requests of another app are let in, want the 50 that the workspace has left", n)
		}
		r.Get(t, "/me", apptest.As(other)).Fails(429, "rate_limit_exceeded", "Exceeded rate limit of 150 in 10_seconds")
		if n := hammer(t, nodes(t, r.Elsewhere(t))[:1], r.Token); n != 0 {
			t.Errorf("%d more are let in", n)
		}
		r.Clock.Pass(10 * time.Second)
		if n := hammer(t, all, other); n != 100 {
			t.Errorf("%d requests are let in in the next window, want 100", n)
		}
	})
}

// TestRateOfApps counts each token by itself, tells of the limit that is nearer its
// end, and follows limits that change.
func TestRateOfApps(t *testing.T) {
	apptest.OnEachWith(t, app.Options{RateLimit: 9, AppRateLimit: 5}, func(t *testing.T, r *apptest.Rig) {
		told := func(a *apptest.Answer, limit, remaining int) {
			t.Helper()
			l, rem := spelt(a.Header, "X-RateLimit-Limit"), spelt(a.Header, "X-RateLimit-Remaining")
			if len(l) != 1 || len(rem) != 1 || l[0] != strconv.Itoa(limit) || rem[0] != strconv.Itoa(remaining) {
				t.Errorf("%s: %v of %v remain, want %d of %d", a.Call, rem, l, remaining, limit)
			}
		}
		other := newToken(t, r, "other app")
		told(r.Get(t, "/me").OK(), 5, 4)
		told(r.Get(t, "/me").OK(), 5, 3)
		told(r.Get(t, "/me", apptest.As(other)).OK(), 5, 4)
		limits(t, r, model.RateLimits{Workspace: 4})
		told(r.Get(t, "/me").OK(), 4, 0)
		told(r.Get(t, "/me").Is(429), 4, 0)
		limits(t, r, model.RateLimits{App: 4, Workspace: 20})
		told(r.Get(t, "/me").OK(), 4, 0)
		refused := r.Get(t, "/me")
		refused.Fails(429, "rate_limit_exceeded", "Exceeded rate limit of 4 in 10_seconds")
		told(refused, 4, 0)
		told(r.Get(t, "/me", apptest.As(other)).OK(), 4, 2)
		limits(t, r, model.RateLimits{})
		told(r.Get(t, "/me").OK(), 5, 0)
		told(r.Get(t, "/me", apptest.As(other)).OK(), 9, 1)
		// What is ours is not counted, and there is nothing there.
		if a := r.Get(t, "/_parley/nothing").Is(404); len(spelt(a.Header, "X-RateLimit-Limit")) != 0 {
			t.Errorf("what is ours is counted: %v", a.Header)
		}
	})
}

// TestRateTakesFewStatements holds what a request costs while the end of its limits
// is far: nothing, but for the first of a window.
func TestRateTakesFewStatements(t *testing.T) {
	onEachTraced(t, func(t *testing.T, r *apptest.Rig, tr *apptest.Trace) {
		r.Get(t, "/me").OK()
		rated := func(call func()) (n int) {
			for _, s := range tr.Of(call) {
				if strings.Contains(s.Text, "rate_windows") {
					n++
				}
			}
			return n
		}
		if n := rated(func() {
			for range 50 {
				r.Get(t, "/me").OK()
			}
		}); n != 0 {
			t.Errorf("%d statements count the rate", n)
		}
		r.Clock.Pass(10 * time.Second)
		want := 0
		if r.Database.Dialect().Shared() {
			want = 3 // two blocks, and what is old is swept
		}
		if n := rated(func() { r.Get(t, "/me").OK() }); n != want {
			t.Errorf("the first request of a window takes %d statements, want %d", n, want)
		}
	})
}

// TestRateDoesNotHang has another server hold the row of the counter: a request is
// answered nevertheless, and is made up for.
func TestRateDoesNotHang(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		if !r.Database.Dialect().Shared() {
			return // nobody else can hold anything
		}
		limits(t, r, model.RateLimits{Workspace: 3})
		noError(t, r.Database.Update(context.Background(), func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO rate_windows (workspace_id, starts_at, app, taken, granted) VALUES ($1, $2, '', 1, 1)`,
				r.Workspace.ID, r.Clock.Now().Unix())
			for range 2 {
				r.Get(t, "/me").OK()
			}
			return err
		}))
		// Two were let in and another server had one. How soon the held question is
		// answered is for the database to say.
		for a := r.Get(t, "/me"); a.Status != http.StatusTooManyRequests; a = r.Get(t, "/me") {
			a.OK()
		}
		r.Clock.Pass(10 * time.Second)
		r.Get(t, "/me").OK()
	})
}

// TestRateIsAsked holds the counter in SQL against the one it is meant to be, and has
// it keep no window for long.
func TestRateIsAsked(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx := context.Background()
		s := store.New(r.Database, r.Clock.Now, store.Options{})
		key := store.RateKey{Workspace: r.Workspace.ID}
		for _, step := range []struct {
			ask  rate.Ask
			want rate.Grant
		}{
			{rate.Ask{Window: 1000, Limit: 10, Want: 4, First: true}, rate.Grant{Got: 4, Taken: 4}},
			{rate.Ask{Window: 1000, Limit: 10, Want: 4, First: true}, rate.Grant{Got: 4, Taken: 8}},
			{rate.Ask{Window: 1000, Limit: 10, Want: 4}, rate.Grant{Got: 2, Taken: 10}},
			{rate.Ask{Window: 1000, Limit: 10, Want: 4}, rate.Grant{Got: 0, Taken: 10}},
			{rate.Ask{Window: 1000, Limit: 10, Back: 3}, rate.Grant{Got: 0, Taken: 7}},
			{rate.Ask{Window: 1000, Limit: 10, Back: 1, Want: 2}, rate.Grant{Got: 2, Taken: 8}},
			{rate.Ask{Window: 1000, Limit: 5, Want: 2}, rate.Grant{Got: 0, Taken: 8}},
			{rate.Ask{Window: 1000, Limit: 5, Back: 4, Want: 2}, rate.Grant{Got: 1, Taken: 5}},
			{rate.Ask{Window: 1000, Limit: 1 << 53, Want: 1 << 53}, rate.Grant{Got: 1<<53 - 5, Taken: 1 << 53}},
			{rate.Ask{Window: 1010, Limit: 3, Want: 4, First: true}, rate.Grant{Got: 3, Taken: 3}},
		} {
			if got, err := s.AskRate(ctx, key, step.ask); err != nil || got != step.want {
				t.Errorf("%+v: %+v, %v, want %+v", step.ask, got, err, step.want)
			}
		}
		windows := func() (n int) {
			noError(t, r.Database.View(ctx, func(tx *db.Tx) error {
				return tx.QueryRow(`SELECT count(*) FROM rate_windows WHERE workspace_id = $1`, r.Workspace.ID).Scan(&n)
			}))
			return n
		}
		for i := range 40 {
			for _, app := range []string{"", "a"} {
				_, err := s.AskRate(ctx, store.RateKey{Workspace: key.Workspace, App: app}, rate.Ask{Window: 1000 + 10*int64(i), Limit: 5, Want: 1, First: true})
				noError(t, err)
			}
		}
		if n := windows(); n != 2*31 {
			t.Errorf("%d windows are kept, want those of the last 300 seconds and this one", n)
		}
		noError(t, r.App.Sandbox.Delete(ctx, r.Workspace.ID))
		if n := windows(); n != 0 {
			t.Errorf("a workspace that is gone leaves %d windows", n)
		}
	})
}

// BenchmarkAdmission is finding out who asks and counting the request, on each
// database; and what it would be to ask the database for each request.
func BenchmarkAdmission(b *testing.B) {
	for _, r := range apptest.Rigs(b) {
		r.Unjudged()
		actor := r.Actor()
		actor.App = "app"
		count := func(i int64) {
			if i%500_000 == 0 {
				r.Clock.Pass(10 * time.Second) // or the limit comes to its end
			}
			_, _ = r.App.Rates.CountRequest(context.Background(), actor)
		}
		authenticate := func(int64) { _, _ = r.App.Workspace.Authenticate(context.Background(), r.Token) }
		name := r.Database.Dialect().Name()
		b.Run(name+"/count", func(b *testing.B) { each(b, count) })
		b.Run(name+"/authenticate", func(b *testing.B) { each(b, authenticate) })
		b.Run(name+"/both", func(b *testing.B) { each(b, func(i int64) { authenticate(i); count(i) }) })
		b.Run(name+"/near the end", func(b *testing.B) {
			near := *actor.Workspace
			near.RateLimits = model.RateLimits{App: 1667, Workspace: 4167}
			by := *actor
			by.Workspace = &near
			asked := r.App.Rates.Stats().Asked
			defer func() { b.ReportMetric(float64(r.App.Rates.Stats().Asked-asked)/float64(b.N), "asks/op") }()
			each(b, func(i int64) {
				if i%1000 == 0 {
					r.Clock.Pass(10 * time.Second) // a window has a thousand requests
				}
				_, _ = r.App.Rates.CountRequest(context.Background(), &by)
			})
		})
		s := store.New(r.Database, r.Clock.Now, store.Options{})
		ask := func(i int64) {
			_, err := s.AskRate(context.Background(), store.RateKey{Workspace: r.Workspace.ID, App: "one"}, rate.Ask{Window: i / 1000, Limit: 1 << 40, Want: 1})
			noError(b, err)
		}
		b.Run(name+"/ask", func(b *testing.B) {
			for i := range int64(b.N) {
				ask(i)
			}
		})
		b.Run(name+"/ask for each", func(b *testing.B) { each(b, ask) })
	}
}
