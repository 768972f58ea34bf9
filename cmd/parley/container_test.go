package main

import (
	"bytes"
	"crypto/x509"
	"debug/elf"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"parley/internal/means"
)

// inRoot runs a command as the user of the image, in a mount namespace of its own
// where all but /data is read-only.
const inRoot = `set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount --bind "$1/data" "$1/data"
mount -o remount,bind,ro "$1"
root=$1 env=$2 chroot=$(PATH=$PATH:/usr/sbin command -v chroot)
shift 2
exec env -i $env "$chroot" --userspec=65532:65532 "$root" /parley "$@"`

// An image is the file system of the container, as deploy/rootfs lays it out.
type image struct {
	t    *testing.T
	root string
	env  []string // as the Containerfile has it
}

// newImage lays out the image around the program, which trusts who signed the
// certificate.
func newImage(t *testing.T, trusted *x509.Certificate) *image {
	t.Helper()
	means.NeedRoot(t)
	i := &image{t: t, root: t.TempDir()}
	for dir := i.root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // for whom the program runs as
			t.Fatal(err)
		}
	}
	bundle := filepath.Join(t.TempDir(), "certificates")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Raw})
	if err := os.WriteFile(bundle, text, 0o600); err != nil {
		t.Fatal(err)
	}
	lay := exec.Command("../../deploy/rootfs", compile(t), i.root)
	lay.Env = append(os.Environ(), "CERTIFICATES="+bundle)
	if out, err := lay.CombinedOutput(); err != nil {
		t.Fatalf("deploy/rootfs: %v\n%s", err, out)
	}
	containerfile, err := os.ReadFile("../../deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ENV (.*)$`).FindSubmatch(containerfile)
	if line == nil {
		t.Fatal("the Containerfile has no ENV")
	}
	i.env = strings.Fields(string(line[1]))
	return i
}

// command is a run of the program in the image.
func (i *image) command(env []string, args ...string) *exec.Cmd {
	i.t.Helper()
	words := []string{"--mount", "sh", "-c", inRoot, "sh", i.root, strings.Join(append(slices.Clone(i.env), env...), " ")}
	cmd := exec.CommandContext(i.t.Context(), "unshare", append(words, args...)...)
	// The program takes the place of all that comes before it, so that a signal reaches it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

func (i *image) run(env []string, args ...string) (stdout, stderr string, code int) {
	i.t.Helper()
	var out, errs bytes.Buffer
	cmd := i.command(env, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); cmd.ProcessState == nil {
		i.t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// TestContainer runs the program in the file system of the image, as its user,
// without a shell, a time zone, a /tmp, or anything to write to but /data.
func TestContainer(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	outside := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer outside.Close()
	i := newImage(t, outside.Certificate())
	program, err := elf.Open(filepath.Join(i.root, "parley"))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if libraries, err := program.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("the program needs %q (%v)", libraries, err)
	}

	s := follow(t, i.command(nil, "serve", "--addr", "127.0.0.1:0"))
	s.ask("POST", "/contacts", s.token, `{"email":"joe@a.test"}`)
	local := []string{"PARLEY_ADDR=" + strings.TrimPrefix(s.url, "http://")}
	if stdout, stderr, code := i.run(local, "health"); code != 0 || stdout != "ok\n" {
		t.Errorf("parley health ends with %d: %s%s", code, stdout, stderr)
	}
	if _, stderr, code := i.run(nil, "workspace", "create", "Far away", "--timezone", "Pacific/Chatham"); code != 0 {
		t.Errorf("a time zone is not known: %s", stderr)
	}
	if _, stderr, _ := i.run(nil, "conformance", "--base", outside.URL, "--token", "x"); asked.Load() == 0 {
		t.Errorf("the certificates are not used: %s", stderr)
	}
	if _, stderr, code := i.run(nil, "workspace", "list", "--data", "/elsewhere"); code == 0 || !strings.Contains(stderr, "no database") {
		t.Errorf("another folder ends with %d: %s", code, stderr)
	}
	if _, stderr, code := i.run(nil, "serve", "--addr", "127.0.0.1:0", "--data", "/elsewhere"); code == 0 || !strings.Contains(stderr, "read-only file system") {
		t.Errorf("the root can be written to: %d %s", code, stderr)
	}
	s.stop()
	if _, stderr, code := i.run(local, "health"); code != 1 || !strings.Contains(stderr, "connection refused") {
		t.Errorf("without a server, parley health ends with %d: %s", code, stderr)
	}
	again := follow(t, i.command(nil, "serve", "--addr", "127.0.0.1:0"))
	if found := again.ask("GET", "/contacts", s.token, ""); !strings.Contains(found, "joe@a.test") {
		t.Errorf("the contact is gone: %s", found)
	}
	again.stop()
}
