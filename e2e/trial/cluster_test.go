// Package trial holds Parleys to what they promise while they and the database are killed
// under load: several on one database, which must behave as one, and one that is alone.
// It must not look into a node: it asks as clients do, and recounts in the database.
package trial

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/means"
)

const (
	// usualLength is how long things are broken: long enough to kill each node and to
	// restart the database once. PARLEY_TEST_CLUSTER=2m asks for longer.
	usualLength = 12 * time.Second
	usualPace   = 100 * time.Millisecond
	longPace    = 50 * time.Millisecond
)

// lengthAndSeed are what the environment asks for. PARLEY_TEST_SEED repeats the choices
// of an earlier run, as far as the machine does the same.
func lengthAndSeed(t *testing.T) (time.Duration, uint64) {
	t.Helper()
	length, seed := usualLength, rand.Uint64()
	if text := os.Getenv("PARLEY_TEST_CLUSTER"); text != "" {
		var err error
		if length, err = time.ParseDuration(text); err != nil {
			t.Fatalf("PARLEY_TEST_CLUSTER: %v", err)
		}
	}
	if text := os.Getenv("PARLEY_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("PARLEY_TEST_SEED: %v", err)
		}
	}
	return length, seed
}

// TestNodesBehaveAsOne has three nodes behind a balancer and clients who use all of the
// API, while nodes are killed, stopped and cut off and the database goes away. Clients
// may be told that something failed; they may not be told what is not so.
func TestNodesBehaveAsOne(t *testing.T) {
	if os.Getenv("PARLEY_TEST_CLUSTER") == "" {
		means.NeedPostgres(t)
	}
	length, seed := lengthAndSeed(t)
	quiet, pace, messages := 1500*time.Millisecond, usualPace, 3_000
	if length >= time.Minute {
		quiet, pace, messages = 3*time.Second, longPace, 60_000
	}
	t.Logf("PARLEY_TEST_SEED=%d", seed)

	d := startDatabase(t)
	u := newTrial(t, build(t), d, 3, seed, pace)
	load, walkers, rated, grouped := u.workspaces(messages)
	admins, err := d.texts(t.Context(), `SELECT CAST(id AS TEXT) FROM admins WHERE workspace_id = 'load0001' ORDER BY id`)
	u.hold("the admins", err)
	ticketType := load.must("POST", "/ticket_types", `{"name":"Bug","description":"Broken"}`).id("id")
	hook := load.newReceiver()

	var visitors []string
	for i := range visitorsOfGroups {
		visitors = append(visitors, fmt.Sprintf("visitor-%d", i))
	}
	exercises := []exercise{load.told(hook), load.names(), load.conversations(admins), load.sleepers(admins[0]), load.races(ticketType),
		load.batches(), load.attachments(hook.url, admins[0]), walkers.walks(messages), rated.rates(), grouped.groups(visitors)}
	ctx, rest := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, e := range exercises {
		running.Go(func() { e.run(ctx) })
	}
	u.breakThings(length, quiet)
	u.until(t.Context(), "enough to judge", settled, func() (bool, string) { return u.seen("refusals") })
	rest()
	running.Wait()
	u.Logf("%s: the load is over; answers by status (0: none): %v, %v", time.Duration(u.since()).Round(time.Millisecond), u.statuses, u.counts)
	u.settle(t.Context())
	for _, e := range exercises {
		e.judge(t.Context())
	}
	u.settle(t.Context())
	u.recount(t.Context())
	u.seedAtOnce(seedOfLoad(), "UNCHANGED")
	if t.Failed() {
		t.Logf("PARLEY_TEST_SEED=%d", seed)
	}
}

// newTrial starts nodes, all at once, on an empty database.
func newTrial(t testing.TB, program string, d *database, n int, seed uint64, pace time.Duration, env ...string) *trial {
	t.Helper()
	u := &trial{TB: t, seed: seed, d: d, began: time.Now(), pace: pace, statuses: map[int]int{}, counts: map[string]int{},
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}}
	t.Cleanup(u.http.CloseIdleConnections)
	u.nodes = newNodes(t, program, d, n, append(env, "PARLEY_ALLOW_PRIVATE_ADDRESSES=true", "PARLEY_WEBHOOK_ALLOW=127.0.0.1")...)
	u.atAllNodes(func(n *node) error { return n.start() })
	shown := 0
	for _, n := range u.nodes {
		if n.token != "" {
			shown++
		}
	}
	if shown != 1 {
		t.Fatalf("%d of the nodes that began at once made a workspace, want one", shown)
	}
	u.lb = balance(t, u.nodes)
	u.whole(t.Context())
	return u
}

