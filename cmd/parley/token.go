package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
)

func (p *program) tokenCommand() *cobra.Command {
	return group("token", "Make, list and revoke access tokens", p.createToken(), p.listTokens(), p.revokeToken())
}

func (p *program) createToken() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make an access token and print it, this once",
		Args:  cobra.NoArgs,
	}
	email := cmd.Flags().String("admin", "", "e-mail `address` of the admin whom the token acts as; by default the owner")
	name := cmd.Flags().String("name", "command line", "`name` to know the token by")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		admin := by.Admin
		if *email != "" {
			found, err := findAdmin(ctx, a, by, *email)
			if err != nil {
				return err
			}
			admin = found.ID
		}
		token, err := a.Workspace.CreateToken(ctx, by, admin, *name, "")
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, token)
		return err
	})
}

func (p *program) listTokens() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the access tokens, without what is secret of them", Args: cobra.NoArgs}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		tokens, err := a.Workspace.ListTokens(ctx, by)
		if err != nil {
			return err
		}
		admins, err := a.Workspace.ListAdmins(ctx, by)
		if err != nil {
			return err
		}
		emails := map[model.AdminID]string{}
		for _, admin := range admins {
			emails[admin.ID] = admin.Email
		}
		rows := [][]any{{"ID", "NAME", "ADMIN", "CREATED", "REVOKED"}}
		for _, t := range tokens {
			rows = append(rows, []any{t.ID(), t.Name, emails[t.Admin], at(t.CreatedAt), at(t.RevokedAt)})
		}
		return p.table(rows)
	})
}

func (p *program) revokeToken() *cobra.Command {
	cmd := &cobra.Command{Use: "revoke ID", Short: "End an access token, at once and for good", Args: cobra.ExactArgs(1)}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		return a.Workspace.RevokeToken(ctx, by, args[0])
	})
}
