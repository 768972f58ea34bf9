package sqlite_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"

	"parley/internal/sqlite"
)

// ofOwn is set in the environment of a process whose SQLite has memory of its own: it is for all of the process, and before all else.
const ofOwn = "PARLEY_TEST_OWN_MEMORY"

// TestOwnMemory has SQLite work with memory of its own, which the system has again once it was given back.
func TestOwnMemory(t *testing.T) {
	t.Parallel()
	if os.Getenv(ofOwn) == "" {
		made(t) // by who does not know of it
		if err := sqlite.TakeOwnMemory(); err == nil {
			t.Error("memory was taken while SQLite was in use")
		}
		must(t, sqlite.GiveBack())
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOwnMemory$", "-test.v")
		cmd.Env = append(os.Environ(), ofOwn+"=1")
		if told, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(told), "PASS") {
			t.Errorf("%v: %s", err, told)
		}
		return
	}
	must(t, sqlite.TakeOwnMemory())
	path := made(t, "CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)",
		"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1000) INSERT INTO t SELECT n, hex(randomblob(1500)) FROM n")
	var least int
	for i := range 3 {
		c, err := sqlite.Open(path, "cache_size(-3000)")
		must(t, err)
		for _, text := range []string{"SELECT max(length(text)) FROM t", "SELECT count(*) FROM (SELECT text FROM t ORDER BY text DESC)", "SELECT length(group_concat(text)) FROM t"} {
			st, err := c.Prepare(text)
			must(t, err)
			must(t, st.Run())
			must(t, st.Close())
		}
		st, err := c.Prepare("PRAGMA integrity_check")
		must(t, err)
		if more, err := st.Step(); err != nil || !more || st.Column(0) != "ok" {
			t.Errorf("%v %v", st.Column(0), err)
		}
		must(t, st.Close())
		must(t, c.Close())
		before := resident(t)
		must(t, sqlite.GiveBack())
		after := resident(t)
		if before-after < 2<<20 {
			t.Errorf("%d bytes were in memory, and %d when it was given back", before, after)
		}
		if i == 0 {
			least = after
		} else if after-least > 2<<20 {
			t.Errorf("%d bytes are left in memory, where it was %d", after, least)
		}
	}
}

// resident is how much memory the process has.
func resident(t *testing.T) int {
	debug.FreeOSMemory() // Go's part stays about as it is
	text, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	var size, pages int
	_, err = fmt.Sscan(string(text), &size, &pages)
	must(t, err)
	return pages * os.Getpagesize()
}
