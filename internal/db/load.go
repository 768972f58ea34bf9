package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"parley/internal/db/dialect"
)

var (
	// ErrNotEmpty says that a database which was to be filled holds something already.
	ErrNotEmpty = errors.New("the database is not empty")
	// ErrLoaded says that a Load which failed may have left its rows, all of them.
	ErrLoaded = errors.New("the rows may be in the database nevertheless")
)

// A Loader is the one transaction in which an empty database is filled. References are not looked at before its end, so
// that tables may come in any order.
type Loader struct {
	*Tx
	copier *pgx.Conn // of PostgreSQL
}

// Load fills an empty database: it makes the schema of a version, runs fn once, checks that all references lead
// somewhere, and then brings the schema up to date. All that fn writes is there when Load returns nil, and nothing of it
// when it does not, unless the error is ErrLoaded: on PostgreSQL, when the commit or what comes after it failed. A process that dies in between leaves nothing that counts either.
//
// On SQLite there must be no file yet: the new one grows beside its place. On PostgreSQL there may be the tables of an
// earlier version, without a row in any.
func Load(ctx context.Context, o Options, version int64, fn func(*Loader) error) error {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.URL != "" {
		return loadPostgres(ctx, dialect.Postgres(), o, version, fn)
	}
	return loadSQLite(ctx, dialect.SQLite(), o, version, fn)
}

// sqliteLoading are the settings of a connection that fills a file which is of no use before it is whole: nothing can be
// rolled back, and nothing is waited for.
var sqliteLoading = []string{"busy_timeout(10000)", "foreign_keys(0)", "synchronous(OFF)", "journal_mode(OFF)", "cache_size(-64000)", "temp_store(FILE)"}

// loadingSuffix names the file that grows, after the one it will be.
const loadingSuffix = "-loading"

func loadSQLite(ctx context.Context, d *Dialect, o Options, version int64, fn func(*Loader) error) error {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return err
	}
	if err := mustNotExist(path); err != nil {
		return err
	}
	// Two that fill one place would write to one file.
	guard := flock.New(path + loadingSuffix + "-lock")
	if held, err := guard.TryLock(); err != nil || !held {
		return errors.Join(fmt.Errorf("%s is being filled by another process", path), err)
	}
	defer os.Remove(guard.Path())
	defer guard.Close()
	growing := path + loadingSuffix
	defer removeSQLite(growing)
	if err := removeSQLite(growing); err != nil { // what a crash has left
		return err
	}
	if err := fillSQLite(ctx, d, growing, o, version, fn); err != nil {
		return err
	}
	if err := migrateSQLite(ctx, d, growing, o); err != nil {
		return err
	}
	return moveSQLite(ctx, growing, path)
}

