package main

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// A standInRun is a running parley proxy, and a client that was told of it.
type standInRun struct {
	cmd    *exec.Cmd
	rest   *bufio.Reader // of its output
	stderr bytes.Buffer
	url    string
	client *http.Client
}

// startProxy runs parley proxy on a free port.
func startProxy(t *testing.T, args ...string) *standInRun {
	t.Helper()
	s := &standInRun{cmd: invoke(t, nil, append([]string{"proxy", "--listen", "127.0.0.1:0"}, args...)...)}
	s.cmd.Stderr = &s.stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	})
	s.rest = bufio.NewReader(out)
	said := map[string]string{}
	for said["Certificate"] == "" {
		line, err := s.rest.ReadString('\n')
		if err != nil {
			t.Fatalf("parley proxy ended early: %v\n%s", err, s.stderr.String())
		}
		label, text, _ := strings.Cut(line, ":")
		said[label] = strings.TrimSpace(text)
	}
	pem, err := os.ReadFile(said["Certificate"])
	if err != nil {
		t.Fatal(err)
	}
	s.url = said["Listening on"]
	at, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	transport := &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	s.client = &http.Client{Transport: transport, Timeout: patience}
	return s
}

// ask calls an operation of the API where SDKs think that it is, and returns the id of
// what is answered, or of the conversation that it began.
func (s *standInRun) ask(t *testing.T, method, path, token, body string, status int) string {
	t.Helper()
	q, err := http.NewRequest(method, "https://api.intercom.io"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+token)
	q.Header.Set("Content-Type", "application/json")
	answer, err := s.client.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Fatalf("%s %s answers %d %s (%v)", method, path, answer.StatusCode, text, err)
	}
	var made struct {
		ID           string
		Conversation string `json:"conversation_id"`
	}
	_ = json.Unmarshal(text, &made) // a list has none
	return cmp.Or(made.Conversation, made.ID)
}

func (s *standInRun) stop(t *testing.T) {
	t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, s.rest)
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, s.stderr.String())
	}
}

// TestRecordAndDiff records a session with one server and replays it on another.
func TestRecordAndDiff(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data)
	// Nothing has the ids here that it will have there.
	s.ask("POST", "/contacts", s.token, `{"external_id":"other"}`)
	s.ask("POST", "/tags", s.token, `{"name":"Other"}`)
	s.ask("POST", "/conversations", s.token, `{"from":{"type":"user","user_id":"other"},"body":"Before"}`)

	cassette := filepath.Join(t.TempDir(), "session.cassette")
	p := startProxy(t, "--data", data, "--record", cassette, "--upstream", s.url, "--redact", "people")
	ask := func(method, path, body string, status int) string {
		t.Helper()
		return p.ask(t, method, path, s.token, body, status)
	}
	admin := ask("GET", "/me", "", 200)
	contact := ask("POST", "/contacts", `{"role":"user","email":"rosa@acme.test","phone":"+353832345678","name":"Rosa"}`, 200)
	ask("GET", "/contacts/"+contact, "", 200)
	ask("POST", "/contacts/search", `{"query":{"field":"email","operator":"=","value":"rosa@acme.test"}}`, 200)
	ask("POST", "/contacts/search", `{"query":{"field":"id","operator":"=","value":"`+contact+`"}}`, 200)
	tag := ask("POST", "/tags", `{"name":"Late"}`, 200)
	ask("POST", "/contacts/"+contact+"/tags", `{"id":"`+tag+`"}`, 200)
	conversation := ask("POST", "/conversations", `{"from":{"type":"user","id":"`+contact+`"},"body":"Where is it?"}`, 200)
	ask("POST", "/conversations/"+conversation+"/reply", `{"message_type":"comment","type":"admin","admin_id":"`+admin+`","body":"Here."}`, 200)
	ask("GET", "/conversations/"+conversation, "", 200)
	ask("DELETE", "/contacts/"+contact+"/tags/"+tag, "", 200)
	ask("GET", "/contacts/000000000000000000000000", "", 404)
	ask("POST", "/contacts", `{"role":"user","email":"rosa@acme.test"}`, 409)
	ask("POST", "/tags", `{"name":`, 400)
	p.ask(t, "GET", "/me", "wrong-token-of-nobody", "", 401)
	p.stop(t)

	text, err := os.ReadFile(cassette)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{s.token, "wrong-token", "rosa@", "acme.test", "353832345678", "83 234"} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s is in the cassette", secret)
		}
	}

	t.Run("on a Parley of its own", func(t *testing.T) {
		t.Parallel()
		stdout, stderr, code := run(t, nil, "diff", cassette)
		if code != 0 || stderr != "" || !strings.Contains(stdout, "exchanges: ") || !strings.HasSuffix(stdout, " 0 differences of shape, 0 of value\n") {
			t.Errorf("exit code %d, %s\n%s", code, stderr, stdout)
		}
	})
	t.Run("on a running one", func(t *testing.T) {
		t.Parallel()
		other := start(t, nil, "--data", t.TempDir())
		stdout, stderr, code := run(t, []string{"PARLEY_TOKEN=" + other.token}, "diff", cassette, "--to", other.url, "--json")
		var report struct{ Totals struct{ Exchanges, Same int } }
		if err := json.Unmarshal([]byte(stdout), &report); err != nil || code != 0 || report.Totals.Same < 14 || report.Totals.Same != report.Totals.Exchanges {
			t.Errorf("exit code %d, %s, %v\n%s", code, stderr, err, stdout)
		}
	})
	t.Run("what was changed is found", func(t *testing.T) {
		t.Parallel()
		changed := filepath.Join(t.TempDir(), "changed.cassette")
		edited := regexp.MustCompile(`(?s)("path": "/me".*?)"has_inbox_seat": true`).ReplaceAll(text, []byte(`$1"has_inbox_seat": false, "shoe_size": 44`))
		if err := os.WriteFile(changed, edited[:len(edited)-20], 0o600); err != nil { // and torn
			t.Fatal(err)
		}
		stdout, stderr, code := run(t, nil, "diff", changed)
		if code != 1 || !regexp.MustCompile(`^parley: 1 of \d+ exchanges differ\n$`).MatchString(stderr) || !strings.Contains(stdout, "1 differences of shape, 1 of value\n") {
			t.Errorf("exit code %d, %s\n%s", code, stderr, stdout)
		}
		for _, want := range []string{"value  /has_inbox_seat\n *recorded  false\n *replayed  true\n", "shape  /shoe_size\n *recorded  44\n *replayed  missing\n",
			"the cassette ends within an exchange, which was left out\n"} {
			if !regexp.MustCompile(want).MatchString(stdout) {
				t.Errorf("no %q in\n%s", want, stdout)
			}
		}
		if stdout, _, code := run(t, nil, "diff", changed, "--shape", "--ignore", "/shoe_size"); code != 0 || strings.Contains(stdout, "value  ") {
			t.Errorf("of shapes, and without the member: exit code %d\n%s", code, stdout)
		}
	})
}

