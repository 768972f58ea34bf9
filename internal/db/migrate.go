package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// migrate applies the migrations that the database lacks, each in a transaction together with the note that it was
// applied, and checks that the schema is then the one the migrations end with.
func migrate(ctx context.Context, d *Dialect, handle *sql.DB, o Options) error {
	if o.Migrations == nil {
		return nil
	}
	files, err := chooseMigrations(o.Migrations, d)
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{
		goose.WithDisableGlobalRegistry(true),
		goose.WithSlog(o.Logger),
	}
	dialect := goose.DialectSQLite3
	if d.name == "postgres" {
		dialect = goose.DialectPostgres
		// A row in a table, rather than an advisory lock, is a lock that databases akin to PostgreSQL know too.
		locker, err := lock.NewPostgresTableLocker(
			lock.WithTableLogger(o.Logger),
			lock.WithTableLockTimeout(100*time.Millisecond, 3000),
			lock.WithTableUnlockTimeout(100*time.Millisecond, 100),
		)
		if err != nil {
			return err
		}
		options = append(options, goose.WithLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, handle, files, options...)
	if err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	if _, err := schemaLag(ctx, provider); err != nil {
		return err
	}
	applied, err := provider.Up(ctx)
	var partial *goose.PartialError
	if errors.As(err, &partial) {
		return fmt.Errorf("migrating by %s: %w", partial.Failed.Source.Path, partial.Err)
	}
	if err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	for _, m := range applied {
		o.Logger.Info("migrated the database", "by", m.Source.Path, "took", m.Duration)
	}
	lag, err := schemaLag(ctx, provider)
	if err != nil {
		return err
	}
	if lag != 0 {
		return fmt.Errorf("migrating left the schema %d versions behind", lag)
	}
	return nil
}

// schemaLag returns how far the schema is behind the newest migration, or ErrNewerSchema when it is ahead.
func schemaLag(ctx context.Context, provider *goose.Provider) (int64, error) {
	have, know, err := provider.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	if have > know {
		return 0, fmt.Errorf("%w: its schema has version %d, this one knows none above %d", ErrNewerSchema, have, know)
	}
	return know - have, nil
}

// migrationName is the form of a migration's file name. The third part, if any, is the one database it is for.
var migrationName = regexp.MustCompile(`^([0-9]+_[a-z0-9_]+)(\.(sqlite|postgres))?\.sql$`)

// chosenMigrations shows the migrations for one database under names without its name. In a migration for both, a
// column that is declared TEXT is ordered by its bytes on both.
type chosenMigrations struct {
	all    fs.FS
	names  map[string]string // by the name shown
	binary string            // what the dialect appends to a TEXT column for that
}

func chooseMigrations(all fs.FS, d *Dialect) (fs.FS, error) {
	entries, err := fs.ReadDir(all, ".")
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	chosen := chosenMigrations{all, make(map[string]string), d.binary}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".sql") {
			continue
		}
		parts := migrationName.FindStringSubmatch(entry.Name())
		if parts == nil {
			return nil, fmt.Errorf("the migration %s is not named like 0001_name.sql or 0001_name.sqlite.sql", entry.Name())
		}
		if parts[3] != "" && parts[3] != d.name {
			continue
		}
		shown := parts[1] + ".sql"
		if other, ok := chosen.names[shown]; ok {
			return nil, fmt.Errorf("the migrations %s and %s are the same for %s", other, entry.Name(), d.name)
		}
		chosen.names[shown] = entry.Name()
	}
	if len(chosen.names) == 0 {
		return nil, errors.New("there are no migrations")
	}
	return chosen, nil
}

// Open implements fs.FS.
func (c chosenMigrations) Open(name string) (fs.File, error) {
	actual, ok := c.names[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	file, err := c.all.Open(actual)
	if err != nil || c.binary == "" || actual != name { // only a migration for both keeps its name
		return file, err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	return rewritten{bytes.NewReader(textColumn.ReplaceAll(text, []byte("${0}"+c.binary))), info}, err
}

// textColumn finds the declarations of TEXT columns.
var textColumn = regexp.MustCompile(`(?mi)(^\s+|\bADD COLUMN\s+)[a-z_0-9]+\s+TEXT\b`)

// rewritten is a file whose text was changed on the way.
type rewritten struct {
	*bytes.Reader
	info fs.FileInfo // of the file as it lies there
}

// Stat implements fs.File.
func (f rewritten) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close implements fs.File.
func (f rewritten) Close() error { return nil }

// Glob implements fs.GlobFS, by which goose finds the migrations.
func (c chosenMigrations) Glob(pattern string) ([]string, error) {
	if pattern != "*.sql" {
		return nil, nil
	}
	return slices.Sorted(maps.Keys(c.names)), nil
}
