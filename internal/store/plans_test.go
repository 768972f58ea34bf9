package store_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/store"
)

//go:embed testdata/plans.sql
var planRows string

// planContacts is how many contacts the largest workspace of TestPostgresPlans has,
// unless PARLEY_TEST_PLAN_ROWS says otherwise.
const planContacts = 20_000

// A planCase is a list or a search. Where it reads more rows than it is about, or sorts
// them, known says why no index helps.
type planCase struct {
	name, call, known string
}

// TestPostgresPlans reads the plan of every statement of every list and search, with the
// values and without, in a large workspace beside others: nothing reads a table
// through, sorts a workspace, or throws away most of what it reads, where an index
// could serve.
func TestPostgresPlans(t *testing.T) {
	t.Parallel()
	rows := planContacts
	if text := os.Getenv("PARLEY_TEST_PLAN_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	url := means.Postgres(t)
	told := &statements{}
	d, err := db.Open(t.Context(), db.Options{URL: url, Migrations: store.Migrations(), Trace: told.tell})
	must(t, err)
	t.Cleanup(func() { d.Close() })
	r := apptest.On(t, d)
	fill(t, d, string(r.Workspace.ID), rows)
	p := &planReader{Rig: r, told: told, rows: rows, sizes: sizes(t, d)}
	for _, c := range planCases {
		t.Run(c.name, func(t *testing.T) { p.hold(t, c) })
	}
	// A workspace that was just imported, of which the statistics know nothing: what is joined must not be joined with all of it.
	t.Run("just written", func(t *testing.T) {
		fresh := *p
		fresh.Rig = r.Elsewhere(t)
		write(t, d, string(fresh.Workspace.ID), rows/4)
		fresh.spare = float64(rows) / 2 // all of it twice, but not all with all
		for _, c := range planCases {
			if strings.Contains(c.name, "tag") || strings.Contains(c.name, "compan") || strings.Contains(c.name, "author") {
				t.Run(c.name, func(t *testing.T) { fresh.hold(t, c) })
			}
		}
	})
}

// A planReader holds the plans of a rig's statements to the law.
type planReader struct {
	*apptest.Rig
	told  *statements
	rows  int
	spare float64            // rows that may be read in vain, or sorted
	sizes map[string]float64 // rows by table
}

// hold makes a call and reads the plans of what it asked.
func (p *planReader) hold(t *testing.T, c planCase) {
	t.Helper()
	p.told.forget()
	method, target, _ := strings.Cut(c.call, " ")
	target, body, _ := strings.Cut(target, " ")
	answer := p.Do(t, method, target, body).OK()
	if strings.Contains(c.name, ", the next page") {
		if strings.Contains(c.call, "/search") {
			p.told.forget()
			after := answer.At("pages.next.starting_after")
			body = strings.Replace(body, `"per_page":20`, fmt.Sprintf(`"per_page":20,"starting_after":%q`, after), 1)
			p.Do(t, method, target, body).OK()
		}
	}
	for _, s := range p.told.all() {
		if strings.HasPrefix(s.text, "INSERT") || strings.HasPrefix(s.text, "SELECT pg_") || strings.HasPrefix(s.text, "SET") {
			continue
		}
		modes := []string{"force_custom_plan", "force_generic_plan"}
		if strings.HasPrefix(s.text, db.ByValues) {
			modes = modes[:1] // it is planned for nothing else
		}
		for _, mode := range modes {
			root := explain(t, p.Database, s, mode)
			for _, f := range p.faults(root) {
				if c.known == "" {
					t.Errorf("%s\nby %s\nof %s\n%s", f, mode, s.text, root.text(0))
				}
			}
		}
	}
}

// A node is a step of a plan, as EXPLAIN tells it.
type node struct {
	Type      string  `json:"Node Type"`
	Relation  string  `json:"Relation Name"`
	Index     string  `json:"Index Name"`
	Cond      string  `json:"Index Cond"`
	Filter    string  `json:"Filter"`
	Join      string  `json:"Join Filter"`
	Rows      float64 `json:"Actual Rows"`
	Loops     float64 `json:"Actual Loops"`
	Removed   float64 `json:"Rows Removed by Filter"`
	Joined    float64 `json:"Rows Removed by Join Filter"`
	Rechecked float64 `json:"Rows Removed by Index Recheck"`
	Guess     float64 `json:"Plan Rows"`
	Plans     []*node `json:"Plans"`
}

// text is the plan, a line for each step.
func (n *node) text(depth int) string {
	line := fmt.Sprintf("%s%s %s %s rows %.0f guessed %.0f loops %.0f removed %.0f+%.0f %s filter %s %s\n", strings.Repeat("  ", depth+1), n.Type, n.Relation, n.Index,
		n.Rows, n.Guess, n.Loops, n.Removed+n.Joined, n.Rechecked, n.Cond, n.Filter, n.Join)
	for _, inner := range n.Plans {
		line += inner.text(depth + 1)
	}
	return line
}

// small is how many rows are few, whatever is done with them.
const small = 4_000

// faults are what is wrong with a plan.
func (p *planReader) faults(n *node) (found []string) {
	loops := max(n.Loops, 1)
	passed := n.Rows * loops
	removed := (n.Removed + n.Joined + n.Rechecked) * loops
	few := max(small, float64(p.rows)/50, p.spare)
	switch {
	case n.Type == "Seq Scan" && p.sizes[n.Relation] >= small/2:
		found = append(found, "a table is read through: "+n.Relation)
	case n.Relation != "" && p.sizes[n.Relation] < small/2: // whatever is done with it
	case strings.HasSuffix(n.Type, "Sort") && n.Plans[0].Rows*max(n.Plans[0].Loops, 1) >= few:
		found = append(found, fmt.Sprintf("%.0f rows are sorted", n.Plans[0].Rows))
	case removed >= few && removed > 4*passed:
		found = append(found, fmt.Sprintf("%.0f rows of %s%s are read and thrown away, %.0f kept", removed, n.Relation, n.Type, passed))
	}
	for _, inner := range n.Plans {
		found = append(found, p.faults(inner)...)
	}
	return found
}

var errDone = errors.New("done")

// explain runs a statement and returns how PostgreSQL did. What it changed is undone.
func explain(t *testing.T, d *db.DB, s statement, mode string) *node {
	t.Helper()
	var plans []struct{ Plan *node }
	err := d.Update(t.Context(), func(tx *db.Tx) error {
		call := "plan_of"
		if len(s.args) > 0 {
			values := make([]string, len(s.args))
			for i, v := range s.args {
				values[i] = literal(v)
			}
			call += "(" + strings.Join(values, ", ") + ")"
		}
		for _, text := range []string{"SET LOCAL plan_cache_mode = " + mode, "PREPARE plan_of AS " + s.text} {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		var text string
		if err := tx.QueryRow("EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE " + call).Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &plans); err != nil {
			return err
		}
		if _, err := tx.Exec("DEALLOCATE plan_of"); err != nil {
			return err
		}
		return errDone
	})
	if !errors.Is(err, errDone) {
		t.Fatalf("%v: %s", err, s.text)
	}
	return plans[0].Plan
}

// literal is an argument as SQL spells it.
func literal(v any) string {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Invalid:
		return "NULL"
	case reflect.Pointer:
		if r.IsNil() {
			return "NULL"
		}
		return literal(r.Elem().Interface())
	case reflect.Slice: // bytes
		return "'" + strings.ReplaceAll(string(r.Bytes()), "'", "''") + "'"
	case reflect.String:
		return "'" + strings.ReplaceAll(r.String(), "'", "''") + "'"
	default:
		return fmt.Sprint(v)
	}
}

