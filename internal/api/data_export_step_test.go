package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/blob"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
	"parley/internal/model/content"
	rules "parley/internal/service/content"
	"parley/internal/store"
)

// A slowStore has something happen around each blob that is put.
type slowStore struct {
	blob.Store
	around func(put func() error) error
}

func (s slowStore) Put(ctx context.Context, key string, from io.Reader, size int64, contentType string) error {
	return s.around(func() error { return s.Store.Put(ctx, key, from, size, contentType) })
}

// exporter is another server on the rig's database and files.
func exporter(r *apptest.Rig, around func(put func() error) error) *rules.Service {
	return rules.New(store.New(r.Database, r.Clock.Now, store.Options{}), slowStore{blob.NewFolder(r.Folder), around}, rules.Options{ExportStep: 2})
}

// five is a workspace in which five messages were sent.
func five(t *testing.T, r *apptest.Rig) []string {
	t.Helper()
	joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
	var sent []string
	for range 5 {
		sent = append(sent, send(t, r, joe, "Hello"))
	}
	return sent
}

// However an attempt at a part ends, and whoever makes another, the file has each
// receipt once.
func TestDataExportAttempts(t *testing.T) {
	lost := errors.New("the server is gone")
	for _, c := range []struct {
		name string
		// attempt is the first attempt at the first part, with what is to happen while
		// its file is put. again makes another one, elsewhere.
		around func(put, again func() error) error
		err    error
		files  int // when all is done
	}{
		{"nothing happens", func(put, _ func() error) error { return put() }, nil, 3},
		{"the file is not put", func(_, _ func() error) error { return lost }, lost, 3},
		{"it ends between the file and the row", func(put, _ func() error) error { return errors.Join(put(), lost) }, lost, 4},
		{"another is faster", func(put, again func() error) error { return errors.Join(again(), put()) }, nil, 3},
		{"another is faster at the end", func(put, again func() error) error { return errors.Join(put(), again()) }, nil, 3},
		{"others do all the rest", func(put, again func() error) error { return errors.Join(again(), again(), again(), put()) }, nil, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			apptest.OnEachWith(t, app.Options{ExportStep: 2}, func(t *testing.T, r *apptest.Rig) {
				ctx := t.Context()
				sent := five(t, r)
				id := content.DataExportID(export(t, r, 0, 1<<40))
				elsewhere := exporter(r, func(put func() error) error { return put() })
				part := int64(-1)
				again := func() error {
					part++
					return elsewhere.ExportReceipts(ctx, r.Workspace.ID, id, part)
				}
				first := exporter(r, func(put func() error) error { return c.around(put, again) })
				if err := first.ExportReceipts(ctx, r.Workspace.ID, id, 0); !errors.Is(err, c.err) {
					t.Fatalf("the first attempt gives %v, want %v", err, c.err)
				}
				for range 2 { // what is done already, and what is not to be done yet, is left alone
					noError(t, elsewhere.ExportReceipts(ctx, r.Workspace.ID, id, 7))
					r.RunJobs()
					noError(t, elsewhere.ExportReceipts(ctx, r.Workspace.ID, id, 0))
				}
				if diff := cmp.Diff(sent, receipts(t, exportText(t, r, string(id)))); diff != "" {
					t.Errorf("the receipts (-want +got):\n%s", diff)
				}
				if files := exportFiles(t, r); len(files) != c.files {
					t.Errorf("there are the files %v, want %d", files, c.files)
				}
				r.Clock.Pass(48 * time.Hour)
				r.RunJobs()
				if files := exportFiles(t, r); len(files) > 0 {
					t.Errorf("the files %v are left", files)
				}
			})
		})
	}
}

