package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFirstStart(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	s := start(t, nil, "--data", data)
	if !regexp.MustCompile(`^http://127\.0\.0\.1:[1-9]\d*$`).MatchString(s.url) {
		t.Errorf("the URL is %q", s.url)
	}
	id := s.labelled("App id:")
	if s.token == "" {
		t.Fatal("no access token is printed")
	}
	me := s.ask("GET", "/me", s.token, "")
	if !strings.Contains(me, `"id_code":"`+id+`"`) || !strings.Contains(me, `"name":"My workspace"`) {
		t.Errorf("GET /me does not know the workspace %s: %s", id, me)
	}
	s.ask("GET", "/livez", "", "")
	s.ask("GET", "/readyz", "", "")
	if info, err := os.Stat(data); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("others can enter the data folder: %v, %v", info.Mode(), err)
	}
	if page := s.ask("GET", "/docs", "", ""); !strings.Contains(page, "<!DOCTYPE html>") {
		t.Errorf("GET /docs: %s", page)
	}
	s.ask("POST", "/contacts", s.token, `{"email":"joe@a.test"}`)
	s.stop()
	if all := strings.Join(s.start, "\n"); !strings.Contains(all, "curl -H 'Authorization: Bearer "+s.token+"' "+s.url+"/me") {
		t.Errorf("the start shows no request to try: %s", all)
	}
	// The token is made of base64, of which a URL's fragment takes all but the slash.
	if all, want := strings.Join(s.start, "\n"), "\nAPI explorer:  "+s.url+"/docs#token="+strings.ReplaceAll(s.token, "/", "%2F")+"\n"; !strings.Contains(all, want) {
		t.Errorf("the start does not say %q: %s", want, all)
	}

	again := start(t, nil, "--data", data)
	if got := again.labelled("App id:"); got != id {
		t.Errorf("at the second start the app id is %s, want %s", got, id)
	}
	if got := again.labelled("Access token:"); got != "shown at the first start; parley token create makes another" {
		t.Errorf("at the second start the token is %q", got)
	}
	if found := again.ask("GET", "/contacts", s.token, ""); !strings.Contains(found, "joe@a.test") {
		t.Errorf("the contact is gone: %s", found)
	}
	again.signal(os.Interrupt)
	if code := again.wait(); code != 0 {
		t.Errorf("after SIGINT the exit code is %d", code)
	}
	if rest, want := again.start[3], "API explorer:  "+again.url+"/docs\n"; rest != want {
		t.Errorf("the second start ends in %q, want %q", rest, want)
	}
}

func TestGivenToken(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(secret, []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, env, token string }{
		{"environment", "PARLEY_TOKEN=my-own-token", "my-own-token"},
		{"file", "PARLEY_TOKEN_FILE=" + secret, "from-a-file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			s := start(t, []string{c.env}, "--data", data)
			if s.token != c.token {
				t.Errorf("the token is %q, want %q", s.token, c.token)
			}
			s.ask("GET", "/me", c.token, "")
			s.stop()

			late := start(t, []string{"PARLEY_TOKEN=another"}, "--data", data)
			late.ask("GET", "/me", c.token, "")
			if status, _, _ := late.do("GET", "/me", "another", ""); status != http.StatusUnauthorized {
				t.Errorf("a token that is set later is answered with %d", status)
			}
			late.stop()
			if !strings.Contains(late.stderr.String(), "opens no workspace") {
				t.Errorf("the log does not warn of the token: %s", late.stderr.String())
			}
		})
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, []string{"PARLEY_DEMO=true"}, "--data", data)
	t.Logf("from the start to the URL: %s", s.toBoot)
	if me := s.ask("GET", "/me", s.token, ""); !strings.Contains(me, "Larkpool") {
		t.Errorf("GET /me: %s", me)
	}
	s.stop()

	plain := t.TempDir()
	first := start(t, nil, "--data", plain)
	first.stop()
	second := start(t, nil, "--data", plain, "--demo")
	if got := second.ask("GET", "/contacts", first.token, ""); !strings.Contains(got, `"total_count":0`) {
		t.Errorf("the demo was added to a workspace that was there: %s", got)
	}
}

