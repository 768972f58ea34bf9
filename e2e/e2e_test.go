// Package e2e drives the built program over HTTP with clients that others wrote.
// It must not import the packages that it drives.
package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"parley/internal/means"
)

const token = "e2e-token"

// TestNodeSDKs runs published versions of intercom-client, unmodified but for the base
// URL, on each database: 4 and 5 through the suite of the calls they share, 6 and 7
// through that of theirs.
func TestNodeSDKs(t *testing.T) {
	t.Parallel()
	needNode(t, means.SDK)
	onEach(t, func(t *testing.T, url string) {
		for _, c := range []struct{ sdk, suite string }{
			{"node4", "node4-5"}, {"node5", "node4-5"}, {"node6", "node6-7"}, {"node7", "node6-7"},
		} {
			t.Run(c.sdk, func(t *testing.T) { runSuite(t, c.suite, url, "PARLEY_SDK="+c.sdk) })
		}
	})
}

// TestWebhooks has a receiver that verifies signatures by a published package be told
// what happens.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	needNode(t, means.SDK)
	onEach(t, func(t *testing.T, url string) { runSuite(t, "webhook", url) })
}

// TestBrowser runs the suites under browser, which use the pages that the server has as
// people do. What pages show does not depend on the database.
func TestBrowser(t *testing.T) {
	t.Parallel()
	needNode(t, means.Browser)
	runSuite(t, "browser", startParley(t, ""), "PARLEY_CHROMIUM="+means.Chromium(t))
}

// needNode skips a test for want of what it needs where Node or its packages are
// missing.
func needNode(t *testing.T, what string) {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		means.Missing(t, what, "node is not on PATH")
	}
	// npm writes this file last, so a broken install does not count as one.
	if _, err := os.Stat(filepath.Join("node_modules", ".package-lock.json")); err != nil {
		means.Missing(t, what, "the packages are not installed: run npm ci in e2e")
	}
}

// runSuite runs the tests in a folder.
func runSuite(t *testing.T, dir, url string, env ...string) {
	cmd := exec.CommandContext(t.Context(), "node", "--test", "--test-reporter=spec")
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "PARLEY_URL="+url, "PARLEY_TOKEN="+token), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("node --test: %v\n%s", err, out)
	}
}

// onEach runs a test against a demo workspace on each database.
func onEach(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	onEachBooted(t, func(t *testing.T, p *parley) { test(t, p.url) })
}

// onEachBooted is onEach for tests that run commands too.
func onEachBooted(t *testing.T, test func(t *testing.T, p *parley)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, boot(t, ""))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, boot(t, means.Postgres(t)))
	})
}

// built is the program, which all tests share.
var built = sync.OnceValues(func() (string, error) {
	if err := lookAtSources(); err != nil {
		return "", err
	}
	program := filepath.Join(folder, "parley")
	build := exec.Command("go", "build", "-o", program, "./cmd/parley")
	build.Dir = ".."
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released, and as the tests of cmd/parley build it
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
})

// folder is where the program is built, for as long as the tests run.
var folder string

func TestMain(m *testing.M) {
	var err error
	if folder, err = os.MkdirTemp("", "parley-e2e-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// lookAtSources opens what the program is built from. A test's cached result is
// good as long as the files that the test itself opened are the same, and the
// build is not the test's own.
func lookAtSources() error {
	for _, top := range []string{"../cmd", "../internal"} {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var listening = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// startParley is boot for tests that need no more than the base URL.
func startParley(t *testing.T, database string) string {
	t.Helper()
	return boot(t, database).url
}

// A parley is a server that runs.
type parley struct {
	url     string
	program string
	data    string
	env     []string
}

// run runs a command beside the server, with an input.
func (p *parley) run(t *testing.T, input string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), p.program, append(args, "--data", p.data)...)
	cmd.Env, cmd.Stdin = p.env, strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("parley %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// boot builds and starts a demo workspace on the database of that URL, or on the
// embedded one where there is none. It lasts as long as the test, and is ready when
// it is returned; its one token is token.
func boot(t *testing.T, database string) *parley {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	p := &parley{program: program, data: t.TempDir(), env: append(os.Environ(), "PARLEY_TOKEN="+token, "PARLEY_DATABASE="+database)}
	server := exec.Command(program, "serve", "--addr", "127.0.0.1:0", "--data", p.data, "--demo")
	server.Env = p.env
	server.Stderr = &stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	drained := make(chan struct{})
	t.Cleanup(func() {
		if err := server.Process.Signal(os.Interrupt); err != nil {
			t.Errorf("interrupting parley: %v", err)
		}
		<-drained
		if err := server.Wait(); err != nil {
			t.Errorf("parley did not end well: %v", err)
		}
		if t.Failed() {
			t.Logf("parley said:\n%s", stderr.String())
		}
	})

	lines := bufio.NewScanner(stdout)
	for p.url == "" && lines.Scan() {
		p.url = listening.FindString(lines.Text())
	}
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, stdout)
	}()
	if p.url == "" {
		t.Fatalf("parley ended without printing a URL (%v)", lines.Err())
	}

	ready, err := http.Get(p.url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer ready.Body.Close()
	if ready.StatusCode != http.StatusOK {
		t.Fatalf("GET /readyz answered %s", ready.Status)
	}
	return p
}
