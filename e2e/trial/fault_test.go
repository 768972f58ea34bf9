package trial

import (
	"context"
	"fmt"
	"math"
	"syscall"
	"time"
)

// A fault is something that is done to the cluster while it is used.
type fault struct {
	name string
	do   func(ctx context.Context) error
}

// patience is how long a node or the database may take to be there again.
const patience = 60 * time.Second

// whole waits until every node is ready.
func (t *trial) whole(ctx context.Context) {
	t.Helper()
	t.until(ctx, "the cluster", patience, func() (bool, string) { return t.lb.allReady(), "a node is not ready" })
}

// killed kills a node and starts it again.
func (t *trial) killed(n *node) fault {
	return fault{"kill -9 " + n.name, func(context.Context) error {
		n.kill()
		return n.start()
	}}
}

// replaced ends a node in order and starts it again, as an update does.
func (t *trial) replaced(n *node) fault {
	return fault{"SIGTERM to " + n.name, func(context.Context) error {
		if err := n.terminate(); err != nil {
			return err
		}
		return n.start()
	}}
}

// frozen stops a node for longer than any of its leases of webhooks and snoozes, so that
// others do what it was about; then it goes on.
func (t *trial) frozen(n *node, d time.Duration) fault {
	return fault{fmt.Sprintf("SIGSTOP to %s for %s", n.name, d), func(ctx context.Context) error {
		if err := n.signal(syscall.SIGSTOP); err != nil {
			return err
		}
		wait(ctx, d)
		return n.signal(syscall.SIGCONT)
	}}
}

func (t *trial) databaseRestarts() fault {
	return fault{"restart of the database", func(context.Context) error { return t.away(t.d.restart) }}
}

func (t *trial) databaseCrashes() fault {
	return fault{"kill -9 of the database", func(context.Context) error { return t.away(t.d.crash) }}
}

// away notes that the database is, until every node has found it again.
func (t *trial) away(do func() error) error {
	from := time.Now()
	err := do()
	t.whole(t.Context())
	t.outage(from, time.Now())
	return err
}

// deaf cuts a node off from what nodes tell each other, for a while.
func (t *trial) deaf(n *node, d time.Duration) fault {
	return fault{"cutting " + n.name + " off the bus", func(ctx context.Context) error {
		if n.bus == nil {
			t.Logf("nothing is cut: this parley has no setting database_listen")
			return nil
		}
		n.bus.sever()
		wait(ctx, d)
		if n.bus.mend() == 0 {
			t.wrong("nothing was cut: %s does not listen", n.name)
		}
		return nil
	}}
}

// faultsFor are what happens in a trial of that length, in order: in a short one each
// node is killed and the database restarted once; in a long one everything comes, and
// again, as long as there is time.
func (t *trial) faultsFor(length time.Duration) []fault {
	n := t.nodes
	short := []fault{t.killed(n[0]), t.killed(n[1]), t.databaseRestarts(), t.deaf(n[0], 2*time.Second), t.killed(n[2])}
	if length < time.Minute {
		return short
	}
	// Leases of webhooks are 15 seconds long, those of snoozes 45.
	return append(short, t.databaseCrashes(), t.frozen(n[1], 50*time.Second), t.replaced(n[0]), t.killed(n[1]), t.deaf(n[2], 5*time.Second),
		t.databaseRestarts(), t.killed(n[0]), t.killed(n[2]), t.databaseCrashes())
}

// breakThings does one fault after the other, and waits until the cluster is whole before
// each and for a while of quiet. It ends when the time is over and each was done once.
func (t *trial) breakThings(length, quiet time.Duration) {
	ctx := t.Context()
	end := time.Now().Add(length)
	faults := t.faultsFor(length)
	for i := 0; i < len(faults) || time.Now().Before(end); i++ {
		wait(ctx, quiet)
		f := faults[i%len(faults)]
		t.Logf("%s: %s", time.Duration(t.since()).Round(time.Millisecond), f.name)
		if err := f.do(ctx); err != nil {
			t.wrong("%s: %v", f.name, err)
			return
		}
		t.whole(ctx)
	}
	wait(ctx, quiet)
}

// wait lets time pass in which the load goes on.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// settle waits until nothing is left to do: no job is due or run, every sleeper has woken,
// and every delivery has ended. It goes on waiting as long as it becomes less.
func (t *trial) settle(ctx context.Context) {
	t.Helper()
	const left = `SELECT kind || ' ' || attempt || ' ' || COALESCE(last_error, '') FROM jobs
		WHERE failed_at IS NULL AND (leased_until IS NOT NULL OR run_at <= $1 OR kind = 'unsnooze' AND run_at <= $1 + $2)
		UNION ALL SELECT state || ' ' || object FROM deliveries WHERE state NOT IN ('delivered', 'dropped')`
	least, last := math.MaxInt, time.Now()
	for range t.ticks(ctx, 100*time.Millisecond) {
		list, err := t.d.texts(ctx, left, time.Now().Unix(), maxSleep)
		switch {
		case err != nil:
			t.wrong("what is left: %v", err)
			return
		case len(list) == 0:
			return
		case len(list) < least:
			least, last = len(list), time.Now()
		case time.Since(last) > settled:
			t.wrong("%d things are not done, and do not become less: %q", len(list), list[:min(len(list), 10)])
			return
		}
	}
}

// settled is how long what was cut off may take until it is done: the longest lease, of
// two minutes, and more.
const settled = 3 * time.Minute