// statements are what a database is asked for.
type statements struct {
	mu   sync.Mutex
	list []statement
}

func (s *statements) tell(text string, args []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, statement{text, args})
}

func (s *statements) all() []statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.list)
}

func (s *statements) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = nil
}

// fill writes a workspace of so many contacts, one of a tenth of that, and five of a
// thousand.
func fill(t *testing.T, d *db.DB, ws string, rows int) {
	t.Helper()
	apptest.Unindexed(t, d, func() {
		for i := range 7 {
			name, n := ws, rows
			switch i {
			case 0:
			case 1:
				name, n = "other", max(rows/10, 1000)
			default:
				name, n = fmt.Sprint("small", i), 1000
			}
			write(t, d, name, n)
		}
	})
}

// write writes a workspace, each table in a transaction of its own: live streams of all
// databases of the server wait for those that have begun.
func write(t *testing.T, d *db.DB, ws string, rows int) {
	t.Helper()
	for _, text := range strings.Split(strings.NewReplacer(":ws", "'"+ws+"'", ":n", strconv.Itoa(rows)).Replace(planRows), ";\n") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		must(t, d.Update(context.Background(), func(tx *db.Tx) error {
			if err := tx.Unhurried(); err != nil {
				return err
			}
			if _, err := tx.Exec(text); err != nil {
				return fmt.Errorf("%w: %.200s", err, text)
			}
			return nil
		}))
	}
}

// sizes are how many rows each table has, about.
func sizes(t *testing.T, d *db.DB) map[string]float64 {
	t.Helper()
	sizes := map[string]float64{}
	must(t, d.View(context.Background(), func(tx *db.Tx) error {
		rows, err := tx.Query("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var n float64
			if err := rows.Scan(&name, &n); err != nil {
				return err
			}
			sizes[name] = n
		}
		return rows.Err()
	}))
	return sizes
}
