package app

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/model"
)

// TestRestPutsBodiesIntoAFile has what was sent to a server of tests be in a file that nobody else can open, once it rests.
func TestRestPutsBodiesIntoAFile(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	a, err := Open(t.Context(), Options{Data: data, DevToken: "rules", RateLimit: 100, AppRateLimit: 100, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if found := opened(t, data); len(found) > 0 {
		t.Fatalf("%v are open before a rest", found)
	}
	ask := func(path string) {
		w := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
		request.Header.Set("Authorization", "Bearer "+token(t, a))
		if a.Handler().ServeHTTP(w, request); w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	ask("/data_attributes")
	a.giveBack()
	found := opened(t, data)
	if len(found) != 1 {
		t.Fatalf("%v are open after a rest", found)
	}
	file, err := os.Stat(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if file.Mode() != fs.FileMode(0o600) || file.Size() == 0 {
		t.Errorf("%d bytes are in a file of mode %s", file.Size(), file.Mode())
	}
}

// opened are the files by which this process has such a file of the folder open.
func opened(t *testing.T, folder string) (found []string) {
	all, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range all {
		if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, filepath.Join(folder, "requests-")) {
			if !strings.HasSuffix(to, " (deleted)") {
				t.Errorf("%s has a name", to)
			}
			found = append(found, fd)
		}
	}
	return found
}

// token is one of a new workspace.
func token(t *testing.T, a *App) string {
	ws, err := a.Workspace.Create(t.Context(), model.Workspace{Name: "Acme", Timezone: "UTC", Region: "US"})
	if err != nil {
		t.Fatal(err)
	}
	by, err := a.Workspace.Operator(t.Context(), ws.ID)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := a.Workspace.CreateAdmin(t.Context(), by, model.Admin{Name: "Ann", Email: "ann@acme.test"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := a.Workspace.CreateToken(t.Context(), by, admin.ID, "test", fmt.Sprintf("token-of-%s", ws.ID))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
