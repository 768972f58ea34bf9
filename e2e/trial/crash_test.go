package trial

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// usualKills is how often a server is killed: once in each way. PARLEY_TEST_CRASHES=1000 asks
// for more.
const usualKills = 7

// looksAt is after how many kills the files are looked at as they were left.
const looksAt = 7

// killsAndSeed are what the environment asks for.
func killsAndSeed(t *testing.T) (int, uint64) {
	t.Helper()
	_, seed := lengthAndSeed(t)
	kills := usualKills
	if text := os.Getenv("PARLEY_TEST_CRASHES"); text != "" {
		var err error
		if kills, err = strconv.Atoi(text); err != nil {
			t.Fatalf("PARLEY_TEST_CRASHES: %v", err)
		}
	}
	t.Logf("PARLEY_TEST_SEED=%d", seed)
	return kills, seed
}

// TestKills kills one server on SQLite.
func TestKills(t *testing.T) {
	kills, seed := killsAndSeed(t)
	program := build(t)
	t.Run("amid load", func(t *testing.T) { killsAmidLoad(t, program, kills, seed) })
	t.Run("amid the first start", func(t *testing.T) { killsAmidFirstStart(t, program, kills, seed) })
	t.Run("amid an upgrade", func(t *testing.T) { killsAmidUpgrade(t, program, kills, seed) })
}

// killsAmidLoad has one server, and clients who use all of the API, while the server
// is killed at random moments: amid what they ask for, as it starts, as it stops, and amid
// a backup. What it had confirmed is there afterwards, of the rest all or nothing, and
// what is kept beside something else is what a recount and a rebuild give.
func killsAmidLoad(t *testing.T, program string, kills int, seed uint64) {
	d := &database{t: t, dir: t.TempDir()}
	const messages = 1_000
	u := newTrial(t, program, d, 1, seed, usualPace, "PARLEY_DEV=true")
	load, walkers, _, grouped := u.workspaces(messages) // rates are not kept: a start begins them anew
	admins, err := d.texts(t.Context(), `SELECT CAST(id AS TEXT) FROM admins WHERE workspace_id = 'load0001' ORDER BY id`)
	u.hold("the admins", err)
	ticketType := load.must("POST", "/ticket_types", `{"name":"Bug","description":"Broken"}`).id("id")
	hook := load.newReceiver()
	var visitors []string
	for i := range visitorsOfGroups {
		visitors = append(visitors, fmt.Sprintf("visitor-%d", i))
	}
	exercises := []exercise{load.told(hook), load.names(), load.conversations(admins), load.sleepers(admins[0]), load.races(ticketType),
		load.batches(), load.attachments(hook.url, admins[0]), walkers.walks(messages), walkers.exports(messages),
		grouped.groups(visitors), user{u, devToken}.sandboxes()}

	ctx, rest := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, e := range exercises {
		running.Go(func() { e.run(ctx) })
	}
	u.killOften(kills)
	u.until(t.Context(), "enough to judge", settled, func() (bool, string) { return u.seen("sandboxes", "exports") })
	rest()
	running.Wait()
	u.Logf("%s: the load is over; answers by status (0: none): %v, %v", time.Duration(u.since()).Round(time.Millisecond), u.statuses, u.counts)
	if n := u.statuses[500]; n > 0 {
		u.wrong("%d requests were answered 500", n)
	}
	u.settle(t.Context())
	for _, e := range exercises {
		e.judge(t.Context())
	}
	u.recount(t.Context())
	u.seedAtOnce(seedOfLoad(), "UNCHANGED")
	if err := u.nodes[0].terminate(); err != nil {
		u.wrong("the end: %v", err)
	}
	u.audit(t.Context(), d)
	u.rebuild(t.Context(), d)
	if t.Failed() {
		t.Logf("PARLEY_TEST_SEED=%d", seed)
	}
}

// longestLoad is how long a server is left alone before it is killed, at most.
const longestLoad = 800 * time.Millisecond

