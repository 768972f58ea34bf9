package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
	"parley/internal/service/sandbox"
)

func (p *program) workspaceCommand() *cobra.Command {
	return group("workspace", "Make, list, reset and delete workspaces, and limit their rates",
		p.createWorkspace(), p.listWorkspaces(), p.limitWorkspace(), p.resetWorkspace(), p.deleteWorkspace())
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
	seed := cmd.Flags().String("seed", "", "`file` of a seed to fill it with, or demo; its admins are those of the seed")
	from := cmd.Flags().String("snapshot", "", "`id/name` of a workspace and of a snapshot to fill it with")
	cmd.MarkFlagsMutuallyExclusive("seed", "snapshot")
	return p.onDatabase(cmd, func(ctx context.Context, a *app.App, args []string) error {
		w.ID, w.Name = model.WorkspaceID(*id), args[0]
		if *seed != "" || *from != "" {
			return p.fillWorkspace(ctx, a, cmd, w, *seed, *from)
		}
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
		rows := [][]any{{"ID", "NAME", "TIMEZONE", "REGION", "CREATED", "APP LIMIT", "LIMIT"}}
		for _, w := range all {
			rows = append(rows, []any{w.ID, w.Name, w.Timezone, w.Region, at(w.CreatedAt), limit(w.RateLimits.App), limit(w.RateLimits.Workspace)})
		}
		return p.table(rows)
	})
}

// limit prints a limit of a rate.
func limit(n int64) string {
	if n == 0 {
		return "usual"
	}
	return strconv.FormatInt(n, 10)
}

func (p *program) limitWorkspace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "limits ID",
		Short: "Show how many requests may be made in ten seconds, or change it",
		Long: "Show how many requests may be made in ten seconds, or change it. What is usual is what the settings\n" +
			"app_rate_limit and rate_limit of the server say. A change counts from the next request on.",
		Args: cobra.ExactArgs(1),
	}
	flags := cmd.Flags()
	forApp := flags.Int64("app", 0, "`requests` of each app")
	forAll := flags.Int64("workspace", 0, "`requests` of the whole workspace")
	reset := flags.Bool("reset", false, "go back to what is usual, but for what the other flags say")
	return p.onExisting(cmd, func(ctx context.Context, a *app.App, args []string) error {
		id, err := chooseWorkspace(ctx, a, model.WorkspaceID(args[0]))
		if err != nil {
			return err
		}
		for _, name := range []string{"app", "workspace"} {
			if f := flags.Lookup(name); f.Changed && f.Value.String() == "0" {
				return fmt.Errorf("--%s is a whole number above 0; --reset goes back to what is usual", name)
			}
		}
		var w *model.Workspace
		if !flags.Changed("app") && !flags.Changed("workspace") && !*reset {
			w, err = a.Workspace.Find(ctx, id)
		} else {
			w, err = a.Workspace.SetRateLimits(ctx, id, func(l *model.RateLimits) {
				if *reset {
					*l = model.RateLimits{}
				}
				if flags.Changed("app") {
					l.App = *forApp
				}
				if flags.Changed("workspace") {
					l.Workspace = *forAll
				}
			})
		}
		if err != nil {
			return err
		}
		return p.table([][]any{{"APP LIMIT", "LIMIT"}, {limit(w.RateLimits.App), limit(w.RateLimits.Workspace)}})
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
		return a.Sandbox.Delete(ctx, w.ID)
	})
}

// fillWorkspace makes a workspace of a seed or a snapshot.
func (p *program) fillWorkspace(ctx context.Context, a *app.App, cmd *cobra.Command, w model.Workspace, seed, from string) (err error) {
	if !cmd.Flags().Changed("timezone") { // the usual ones are those of the seed or the snapshot
		w.Timezone = ""
	}
	if !cmd.Flags().Changed("region") {
		w.Region = ""
	}
	asked := sandbox.Request{Workspace: w}
	if from != "" {
		id, name, _ := strings.Cut(from, "/")
		asked.From = &sandbox.Source{Workspace: model.WorkspaceID(id), Name: name}
	} else if asked.Seed, err = seedText(seed); err != nil {
		return err
	}
	made, token, err := a.Sandbox.Create(ctx, asked)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%s\n%s\n", made.ID, token)
	return err
}
