package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// holding is a connection to a new file with a table, whose log is held, and the calls by which it was written to.
func holding(t *testing.T) (c *Conn, path string, calls *[]int) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "held.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Open(path, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(4)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	do(t, c, `CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT NOT NULL)`)
	if err := c.HoldLog(); err != nil {
		t.Fatal(err)
	}
	calls = new([]int)
	write := c.log.write
	c.log.write = func(tls *libc.TLS, file, from uintptr, n int32, at int64) int32 {
		*calls = append(*calls, int(n))
		return write(tls, file, from, n, at)
	}
	return c, path, calls
}

func do(t *testing.T, c *Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := c.run(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// one is the text in the first row of a query.
func one(t *testing.T, c *Conn, query string) string {
	t.Helper()
	st, err := c.Prepare(query)
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := st.Step(); err != nil {
		t.Fatal(err)
	}
	defer st.Reset()
	return fmt.Sprint(st.Column(0))
}

// rows inserts so many rows of a thousand bytes.
func rows(from, n int) string {
	return fmt.Sprintf(`WITH RECURSIVE n (i) AS (VALUES (%d) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO a SELECT i, printf('%%1000d', i) FROM n`, from, from+n-1)
}

// TestHeldLogIsWrittenAtOnce holds that a commit of some pages is one call, and that it is there for others when it is over.
func TestHeldLogIsWrittenAtOnce(t *testing.T) {
	t.Parallel()
	c, path, calls := holding(t)
	do(t, c, "BEGIN", rows(1, 8))
	if len(*calls) != 0 {
		t.Errorf("before the commit there were writes of %d bytes", *calls)
	}
	do(t, c, "COMMIT")
	if len(*calls) != 1 || (*calls)[0]%(4096+24) != 0 {
		t.Errorf("a commit wrote %d bytes", *calls)
	}
	other, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if n := one(t, other, "SELECT count(*) FROM a"); n != "8" {
		t.Errorf("another connection finds %s rows", n)
	}
}

// TestHeldLogOfLargeTransactions has more be written than is kept in memory, so that the log is read, gone back in and written anew while it is held. What is
// committed is there after a crash.
func TestHeldLogOfLargeTransactions(t *testing.T) {
	t.Parallel()
	c, path, calls := holding(t)
	other, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	sum := "SELECT count(*) || ' ' || coalesce(sum(CAST(t AS INTEGER)), 0) FROM a"
	check := func(what, want, outside string) {
		t.Helper()
		if got := one(t, c, sum); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
		if got := one(t, other, sum); got != outside {
			t.Errorf("%s: others find %s, want %s", what, got, outside)
		}
	}
	do(t, c, "BEGIN", rows(1, 1000))
	check("amid a transaction", "1000 500500", "0 0")
	do(t, c, "SAVEPOINT member", "UPDATE a SET t = printf('%1000d', 1)", rows(1001, 300))
	check("in a savepoint", "1300 346150", "0 0")
	do(t, c, "ROLLBACK TO member", "RELEASE member")
	check("behind it", "1000 500500", "0 0")
	do(t, c, "COMMIT")
	check("committed", "1000 500500", "1000 500500")
	do(t, c, "BEGIN", "DELETE FROM a WHERE id % 2 = 0", rows(2001, 500))
	check("amid another", "1000 1375250", "1000 500500")
	do(t, c, "ROLLBACK")
	check("undone", "1000 500500", "1000 500500")
	do(t, c, "PRAGMA wal_checkpoint(TRUNCATE)", "BEGIN", "DELETE FROM a WHERE id > 10", "COMMIT")
	check("in a log begun anew", "10 55", "10 55")
	for _, n := range *calls {
		if n > mostHeld {
			t.Errorf("a write has %d bytes", n)
		}
	}

	crashed := filepath.Join(t.TempDir(), "crashed.db")
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(crashed+suffix, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	after, err := Open(crashed)
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	if got := one(t, after, sum) + one(t, after, "PRAGMA integrity_check"); got != "10 55ok" {
		t.Errorf("after a crash: %s", got)
	}
}

// TestHeldLogCannotBeWritten has the disk be full when what is held is to be written: at the commit, and before it. Nothing of the transaction is
// there, and the next one is done.
func TestHeldLogCannotBeWritten(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"at the commit": 2, "before it": 1000} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, _ := holding(t)
			do(t, c, rows(1, 5))
			write := c.log.write
			c.log.write = func(*libc.TLS, uintptr, uintptr, int32, int64) int32 { return sqlite3.SQLITE_FULL }
			do(t, c, "BEGIN")
			err := c.run(rows(6, n))
			if err == nil {
				err = c.run("COMMIT")
			}
			if failed, ok := errors.AsType[*Error](err); !ok || failed.Code != sqlite3.SQLITE_FULL {
				t.Errorf("on a full disk: %v", err)
			}
			_ = c.run("ROLLBACK") // SQLite may have done so
			c.log.write = write
			do(t, c, rows(6, 3))
			if got := one(t, c, "SELECT group_concat(id, ' ') FROM a") + one(t, c, "PRAGMA integrity_check"); got != "1 2 3 4 5 6 7 8ok" {
				t.Errorf("there are %s", got)
			}
		})
	}
}

// TestHeldLogOfOthers has another connection write where a transaction that was undone would have: it stays as that one wrote it.
func TestHeldLogOfOthers(t *testing.T) {
	t.Parallel()
	for name, undo := range map[string]func(t *testing.T, c *Conn){
		"undone": func(t *testing.T, c *Conn) { do(t, c, "BEGIN", rows(1001, 40), "ROLLBACK") },
		"undone to a savepoint": func(t *testing.T, c *Conn) {
			do(t, c, "BEGIN", "SAVEPOINT member", rows(1001, 40), "ROLLBACK TO member", "RELEASE member", "COMMIT")
		},
		"failed": func(t *testing.T, c *Conn) {
			do(t, c, "BEGIN", rows(1001, 40))
			if err := c.run("INSERT OR ROLLBACK INTO a VALUES (1001, '')"); err == nil {
				t.Fatal("a row is there twice")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, path, _ := holding(t)
			other, err := Open(path, "synchronous(FULL)")
			if err != nil {
				t.Fatal(err)
			}
			defer other.Close()
			do(t, c, "PRAGMA wal_checkpoint(TRUNCATE)") // or else to undo it takes a look at the log
			undo(t, c)
			do(t, other, rows(1, 60))
			const all = "SELECT count(*) || ' ' || sum(CAST(t AS INTEGER)) FROM a"
			for _, who := range []*Conn{c, other} {
				if got := one(t, who, all) + one(t, who, "PRAGMA integrity_check"); got != "60 1830ok" {
					t.Errorf("there are %s", got)
				}
			}
			do(t, c, rows(61, 1))
			if got := one(t, other, all) + one(t, other, "PRAGMA integrity_check"); got != "61 1891ok" {
				t.Errorf("after one more there are %s", got)
			}
		})
	}
}

// TestOnlyALogIsHeld refuses what has none.
func TestOnlyALogIsHeld(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "none.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.HoldLog(); err == nil {
		t.Error("a file without a log has it held")
	}
}
