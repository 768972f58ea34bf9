package trial

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A node is one parley of several on one database. It is killed, stopped and started
// again; its URL is another each time.
type node struct {
	name    string
	program string
	env     []string
	log     string // file
	bus     *wire  // nil if the program has no setting for it

	mu    sync.Mutex
	cmd   *exec.Cmd
	url   string
	token string // of the first start, if this node made it
	ended chan struct{}
}

// build makes the program as it is shipped: without the race detector, whatever the
// tests have.
func build(t testing.TB) string {
	t.Helper()
	// A cached result is good as long as the files that the test itself has looked at are
	// the same, and the build is not the test's own.
	for _, top := range []string{"../../cmd", "../../internal"} {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	program := filepath.Join(t.TempDir(), "parley")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/parley")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released, and as other tests build it
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// newNodes makes nodes that share a database and a place for files. None runs yet.
func newNodes(t testing.TB, program string, d *database, n int, env ...string) []*node {
	t.Helper()
	files := t.TempDir()
	settings, err := exec.CommandContext(t.Context(), program, "config", "print").Output()
	if err != nil {
		t.Fatal(err)
	}
	listens := d.url != "" && bytes.Contains(settings, []byte("database_listen"))
	nodes := make([]*node, n)
	for i := range nodes {
		name := fmt.Sprintf("node-%d", i+1)
		dir := t.TempDir()
		nodes[i] = &node{name: name, program: program, log: filepath.Join(dir, "log"), env: append([]string{
			"PATH=" + os.Getenv("PATH"), "PARLEY_FILES=" + files, "PARLEY_ADDR=127.0.0.1:0", "PARLEY_LOG_LEVEL=warn"}, env...)}
		url := d.url + "&application_name=parley-" + name // for whoever looks into the database
		if d.url != "" {
			nodes[i].env = append(nodes[i].env, "PARLEY_DATA="+dir, "PARLEY_DATABASE="+url)
		} else {
			nodes[i].env = append(nodes[i].env, "PARLEY_DATA="+d.dir)
		}
		if listens {
			var way string
			nodes[i].bus, way = newWire(t, url)
			nodes[i].env = append(nodes[i].env, "PARLEY_DATABASE_LISTEN="+way)
		}
		t.Cleanup(func() {
			nodes[i].kill()
			if t.Failed() {
				t.Logf("%s said:\n%s", name, tail(nodes[i].log))
			}
		})
	}
	return nodes
}

// begin starts a command of the program, whose standard output is returned.
func (n *node) begin(args ...string) (*exec.Cmd, io.ReadCloser, error) {
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, err
	}
	defer log.Close()
	cmd := exec.Command(n.program, args...)
	cmd.Env, cmd.Stderr, cmd.Dir = n.env, log, filepath.Dir(n.log)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	return cmd, out, cmd.Start()
}

// killed has a command run for a while, and kills it. It reports whether it had ended
// before.
func (n *node) killed(after time.Duration, args ...string) (ended bool, err error) {
	cmd, out, err := n.begin(args...)
	if err != nil {
		return false, err
	}
	kill := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_, _ = io.Copy(io.Discard, out)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code > 0 {
		return true, fmt.Errorf("parley %s ended with the code %d: %s", args[0], code, tail(n.log))
	}
	return cmd.ProcessState.Exited(), nil
}

// start starts the node and waits until it says where it listens.
func (n *node) start() error {
	cmd, out, err := n.begin("serve")
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	url, token, err := hello(out)
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait() // it is killed, as a rule
	}()
	if err != nil {
		_ = cmd.Process.Kill()
		<-ended
		return fmt.Errorf("%s did not start: %w\n%s", n.name, err, tail(n.log))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cmd, n.url, n.ended = cmd, url, ended
	if !strings.Contains(token, " ") { // else it says that others have it
		n.token = token
	}
	return nil
}

// hello reads what a server prints at its start.
func hello(out io.Reader) (url, token string, err error) {
	lines := bufio.NewScanner(out)
	for token == "" && lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), "Listening on:"); ok {
			url = strings.TrimSpace(rest)
		}
		if rest, ok := strings.CutPrefix(lines.Text(), "Access token:"); ok {
			token = strings.TrimSpace(rest)
		}
	}
	if token == "" {
		err = errors.Join(errors.New("it printed no token"), lines.Err())
	}
	return url, token, err
}

// address is where the node answers, or answered last.
func (n *node) address() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.url
}

// kill ends the node as a loss of power would, as far as a process can tell.
func (n *node) kill() {
	n.mu.Lock()
	cmd, ended := n.cmd, n.ended
	n.cmd = nil
	n.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Kill()
		<-ended
	}
}

// terminate ends the node in order.
func (n *node) terminate() error {
	n.mu.Lock()
	cmd, ended := n.cmd, n.ended
	n.cmd = nil
	n.mu.Unlock()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-ended
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("%s ended with the code %d", n.name, code)
	}
	return nil
}

func (n *node) signal(s syscall.Signal) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cmd.Process.Signal(s)
}

// command runs a command of the program as on the node's machine.
func (n *node) command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, n.program, args...)
	cmd.Env, cmd.Dir = n.env, filepath.Dir(n.log)
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("parley %s: %w: %s", strings.Join(args, " "), err, failed.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}
