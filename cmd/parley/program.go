package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/model"
)

// A program is what the commands share: the ways in and out.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            func(string) (string, bool)
}

// run runs the command that the arguments name and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	root := p.root(args)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if e, ok := model.AsError(err); ok {
		err = errors.New(e.Message) // its code is for programs
	}
	fmt.Fprintf(p.stderr, "parley: %v\n", err)
	if f, ok := errors.AsType[*failure](err); ok {
		return f.code
	}
	return 1
}

// A failure is an error with an exit code of its own.
type failure struct {
	code int
	error
}

func (f *failure) Unwrap() error { return f.error }

// root is the program as a command, with the one that the arguments name: to make all, each with the flags of its settings, takes 2 ms of a start. Whoever
// names none, to be helped or because of a mistake, has all.
func (p *program) root(args []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "parley",
		Short: "A customer-messaging server that speaks version 2.9 of Intercom's REST API",
		Long: "Parley is a customer-messaging server that speaks version 2.9 of Intercom's REST API.\n\n" +
			"Every setting has one name in three spellings, --log-format, PARLEY_LOG_FORMAT and\n" +
			"log_format in parley.yaml; a flag goes before the environment, that before the file.",
		Version:       buildVersion().words(), // a template for it, text/template, would have the linker keep all methods (ADR 0067)
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	commands := []struct {
		name string
		make func() *cobra.Command
	}{
		{"serve", p.serveCommand}, {"dev", p.devCommand}, {"health", p.healthCommand}, {"seed", p.seedCommand}, {"workspace", p.workspaceCommand},
		{"snapshot", p.snapshotCommand}, {"clock", p.clockCommand}, {"token", p.tokenCommand}, {"app", p.appCommand}, {"admin", p.adminCommand},
		{"team", p.teamCommand}, {"webhook", p.webhookCommand}, {"outbox", p.outboxCommand}, {"backup", p.backupCommand}, {"restore", p.restoreCommand},
		{"doctor", p.doctorCommand}, {"node", p.nodeCommand}, {"conformance", p.conformanceCommand}, {"bench", p.benchCommand}, {"proxy", p.proxyCommand},
		{"diff", p.diffCommand}, {"config", p.configCommand}, {"version", p.versionCommand},
	}
	for _, c := range commands {
		if len(args) > 0 && args[0] == c.name {
			root.AddCommand(c.make())
			return root
		}
	}
	for _, c := range commands {
		root.AddCommand(c.make())
	}
	return root
}

// group is a command that only holds others.
func group(name, short string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return cmd.Help()
	}}
	c.AddCommand(commands...)
	return c
}

// settings gives a command the flags of the named settings, with completion.
func settings(cmd *cobra.Command, names ...string) {
	config.AddFlags(cmd.Flags(), names...)
	for _, name := range names {
		if words := config.Words(name); words != nil {
			_ = cmd.RegisterFlagCompletionFunc(config.FlagName(name), cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
		}
	}
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
	if cmd.Flags().Lookup("data") != nil {
		_ = cmd.MarkFlagDirname("data")
	}
}

// A command is what is done with an open database.
type command func(ctx context.Context, a *app.App, args []string) error

// onWorkspace is a command that works on a workspace, in the name of the admin
// who owns it, once the settings have passed the checks.
func (p *program) onWorkspace(cmd *cobra.Command, run func(ctx context.Context, a *app.App, by *model.Actor, args []string) error, checks ...condition) *cobra.Command {
	id := cmd.Flags().String("workspace", "", "`id` of the workspace; needed where there are several")
	return p.onExisting(cmd, func(ctx context.Context, a *app.App, args []string) error {
		w, err := chooseWorkspace(ctx, a, model.WorkspaceID(*id))
		if err != nil {
			return err
		}
		by, err := a.Workspace.Operator(ctx, w)
		if err != nil {
			return err
		}
		return run(ctx, a, by, args)
	}, checks...)
}

// onExisting is a command that works on a database that must be there: a
// mistaken folder would only be filled with another.
func (p *program) onExisting(cmd *cobra.Command, run command, checks ...condition) *cobra.Command {
	return p.onDatabase(cmd, run, append(checks, mustExist)...)
}

// A condition refuses settings with which a command cannot do its work, or completes them.
type condition func(*config.Settings) error

func mustExist(s *config.Settings) error {
	if s.Database != "" {
		return nil // opening it will tell
	}
	if _, err := os.Stat(filepath.Join(s.Data, app.DatabaseFile)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database in the folder %s: start a server on it first, or name another with --data", s.Data)
	}
	return nil
}

// onDatabase is a command that works on a database, beside a server or without
// one, once its settings have passed the checks.
func (p *program) onDatabase(cmd *cobra.Command, run command, checks ...condition) *cobra.Command {
	settings(cmd, "data", "database", "log_format")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := config.Load(cmd.Flags(), p.env)
		if err != nil {
			return err
		}
		for _, check := range checks {
			if err := check(&c.Settings); err != nil {
				return err
			}
		}
		c.LogLevel = max(c.LogLevel, slog.LevelWarn) // what was done is printed
		options := app.FromSettings(c.Settings, buildVersion().Version, app.NewLogger(p.stderr, c.Settings))
		options.BesideDev = true // a command does not know by which settings the server runs
		a, err := app.Open(cmd.Context(), options)
		if err != nil {
			return err
		}
		defer a.Close()
		return run(cmd.Context(), a, args)
	}
	return cmd
}

// chooseWorkspace is the workspace of that id or, where none is given, the only
// one there is.
func chooseWorkspace(ctx context.Context, a *app.App, id model.WorkspaceID) (model.WorkspaceID, error) {
	all, err := a.Workspace.List(ctx)
	if err != nil {
		return "", err
	}
	for _, w := range all {
		if w.ID == id || id == "" && len(all) == 1 {
			return w.ID, nil
		}
	}
	switch {
	case id != "":
		return "", fmt.Errorf("there is no workspace %q; parley workspace list names those there are", id)
	case len(all) == 0:
		return "", errors.New("there is no workspace yet: parley workspace create makes one")
	default:
		return "", fmt.Errorf("there are %d workspaces: choose one with --workspace", len(all))
	}
}

// table prints rows in columns.
func (p *program) table(rows [][]any) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, cell)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// at prints a time; an unset one is empty.
func at(seconds int64) string {
	if seconds == 0 {
		return ""
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateTime)
}

// yes prints a fact, or its absence.
func yes(fact bool) string {
	if fact {
		return "yes"
	}
	return ""
}
