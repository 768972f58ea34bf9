package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
	"parley/internal/seed"
)

func (p *program) seedCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "seed FILE.yaml",
		Short: "Bring a workspace to what a file says, and print what that changed",
		Long: "Bring a workspace to what a file says: make what is missing, change what differs, and\n" +
			"leave the rest. Applied again, the file changes nothing. docs/seed.md has its format.",
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	id := cmd.Flags().String("workspace", "", "`id` of the workspace; by default the one that the file names, or the only one")
	var file *seed.File
	cmd.PreRunE = func(_ *cobra.Command, args []string) error { // before a database is opened for it
		text, err := os.ReadFile(args[0])
		if err == nil {
			file, err = seed.Parse(args[0], text)
		}
		return err
	}
	return p.onDatabase(cmd, func(ctx context.Context, a *app.App, args []string) error {
		report, err := a.Seeds.Apply(ctx, file, model.WorkspaceID(*id))
		if err != nil {
			return fmt.Errorf("%s: %w", args[0], err)
		}
		rows := [][]any{{"WORKSPACE " + report.Workspace.ID, "CREATED", "UPDATED", "UNCHANGED"}}
		for _, c := range report.Counts {
			rows = append(rows, []any{c.Kind, c.Created, c.Updated, c.Unchanged})
		}
		return p.table(rows)
	})
}
