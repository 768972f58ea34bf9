package app_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/model"
	"parley/internal/service/inbox"
)

// keep starts a Parley with settings, and sends it a message with a file.
func keep(t *testing.T, s config.Settings) {
	t.Helper()
	ctx := context.Background()
	a, err := app.Open(ctx, app.FromSettings(s, "test", slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	by, err := a.CreateWorkspace(ctx, model.Workspace{Name: "Acme", Timezone: "UTC"}, app.Owner())
	if err != nil {
		t.Fatal(err)
	}
	token, err := a.Workspace.CreateToken(ctx, by, by.Admin, "test", "")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/contacts", strings.NewReader(`{"role":"user","external_id":"1"}`))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	c, err := a.Inbox.CreateConversation(ctx, by, inbox.NewConversation{From: model.ContactRef{ExternalID: "1"}, Body: "see this",
		Files: []model.Upload{{Name: "a.txt", Data: []byte("hello")}}})
	if err != nil {
		t.Fatal(err)
	}
	link := c.Source.Attachments[0].Path(by.Workspace.ID, by.Workspace.Secret, time.Now().Unix())
	w = httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, link, nil))
	if w.Code != http.StatusOK || w.Body.String() != "hello" {
		t.Errorf("%s answers %d %q", link, w.Code, w.Body)
	}
}

func TestWhereFilesAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, files, want string }{
		{"by default", "", "data/files"},
		{"in a folder of their own", "elsewhere", "elsewhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := config.Settings{Data: filepath.Join(dir, "data"), RateLimit: 100}
			if c.files != "" {
				s.Files = filepath.Join(dir, c.files)
			}
			keep(t, s)
			found, err := filepath.Glob(filepath.Join(dir, c.want, "*", "*"))
			if err != nil || len(found) != 1 {
				t.Fatalf("found %q, %v", found, err)
			}
			if content, err := os.ReadFile(found[0]); err != nil || string(content) != "hello" {
				t.Errorf("%s holds %q, %v", found[0], content, err)
			}
		})
	}
}

func TestFilesInABucket(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	objects := map[string][]byte{}
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("ETag", `"an-etag"`)
		if r.Method == http.MethodPut {
			body, _ := io.ReadAll(r.Body)
			if !bytes.Contains(body, []byte("hello")) || !strings.Contains(r.Header.Get("Authorization"), "Credential=id/") {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			objects[r.URL.Path] = []byte("hello")
			return
		}
		object, ok := objects[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(object))
	}))
	t.Cleanup(store.Close)
	dir := t.TempDir()
	keep(t, config.Settings{Data: dir, RateLimit: 100, S3: config.S3{Bucket: "my-bucket", Prefix: "parley",
		Endpoint: store.URL, Region: "us-east-1", AccessKey: "id", SecretKey: "hush"}})
	if len(objects) != 1 {
		t.Errorf("the bucket has %q", objects)
	}
	for name := range objects {
		if !strings.HasPrefix(name, "/my-bucket/parley/") {
			t.Errorf("the bucket has %s", name)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, app.FilesFolder)); err == nil {
		t.Error("a folder was made as well")
	}
}