func mustNotExist(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return fmt.Errorf("%w: there is a file %s", ErrNotEmpty, path)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// removeSQLite removes a file with those that SQLite and migrating keep beside it.
func removeSQLite(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal", "-lock"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func fillSQLite(ctx context.Context, d *Dialect, path string, o Options, version int64, fn func(*Loader) error) error {
	handle, err := openDriver(path, sqliteLoading)
	if err != nil {
		return err
	}
	handle.SetMaxOpenConns(1)
	if err := errors.Join(migrateTo(ctx, d, handle, o, version), handle.Close()); err != nil {
		return err
	}
	s, err := openSession(path, sqliteLoading)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.begin(ctx, "BEGIN"); err != nil {
		return err
	}
	tx := &Tx{ctx: ctx, dialect: d, run: s}
	defer tx.end()
	if err := fn(&Loader{Tx: tx}); err != nil {
		return err
	}
	if err := s.doom(); err != nil {
		return err
	}
	if err := checkReferences(tx); err != nil {
		return err
	}
	tx.end()
	return s.finish("COMMIT")
}

// checkReferences looks whether each reference of a SQLite database leads to a row.
func checkReferences(tx *Tx) error {
	rows, err := tx.Query("SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2")
	if err != nil {
		return err
	}
	defer rows.Close()
	var broken []string
	for rows.Next() {
		var table, parent string
		var n int64
		if err := rows.Scan(&table, &parent, &n); err != nil {
			return err
		}
		broken = append(broken, fmt.Sprintf("%d rows of %s refer to rows of %s that are not there", n, table, parent))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if broken != nil {
		return errors.New(strings.Join(broken, "; "))
	}
	return nil
}

// moveSQLite puts a whole database on disk and in its place, unless another has come there meanwhile. Whoever opens the
// place waits until that is decided.
func moveSQLite(ctx context.Context, from, to string) error {
	lock := flock.New(to + "-lock")
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return err
	}
	defer lock.Close()
	if err := mustNotExist(to); err != nil {
		return err
	}
	if err := syncPath(from); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncPath(filepath.Dir(to))
}

// syncPath puts a file, or the names in a folder, on disk.
func syncPath(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func loadPostgres(ctx context.Context, d *Dialect, o Options, version int64, fn func(*Loader) error) error {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return fmt.Errorf("reading the database URL: %w", err)
	}
	preset(config, "application_name", "parley")
	config.RuntimeParams["statement_timeout"] = "0"
	handle := stdlib.OpenDB(*config)
	defer handle.Close()
	conn, err := handle.Conn(ctx)
	if err != nil {
		return fmt.Errorf("opening the PostgreSQL database %s on %s: %w", config.Database, config.Host, err)
	}
	defer conn.Close()
	run := &loading{ctx: ctx}
	err = conn.Raw(func(driverConn any) error {
		run.conn = driverConn.(*stdlib.Conn).Conn()
		return nil
	})
	if err != nil {
		return err
	}
	tx := &Tx{ctx: ctx, dialect: d, run: run}
	defer tx.end()
	if err := mustBeEmpty(tx); err != nil {
		return err
	}
	if err := migrateTo(ctx, d, handle, o, version); err != nil {
		return err
	}
	l := &Loader{Tx: tx, copier: run.conn}
	if err := fillPostgres(l, fn); err != nil {
		return err
	}
	if err := migrate(ctx, d, handle, o); err != nil {
		return fmt.Errorf("%w, in the schema version %d, which could not be brought up to date: %w", ErrLoaded, version, err)
	}
	// The planner knows nothing of a database that has just been filled.
	if _, err = handle.ExecContext(ctx, "ANALYZE"); err != nil {
		return fmt.Errorf("%w, but ANALYZE failed: %w", ErrLoaded, err)
	}
	return nil
}

// mustBeEmpty checks that no table has a row.
func mustBeEmpty(tx *Tx) error {
	tables, err := tx.Tables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		var full bool
		if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM " + Quoted(t.Name) + ")").Scan(&full); err != nil {
			return err
		}
		if full {
			return fmt.Errorf("%w: there are rows in the table %s", ErrNotEmpty, t.Name)
		}
	}
	return nil
}

// fillPostgres runs fn in a transaction that nobody else can look into or write beside. References are taken away for as
// long: to check them all at the end takes a fraction of the time of checking each row.
func fillPostgres(l *Loader, fn func(*Loader) error) error {
	if _, err := l.Exec("BEGIN"); err != nil {
		return err
	}
	err := l.fill(fn)
	if err == nil {
		if _, err = l.Exec("COMMIT"); err != nil {
			return fmt.Errorf("%w: %w", ErrLoaded, err)
		}
		return nil
	}
	// Where this fails the connection is lost, and with it the transaction.
	_, _ = l.copier.Exec(context.WithoutCancel(l.ctx), "ROLLBACK")
	return err
}

