package db

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"parley/internal/db/statement"
	"parley/internal/sqlite"
)

// TestGroupTellsWhatIsKept has updates fail for what another of their group has done: nobody is told of it before it is
// on disk, where everybody sees it.
func TestGroupTellsWhatIsKept(t *testing.T) {
	t.Parallel()
	db := openSQLiteOnly(t)
	taken := errors.New("the id is taken")
	for round := range 5 {
		id := fmt.Sprintf("round-%d", round)
		running, release := make(chan struct{}), make(chan struct{})
		first := make(chan error)
		go func() {
			first <- db.Update(context.Background(), func(tx *Tx) error {
				close(running)
				<-release
				return insert(id)(tx)
			})
		}()
		<-running
		second := make(chan error)
		go func() {
			err := db.Update(context.Background(), func(tx *Tx) error {
				var n int
				if err := tx.QueryRow(`SELECT count(*) FROM note WHERE id = $1`, id).Scan(&n); err != nil || n == 0 {
					return err
				}
				return taken
			})
			if !errors.Is(err, taken) {
				second <- fmt.Errorf("the second of a group ends with %v", err)
				return
			}
			var n int
			err = db.View(context.Background(), func(tx *Tx) error {
				return tx.QueryRow(`SELECT count(*) FROM note WHERE id = $1`, id).Scan(&n)
			})
			if err == nil && n != 1 {
				err = errors.New("who was told that the id is taken does not find it")
			}
			second <- err
		}()
		queued(t, db, 1)
		close(release)
		if err := errors.Join(<-first, <-second); err != nil {
			t.Fatal(err)
		}
	}
}

// openSQLiteOnly opens a SQLite database with one more table, whose foreign key is checked at the commit.
func openSQLiteOnly(t testing.TB) *DB {
	t.Helper()
	files := fstest.MapFS{"0003_line.sql": {Data: []byte(`-- +goose Up
CREATE TABLE line (note_id TEXT NOT NULL REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED);
`)}}
	for name, file := range migrations {
		files[name] = file
	}
	return open(t, Options{Path: filepath.Join(t.TempDir(), "parley.db"), Migrations: files})
}

// queued waits until n updates stand in the queue of what writes. They are counted as waiting before they stand there.
func queued(t testing.TB, db *DB, n int) {
	t.Helper()
	until(t, func() bool { return len(db.engine.(*sqliteEngine).writer.queue) == n })
}

// member is one update of a group and what became of it.
type member struct {
	name string
	fn   func(*Tx) error

	err      error
	panicked any
	returned bool
	told     []string
}

