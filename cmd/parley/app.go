package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
	"parley/internal/model/identity"
)

func (p *program) appCommand() *cobra.Command {
	return group("app", "Register, list and delete apps, which use OAuth and get webhooks", p.createApp(), p.listApps(), p.showApp(),
		p.rotateAppSecret(), p.deleteApp())
}

func (p *program) createApp() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Register an app and print its client id and secret",
		Example: "  parley app create --name Sync --redirect-url https://sync.example/back --scope read_conversations --scope read_tags",
		Args:    cobra.NoArgs,
	}
	name := cmd.Flags().String("name", "", "`name` that admins see")
	urls := cmd.Flags().StringArray("redirect-url", nil, "`URL` that admins may be sent back to; may be repeated")
	scopes := cmd.Flags().StringArray("scope", nil, "what the app may do, a `scope`; may be repeated")
	_ = cmd.MarkFlagRequired("name")
	words := make([]string, 0, len(identity.Scopes()))
	for _, s := range identity.Scopes() {
		words = append(words, string(s))
	}
	_ = cmd.RegisterFlagCompletionFunc("scope", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		wanted := make([]identity.Scope, len(*scopes))
		for i, s := range *scopes {
			wanted[i] = identity.Scope(s)
		}
		made, err := a.Identity.RegisterApp(ctx, by, *name, *urls, wanted)
		if err != nil {
			return err
		}
		return p.printApp(made)
	})
}

func (p *program) listApps() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the apps, without their secrets", Args: cobra.NoArgs}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		apps, err := a.Identity.ListApps(ctx, by)
		if err != nil {
			return err
		}
		rows := [][]any{{"ID", "NAME", "CLIENT ID", "SCOPES", "CREATED"}}
		for _, app := range apps {
			rows = append(rows, []any{app.ID, app.Name, app.ClientID, len(app.Scopes), at(app.CreatedAt)})
		}
		return p.table(rows)
	})
}

func (p *program) showApp() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Print an app, its secret included", Args: cobra.ExactArgs(1)}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		found, err := a.Identity.FindApp(ctx, by, model.Decimal[identity.AppID](args[0]))
		if err != nil {
			return err
		}
		return p.printApp(found)
	})
}

func (p *program) rotateAppSecret() *cobra.Command {
	cmd := &cobra.Command{Use: "rotate-secret ID", Short: "Give an app another secret and print it; its tokens stay", Args: cobra.ExactArgs(1)}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		rotated, err := a.Identity.RotateSecret(ctx, by, model.Decimal[identity.AppID](args[0]))
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, rotated.ClientSecret)
		return err
	})
}

func (p *program) deleteApp() *cobra.Command {
	cmd := &cobra.Command{Use: "delete ID", Short: "Delete an app and end its tokens, for good", Args: cobra.ExactArgs(1)}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		_, err := a.Identity.DeleteApp(ctx, by, model.Decimal[identity.AppID](args[0]))
		return err
	})
}

func (p *program) printApp(a *identity.App) error {
	scopes := make([]string, len(a.Scopes))
	for i, s := range a.Scopes {
		scopes[i] = string(s)
	}
	rows := [][]any{{"ID", a.ID}, {"NAME", a.Name}, {"CLIENT ID", a.ClientID}, {"CLIENT SECRET", a.ClientSecret},
		{"SCOPES", strings.Join(scopes, " ")}, {"CREATED", at(a.CreatedAt)}}
	for _, u := range a.RedirectURLs {
		rows = append(rows, []any{"REDIRECT URL", u})
	}
	return p.table(rows)
}
