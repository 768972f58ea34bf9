package peer_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/outbound"
)

func TestMain(m *testing.M) { apptest.Main(m) }

type object = map[string]any

// never is how often nodes look by themselves in a test: what they find, they were
// told of.
const never = time.Hour

func contact(t *testing.T, r *apptest.Rig, externalID string) string {
	t.Helper()
	return r.Post(t, "/contacts", object{"role": "user", "external_id": externalID}).OK().ID()
}

func conversation(t *testing.T, r *apptest.Rig, from string) string {
	t.Helper()
	m := r.Post(t, "/conversations", object{"from": object{"type": "user", "id": from}, "body": "hello"}).OK()
	return m.At("conversation_id").(string)
}

// present lists who is there, as a node has it.
func present(t *testing.T, r *apptest.Rig, query string) int {
	t.Helper()
	return len(r.Get(t, "/_parley/presence"+query).OK().At("data").([]any))
}

// TestNodesTellEachOther has three nodes that never look by themselves: what happens
// on one is told on the others at once, and what passes too, to whom it may be. A node
// that comes late learns who is there, and one whose connection was lost goes on.
func TestNodesTellEachOther(t *testing.T) {
	t.Parallel()
	nodes, at := apptest.Nodes(t, 2, app.Options{Look: never})
	a, b := nodes[0], nodes[1]
	joe, eve := contact(t, a, "joe"), contact(t, a, "eve")
	talk := conversation(t, a, joe)
	teammate, asJoe, asEve := b.Listen(t, ""), b.Listen(t, "?contact_id="+joe), b.Listen(t, "?contact_id="+eve)

	told := func(from *apptest.Rig, s *apptest.Stream, name string) {
		t.Helper()
		id := contact(t, from, name)
		for s.Next("contact.user.created").Object() != id { // others were created before
		}
	}
	told(a, teammate, "one")

	a.Post(t, "/_parley/typing", object{"conversation_id": talk}).OK()
	a.Post(t, "/_parley/presence", object{"conversation_id": talk, "contact_id": joe}).OK()
	for name, s := range map[string]*apptest.Stream{"teammates": teammate, "who takes part": asJoe} {
		if f := s.Next("parley.typing"); f.Object() != talk || f.ID != "" {
			t.Errorf("%s are told %+v", name, f)
		}
		if f := s.Next("parley.presence"); f.Object() != talk {
			t.Errorf("%s are told %+v", name, f)
		}
	}
	a.Put(t, "/contacts/"+eve, object{"name": "Eve"}).OK()
	asEve.Nothing("contact.user.updated", eve)
	if n := present(t, b, "?conversation_id="+talk); n != 1 {
		t.Errorf("the other node knows of %d who are there", n)
	}
	b.Post(t, "/_parley/presence", object{"conversation_id": talk, "contact_id": joe, "active": false}).OK()
	teammate.Next("parley.presence")
	a.Await(t, "parley_bus_received_total", func(v float64) bool { return v > 0 && present(t, a, "?conversation_id="+talk) == 0 })
	a.Post(t, "/_parley/presence", object{}).OK()
	teammate.Next("parley.presence")

	late := apptest.Beside(t, a, at, app.Options{Look: never})
	for present(t, late, "") == 0 { // it was told before
		late.Await(t, "parley_bus_received_total", func(v float64) bool { return v > 0 })
	}
	elsewhere := late.Listen(t, "")
	told(b, elsewhere, "two")

	missed := func() {
		conn, err := pgx.Connect(context.Background(), at)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name = 'parley bus' AND datname = current_database()`); err != nil {
			t.Fatal(err)
		}
	}
	missed()
	told(a, elsewhere, "three") // told, or found once the connection is there again
	a.Post(t, "/_parley/typing", object{"conversation_id": talk}).OK()
	teammate.Next("parley.typing")
	for _, r := range append(nodes, late) {
		r.Await(t, "parley_bus_connected", func(v float64) bool { return v == 1 })
		if skipped := r.Metric(t, "parley_bus_skipped_total"); skipped != 0 {
			t.Errorf("%v messages were not understood", skipped)
		}
	}
	told(late, teammate, "four")
}

// TestWithoutBus has two nodes that are not to hear each other: a stream is told of
// what happens on the other as they look.
func TestWithoutBus(t *testing.T) {
	t.Parallel()
	nodes, _ := apptest.Nodes(t, 2, app.Options{DatabaseListen: app.NotListening})
	s := nodes[1].Listen(t, "")
	id := contact(t, nodes[0], "joe")
	if f := s.Next("contact.user.created"); f.Object() != id {
		t.Errorf("the stream tells %+v", f)
	}
}

// TestWebhookIsSentByTheNodeThatSends has one node send to a webhook, which waits for
// more: what the other writes meanwhile it sends at once.
func TestWebhookIsSentByTheNodeThatSends(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	got := make(chan struct{}, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		requests.Add(1)
		got <- struct{}{}
	}))
	t.Cleanup(receiver.Close)
	nodes, _ := apptest.Nodes(t, 2, app.Options{Look: never, Webhooks: app.WebhookOptions{Allow: outbound.Allowed{Loopback: true}}})
	a, b := nodes[0], nodes[1]
	a.Post(t, "/_parley/webhooks", object{"url": receiver.URL, "topics": []string{"contact.user.created"}}).OK()
	for i, r := range []*apptest.Rig{a, b, a, b, b, a} {
		contact(t, r, string(rune('a'+i)))
		<-got
	}
	if n := requests.Load(); n != 6 {
		t.Errorf("%d requests came", n)
	}
}
