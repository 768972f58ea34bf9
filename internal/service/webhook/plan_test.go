package webhook_test

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/db"
)

// TestPlansOfWebhooks asks SQLite how it finds deliveries: along the index that has
// those alone that are wanted, however many there are of others, and in its order.
func TestPlansOfWebhooks(t *testing.T) {
	t.Parallel()
	r, tr := apptest.Traced(t, db.Options{Path: filepath.Join(t.TempDir(), "parley.db")}, loopback)
	to := newReceiver(t)
	bad := contact(t, r, "bad@x.test")
	to.fails(bad)
	path := subscribe(t, r, to, "*")
	rename := func(name string) { r.Put(t, "/contacts/"+bad, object{"name": name}).OK() }
	log := func(query string) func() {
		return func() { r.Get(t, path+"/deliveries?per_page=2&before=1000"+query).OK() }
	}
	const (
		pending  = "USING INDEX deliveries_pending (workspace_id=? AND subscription_id=?)"
		tried    = "USING INDEX deliveries_tried (workspace_id=? AND subscription_id=?"
		failed   = "USING INDEX deliveries_failed (workspace_id=? AND subscription_id=? AND state=?"
		blocked  = "INDEX deliveries_blocked (workspace_id=? AND subscription_id=? AND object=?)"
		retrying = "USING INDEX deliveries_retrying (workspace_id=? AND subscription_id=? AND due_at<?)"
		byNumber = "deliveries USING INTEGER PRIMARY KEY (rowid=?)"
		attempts = "delivery_attempts USING INDEX sqlite_autoindex_delivery_attempts_1 (workspace_id=? AND delivery=?)"
	)
	for _, c := range []struct {
		name  string
		call  func()
		plans []string
	}{
		{"a failure", func() { rename("1"); rename("2"); r.RunJobs() }, []string{pending, retrying, byNumber,
			"d USING COVERING INDEX deliveries_pending (workspace_id=? AND subscription_id=?)",
			"d USING COVERING INDEX deliveries_retrying (workspace_id=? AND subscription_id=?)"}},
		{"behind it", func() { rename("3"); r.RunJobs() }, []string{pending, blocked}},
		{"more than a pump holds", func() {
			other := contact(t, r, "other@x.test")
			to.fails(bad, other)
			for i := range 20 {
				r.Put(t, "/contacts/"+other, object{"name": fmt.Sprint(i)}).OK()
			}
			r.RunJobs()
		}, []string{byNumber}},
		{"it arrives", func() { to.fails(); r.Clock.Pass(time.Minute); r.RunJobs() }, []string{retrying, blocked, "deliveries USING " + blocked}},
		{"log", log(""), []string{"USING INDEX deliveries_pending (workspace_id=? AND subscription_id=? AND number<?)",
			"USING INDEX deliveries_tried (workspace_id=? AND subscription_id=? AND number<?)"}},
		{"log of what is held", log("&state=held"), []string{failed + " AND number<?)"}},
		{"log of what was dropped", log("&state=dropped"), []string{failed + " AND number<?)"}},
		{"log of what has arrived", log("&state=delivered"), []string{tried + " AND number<?)"}},
		{"one", func() { r.Get(t, "/_parley/deliveries/1").OK() }, []string{byNumber, attempts}},
		{"replay", func() { r.Post(t, path+"/replay", object{"from": "2"}).OK() }, []string{tried + " AND number>?)"}},
		{"replay of failures", func() { r.Post(t, path+"/replay", object{"state": "dropped"}).OK() }, []string{failed + " AND number>?)"}},
		{"sweep", func() {
			r.Clock.Pass(40 * 24 * time.Hour)
			must(t, r.Webhooks.SweepWorkspace(context.Background(), r.Workspace.ID))
		}, []string{tried + ")", tried + " AND number>?)", byNumber,
			strings.Replace(attempts, "USING", "USING COVERING", 1)}},
		{"removal", func() {
			r.Delete(t, path, nil).OK()
			must(t, r.Webhooks.SweepWorkspace(context.Background(), r.Workspace.ID))
		}, []string{pending, tried + ")", byNumber}},
	} {
		found := ""
		for _, s := range tr.Of(c.call) {
			if !strings.Contains(s.Text, "deliver") {
				continue
			}
			plan := strings.Join(s.Plan(t, r.Database), "\n")
			found += plan + "\n"
			for line := range strings.SplitSeq(plan, "\n") {
				scans := strings.HasPrefix(line, "SCAN ") && !few.MatchString(line)
				whole := strings.Contains(line, " deliver") && strings.HasSuffix(line, "(workspace_id=?)")
				sorts := strings.Contains(line, "TEMP B-TREE") && !strings.Contains(s.Text, "AS newest")
				if scans || whole || sorts {
					t.Errorf("%s: %s\nis answered by %s", c.name, s, plan)
				}
			}
		}
		for _, want := range c.plans {
			if !strings.Contains(found, want) {
				t.Errorf("%s is not found by %s, but by\n%s", c.name, want, found)
			}
		}
	}
}

// few are scans of little: of what a statement was given, of the webhooks, and of what
// a page or less was found before.
var few = regexp.MustCompile(`^SCAN (json_each|CONSTANT ROW|\d+-ROW VALUES CLAUSE|w|newest\d?|behind\d+|oldest)\b`)
