// Package bench drives servers that speak the API and tells how fast they answered: it starts what it measures, checks what it is
// answered, and measures two in alternation where they are to be compared.
// It must not know how a server works, ours included: it knows HTTP, JSON, the facts of a workspace and how a program is started.
package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// Options say what is measured.
type Options struct {
	Program string // the server that is started
	Version string // of it, for the report
	Folder  string // a filled one; each run works on a copy
	Facts   *Facts // of the folder

	// URL measures a server that runs already instead, and holds the workspace of the facts.
	URL string
	// MayWrite measures what changes something also where a server was not started here.
	MayWrite bool

	// Database is a PostgreSQL server on which databases may be made; empty measures the embedded database. The archive of the
	// folder is restored there once, and each run works on a copy.
	Database string

	// Against is what is measured in alternation: empty for nothing, Handler, Pgx, a URL or another program.
	Against string
	// AgainstToken opens the server at a URL; empty is the token of the facts.
	AgainstToken string

	Connections []int         // how many at once, one measurement after another
	Only        []string      // parts of names of operations; none means all
	Time        time.Duration // how long each operation is measured with each number of connections
	Turn        time.Duration // how long one target has its turn
	Starts      int           // how often it is measured how long a start takes
	LogLevel    string        // of the servers
	Cold        bool          // they keep no pages of lists in memory
	Progress    func(what string)
}

// What Against may be beside a URL and a program.
const (
	Handler = "handler" // a bare handler of net/http
	Pgx     = "pgx"     // a bare handler that reads one row of PostgreSQL
)

// minPairs is how many turns of each of two targets a ratio is of, at least.
const minPairs = 3

// Run measures. A wrong answer ends it with an error.
func Run(ctx context.Context, o Options) (*Report, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	var err error
	if o.Folder, err = filepath.Abs(o.Folder); err != nil { // servers have a working folder of their own
		return nil, err
	}
	r := &Report{Made: time.Now().UTC().Format(time.RFC3339), System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU(), Contacts: o.Facts.Contacts,
		Seed: o.Facts.Seed, Format: o.Facts.Format, Version: o.Version}
	s := &stage{Options: o, report: r}
	defer s.clear()
	if err := s.set(ctx); err != nil {
		return nil, err
	}
	if err := s.measure(ctx); err != nil {
		return nil, err
	}
	for _, t := range s.targets {
		t.told.Peak, _ = t.peak()
		r.Targets = append(r.Targets, t.told)
	}
	return r, s.stop()
}

