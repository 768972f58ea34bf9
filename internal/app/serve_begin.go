package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"parley/internal/db"
	"parley/internal/devpage"
	"parley/internal/explorer"
	"parley/internal/model"
)

// maxBegins is how often a start is tried again. Each waits as long as a statement may.
const maxBegins = 10

// A greeting is what the start of a server has to tell.
type greeting struct {
	workspace *model.Workspace // the oldest
	others    int
	token     string // of the first workspace, at the first start only
	dev       string // the token of developers; empty where nothing is for them
	note      string // what else there is to say
}

// begin makes the first workspace of an empty database, with an admin and a
// token. Several servers that start on one database make it once.
func (s *Server) begin(ctx context.Context, a *App) (greeting, error) {
	if s.Dev != nil {
		return s.beginDev(ctx, a)
	}
	hello, err := findFirst(ctx, a)
	if err != nil {
		return hello, err
	}
	if hello.workspace != nil {
		s.tooLate(ctx, a)
		return hello, nil
	}
	hello, err = s.createOnce(ctx, a)
	// Whoever waits for another server that fills the database is cut off with the statement that waits, and looks
	// again: an example company takes a slow machine longer than a statement may.
	for tries := 0; errors.Is(err, db.ErrUnavailable) && tries < maxBegins; tries++ {
		s.Logger.Info("the database is busy, perhaps with another server that fills it: trying again", "error", err)
		hello, err = s.createOnce(ctx, a)
	}
	if err != nil {
		return hello, fmt.Errorf("making the first workspace: %w", err)
	}
	return hello, nil
}

// createOnce makes the first workspace, unless another server does, which it waits for.
func (s *Server) createOnce(ctx context.Context, a *App) (hello greeting, err error) {
	err = a.Workspace.Together(ctx, "first start", func(ctx context.Context) (err error) {
		if hello, err = findFirst(ctx, a); err != nil || hello.workspace != nil {
			return err
		}
		by, err := s.createFirst(ctx, a)
		if err != nil {
			return err
		}
		hello.workspace = by.Workspace
		hello.token, err = a.Workspace.CreateToken(ctx, by, by.Admin, "first start", s.Settings.Token)
		return err
	})
	return hello, err
}

func findFirst(ctx context.Context, a *App) (hello greeting, err error) {
	all, err := a.Workspace.List(ctx)
	if err == nil && len(all) > 0 {
		hello.workspace, hello.others = all[0], len(all)-1
	}
	return hello, err
}

// createFirst makes the workspace and returns the admin who owns it.
func (s *Server) createFirst(ctx context.Context, a *App) (*model.Actor, error) {
	if s.Settings.Demo {
		return a.createDemo(ctx)
	}
	return a.CreateWorkspace(ctx, model.Workspace{Name: "My workspace", Timezone: "UTC"}, Owner())
}

// Owner is who owns a workspace until somebody says who does.
func Owner() model.Admin {
	return model.Admin{Name: "Owner", Email: "owner@parley.example", HasInboxSeat: true}
}

// CreateWorkspace makes a workspace and its first admin, and returns that admin
// in it.
func (a *App) CreateWorkspace(ctx context.Context, w model.Workspace, owner model.Admin) (by *model.Actor, err error) {
	err = a.Workspace.Together(ctx, "create a workspace", func(ctx context.Context) error {
		created, err := a.Workspace.Create(ctx, w)
		if err != nil {
			return err
		}
		if _, err = a.Workspace.CreateAdmin(ctx, &model.Actor{Workspace: created}, owner); err != nil {
			return err
		}
		by, err = a.Workspace.Operator(ctx, created.ID)
		return err
	})
	return by, err
}

// tooLate says which settings mean nothing since there is a workspace already.
func (s *Server) tooLate(ctx context.Context, a *App) {
	if s.Settings.Demo {
		s.Logger.Info("the example company is for an empty database: nothing was added")
	}
	if s.Settings.Token == "" {
		return
	}
	if _, err := a.Workspace.Authenticate(ctx, s.Settings.Token); err != nil {
		s.Logger.Warn("the token that is set opens no workspace: it is used at the first start only; parley token create makes others")
	}
}

// print tells a person, and a program that reads lines, where the server is at
// that base URL: all at once, since who has read what it wants may end then.
func (g greeting) print(output io.Writer, base string) {
	to := &bytes.Buffer{}
	defer func() { _, _ = output.Write(to.Bytes()) }()
	fmt.Fprintf(to, "Listening on:  %s\nApp id:        %s\n", base, g.workspace.ID)
	link := explorer.Path
	switch {
	case g.token != "" && g.note != "":
		link = explorer.Link(g.token)
		fmt.Fprintf(to, "Access token:  %s\n", g.token)
	case g.token != "":
		link = explorer.Link(g.token)
		fmt.Fprintf(to, "Access token:  %s\n\nThe token is not shown again. Try it:\n  curl -H 'Authorization: Bearer %s' %s/me\n", g.token, g.token, base)
	default:
		fmt.Fprint(to, "Access token:  shown at the first start; parley token create makes another\n")
		if g.others > 0 {
			fmt.Fprintf(to, "and %d more: parley workspace list\n", g.others)
		}
	}
	fmt.Fprintf(to, "API explorer:  %s%s\n", base, link)
	if g.dev != "" {
		fmt.Fprintf(to, "Dev token:     %s\nDev page:      %s%s\n", g.dev, base, devpage.Link(g.dev))
	}
	if g.note != "" {
		fmt.Fprintf(to, "\n%s\n\n", g.note)
	}
}