func TestDataExportIsCanceled(t *testing.T) {
	apptest.OnEachWith(t, app.Options{ExportStep: 2}, func(t *testing.T, r *apptest.Rig) {
		ctx := t.Context()
		five(t, r)
		const form = `{"job_identifier":"<id>","status":"<status>","download_url":"","download_expires_at":""}`
		step := func(id string, part int64, around func(put func() error) error) {
			t.Helper()
			noError(t, exporter(r, around).ExportReceipts(ctx, r.Workspace.ID, content.DataExportID(id), part))
		}
		put := func(put func() error) error { return put() }
		cancel := func(id string) *apptest.Answer { return r.Post(t, "/export/cancel/"+id, nil) }
		for _, c := range []struct {
			name string
			do   func(id string)
		}{
			{"pending", func(id string) {}},
			{"in progress", func(id string) { step(id, 0, put) }},
			{"while a part is written", func(id string) {
				step(id, 0, put)
				step(id, 1, func(put func() error) error {
					cancel(id).OK()
					r.RunJobs() // what drops the files comes first
					return put()
				})
			}},
			{"when a part is written", func(id string) {
				step(id, 0, func(put func() error) error {
					defer cancel(id).OK()
					return put()
				})
			}},
		} {
			t.Run(c.name, func(t *testing.T) {
				id := export(t, r, 0, 1<<40)
				c.do(id)
				for range 2 {
					is(t, cancel(id), form, "<id>", id, "<status>", "canceled")
				}
				r.Get(t, "/download/content/data/"+id, octets).Fails(404, "not_found", "Export job "+id+" has nothing to download: its status is canceled")
				other := export(t, r, 0, 1<<40) // at once
				r.RunJobs()
				is(t, r.Get(t, "/export/content/data/"+id), form, "<id>", id, "<status>", "canceled")
				if files := exportFiles(t, r); len(files) != 3 {
					t.Errorf("there are the files %v, want those of %s", files, other)
				}
				// What is over stays what it is.
				shows(t, cancel(other).OK(), "status", "completed", "download_url", "http://parley.test/download/content/data/"+other)
				r.Clock.Pass(48 * time.Hour)
				r.RunJobs()
				if n := len(exportFiles(t, r)) + countRows(t, r, "data_exports"); n != 0 {
					t.Errorf("%d rows and files are left", n)
				}
			})
		}
		// Nothing to export, and then canceled.
		id := export(t, r, 0, 1)
		r.RunJobs()
		is(t, cancel(id), form, "<id>", id, "<status>", "no_data")
	})
}

func TestDataExportOneAtATime(t *testing.T) {
	const refused = "Exceeded rate limit of 1 pending message data export jobs"
	try := func(t *testing.T, r *apptest.Rig, call func(i int) *apptest.Answer) {
		t.Helper()
		won := ""
		for _, a := range together(12, call) {
			if a.Status == 200 && won == "" {
				won = a.At("job_identifier").(string)
				continue
			}
			a.Fails(429, "rate_limit_exceeded", refused)
		}
		if n := countRows(t, r, "data_exports"); won == "" || n != 1 {
			t.Fatalf("%q has won, and there are %d exports", won, n)
		}
		noError(t, exporter(r, func(put func() error) error { return put() }).
			ExportReceipts(t.Context(), r.Workspace.ID, content.DataExportID(won), 0))
		shows(t, r.Get(t, "/export/content/data/"+won).OK(), "status", "in_progress")
		r.Post(t, "/export/content/data", `{"created_at_after":0,"created_at_before":1}`).Fails(429, "rate_limit_exceeded", refused)
		r.RunJobs()
		shows(t, r.Get(t, "/export/content/data/"+won).OK(), "status", "completed")
		log := r.Get(t, "/admins/activity_logs?created_at_after=0").OK()
		if n := strings.Count(string(log.Body), "app_data_export"); n != 1 {
			t.Errorf("the log has %d exports", n)
		}
		export(t, r, 0, 1) // the next one
	}
	const body = `{"created_at_after":0,"created_at_before":"99999999999"}`
	t.Run("one server", func(t *testing.T) {
		apptest.OnEachWith(t, app.Options{ExportStep: 2}, func(t *testing.T, r *apptest.Rig) {
			export(t, r.Elsewhere(t), 0, 1) // another workspace's own
			five(t, r)
			try(t, r, func(int) *apptest.Answer { return r.Post(t, "/export/content/data", body) })
		})
	})
	t.Run("two servers", func(t *testing.T) {
		t.Parallel()
		url := means.Postgres(t)
		var servers []*apptest.Rig
		for range 2 {
			d, err := db.Open(context.Background(), db.Options{URL: url, Migrations: store.Migrations()})
			noError(t, err)
			t.Cleanup(func() { noError(t, d.Close()) })
			servers = append(servers, apptest.On(t, d))
		}
		r := servers[0]
		five(t, r)
		try(t, r, func(i int) *apptest.Answer {
			return servers[i%2].Post(t, "/export/content/data", body, apptest.As(r.Token))
		})
	})
}

