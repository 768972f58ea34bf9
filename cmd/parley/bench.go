package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"parley/internal/bench"
	"parley/internal/bench/bare"
	"parley/internal/bench/fill"
)

// A benchmark is what the flags of parley bench say.
type benchmark struct {
	options bench.Options
	fill    fill.Options
	folder  string
	json    string // file, or - for standard output
	quiet   bool
}

func (p *program) benchCommand() *cobra.Command {
	b := benchmark{fill: fill.Options{Clock: time.Now}}
	o := &b.options
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast a server answers, this one or two in alternation",
		Long: "Fill a workspace, start this program as a server on a copy of it, call operations one after another with\n" +
			"some numbers of connections, check the answers, and print how many a second it answered, how long that\n" +
			"took, and what it cost. The fill is kept for the next run. docs/bench.md says what the figures tell.",
		Example: "  parley bench --contacts 100000\n  parley bench --only 'read a contact' --against handler\n" +
			"  parley bench --contacts 1000000 --against ./parley-before --json report.json",
		Args: cobra.NoArgs,
	}
	f := cmd.Flags()
	addFillFlags(cmd, &b)
	f.IntSliceVar(&o.Connections, "connections", []int{1, 16, 64}, "`numbers` of connections, separated by commas")
	f.StringSliceVar(&o.Only, "only", nil, "parts of `names` of operations to measure, separated by commas; start is how long a start takes")
	f.DurationVar(&o.Time, "time", 3*time.Second, "how `long` each operation is measured with each number of connections")
	f.DurationVar(&o.Turn, "turn", 100*time.Millisecond, "how `long` one of two targets is measured before the other has its turn")
	f.IntVar(&o.Starts, "starts", 5, "how `many` times a start is measured")
	f.StringVar(&o.Database, "database", "", "`URL` of a PostgreSQL server on which databases may be made; without it the embedded database is measured")
	f.StringVar(&o.URL, "url", "", "measure the server at this `URL`, which runs already and holds the workspace of --data; what changes something is left out")
	f.BoolVar(&o.MayWrite, "write", false, "measure what changes something also where a URL names a server")
	f.StringVar(&o.Against, "against", "", "measure another `target` by turns: handler, pgx, a URL or another program")
	f.StringVar(&o.AgainstToken, "against-token", "", "access `token` for the URL, if it is not that of the fill")
	f.StringVar(&o.LogLevel, "log-level", "info", "least `level` that the servers log: debug, info, warn or error")
	f.BoolVar(&o.Cold, "cold", false, "have the servers keep no pages of lists in memory, as if each was asked for the first time (cache_pages)")
	f.StringVar(&b.json, "json", "", "`file` for a report in JSON; - for standard output, instead of the table")
	f.BoolVar(&b.quiet, "quiet", false, "do not show progress")
	_ = cmd.MarkFlagFilename("json", "json")
	_ = cmd.RegisterFlagCompletionFunc("against", cobra.FixedCompletions([]string{bench.Handler, bench.Pgx}, cobra.ShellCompDirectiveDefault))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.bench(cmd.Context(), b) }
	cmd.AddCommand(p.benchFillCommand(), p.benchBareCommand(bench.Handler), p.benchBareCommand(bench.Pgx))
	return cmd
}

func addFillFlags(cmd *cobra.Command, b *benchmark) {
	f := cmd.Flags()
	f.IntVar(&b.fill.Contacts, "contacts", 1000, "how `many` contacts the workspace has; a fifth of them have a conversation")
	f.Uint64Var(&b.fill.Seed, "seed", 1, "`number` that decides what is by chance: the same one makes the same workspace")
	f.StringVar(&b.folder, "data", "", "`folder` that the workspace is filled in and kept; by default one for each size below the user's caches")
	_ = cmd.MarkFlagDirname("data")
}

func (p *program) benchFillCommand() *cobra.Command {
	b := benchmark{fill: fill.Options{Clock: time.Now}}
	cmd := &cobra.Command{
		Use:   "fill",
		Short: "Only fill a folder, for a later run or for looking at it",
		Args:  cobra.NoArgs,
	}
	addFillFlags(cmd, &b)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		bar := &progress{w: p.stderr, terminal: isTerminal(p.stderr)}
		folder, _, err := b.filled(cmd.Context(), bar)
		bar.clear()
		if err == nil {
			fmt.Fprintln(p.stdout, folder)
		}
		return err
	}
	return cmd
}

// filled fills the folder, unless it is, and returns where it is.
func (b *benchmark) filled(ctx context.Context, bar *progress) (string, *bench.Facts, error) {
	if b.folder == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			return "", nil, fmt.Errorf("no folder for caches, so that --data must name one: %w", err)
		}
		b.folder = filepath.Join(caches, "parley-bench", fmt.Sprintf("%d-%d-%d", bench.FactsFormat, b.fill.Contacts, b.fill.Seed))
	}
	if bar != nil {
		b.fill.Progress = func(n int) { bar.show(n, b.fill.Contacts, "contacts are filled in") }
	}
	facts, err := fill.Folder(ctx, b.folder, b.fill)
	return b.folder, facts, err
}

func (p *program) bench(ctx context.Context, b benchmark) (err error) {
	o := b.options
	if o.Program, err = os.Executable(); err != nil {
		return err
	}
	file, err := openReport(b.json)
	if err != nil {
		return err
	}
	if file != nil {
		defer func() {
			if file.Close(); err != nil { // a second time, if all went well
				os.Remove(file.Name())
			}
		}()
	}
	var bar *progress
	if !b.quiet {
		bar = &progress{w: p.stderr, terminal: isTerminal(p.stderr)}
		defer bar.clear()
		o.Progress = bar.tell
	}
	if o.Folder, o.Facts, err = b.filled(ctx, bar); err != nil {
		return err
	}
	o.Version = buildVersion().Version
	report, err := bench.Run(ctx, o)
	if err != nil {
		return err
	}
	if bar != nil {
		bar.clear()
	}
	if file != nil {
		if err := errors.Join(report.JSON(file), file.Close()); err != nil {
			return fmt.Errorf("the report cannot be written: %w", err)
		}
	}
	if b.json == "-" {
		return report.JSON(p.stdout)
	}
	return report.Table(p.stdout)
}

// benchBareCommand is what --against starts beside the server.
func (p *program) benchBareCommand(name string) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: "Serve next to nothing, for parley bench --against " + name, Hidden: true, Args: cobra.NoArgs}
	answer := cmd.Flags().String("answer", "", "`file` with what is answered")
	database := cmd.Flags().String("database", "", "`URL` of the PostgreSQL database with the table answers")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx, stop := context.WithCancel(cmd.Context())
		defer stop()
		go func() {
			_, _ = io.Copy(io.Discard, p.stdin)
			stop()
		}()
		var handler http.Handler
		if name == bench.Pgx {
			pool, err := pgxpool.New(ctx, *database)
			if err != nil {
				return err
			}
			defer pool.Close()
			handler = bare.Point(pool)
		} else {
			text, err := os.ReadFile(*answer)
			if err != nil {
				return err
			}
			handler = bare.Same(text)
		}
		return bare.Serve(ctx, handler, p.stdout)
	}
	return cmd
}
