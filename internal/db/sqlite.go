package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // migrates; what comes after that does without it

	"parley/internal/db/pool"
	"parley/internal/db/revision"
	"parley/internal/sqlite"
)

// sqliteSettings are those of every SQLite connection. Other processes, the command line say, may write to the same file, so a
// lock is waited for.
var sqliteSettings = []string{"busy_timeout(10000)", "foreign_keys(1)", "temp_store(MEMORY)"}

// readingSettings are those of the connections that only read.
func readingSettings(o Options) []string {
	return slices.Concat(sqliteSettings, []string{"query_only(1)", cache(o)})
}

// writingSettings are those of the connections that write: what was committed is on disk. The write-ahead log is copied into the file
// about every 16 MB, by a checkpointer. Where that does not come after, the writer does it at 64 MB, beyond which the log is shrunk again.
func writingSettings(o Options) []string {
	synchronous := "synchronous(FULL)"
	if o.Unsynced {
		synchronous = "synchronous(OFF)"
	}
	return slices.Concat(sqliteSettings, []string{synchronous, "journal_mode(WAL)", "wal_autocheckpoint(16000)", "journal_size_limit(67108864)", cache(o)})
}

// sqliteEngine writes by one connection and reads by several, which in WAL mode do not wait for each other.
type sqliteEngine struct {
	dialect *Dialect
	path    string
	disk    *sqlite.Disk
	reading []string             // the settings of connections that only read
	catalog catalog              // as far as it has been asked for
	readers *pool.Pool[*session] // of which each view has one
	writer  *writer              // nil if it is only read
	pulse   chan *session        // has the connection of a ping for which there is no place, nil before it is opened
}

func openSQLite(ctx context.Context, d *Dialect, o Options) (*sqliteEngine, error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", o.Path, err)
	}
	e := &sqliteEngine{dialect: d, path: path, catalog: sqliteCatalog(), pulse: make(chan *session, 1), reading: readingSettings(o)}
	e.readers = pool.New(o.Readers, e.openReader)
	e.pulse <- nil
	if err := e.open(ctx, o); err != nil {
		_ = e.close() // which has nothing that is not told by err
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return e, nil
}

func (e *sqliteEngine) open(ctx context.Context, o Options) (err error) {
	if e.disk, err = sqlite.OpenDisk(e.path); err != nil {
		return err
	}
	if o.ReadOnly {
		return e.ping(ctx)
	}
	return e.openWriter(ctx, o)
}

// openWriter opens the connection that writes, once the schema of the file is up to date. A lock on a file beside it keeps
// two processes from seeing to that at once.
func (e *sqliteEngine) openWriter(ctx context.Context, o Options) error {
	lock := flock.New(e.path + "-lock")
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("waiting for the right to migrate: %w", err)
	}
	defer lock.Close()
	open := func() (*session, error) { return openSession(e.path, writingSettings(o)) }
	s, err := open()
	if err == nil && !isCurrentSQLite(s, e.dialect, o.Migrations) {
		err = errors.Join(errBehind, s.close())
	}
	if err != nil { // if there is more to it than that, it is told now
		if err := migrateSQLite(ctx, e.dialect, e.path, o); err != nil {
			return err
		}
		if s, err = open(); err != nil {
			return err
		}
	}
	// What has been written is copied to its place by another connection, which is opened when there is something to copy.
	copying := open
	if !o.Unsynced {
		copying = func() (*session, error) {
			s, err := open()
			if err == nil {
				err = s.conn.ForgetUnkept(e.disk)
			}
			return s, err
		}
		if err := errors.Join(s.conn.ForgetUnkept(e.disk), s.conn.HoldLog()); err != nil {
			return errors.Join(err, s.close())
		}
	}
	e.readers.Prepare() // while this, and then whoever opens the database, sees to other things
	if _, err := e.catalog.relations(&Tx{dialect: e.dialect, run: s}); err != nil {
		return errors.Join(err, s.close())
	}
	e.writer = newWriter(e.dialect, o.Logger, s, newCheckpointer(o.Logger, copying), revision.Of(e.path))
	return nil
}

// cache is the setting of how much of the file a connection keeps in memory.
func cache(o Options) string { return fmt.Sprintf("cache_size(-%d)", o.CacheKB) }

var errBehind = errors.New("the schema is behind")

// isCurrentSQLite reports whether the schema of a file with a write-ahead log is known to be current.
func isCurrentSQLite(s *session, d *Dialect, migrations fs.FS) bool {
	return isCurrent(d, migrations, func() (have string, err error) {
		tx := &Tx{run: s}
		var mode string
		if err := tx.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
			return "", err
		}
		err = tx.QueryRow(`SELECT group_concat(version_id) FROM (
			SELECT DISTINCT version_id FROM goose_db_version WHERE is_applied AND version_id > 0 ORDER BY version_id)`).Scan(&have)
		return have, err
	})
}