func TestOneServerPerFolder(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data)
	_, stderr, code := run(t, nil, "serve", "--addr", "127.0.0.1:0", "--data", data)
	want := fmt.Sprintf("parley: the data folder %s is in use by another Parley server: stop that one, or choose another folder with --data\n", data)
	if code == 0 || stderr != want {
		t.Errorf("a second server ends with the code %d and says %q, want %q", code, stderr, want)
	}
	// The other commands work beside it.
	made, stderr, code := run(t, nil, "token", "create", "--data", data)
	if code != 0 {
		t.Fatal(stderr)
	}
	s.ask("GET", "/me", strings.TrimSpace(made), "")
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data := t.TempDir()
	_, stderr, code := run(t, nil, "serve", "--data", data, "--addr", taken.Addr().String())
	if code != 1 || !strings.Contains(stderr, "cannot listen") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	if s := start(t, nil, "--data", data); s.token == "" {
		t.Error("the failed start has used up the first one")
	}
}

// A slowRequest is one that a server has begun to read and cannot answer yet.
type slowRequest struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	body string
}

func beginSlowly(t *testing.T, s *server) *slowRequest {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	slow := &slowRequest{t, conn, bufio.NewReader(conn), `{"email":"slow@a.test"}`}
	// The server asks for the body when the handler begins to read it.
	fmt.Fprintf(conn, "POST /contacts HTTP/1.1\r\nHost: parley\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", s.token, len(slow.body))
	line, err := slow.in.ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("the server does not ask for the body: %q, %v", line, err)
	}
	if _, err := slow.in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return slow
}

// finish sends the rest and returns the answer's status.
func (r *slowRequest) finish() int {
	r.t.Helper()
	if _, err := io.WriteString(r.conn, r.body); err != nil {
		r.t.Fatal(err)
	}
	answer, err := http.ReadResponse(r.in, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// untilDraining asks until the server says that it is not ready.
func untilDraining(t *testing.T, s *server) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if status, _, err := s.do("GET", "/readyz", "", ""); err != nil {
			t.Fatal(err)
		} else if status == http.StatusServiceUnavailable {
			return
		}
	}
	t.Fatal("the server stays ready")
}

func TestStopAnswersWhatWasAsked(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data)
	slow := beginSlowly(t, s)
	s.signal(syscall.SIGTERM)
	untilDraining(t, s)
	if status := slow.finish(); status != http.StatusOK {
		t.Errorf("the request that was running is answered with %d", status)
	}
	if code := s.wait(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
	if _, _, err := s.do("GET", "/livez", "", ""); err == nil {
		t.Error("somebody still listens")
	}
	after := start(t, nil, "--data", data)
	if found := after.ask("GET", "/contacts", s.token, ""); !strings.Contains(found, "slow@a.test") {
		t.Errorf("what was answered is not there: %s", found)
	}
}

func TestSecondSignalForces(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--data", t.TempDir())
	beginSlowly(t, s)
	s.signal(syscall.SIGTERM)
	untilDraining(t, s)
	s.signal(syscall.SIGTERM)
	if code := s.wait(); code != 130 {
		t.Errorf("the exit code is %d, want 130", code)
	}
}

func TestStopDoesNotWaitForEver(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("waits for as long as a stop may take")
	}
	s := start(t, nil, "--data", t.TempDir())
	beginSlowly(t, s)
	s.signal(syscall.SIGTERM)
	begun := time.Now()
	if code := s.wait(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if !strings.Contains(s.stderr.String(), "requests were cut off") {
		t.Errorf("the log does not tell of it: %s", s.stderr.String())
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	s := start(t, []string{"PARLEY_LOG_FORMAT=json", "PARLEY_ADDR=ignored:1"}, "--data", t.TempDir(), "--addr", ":0")
	if !strings.HasPrefix(s.url, "http://127.0.0.1:") {
		t.Errorf("on all addresses the URL is %s", s.url)
	}
	r, err := http.NewRequest("GET", s.url+"/contacts?email=private@a.test", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	s.stop()
	found := false
	for line := range strings.Lines(s.stderr.String()) {
		var entry struct {
			Msg       string
			RequestID string `json:"request_id"`
			Operation string
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("the log has a line that is not JSON: %s", line)
		}
		found = found || entry.RequestID != "" && entry.RequestID == answer.Header.Get("X-Request-Id") && entry.Operation == "listContacts"
	}
	if !found {
		t.Errorf("no line tells of the request %s: %s", answer.Header.Get("X-Request-Id"), s.stderr.String())
	}
	for _, private := range []string{s.token, "private@a.test"} {
		if strings.Contains(s.stderr.String(), private) {
			t.Errorf("the log tells %q", private)
		}
	}
}