// runGroup has the members run in their order in one group.
func runGroup(t *testing.T, db *DB, members []*member) {
	t.Helper()
	running, release := make(chan struct{}), make(chan struct{})
	ended := make(chan struct{})
	begin := func(m *member) {
		defer func() {
			m.panicked = recover()
			ended <- struct{}{}
		}()
		m.err = db.Update(context.Background(), func(tx *Tx) error {
			tx.AfterCommit(func() { m.told = append(m.told, "first") })
			tx.AfterCommit(func() { m.told = append(m.told, "second") })
			return m.fn(tx)
		})
		m.returned = true
	}
	gate := &member{name: "gate", fn: func(tx *Tx) error {
		close(running)
		<-release
		return insert("gate")(tx)
	}}
	go begin(gate)
	<-running
	for i, m := range members {
		go begin(m)
		queued(t, db, i+1)
	}
	close(release)
	for range len(members) + 1 {
		<-ended
	}
	if gate.err != nil {
		t.Errorf("gate: %v", gate.err)
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	db := openSQLiteOnly(t)
	sentinel := errors.New("no")
	also := func(id string, fn func(*Tx) error) func(*Tx) error {
		return func(tx *Tx) error {
			if err := insert(id)(tx); err != nil {
				return err
			}
			return fn(tx)
		}
	}
	exec := func(statement string) func(*Tx) error {
		return func(tx *Tx) error {
			_, err := tx.Exec(statement)
			return err
		}
	}
	members := []*member{
		{name: "good 1", fn: insert("a")},
		{name: "error", fn: also("x1", func(*Tx) error { return sentinel })},
		{name: "good 2", fn: insert("b")},
		{name: "panic", fn: also("x2", func(*Tx) error { panic("oh") })},
		{name: "good 3", fn: func(tx *Tx) error {
			// It sees its neighbours that are good, and no trace of the others.
			var count int
			if err := tx.QueryRow("SELECT count(*) FROM note").Scan(&count); err != nil {
				return err
			}
			if count != 3 {
				t.Errorf("a member saw %d notes, want 3", count)
			}
			return insert("c")(tx)
		}},
		{name: "exit", fn: also("x3", func(*Tx) error { runtime.Goexit(); return nil })},
		{name: "broken rule", fn: also("x4", insert("a"))},
		{name: "deferred rule", fn: also("x5", exec("INSERT INTO line (note_id) VALUES ('nobody')"))},
		{name: "good 4", fn: also("d", exec("INSERT INTO line (note_id) VALUES ('d')"))},
		{name: "hidden failure", fn: also("x6", func(tx *Tx) error { tx.Exec("SELEKT"); return nil })},
		{name: "rows left open, error", fn: also("x7", func(tx *Tx) error {
			rows, err := tx.Query("SELECT id FROM note")
			if err != nil {
				return err
			}
			rows.Next()
			return sentinel
		})},
		{name: "good 5, rows left open", fn: also("e", func(tx *Tx) error {
			rows, err := tx.Query("SELECT id FROM note")
			if err != nil {
				return err
			}
			rows.Next()
			return nil
		})},
	}
	before := db.Stats()
	runGroup(t, db, members)
	if got, want := ids(t, db), "a b c d e gate"; got != want {
		t.Errorf("notes %q, want %q", got, want)
	}
	for _, m := range members {
		good := strings.HasPrefix(m.name, "good")
		switch {
		case good && (m.err != nil || m.panicked != nil || !m.returned):
			t.Errorf("%s: error %v, panic %v, returned %v", m.name, m.err, m.panicked, m.returned)
		case good && strings.Join(m.told, " ") != "first second":
			t.Errorf("%s: told %q", m.name, m.told)
		case !good && m.returned && m.err == nil:
			t.Errorf("%s: no error", m.name)
		case !good && m.told != nil:
			t.Errorf("%s: told %q after a rollback", m.name, m.told)
		case strings.Contains(m.name, "error") && m.err != sentinel:
			t.Errorf("%s: error %v", m.name, m.err)
		case m.name == "panic" && m.panicked != "oh":
			t.Errorf("%s: panic %v", m.name, m.panicked)
		case m.name == "exit" && (m.returned || m.panicked != nil):
			t.Errorf("%s: Update returned %v", m.name, m.err)
		}
	}
	after := db.Stats()
	if groups, updates := after.Groups-before.Groups, after.Updates-before.Updates; groups != 1 || updates != 6 {
		t.Errorf("%d groups with %d updates, want 1 with 6", groups, updates)
	}
	if rollbacks := after.Rollbacks - before.Rollbacks; rollbacks != 7 {
		t.Errorf("%d rollbacks, want 7", rollbacks)
	}
}

// TestGroupFirst has the first of a group fail, which alone runs without a savepoint.
func TestGroupFirst(t *testing.T) {
	t.Parallel()
	db := openSQLiteOnly(t)
	for name, fn := range map[string]func(*Tx) error{
		"error": func(*Tx) error { return errors.New("no") },
		"panic": func(*Tx) error { panic("oh") },
		"exit":  func(*Tx) error { runtime.Goexit(); return nil },
		"rule":  func(tx *Tx) error { _, err := tx.Exec("INSERT INTO line (note_id) VALUES ('nobody')"); return err },
	} {
		running, release, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
		go func() {
			defer func() { recover(); close(ended) }()
			db.Update(context.Background(), func(tx *Tx) error {
				close(running)
				<-release
				if err := insert("x")(tx); err != nil {
					return err
				}
				return fn(tx)
			})
		}()
		<-running
		result := make(chan error, 1)
		go func() { result <- db.Update(context.Background(), insert(name)) }()
		queued(t, db, 1)
		close(release)
		<-ended
		if err := <-result; err != nil {
			t.Errorf("the neighbour of %s: %v", name, err)
		}
	}
	if got, want := ids(t, db), "error exit panic rule"; got != want {
		t.Errorf("notes %q, want %q", got, want)
	}
}

// TestGroupLost has SQLite undo the whole transaction in the middle of a group, as a full disk may.
func TestGroupLost(t *testing.T) {
	t.Parallel()
	db := openSQLiteOnly(t)
	members := []*member{
		{name: "before", fn: insert("a")},
		{name: "culprit", fn: func(tx *Tx) error {
			_, err := tx.Exec("INSERT OR ROLLBACK INTO note (id) VALUES ('a')")
			if err == nil {
				t.Error("a note was inserted twice")
			}
			if insert("outside")(tx) == nil {
				t.Error("a statement ran outside the transaction")
			}
			return nil
		}},
		{name: "after", fn: insert("b")},
	}
	running, release, results := make(chan struct{}), make(chan struct{}), make(map[string]chan error)
	start := func(name string, fn func(*Tx) error) {
		result := make(chan error, 1)
		results[name] = result
		go func() { result <- db.Update(context.Background(), fn) }()
	}
	start("gate", func(tx *Tx) error { close(running); <-release; return insert("gate")(tx) })
	<-running
	for i, m := range members {
		start(m.name, m.fn)
		queued(t, db, i+1)
	}
	close(release)
	for _, name := range []string{"gate", "before", "culprit"} {
		if err := <-results[name]; err == nil {
			t.Errorf("%s: no error although its transaction is lost", name)
		}
	}
	if err := <-results["after"]; err != nil {
		t.Errorf("after: %v", err)
	}
	if got := ids(t, db); got != "b" {
		t.Errorf("notes %q, want %q", got, "b")
	}
}

// TestGroupLimit has as many updates wait as the queue has room for, and then more than that, who wait for room.
func TestGroupLimit(t *testing.T) {
	t.Parallel()
	for _, extra := range []int{0, groupLimit + 10} {
		db := openSQLiteOnly(t)
		running, release := make(chan struct{}), make(chan struct{})
		count := groupLimit + extra
		results := make(chan error, count+1)
		go func() {
			results <- db.Update(context.Background(), func(tx *Tx) error { close(running); <-release; return insert("gate")(tx) })
		}()
		<-running
		for i := range count {
			go func() { results <- db.Update(context.Background(), insert(fmt.Sprint(i))) }()
		}
		queued(t, db, groupLimit)
		until(t, func() bool { return db.Stats().Waiting == int64(count) })
		close(release)
		for range count + 1 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		stats := db.Stats()
		if stats.Updates != int64(count+1) {
			t.Errorf("%d updates, want %d", stats.Updates, count+1)
		}
		// Whoever waits for room may come too late for the second group, but never into the first.
		if extra == 0 && stats.Groups != 2 || stats.Groups < stats.Updates/groupLimit+1 {
			t.Errorf("%d updates in %d groups", stats.Updates, stats.Groups)
		}
	}
}

// TestOtherProcess writes to the file by another connection, as the command line does beside the server.
func TestOtherProcess(t *testing.T) {
	t.Parallel()
	db := openSQLiteOnly(t)
	update(t, db, insert("a"))
	ctx := context.Background()
	other, err := openDriver(db.engine.(*sqliteEngine).path, writingSettings(Options{CacheKB: 1000}))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	tx, err := other.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("INSERT INTO note (id) VALUES ('b')"); err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() { result <- db.Update(ctx, insert("c")) }()
	if got := ids(t, db); got != "a" {
		t.Errorf("notes %q before the other's commit, want %q", got, "a")
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-result; err != nil {
		t.Error(err)
	}
	if got := ids(t, db); got != "a b c" {
		t.Errorf("notes %q, want %q", got, "a b c")
	}

	// When the other does not give the lock up, those that wait are told so.
	update(t, db, func(tx *Tx) error { return tx.QueryRow("PRAGMA busy_timeout = 50").Scan(new(int)) })
	if tx, err = other.BeginTx(ctx, nil); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		go func() { result <- db.Update(ctx, insert("x")) }()
	}
	for range 5 {
		if err := <-result; err == nil || !strings.Contains(err.Error(), "locked") {
			t.Errorf("Update while another process writes: %v", err)
		}
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	update(t, db, insert("d"))
	if got := ids(t, db); got != "a b c d" {
		t.Errorf("notes %q, want %q", got, "a b c d")
	}
}

// TestManyStatements compiles more statements than a session keeps, and uses old ones again.
func TestManyStatements(t *testing.T) {
	t.Parallel()
	db := openSQLiteOnly(t)
	update(t, db, func(tx *Tx) error {
		for range 2 {
			for n := range statement.Limit + 50 {
				var got int
				if err := tx.QueryRow(fmt.Sprintf("SELECT %d + $1", n), 1).Scan(&got); err != nil {
					return err
				}
				if got != n+1 {
					t.Fatalf("statement %d returned %d", n, got)
				}
			}
		}
		return insert("a")(tx)
	})
	s := db.engine.(*sqliteEngine).writer.session
	kept := 0
	s.compiled.All(func(*sqlite.Stmt) { kept++ })
	if kept != statement.Limit {
		t.Errorf("%d statements kept, want %d", kept, statement.Limit)
	}
	// A statement compiled before a change of the schema serves after it.
	update(t, db, func(tx *Tx) error {
		if _, err := tx.Exec("ALTER TABLE note ADD COLUMN more TEXT"); err != nil {
			return err
		}
		return insert("b")(tx)
	})
	if got := ids(t, db); got != "a b" {
		t.Errorf("notes %q, want %q", got, "a b")
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	db := openSQLiteOnly(t)
	shared := map[string]string{"foreign_keys": "1", "synchronous": "2", "journal_mode": "wal", "busy_timeout": "10000", "temp_store": "2"}
	for name, begin := range map[string]func(context.Context, func(*Tx) error) error{"view": db.View, "update": db.Update} {
		err := begin(context.Background(), func(tx *Tx) error {
			for pragma, want := range shared {
				var got string
				if err := tx.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil {
					return err
				}
				if got != want {
					t.Errorf("%s: %s is %s, want %s", name, pragma, got, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// TestUnsynced has a database be written to as one that nobody will miss: all else is as it was.
func TestUnsynced(t *testing.T) {
	t.Parallel()
	db := open(t, Options{Path: filepath.Join(t.TempDir(), "p.db"), Migrations: migrations, Unsynced: true})
	update(t, db, func(tx *Tx) error {
		for pragma, want := range map[string]string{"foreign_keys": "1", "synchronous": "0", "journal_mode": "wal"} {
			var got string
			if err := tx.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil {
				return err
			}
			if got != want {
				t.Errorf("%s is %s, want %s", pragma, got, want)
			}
		}
		return nil
	})
}
