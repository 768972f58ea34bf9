package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/service/workspace"
)

// usualDev are the defaults of a server that a developer watches.
var usualDev = config.Usual{"data": "./parley-dev", "demo": "true", "dev": "true", "log_level": "warn"}

// devToken is the file in a data folder that has the access token, and the sign that the
// folder is one of parley dev.
const devToken = "dev-token"

func (p *program) devCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run a server for yourself, and watch what it is asked",
		Long: "Run a server for yourself: with an example company, all that tests of an integration\n" +
			"need, and a page that shows what happens. Each call is a line of the output: when, its\n" +
			"status, method, duration and path, its operation, and what was wrong with it.\n\n" +
			"What the server keeps is there again at the next start, and so is its access token.\n" +
			"--fresh begins anew, with the same token.",
		Example: "  parley dev\n  parley dev --fresh\n  parley dev --addr 127.0.0.1:0 --data \"$(mktemp -d)\" --demo=false",
		Args:    cobra.NoArgs,
	}
	fresh := cmd.Flags().Bool("fresh", false, "forget what earlier runs have kept in the data folder")
	color := cmd.Flags().String("color", colorAuto, "`when` to colour the output: auto, always or never; auto looks at NO_COLOR and whether it is a terminal")
	_ = cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{colorAuto, colorAlways, colorNever}, cobra.ShellCompDirectiveNoFileComp))
	settings(cmd, config.Names()...)
	usualDev.Describe(cmd.Flags())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := usualDev.Load(cmd.Flags(), p.env)
		if err != nil {
			return err
		}
		if !c.Dev {
			return errors.New("dev is set to false: parley serve runs a server without it")
		}
		colored, err := p.colored(*color)
		if err != nil {
			return err
		}
		token, err := prepareDev(c.Settings, *fresh)
		if err != nil {
			return err
		}
		c.Token = token
		return p.runDev(cmd.Context(), c.Settings, colored)
	}
	return cmd
}

func (p *program) runDev(ctx context.Context, s config.Settings, colored bool) error {
	kept := "Kept in " + s.Data + ", the access token too; --fresh begins anew."
	if s.Database != "" {
		kept = "Kept in the database, the access token in " + s.Data + "."
	}
	server := app.Server{Settings: s, Version: buildVersion().Version, Output: p.stdout, Logger: app.NewLogger(p.stderr, s),
		Dev: &app.Dev{Color: colored, Location: time.Local, Note: kept + " Ctrl-C stops. Calls:"}}
	err := server.Run(ctx)
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil // it was told to stop before it had begun
	}
	return err
}

// prepareDev makes the data folder what the server is to begin with, and returns the
// access token: that which is set, or else of the folder.
func prepareDev(s config.Settings, fresh bool) (string, error) {
	path := filepath.Join(s.Data, devToken)
	held, err := os.ReadFile(path)
	known := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if fresh {
		if s.Database != "" {
			return "", errors.New("--fresh is for a data folder: what is in a database of PostgreSQL is not forgotten")
		}
		if _, err := os.Stat(filepath.Join(s.Data, app.DatabaseFile)); err == nil && !known {
			return "", fmt.Errorf("the database in the folder %s is not one that parley dev made: --fresh would lose what is in it", s.Data)
		}
		if err := app.ForgetData(s.Data); err != nil {
			return "", err
		}
	}
	token := strings.TrimSpace(string(held))
	if s.Token != "" {
		token = s.Token
	} else if token == "" {
		token = workspace.NewToken()
	}
	if token == strings.TrimSpace(string(held)) {
		return token, nil
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return "", err
	}
	// Where the folder is below one that is under version control, nothing of it should be.
	if err := os.WriteFile(filepath.Join(s.Data, ".gitignore"), []byte("*\n"), 0o600); err != nil {
		return "", err
	}
	return token, os.WriteFile(path, []byte(token+"\n"), 0o600)
}

// When the output is coloured.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

// colored finds out whether the output is to be coloured.
func (p *program) colored(when string) (bool, error) {
	switch when {
	case colorAlways:
		return true, nil
	case colorNever:
		return false, nil
	case colorAuto:
	default:
		return false, fmt.Errorf("--color is %s, %s or %s, not %q", colorAuto, colorAlways, colorNever, when)
	}
	if no, _ := p.env("NO_COLOR"); no != "" {
		return false, nil
	}
	if kind, _ := p.env("TERM"); kind == "dumb" {
		return false, nil
	}
	f, ok := p.stdout.(*os.File)
	if !ok {
		return false, nil
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0, nil
}
