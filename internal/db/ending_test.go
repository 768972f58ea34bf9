package db

import (
	"context"
	"path/filepath"
	"testing"
)

// TestClosedAmidATransaction closes the connection of a transaction that nobody has ended, as a load that fails does: when its context
// ends after that, nobody interrupts what is not there any more.
func TestClosedAmidATransaction(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	open(t, Options{Path: path, Migrations: migrations})
	s, err := openSession(path, sqliteSettings)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if err := s.begin(ctx, "BEGIN"); err != nil {
		t.Fatal(err)
	}
	stop := s.ends.stop
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if stop() {
		t.Error("the connection is closed, and would still be interrupted")
	}
}
