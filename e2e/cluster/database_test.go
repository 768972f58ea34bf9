package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/internal/means"
)

// A database is a PostgreSQL server of the test's own, which is restarted and killed.
type database struct {
	t   testing.TB
	dir string
	url string
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

// each runs a query and hands over its rows.
func (d *database) each(ctx context.Context, query string, args []any, row func(pgx.Rows) error) error {
	conn, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// number is the one number that a query finds.
func (d *database) number(ctx context.Context, query string, args ...any) (int64, error) {
	var n int64
	err := d.each(ctx, query, args, func(r pgx.Rows) error { return r.Scan(&n) })
	return n, err
}

// texts are the first columns of what a query finds.
func (d *database) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	var all []string
	err := d.each(ctx, query, args, func(r pgx.Rows) error {
		var text string
		err := r.Scan(&text)
		all = append(all, text)
		return err
	})
	return all, err
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
