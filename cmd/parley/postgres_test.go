package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"parley/internal/means"
)

// TestServersOnOneDatabase starts several servers at once on an empty database.
func TestServersOnOneDatabase(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(secret, []byte(means.Postgres(t)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	compile(t)
	data := t.TempDir()
	servers := make([]*server, 3)
	var starting sync.WaitGroup
	for i := range servers {
		starting.Go(func() { servers[i] = start(t, []string{"PARLEY_DATABASE_FILE=" + secret}, "--demo", "--data", data) })
	}
	starting.Wait()
	if t.Failed() {
		t.FailNow()
	}
	token, shown := "", 0
	for _, s := range servers {
		if s.token != "" {
			token, shown = s.token, shown+1
		}
	}
	if shown != 1 {
		t.Fatalf("%d servers show a token, want one", shown)
	}
	for _, s := range servers {
		s.ask("GET", "/me", token, "")
		s.stop()
	}
}

// TestServersKeepFilesInOnePlace starts servers on one database that would not find
// each other's files: they refuse, and say what to do. One that was killed is in no
// one's way on its own machine and folder.
func TestServersKeepFilesInOnePlace(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(secret, []byte(means.Postgres(t)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"PARLEY_DATABASE_FILE=" + secret}
	data := t.TempDir()
	s := start(t, env, "--data", data)
	token := s.token
	s.signal(syscall.SIGKILL)
	s.wait()
	s = start(t, env, "--data", data, "--files-shared")
	for _, c := range []struct {
		name string
		args []string
		says []string
	}{
		{"a folder of its own", nil, []string{"its own folder", "--s3-endpoint", "--files-shared", filepath.Join(data, "files")}},
		{"another folder that is said to be shared", []string{"--files-shared"}, []string{"is not the folder", "though --files-shared says so"}},
		{"a bucket", []string{"--files", "s3://my-bucket/p", "--s3-access-key", "a", "--s3-secret-key", "b"}, []string{"the same place", "s3://my-bucket/p"}},
	} {
		_, stderr, code := run(t, env, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", t.TempDir(), "--log-level", "error"}, c.args...)...)
		for _, want := range c.says {
			if code != 1 || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("%s: the exit code is %d, and it says %q, without %q", c.name, code, stderr, want)
			}
		}
	}
	beside := start(t, env, "--data", data, "--files-shared")
	beside.ask("GET", "/me", token, "")
	listed, stderr, code := run(t, env, "node", "list")
	if code != 0 || strings.Count(listed, "\n") != 4 || !strings.Contains(listed, "serving") || !strings.Contains(listed, filepath.Join(data, "files")) {
		t.Errorf("the list is %s%s", listed, stderr)
	}
	beside.stop()
	s.stop()
	if listed, _, _ = run(t, env, "node", "list"); strings.Count(listed, "\n") != 2 { // the one that was killed
		t.Errorf("those that have stopped are listed: %s", listed)
	}
}

// TestServerWhosePlaceIsTaken has a server be away for so long that another has begun
// with a folder of its own. It serves no more.
func TestServerWhosePlaceIsTaken(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	s := start(t, []string{"PARLEY_DATABASE=" + at}, "--data", t.TempDir(), "--log-level", "error")
	conn, err := pgx.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `WITH away AS (UPDATE nodes SET seen_at = seen_at - 60)
		INSERT INTO nodes (id, host, version, schema_version, files, folder_id, started_at, seen_at)
		VALUES ('other', 'elsewhere', '1.2.3', 23, '/srv/files', 'another', 0, extract(epoch FROM clock_timestamp())::bigint)`); err != nil {
		t.Fatal(err)
	}
	if code := s.wait(); code != 1 || !strings.Contains(s.stderr.String(), "the server other on elsewhere") {
		t.Errorf("it ends with the code %d and says %s", code, s.stderr.String())
	}
}

// TestDatabaseInTrouble asks a server whose database takes too long, and one whose sessions PostgreSQL has ended.
func TestDatabaseInTrouble(t *testing.T) {
	t.Parallel()
	at := means.Postgres(t)
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("statement_timeout", "1000")
	u.RawQuery = q.Encode()
	compile(t)
	s := start(t, []string{"PARLEY_DATABASE=" + u.String()})
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	order := func(statement string) {
		t.Helper()
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}

	order("BEGIN")
	order("LOCK TABLE contacts")
	hr, err := http.NewRequest("GET", s.url+"/contacts", nil)
	if err != nil {
		t.Fatal(err)
	}
	hr.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := http.DefaultClient.Do(hr)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	if answer.StatusCode != 503 || answer.Header.Get("Retry-After") != "1" ||
		!strings.Contains(string(body), `"error.list"`) || !strings.Contains(string(body), `"service_unavailable"`) {
		t.Errorf("while a table is locked: %d, Retry-After %q, %s", answer.StatusCode, answer.Header.Get("Retry-After"), body)
	}
	order("ROLLBACK")
	s.ask("GET", "/contacts", s.token, "")

	order("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	s.ask("POST", "/contacts", s.token, `{"role": "lead"}`)
	s.ask("GET", "/contacts", s.token, "")
	if metrics := s.ask("GET", "/metrics", "", ""); strings.Contains(metrics, "parley_database_connections_lost_total 0\n") {
		t.Error("no connection is counted as lost")
	}
	s.stop()
}
