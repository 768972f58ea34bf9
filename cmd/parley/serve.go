package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/config"
)

func (p *program) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the server",
		Long: "Run the server until it is told to stop (SIGINT or SIGTERM): after --drain-delay, it\n" +
			"finishes what it was asked, for eight seconds at most. A second signal ends it at once.\n\n" +
			"The first start on an empty database makes a workspace and prints its access token.",
		Example: "  parley serve\n  parley serve --addr 127.0.0.1:0 --data \"$(mktemp -d)\" --demo\n" +
			"  parley serve --addr :8080 --database postgres://parley@db/parley",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(cmd.Flags(), p.env)
			if err != nil {
				return err
			}
			server := app.Server{Settings: c.Settings, Version: buildVersion().Version, Output: p.stdout,
				Logger: app.NewLogger(p.stderr, c.Settings)}
			server.NotifySocket, _ = p.env("NOTIFY_SOCKET")
			err = server.Run(cmd.Context())
			if errors.Is(err, context.Canceled) && cmd.Context().Err() != nil {
				return nil // it was told to stop before it had begun
			}
			return err
		},
	}
	settings(cmd, config.Names()...)
	return cmd
}
