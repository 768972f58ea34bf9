package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/db"
	"parley/internal/store"
)

// manyMessages make an export of a dozen parts.
const manyMessages = 60_000

// TestKillAmongParts kills the server in the middle of an export. The next start
// goes on where it was, and the file has each receipt once.
func TestKillAmongParts(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data, "--log-level", "error")
	var contact struct{ ID string }
	if err := json.Unmarshal([]byte(s.ask("POST", "/contacts", s.token, `{"email":"joe@bloggs.test"}`)), &contact); err != nil {
		t.Fatal(err)
	}
	s.ask("POST", "/messages", s.token, fmt.Sprintf(`{"to":{"id":%q},"message_type":"inapp","body":"Hello"}`, contact.ID))
	s.stop()
	inDatabase(t, data, `WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < $1)
		INSERT INTO messages (workspace_id, id, type, subject, body, template, admin_id, contact_id, created_at, sent)
		SELECT m.workspace_id, m.id + many.n, m.type, m.subject, m.body, m.template, m.admin_id, m.contact_id, m.created_at - many.n / 10, m.sent
		FROM messages m, many`, manyMessages-1)

	token := s.token
	s = start(t, nil, "--data", data, "--log-level", "error")
	var export struct {
		ID     string `json:"job_identifier"`
		Status string
	}
	if err := json.Unmarshal([]byte(s.ask("POST", "/export/content/data", token, `{"created_at_after":0,"created_at_before":99999999999}`)), &export); err != nil {
		t.Fatal(err)
	}
	wait := func(status string) {
		t.Helper()
		for deadline := time.Now().Add(patience); export.Status != status; time.Sleep(5 * time.Millisecond) {
			if export.Status == "failed" || time.Now().After(deadline) {
				t.Fatalf("the export is %s, want %s", export.Status, status)
			}
			s.token = token
			s.read(t, "/export/content/data/"+export.ID, &export)
		}
	}
	wait("in_progress")
	s.signal(syscall.SIGKILL)
	s.wait()
	// The lease of the part that was cut off, of a minute, is over.
	inDatabase(t, data, `UPDATE jobs SET leased_until = $1 WHERE leased_until IS NOT NULL`, time.Now().Unix())

	s = start(t, nil, "--data", data, "--log-level", "error")
	s.token = token
	export.Status = ""
	s.read(t, "/export/content/data/"+export.ID, &export)
	if export.Status != "in_progress" {
		t.Fatalf("the export was %s when the server was killed", export.Status)
	}
	wait("completed")
	r, err := http.NewRequest("GET", s.url+"/download/content/data/"+export.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/octet-stream")
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := gzip.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != manyMessages+1 {
		t.Errorf("the file has %d receipts, want %d", len(rows)-1, manyMessages)
	}
	seen := make(map[string]bool, len(rows))
	var last int64
	for _, row := range rows[1:] {
		at, err := strconv.ParseInt(row[11], 10, 64)
		if err != nil || at < last || seen[row[10]] {
			t.Fatalf("the receipt %v comes after %d, or twice (%v)", row, last, err)
		}
		seen[row[10]], last = true, at
	}
}

// inDatabase runs a statement on the embedded database of a server that is down.
func inDatabase(t *testing.T, data, statement string, args ...any) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Path: filepath.Join(data, app.DatabaseFile), Migrations: store.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
