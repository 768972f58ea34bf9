package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/model"
)

func (p *program) adminCommand() *cobra.Command {
	return group("admin", "Make and list admins, the teammates of a workspace, and say how they sign in", p.createAdmin(), p.listAdmins(), p.setPassword(), p.setTOTP())
}

func (p *program) createAdmin() *cobra.Command {
	cmd := &cobra.Command{Use: "create", Short: "Make an admin and print its id", Args: cobra.NoArgs}
	var admin model.Admin
	cmd.Flags().StringVar(&admin.Email, "email", "", "e-mail `address`")
	cmd.Flags().StringVar(&admin.Name, "name", "", "`name`")
	cmd.Flags().StringVar(&admin.JobTitle, "job-title", "", "job `title`")
	cmd.Flags().BoolVar(&admin.HasInboxSeat, "inbox-seat", true, "may work in the inbox")
	_ = cmd.MarkFlagRequired("email")
	_ = cmd.MarkFlagRequired("name")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		created, err := a.Workspace.CreateAdmin(ctx, by, admin)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, created.ID)
		return err
	})
}

func (p *program) listAdmins() *cobra.Command {
	cmd := &cobra.Command{Use: "list", Short: "List the admins", Args: cobra.NoArgs}
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, _ []string) error {
		admins, err := a.Workspace.ListAdmins(ctx, by)
		if err != nil {
			return err
		}
		rows := [][]any{{"ID", "E-MAIL", "NAME", "JOB TITLE", "OWNER", "INBOX SEAT", "AWAY"}}
		for _, admin := range admins {
			rows = append(rows, []any{admin.ID, admin.Email, admin.Name, admin.JobTitle, yes(admin.Owner),
				yes(admin.HasInboxSeat), yes(admin.AwayModeEnabled)})
		}
		return p.table(rows)
	})
}

func (p *program) setPassword() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "password EMAIL",
		Short: "Give an admin a password, by default a random one that is printed, and end all sessions of the admin",
		Args:  cobra.ExactArgs(1),
	}
	given := cmd.Flags().Bool("stdin", false, "read the password from the standard input, up to the end of the first line")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		admin, err := findAdmin(ctx, a, by, args[0])
		if err != nil {
			return err
		}
		password := strings.ToLower(rand.Text())
		if *given {
			line, err := bufio.NewReader(io.LimitReader(p.stdin, 4096)).ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("reading the password: %w", err)
			}
			password = strings.TrimRight(line, "\r\n")
		}
		if err := a.Identity.SetPassword(ctx, by, admin.ID, password); err != nil || *given {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, password)
		return err
	})
}

func (p *program) setTOTP() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "totp EMAIL --disable",
		Short: "Turn two-factor authentication off for an admin who has lost the phone and the recovery codes",
		Args:  cobra.ExactArgs(1),
	}
	disable := cmd.Flags().Bool("disable", false, "turn it off")
	return p.onWorkspace(cmd, func(ctx context.Context, a *app.App, by *model.Actor, args []string) error {
		admin, err := findAdmin(ctx, a, by, args[0])
		if err != nil {
			return err
		}
		if !*disable {
			return errors.New("admins turn two-factor authentication on at /account/two-factor: say --disable to turn it off here")
		}
		return a.Identity.DisableTwoFactor(ctx, by, admin.ID)
	})
}

// findAdmin finds an admin by what a person knows of one.
func findAdmin(ctx context.Context, a *app.App, by *model.Actor, email string) (*model.Admin, error) {
	admins, err := a.Workspace.ListAdmins(ctx, by)
	if err != nil {
		return nil, err
	}
	for _, admin := range admins {
		if admin.Email == model.Fold(strings.TrimSpace(email)) {
			return admin, nil
		}
	}
	return nil, fmt.Errorf("there is no admin with the e-mail address %s; parley admin list names those there are", email)
}
