package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"parley/internal/config"
)

func (p *program) configCommand() *cobra.Command {
	show := &cobra.Command{
		Use:   "print",
		Short: "Print every setting, its value and where that comes from",
		Long:  "Print every setting, its value and where that comes from, in the form of a settings file.\nSecrets are masked.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.Load(cmd.Flags(), p.env)
			if err != nil {
				return err
			}
			var rows [][]any
			for _, v := range c.Values {
				text := v.Text
				if text == "" {
					text = `""`
				}
				rows = append(rows, []any{v.Name + ": " + text, "# " + v.Origin})
			}
			return p.table(rows)
		},
	}
	settings(show, config.Names()...)
	return group("config", "Look at the settings", show)
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print what this program is",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(p.stdout, buildVersion())
			return err
		},
	}
}
