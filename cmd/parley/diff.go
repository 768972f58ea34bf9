package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
	"parley/internal/replay"
	"parley/internal/seed"
)

// A diff is what the flags of parley diff say.
type diff struct {
	options replay.Options
	seed    string // file
	ids     []string
	json    bool
}

func (p *program) diffCommand() *cobra.Command {
	var d diff
	o := &d.options
	cmd := &cobra.Command{
		Use:   "diff CASSETTE",
		Short: "Replay what parley proxy recorded, and show where the answers differ",
		Long: "Replay the requests of a cassette, in order, and show where the answers differ from those that\n" +
			"were recorded. Without --to a Parley is started for it, on an empty workspace that is gone afterwards.\n" +
			"Ids are brought to what the answers call the same thing here, and times need not be the same.\n\n" +
			"The exit code is 0 if nothing differs, 1 if something does, and 2 if it could not be compared.",
		Example: "  parley diff session.cassette\n  parley diff session.cassette --shape --ignore custom_attributes --ignore '/contacts/*/avatar'\n" +
			"  parley diff session.cassette --to http://127.0.0.1:8080 --token dG9rOjVk…",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return unchecked(errors.New("one cassette is compared: parley diff CASSETTE"))
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.Base, "to", "", "`URL` of the server; by default one of its own")
	f.StringVar(&o.Token, "token", "", "access `token` for --to; PARLEY_TOKEN in the environment, if it is not given")
	f.StringVar(&d.seed, "seed", "", "seed `file` for the workspace, where a Parley is started")
	f.StringArrayVar(&d.ids, "id", nil, "`RECORDED=NOW`: what a recorded id is on the server, where no answer tells; may be repeated")
	f.StringArrayVar(&o.Ignore, "ignore", nil, "`path` not to compare: a JSON pointer, in which * stands for any step, or the name of a member; may be repeated")
	f.BoolVar(&o.Strict, "strict", false, "compare times as values, and how long things took")
	f.BoolVar(&o.Shape, "shape", false, "compare shapes only: status, headers, members and their types")
	f.BoolVar(&d.json, "json", false, "print one JSON object")
	f.DurationVar(&o.Timeout, "timeout", 30*time.Second, "how `long` an answer may take")
	_ = cmd.MarkFlagFilename("seed", "yaml", "yml")
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return unchecked(err) })
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return p.diff(cmd.Context(), args[0], d) }
	return cmd
}

func (p *program) diff(ctx context.Context, path string, d diff) error {
	o := d.options
	if o.Timeout <= 0 {
		return unchecked(errors.New("--timeout must be above 0"))
	}
	o.IDs = map[string]string{}
	for _, pair := range d.ids {
		recorded, now, found := strings.Cut(pair, "=")
		if !found || recorded == "" || now == "" {
			return unchecked(fmt.Errorf("--id %q is not like RECORDED=NOW", pair))
		}
		o.IDs[recorded] = now
	}
	tape, err := os.Open(path)
	if err != nil {
		return unchecked(err)
	}
	defer tape.Close()
	if o.Base != "" {
		if o.Token == "" {
			o.Token, _ = p.env("PARLEY_TOKEN")
		}
		if o.Token == "" || d.seed != "" {
			return unchecked(errors.New("with --to, --token says as whom, and there is nothing to --seed"))
		}
	} else {
		if o.Token != "" {
			return unchecked(errors.New("--token is for --to"))
		}
		stop, err := p.startForDiff(ctx, d.seed, &o)
		if err != nil {
			return unchecked(err)
		}
		defer stop()
	}
	report, err := replay.Run(ctx, tape, o)
	if err != nil {
		return unchecked(fmt.Errorf("%s: %w", path, err))
	}
	if d.json {
		err = report.JSON(p.stdout)
	} else {
		err = report.Table(p.stdout)
	}
	if err == nil && report.Totals.Differs() {
		t := report.Totals
		err = fmt.Errorf("%d of %d exchanges differ", t.Exchanges-t.Same, t.Exchanges)
	}
	return err
}

// startForDiff starts a Parley on a workspace that lasts as long as it runs, and tells
// the options where it is. It runs no jobs, so that nothing of a cassette goes anywhere:
// no webhook is told, no file fetched, no text message sent.
func (p *program) startForDiff(ctx context.Context, seedFile string, o *replay.Options) (stop func(), err error) {
	var undo []func()
	stop = func() {
		for i := len(undo) - 1; i >= 0; i-- {
			undo[i]()
		}
	}
	defer func() {
		if err != nil {
			stop()
		}
	}()
	dir, err := os.MkdirTemp("", "parley-diff-")
	if err != nil {
		return stop, err
	}
	undo = append(undo, func() { os.RemoveAll(dir) })
	const unlimited = 1_000_000_000
	a, err := app.Open(ctx, app.Options{Data: dir, RateLimit: unlimited, AppRateLimit: unlimited, Version: buildVersion().Version, Clock: time.Now,
		Logger: slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	if err != nil {
		return stop, err
	}
	undo = append(undo, func() { a.Close() })
	by, err := workspaceForDiff(ctx, a, seedFile)
	if err != nil {
		return stop, err
	}
	if o.Token, err = a.Workspace.CreateToken(ctx, by, by.Admin, "diff", ""); err != nil {
		return stop, err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return stop, err
	}
	server := &http.Server{Handler: a.Handler(), ReadHeaderTimeout: 10 * time.Second}
	undo = append(undo, func() { server.Close() })
	go func() { _ = server.Serve(listener) }() // ends with the Close above
	o.Base = "http://" + listener.Addr().String()
	return stop, nil
}

func workspaceForDiff(ctx context.Context, a *app.App, seedFile string) (*model.Actor, error) {
	if seedFile == "" {
		return a.CreateWorkspace(ctx, model.Workspace{Name: "My workspace", Timezone: "UTC"}, app.Owner())
	}
	text, err := os.ReadFile(seedFile)
	if err != nil {
		return nil, err
	}
	file, err := seed.Parse(seedFile, text)
	if err != nil {
		return nil, err
	}
	report, err := a.Seeds.Apply(ctx, file, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", seedFile, err)
	}
	return &model.Actor{Workspace: report.Workspace, Admin: report.Owner}, nil
}