// atAllNodes does something on each node at once.
func (t *trial) atAllNodes(do func(*node) error) {
	t.Helper()
	var all sync.WaitGroup
	errs := make([]error, len(t.nodes))
	for i, n := range t.nodes {
		all.Go(func() { errs[i] = do(n) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// visitorsOfGroups is enough for as many runs of the operations as a trial of some minutes has, two for each. Those beyond do without.
const visitorsOfGroups = 400

func seedOfLoad() string {
	return `workspace: {name: Load, id: load0001, timezone: Europe/Berlin, region: EU}
admins:
  - {email: ann@load.test, name: Ann}
  - {email: bob@load.test, name: Bob}
tags: [one, two, three]
contacts:
  - {role: user, external_id: seeded-1, name: One, tags: [one]}
  - {role: user, external_id: seeded-2, name: Two, tags: [two, three]}
conversations:
  - {from: seeded-1, body: From the seed}
`
}

func seedOfGroups() string {
	text := `workspace: {name: Groups, id: groups01, timezone: Europe/Berlin, region: EU}
admins:
  - {email: ann@groups.test, name: Ann}
teams:
  - {name: Support, members: [{admin: ann@groups.test, priority: primary}]}
subscription_types:
  - {name: News, description: Once a month, consent: opt_out, locale: en, state: live, content_types: [email]}
segments:
  - {name: Active, person_type: user, filter: {field: last_seen_at, operator: ">", value: {days_ago: 30}}}
newsfeeds:
  - name: News
help_centers:
  - {identifier: cluster-help, name: Help}
visitors:
`
	for i := range visitorsOfGroups {
		text += fmt.Sprintf("  - {user_id: visitor-%d}\n", i)
	}
	return text
}

// workspaces seeds those of the exercises, on all nodes at once, and returns their users.
func (t *trial) workspaces(messages int) (load, walkers, rated, grouped user) {
	t.Helper()
	t.seedAtOnce(seedOfLoad(), "")
	t.seedAtOnce(seedOfWalks(), "")
	t.seedAtOnce(seedOfGroups(), "")
	t.seedAtOnce("workspace: {name: Rates, id: rates001, timezone: Europe/Berlin, region: EU}\nadmins:\n  - {email: ann@rates.test, name: Ann}\n", "")
	ctx := t.Context()
	in := func(workspace string) user {
		token, err := t.nodes[0].command(ctx, "token", "create", "--workspace", workspace)
		if err != nil {
			t.Fatal(err)
		}
		return user{t, token}
	}
	load, walkers, rated, grouped = in("load0001"), in("walks001"), in("rates001"), in("groups01")
	limit := strconv.Itoa(rateLimit)
	if _, err := t.nodes[len(t.nodes)-1].command(ctx, "workspace", "limits", "rates001", "--app", limit, "--workspace", limit); err != nil {
		t.Fatal(err)
	}
	// One message is sent through the door; an export of many needs many.
	contact := walkers.must("GET", "/contacts?per_page=1", "")
	var list struct{ Data []struct{ ID string } }
	t.hold("a contact", contact.read(&list))
	walkers.must("POST", "/messages", fmt.Sprintf(`{"to":{"id":%q},"message_type":"inapp","body":"Hello"}`, list.Data[0].ID))
	err := t.d.change(ctx, `INSERT INTO messages (workspace_id, id, type, subject, body, template, admin_id, contact_id, created_at, sent)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
		SELECT m.workspace_id, m.id + n, m.type, m.subject, m.body, m.template, m.admin_id, m.contact_id, m.created_at - n / 10, m.sent
		FROM messages m, numbers WHERE m.workspace_id = 'walks001'`, messages-1)
	if err != nil {
		t.Fatal(err)
	}
	return load, walkers, rated, grouped
}

// seedAtOnce applies a seed on all nodes at once. One of them makes what is missing, and
// the others find it. If all is there already, the only column that counts says so.
func (t *trial) seedAtOnce(text, only string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "seed.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	made, found := map[string]int{}, map[string]int{} // by kind of thing
	t.atAllNodes(func(n *node) error {
		out, err := n.command(t.Context(), "seed", file)
		mu.Lock()
		defer mu.Unlock()
		for line := range strings.Lines(out) {
			f := strings.Fields(line)
			if len(f) != 4 || f[0] == "WORKSPACE" {
				continue
			}
			created, _ := strconv.Atoi(f[1])
			all := 0
			for _, column := range f[1:] {
				count, _ := strconv.Atoi(column)
				all += count
			}
			made[f[0]] += created
			found[f[0]] = max(found[f[0]], all)
		}
		return err
	})
	for kind, n := range found {
		if want := map[bool]int{true: 0, false: n}[only != ""]; made[kind] != want {
			t.wrong("a seed that was applied on %d nodes at once made %d %s, want %d", len(t.nodes), made[kind], kind, want)
		}
	}
	if len(found) == 0 {
		t.wrong("a seed says nothing of what it made")
	}
}
