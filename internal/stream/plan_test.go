package stream_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/store"
)

// TestPlansOfStreams asks SQLite how it reads for streams: along an index to what is
// wanted, and in its order.
func TestPlansOfStreams(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[string][]any{}
	d, err := db.Open(t.Context(), db.Options{Path: filepath.Join(t.TempDir(), "parley.db"), Migrations: store.Migrations(),
		Trace: func(statement string, args []any) {
			mu.Lock()
			defer mu.Unlock()
			asked[statement] = args
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	s := newScene(t, apptest.On(t, d))
	mu.Lock()
	clear(asked) // none of the rules is of interest but those of streams
	mu.Unlock()
	s.Listen(t, "?after=0-0").Next("conversation.user.created")
	mu.Lock()
	statements := asked
	asked = map[string][]any{}
	mu.Unlock()
	plans := 0
	for statement, args := range statements {
		if !strings.Contains(statement, "events") && !strings.Contains(statement, "conversation_contacts") {
			continue
		}
		plans++
		err := d.View(t.Context(), func(tx *db.Tx) error {
			rows, err := tx.Query("EXPLAIN QUERY PLAN "+statement, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id, parent, unused sql.NullInt64
				var detail string
				if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
					return err
				}
				if strings.Contains(detail, "TEMP B-TREE") || strings.HasPrefix(detail, "SCAN") && !strings.Contains(detail, "json_each") {
					t.Errorf("%s\nis answered by %s", statement, detail)
				}
			}
			return rows.Err()
		})
		if err != nil {
			t.Error(err)
		}
	}
	if plans < 4 {
		t.Errorf("%d statements were asked, want those of the position, the newest event, a page and who may see it", plans)
	}
}
