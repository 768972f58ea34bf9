package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestConformanceOfAServer(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--data", t.TempDir(), "--demo")
	dir := t.TempDir()
	file := filepath.Join(dir, "report.json")
	base := []string{"conformance", "--base", s.url, "--token", s.token}
	served := "Admins,Teams,Contacts,companies,tags,notes,segments,conversations,ticket-types"

	stdout, stderr, code := run(t, nil, append(base, "--only", served, "--report", file)...)
	if code != 0 || !regexp.MustCompile(`(?m)^  createTag +pass +200$`).MatchString(stdout) ||
		!regexp.MustCompile(`\n\d+ operations: \d+ passed, 0 failed, 0 skipped\n$`).MatchString(stdout) {
		t.Errorf("exit code %d, %s\n%s", code, stderr, stdout)
	}
	if lines := strings.Split(strings.TrimSpace(stderr), "\n"); !regexp.MustCompile(`^0/\d+ identifyAdmin$`).MatchString(lines[0]) || strings.ContainsAny(stderr, "\r\x1b") {
		t.Errorf("progress:\n%q", stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var report struct {
		Server string
		Totals struct{ Failed, Passed int }
	}
	if err := json.Unmarshal(text, &report); err != nil || report.Server != s.url || report.Totals.Passed < 40 || strings.Contains(string(text), s.token) {
		t.Errorf("report (%v):\n%s", err, text)
	}

	t.Run("the token from the environment", func(t *testing.T) {
		stdout, stderr, code := run(t, []string{"PARLEY_TOKEN=" + s.token}, "conformance", "--base", s.url, "--only", "createNote", "--quiet", "--report", "-")
		if code != 0 || stderr != "" || !json.Valid([]byte(stdout)) {
			t.Errorf("exit code %d, %s\n%s", code, stderr, stdout)
		}
	})
	t.Run("reading only", func(t *testing.T) {
		stdout, stderr, code := run(t, nil, append(base, "--only", "tags", "--read-only", "--quiet")...)
		if code != 0 || stderr != "" || !strings.Contains(stdout, "it changes things, and this run only reads") {
			t.Errorf("exit code %d, %s\n%s", code, stderr, stdout)
		}
	})
	t.Run("another description", func(t *testing.T) {
		other := filepath.Join(dir, "other.yaml")
		if err := os.WriteFile(other, []byte(`{"openapi":"3.1.0","paths":{"/me":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"required":["shoes"]}}}}}}}}}`), 0o600); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, code := run(t, nil, append(base, "--only", "identifyAdmin", "--quiet", "--description", other)...)
		if code != 1 || stderr != "parley: 1 of 1 operations failed\n" || !strings.Contains(stdout, "/shoes: missing") {
			t.Errorf("exit code %d, %s\n%s", code, stderr, stdout)
		}
	})
}

func TestConformanceThatChecksNothing(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(nil)
	closed.Close()
	file := filepath.Join(t.TempDir(), "report.json")
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no server named", nil, "parley: --base and --token say which server is checked, and as whom"},
		{"no token", []string{"--base", "http://a.test"}, "parley: --base and --token say which server is checked, and as whom"},
		{"an unknown flag", []string{"--speed"}, "parley: unknown flag: --speed"},
		{"an argument", []string{"server"}, `parley: "server" is one argument too many`},
		{"a bad duration", []string{"--timeout", "soon"}, `parley: invalid argument "soon" for "--timeout" flag: time: invalid duration "soon"`},
		{"no time", []string{"--base", "http://a.test", "--token", "t", "--timeout", "0s"}, "parley: --timeout and --patience must be above 0"},
		{"no URL", []string{"--base", "a.test", "--token", "t"}, `parley: "a.test" is not the URL of a server: want something like http://127.0.0.1:8080`},
		{"an unknown group", []string{"--base", "http://a.test", "--token", "t", "--only", "Weather"}, `parley: there is no group and no operation "Weather"`},
		{"no description", []string{"--base", "http://a.test", "--token", "t", "--description", "/nowhere.yaml"}, "parley: open /nowhere.yaml: no such file or directory"},
		{"no place for the report", []string{"--base", "http://a.test", "--token", "t", "--report", "/nowhere/r.json"}, "parley: open /nowhere/r.json: no such file or directory"},
		{"nobody there", []string{"--base", closed.URL, "--token", "t", "--report", file}, "parley: the server could not be reached at " + closed.URL},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := run(t, nil, append([]string{"conformance"}, c.args...)...)
			if code != 2 || stdout != "" || !strings.HasPrefix(stderr, c.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, output %q, error\n%swant\n%s", code, stdout, stderr, c.want)
			}
		})
	}
	t.Cleanup(func() { // when the cases are done
		if _, err := os.Stat(file); !os.IsNotExist(err) {
			t.Errorf("a report is there of a server that was not checked: %v", err)
		}
	})
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var shown strings.Builder
	b := &progress{w: &shown, terminal: true}
	b.show(0, 2, "identifyAdmin")
	b.show(1, 2, "me")
	b.show(2, 2, "end")
	b.clear()
	want := "\r\r0/2 identifyAdmin" + "\r                 \r1/2 me" + "\r      \r2/2 end" + "\r       \r"
	if shown.String() != want {
		t.Errorf("shown: %q, want %q", shown.String(), want)
	}
}