// killOften kills the server again and again, each time in another way.
func (t *trial) killOften(kills int) {
	ctx, dice, n := t.Context(), t.dice("kills", 0), t.nodes[0]
	began := time.Now()
	if err := t.again(n); err != nil {
		t.Fatal(err)
	}
	starts := time.Since(began) // how long a start takes
	ways := []fault{
		t.killed(n),
		{"kill -9 at once after the start", func(context.Context) error {
			n.kill()
			if err := n.start(); err != nil {
				return err
			}
			return t.again(n)
		}},
		{"kill -9 amid the start", func(context.Context) error {
			n.kill()
			if _, err := n.killed(time.Duration(dice.Int64N(int64(starts))), "serve"); err != nil {
				return err
			}
			return n.start()
		}},
		{"kill -9 amid the end", func(ctx context.Context) error {
			if err := n.signal(syscall.SIGTERM); err != nil {
				return err
			}
			wait(ctx, time.Duration(dice.Int64N(int64(100*time.Millisecond))))
			return t.again(n)
		}},
		t.backedUp(n, dice, true),
		t.killed(n),
		t.backedUp(n, dice, false),
	}
	counts := map[string]int{}
	for i := range kills {
		wait(ctx, time.Duration(dice.Int64N(int64(longestLoad))))
		f := ways[i%len(ways)]
		t.note("kills")
		if err := f.do(ctx); err != nil {
			t.wrong("kill %d, %s: %v", i+1, f.name, err)
			return
		}
		counts[f.name]++
		if (i+1)%looksAt == 0 {
			n.kill()
			t.lookAt(ctx)
			t.hold("the start", n.start())
		}
		if (i+1)%100 == 0 {
			t.Logf("%s: %d kills", time.Duration(t.since()).Round(time.Second), i+1)
		}
	}
	t.Logf("killed %d times: %v", kills, counts)
	t.whole(ctx)
}

// again kills the server and starts it.
func (t *trial) again(n *node) error {
	n.kill()
	return n.start()
}

// backedUp makes a backup while the server works, and kills either of the two amid it. An
// archive that is there is whole.
func (t *trial) backedUp(n *node, dice *rand.Rand, server bool) fault {
	name := "kill -9 of a backup"
	if server {
		name = "kill -9 amid a backup"
	}
	return fault{name, func(ctx context.Context) error {
		file := filepath.Join(t.TempDir(), "archive")
		after := time.Duration(dice.Int64N(int64(400 * time.Millisecond)))
		if !server {
			if _, err := n.killed(after, "backup", file); err != nil {
				return err
			}
		} else {
			var backup sync.WaitGroup
			var failed error
			backup.Go(func() { _, failed = n.killed(time.Minute, "backup", file) })
			wait(ctx, after)
			n.kill()
			backup.Wait()
			if err := errors.Join(failed, n.start()); err != nil {
				return err
			}
		}
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		t.note("archives")
		if said, err := n.command(ctx, "restore", file, "--verify"); err != nil {
			return fmt.Errorf("an archive that is there is not whole: %w\n%s", err, said)
		}
		return os.Remove(file)
	}}
}

// lookAt looks at a copy of the files of a server that was killed, so that the next one
// finds them as they were left.
func (t *trial) lookAt(ctx context.Context) {
	left := &database{t: t, dir: t.TempDir()}
	if err := t.d.copyTo(left); err != nil {
		t.wrong("what was left: %v", err)
		return
	}
	t.audit(ctx, left)
	t.hold("the copy", os.RemoveAll(left.dir))
}

// killsAmidFirstStart kills a server again and again while it makes its database. In the
// end there is one like any other, with one workspace.
func killsAmidFirstStart(t *testing.T, program string, kills int, seed uint64) {
	u := &trial{TB: t, seed: seed, began: time.Now(), statuses: map[int]int{}, counts: map[string]int{}}
	dice := u.dice("first starts", 0)
	schema := func(d *database) []string {
		all, err := d.texts(t.Context(), `SELECT type || ' ' || name || ' ' || COALESCE(sql, '') FROM sqlite_schema ORDER BY type, name`)
		u.hold("the schema", err)
		return all
	}
	undisturbed := &database{t: t, dir: t.TempDir()}
	n := newNodes(t, program, undisturbed, 1)[0]
	began := time.Now()
	if err := n.start(); err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	n.kill()
	want := schema(undisturbed)

	const perFolder = 5
	for done := 0; done+perFolder <= kills; done += perFolder {
		d := &database{t: t, dir: t.TempDir()}
		n := newNodes(t, program, d, 1)[0]
		for range perFolder {
			if _, err := n.killed(time.Duration(dice.Int64N(int64(took))), "serve"); err != nil {
				u.wrong("a first start that was cut off before: %v", err)
			}
		}
		if err := n.start(); err != nil {
			u.wrong("after %d kills: %v", perFolder, err)
			continue
		}
		n.kill()
		u.hold("the schema after kills", judgeSame(schema(d), want))
		workspaces, err := d.number(t.Context(), `SELECT count(*) FROM workspaces`)
		if err != nil || workspaces != 1 {
			u.wrong("there are %d workspaces (%v)", workspaces, err)
		}
		u.audit(t.Context(), d)
	}
}
