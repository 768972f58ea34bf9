package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"parley/internal/db"
)

// A Handler does the jobs of a kind. Its kind is a lane of its own: jobs that
// hang hold up no others.
type Handler struct {
	// Run does a job. It is called again for the same job after it returned an
	// error, and after the process ended before what it returned was written
	// down, so it must see for itself what is done already.
	Run      func(context.Context, *Job) error
	Limit    int           // jobs that run at once in this process; 0 means 4
	Timeout  time.Duration // after which Run's context ends; 0 means a minute
	Attempts int           // after which a job is given up; 0 means 12
	Lease    time.Duration // for which a job is taken; 0 means longer than Timeout. A shorter one Run prolongs by Hold
}

// Later is what Run returns for a job that is not to be tried again before a time, by the
// clock of its workspace. Where the usual pause is longer, that one counts, unless that
// clock is its own.
type Later struct {
	Err error
	At  time.Time
}

func (e *Later) Error() string { return e.Err.Error() }
func (e *Later) Unwrap() error { return e.Err }

// Again is what Run returns for a job that is done for now, and is to be done again
// at a time, by the clock of its workspace. It has not failed.
type Again struct{ At time.Time }

func (e *Again) Error() string { return "to be done again at " + e.At.String() }

// An Outcome is how an attempt at a job ended.
type Outcome string

// The outcomes.
const (
	Done   Outcome = "done"
	Failed Outcome = "failed" // to be tried again
	Dead   Outcome = "dead"   // given up
	Lost   Outcome = "lost"   // cancelled, replaced or taken by another meanwhile
)

// Options are what a Runner is made with.
type Options struct {
	Handlers map[string]Handler // by kind; other kinds are left to other processes
	Clock    func() time.Time
	Logger   *slog.Logger
	Observe  func(kind string, o Outcome, took time.Duration) // is told of every attempt
	// Full is called when a lane is full, so that more may be due than this process
	// does. It must not wait. nil tells nobody.
	Full func()
	// Look is how long the runner does not look by itself, at most; 0 means a second.
	// The bell tells it of jobs of its own process; of those that others enqueue it may
	// not be told.
	Look time.Duration
	// Own reads the clock of a workspace whose jobs have a DueAt; nil where none has.
	Own func(ctx context.Context, workspace string) (*Clock, error)
}

const (
	defaultLimit    = 4
	defaultTimeout  = time.Minute
	defaultAttempts = 12

	// grace is how much longer than a handler may take a job is leased: time to
	// write down how it ended, and for clocks that differ.
	grace       = 30 * time.Second
	defaultLook = time.Second
	// fullPause is the time between two calls of Full at least: who was told looks again
	// and again by itself, as long as it finds something.
	fullPause = 100 * time.Millisecond
)

// A Runner runs the jobs of a queue. Start it once, stop it once.
type Runner struct {
	queue   *Queue
	options Options
	kinds   []string

	mu      sync.Mutex
	running map[string]int // by kind

	toldFull time.Time // of the loop alone

	jobs    sync.WaitGroup
	looping chan struct{}   // closed when the loop has ended
	leave   func()          // ends the loop
	work    context.Context // of the jobs
	cut     func()          // ends it
}

// NewRunner makes a runner of a queue, which does nothing yet.
func NewRunner(q *Queue, o Options) *Runner {
	handlers := make(map[string]Handler, len(o.Handlers))
	for kind, h := range o.Handlers {
		if h.Limit <= 0 {
			h.Limit = defaultLimit
		}
		if h.Timeout <= 0 {
			h.Timeout = defaultTimeout
		}
		if h.Attempts <= 0 {
			h.Attempts = defaultAttempts
		}
		handlers[kind] = h
	}
	o.Handlers = handlers
	if o.Observe == nil {
		o.Observe = func(string, Outcome, time.Duration) {}
	}
	if o.Full == nil {
		o.Full = func() {}
	}
	if o.Look <= 0 {
		o.Look = defaultLook
	}
	return &Runner{queue: q, options: o, kinds: slices.Sorted(maps.Keys(handlers)), running: make(map[string]int)}
}

// Kinds are the kinds that the runner has handlers for.
func (r *Runner) Kinds() []string { return r.kinds }