func (o *Options) check() error {
	switch {
	case o.Facts == nil:
		return errors.New("there are no facts to check answers by")
	case len(o.Connections) == 0 || slices.Min(o.Connections) < 1 || slices.Max(o.Connections) > 1024:
		return errors.New("connections are from 1 to 1,024")
	case o.Time <= 0 || o.Turn <= 0:
		return errors.New("the times must be above 0")
	case o.Against == Pgx && o.Database == "":
		return errors.New("what pgx is measured against needs a database on PostgreSQL")
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if len(o.operations()) == 0 && !o.wants(startName) {
		return fmt.Errorf("no operation has a name with %s in it", strings.Join(o.Only, " or "))
	}
	return nil
}

// wants reports whether something of that name is to be measured.
func (o *Options) wants(name string) bool {
	if len(o.Only) == 0 {
		return true
	}
	return slices.ContainsFunc(o.Only, func(part string) bool { return strings.Contains(name, part) })
}

// startsAll reports whether no server is somebody else's.
func (o *Options) startsAll() bool { return o.URL == "" && !strings.Contains(o.Against, "://") }

// A stage is a run: the servers, and what they work on.
type stage struct {
	Options
	report  *Report
	targets []*target
	folders []string // to be removed
	drop    []func() error
}

const startName = "start"

// set starts what is measured.
func (s *stage) set(ctx context.Context) error {
	switch {
	case s.URL != "":
		s.report.Database = "unknown"
	case s.Database != "":
		s.report.Database = "PostgreSQL"
	default:
		s.report.Database = "SQLite"
	}
	var first *target
	var err error
	if s.URL != "" {
		first, err = s.find(s.URL, s.Facts.Token)
	} else {
		first, err = s.start(ctx, "parley", s.Program)
	}
	if err != nil || s.Against == "" {
		return err
	}
	return s.against(ctx, first)
}

// find is a server that runs already.
func (s *stage) find(url, token string) (*target, error) {
	t := newTarget(url, s.Facts, token)
	t.made.Store(time.Now().UnixMicro()) // an earlier run has made contacts there
	var err error
	if t.address, err = addressOf(url); err == nil {
		err = t.ask()
	}
	s.targets = append(s.targets, t)
	return t, err
}

// start starts a server on a copy of the data, and measures how long that takes.
func (s *stage) start(ctx context.Context, name, program string) (*target, error) {
	info, err := os.Stat(program)
	if err != nil {
		return nil, err
	}
	args, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	args = append([]string{"serve", "--until-eof", "--addr", "127.0.0.1:0", "--rate-limit", many, "--app-rate-limit", many, "--log-level", s.LogLevel}, args...)
	if s.Cold {
		args = append(args, "--cache-pages=false")
	}
	t := newTarget(name, s.Facts, s.Facts.Token)
	t.told.Program, t.told.Binary = program, info.Size()
	s.targets = append(s.targets, t)
	starts := 1
	if s.wants(startName) {
		starts = max(1, s.Starts)
	}
	for i := range starts {
		s.Progress(fmt.Sprintf("%s: start %d of %d", name, i+1, starts))
		if err := t.end(); err != nil {
			return nil, err
		}
		began := time.Now()
		if t.child, err = startChild(program, args...); err != nil {
			return nil, err
		}
		t.address = t.child.address
		if err := t.ask(); err != nil {
			return nil, err
		}
		t.told.Starts = append(t.told.Starts, time.Since(began).Seconds())
	}
	slices.Sort(t.told.Starts)
	return t, nil
}

// many is a limit of requests that no measurement comes near.
const many = "1000000000"

// place makes a copy of the data for a server, and returns the flags that lead to it.
func (s *stage) place(ctx context.Context) ([]string, error) {
	s.Progress("copying the data")
	// Beside the data: a folder for temporary files may be in memory, where to wait for the disk takes no time.
	folder, err := os.MkdirTemp(filepath.Dir(filepath.Clean(s.Folder)), "parley-bench-")
	if err != nil {
		return nil, err
	}
	s.folders = append(s.folders, folder)
	if s.Database == "" {
		return []string{"--data", folder}, copyDatabase(s.Folder, folder)
	}
	url, drop, err := copyOnPostgres(ctx, s.Options)
	if err != nil {
		return nil, err
	}
	s.drop = append(s.drop, drop)
	return []string{"--data", folder, "--database", url}, nil
}

// against starts or finds the second target.
func (s *stage) against(ctx context.Context, first *target) (err error) {
	switch {
	case s.Against == Handler || s.Against == Pgx:
		return s.bare(ctx, first)
	case strings.Contains(s.Against, "://"):
		_, err = s.find(s.Against, cmp.Or(s.AgainstToken, s.Facts.Token))
	default:
		_, err = s.start(ctx, filepath.Base(s.Against)+", the other", s.Against)
	}
	return err
}

// bare starts a child that does nothing but answer as the first target does.
func (s *stage) bare(ctx context.Context, first *target) error {
	answer, err := first.sample()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return err
	}
	s.folders = append(s.folders, folder)
	file := filepath.Join(folder, "answer.json")
	if err := os.WriteFile(file, answer, 0o600); err != nil {
		return err
	}
	args := []string{"bench", s.Against, "--answer", file}
	if s.Against == Pgx {
		url, drop, err := preparePoints(ctx, s.Options, answer)
		if err != nil {
			return err
		}
		s.drop = append(s.drop, drop)
		args = append(args, "--database", url)
	}
	t := newTarget(s.Against, s.Facts, first.token)
	t.bare, t.length = true, len(answer)
	if t.child, err = startChild(s.Program, args...); err != nil {
		return err
	}
	t.address = t.child.address
	s.targets = append(s.targets, t)
	return nil
}

// stop ends the servers in order.
func (s *stage) stop() error {
	var errs []error
	for _, t := range s.targets {
		t.hangUp()
		errs = append(errs, t.end())
	}
	return errors.Join(errs...)
}

// clear leaves nothing behind, however the run ends.
func (s *stage) clear() {
	_ = s.stop()
	for _, drop := range s.drop {
		_ = drop()
	}
	for _, folder := range s.folders {
		_ = os.RemoveAll(folder)
	}
}
