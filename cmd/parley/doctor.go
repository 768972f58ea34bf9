package main

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/doctor"
)

func (p *program) doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with the settings, the database and the files",
		Long: "Look at the settings, the data folder, the database, the place of files, jobs and webhooks, and say what\n" +
			"is wrong and what to do. Nothing is changed. The exit code is 1 if there is a problem; warnings alone\n" +
			"leave it at 0. With --json each finding is a JSON object on a line of its own.",
		Args: cobra.NoArgs,
	}
	full := cmd.Flags().Bool("full", false, "read everything: the whole database, every file that rows name, every number that is kept")
	write := cmd.Flags().Bool("write", false, "write a file to the place of files, read it and delete it")
	asJSON := cmd.Flags().Bool("json", false, "print JSON")
	settings(cmd, config.Names()...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var findings []doctor.Finding
		c, err := config.Load(cmd.Flags(), p.env)
		if err != nil {
			findings = []doctor.Finding{{Check: "settings", Level: doctor.Problem, Text: err.Error(), Advice: "mend it; nothing else was looked at"}}
		} else {
			c.LogLevel = max(c.LogLevel, slog.LevelWarn)
			o := app.FromSettings(c.Settings, buildVersion().Version, app.NewLogger(p.stderr, c.Settings))
			findings = doctor.Examine(cmd.Context(), doctor.Options{Settings: c.Settings, App: o, Full: *full, Write: *write})
		}
		return p.tell(findings, *asJSON)
	}
	return cmd
}

// tell prints findings, and fails if one of them is a problem.
func (p *program) tell(findings []doctor.Finding, asJSON bool) error {
	problems := 0
	for _, f := range findings {
		if f.Level == doctor.Problem {
			problems++
		}
		line := fmt.Sprintf("%-8s %s: %s", f.Level, f.Check, f.Text)
		if f.Advice != "" {
			line += fmt.Sprintf("\n%-8s → %s", "", f.Advice)
		}
		if asJSON {
			text, err := json.Marshal(f)
			if err != nil {
				return err
			}
			line = string(text)
		}
		if _, err := fmt.Fprintln(p.stdout, line); err != nil {
			return err
		}
	}
	switch problems {
	case 0:
		return nil
	case 1:
		return errors.New("there is a problem")
	default:
		return fmt.Errorf("there are %d problems", problems)
	}
}