// migrateSQLite brings the schema of the file up to date on a connection of its own.
func migrateSQLite(ctx context.Context, d *Dialect, path string, o Options) error {
	handle, err := openDriver(path, writingSettings(o))
	if err != nil {
		return err
	}
	defer handle.Close()
	handle.SetMaxOpenConns(1)
	var mode string
	if err := handle.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("the file system cannot hold a write-ahead log; the journal mode is %s", mode)
	}
	if err := layOut(ctx, handle, o.Migrations); err != nil {
		return err
	}
	return migrate(ctx, d, handle, o)
}

// sqliteName returns the name under which SQLite opens a file, with parameters of it.
func sqliteName(path, parameters string) string {
	name := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: parameters}
	return name.String()
}

// openDriver opens a file, which it makes if need be, by the driver of database/sql, each of whose transactions writes.
func openDriver(path string, settings []string) (*sql.DB, error) {
	return sql.Open("sqlite", sqliteName(path, "_dqs=0&_txlock=immediate&_pragma="+strings.Join(settings, "&_pragma=")))
}

func (e *sqliteEngine) view(ctx context.Context, fn func(*Tx) error) error {
	s, err := e.readers.Take(ctx)
	if err != nil {
		return err
	}
	defer e.readers.GiveBack(s)
	return e.read(ctx, s, fn)
}

// read runs fn in a transaction of a connection.
func (e *sqliteEngine) read(ctx context.Context, s *session, fn func(*Tx) error) (err error) {
	if err := s.begin(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("beginning to read: %w", err)
	}
	tx := &Tx{ctx: ctx, dialect: e.dialect, run: s}
	defer func() {
		tx.end()
		if err == nil {
			err = s.doom()
		}
		if failure := s.finish("COMMIT"); err == nil && failure != nil {
			err = fmt.Errorf("ending to read: %w", failure)
		}
	}()
	return fn(tx)
}

func (e *sqliteEngine) openReader() (*session, error) {
	s, err := openSession(e.path, e.reading)
	if err != nil {
		return nil, fmt.Errorf("opening %s to read: %w", e.path, err)
	}
	return s, nil
}

// viewAtOnce is a view that waits for no other: for who asks whether the database is there, which a long queue does not
// deny. Where there is no place, it has a connection of its own, one for all who ask.
func (e *sqliteEngine) viewAtOnce(ctx context.Context, fn func(*Tx) error) error {
	s, place, err := e.readers.TakeAtOnce()
	if err != nil {
		return err
	}
	if place {
		defer e.readers.GiveBack(s)
		return e.read(ctx, s, fn)
	}
	select {
	case s = <-e.pulse:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.pulse <- s }()
	if s == nil {
		if s, err = e.openReader(); err != nil {
			return err
		}
	}
	return e.read(ctx, s, fn)
}

func (e *sqliteEngine) update(ctx context.Context, fn func(*Tx) error) error {
	if e.writer == nil {
		return ErrReadOnly
	}
	return e.writer.do(ctx, fn)
}

func (e *sqliteEngine) ping(ctx context.Context) error {
	err := e.viewAtOnce(ctx, func(tx *Tx) error {
		var tables int64
		return tx.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables)
	})
	if err != nil || e.writer == nil || e.writer.trouble.cause.Load() == nil {
		return err
	}
	// A number that nobody reads is on the first page, which is written with it.
	err = e.update(ctx, func(tx *Tx) error {
		_, err := tx.Exec("PRAGMA user_version = 0")
		return err
	})
	if errors.Is(err, ErrUncertain) { // of a number that stays the same
		err = unwritable(err)
	}
	return err
}

func (e *sqliteEngine) stats() Stats {
	s := Stats{
		Readers:     int64(e.readers.Places()),
		BusyReaders: int64(e.readers.Busy()),
		ReaderWaits: e.readers.Waits(),
		FileBytes:   size(e.path),
		LogBytes:    size(e.path + "-wal"),
	}
	if w := e.writer; w != nil {
		s.Waiting, s.Groups, s.Updates, s.Rollbacks = w.waiting.Load(), w.groups.Load(), w.updates.Load(), w.rollbacks.Load()
		s.Refused, s.Unwritable = w.trouble.refused.Load(), w.trouble.cause.Load() != nil
	}
	return s
}

// size returns the size of a file, or 0 when there is none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// close gives up the connections, readers first: SQLite folds the write-ahead log into the file when its last
// connection ends, and only one that may write can do that.
func (e *sqliteEngine) close() error {
	defer e.disk.Close()
	var err error
	if e.writer != nil {
		err = e.writer.stop()
	}
	for _, s := range append(e.readers.Close(), <-e.pulse) {
		if s != nil {
			err = errors.Join(err, s.close())
		}
	}
	if e.writer != nil {
		err = errors.Join(err, e.writer.session.close())
		e.writer.revisions.Close()
	}
	if err != nil {
		return fmt.Errorf("closing %s: %w", e.path, err)
	}
	return nil
}
