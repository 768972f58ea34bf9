package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"parley/internal/app"
	"parley/internal/backup"
	"parley/internal/config"
)

// placeSettings say where the database and the files are.
var placeSettings = []string{"data", "database", "files", "s3_endpoint", "s3_region", "s3_access_key", "s3_secret_key", "log_format"}

// options are those of a command that works beside a server, if there is one.
func (p *program) options(cmd *cobra.Command) (app.Options, config.Settings, error) {
	c, err := config.Load(cmd.Flags(), p.env)
	if err != nil {
		return app.Options{}, config.Settings{}, err
	}
	c.LogLevel = max(c.LogLevel, slog.LevelWarn) // what was done is printed
	return app.FromSettings(c.Settings, buildVersion().Version, app.NewLogger(p.stderr, c.Settings)), c.Settings, nil
}

func (p *program) backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write everything into one archive, while servers run",
		Long: "Write the database, attachments and exports, as they are now, into one archive. Servers may run\n" +
			"meanwhile. The file is there when all of it is; - is standard output. It holds secrets: keep it\n" +
			"like the database. parley restore reads it, on SQLite and on PostgreSQL.",
		Example: "  parley backup parley.backup\n  parley backup - | ssh elsewhere parley restore - --database postgres://parley@db/parley",
		Args:    cobra.ExactArgs(1),
	}
	without := cmd.Flags().Bool("without-files", false, "leave attachments and exports out")
	settings(cmd, placeSettings...)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o, s, err := p.options(cmd)
		if err != nil {
			return err
		}
		if err := mustExist(&s); err != nil {
			return err
		}
		var m *backup.Manifest
		write := func(to io.Writer) (err error) {
			m, err = app.Backup(cmd.Context(), o, !*without, to)
			return err
		}
		told := p.stdout
		if args[0] == "-" {
			told = p.stderr // the other one is the archive
			err = write(p.stdout)
		} else {
			err = backup.ToFile(args[0], write)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(told, contents(m, !*without))
		return err
	}
	return cmd
}

// contents says what an archive holds, in a line.
func contents(m *backup.Manifest, files bool) string {
	line := fmt.Sprintf("%d rows of %d tables", m.Rows(), len(m.Tables))
	if !files {
		return line + ", no files"
	}
	line += fmt.Sprintf(", %d files with %d bytes", m.Files, m.FileBytes)
	if m.Absent > 0 {
		line += fmt.Sprintf("; %d files that rows name were not there", m.Absent)
	}
	return line
}

// archive opens an archive to be read.
func (p *program) archive(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(p.stdin), nil
	}
	return os.Open(name)
}

func (p *program) restoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Fill an empty database from an archive, or prove that it can be done",
		Long: "Fill an empty database from an archive that parley backup wrote, and put its files where the settings\n" +
			"say: all of it or nothing. On SQLite there must be no database in the data folder, on PostgreSQL no row\n" +
			"in any table. Servers are not to run on it meanwhile. - is standard input.\n\n" +
			"With --verify nothing is put in place: the archive is restored into a temporary SQLite database, its\n" +
			"hashes, references and files are checked and what is kept is counted anew. The exit code is 1 if anything\n" +
			"is wrong.",
		Example: "  parley restore parley.backup --verify\n  parley restore parley.backup --data ./parley-data",
		Args:    cobra.ExactArgs(1),
	}
	without := cmd.Flags().Bool("without-files", false, "leave the files of the archive where they are")
	verify := cmd.Flags().Bool("verify", false, "restore nothing into place, but check that it could be")
	settings(cmd, placeSettings...)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o, _, err := p.options(cmd)
		if err != nil {
			return err
		}
		from, err := p.archive(args[0])
		if err != nil {
			return err
		}
		defer from.Close()
		if *verify {
			return p.verify(cmd.Context(), o, from)
		}
		head, m, err := app.Restore(cmd.Context(), o, !*without, from)
		if err != nil {
			return fmt.Errorf("restoring %s: %w", args[0], err)
		}
		_, err = fmt.Fprintln(p.stdout, contents(m, head.Files && !*without))
		return err
	}
	return cmd
}

func (p *program) verify(ctx context.Context, o app.Options, from io.Reader) error {
	v, err := app.Verify(ctx, o, from)
	if err != nil {
		return fmt.Errorf("the archive cannot be restored: %w", err)
	}
	rows := [][]any{
		{"format", v.Head.Format}, {"written by", v.Head.Program}, {"written at", at(v.Head.CreatedAt)},
		{"database", v.Head.Database}, {"schema version", v.Head.Schema},
	}
	for _, w := range v.Head.Workspaces {
		rows = append(rows, []any{"workspace", w.ID + " " + w.Name})
	}
	for _, t := range v.Manifest.Tables {
		if t.Rows > 0 {
			rows = append(rows, []any{"table " + t.Table, t.Rows})
		}
	}
	if v.Head.Files {
		rows = append(rows, []any{"files", v.Manifest.Files}, []any{"bytes of files", v.Manifest.FileBytes})
	} else {
		rows = append(rows, []any{"files", "left out"})
	}
	if n := v.Manifest.Absent; n > 0 {
		rows = append(rows, []any{"files that were not there", n})
	}
	rows = append(rows, []any{"members whose hash is right", v.Manifest.Members}, []any{"references", "all lead to a row"},
		[]any{"kept numbers", fmt.Sprintf("%d kinds counted anew", v.Counts)})
	for _, w := range v.Wrong {
		rows = append(rows, []any{"wrong", w})
	}
	if err := p.table(rows); err != nil {
		return err
	}
	if len(v.Wrong) > 0 {
		return fmt.Errorf("the archive is whole, but %d numbers that are kept are not what a recount gives", len(v.Wrong))
	}
	return nil
}