// RunDue runs the jobs that are due now, one after another, until none is. It
// returns how many attempts it made; its error is one of the queue, not of a job.
// Where workspaces are named, jobs of others are left alone.
func (r *Runner) RunDue(ctx context.Context, workspaces ...string) (int, error) {
	wants := r.wantsOfOne()
	for n := 0; ; {
		some, err := r.runSome(ctx, wants, workspaces)
		n += some
		if err != nil || some == 0 {
			return n, err
		}
	}
}

// RunSome is RunDue, but ends when it has run one job of each kind at most. It looks for
// no others then, so that more may be due.
func (r *Runner) RunSome(ctx context.Context, workspaces ...string) (int, error) {
	return r.runSome(ctx, r.wantsOfOne(), workspaces)
}

func (r *Runner) runSome(ctx context.Context, wants []Want, workspaces []string) (int, error) {
	claimed, err := r.queue.Claim(ctx, wants, workspaces...)
	if err != nil {
		return 0, err
	}
	for n, j := range claimed {
		if err := r.run(ctx, j); err != nil {
			return n + 1, err
		}
	}
	return len(claimed), nil
}

// wantsOfOne wants one job of each kind.
func (r *Runner) wantsOfOne() []Want {
	wants := make([]Want, len(r.kinds))
	for i, kind := range r.kinds {
		wants[i] = r.want(kind, 1)
	}
	return wants
}

// Look has the runner look at once, as another process says that there are jobs which
// it does not do.
func (r *Runner) Look() { r.queue.ring() }

// Start has the runner run jobs as they become due, until Stop. It looks for the first after a while, or once it is told of one.
func (r *Runner) Start(after time.Duration) {
	ctx, leave := context.WithCancel(context.Background())
	r.leave = leave
	r.work, r.cut = context.WithCancel(context.Background())
	r.looping = make(chan struct{})
	go func() {
		defer close(r.looping)
		r.loop(ctx, after)
	}()
}

// Stop has the runner take no more jobs and waits for those that run. When ctx
// ends first, it cuts them off and says so; they are run again when their leases
// have ended.
func (r *Runner) Stop(ctx context.Context) error {
	r.leave()
	defer r.cut()
	ended := make(chan struct{})
	go func() {
		<-r.looping
		r.jobs.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("jobs: still running: %w", ctx.Err())
	}
}

// loop starts jobs when they are due until ctx ends.
func (r *Runner) loop(ctx context.Context, after time.Duration) {
	timer := time.NewTimer(after)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-r.queue.bell:
		}
		pause, err := r.turn(ctx)
		if err != nil && ctx.Err() == nil && !errors.Is(err, db.ErrUnwritable) { // of which the database has told
			r.options.Logger.Warn("jobs cannot be read", "error", err)
		}
		timer.Reset(pause)
	}
}

// turn starts what is due, as far as there is room, and returns how long it may
// be until something else is.
func (r *Runner) turn(ctx context.Context) (time.Duration, error) {
	rooms, look := r.rooms(), r.options.Look
	next, err := r.queue.Next(ctx, slices.Sorted(maps.Keys(rooms)))
	if err != nil {
		return look, err
	}
	now, pause := r.options.Clock(), look
	var wants []Want
	for kind, at := range next {
		if until := time.Unix(at, 0).Sub(now); until > 0 {
			pause = min(pause, until)
			continue
		}
		wants = append(wants, r.want(kind, rooms[kind]))
	}
	if len(wants) == 0 {
		return pause, nil
	}
	// What is taken must run: the end of the loop may not come in between.
	claimed, err := r.queue.Claim(context.WithoutCancel(ctx), wants)
	if err != nil {
		return look, err
	}
	taken := make(map[string]int)
	for _, j := range claimed {
		taken[j.Kind]++
		r.begin(j)
	}
	for _, want := range wants {
		if taken[want.Kind] == want.Most {
			r.full()
			return 0, nil // there may be more, and room again; a full lane rings when one of its jobs ends
		}
	}
	return pause, nil
}

// full says that others may have something to do.
func (r *Runner) full() {
	if now := time.Now(); now.Sub(r.toldFull) >= fullPause {
		r.toldFull = now
		r.options.Full()
	}
}