// An export whose parts cannot be written fails, and does not stand in the way of
// others for ever.
func TestDataExportFails(t *testing.T) {
	apptest.OnEachWith(t, app.Options{ExportStep: 2}, func(t *testing.T, r *apptest.Rig) {
		sent := five(t, r)
		t.Run("by errors", func(t *testing.T) {
			noError(t, os.WriteFile(r.Folder, nil, 0o600)) // no folder can be there
			id := export(t, r, 0, 1<<40)
			attempts := 0
			for r.Get(t, "/export/content/data/"+id).OK().At("status") != "failed" {
				if attempts == content.MaxExportAttempts {
					t.Fatalf("it goes on after %d attempts", attempts)
				}
				attempts += r.RunJobs()
				r.Clock.Pass(time.Hour)
			}
			if attempts != content.MaxExportAttempts+1 { // the last makes another job, which drops the files
				t.Errorf("it failed after %d attempts", attempts-1)
			}
			is(t, r.Get(t, "/export/content/data/"+id), `{"job_identifier":"<id>","status":"failed","download_url":"","download_expires_at":""}`, "<id>", id)
			r.Get(t, "/download/content/data/"+id, octets).Fails(404, "not_found", "Export job "+id+" has nothing to download: its status is failed")
			noError(t, os.Remove(r.Folder))
			if diff := cmp.Diff(sent, receipts(t, exported(t, r, 0, 1<<40))); diff != "" {
				t.Errorf("the receipts of the next (-want +got):\n%s", diff)
			}
		})
		t.Run("by crashes", func(t *testing.T) {
			id := content.DataExportID(export(t, r, 0, 1<<40))
			fatal := exporter(r, func(put func() error) error {
				noError(t, put())
				panic("the end of the process")
			})
			for range content.MaxExportAttempts {
				func() {
					defer func() { _ = recover() }()
					noError(t, fatal.ExportReceipts(t.Context(), r.Workspace.ID, id, 0))
				}()
				shows(t, r.Get(t, "/export/content/data/"+string(id)).OK(), "status", "in_progress")
			}
			noError(t, fatal.ExportReceipts(t.Context(), r.Workspace.ID, id, 0))
			shows(t, r.Get(t, "/export/content/data/"+string(id)).OK(), "status", "failed")
			r.RunJobs()
			if files, _ := filepath.Glob(filepath.Join(r.Folder, "*", "exports", string(id)+".*")); len(files) > 0 {
				t.Errorf("the files %v are left", files)
			}
		})
	})
}

// A workspace that is deleted takes its exports with it, be they at work.
func TestDataExportOfADeletedWorkspace(t *testing.T) {
	apptest.OnEachWith(t, app.Options{ExportStep: 2}, func(t *testing.T, r *apptest.Rig) {
		other := r.Elsewhere(t)
		sent := five(t, other)
		kept := export(t, other, 0, 1<<40)
		five(t, r)
		id := content.DataExportID(export(t, r, 0, 1<<40))
		noError(t, exporter(r, func(put func() error) error {
			noError(t, r.App.Sandbox.Delete(t.Context(), r.Workspace.ID))
			return put()
		}).ExportReceipts(t.Context(), r.Workspace.ID, id, 0))
		if n := countRows(t, r, "data_exports") + len(exportFiles(t, r)); n != 0 {
			t.Errorf("%d rows and files are left", n)
		}
		r.RunJobs()
		noError(t, r.Content.ExportReceipts(t.Context(), r.Workspace.ID, id, 0))
		noError(t, r.Content.SweepDataExport(t.Context(), r.Workspace.ID, id, 0))
		other.RunJobs()
		if diff := cmp.Diff(sent, receipts(t, exportText(t, other, kept))); diff != "" {
			t.Errorf("the other workspace's receipts (-want +got):\n%s", diff)
		}
	})
}

