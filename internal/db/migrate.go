package db

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// migrate applies the migrations that the database lacks, each in a transaction together with the note that it was
// applied, and checks that the schema is then the one the migrations end with, or a newer one that this program can
// work with.
func migrate(ctx context.Context, d *Dialect, handle *sql.DB, o Options) error {
	if o.Migrations == nil {
		return nil
	}
	provider, err := newProvider(ctx, d, handle, o)
	if err != nil {
		return err
	}
	lag, err := schemaLag(ctx, d, handle, provider, o.Logger)
	if err != nil {
		return err
	}
	if lag == 0 { // one that was left out may be asked for again
		if pending, err := provider.HasPending(ctx); err != nil || !pending {
			return err
		}
	}
	if err := up(ctx, provider, o.Logger); err != nil {
		return err
	}
	lag, err = schemaLag(ctx, d, handle, provider, o.Logger)
	if err != nil {
		return err
	}
	if lag != 0 {
		return fmt.Errorf("migrating left the schema %d versions behind", lag)
	}
	return nil
}

func newProvider(ctx context.Context, d *Dialect, handle *sql.DB, o Options) (*goose.Provider, error) {
	files, err := chooseMigrations(o.Migrations, d)
	if err != nil {
		return nil, err
	}
	if err := findExtensions(ctx, handle, files, o.Logger); err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{
		goose.WithDisableGlobalRegistry(true),
		goose.WithAllowOutofOrder(true), // one that was left out comes after later ones
		goose.WithSlog(o.Logger),
	}
	dialect := goose.DialectSQLite3
	if d.Name() == "postgres" {
		dialect = goose.DialectPostgres
		// A row in a table, rather than an advisory lock, is a lock that databases akin to PostgreSQL know too.
		locker, err := lock.NewPostgresTableLocker(
			lock.WithTableLogger(o.Logger),
			lock.WithTableLockTimeout(100*time.Millisecond, 3000),
			lock.WithTableUnlockTimeout(100*time.Millisecond, 100),
		)
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, handle, files, options...)
	if err != nil {
		return nil, fmt.Errorf("reading the migrations: %w", err)
	}
	return provider, nil
}

// migrateTo is migrate up to a version of the schema, which the database must not be beyond.
func migrateTo(ctx context.Context, d *Dialect, handle *sql.DB, o Options, version int64) error {
	provider, err := newProvider(ctx, d, handle, o)
	if err != nil {
		return err
	}
	have, know, err := provider.GetVersions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("reading the schema version: %w", err)
	case version > know:
		return fmt.Errorf("%w: it is for the schema version %d, this one knows none above %d", ErrNewerSchema, version, know)
	case version < 1:
		return fmt.Errorf("there is no schema version %d", version)
	case have > version:
		return fmt.Errorf("the database has the schema version %d already, which is beyond %d", have, version)
	}
	if err := upTo(ctx, provider, version, o.Logger); err != nil {
		return err
	}
	if have, err = provider.GetDBVersion(ctx); err == nil && have != version {
		err = fmt.Errorf("there is no schema version %d", version)
	}
	return err
}

// isCurrent reports whether the schema is known to be that of the migrations, none of which is missing, so that there is nothing to do. It is told
// the versions of those that are applied, with a comma between two. Why it is not, migrate tells.
func isCurrent(d *Dialect, migrations fs.FS, applied func() (string, error)) bool {
	if migrations == nil {
		return false
	}
	chosen, err := chooseMigrations(migrations, d)
	if err != nil {
		return false
	}
	want, err := chosen.versions()
	if err != nil {
		return false
	}
	have, err := applied()
	return err == nil && have == strings.Trim(strings.ReplaceAll(fmt.Sprint(want), " ", ","), "[]")
}

// NewestVersion returns the number of the last of the migrations: the version of a schema that is up to date.
func NewestVersion(migrations fs.FS) (int64, error) {
	entries, err := fs.ReadDir(migrations, ".")
	newest := int64(0)
	for _, entry := range entries {
		if migrationName.MatchString(entry.Name()) {
			n, err := version(entry.Name())
			if err != nil {
				return 0, err
			}
			newest = max(newest, n)
		}
	}
	return newest, err
}

// version is the number of a migration.
func version(name string) (int64, error) {
	number, _, _ := strings.Cut(name, "_")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the migration %s has no number: %w", name, err)
	}
	return n, nil
}

// up applies the migrations that are not. One that does not get a lock in time has not stood in the way of others for
// longer, and is tried again.
func up(ctx context.Context, provider *goose.Provider, logger *slog.Logger) error {
	return upTo(ctx, provider, math.MaxInt64, logger)
}

// upTo is up as far as a version.
func upTo(ctx context.Context, provider *goose.Provider, version int64, logger *slog.Logger) error {
	for attempt := 1; ; attempt++ {
		applied, err := provider.UpTo(ctx, version)
		var partial *goose.PartialError
		if errors.As(err, &partial) {
			applied, err = partial.Applied, fmt.Errorf("migrating by %s: %w", partial.Failed.Source.Path, partial.Err)
		} else if err != nil {
			err = fmt.Errorf("migrating: %w", err)
		}
		for _, m := range applied {
			logger.Info("migrated the database", "by", m.Source.Path, "took", m.Duration)
		}
		if err == nil || attempt == lockAttempts || !lockedOut(err) {
			return err
		}
		logger.Warn("a migration waits for others to let go of what it changes", "attempt", attempt, "error", err)
		pause := min(100*time.Millisecond<<min(attempt, 5), 2*time.Second)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return err
		}
	}
}

