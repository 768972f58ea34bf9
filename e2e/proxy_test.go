package e2e

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/means"
)

// A language is one whose own HTTPS clients call the API at its usual address.
type language struct {
	name    string
	command func(t *testing.T, ca string) []string // trusts ca, or the usual authorities where that is empty
	env     func(ca string) []string
	refusal string // what it says of an authority that it does not know
}

var languages = []language{
	{"php", func(t *testing.T, ca string) []string {
		if ca == "" {
			return []string{means.PHP(t), "proxy/client.php"}
		}
		return []string{means.PHP(t), "-d", "curl.cainfo=" + ca, "-d", "openssl.cafile=" + ca, "proxy/client.php"}
	}, func(string) []string { return nil }, "certificate"},
	{"ruby", func(t *testing.T, _ string) []string { return []string{means.Ruby(t), "proxy/client.rb"} },
		func(ca string) []string {
			if ca == "" {
				return nil
			}
			return []string{"SSL_CERT_FILE=" + ca}
		}, "certificate verify failed"},
}

// said is what the clients print, whichever they are.
const said = `me: 200 admin
contact: 200 Røsa 日本
again: 409 conflict
long note: 200 true
search: 200 1
delete: 200 true
gone: 404 not_found
second way: 200 admin
`

// TestClientsOfOtherLanguages has what PHP and Ruby bring along call https://api.intercom.io, in a script that knows of nothing else: by HTTPS_PROXY, and
// in a file system in which /etc/hosts has the proxy for that host.
func TestClientsOfOtherLanguages(t *testing.T) {
	t.Parallel()
	for _, l := range languages {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.command(t, "") // or it is not there
			p := boot(t, "")
			t.Run("as a proxy", func(t *testing.T) {
				at, ca := standIn(t, p, "127.0.0.1:0")
				// Ruby's net/http looks at http_proxy for https too, its open-uri at https_proxy.
				env := append([]string{"HTTPS_PROXY=" + at, "http_proxy=" + at, "EMAIL=proxy@example.test"}, l.env(ca)...)
				if out, err := ask(t, env, l.command(t, ca)...); err != nil || out != said {
					t.Errorf("%v: %s, want %s", err, out, said)
				}
				env = []string{"HTTPS_PROXY=" + at, "http_proxy=" + at, "EMAIL=untrusting@example.test"}
				if out, err := ask(t, env, l.command(t, "")...); err == nil || !strings.Contains(out, l.refusal) {
					t.Errorf("it trusts the proxy unasked: %v, %s", err, out)
				}
			})
			t.Run("as the host", func(t *testing.T) {
				means.NeedRoot(t) // to listen where clients look for the host, and to mount a file
				local := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(254), rand.IntN(256), 1+rand.IntN(254))
				_, ca := standIn(t, p, local+":443")
				hosts := filepath.Join(t.TempDir(), "hosts")
				if err := os.WriteFile(hosts, []byte("127.0.0.1 localhost\n"+local+" api.intercom.io\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				in := []string{"unshare", "--mount", "sh", "-c", `mount --bind "$0" /etc/hosts && exec "$@"`, hosts}
				env := append([]string{"EMAIL=hosts@example.test"}, l.env(ca)...)
				if out, err := ask(t, env, append(in, l.command(t, ca)...)...); err != nil || out != said {
					t.Errorf("%v: %s, want %s", err, out, said)
				}
			})
		})
	}
}

// standIn runs parley proxy in front of a server, and returns its URL and where the certificate of its authority is.
func standIn(t *testing.T, p *parley, listen string) (at, ca string) {
	t.Helper()
	cmd := exec.Command(p.program, "proxy", "--listen", listen, "--to", p.url, "--authority", t.TempDir())
	cmd.Env = p.env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err != nil {
			t.Errorf("parley proxy did not end well: %v\n%s", err, stderr.String())
		}
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		label, text, _ := strings.Cut(lines.Text(), ":")
		switch text = strings.TrimSpace(text); label {
		case "Listening on":
			at = text
		case "Certificate":
			return at, text
		}
	}
	t.Fatalf("parley proxy ended early (%v)\n%s", lines.Err(), stderr.String())
	return "", ""
}

// ask runs a client, without what the machine says of proxies and authorities, and returns what it prints.
func ask(t *testing.T, env []string, command ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToLower(v), "=")
		if !strings.HasSuffix(name, "_proxy") && !strings.HasPrefix(name, "ssl_cert_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(append(cmd.Env, "TOKEN="+token, "LANG=C.UTF-8"), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
