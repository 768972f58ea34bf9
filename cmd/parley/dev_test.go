package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// watch starts parley dev on a free port.
func watch(t *testing.T, env []string, args ...string) *server {
	t.Helper()
	return follow(t, invoke(t, env, append([]string{"dev", "--addr", "127.0.0.1:0"}, args...)...))
}

// line reads what is printed up to a line that is like that.
func (s *server) line(like string) string {
	s.t.Helper()
	for {
		line, err := s.stdout.ReadString('\n')
		if err != nil {
			s.t.Fatalf("no line is like %q: %v", like, err)
		}
		line = strings.TrimSuffix(line, "\n")
		s.start = append(s.start, line)
		if regexp.MustCompile(like).MatchString(line) {
			return line
		}
	}
}

// TestDev goes through a developer's day on one folder.
func TestDev(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "kept")
	s := watch(t, nil, "--data", data)
	id := s.labelled("App id:")
	s.line(`^API explorer:  ` + s.url + `/docs#token=`)
	s.line(`^Dev token:     parley-dev$`)
	s.line(`^Dev page:      ` + s.url + `/_parley/dev#token=parley-dev$`)
	s.line(`^Kept in ` + data + `, the access token too; --fresh begins anew\. Ctrl-C stops\. Calls:$`)
	if page := s.ask("GET", "/_parley/dev", "", ""); !strings.Contains(page, "<title>Parley dev</title>") {
		t.Errorf("the page is %s", page)
	}

	if me := s.ask("GET", "/me", s.token, ""); !strings.Contains(me, "Larkpool") {
		t.Errorf("GET /me: %s", me)
	}
	s.line(`^\d\d:\d\d:\d\d  200  GET      .+ [mµ]?s  /me  identifyAdmin$`)
	s.ask("POST", "/contacts", s.token, `{"email":"joe@a.test","emial":"x"}`)
	s.line(`  200  POST .+  /contacts  createContact  not read: /emial$`)
	for token, like := range map[string]string{"nobody": `401  GET .+  /tags  listTags  unauthorized: Access Token Invalid$`,
		s.token: `404  GET .+  /cats\?%1B\[2J=\\x9b  not_found: Resource Not Found; no such operation$`} {
		path := "/tags"
		if token == s.token {
			path = "/cats?%1B[2J=\u009b"
		}
		if _, _, err := s.do("GET", path, token, ""); err != nil {
			t.Fatal(err)
		}
		s.line(like)
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	t.Cleanup(receiver.Close)
	s.ask("POST", "/_parley/webhooks", s.token, `{"url":"`+receiver.URL+`/hook","topics":["contact.user.created"]}`)
	s.ask("POST", "/contacts", s.token, `{"email":"ann@a.test","role":"user"}`)
	s.line(`  418  webhook .+  contact\.user\.created to ` + receiver.URL + `/hook  retrying`)

	other := s.ask("POST", "/_parley/workspaces", "parley-dev", `{"id":"testtest","token":"other"}`)
	s.ask("GET", "/me", "other", "")
	s.line(`  \[testtest\]  /me  identifyAdmin`)
	s.ask("POST", "/_parley/workspaces/"+id+"/reset", "parley-dev", "")
	if found := s.ask("GET", "/contacts", s.token, ""); strings.Contains(found, "joe@a.test") || !strings.Contains(other, "testtest") {
		t.Errorf("after a reset: %s", found)
	}
	s.ask("POST", "/contacts", s.token, `{"email":"kept@a.test"}`)
	s.signal(os.Interrupt)
	if code := s.wait(); code != 0 || s.stderr.String() != "" {
		t.Errorf("after Ctrl-C the exit code is %d: %s", code, s.stderr.String())
	}
	if all := strings.Join(s.start, "\n"); strings.ContainsAny(all, "\x1b\u009b") {
		t.Errorf("what is no terminal is sent escape sequences: %q", all)
	}

	again := watch(t, nil, "--data", data, "--color", "always")
	if again.token != s.token || again.labelled("App id:") != id {
		t.Errorf("the second start has the token %s and the workspace %s", again.token, again.labelled("App id:"))
	}
	if found := again.ask("GET", "/contacts?email=kept@a.test", s.token, ""); !strings.Contains(found, "kept@a.test") {
		t.Errorf("the contact is gone: %s", found)
	}
	again.line("\x1b\\[32m200\x1b\\[0m  GET ")
	_, stderr, code := run(t, nil, "dev", "--addr", "127.0.0.1:0", "--data", data, "--fresh")
	if want := "parley: the data folder " + data + " is in use by another Parley server: stop that one, or choose another folder with --data\n"; code != 1 || stderr != want {
		t.Errorf("--fresh beside a server ends with %d and says %q", code, stderr)
	}
	again.ask("GET", "/me", s.token, "")
	again.stop()

	fresh := watch(t, nil, "--data", data, "--fresh", "--demo=false")
	if fresh.token != s.token || fresh.labelled("App id:") == id {
		t.Errorf("after --fresh the token is %s, of the workspace %s", fresh.token, fresh.labelled("App id:"))
	}
	if me := fresh.ask("GET", "/me", s.token, ""); strings.Contains(me, "Larkpool") {
		t.Errorf("GET /me: %s", me)
	}
	// Nobody reads the lines now, and calls are answered all the same.
	const calls = 1000
	long := "/cats?" + strings.Repeat("x", 200)
	for range calls {
		if status, _, err := fresh.do("GET", long, s.token, ""); err != nil || status != http.StatusNotFound {
			t.Fatalf("%d %v", status, err)
		}
	}
	fresh.stop()
	all := strings.Join(fresh.start, "\n")
	left := 0
	for _, m := range regexp.MustCompile(`(\d+) lines? w\w+ left out`).FindAllStringSubmatch(all, -1) {
		n, _ := strconv.Atoi(m[1])
		left += n
	}
	if shown := strings.Count(all, "  /cats?"); left == 0 || shown+left != calls {
		t.Errorf("%d lines are shown and %d left out, of %d", shown, left, calls)
	}
}