// lockAttempts is how often a migration tries to get its locks, for some five minutes in all.
const lockAttempts = 100

// lockedOut reports whether others held what a migration wanted to lock, so that a new attempt may succeed.
func lockedOut(err error) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && (failure.Code == "55P03" || failure.Code == "40P01") // lock not available, deadlock
}

// schemaLag returns how far the schema is behind the newest migration. A schema that is ahead is as good as one that is
// not, 0, as long as no migration took away what this program needs; it is ErrNewerSchema after that.
func schemaLag(ctx context.Context, d *Dialect, handle *sql.DB, provider *goose.Provider, logger *slog.Logger) (int64, error) {
	have, know, err := provider.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	if have <= know {
		return know - have, nil
	}
	needs, err := neededVersion(ctx, d, handle)
	if err != nil {
		return 0, fmt.Errorf("reading what the schema needs: %w", err)
	}
	if needs > know {
		return 0, fmt.Errorf("%w: its schema has version %d and needs a program that knows version %d, this one knows none above %d",
			ErrNewerSchema, have, needs, know)
	}
	logger.Info("the schema is of a newer version, which this one can work with", "schema", have, "known", know)
	return 0, nil
}

// neededVersion returns the version of the last migration that contracted the schema: a program that does not know it
// would miss what it took away. It is 0 if none did.
func neededVersion(ctx context.Context, d *Dialect, handle *sql.DB) (version int64, err error) {
	exists := false
	if err := handle.QueryRowContext(ctx, d.HasContracted()).Scan(&exists); err != nil || !exists {
		return 0, err
	}
	err = handle.QueryRowContext(ctx, "SELECT COALESCE(max(version), 0) FROM schema_contractions").Scan(&version)
	return version, err
}

// NewestSchema is the version of the schema that migrations end with on a database.
func (db *DB) NewestSchema(migrations fs.FS) (int64, error) {
	files, err := chooseMigrations(migrations, db.dialect)
	if err != nil {
		return 0, err
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return 0, err
	}
	return goose.NumericComponent(names[len(names)-1])
}

// migrationName is the form of a migration's file name. The third part, if any, is the one database it is for.
var migrationName = regexp.MustCompile(`^([0-9]+_[a-z0-9_]+)(\.(sqlite|postgres))?\.sql$`)

// chosenMigrations shows the migrations for one database under names without its name, rewritten:
//
// In a migration for both, a column that is declared TEXT is ordered by its bytes on both. One in a transaction waits
// for a lock no longer than the dialect says: whoever comes after it to the same table waits behind it. One that
// contracts the schema, whose name begins with contract_, leaves a note for older programs. One whose extension the
// database lacks does nothing but leave a note.
type chosenMigrations struct {
	all     fs.FS
	names   map[string]string // by the name shown
	dialect *Dialect
	leftOut map[string]int64 // versions, by the name shown, of those that the database lacks an extension for
}

func chooseMigrations(all fs.FS, d *Dialect) (none chosenMigrations, err error) {
	entries, err := fs.ReadDir(all, ".")
	if err != nil {
		return none, fmt.Errorf("reading the migrations: %w", err)
	}
	chosen := chosenMigrations{all, make(map[string]string), d, make(map[string]int64)}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".sql") {
			continue
		}
		if entry.Name() == schemaFile {
			continue
		}
		parts := migrationName.FindStringSubmatch(entry.Name())
		if parts == nil {
			return none, fmt.Errorf("the migration %s is not named like 0001_name.sql or 0001_name.sqlite.sql", entry.Name())
		}
		if parts[3] != "" && parts[3] != d.Name() {
			continue
		}
		shown := parts[1] + ".sql"
		if other, ok := chosen.names[shown]; ok {
			return none, fmt.Errorf("the migrations %s and %s are the same for %s", other, entry.Name(), d.Name())
		}
		chosen.names[shown] = entry.Name()
	}
	if len(chosen.names) == 0 {
		return none, errors.New("there are no migrations")
	}
	return chosen, nil
}

// versions are their numbers, in order.
func (c chosenMigrations) versions() (list []int64, err error) {
	for name := range c.names {
		n, err := version(name)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return list, nil
}

// Open implements fs.FS.
func (c chosenMigrations) Open(name string) (fs.File, error) {
	actual, ok := c.names[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	file, err := c.all.Open(actual)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if version, left := c.leftOut[name]; left {
		text = fmt.Appendf(nil, withoutIt, version)
	}
	if c.dialect.Binary() != "" && actual == name { // only a migration for both keeps its name
		text = textColumn.ReplaceAll(text, []byte("${0}"+c.dialect.Binary()))
	}
	if c.dialect.BoundLock() != "" && !bytes.Contains(text, []byte("-- +goose NO TRANSACTION")) {
		text = bytes.Replace(text, []byte("-- +goose Up\n"), []byte("-- +goose Up\n"+c.dialect.BoundLock()+";\n"), 1)
	}
	if parts := contraction.FindStringSubmatch(name); parts != nil {
		text = fmt.Appendf(text, "\nCREATE TABLE IF NOT EXISTS schema_contractions (version BIGINT PRIMARY KEY);\n"+
			"INSERT INTO schema_contractions VALUES (%s) ON CONFLICT DO NOTHING;\n", strings.TrimLeft(parts[1], "0"))
	}
	return rewritten{bytes.NewReader(text), info}, nil
}

// contraction finds the version of a migration after which programs that do not know it cannot go on.
var contraction = regexp.MustCompile(`^([0-9]+)_contract_`)

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