// TestProxy has the program stand in for the hosts, with an authority of its own.
func TestProxy(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--data", t.TempDir())
	data := filepath.Join(t.TempDir(), "it's")
	p := startProxy(t, "--data", data, "--to", s.url)
	if id := p.ask(t, "GET", "/me", s.token, "", 200); id == "" {
		t.Error("nobody is me")
	}
	p.stop(t)
	stdout, stderr, code := run(t, nil, "proxy", "ca", "--data", data)
	quoted := `'` + strings.ReplaceAll(filepath.Join(data, "proxy", "ca.pem"), `'`, `'\''`) + `'`
	for _, want := range []string{"SSL_CERT_FILE=" + quoted, "NODE_EXTRA_CA_CERTS=" + quoted, "REQUESTS_CA_BUNDLE=" + quoted, "--cacert " + quoted} {
		if !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, no %s in\n%s%s", code, want, stdout, stderr)
		}
	}
	stdout, stderr, code = run(t, nil, "proxy", "ca", "--pem", "--authority", filepath.Join(data, "proxy"))
	if held, err := os.ReadFile(filepath.Join(data, "proxy", "ca.pem")); err != nil || code != 0 || stdout != string(held) {
		t.Errorf("exit code %d, %s, %v\n%s", code, stderr, err, stdout)
	}
}

func TestProxyAndDiffRefuse(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "diary")
	if err := os.WriteFile(file, []byte("Dear diary"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		code       int
		args       []string
	}{
		{"a port for others", ":8443 can be reached from other machines", 1, []string{"proxy", "--listen", ":8443"}},
		{"a port and tunnels for others", "--pass on :8443 would lend this machine's connection to anybody", 1, []string{"proxy", "--listen", ":8443", "--allow-remote", "--pass"}},
		{"no URL", `"ftp://a.test" is not the URL of a server`, 1, []string{"proxy", "--to", "ftp://a.test"}},
		{"nothing to record", "--upstream and --redact are for --record", 1, []string{"proxy", "--upstream", "http://a.test"}},
		{"two servers", "--record asks the real hosts, or --upstream, and not --to", 1, []string{"proxy", "--record", "c", "--to", "http://a.test"}},
		{"more to redact", `--redact is people or nothing, not "all"`, 1, []string{"proxy", "--record", "c", "--redact", "all"}},
		{"a host that is none", `"com" is not the name of a host`, 1, []string{"proxy", "--host", "com"}},
		{"an address for a host", `"127.0.0.1" is not the name of a host`, 1, []string{"proxy", "--host", "127.0.0.1"}},
		{"another file", file + ": it is not a cassette", 1, []string{"proxy", "--listen", "127.0.0.1:0", "--record", file}},
		{"no cassette named", "one cassette is compared: parley diff CASSETTE", 2, []string{"diff"}},
		{"no cassette there", "open /nowhere: no such file or directory", 2, []string{"diff", "/nowhere"}},
		{"no cassette in it", file + ": it is not a cassette", 2, []string{"diff", file}},
		{"no token", "with --to, --token says as whom", 2, []string{"diff", file, "--to", "http://127.0.0.1:1"}},
		{"a token of nothing", "--token is for --to", 2, []string{"diff", file, "--token", "t"}},
		{"an id that is none", `--id "7" is not like RECORDED=NOW`, 2, []string{"diff", file, "--id", "7"}},
		{"an unknown flag", "unknown flag: --speed", 2, []string{"diff", file, "--speed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := run(t, nil, c.args...)
			if code != c.code || stdout != "" || !strings.HasPrefix(stderr, "parley: "+c.want) || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d, output %q, error\n%swant\n%s", code, stdout, stderr, c.want)
			}
		})
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != "Dear diary" {
		t.Errorf("the file is %q, %v", now, err)
	}
}
