package db

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"regexp"
	"strings"

	"github.com/pressly/goose/v3"
)

// needs is the first line of a migration that needs extensions of PostgreSQL. It is for speed alone.
var needs = regexp.MustCompile(`^-- needs:([a-z_ ]+)\n`)

// withoutIt stands in for a migration that lacks an extension: the schema has its version, and remembers that it is to be
// done when the extension is there.
const withoutIt = "-- +goose Up\nCREATE TABLE IF NOT EXISTS schema_left_out (version BIGINT PRIMARY KEY);\n" +
	"INSERT INTO schema_left_out VALUES (%d) ON CONFLICT DO NOTHING;\n"

// findExtensions makes the extensions that migrations need. Where that fails, the migration is left out; where one was left
// out before and need not be any more, it is to be applied again.
func findExtensions(ctx context.Context, handle *sql.DB, files chosenMigrations, log *slog.Logger) error {
	for shown, actual := range files.names {
		text, err := fs.ReadFile(files.all, actual)
		if err != nil {
			return fmt.Errorf("reading the migrations: %w", err)
		}
		line := needs.FindSubmatch(text)
		if line == nil {
			continue
		}
		version, err := goose.NumericComponent(shown)
		if err != nil {
			return err
		}
		for _, extension := range strings.Fields(string(line[1])) {
			there, err := makeExtension(ctx, handle, extension, log)
			if err != nil {
				return err
			}
			if !there {
				files.leftOut[shown] = version
				break
			}
		}
		if _, left := files.leftOut[shown]; !left {
			if err := askAgain(ctx, handle, version); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeExtension reports whether the database has an extension, which it makes if it may.
func makeExtension(ctx context.Context, handle *sql.DB, name string, log *slog.Logger) (there bool, err error) {
	_, failure := handle.ExecContext(ctx, "CREATE EXTENSION IF NOT EXISTS "+name)
	// Another server may have made it at the same time.
	if err := handle.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = $1)", name).Scan(&there); err != nil {
		return false, fmt.Errorf("looking for the extension %s: %w", name, err)
	}
	if !there {
		log.Warn("the database lacks an extension, without which some searches are slow; whoever may do so can make it by "+
			"CREATE EXTENSION, and the next start uses it", "extension", name, "error", failure)
	}
	return there, nil
}

// askAgain has a migration applied that was left out.
func askAgain(ctx context.Context, handle *sql.DB, version int64) error {
	var were bool
	err := handle.QueryRowContext(ctx, "SELECT to_regclass('schema_left_out') IS NOT NULL").Scan(&were)
	if err == nil && were {
		_, err = handle.ExecContext(ctx, `WITH found AS (DELETE FROM schema_left_out WHERE version = $1 RETURNING version)
			DELETE FROM goose_db_version WHERE version_id IN (SELECT version FROM found)`, version)
	}
	if err != nil {
		return fmt.Errorf("looking for migrations that were left out: %w", err)
	}
	return nil
}
