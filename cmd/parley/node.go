package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"parley/internal/app"
)

func (p *program) nodeCommand() *cobra.Command {
	return group("node", "List the servers on a PostgreSQL database", p.listNodes())
}

func (p *program) listNodes() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the servers on a PostgreSQL database",
		Long: "List the servers on a PostgreSQL database: the version of the program and of the schema that each knows, where\n" +
			"it keeps files, and how long ago it was seen. One that ended without a word is gone after 20 seconds, and listed for\n" +
			"ten minutes.",
		Args: cobra.NoArgs,
	}
	return p.onExisting(cmd, func(ctx context.Context, a *app.App, _ []string) error {
		if !a.HasNodes() {
			return errors.New("the embedded database has one server at a time, and no list of them")
		}
		all, err := a.Nodes.List(ctx)
		if err != nil {
			return err
		}
		rows := [][]any{{"ID", "HOST", "VERSION", "SCHEMA", "FILES", "STARTED", "SEEN", "STATE"}}
		for _, n := range all {
			state := "gone"
			if n.Living() {
				state = "serving"
			}
			rows = append(rows, []any{n.ID, n.Host, n.Version, n.Schema, n.Files.Place, at(n.StartedAt), fmt.Sprintf("%d s ago", n.Unseen), state})
		}
		return p.table(rows)
	})
}
