package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // makes and drops the test database

	"parley/internal/apptest"
)

// emptyDatabase makes a PostgreSQL database that lasts as long as the test.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	at := os.Getenv("PARLEY_TEST_DATABASE")
	if at == "" {
		apptest.Unavailable(t, "PARLEY_TEST_DATABASE is not set to the postgres:// URL of a server where databases may be made")
	}
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", at)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("parley_cmd_%d_%d", os.Getpid(), time.Now().UnixNano())
	if _, err := db.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Exec("DROP DATABASE " + name + " WITH (FORCE)")
		db.Close()
	})
	u.Path = "/" + name
	return u.String()
}

// TestServersOnOneDatabase starts several servers at once on an empty database.
func TestServersOnOneDatabase(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(secret, []byte(emptyDatabase(t)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	compile(t)
	servers := make([]*server, 3)
	var starting sync.WaitGroup
	for i := range servers {
		starting.Go(func() { servers[i] = start(t, []string{"PARLEY_DATABASE_FILE=" + secret}, "--demo") })
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
