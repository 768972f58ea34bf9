package apptest

import (
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/internal/app"
	"parley/internal/db"
	"parley/internal/store"
)

// A Trace is what was asked of a database.
type Trace struct {
	forget     func() // what the server has at hand
	mu         sync.Mutex
	statements []Statement
}

// A Statement is one of what was asked.
type Statement struct {
	Text string
	Args []any
}

// String is the statement in one line.
func (s Statement) String() string { return strings.Join(strings.Fields(s.Text), " ") }

// Traced makes a rig on a database of its own that tells its statements.
func Traced(t testing.TB, d db.Options, o app.Options) (*Rig, *Trace) {
	t.Helper()
	tr := &Trace{}
	d.Migrations = store.Migrations()
	d.Trace = func(text string, args []any) {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.statements = append(tr.statements, Statement{text, args})
	}
	opened, err := db.Open(t.Context(), d)
	must(t, err)
	t.Cleanup(func() { must(t, opened.Close()) })
	r := newRig(t, opened, o)
	tr.forget = r.App.ForgetKept
	return r, tr
}

// Of are the statements of a call, without those of who asks: whether they are, and contacts and conversations are at hand, depends on what else
// is written to a server of PostgreSQL.
func (tr *Trace) Of(call func()) []Statement {
	tr.forget()
	tr.mu.Lock()
	tr.statements = nil
	tr.mu.Unlock()
	call()
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.DeleteFunc(tr.statements, func(s Statement) bool { return strings.Contains(s.Text, "FROM access_tokens t JOIN workspaces") })
}

// Plan asks SQLite how it runs a statement.
func (s Statement) Plan(t testing.TB, d *db.DB) (plan []string) {
	t.Helper()
	must(t, d.View(t.Context(), func(tx *db.Tx) error {
		rows, err := tx.Query("EXPLAIN QUERY PLAN "+s.Text, s.Args...)
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
			plan = append(plan, detail)
		}
		return rows.Err()
	}))
	return plan
}

// small are the tables that hold little of a workspace, and the index of words
// where it is asked for words (M) and not read row by row, as that of parts of texts, and what waits to be put into that.
var small = regexp.MustCompile(`^(SCAN|SEARCH) (json_each|CONSTANT ROW|\d+-ROW VALUES CLAUSE|words|admins|workspaces|assignment_rules|walk|waiting|(article_search|kept_contact_parts) VIRTUAL TABLE INDEX 0:[<>=]*M\d[<>=]*)\b`)

// Faults are what is wrong with a plan: it reads what the statement is not about. What it has made before, it may read.
func Faults(plan []string) []string {
	var faults []string
	made := map[string]bool{}
	for _, line := range plan {
		for _, how := range []string{"CO-ROUTINE ", "MATERIALIZE "} {
			if name, ok := strings.CutPrefix(line, how); ok {
				made["SCAN "+name] = true
			}
		}
	}
	sorts := strings.Contains(strings.Join(plan, "\n"), "USE TEMP B-TREE FOR ORDER BY")
	for _, line := range plan {
		switch {
		case small.MatchString(line), made[line]:
		case strings.HasPrefix(line, "SCAN "):
			faults = append(faults, "a whole table is read: "+line)
		case strings.HasPrefix(line, "SEARCH ") && strings.HasSuffix(line, "(workspace_id=?)") && sorts:
			faults = append(faults, "a whole workspace is sorted: "+line)
		}
	}
	return faults
}
