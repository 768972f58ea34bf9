package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/db"
)

// BenchmarkDataExport exports messages and downloads the file, and measures by how
// much the process grows meanwhile. PARLEY_BENCH_MESSAGES is how many messages.
func BenchmarkDataExport(b *testing.B) {
	n := 10_000
	if s := os.Getenv("PARLEY_BENCH_MESSAGES"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		noError(b, err)
	}
	onEachDatabase(b, func(b *testing.B, r *apptest.Rig) {
		r = r.Elsewhere(b).Unjudged()
		sendMany(b, r, n)
		r.Clock.Pass(100 * 24 * time.Hour) // until all are sent
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var grown, size, writing, reading float64
			for b.Loop() {
				debug.FreeOSMemory()
				before := memory(b, "VmRSS")
				_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // the peak begins anew, where there is such a file
				began := time.Now()
				id := export(b, r, 0, 1<<40)
				r.RunJobs()
				written := time.Now()
				w := &sink{header: http.Header{}}
				hr := httptest.NewRequest(http.MethodGet, "http://parley.test/download/content/data/"+id, nil)
				hr.Header.Set("Authorization", "Bearer "+r.Token)
				r.Handler().ServeHTTP(w, hr)
				if w.status != http.StatusOK || w.bytes < n || w.header.Get("Content-Length") != fmt.Sprint(w.bytes) {
					b.Fatalf("the download answers %d and %d bytes", w.status, w.bytes)
				}
				writing, reading = written.Sub(began).Seconds(), time.Since(written).Seconds()
				grown, size = max(grown, memory(b, "VmHWM")-before), float64(w.bytes)/1e6
			}
			b.ReportMetric(float64(n)/writing, "receipts/s")
			b.ReportMetric(writing, "s/export")
			b.ReportMetric(reading, "s/download")
			b.ReportMetric(size, "MB/file")
			b.ReportMetric(grown, "MB-grown")
		})
	})
}

// A sink takes an answer and keeps its length.
type sink struct {
	header http.Header
	status int
	bytes  int
}

func (s *sink) Header() http.Header    { return s.header }
func (s *sink) WriteHeader(status int) { s.status = status }
func (s *sink) Write(p []byte) (int, error) {
	s.bytes += len(p)
	return len(p), nil
}

// memory is a figure of the process in MB, by its name on Linux; elsewhere 0.
func memory(b *testing.B, name string) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	found := regexp.MustCompile(name + `:\s+(\d+) kB`).FindSubmatch(status)
	kb, err := strconv.Atoi(string(found[1]))
	noError(b, err)
	return float64(kb) / 1000
}

// sendMany has n messages be sent to a hundred contacts, of whom each belongs to a
// company. All but the first hundred are copies, each some seconds later.
func sendMany(b *testing.B, r *apptest.Rig, n int) {
	b.Helper()
	const people = 100
	for i := range people {
		contact := r.Post(b, "/contacts", object{"external_id": fmt.Sprint("p-", i), "email": fmt.Sprintf("p%d@acme.test", i), "name": fmt.Sprint("Person ", i)}).OK().ID()
		company := r.Post(b, "/companies", object{"company_id": fmt.Sprint(i)}).OK().ID()
		r.Post(b, "/contacts/"+contact+"/companies", object{"id": company}).OK()
		body := object{"to": object{"id": contact}, "message_type": "inapp", "body": fmt.Sprintf(
			"<p>Hello Person %d,</p><p>there is something new in your account since yesterday, and we would like to show it to you.</p>", i)}
		if i%2 == 0 {
			body["message_type"], body["subject"] = "email", fmt.Sprintf("Something new for Person %d", i)
		}
		r.Post(b, "/messages", body).OK()
	}
	const times = 500 // in one statement, which PostgreSQL gives half a minute
	for from := 1; from < n/people; from += times {
		execute(b, r, `WITH RECURSIVE many (n) AS (SELECT CAST($3 AS BIGINT) UNION ALL SELECT n + 1 FROM many WHERE n < $4)
			INSERT INTO messages (workspace_id, id, type, subject, body, template, admin_id, contact_id, created_at, sent, first_open_at)
			SELECT m.workspace_id, m.id + many.n * $2, m.type, m.subject, m.body, m.template, m.admin_id, m.contact_id,
				m.created_at + many.n * 7, m.sent, CASE WHEN m.id % 3 = 0 THEN m.created_at + many.n * 8 END
			FROM messages m, many WHERE m.workspace_id = $1 AND m.id <= $2`, people, from, min(from+times, n/people)-1)
	}
	if r.Database.Dialect().Name() == "postgres" {
		noError(b, r.Database.Update(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(`ANALYZE`); return err }))
	}
}
