package sqlite

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"parley/internal/means"
)

// killedOver is set where the test is a process that is to be killed: the database, whether it is opened as it should be, and what is done there.
const killedOver = "PARLEY_TEST_KILLED_OVER"

// TestDiskThatNobodyWasTold has a process die that wrote what the disk has not kept, before it did anything about that. What the next
// one commits is on the disk: it does not lie behind what is in memory alone.
func TestDiskThatNobodyWasTold(t *testing.T) {
	t.Parallel()
	if what := os.Getenv(killedOver); what != "" {
		die(t, strings.Split(what, "|"))
	}
	disk := means.NewFailingDisk(t)
	path := filepath.Join(disk.Dir, "a.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	kill := func(how, statement string) {
		t.Helper()
		test := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		test.Env = append(os.Environ(), killedOver+"="+path+"|"+how+"|"+statement)
		if out, err := test.CombinedOutput(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("a process that is killed ends by %v\n%s", err, out)
		}
	}
	kill("well", `CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT NOT NULL)`)
	kill("well", `INSERT INTO a VALUES (1, 'before')`)
	disk.Fill(0)
	kill("untold", `INSERT INTO a VALUES (2, hex(zeroblob(50000)))`)
	disk.Empty()
	kill("well", `INSERT INTO a VALUES (3, 'after')`)
	disk.Remount()
	c, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := one(t, c, `SELECT group_concat(id || t, ' ') FROM a`); got != "1before 3after" {
		t.Errorf("on the disk are %q", got)
	}
	if got := one(t, c, `PRAGMA integrity_check`); got != "ok" {
		t.Error(got)
	}
}

// die does something with a database and is killed: it was confirmed where the disk is well, and otherwise was not, and nothing was done about that.
func die(t *testing.T, what []string) {
	path, well, statement := what[0], what[1] == "well", what[2]
	if well {
		if _, err := OpenDisk(path); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Open(path, "journal_mode(WAL)", "synchronous(FULL)")
	if err == nil {
		err = c.run(statement)
	}
	if well != (err == nil) {
		t.Fatalf("%s: %v", statement, err)
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}
