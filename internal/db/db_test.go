package db

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"parley/internal/means"
)

// migrations give the tests one table with a column of every type both databases share.
var migrations = fstest.MapFS{
	"0001_note.sql": {Data: []byte(`-- +goose Up
CREATE TABLE note (
	id     TEXT PRIMARY KEY,
	number BIGINT NOT NULL DEFAULT 0,
	flag   BOOLEAN NOT NULL DEFAULT FALSE,
	score  DOUBLE PRECISION,
	attrs  JSONB NOT NULL DEFAULT '{}'
);
`)},
	"0002_word.sqlite.sql": {Data: []byte(`-- +goose Up
CREATE TABLE word (text TEXT PRIMARY KEY);
`)},
	"0002_word.postgres.sql": {Data: []byte(`-- +goose Up
CREATE TABLE word (text TEXT COLLATE "C" PRIMARY KEY);
`)},
}

// onBoth runs a test on a new database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, o Options)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, Options{Path: filepath.Join(t.TempDir(), "parley ?#%.db"), Migrations: migrations})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Options{URL: means.Postgres(t), Migrations: migrations})
	})
}

func open(t testing.TB, o Options) *DB {
	t.Helper()
	db, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// insert returns a function for Update that inserts a note.
func insert(id string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec("INSERT INTO note (id) VALUES ($1)", id)
		return err
	}
}

func update(t testing.TB, db *DB, fn func(*Tx) error) {
	t.Helper()
	if err := db.Update(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// ids returns the ids of all notes, joined.
func ids(t testing.TB, db *DB) string {
	t.Helper()
	var all []string
	err := db.View(context.Background(), func(tx *Tx) error {
		all = nil
		rows, err := tx.Query("SELECT id FROM note ORDER BY id" + tx.Dialect().Binary())
		if err != nil {
			return err
		}
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			all = append(all, id)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

// until waits for a condition that another goroutine is about to bring about.
func until(t testing.TB, condition func() bool) {
	t.Helper()
	for !condition() {
		if t.Context().Err() != nil {
			t.Fatal("the test ended first")
		}
		runtime.Gosched()
	}
}

func TestReopen(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		update(t, db, insert("a"))
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(o.Path + "-wal"); o.Path != "" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Close left the write-ahead log behind: %v", err)
		}
		if got := ids(t, open(t, o)); got != "a" {
			t.Errorf("after reopening: notes %q, want %q", got, "a")
		}
	})
}

func TestOpenRefusesBadPlace(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]Options{
		"no folder":   {Path: filepath.Join(t.TempDir(), "absent", "parley.db")},
		"bad URL":     {URL: "postgres://localhost:port/"},
		"nobody home": {URL: "postgres://127.0.0.1:1/parley"},
		"not SQLite":  {Path: text(t, "this is not a database, however long it may be, for its first bytes are not the right ones at all")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.Migrations = migrations
			if db, err := Open(context.Background(), o); err == nil {
				db.Close()
				t.Error("Open succeeded")
			}
		})
	}
}

// text returns the name of a file that holds s.
func text(t *testing.T, s string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(name, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestPing(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		if err := db.Ping(context.Background()); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := db.Ping(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Ping with a cancelled context: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(context.Background()); !errors.Is(err, ErrClosed) {
			t.Errorf("Ping after Close: %v", err)
		}
	})
}

// However many read and wait to read, who asks whether the database is there is told.
func TestPingWhileBusy(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		o.Readers, o.MaxConns = 1, 1
		db := open(t, o)
		reading, release := make(chan struct{}), make(chan struct{})
		var views sync.WaitGroup
		view := func(fn func(*Tx) error) {
			views.Go(func() {
				if err := db.View(context.Background(), fn); err != nil {
					t.Error(err)
				}
			})
		}
		view(func(*Tx) error { close(reading); <-release; return nil })
		<-reading
		for range 3 {
			view(func(*Tx) error { return nil })
		}
		until(t, func() bool { return db.Stats().ReaderWaits+db.Stats().ConnWaits == 3 })
		for range 2 {
			if err := db.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if n := db.Stats().ReaderWaits + db.Stats().ConnWaits; n != 3 {
			t.Errorf("%d have waited, want the three views", n)
		}
		close(release)
		views.Wait()
	})
}

func TestCloseWhileBusy(t *testing.T) {
	onBoth(t, func(t *testing.T, o Options) {
		db := open(t, o)
		running, release := make(chan struct{}), make(chan struct{})
		results := make(chan error, 2)
		go func() {
			results <- db.Update(context.Background(), func(tx *Tx) error {
				close(running)
				<-release
				return insert("a")(tx)
			})
		}()
		<-running
		go func() { results <- db.Close() }()
		until(t, func() bool { return errors.Is(db.Ping(context.Background()), ErrClosed) })
		if err := db.Update(context.Background(), insert("b")); !errors.Is(err, ErrClosed) {
			t.Errorf("Update after Close: %v", err)
		}
		if err := db.View(context.Background(), func(*Tx) error { return nil }); !errors.Is(err, ErrClosed) {
			t.Errorf("View after Close: %v", err)
		}
		select {
		case err := <-results:
			t.Fatalf("Update or Close returned %v while the function ran", err)
		default:
		}
		close(release)
		for range 2 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Errorf("second Close: %v", err)
		}
		if got := ids(t, open(t, o)); got != "a" {
			t.Errorf("notes %q, want %q", got, "a")
		}
	})
}

// TestMain lets the test program be the process that TestKill kills.
func TestMain(m *testing.M) {
	if path := os.Getenv("PARLEY_TEST_KILL"); path != "" {
		writeForever(path)
	}
	os.Exit(m.Run())
}

// writeForever inserts notes from several goroutines and prints each id once Update has returned.
func writeForever(path string) {
	db, err := Open(context.Background(), Options{Path: path, Migrations: migrations})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for n := range 8 {
		go func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d", n, i)
				if err := db.Update(context.Background(), insert(id)); err != nil {
					id = err.Error()
				}
				fmt.Println(id)
			}
		}()
	}
	select {}
}

func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "parley.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "PARLEY_TEST_KILL="+path)
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var answered []string
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if answered = append(answered, lines.Text()); len(answered) == 100 {
			child.Process.Kill()
		}
	}
	child.Wait()
	stored := make(map[string]bool)
	for _, id := range strings.Fields(ids(t, open(t, Options{Path: path, Migrations: migrations}))) {
		stored[id] = true
	}
	if len(answered) < 100 {
		t.Fatalf("the process stopped early: %q", answered)
	}
	for _, id := range answered {
		if !stored[id] {
			t.Errorf("note %s was answered and is gone", id)
		}
	}
}
