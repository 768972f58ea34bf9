package stream_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
)

// TestOpeningCounts holds that to open a stream is a request like others, and that
// what is told afterwards is none.
func TestOpeningCounts(t *testing.T) {
	t.Parallel()
	r := apptest.With(t, app.Options{RateLimit: 4})
	s := r.Listen(t, "")
	if got := s.Answer.Header.Get("X-RateLimit-Remaining"); got != "3" {
		t.Errorf("a stream leaves %q of 4 requests", got)
	}
	r.Refused(t, "?after=1").Fails(400, "parameter_invalid", "after is not a position")
	r.Post(t, "/contacts", map[string]any{"external_id": "1"}).OK()
	s.Next("contact.user.created")
	r.Listen(t, "")
	refused := r.Refused(t, "")
	refused.Fails(429, "rate_limit_exceeded", "Exceeded rate limit of 4 in 10_seconds")
	if got := refused.Header.Get("X-RateLimit-Reset"); got == "" {
		t.Error("who is refused is not told until when")
	}
	r.Clock.Pass(10 * time.Second)
	r.Listen(t, "")
}

func TestStreamIsRefused(t *testing.T) {
	apptest.OnEachWith(t, app.Options{Streams: 3, WorkspaceStreams: 2}, func(t *testing.T, r *apptest.Rig) {
		const unauthorized = "Access Token Invalid"
		for _, c := range []struct {
			name, query   string
			edit          apptest.Edit
			status        int
			code, message string
		}{
			{"no token", "", apptest.Header("Authorization", ""), 401, "unauthorized", unauthorized},
			{"another token", "", apptest.As("x"), 401, "unauthorized", unauthorized},
			{"a token in the URL", "?access_token=" + r.Token, apptest.Header("Authorization", ""), 401, "unauthorized", unauthorized},
			{"JSON is wanted", "", apptest.Header("Accept", "application/json"), 406, "media_type_not_acceptable",
				"The Accept header should send a media type of text/event-stream"},
			{"no contact", "?contact_id=x", apptest.Header("X", ""), 404, "not_found", "User Not Found"},
			{"no text", "?contact_id=%00%ff", apptest.Header("X", ""), 404, "not_found", "User Not Found"},
			{"no topic", "?topics=contact.created", apptest.Header("X", ""), 400, "parameter_invalid", `"contact.created" is not a topic`},
			{"an empty topic", "?topics=ping,", apptest.Header("X", ""), 400, "parameter_invalid", `"" is not a topic`},
			{"no position", "?after=1", apptest.Header("X", ""), 400, "parameter_invalid", "after is not a position"},
		} {
			t.Run(c.name, func(t *testing.T) { r.Refused(t, c.query, c.edit).Fails(c.status, c.code, c.message) })
		}
		first := r.Listen(t, "")
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if !strings.Contains(w.Body.String(), "\nparley_streams_open 1\n") {
			t.Error("the metrics do not count streams")
		}
		second := r.Listen(t, "?topics=*", apptest.Header("Accept", ""))
		for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store, no-transform",
			"X-Accel-Buffering": "no", "Intercom-Version": "2.9"} {
			if got := second.Answer.Header.Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		r.Refused(t, "").Fails(429, "rate_limit_exceeded", "The workspace has as many open streams as it may have")
		other := r.Elsewhere(t)
		other.Listen(t, "")
		other.Refused(t, "").Fails(503, "service_unavailable", "The server has as many open streams as it can have")
		first.Close()
		for { // the server notices
			s := r.Try(t, "")
			s.Close()
			if s.Answer.StatusCode == http.StatusOK {
				break
			}
		}
	})
}

// TestStreamEndsInOrder stops a server: streams end as answers do, and no other is
// opened.
func TestStreamEndsInOrder(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := r.Listen(t, "")
		r.Drain()
		if f, ok := s.Read(); ok {
			t.Errorf("a stream that ends tells %+v", f)
		}
		r.Refused(t, "").Fails(503, "service_unavailable", "The server is stopping")
		contact(t, r, "meanwhile")
		other := r.Restarted(t, app.Options{})
		if f := other.Listen(t, "?after="+s.LastID).Next("contact.user.created"); f.ID == "" {
			t.Errorf("the next server tells %+v", f)
		}
	})
}

// TestStreamEndsWithTheRight has who listens lose the right to: by the token, or by
// the contact being gone.
func TestStreamEndsWithTheRight(t *testing.T) {
	apptest.OnEachWith(t, app.Options{StreamBeat: 2 * time.Millisecond}, func(t *testing.T, r *apptest.Rig) {
		joe := contact(t, r, "joe")
		asJoe, plain := r.Listen(t, "?contact_id="+joe), r.Listen(t, "?topics=ping")
		for range 10 { // still there
			contact(t, r, "")
			plain.Next("position")
		}
		r.Delete(t, "/contacts/"+joe, nil).OK()
		for ok := true; ok; _, ok = asJoe.Read() {
		}
		tokens, err := r.App.Workspace.ListTokens(t.Context(), r.Actor())
		if err != nil {
			t.Fatal(err)
		}
		if err := r.App.Workspace.RevokeToken(t.Context(), r.Actor(), tokens[0].ID()); err != nil {
			t.Fatal(err)
		}
		for ok := true; ok; _, ok = plain.Read() {
		}
	})
}

