package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"parley/internal/bench"
)

// measured is the report of a run.
func measured(t *testing.T, args ...string) *bench.Report {
	t.Helper()
	stdout, stderr, code := run(t, []string{"TMPDIR=" + t.TempDir()}, append([]string{"bench", "--quiet", "--json", "-"}, args...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	r := new(bench.Report)
	if err := json.Unmarshal([]byte(stdout), r); err != nil {
		t.Fatalf("%v:\n%s", err, stdout)
	}
	return r
}

// TestBench measures the program as it is built, beside a bare handler and beside itself, with as little as can be measured, and has
// it leave nothing but what it filled.
func TestBench(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "filled")
	measure := func(args ...string) *bench.Report {
		t.Helper()
		r := measured(t, append([]string{"--data", data, "--contacts", "100", "--connections", "2", "--time", "1ms", "--turn", "1ms", "--starts", "2"}, args...)...)
		for _, target := range r.Targets {
			if runtime.GOOS == "linux" && target.Peak == 0 {
				t.Errorf("of %s it is not known how much memory it had", target.Name)
			}
		}
		return r
	}
	r := measure("--only", "start,read a contact,newest", "--against", bench.Handler)
	if len(r.Rows) != 2 || len(r.Rows[0].Figures) != 2 || r.Rows[0].Ratio == nil || r.Rows[0].Ratio.Pairs < 3 || r.Rows[1].Ratio != nil {
		t.Errorf("beside a handler: %+v", r.Rows)
	}
	if len(r.Targets) != 2 || len(r.Targets[0].Starts) != 2 || r.Targets[0].Binary < 1e6 {
		t.Errorf("the targets are %+v", r.Targets)
	}
	before, err := os.ReadFile(filepath.Join(data, "parley.db"))
	if err != nil {
		t.Fatal(err)
	}
	r = measure("--only", "create a contact", "--against", compile(t))
	if len(r.Rows) != 1 || len(r.Rows[0].Figures) != 2 || r.Targets[1].Binary != r.Targets[0].Binary {
		t.Errorf("beside itself: %+v", r)
	}
	after, err := os.ReadFile(filepath.Join(data, "parley.db"))
	if err != nil || string(after) != string(before) {
		t.Errorf("what was filled has changed, with the error %v", err)
	}
	below := invoke(t, []string{"TMPDIR=" + t.TempDir()}, "bench", "--quiet", "--data", "filled", "--contacts", "100", "--connections", "1", "--time", "1ms", "--only", "read a contact")
	below.Dir = dir
	if said, err := below.CombinedOutput(); err != nil {
		t.Errorf("with a folder below the working folder: %v: %s", err, said)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("a run leaves %v, %v", left, err)
	}
}

func TestBenchRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, fails string
		args        []string
	}{
		{"too few contacts", "a fill has from 100", []string{"--contacts", "99"}},
		{"a program that is not there", "no such file", []string{"--contacts", "100", "--only", "start", "--against", "./nothing"}},
		{"pgx alone", "needs a database", []string{"--contacts", "100", "--against", "pgx"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			args := append([]string{"bench", "--quiet", "--data", filepath.Join(dir, "filled"), "--json", filepath.Join(dir, "report.json")}, c.args...)
			stdout, stderr, code := run(t, nil, args...)
			if code != 1 || stdout != "" || !strings.Contains(stderr, c.fails) {
				t.Errorf("exit code %d, output %q, error %s", code, stdout, stderr)
			}
			if _, err := os.Stat(filepath.Join(dir, "report.json")); err == nil {
				t.Error("a report is left of what was not measured")
			}
		})
	}
}
