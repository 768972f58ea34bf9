package doctor_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/doctor"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/service/inbox"
	"parley/internal/store"
)

var now = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// healthy are the settings of a Parley with which all is well; an empty URL is the embedded database.
func healthy(t *testing.T, url string) config.Settings {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(dir, 0o700))
	s := config.Settings{Addr: "127.0.0.1:8080", Data: dir, Database: url, RateLimit: 1, AppRateLimit: 1}
	a, err := app.Open(context.Background(), options(s))
	must(t, err)
	defer a.Close()
	by, err := a.CreateWorkspace(context.Background(), model.Workspace{ID: "doct0001", Name: "Acme", Timezone: "UTC"}, app.Owner())
	must(t, err)
	contact, err := a.People.CreateContact(context.Background(), by, model.ContactPatch{Role: model.Some(model.RoleUser), ExternalID: model.Some("1")})
	must(t, err)
	_, err = a.Inbox.CreateConversation(context.Background(), by, inbox.NewConversation{From: model.ContactRef{ID: contact.ID}, Body: "hello",
		Files: []model.Upload{{Name: "a.txt", Data: []byte("hello")}}})
	must(t, err)
	return s
}

func options(s config.Settings) app.Options {
	o := app.FromSettings(s, "test", slog.New(slog.DiscardHandler))
	o.Clock = func() time.Time { return now }
	return o
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// change runs statements on the database.
func change(t *testing.T, s config.Settings, statements ...string) {
	t.Helper()
	d, err := app.OpenDatabase(context.Background(), options(s))
	must(t, err)
	defer d.Close()
	must(t, d.Update(context.Background(), func(tx *db.Tx) error {
		for _, statement := range statements {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	}))
}

const (
	failedJob = `INSERT INTO jobs (id, workspace_id, kind, payload, run_at, attempt, last_error, failed_at, created_at)
		VALUES ('a', 'doct0001', 'unsnooze', '{}', 1, 12, 'no such conversation', 1700000000, 1)`
	overdueJob = `INSERT INTO jobs (id, workspace_id, kind, payload, run_at, attempt, created_at) VALUES ('b', 'doct0001', 'send_sms', '{}', 1700000000, 0, 1)`
	webhook    = `INSERT INTO webhooks (workspace_id, id, app_id, url, topics, state, reason, created_at, failures, failures_since, failing_since, wait_until, waiting, delay)
		VALUES ('doct0001', 1, 1, 'https://hook.test/', '[]', '%s', 'nobody answered for a week', 1, 0, 0, 0, 0, '', 0)`
	delivery = `INSERT INTO deliveries (workspace_id, subscription_id, notification_id, object, state, attempts, failures, due_at, created_at)
		VALUES ('doct0001', 1, 'n', 'o', 'pending', 0, 0, NULL, 1768470000)`
)

// TestSetUps breaks a set-up in one way each, and looks what is found.
func TestSetUps(t *testing.T) {
	t.Parallel()
	well := healthy(t, "")
	for _, c := range []struct {
		name   string
		broken func(t *testing.T, s *config.Settings, o *doctor.Options)
		want   string // of a finding, as "level check: text"; none: there is nothing but ok
	}{
		{"healthy", func(*testing.T, *config.Settings, *doctor.Options) {}, ""},
		{"healthy, looked at closely", func(_ *testing.T, _ *config.Settings, o *doctor.Options) { o.Full, o.Write = true, true }, ""},
		{"open without a URL", func(_ *testing.T, s *config.Settings, _ *doctor.Options) { s.Addr = ":8080" }, "warning settings: public_url is not set"},
		{"no TLS", func(_ *testing.T, s *config.Settings, _ *doctor.Options) { s.PublicURL = "http://parley.test" }, "warning settings: public_url is not https"},
		{"private networks", func(_ *testing.T, s *config.Settings, _ *doctor.Options) {
			s.Addr, s.PublicURL, s.AllowPrivateAddresses = "10.0.0.1:80", "https://parley.test", true
		}, "warning settings: allow_private_addresses is on"},
		{"a provider without TLS", func(_ *testing.T, s *config.Settings, _ *doctor.Options) { s.OpenID.Issuer = "http://accounts.test" }, "warning settings: oidc_issuer is not https"},
		{"no data folder", func(_ *testing.T, s *config.Settings, _ *doctor.Options) { s.Data += "/nope" }, "problem data folder: "},
		{"a file for a folder", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			s.Data = filepath.Join(s.Data, app.DatabaseFile)
		}, "problem data folder: "},
		{"a folder for all", func(t *testing.T, s *config.Settings, _ *doctor.Options) { must(t, os.Chmod(s.Data, 0o755)) }, "warning data folder: others on this machine may enter"},
		{"no database", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			must(t, os.Remove(filepath.Join(s.Data, app.DatabaseFile)))
		}, "problem database: there is no "},
		{"no SQLite file", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			must(t, os.WriteFile(filepath.Join(s.Data, app.DatabaseFile), []byte(strings.Repeat("nonsense", 1000)), 0o600))
		}, "keep a copy of the file, and restore the last backup"},
		{"an empty file", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			must(t, os.WriteFile(filepath.Join(s.Data, app.DatabaseFile), nil, 0o600))
		}, "problem schema: there are no tables of Parley"},
		{"a damaged file", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			path := filepath.Join(s.Data, app.DatabaseFile)
			text, err := os.ReadFile(path)
			must(t, err)
			copy(text[len(text)-4096:], strings.Repeat("damage", 100)) // the last page
			must(t, os.WriteFile(path, text, 0o600))
		}, "problem database file: the file is damaged"},
		{"another journal", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			path := filepath.Join(s.Data, app.DatabaseFile)
			text, err := os.ReadFile(path)
			must(t, err)
			text[18], text[19] = 1, 1 // the format's versions: no write-ahead log
			must(t, os.WriteFile(path, text, 0o600))
		}, "problem database file: its journal mode is delete"},
		{"an earlier schema", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			s.Data = t.TempDir()
			must(t, os.Chmod(s.Data, 0o700))
			d, err := db.Open(context.Background(), db.Options{Path: filepath.Join(s.Data, app.DatabaseFile), Migrations: earlier(t)})
			must(t, err)
			must(t, d.Close())
		}, "warning schema: the schema has the version 11"},
		{"a later schema", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			change(t, *s, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, TRUE)`)
		}, "warning schema: the schema has the version 9999"},
		{"a job that was given up", func(t *testing.T, s *config.Settings, _ *doctor.Options) { change(t, *s, failedJob) },
			"warning jobs: 1 jobs of the kind unsnooze were given up, the first at 2023-11-14 22:13:20; one of them because of: no such conversation"},
		{"a job that nobody does", func(t *testing.T, s *config.Settings, _ *doctor.Options) { change(t, *s, overdueJob) },
			"problem jobs: 1 jobs of the kind send_sms are due, the first since 2023-11-14 22:13:20"},
		{"a suspended webhook", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			change(t, *s, fmt.Sprintf(webhook, "suspended"))
		},
			"warning webhooks: webhook 1 of workspace doct0001 is suspended: nobody answered for a week"},
		{"a webhook that is behind", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			change(t, *s, fmt.Sprintf(webhook, "live"), delivery)
		},
			"warning webhooks: webhook 1 of workspace doct0001 is behind by "},
		{"a file that is missing", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			must(t, os.RemoveAll(filepath.Join(s.Data, app.FilesFolder, "doct0001")))
		}, "problem files of rows: 1 of 1 files that rows name are missing"},
		{"a wrong number", func(t *testing.T, s *config.Settings, o *doctor.Options) {
			change(t, *s, `UPDATE tallies SET total = total + 1`)
			o.Full = true
		}, "problem kept numbers: conversations of a workspace (conversations in workspace doct0001): 2 are kept and there are 1"},
		{"no bucket", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			server := httptest.NewServer(nil)
			server.Close()
			s.S3 = config.S3{Bucket: "bucket", Endpoint: server.URL, Region: "r", AccessKey: "a", SecretKey: "s"}
		}, "problem files: the bucket bucket at http://127.0.0.1"},
		{"no way to the database", func(t *testing.T, s *config.Settings, _ *doctor.Options) {
			s.Database = "postgres://nobody@127.0.0.1:1/parley"
		}, "problem database: opening the PostgreSQL database parley on 127.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := well
			s.Data = filepath.Join(t.TempDir(), "data")
			must(t, os.CopyFS(s.Data, os.DirFS(well.Data)))
			must(t, os.Chmod(s.Data, 0o700))
			must(t, os.Chmod(filepath.Join(s.Data, app.FilesFolder), 0o700))
			o := doctor.Options{}
			c.broken(t, &s, &o)
			finds(t, s, o, c.want)
		})
	}
}

// TestPostgresSetUps breaks a database in one way after another.
func TestPostgresSetUps(t *testing.T) {
	t.Parallel()
	s := healthy(t, means.Postgres(t))
	ctx := context.Background()
	closely := doctor.Options{Full: true, Write: true}
	look := func(s config.Settings, o doctor.Options, clock func() time.Time) string {
		o.Settings, o.App = s, options(s)
		o.App.Clock = clock
		return told(doctor.Examine(ctx, o))
	}
	well := look(s, closely, time.Now)
	if strings.Contains(well, "problem ") || strings.Count(well, "warning ") != strings.Count(well, "warning settings: files are in a folder")+
		strings.Count(well, "warning settings: the connection to the database is not encrypted") {
		t.Errorf("something is found where all is well:\n%s", well)
	}
	for ahead, want := range map[time.Duration]string{0: "ok clock: ", 3 * time.Second: "warning clock: ", -time.Hour: "problem clock: "} {
		if got := look(s, doctor.Options{}, func() time.Time { return time.Now().Add(ahead) }); !strings.Contains(got, want) {
			t.Errorf("with a clock that is %v ahead: %s", ahead, got)
		}
	}
	hasty := s
	hasty.Database += "&statement_timeout=2s"
	if got := look(hasty, doctor.Options{}, time.Now); !strings.Contains(got, "warning server: statement_timeout is 2s") {
		t.Errorf("with little time: %s", got)
	}
	change(t, s, `ALTER TABLE contacts SET (autovacuum_enabled = false)`,
		`UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'contacts_by_name'::regclass`)
	conn, err := pgx.Connect(ctx, s.Database)
	must(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, `SET application_name = 'sleeper'; BEGIN; UPDATE workspaces SET name = name`)
	must(t, err)
	got := look(s, doctor.Options{OldTransaction: time.Nanosecond}, time.Now)
	for _, want := range []string{"problem vacuum: autovacuum_enabled of contacts is off", "problem indexes: the index contacts_by_name of contacts is not valid",
		"sleeper in parley_test_"} {
		if !strings.Contains(got, want) {
			t.Errorf("nothing says %q:\n%s", want, got)
		}
	}
}

// earlier are the migrations up to the eleventh.
func earlier(t *testing.T) fs.FS {
	t.Helper()
	chosen := fstest.MapFS{}
	must(t, fs.WalkDir(store.Migrations(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path >= "0012" {
			return err
		}
		text, err := fs.ReadFile(store.Migrations(), path)
		chosen[path] = &fstest.MapFile{Data: text}
		return err
	}))
	return chosen
}

func finds(t *testing.T, s config.Settings, o doctor.Options, want string) {
	t.Helper()
	o.Settings, o.App = s, options(s)
	got := told(doctor.Examine(context.Background(), o))
	switch {
	case want != "" && !strings.Contains(got, want):
		t.Errorf("nothing says %q:\n%s", want, got)
	case want == "" && (strings.Contains(got, "warning ") || strings.Contains(got, "problem ")):
		t.Errorf("something is found where all is well:\n%s", got)
	}
}

func told(findings []doctor.Finding) string {
	var out strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&out, "%s %s: %s %s\n", f.Level, f.Check, f.Text, f.Advice)
	}
	return out.String()
}