// A file in very many parts is dropped in several goes.
func TestDataExportOfManyParts(t *testing.T) {
	apptest.OnEachWith(t, app.Options{ExportStep: 1}, func(t *testing.T, r *apptest.Rig) {
		joe := r.Post(t, "/contacts", `{"email":"joe@bloggs.test"}`).OK().ID()
		id := send(t, r, joe, "Hello")
		copyMessage(t, r, id, 449)
		text := exported(t, r, 0, 1<<40)
		if n := len(receipts(t, text)); n != 450 || len(exportFiles(t, r)) != 451 {
			t.Fatalf("%d receipts are in %d files", n, len(exportFiles(t, r)))
		}
		r.Clock.Pass(48 * time.Hour)
		if n := r.RunJobs(); n != 3 {
			t.Errorf("the files were dropped in %d goes, want 3", n)
		}
		if n := len(exportFiles(t, r)) + countRows(t, r, "data_exports"); n != 0 {
			t.Errorf("%d rows and files are left", n)
		}
	})
}

// copyMessage has a message be sent n times more, in the same second.
func copyMessage(t testing.TB, r *apptest.Rig, id string, n int) {
	t.Helper()
	execute(t, r, `WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < $3)
		INSERT INTO messages (workspace_id, id, type, subject, body, template, admin_id, contact_id, created_at, sent)
		SELECT m.workspace_id, m.id + many.n, m.type, m.subject, m.body, m.template, m.admin_id, m.contact_id, m.created_at, m.sent
		FROM messages m, many WHERE m.workspace_id = $1 AND m.id = $2`, model.Decimal[model.MessageID](id), n)
}

// A part takes as many statements as it takes, whatever is in it, and reads no
// more than that.
func TestDataExportStatements(t *testing.T) {
	onEachTraced(t, func(t *testing.T, r *apptest.Rig, tr *apptest.Trace) {
		part := func(receipts int) []apptest.Statement {
			id := content.DataExportID(export(t, r, 0, 1<<40))
			s := tr.Of(func() { noError(t, r.Content.ExportReceipts(t.Context(), r.Workspace.ID, id, 0)) })
			if got := strings.Count(exportText(t, r, string(id)), "\n") - 1; got != receipts {
				t.Errorf("the export has %d receipts, want %d", got, receipts)
			}
			return s
		}
		meet := func(i int) {
			contact := r.Post(t, "/contacts", object{"external_id": fmt.Sprint(i)}).OK().ID()
			company := r.Post(t, "/companies", object{"company_id": fmt.Sprint(i)}).OK().ID()
			r.Post(t, "/contacts/"+contact+"/companies", object{"id": company}).OK()
			send(t, r, contact, "Hello")
		}
		meet(0)
		few := part(1)
		for i := range 40 {
			meet(1 + i)
		}
		many := part(41)
		if len(few) != len(many) || len(few) > 10 {
			t.Errorf("a part takes %d statements of little and %d of much, want the same, and 10 at most:\n%s", len(few), len(many), texts(many))
		}
		holdPlans(t, r, many)
		if r.Database.Dialect().Name() != "sqlite" {
			return
		}
		for _, s := range many {
			text := strings.Join(s.Plan(t, r.Database), "\n")
			if strings.Contains(s.Text, "FROM messages m") && (!strings.Contains(text, "INDEX messages_by_time (workspace_id=? AND (created_at,id)>(?,?)") ||
				strings.Contains(text, "TEMP B-TREE")) {
				t.Errorf("receipts are not read in their order:\n%s", text)
			}
		}
	})
}
