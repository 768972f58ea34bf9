package app

import (
	"os"
	"path/filepath"
	"testing"

	"parley/internal/config"
)

// TestDemoAhead has the example company read before it is asked for where a server is about to make its database, once and no further: who asks again has one of
// their own, which nothing has been done to.
func TestDemoAhead(t *testing.T) {
	t.Parallel()
	there := t.TempDir()
	if err := os.WriteFile(filepath.Join(there, DatabaseFile), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]config.Settings{
		"no example": {Data: t.TempDir()},
		"a database": {Data: there, Demo: true},
		"PostgreSQL": {Data: t.TempDir(), Demo: true, Database: "postgres://127.0.0.1/parley"},
	} {
		if demoAhead(s) != nil {
			t.Errorf("%s: it is read all the same", name)
		}
	}
	a := &App{options: Options{demo: demoAhead(config.Settings{Data: filepath.Join(t.TempDir(), "new"), Demo: true})}}
	if a.options.demo == nil {
		t.Fatal("it is not read ahead")
	}
	first, err := a.readDemo()
	if err != nil {
		t.Fatal(err)
	}
	first.Contacts = nil
	second, err := a.readDemo()
	if err != nil || second == first || len(second.Contacts) == 0 {
		t.Errorf("who asks again has what was read before: %v", err)
	}
}