// rooms is how many more jobs of each kind may run, of the kinds where any may.
func (r *Runner) rooms() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	rooms := make(map[string]int)
	for kind, h := range r.options.Handlers {
		if room := h.Limit - r.running[kind]; room > 0 {
			rooms[kind] = room
		}
	}
	return rooms
}

func (r *Runner) want(kind string, most int) Want {
	h := r.options.Handlers[kind]
	return Want{Kind: kind, Most: most, Lease: cmp.Or(h.Lease, h.Timeout+grace)}
}

// begin runs a job in a goroutine of its own.
func (r *Runner) begin(j *Job) {
	r.mu.Lock()
	r.running[j.Kind]++
	r.mu.Unlock()
	r.jobs.Go(func() {
		defer r.end(j.Kind)
		if err := r.run(r.work, j); err != nil && r.work.Err() == nil {
			r.log(j).Warn("how a job ended cannot be written; it will be run again", "error", err)
		}
	})
}

// end makes room for another job of the kind.
func (r *Runner) end(kind string) {
	r.mu.Lock()
	full := r.running[kind] == r.options.Handlers[kind].Limit
	r.running[kind]--
	r.mu.Unlock()
	if full {
		r.queue.ring()
	}
}

// run makes one attempt at a job and writes down how it ended. Its error is one
// of the queue.
func (r *Runner) run(ctx context.Context, j *Job) error {
	h := r.options.Handlers[j.Kind]
	began := r.options.Clock()
	cause := r.attempt(ctx, h, j)
	if cause != nil && ctx.Err() != nil {
		return ctx.Err() // cut off, which is no failure of the job
	}
	outcome, held, err := Done, false, error(nil)
	again, _ := errors.AsType[*Again](cause)
	steady := context.WithoutCancel(ctx)
	switch {
	case cause == nil:
		held, err = r.queue.Complete(steady, j)
	case again != nil:
		at, failure := r.againAt(steady, j, again.At)
		if failure != nil {
			return failure
		}
		if held, err = r.queue.Again(steady, j, at); held {
			r.queue.ring()
		}
	case j.Attempt >= h.Attempts:
		outcome = Dead
		held, err = r.queue.Bury(steady, j, cause)
	default:
		outcome = Failed
		at, failure := r.retryAt(steady, j, cause)
		if failure != nil {
			return failure
		}
		held, err = r.queue.Retry(steady, j, cause, at)
	}
	if err != nil {
		return err
	}
	switch {
	case !held:
		outcome = Lost
	case outcome == Dead:
		r.log(j).Error("a job was given up", "error", cause)
	case outcome == Failed:
		r.log(j).Warn("a job failed and will be tried again", "error", cause)
	}
	r.options.Observe(j.Kind, outcome, r.options.Clock().Sub(began))
	return nil
}

// errAbandoned is why a job is given up whose attempts all ended unheard: it may
// be what brings the process down.
var errAbandoned = errors.New("no attempt came to an end")

// attempt calls the handler. A panic is an error.
func (r *Runner) attempt(ctx context.Context, h Handler, j *Job) (err error) {
	if j.Attempt > h.Attempts {
		return errAbandoned
	}
	ctx, cancel := context.WithTimeout(ctx, h.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			r.log(j).Error("a job panicked", "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if clock, err := r.own(ctx, j); err != nil {
		return err
	} else if clock != nil {
		ctx = clock.Context(ctx)
	}
	return h.Run(ctx, j)
}

func (r *Runner) log(j *Job) *slog.Logger {
	return r.options.Logger.With("job", j.ID, "kind", j.Kind, "workspace", j.Workspace, "attempt", j.Attempt)
}

// The pauses between attempts: about 5 seconds after the first, twice as long
// after each, an hour at most.
const (
	firstPause = 5 * time.Second
	maxPause   = time.Hour
)

// backoff is how long to wait after an attempt: a random time from half of the
// pause to all of it, so that what failed together is not tried together.
func backoff(attempt int) time.Duration {
	pause := maxPause
	if shift := attempt - 1; shift < 10 {
		pause = min(firstPause<<shift, maxPause)
	}
	return pause/2 + rand.N(pause/2)
}
