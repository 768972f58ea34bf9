package main

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"parley/internal/means"

	_ "github.com/jackc/pgx/v5/stdlib" // makes and drops the test database
)

// TestServersOnOneDatabase starts several servers at once on an empty database.
func TestServersOnOneDatabase(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "database")
	if err := os.WriteFile(secret, []byte(means.Postgres(t)+"\n"), 0o600); err != nil {
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
