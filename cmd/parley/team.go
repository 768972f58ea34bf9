package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
)

func (p *program) teamCommand() *cobra.Command {
	return group("team", "Make and list teams of admins", p.createTeam(), p.listTeams())
}

func (p *program) createTeam() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create NAME",
		Short:   "Make a team and print its id",
		Example: "  parley team create Support --member ann@acme.test=primary --member bob@acme.test=secondary",
		Args:    cobra.ExactArgs(1),
	}
	members := cmd.Flags().StringArray("member", nil, "`email` of an admin in the team, or email=primary or email=secondary; may be repeated")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		team := model.Team{Name: args[0]}
		for _, m := range *members {
			email, priority, _ := strings.Cut(m, "=")
			admin, err := findAdmin(ctx, a, by, email)
			if err != nil {
				return err
			}
			team.Members = append(team.Members, model.TeamMember{Admin: admin.ID, Priority: model.TeamPriority(priority)})
		}
		created, err := a.Workspace.CreateTeam(ctx, by, team)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, created.ID)
		return err
	})
}

func (p *program) listTeams() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the teams", Args: cobra.NoArgs}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		teams, err := a.Workspace.ListTeams(ctx, by)
		if err != nil {
			return err
		}
		rows := [][]any{{"ID", "NAME", "ADMINS"}}
		for _, t := range teams {
			rows = append(rows, []any{t.ID, t.Name, strings.Trim(strings.ReplaceAll(fmt.Sprint(t.AdminIDs()), " ", ","), "[]")})
		}
		return p.table(rows)
	})
}
