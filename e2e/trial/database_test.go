package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"parley/internal/db"
	"parley/internal/means"
)

// A database is what servers keep everything in: a PostgreSQL server of the test's own,
// which is restarted and killed, or a folder with an SQLite file.
type database struct {
	t   testing.TB
	dir string
	url string // empty: SQLite

	mu   sync.Mutex
	kept *db.DB // of PostgreSQL: a way into it takes longer than most questions
}

// file is where an SQLite database is.
func (d *database) file() string { return filepath.Join(d.dir, "parley.db") }

// copyTo copies the files of an SQLite database that nobody has open.
func (d *database) copyTo(other *database) error {
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(d.file() + suffix)
		if err == nil {
			err = os.WriteFile(other.file()+suffix, content, 0o600)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// startDatabase starts a server that loses nothing when its processes are killed.
// Whether it survives a loss of power is not asked here, so that it waits for no disk
// unless the settings say so.
func startDatabase(t testing.TB, settings ...string) *database {
	t.Helper()
	means.NeedPostgres(t)
	dir, err := os.MkdirTemp("", "parley-cluster-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	// The server may be run by another user, who must reach its folder.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d := &database{t: t, dir: filepath.Join(dir, "postgres")}
	url, err := d.script(append([]string{"start", d.dir, "synchronous_commit=on", "full_page_writes=on"}, settings...)...)
	if err != nil {
		means.Missing(t, means.Database, err.Error())
	}
	d.url = strings.TrimSpace(url)
	t.Cleanup(func() {
		d.close()
		if t.Failed() {
			t.Logf("PostgreSQL said:\n%s", tail(filepath.Join(d.dir, "server.log")))
		}
		if _, err := d.script("stop", d.dir); err != nil {
			t.Error(err)
		}
	})
	return d
}

// script runs scripts/postgres.
func (d *database) script(args ...string) (string, error) {
	var out, errs bytes.Buffer
	cmd := exec.Command("../../scripts/postgres", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("scripts/postgres %s: %w\n%s", args[0], err, errs.String())
	}
	return out.String(), nil
}

// restart has the server end in order and start anew.
func (d *database) restart() error {
	_, err := d.script("restart", d.dir)
	return err
}

// pid is the server's first process.
func (d *database) pid() (int, error) {
	text, err := os.ReadFile(filepath.Join(d.dir, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}

// crash kills the server's first process, which ends all, and starts it anew.
func (d *database) crash() error {
	pid, err := d.pid()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	return d.restart()
}

// open opens the database beside the servers, which it is to be closed for. On SQLite none
// may be killed meanwhile: the next one would find a file that is in use, and have less to
// mend.
func (d *database) open(ctx context.Context) (open *db.DB, end func(), err error) {
	if d.url == "" {
		if open, err = db.Open(ctx, db.Options{Path: d.file()}); err != nil {
			return nil, nil, err
		}
		return open, func() { open.Close() }, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil {
		d.kept, err = db.Open(ctx, db.Options{URL: d.url, MaxConns: 2})
	}
	return d.kept, func() {}, err
}

// close ends the way into the database that was kept.
func (d *database) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept != nil {
		d.kept.Close()
	}
}

// view looks into the database.
func (d *database) view(ctx context.Context, look func(*db.Tx) error) error {
	open, end, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer end()
	return open.View(ctx, look)
}

// change does what no server would.
func (d *database) change(ctx context.Context, statement string, args ...any) error {
	open, end, err := d.open(ctx)
	if err != nil {
		return err
	}
	defer end()
	return open.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
}

// number is the one number that a query finds.
func (d *database) number(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = d.view(ctx, func(tx *db.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	return n, err
}

// texts are the first columns of what a query finds.
func (d *database) texts(ctx context.Context, query string, args ...any) (all []string, err error) {
	err = d.view(ctx, func(tx *db.Tx) error {
		all, err = texts(tx, query, args...)
		return err
	})
	return all, err
}

func texts(tx *db.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}

// maxTail is how much of a log is shown, in bytes.
const maxTail = 6000

// tail is the end of a file.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-maxTail):])
}
