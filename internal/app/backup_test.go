package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/datafolder"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/seed"
	"parley/internal/service/inbox"
	"parley/internal/store"
	"parley/internal/store/audit"
)

var workspace = model.Workspace{ID: "bckp0001", Name: "Acme", Timezone: "UTC", Region: "US"}

// at are the options of a Parley by the clock of the tests; an empty URL is the embedded database.
func at(t *testing.T, url string) app.Options {
	t.Helper()
	return app.Options{Data: t.TempDir(), Database: url, RateLimit: 1_000_000, Version: "test", Logger: slog.New(slog.DiscardHandler),
		Clock: func() time.Time { return apptest.Start }, PublicURL: "https://parley.test"}
}

func opened(t *testing.T, o app.Options) *app.App {
	t.Helper()
	a, err := app.Open(context.Background(), o)
	must(t, err)
	t.Cleanup(func() { a.Close() })
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ask sends a request with a token.
func ask(a *app.App, token, method, path, body string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func mustAsk(t *testing.T, a *app.App, token, method, path, body string) string {
	t.Helper()
	status, text := ask(a, token, method, path, body)
	if status != http.StatusOK {
		t.Fatalf("%s %s answers %d %s", method, path, status, text)
	}
	return text
}

func backedUp(t *testing.T, o app.Options) []byte {
	t.Helper()
	var out bytes.Buffer
	m, err := app.Backup(context.Background(), o, true, &out)
	must(t, err)
	if m.Absent != 0 {
		t.Errorf("%d files are absent", m.Absent)
	}
	return out.Bytes()
}

func restored(t *testing.T, url string, archive []byte) app.Options {
	t.Helper()
	o := at(t, url)
	_, _, err := app.Restore(context.Background(), o, true, bytes.NewReader(archive))
	must(t, err)
	return o
}

// read runs a query of the whole database and returns its rows, a line each.
func read(t *testing.T, o app.Options, query string) string {
	t.Helper()
	d, err := app.OpenReadOnly(context.Background(), o)
	must(t, err)
	defer d.Close()
	var out strings.Builder
	must(t, d.View(context.Background(), func(tx *db.Tx) error {
		out.Reset()
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			out.WriteString(line + "\n")
		}
		return rows.Err()
	}))
	return out.String()
}

// shown is what the API answers of the example company.
func shown(t *testing.T, a *app.App, token string) map[string]string {
	t.Helper()
	answers := map[string]string{}
	for _, path := range []string{"/me", "/contacts?per_page=60", "/companies/list", "/conversations?per_page=60", "/conversations/1", "/tags", "/segments",
		"/admins", "/teams", "/data_attributes", "/articles?per_page=50", "/articles/search?phrase=refund", "/help_center/collections",
		"/news/news_items", "/ticket_types", "/counts?type=conversation&count=admin", "/_parley/webhooks/1/deliveries"} {
		method := "GET"
		if path == "/companies/list" {
			method = "POST"
		}
		answers[path] = mustAsk(t, a, token, method, path, "")
	}
	return answers
}

// TestMoves takes the example company from each database to each, and compares what the API answers.
func TestMoves(t *testing.T) {
	t.Parallel()
	home := at(t, "")
	a := opened(t, home)
	ctx := context.Background()
	demo, err := seed.Demo()
	must(t, err)
	report, err := a.Seeds.Apply(ctx, demo, "")
	must(t, err)
	token, err := a.Workspace.CreateToken(ctx, &model.Actor{Workspace: report.Workspace, Admin: report.Owner}, report.Owner, "test", "")
	must(t, err)
	mustAsk(t, a, token, "POST", "/_parley/webhooks", `{"url":"https://hook.test/","topics":["*"]}`)
	for i := range 5 { // which is told
		mustAsk(t, a, token, "POST", "/contacts", fmt.Sprintf(`{"external_id":"new-%d"}`, i))
	}
	want := shown(t, a, token)
	const events = `SELECT topic || ' ' || object_id FROM events ORDER BY transaction_id, number`
	told := read(t, home, events)
	if strings.Count(told, "\n") < 5 {
		t.Fatalf("only this was told:\n%s", told)
	}
	check := func(t *testing.T, o app.Options) []byte {
		t.Helper()
		b := opened(t, o)
		for path, answer := range shown(t, b, token) {
			if !same(t, answer, want[path]) {
				t.Errorf("%s answers\n%s\nand was\n%s", path, answer, want[path])
			}
		}
		if got := read(t, o, events); got != told {
			t.Errorf("what was told is\n%s\nand was\n%s", got, told)
		}
		if wrong := recount(t, o); len(wrong) > 0 {
			t.Errorf("a recount says %v", wrong)
		}
		archive := backedUp(t, o)
		// What is new comes behind what was there, and ids go on.
		mustAsk(t, b, token, "POST", "/contacts", `{"external_id":"newest"}`)
		if got := read(t, o, events); !strings.HasPrefix(got, told) || got == told {
			t.Errorf("with something new, what was told is\n%s\nand was\n%s", got, told)
		}
		return archive
	}
	archive := backedUp(t, home)
	t.Run("sqlite to sqlite", func(t *testing.T) {
		t.Parallel()
		check(t, restored(t, "", archive))
	})
	t.Run("sqlite to postgres and on", func(t *testing.T) {
		t.Parallel()
		means.NeedPostgres(t)
		moved := check(t, restored(t, means.Postgres(t), archive))
		t.Run("postgres to postgres", func(t *testing.T) { check(t, restored(t, means.Postgres(t), moved)) })
		t.Run("postgres to sqlite", func(t *testing.T) { check(t, restored(t, "", moved)) })
	})
}

// recount counts anew what the database keeps.
func recount(t *testing.T, o app.Options) (wrong []audit.Mismatch) {
	t.Helper()
	d, err := app.OpenReadOnly(context.Background(), o)
	must(t, err)
	defer d.Close()
	must(t, d.View(context.Background(), func(tx *db.Tx) (err error) {
		wrong, _, err = audit.Recount(tx, 5)
		return err
	}))
	return wrong
}

// same compares two answers: one database may spell what people sent in another way than the other.
func same(t *testing.T, one, other string) bool {
	t.Helper()
	var a, b any
	must(t, errors.Join(json.Unmarshal([]byte(one), &a), json.Unmarshal([]byte(other), &b)))
	return fmt.Sprint(a) == fmt.Sprint(b)
}

// A slow reader of an archive holds the first bytes back until something has been written meanwhile.
type slow struct {
	bytes.Buffer
	begun, goOn chan struct{}
	once        atomic.Bool
}

func (s *slow) Write(p []byte) (int, error) {
	if s.once.CompareAndSwap(false, true) {
		close(s.begun)
		<-s.goOn
	}
	return s.Buffer.Write(p)
}

// TestBackupUnderWrites writes while an archive is written: that holds nobody up, and the archive has all of what came
// before it, and of what came later all or nothing.
func TestBackupUnderWrites(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, o app.Options) {
		a := opened(t, o)
		ctx := context.Background()
		by, err := a.CreateWorkspace(ctx, workspace, app.Owner())
		must(t, err)
		token, err := a.Workspace.CreateToken(ctx, by, by.Admin, "test", "")
		must(t, err)
		conversation := func(i int) {
			t.Helper()
			var c struct{ ID string }
			must(t, json.Unmarshal([]byte(mustAsk(t, a, token, "POST", "/contacts", fmt.Sprintf(`{"external_id":"%d"}`, i))), &c))
			mustAsk(t, a, token, "POST", "/conversations", `{"from":{"type":"user","id":"`+c.ID+`"},"body":"hello"}`)
			if status, text := ask(a, token, "POST", "/events", fmt.Sprintf(`{"event_name":"step","id":"%s","created_at":%d}`, c.ID, apptest.Start.Unix())); status != http.StatusAccepted {
				t.Fatalf("%d %s", status, text)
			}
		}
		const before = 5
		for i := range before {
			conversation(i)
		}
		out := &slow{begun: make(chan struct{}), goOn: make(chan struct{})}
		done := make(chan error)
		go func() {
			_, err := app.Backup(ctx, o, true, out)
			done <- err
		}()
		stop, stopped, after := make(chan struct{}), make(chan struct{}), atomic.Int64{}
		<-out.begun
		go func() {
			defer close(stopped)
			for i := before; ; i++ {
				conversation(i)
				if after.Add(1) == 5 {
					close(out.goOn) // the archive goes on now
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
		must(t, <-done)
		close(stop)
		<-stopped
		v, err := app.Verify(ctx, o, bytes.NewReader(out.Bytes()))
		must(t, err)
		if len(v.Wrong) > 0 {
			t.Errorf("a recount says %v", v.Wrong)
		}
		for _, table := range v.Manifest.Tables {
			if table.Table == "conversations" && (table.Rows < before || table.Rows > before+after.Load()) {
				t.Errorf("the archive has %d conversations; there were %d before and %d came meanwhile", table.Rows, before, after.Load())
			}
		}
	})
}

func onEach(t *testing.T, test func(t *testing.T, o app.Options)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, at(t, ""))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, at(t, means.Postgres(t)))
	})
}