func (l *Loader) fill(fn func(*Loader) error) error {
	tables, err := l.Tables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		if _, err := l.Exec("LOCK TABLE " + Quoted(t.Name) + " IN ACCESS EXCLUSIVE MODE"); err != nil {
			return err
		}
	}
	if err := mustBeEmpty(l.Tx); err != nil {
		return err
	}
	references, err := l.pairs(`SELECT conrelid::regclass::text, 'CONSTRAINT ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
		FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	drops, err := l.pairs(`SELECT conrelid::regclass::text, quote_ident(conname)
		FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`)
	if err != nil {
		return err
	}
	for _, drop := range drops {
		if _, err := l.Exec("ALTER TABLE " + drop[0] + " DROP CONSTRAINT " + drop[1]); err != nil {
			return err
		}
	}
	if err := fn(l); err != nil {
		return err
	}
	for _, add := range references {
		if _, err := l.Exec("ALTER TABLE " + add[0] + " ADD " + add[1]); err != nil {
			return fmt.Errorf("rows of %s refer to rows that are not there: %w", add[0], err)
		}
	}
	return l.continueNumbers()
}

// continueNumbers has the numbers that the database gives out go on behind those there are.
func (l *Loader) continueNumbers() error {
	given, err := l.pairs(`SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attidentity <> '' AND c.relname NOT LIKE 'goose%'`)
	if err != nil {
		return err
	}
	for _, g := range given {
		_, err := l.Exec("SELECT setval(pg_get_serial_sequence($1, $2), max("+Quoted(g[1])+")) FROM "+Quoted(g[0])+" HAVING max("+Quoted(g[1])+") > 0",
			Quoted(g[0]), g[1])
		if err != nil {
			return err
		}
	}
	return nil
}

// pairs reads rows of two texts.
func (l *Loader) pairs(query string) ([][2]string, error) {
	rows, err := l.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all [][2]string
	for rows.Next() {
		var p [2]string
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

// Insert writes rows into a table until next returns io.EOF: a value for each column, of the type of the column or nil. A
// row may be overwritten by the next one. No statement may run meanwhile.
func (l *Loader) Insert(t *Table, next func() ([]any, error)) error {
	if l.copier != nil {
		return l.copyIn(t, next)
	}
	marks := strings.Repeat(", ?", len(t.Columns))[2:]
	statement := "INSERT INTO " + Quoted(t.Name) + " (" + t.ColumnNames() + ") VALUES (" + marks + ")"
	for {
		row, err := next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			_, err = l.Exec(statement, row...)
		}
		if err == nil {
			err = l.ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

func (l *Loader) copyIn(t *Table, next func() ([]any, error)) error {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	var failed error // PostgreSQL would tell it in its own words
	_, err := l.copier.CopyFrom(l.ctx, pgx.Identifier{t.Name}, names, pgx.CopyFromFunc(func() ([]any, error) {
		row, err := next()
		if err == io.EOF {
			return nil, nil
		}
		failed = err
		return row, err
	}))
	if failed != nil {
		return failed
	}
	return err
}

// loading runs statements on a connection of pgx's own, by which rows are copied, too.
type loading struct {
	ctx  context.Context
	conn *pgx.Conn
	room []any
}

func (l *loading) exec(text string, args []any) (int64, error) {
	tag, err := l.conn.Exec(l.ctx, text, args...)
	return tag.RowsAffected(), err
}

func (l *loading) query(text string, args []any) (Rows, error) {
	rows, err := l.conn.Query(l.ctx, text, append([]any{binaryFormats}, args...)...)
	return Rows{from: loadedRows{rows}, room: &l.room}, err
}

type loadedRows struct{ pgx.Rows }

func (r loadedRows) columns() []string { return columns(r.FieldDescriptions()) }

func (r loadedRows) next(to []any) (row []any, more bool, err error) {
	if !r.Next() {
		return to, false, nil
	}
	return appendValues(to, r.FieldDescriptions(), r.RawValues())
}

func (r loadedRows) end() error {
	r.Close()
	return r.Err()
}
