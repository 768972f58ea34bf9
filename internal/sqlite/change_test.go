package sqlite_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"parley/internal/sqlite"
)

// writing opens a file that is made by the given statements, to be written to.
func writing(t *testing.T, statements ...string) *sqlite.Conn {
	t.Helper()
	c, err := sqlite.Open(made(t, statements...), "foreign_keys(1)")
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

// TestChanges has statements write, and is told of each row before it is written.
func TestChanges(t *testing.T) {
	t.Parallel()
	c := writing(t, `CREATE TABLE a (owner, n)`, `CREATE TABLE b (owner TEXT)`,
		`CREATE TRIGGER along AFTER INSERT ON a WHEN NEW.n = 3 BEGIN INSERT INTO b VALUES (NEW.owner); END`)
	var told []string
	c.OnChange(func(h sqlite.Change) {
		first, known := h.First()
		told = append(told, fmt.Sprintln(h.Table(), h.Deleted, first, known))
		if !h.Deleted {
			told = append(told, fmt.Sprintln("row", h.Row))
		}
	})
	for _, s := range []struct {
		text    string
		changes int64
		told    string
	}{
		{`INSERT INTO a VALUES ('x', 1), ('yé', 2)`, 2, "a false x true\nrow 1\na false yé true\nrow 2\n"},
		{`UPDATE a SET owner = 'z' WHERE n = 2`, 1, "a false z true\nrow 2\n"},
		{`INSERT INTO a VALUES (7, 3)`, 1, "a false  true\nrow 3\nb false 7 true\nrow 1\n"}, // the trigger's table makes a text of it
		{`UPDATE a SET n = n WHERE n > 5`, 0, ""},
		{`DELETE FROM a WHERE owner = 'z'`, 1, "a true z true\n"},
	} {
		told = nil
		must(t, prepare(t, c, s.text).Run())
		if got := strings.Join(told, ""); got != s.told || c.Changes() != s.changes {
			t.Errorf("%s: %d changes\n%s", s.text, c.Changes(), got)
		}
	}
}

// TestCounts asks what a connection has written, and whether it could commit.
func TestCounts(t *testing.T) {
	t.Parallel()
	c := writing(t, `CREATE TABLE a (id INTEGER PRIMARY KEY)`, `CREATE TABLE b (a_id REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)`)
	pages := c.PagesWritten()
	for _, s := range []struct {
		text       string
		unresolved bool
	}{{`BEGIN`, false}, {`INSERT INTO b VALUES (1)`, true}, {`INSERT INTO a VALUES (1)`, false}} {
		if must(t, prepare(t, c, s.text).Run()); c.Unresolved() != s.unresolved || c.PagesWritten() != pages {
			t.Errorf("%s: unresolved is %v, and %d pages are written", s.text, c.Unresolved(), c.PagesWritten()-pages)
		}
	}
	if must(t, prepare(t, c, `COMMIT`).Run()); c.PagesWritten() != pages+2 {
		t.Errorf("%d pages are written for two tables", c.PagesWritten()-pages)
	}
}

// TestOneStatement refuses a text with more statements than one: only the first would be run.
func TestOneStatement(t *testing.T) {
	t.Parallel()
	c := writing(t)
	must(t, prepare(t, c, "SELECT 1;\n ").Run())
	must(t, prepare(t, c, `SELECT 1 -- ; SELECT 2`).Run())
	for _, text := range []string{`SELECT 1; SELECT 2`, `SELECT 1; nonsense`, `SELECT 'ä'; SELECT 2`} {
		var e *sqlite.Error
		if _, err := c.Prepare(text); !errors.As(err, &e) || !strings.Contains(e.Message, "more than one") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestLongArgumentsAreForgotten holds that what takes much memory is given up with the run that it was for, and that the next run is none the worse.
func TestLongArgumentsAreForgotten(t *testing.T) {
	t.Parallel()
	st := prepare(t, writing(t), `SELECT ?1, ?2`)
	long := strings.Repeat("long", 100_000)
	for _, args := range [][]any{{long, "a"}, {"b", long + long}, {"c", ""}, nil} {
		if args != nil {
			must(t, st.Bind(args...))
		}
		more, err := st.Step()
		must(t, err)
		want := args
		if args == nil { // what is not long may stay; what was long is not what it was
			want = []any{"c", ""}
		}
		if got := []any{st.Column(0), st.Column(1)}; !more || !reflect.DeepEqual(got, want) {
			t.Errorf("%.20v became %.20v", want, got)
		}
		st.Reset()
	}
	must(t, st.Bind(long, long))
	st.Reset()
	if _, err := st.Step(); err != nil || st.Column(0) != nil || st.Column(1) != nil {
		t.Errorf("arguments that were given up: %.20v, %.20v, %v", st.Column(0), st.Column(1), err)
	}
	st.Reset()
}