// upTo shows the migrations up to a version.
func upTo(t *testing.T, version string) fs.FS {
	t.Helper()
	chosen := fstest.MapFS{}
	must(t, fs.WalkDir(store.Migrations(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path < version+"~" {
			text, err := fs.ReadFile(store.Migrations(), path)
			chosen[path] = &fstest.MapFile{Data: text}
			return err
		}
		return err
	}))
	return chosen
}

// TestOldArchive restores an archive that was made before some migrations, which then do their work on its rows.
func TestOldArchive(t *testing.T) {
	t.Parallel()
	old := at(t, "")
	d, err := db.Open(context.Background(), db.Options{Path: filepath.Join(old.Data, app.DatabaseFile), Migrations: upTo(t, "0011")})
	must(t, err)
	must(t, d.Update(context.Background(), func(tx *db.Tx) error {
		for _, statement := range []string{
			`INSERT INTO workspaces (id, name, timezone, region, secret, created_at) VALUES ('old00001', 'Old', 'UTC', 'US', 's', 1)`,
			`INSERT INTO contacts (workspace_id, id, role, unsubscribed_from_emails, marked_email_as_spam, has_hard_bounced, created_at, updated_at, session_count, profile, attributes, searchable)
				VALUES ('old00001', 'c', 'user', FALSE, FALSE, FALSE, 1, 1, 0, '{}', '{}', '{}')`,
			`INSERT INTO messages (workspace_id, id, type, subject, body, template, admin_id, contact_id, created_at)
				VALUES ('old00001', 1, 'email', '', '', '', 1, 'c', 1), ('old00001', 2, 'email', '', '', '', 1, 'c', 1)`,
			`INSERT INTO outgoing_emails (workspace_id, id, message_id, contact_id, admin_id, address, subject, html, text, state, suppressed, created_at)
				VALUES ('old00001', 'e', 1, 'c', 1, '', '', '', '', 'suppressed', 'unsubscribed', 1)`,
		} {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, d.Close())
	archive := backedUp(t, old)
	onEach(t, func(t *testing.T, o app.Options) {
		head, _, err := app.Restore(context.Background(), o, true, bytes.NewReader(archive))
		must(t, err)
		if head.Schema != 11 {
			t.Fatalf("the archive is of the schema version %d", head.Schema)
		}
		if got := read(t, o, `SELECT CAST(id AS TEXT) || ' ' || CAST(CAST(sent AS INTEGER) AS TEXT) FROM messages ORDER BY id`); got != "1 0\n2 1\n" {
			t.Errorf("of the messages, these were sent: %q", got)
		}
		opened(t, o) // and is up to date
	})
}

// TestRestoreRefuses has what is there stay.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	source := at(t, "")
	a := opened(t, source)
	_, err := a.CreateWorkspace(context.Background(), workspace, app.Owner())
	must(t, err)
	archive := backedUp(t, source)
	onEach(t, func(t *testing.T, o app.Options) {
		a := opened(t, o)
		other := workspace
		other.ID, other.Name = "bckp0002", "Other"
		if _, err := a.CreateWorkspace(context.Background(), other, app.Owner()); err != nil {
			t.Fatal(err)
		}
		_, _, err := app.Restore(context.Background(), o, true, bytes.NewReader(archive))
		if !errors.Is(err, db.ErrNotEmpty) {
			t.Errorf("restoring over another database: %v", err)
		}
		if got := read(t, o, "SELECT name FROM workspaces"); got != "Other\n" {
			t.Errorf("there are now the workspaces %q", got)
		}
	})
	t.Run("a server runs", func(t *testing.T) {
		t.Parallel()
		o := at(t, "")
		unlock, err := datafolder.Lock(o.Data)
		must(t, err)
		defer unlock()
		if _, _, err := app.Restore(context.Background(), o, true, bytes.NewReader(archive)); err == nil || !strings.Contains(err.Error(), "in use") {
			t.Errorf("restoring below a server: %v", err)
		}
	})
}

// TestFailedRestore cuts archives off: nothing is left, and the next restore finds an empty place.
func TestFailedRestore(t *testing.T) {
	t.Parallel()
	source := at(t, "")
	a := opened(t, source)
	_, err := a.CreateWorkspace(context.Background(), workspace, app.Owner())
	must(t, err)
	token := attach(t, a)
	archive := backedUp(t, source)
	onEach(t, func(t *testing.T, o app.Options) {
		o.Files = filepath.Join(t.TempDir(), "files")
		_, _, err := app.Restore(context.Background(), o, true, io.LimitReader(bytes.NewReader(archive), int64(len(archive)-1)))
		if err == nil || !strings.Contains(err.Error(), "too early") {
			t.Errorf("without the last byte: %v", err)
		}
		if n := files(t, o.Files); n != 0 {
			t.Errorf("%d files are left", n)
		}
		if _, _, err := app.Restore(context.Background(), o, true, bytes.NewReader(archive)); err != nil {
			t.Fatal(err)
		}
		if n := files(t, o.Files); n != 1 {
			t.Errorf("there are %d files", n)
		}
		b := opened(t, o)
		if got := mustAsk(t, b, token, "GET", "/contacts", ""); !strings.Contains(got, `"total_count":1`) {
			t.Errorf("the contacts are %s", got)
		}
	})
	t.Run("files that are there", func(t *testing.T) {
		t.Parallel()
		o := at(t, "")
		o.Files = filepath.Join(source.Data, app.FilesFolder) // as with a bucket that two have
		_, _, err := app.Restore(context.Background(), o, true, io.LimitReader(bytes.NewReader(archive), int64(len(archive)-1)))
		if err == nil || files(t, o.Files) != 1 {
			t.Errorf("a restore that failed (%v) took a file along that was not its own", err)
		}
		_, _, err = app.Restore(context.Background(), o, true, bytes.NewReader(archive))
		must(t, err)
	})
	t.Run("another file of the name", func(t *testing.T) {
		t.Parallel()
		o := at(t, "")
		restored := filepath.Join(o.Data, app.FilesFolder)
		must(t, os.CopyFS(restored, os.DirFS(filepath.Join(source.Data, app.FilesFolder))))
		must(t, filepath.WalkDir(restored, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				return os.WriteFile(path, []byte("HELLO"), 0o600)
			}
			return err
		}))
		_, _, err := app.Restore(context.Background(), o, true, bytes.NewReader(archive))
		if err == nil || !strings.Contains(err.Error(), "there is another file of that name") {
			t.Errorf("restoring over another file: %v", err)
		}
	})
}

// attach makes a contact with a conversation that has a file, and returns a token.
func attach(t *testing.T, a *app.App) string {
	t.Helper()
	ctx := context.Background()
	by, err := a.Workspace.Operator(ctx, workspace.ID)
	must(t, err)
	token, err := a.Workspace.CreateToken(ctx, by, by.Admin, "test", "")
	must(t, err)
	mustAsk(t, a, token, "POST", "/contacts", `{"external_id":"1"}`)
	_, err = a.Inbox.CreateConversation(ctx, by, inbox.NewConversation{From: model.ContactRef{ExternalID: "1"}, Body: "see this",
		Files: []model.Upload{{Name: "a.txt", Data: []byte("hello")}}})
	must(t, err)
	return token
}

// files counts those in a folder.
func files(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return n
}