// TestStreamOutlivesTheBoundsOfRequests has a server whose requests end soon: a
// stream goes on, in both versions of HTTP.
func TestStreamOutlivesTheBoundsOfRequests(t *testing.T) {
	apptest.OnEachWith(t, app.Options{StreamBeat: 20 * time.Millisecond}, func(t *testing.T, r *apptest.Rig) {
		for _, version := range []int{1, 2} {
			s, bound := openBound(t, r, version)
			s.Next("ready")
			began := time.Now()
			for time.Since(began) < 4*bound {
				contact(t, r, "")
				s.Next("position") // by the beat, as the topic is another
			}
			id := contact(t, r, "")
			r.Put(t, "/contacts/"+id, object{"name": "x"}).OK()
			if f := s.Next("contact.user.updated"); f.Object() != id {
				t.Errorf("the stream tells %+v", f)
			}
			s.Close()
		}
	})
}

// openBound opens a stream of a server whose requests end after bound, which is as long as it takes
// this machine to open a stream: to open one is a request like others.
func openBound(t *testing.T, r *apptest.Rig, version int) (s *apptest.Stream, bound time.Duration) {
	t.Helper()
	for bound = 100 * time.Millisecond; bound < 10*time.Second; bound *= 2 {
		server := httptest.NewUnstartedServer(r.Handler())
		server.Config.ReadTimeout, server.Config.WriteTimeout = bound, bound
		server.EnableHTTP2 = version == 2
		server.StartTLS()
		t.Cleanup(server.Close)
		s, err := apptest.TryAt(t, server.Client(), server.URL, "?topics=contact.user.updated", apptest.As(r.Token))
		if err != nil {
			t.Logf("HTTP/%d: not opened within %v: %v", version, bound, err)
			continue
		}
		if s.Answer.ProtoMajor != version {
			t.Errorf("the stream is HTTP/%d, want %d", s.Answer.ProtoMajor, version)
		}
		return s, bound
	}
	t.Fatalf("HTTP/%d: no stream is opened", version)
	return nil, 0
}

// TestSlowReader has a client that does not read while much happens. It is cut off
// when a thousand events wait for it, and goes on where it was. As many again may have
// been taken to be written to it, besides what its connection keeps.
func TestSlowReader(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	const events, buffer = 5000, 32 << 10 // which connections hardly keep by themselves
	server := httptest.NewUnstartedServer(r.Handler())
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		c.(*net.TCPConn).SetWriteBuffer(buffer)
		return ctx
	}
	server.Start()
	t.Cleanup(server.Close)
	narrow := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			c.(*net.TCPConn).SetReadBuffer(buffer)
		}
		return c, err
	}}}
	slow := apptest.ListenAt(t, narrow, server.URL, "?topics=parley.changed", apptest.As(r.Token))
	slow.Next("ready")
	quick := r.Listen(t, "?topics=parley.changed")
	err := r.Database.Update(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < $3)
			INSERT INTO events (workspace_id, id, topic, object_type, object_id, created_at)
			SELECT $1, 'x', 'parley.changed', 'tag', n || $2, 1768478400 FROM many ORDER BY n`,
			r.Workspace.ID, strings.Repeat("x", 500), events)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	read := func(s *apptest.Stream) (ends int) {
		t.Helper()
		seen := map[string]bool{}
		for len(seen) < events {
			f, ok := s.Read()
			switch {
			case !ok:
				ends++
				s = r.Listen(t, "?topics=parley.changed", apptest.Header("Last-Event-ID", s.LastID))
			case f.Event == "position":
			case seen[f.ID]:
				t.Fatalf("%s was told twice", f.ID)
			default:
				seen[f.ID] = true
			}
		}
		return ends
	}
	read(quick)
	if read(slow) == 0 {
		t.Error("the slow reader was not cut off")
	}
}

// TestManyStreamsAreReadForOnce has many listen: a change takes as many statements
// as with one.
func TestManyStreamsAreReadForOnce(t *testing.T) {
	onTraced(t, func(t *testing.T, r *apptest.Rig, statements *atomic.Int64) {
		const many = 100
		joe := contact(t, r, "joe")
		streams := make([]*apptest.Stream, many)
		for i := range streams {
			query := "?topics=contact.user.updated"
			if i%2 == 0 {
				query += "&contact_id=" + joe
			}
			streams[i] = r.Listen(t, query)
		}
		before := statements.Load()
		r.Put(t, "/contacts/"+joe, object{"name": "Joe"}).OK()
		var all sync.WaitGroup
		for _, s := range streams {
			all.Go(func() {
				if f, _ := s.Read(); f.Event != "contact.user.updated" || f.Object() != joe {
					t.Errorf("a stream tells %+v", f)
				}
			})
		}
		all.Wait()
		if n := statements.Load() - before; n > 60 {
			t.Errorf("a change took %d statements to be told to %d streams", n, many)
		}
	})
}
