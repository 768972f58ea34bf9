package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // copies the file, to compare

	"parley/internal/app"
	"parley/internal/backup"
	"parley/internal/db"
	"parley/internal/means"
)

// BenchmarkBackup writes an archive of many rows and restores it, and measures what that takes, and what somebody waits
// who writes meanwhile. PARLEY_BENCH_ROWS is how many rows.
func BenchmarkBackup(b *testing.B) {
	n := 20_000
	if s := os.Getenv("PARLEY_BENCH_ROWS"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	o := app.Options{Data: b.TempDir(), Clock: time.Now, Logger: slog.New(slog.DiscardHandler), Version: "bench"}
	archive := filepath.Join(b.TempDir(), "archive")
	fill(b, o, n)
	b.Run("sqlite", func(b *testing.B) { benchBackup(b, o, archive) })
	b.Run("sqlite/vacuum", func(b *testing.B) {
		benchBeside(b, o, func() {
			d, err := sql.Open("sqlite", filepath.Join(o.Data, app.DatabaseFile))
			noError(b, err)
			defer d.Close()
			_, err = d.Exec("VACUUM INTO '" + filepath.Join(b.TempDir(), "copy") + "'")
			noError(b, err)
		})
	})
	b.Run("sqlite/restore", func(b *testing.B) {
		to := o
		to.Data = b.TempDir()
		benchRestore(b, to, archive)
	})
	b.Run("postgres/restore and backup", func(b *testing.B) {
		to := o
		to.Database, to.Files = means.Postgres(b), b.TempDir()
		benchRestore(b, to, archive)
		benchBackup(b, to, archive+".postgres")
	})
}

func noError(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// fill makes a workspace with so many rows: two fifths are contacts, the others their events.
func fill(b *testing.B, o app.Options, n int) {
	a, err := app.Open(context.Background(), o)
	noError(b, err)
	_, err = a.CreateWorkspace(context.Background(), workspace, app.Owner())
	noError(b, err)
	noError(b, a.Close())
	d, err := app.OpenDatabase(context.Background(), o)
	noError(b, err)
	defer d.Close()
	const count = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) `
	noError(b, d.Update(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(count+`INSERT INTO contacts (workspace_id, id, role, external_id, external_id_fold, email, email_fold, email_domain, name, name_fold,
				unsubscribed_from_emails, marked_email_as_spam, has_hard_bounced, created_at, updated_at, session_count, profile, attributes, searchable)
			SELECT $2, substr('6597000000000000', 1, 16) || CAST(10000000 + i AS TEXT), 'user', 'user-' || CAST(i AS TEXT), 'user-' || CAST(i AS TEXT),
				'somebody' || CAST(i AS TEXT) || '@customer.example', 'somebody' || CAST(i AS TEXT) || '@customer.example', 'customer.example',
				'Somebody ' || CAST(i AS TEXT), 'somebody ' || CAST(i AS TEXT), FALSE, FALSE, FALSE, 1700000000 + i, 1700000000 + i, 3,
				'{"browser": "firefox", "os": "Linux", "language_override": null}', '{"plan": "pro", "seats": 12}', '{"custom_attributes.plan": "pro"}'
			FROM n`, n*2/5, string(workspace.ID))
		if err != nil {
			return err
		}
		_, err = tx.Exec(count+`INSERT INTO data_events (workspace_id, contact_id, created_at, name, id, metadata)
			SELECT $2, substr('6597000000000000', 1, 16) || CAST(10000001 + i % $3 AS TEXT), 1700000000 + i, 'invited-friend', 'event-' || CAST(i AS TEXT),
				'[["price", 12], ["order", "a-' || CAST(i AS TEXT) || '"]]' FROM n`, n-n*2/5, string(workspace.ID), n*2/5)
		return err
	}))
}

func benchBackup(b *testing.B, o app.Options, archive string) {
	var m *backup.Manifest
	benchBeside(b, o, func() {
		file, err := os.Create(archive)
		noError(b, err)
		defer file.Close()
		m, err = app.Backup(context.Background(), o, true, file)
		noError(b, err)
	})
	info, err := os.Stat(archive)
	noError(b, err)
	b.ReportMetric(float64(info.Size())/1e6, "MB/archive")
	b.ReportMetric(float64(m.Rows()), "rows")
}

// benchBeside does something while one writer writes as fast as it can, and measures both.
func benchBeside(b *testing.B, o app.Options, do func()) {
	d, err := app.OpenDatabase(context.Background(), o)
	noError(b, err)
	defer d.Close()
	quiet := waits(b, d, func() { time.Sleep(2 * time.Second) })
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the peak begins anew
	before, began := memory(b, "VmRSS"), time.Now()
	busy := waits(b, d, do)
	b.ReportMetric(time.Since(began).Seconds(), "s")
	b.ReportMetric(memory(b, "VmHWM")-before, "MB-grown")
	b.ReportMetric(float64(d.Stats().LogBytes)/1e6, "MB-log")
	for name, all := range map[string][]time.Duration{"alone": quiet, "meanwhile": busy} {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "ms-write-"+name)
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "ms-99th-"+name)
	}
}

// waits writes until fn is done, and returns how long each write took.
func waits(b *testing.B, d *db.DB, fn func()) []time.Duration {
	done, all := make(chan struct{}), make(chan []time.Duration)
	go func() {
		var took []time.Duration
		for i := 0; ; i++ {
			select {
			case <-done:
				all <- took
				return
			default:
			}
			began := time.Now()
			err := d.Update(context.Background(), func(tx *db.Tx) error {
				// SQLite writes nothing where nothing changes.
				_, err := tx.Exec(`UPDATE contacts SET session_count = $2 WHERE workspace_id = $1 AND external_id = $3`,
					string(workspace.ID), began.UnixNano(), fmt.Sprint("user-", i%5000+1))
				return err
			})
			if err != nil {
				b.Error(err)
			}
			took = append(took, time.Since(began))
		}
	}()
	fn()
	close(done)
	return <-all
}

func benchRestore(b *testing.B, o app.Options, archive string) {
	file, err := os.Open(archive)
	noError(b, err)
	defer file.Close()
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	before, began := memory(b, "VmRSS"), time.Now()
	_, _, err = app.Restore(context.Background(), o, true, io.Reader(file))
	noError(b, err)
	b.ReportMetric(time.Since(began).Seconds(), "s-restore")
	b.ReportMetric(memory(b, "VmHWM")-before, "MB-grown-restore")
}

// memory reads a number of megabytes that the system knows of this process.
func memory(b *testing.B, name string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	noError(b, err)
	_, rest, _ := strings.Cut(string(text), name+":")
	var kB float64
	if _, err := fmt.Sscan(rest, &kB); err != nil {
		b.Skip("the system does not tell " + name)
	}
	return kB / 1000
}
