package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/config"
)

func (p *program) serveCommand() *cobra.Command {
	var untilEOF, temporary bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: "Run the server until it is told to stop (SIGINT or SIGTERM): after --drain-delay, it\n" +
			"finishes what it was asked, for eight seconds at most. A second signal ends it at once.\n\n" +
			"The first start on an empty database makes a workspace and prints its access token.\n\n" +
			"A program that starts a server for itself alone, tests say, holds the other end of its\n" +
			"standard input and gives --until-eof: the server then ends with that program, however\n" +
			"that ends. With --temporary nothing of it is left.",
		Example: "  parley serve\n  parley serve --addr 127.0.0.1:0 --data \"$(mktemp -d)\" --demo\n" +
			"  parley serve --addr :8080 --database postgres://parley@db/parley",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(cmd.Flags(), p.env)
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			if untilEOF {
				// Who started it may be gone before it has said all: it says the rest to nobody, and ends as it should.
				signal.Ignore(syscall.SIGPIPE)
				var stop context.CancelFunc
				ctx, stop = context.WithCancel(ctx)
				defer stop()
				go func() {
					_, _ = io.Copy(io.Discard, p.stdin) // an end by a failure is one too
					stop()
				}()
			}
			if temporary {
				remove, err := useTemporaryFolder(cmd, &c.Settings)
				if err != nil {
					return err
				}
				defer remove()
			}
			server := app.Server{Settings: c.Settings, Version: buildVersion().Version, Output: p.stdout,
				Logger: app.NewLogger(p.stderr, c.Settings)}
			server.NotifySocket, _ = p.env("NOTIFY_SOCKET")
			err = server.Run(ctx)
			if errors.Is(err, context.Canceled) && ctx.Err() != nil {
				return nil // it was told to stop before it had begun
			}
			return err
		},
	}
	settings(cmd, config.Names()...)
	cmd.Flags().BoolVar(&untilEOF, "until-eof", false, "stop when standard input ends, too")
	cmd.Flags().BoolVar(&temporary, "temporary", false, "keep the data in a new folder for temporary files, and remove it at the end")
	return cmd
}

// useTemporaryFolder has the data be in a folder that is made for it, and returns how
// to remove that.
func useTemporaryFolder(cmd *cobra.Command, s *config.Settings) (remove func(), err error) {
	if cmd.Flags().Changed("data") {
		return nil, errors.New("--temporary makes a folder of its own for the data: --data names none beside it")
	}
	if s.Database != "" {
		return nil, errors.New("--temporary is for the embedded database, and database names another")
	}
	if s.Data, err = os.MkdirTemp("", "parley-"); err != nil {
		return nil, fmt.Errorf("no folder for temporary files: %w", err)
	}
	return func() { _ = os.RemoveAll(s.Data) }, nil
}
