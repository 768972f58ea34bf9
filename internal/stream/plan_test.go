package stream_test

import (
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
)

// TestPlansOfStreams asks SQLite how it reads for streams: along an index to what is
// wanted, and in its order.
func TestPlansOfStreams(t *testing.T) {
	t.Parallel()
	r, tr := apptest.Traced(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")}, app.Options{})
	s := newScene(t, r)
	plans := map[string]bool{}
	for _, asked := range tr.Of(func() { s.Listen(t, "?after=0-0").Next("conversation.user.created") }) {
		if !strings.Contains(asked.Text, "events") && !strings.Contains(asked.Text, "conversation_contacts") {
			continue
		}
		plans[asked.Text] = true
		for _, line := range asked.Plan(t, r.Database) {
			if strings.Contains(line, "TEMP B-TREE") || strings.HasPrefix(line, "SCAN") && !strings.Contains(line, "json_each") {
				t.Errorf("%s\nis answered by %s", asked, line)
			}
		}
	}
	if len(plans) < 4 {
		t.Errorf("%d statements were asked, want those of the position, the newest event, a page and who may see it", len(plans))
	}
}
