package sqlite_test

import (
	"database/sql"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // writes what is read here

	"parley/internal/sqlite"
)

// made is a file made by the given statements.
func made(t *testing.T, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.db")
	d, err := sql.Open("sqlite", path)
	must(t, err)
	defer d.Close()
	for _, s := range append([]string{"PRAGMA journal_mode = WAL"}, statements...) {
		_, err := d.ExecContext(t.Context(), s)
		must(t, err)
	}
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, path string) *sqlite.Conn {
	t.Helper()
	c, err := sqlite.Open(path, "query_only(1)")
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

func prepare(t *testing.T, c *sqlite.Conn, text string) *sqlite.Stmt {
	t.Helper()
	st, err := c.Prepare(text)
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	return st
}

// TestValues has values go in as arguments and come back, all by one statement that is run again and again.
func TestValues(t *testing.T) {
	t.Parallel()
	st := prepare(t, open(t, made(t)), `SELECT ?1 AS it, typeof(?1), ?2`)
	for _, c := range []struct {
		in, out any
		is      string
	}{
		{nil, nil, "null"},
		{int64(math.MinInt64), int64(math.MinInt64), "integer"},
		{true, int64(1), "integer"},
		{false, int64(0), "integer"},
		{1.5, 1.5, "real"},
		{"", "", "text"},
		{"a\x00b", "a\x00b", "text"},
		{"Zoë", "Zoë", "text"},
		{strings.Repeat("long ", 100_000), strings.Repeat("long ", 100_000), "text"},
		{"short again", "short again", "text"},
	} {
		must(t, st.Bind(c.in, "another", "one too many"))
		more, err := st.Step()
		must(t, err)
		if got := []any{st.Column(0), st.Column(1), st.Column(2)}; !more || !reflect.DeepEqual(got, []any{c.out, c.is, "another"}) {
			t.Errorf("%.20v became %.60v", c.in, got)
		}
		if more, err := st.Step(); more || err != nil {
			t.Errorf("%.20v: there is more, or %v", c.in, err)
		}
		st.Reset()
	}
	if got := st.Columns(); len(got) != 3 || got[0] != "it" {
		t.Errorf("the columns are %q", got)
	}
}

// TestBytes reads a blob, which is kept after the statement has gone on.
func TestBytes(t *testing.T) {
	t.Parallel()
	st := prepare(t, open(t, made(t, `CREATE TABLE b (v)`, `INSERT INTO b VALUES (x'00ff'), (x'')`)), `SELECT v FROM b ORDER BY rowid`)
	var got []any
	for {
		more, err := st.Step()
		must(t, err)
		if !more {
			break
		}
		got = append(got, st.Column(0))
	}
	st.Reset()
	if !reflect.DeepEqual(got, []any{[]byte{0, 255}, []byte{}}) {
		t.Errorf("%#v", got)
	}
}

// TestRefused does what cannot be done: an error says so, and the connection goes on.
func TestRefused(t *testing.T) {
	t.Parallel()
	path := made(t, `CREATE TABLE a (v)`)
	c := open(t, path)
	for text, want := range map[string]string{
		`SELEC 1`:              "syntax error",
		`SELECT v FROM b`:      "no such table: b",
		`SELECT "v" FROM a, b`: "no such table: b",
		`SELECT "w" FROM a`:    `no such column: "w"`,
		` -- nothing`:          "there is no statement",
	} {
		var e *sqlite.Error
		if _, err := c.Prepare(text); !errors.As(err, &e) || !strings.Contains(e.Message, want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := prepare(t, c, `INSERT INTO a VALUES (1)`).Run(); err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("writing: %v", err)
	}
	if err := prepare(t, c, `SELECT ?1, ?2`).Bind(int64(1)); err == nil {
		t.Error("an argument is missing, and nobody says so")
	}
	if err := prepare(t, c, `SELECT ?1`).Bind([]string{"list"}); err == nil {
		t.Error("a list is an argument")
	}
	must(t, prepare(t, c, `SELECT count(*) FROM a`).Run())
	if _, err := sqlite.Open(filepath.Join(t.TempDir(), "none.db")); err == nil {
		t.Error("a file that is not there was opened")
	}
	if _, err := sqlite.Open(path, "query_only(("); err == nil {
		t.Error("a setting that is none was taken")
	}
}

// TestInterrupt ends a statement that would run for ever.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	c := open(t, made(t))
	st := prepare(t, c, `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i = 0 OR i < 0`)
	if more, err := st.Step(); !more || err != nil {
		t.Fatal(more, err)
	}
	ended := make(chan error)
	go func() {
		_, err := st.Step()
		ended <- err
	}()
	c.Interrupt() // before it steps on, or while it does: the statement is running already
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("it ended with %v", err)
	}
	st.Reset()
	must(t, prepare(t, c, `SELECT 1`).Run())
}
