package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"parley/internal/lazy"
)

// schemaFile has what the migrations make of an empty SQLite database, their notes included, as they did when it was written:
// statements under a comment that says up to which version, compressed as lazy.Text has it.
const schemaFile = "schema.sqlite.sql.flate"

// schemaVersion finds up to which version a schema has what the migrations do.
var schemaVersion = regexp.MustCompile(`^-- version ([0-9]+)\n`)

// layOut makes an empty database what the schema beside the migrations says, in one transaction. Migrations that came after it are
// still to be applied, so that one that is behind costs time and nothing else. One that is ahead of the migrations is not for them.
func layOut(ctx context.Context, handle *sql.DB, migrations fs.FS) error {
	if migrations == nil {
		return nil
	}
	var objects int
	if err := handle.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&objects); err != nil || objects > 0 {
		return err
	}
	compressed, err := fs.ReadFile(migrations, schemaFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	text := lazy.Text(compressed)
	first := schemaVersion.FindSubmatch(text)
	if first == nil {
		return fmt.Errorf("%s does not begin with its version", schemaFile)
	}
	newest, err := NewestVersion(migrations)
	if err != nil {
		return err
	}
	if version, err := strconv.ParseInt(string(first[1]), 10, 64); err != nil || version > newest {
		return err
	}
	tx, err := handle.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("laying out the schema: %w", err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, string(text)); err != nil {
		return fmt.Errorf("laying out the schema: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("laying out the schema: %w", err)
	}
	return nil
}
