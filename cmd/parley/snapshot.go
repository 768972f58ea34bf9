package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
)

func (p *program) snapshotCommand() *cobra.Command {
	return group("snapshot", "Keep what a workspace is, and bring it back to that",
		p.createSnapshot(), p.listSnapshots(), p.restoreSnapshot(), p.diffSnapshot(), p.deleteSnapshot())
}

func (p *program) createSnapshot() *cobra.Command {
	cmd := &cobra.Command{Use: "create NAME", Short: "Keep what is in a workspace now under a name", Args: cobra.ExactArgs(1)}
	replace := cmd.Flags().Bool("replace", false, "replace the snapshot of that name, if there is one")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		s, err := a.Sandbox.Snapshot(ctx, by.Workspace.ID, args[0], *replace)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, s.Name)
		return err
	})
}

func (p *program) listSnapshots() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the snapshots of a workspace", Args: cobra.NoArgs}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		all, err := a.Sandbox.Snapshots(ctx, by.Workspace.ID)
		if err != nil {
			return err
		}
		rows := [][]any{{"NAME", "CREATED"}}
		for _, s := range all {
			rows = append(rows, []any{s.Name, at(s.CreatedAt)})
		}
		return p.table(rows)
	})
}

func (p *program) restoreSnapshot() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore NAME",
		Short: "Bring a workspace back to a snapshot",
		Long: "Bring a workspace back to a snapshot: what was changed since is gone, for good.\n" +
			"On PostgreSQL, servers that write to the workspace meanwhile must run with --dev.",
		Args: cobra.ExactArgs(1),
	}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		return a.Sandbox.Restore(ctx, by.Workspace.ID, args[0])
	})
}

func (p *program) diffSnapshot() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff NAME [NAME]",
		Short: "Tell what has changed in a workspace since a snapshot, or up to another",
		Args:  cobra.RangeArgs(1, 2),
	}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		d, err := a.Sandbox.Diff(ctx, by.Workspace.ID, args[0], strings.Join(args[1:], ""))
		if err != nil {
			return err
		}
		rows := [][]any{{"CHANGE", "TYPE", "ID", "FIELDS"}}
		for _, c := range d.Changes {
			rows = append(rows, []any{c.Kind, c.Type, c.ID, len(c.Fields)})
		}
		if err := p.table(rows); err != nil {
			return err
		}
		if more := d.Total - int64(len(d.Changes)); more > 0 {
			_, err = fmt.Fprintf(p.stdout, "and %d more\n", more)
		}
		return err
	})
}

func (p *program) deleteSnapshot() *cobra.Command {
	cmd := &cobra.Command{Use: "delete NAME", Short: "Delete a snapshot", Args: cobra.ExactArgs(1)}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		return a.Sandbox.DeleteSnapshot(ctx, by.Workspace.ID, args[0])
	})
}

func (p *program) resetWorkspace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reset ID",
		Short: "Bring a workspace back to what it was made as, of a seed or a snapshot",
		Long: "Bring a workspace back to what it was made as: what was changed since is gone, for good. It must have been made\n" +
			"by workspace create with --seed or --snapshot, or by the operation of a server with --dev.\n" +
			"On PostgreSQL, servers that write to the workspace meanwhile must run with --dev.",
		Args: cobra.ExactArgs(1),
	}
	return p.onExisting(cmd, func(ctx context.Context, a *app.App, args []string) error {
		id, err := chooseWorkspace(ctx, a, model.WorkspaceID(args[0]))
		if err != nil {
			return err
		}
		return a.Sandbox.Reset(ctx, id)
	})
}

// seedText is the text of a seed that a flag names: a file, or demo.
func seedText(flag string) (string, error) {
	if flag == "demo" {
		return flag, nil
	}
	text, err := os.ReadFile(flag)
	return string(text), err
}
