package main

import (
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
