package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for anything before it gives up.
const patience = 30 * time.Second

// binary is the program, built once for all tests of the package.
var binary = struct {
	once sync.Once
	path string
	err  error
}{}

func TestMain(m *testing.M) {
	code := m.Run()
	if binary.path != "" {
		os.RemoveAll(filepath.Dir(binary.path))
	}
	os.Exit(code)
}

func compile(t testing.TB) string {
	t.Helper()
	binary.once.Do(func() {
		dir, err := os.MkdirTemp("", "parley-cmd-")
		if err != nil {
			binary.err = err
			return
		}
		binary.path = filepath.Join(dir, "parley")
		build := exec.Command("go", "build", "-o", binary.path, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released: it needs no file of the machine
		if out, err := build.CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

// A server is a running parley serve.
type server struct {
	t      testing.TB
	cmd    *exec.Cmd
	stdout *bufio.Reader
	stderr bytes.Buffer // to be read after the end

	start  []string // the lines printed at the start, up to the access token's
	url    string
	token  string        // empty if it was not printed
	toBoot time.Duration // until it had printed its URL
}

// start runs parley serve on a free port with these arguments and more of the
// environment, and waits until it can be reached.
func start(t testing.TB, env []string, args ...string) *server {
	t.Helper()
	return follow(t, invoke(t, env, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...))
}

// follow starts a command that serves, and waits until it can be reached.
func follow(t testing.TB, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd}
	s.cmd.Stderr = &s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.stdout = bufio.NewReader(out)
	begun := time.Now()
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait()
		if t.Failed() {
			t.Logf("parley said:\n%s\n%s", strings.Join(s.start, "\n"), s.stderr.String())
		}
	})
	for range 3 {
		line, err := s.stdout.ReadString('\n')
		if err != nil {
			t.Fatalf("parley ended early (%v)", err)
		}
		if s.toBoot == 0 {
			s.toBoot = time.Since(begun)
		}
		s.start = append(s.start, strings.TrimSuffix(line, "\n"))
	}
	s.url = s.labelled("Listening on:")
	if token := s.labelled("Access token:"); !strings.Contains(token, " ") {
		s.token = token
	}
	return s
}

// invoke is a run of the program that knows nothing of the test's own
// environment and folder.
func invoke(t testing.TB, env []string, args ...string) *exec.Cmd {
	t.Helper()
	return invokeFor(t, 2*patience, env, args...)
}

// invokeFor is invoke for a run that may take so long.
func invokeFor(t testing.TB, most time.Duration, env []string, args ...string) *exec.Cmd {
	t.Helper()
	program := compile(t) // takes its time
	ctx, cancel := context.WithTimeout(context.Background(), most)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	return cmd
}

// labelled is what follows a label of the start.
func (s *server) labelled(label string) string {
	s.t.Helper()
	for _, line := range s.start {
		if rest, ok := strings.CutPrefix(line, label); ok {
			return strings.TrimSpace(rest)
		}
	}
	s.t.Fatalf("the start has no line %q: %q", label, s.start)
	return ""
}

// client keeps the connections of as many callers as a test has.
var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: patience}

// do sends a request with a token and returns the answer's status and body.
func (s *server) do(method, path, token, body string) (int, string, error) {
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text), err
}

// ask is do for what must be answered with 200.
func (s *server) ask(method, path, token, body string) string {
	s.t.Helper()
	status, text, err := s.do(method, path, token, body)
	if err != nil || status != http.StatusOK {
		s.t.Fatalf("%s %s answers %d %s (%v)", method, path, status, text, err)
	}
	return text
}

func (s *server) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// wait waits for the end and returns the exit code, -1 for an end by a signal.
// What the server had left to say is read.
func (s *server) wait() int {
	s.t.Helper()
	rest, _ := io.ReadAll(s.stdout)
	s.start = append(s.start, string(rest))
	err := s.cmd.Wait()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		s.t.Fatal(err)
	}
	return s.cmd.ProcessState.ExitCode()
}

// stop ends the server in order.
func (s *server) stop() {
	s.t.Helper()
	s.signal(syscall.SIGTERM)
	if code := s.wait(); code != 0 {
		s.t.Fatalf("parley ended with the code %d", code)
	}
}

// run runs a command to its end.
func run(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := invoke(t, env, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}
