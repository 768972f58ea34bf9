package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
)

func (p *program) workspaceCommand() *cobra.Command {
	return group("workspace", "Make, list and delete workspaces", p.createWorkspace(), p.listWorkspaces(), p.deleteWorkspace())
}

func (p *program) createWorkspace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a workspace and the admin who owns it, and print its id",
		Args:  cobra.ExactArgs(1),
	}
	var w model.Workspace
	id := cmd.Flags().String("id", "", "`id`, 8 lower-case letters and digits; random if none is given")
	cmd.Flags().StringVar(&w.Timezone, "timezone", "UTC", "time `zone` of the IANA database")
	cmd.Flags().StringVar(&w.Region, "region", "US", "`region` that the API reports: US, EU or AU")
	owner := app.Owner()
	cmd.Flags().StringVar(&owner.Email, "owner-email", owner.Email, "e-mail `address` of the owner")
	cmd.Flags().StringVar(&owner.Name, "owner-name", owner.Name, "`name` of the owner")
	return p.onDatabase(cmd, func(ctx context.Context, a *app.App, args []string) error {
		w.ID, w.Name = model.WorkspaceID(*id), args[0]
		by, err := a.CreateWorkspace(ctx, w, owner)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, by.Workspace.ID)
		return err
	})
}

func (p *program) listWorkspaces() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the workspaces", Args: cobra.NoArgs}
	return p.onExisting(cmd, func(ctx context.Context, a *app.App, _ []string) error {
		all, err := a.Workspace.List(ctx)
		if err != nil {
			return err
		}
		rows := [][]any{{"ID", "NAME", "TIMEZONE", "REGION", "CREATED"}}
		for _, w := range all {
			rows = append(rows, []any{w.ID, w.Name, w.Timezone, w.Region, at(w.CreatedAt)})
		}
		return p.table(rows)
	})
}

func (p *program) deleteWorkspace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: "Delete a workspace and all that is in it, for good",
		Args:  cobra.ExactArgs(1),
	}
	sure := cmd.Flags().Bool("yes", false, "really delete it")
	return p.onExisting(cmd, func(ctx context.Context, a *app.App, args []string) error {
		id, err := chooseWorkspace(ctx, a, model.WorkspaceID(args[0]))
		if err != nil {
			return err
		}
		w, err := a.Workspace.Find(ctx, id)
		if err != nil {
			return err
		}
		if !*sure {
			return fmt.Errorf("this deletes the workspace %s (%s) and all that is in it, for good: say --yes if you mean it", w.ID, w.Name)
		}
		return a.Workspace.Delete(ctx, w.ID)
	})
}