// The token of the settings, or of the folder, opens what was there before parley dev.
func TestDevOnAServersFolder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data)
	s.ask("POST", "/contacts", s.token, `{"email":"joe@a.test"}`)
	s.stop()
	_, stderr, code := run(t, nil, "dev", "--data", data, "--fresh")
	if want := "parley: the database in the folder " + data + " is not one that parley dev made: --fresh would lose what is in it\n"; code != 1 || stderr != want {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	dev := watch(t, []string{"PARLEY_TOKEN=my-own"}, "--data", data)
	if dev.token != "my-own" || dev.labelled("App id:") != s.labelled("App id:") {
		t.Errorf("the token is %q, of %s", dev.token, dev.labelled("App id:"))
	}
	if found := dev.ask("GET", "/contacts", "my-own", ""); !strings.Contains(found, "joe@a.test") {
		t.Errorf("what was there is not: %s", found)
	}
	dev.stop()
}

func TestDevIsRefused(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() })
	for _, c := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"off", []string{"PARLEY_DEV=false"}, nil, "parley: dev is set to false: parley serve runs a server without it\n"},
		{"color", nil, []string{"--color", "some"}, `parley: --color is auto, always or never, not "some"` + "\n"},
		{"for everybody", nil, []string{"--addr", ":0"},
			"parley: default: whoever has the token rules all workspaces, and addr is reached from other machines: dev_token is needed too\n"},
		{"a database", nil, []string{"--fresh", "--database", "postgres://nobody.invalid/parley"},
			"parley: --fresh is for a data folder: what is in a database of PostgreSQL is not forgotten\n"},
		{"a port that is taken", nil, []string{"--addr", taken.Addr().String()}, "parley: cannot listen: listen tcp " + taken.Addr().String() + ": bind: address already in use\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, stderr, code := run(t, c.env, append([]string{"dev", "--data", filepath.Join(t.TempDir(), "d")}, c.args...)...)
			if code != 1 || stderr != c.want {
				t.Errorf("exit code %d, %s", code, stderr)
			}
		})
	}
}

// TestColored looks at what is no terminal: one cannot be had everywhere.
func TestColored(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		when string
		want bool
	}{{"always", true}, {"never", false}, {"auto", false}} {
		p := program{stdout: os.Stdout, env: func(name string) (string, bool) { return "1", name == "NO_COLOR" }}
		if got, err := p.colored(c.when); err != nil || got != c.want {
			t.Errorf("%s with NO_COLOR: %v, %v", c.when, got, err)
		}
	}
	terminal, err := os.Open(os.DevNull) // a device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	for kind, want := range map[string]bool{"xterm": true, "dumb": false} {
		p := program{stdout: terminal, env: func(name string) (string, bool) { return map[string]string{"TERM": kind}[name], name == "TERM" }}
		if got, err := p.colored("auto"); err != nil || got != want {
			t.Errorf("TERM=%s: %v, %v", kind, got, err)
		}
	}
}
