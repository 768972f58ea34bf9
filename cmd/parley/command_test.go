package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestBadSettings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "settings.yaml")
	if err := os.WriteFile(file, []byte("adr: :1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		env  []string
		args []string
		want string
	}{
		{"environment", []string{"PARLEY_LOG_LEVEL=loud"}, []string{"serve"},
			`parley: environment PARLEY_LOG_LEVEL: "loud" is none of debug, info, warn and error`},
		{"flag", nil, []string{"serve", "--rate-limit", "none"}, `parley: flag --rate-limit: "none" is not a whole number above 0`},
		{"file", nil, []string{"serve", "--config", file},
			`parley: file ` + file + `, line 1: there is no setting "adr"; parley config print lists them`},
		{"other commands too", []string{"PARLEY_DATABASE=mysql://a:secret@b"}, []string{"workspace", "list"},
			"parley: environment PARLEY_DATABASE: a database is named like postgres://user:password@host:5432/name"},
		{"unknown flag", nil, []string{"serve", "--nope"}, "parley: unknown flag: --nope"},
		{"no database", nil, []string{"token", "list", "--data", dir},
			"parley: there is no database in the folder " + dir + ": start a server on it first, or name another with --data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := run(t, c.env, c.args...)
			if code == 0 || stdout != "" || stderr != c.want+"\n" {
				t.Errorf("exit code %d, output %q, error\n%swant\n%s", code, stdout, stderr, c.want)
			}
		})
	}
}

func TestConfigPrint(t *testing.T) {
	t.Parallel()
	stdout, stderr, code := run(t, []string{"PARLEY_TOKEN=hush", "PARLEY_LOG_FORMAT=json"}, "config", "print", "--addr", ":7",
		"--database", "postgres://joe:hush@db.test/parley")
	want := `addr: :7                                           # flag --addr
data: ./parley-data                                # default
database: postgres://joe:xxxxx@db.test/parley      # flag --database
database_listen: ""                                # default
database_connections: 16                           # default
database_wait: 5s                                  # default
cache_mb: 16                                       # default
cache_pages: true                                  # default
demo: false                                        # default
dev_token: ""                                      # default
dev: demo                                          # default
dev_spares: 2                                      # default
token: ********                                    # environment PARLEY_TOKEN
log_level: info                                    # default
log_format: json                                   # environment PARLEY_LOG_FORMAT
rate_limit: 1000000                                # default
app_rate_limit: 1000000                            # default
server_connections: 4096                           # default
server_parallel: 256                               # default
server_wait: 5s                                    # default
workspace_parallel: 0                              # default
public_url: ""                                     # default
files: ""                                          # default
files_shared: false                                # default
s3_endpoint: https://s3.amazonaws.com              # default
s3_region: us-east-1                               # default
s3_access_key: ""                                  # default
s3_secret_key: ""                                  # default
allow_private_addresses: false                     # default
drain_delay: 0s                                    # default
sms_gateway: none                                  # default
twilio_url: https://api.twilio.com                 # default
twilio_account_sid: ""                             # default
twilio_auth_token: ""                              # default
twilio_from: ""                                    # default
oidc_issuer: ""                                    # default
oidc_client_id: ""                                 # default
oidc_client_secret: ""                             # default
webhook_timeout: 5s # default
webhook_allow: "" # default
webhook_check: false # default
webhook_parallel: 8 # default
webhook_limit: 64 # default
webhook_retries: 100 # default
webhook_retry_delay: 5s # default
webhook_max_retry_delay: 1h # default
webhook_pause_after: 1000 # default
webhook_pause_window: 15m # default
webhook_pause: 15m # default
webhook_suspend_after: 168h # default
webhook_min_throttle: 1m # default
webhook_max_throttle: 2h # default
webhook_retention: 720h # default
`
	squeeze := regexp.MustCompile(` +#`)
	if code != 0 || squeeze.ReplaceAllString(stdout, " #") != squeeze.ReplaceAllString(want, " #") {
		t.Errorf("exit code %d, %s\n%s", code, stderr, stdout)
	}
}

// TestCommands goes through the commands on one folder, in the order in which an
// operator would.
func TestCommands(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	must := func(args ...string) string {
		t.Helper()
		stdout, stderr, code := run(t, nil, append(args, "--data", data)...)
		if code != 0 || stderr != "" {
			t.Fatalf("parley %s ends with %d: %s", strings.Join(args, " "), code, stderr)
		}
		return strings.TrimSpace(stdout)
	}
	refused := func(want string, args ...string) {
		t.Helper()
		_, stderr, code := run(t, nil, append(args, "--data", data)...)
		if code == 0 || strings.TrimSpace(stderr) != "parley: "+want {
			t.Errorf("parley %s ends with %d: %s", strings.Join(args, " "), code, stderr)
		}
	}
	shows := func(output string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !regexp.MustCompile(`(?m)` + want).MatchString(output) {
				t.Errorf("no line is like %q in\n%s", want, output)
			}
		}
	}

	id := must("workspace", "create", "First", "--timezone", "Europe/Berlin", "--owner-email", "ann@acme.test", "--owner-name", "Ann")
	shows(must("workspace", "list"), `^ID +NAME +TIMEZONE.+ APP LIMIT +LIMIT$`, `^`+id+` +First +Europe/Berlin +US +2.+ usual +usual$`)
	shows(must("workspace", "limits", id), `^usual +usual$`)
	shows(must("workspace", "limits", id, "--app", "7", "--workspace", "9"), `^7 +9$`)
	shows(must("workspace", "limits", id, "--reset", "--workspace", "5000"), `^usual +5000$`)
	shows(must("workspace", "list"), `^`+id+` .+ usual +5000$`)
	refused("--app is a whole number above 0; --reset goes back to what is usual", "workspace", "limits", id, "--app", "0")
	refused("A rate limit is a whole number from 1 to 1000000000, not -1", "workspace", "limits", id, "--app", "-1")
	refused(`there is no workspace "nope"; parley workspace list names those there are`, "workspace", "limits", "nope", "--app", "1")
	if got := must("admin", "create", "--email", "bob@acme.test", "--name", "Bob", "--job-title", "Agent"); got != "2" {
		t.Errorf("the second admin has the id %s", got)
	}
	refused("There is an admin with the e-mail address bob@acme.test already", "admin", "create", "--email", "bob@acme.test", "--name", "B")
	shows(must("admin", "list"), `^1 +ann@acme\.test +Ann +yes +yes`, `^2 +bob@acme\.test +Bob +Agent`)
	must("team", "create", "Support", "--member", "ann@acme.test=primary", "--member", "bob@acme.test")
	refused(`there is no admin with the e-mail address eve@acme.test; parley admin list names those there are`,
		"team", "create", "Other", "--member", "eve@acme.test")
	shows(must("team", "list"), `^1 +Support +1,2$`)

	token := must("token", "create", "--admin", "bob@acme.test", "--name", "bobs")
	list := must("token", "list")
	shows(list, `^[0-9a-f]{12} +bobs +bob@acme\.test +2`)
	if strings.Contains(list, token) {
		t.Error("the list of tokens shows one")
	}
	s := start(t, nil, "--data", data)
	if me := s.ask("GET", "/me", token, ""); !strings.Contains(me, "bob@acme.test") {
		t.Errorf("the token is not Bob's: %s", me)
	}
	tokenID := regexp.MustCompile(`(?m)^([0-9a-f]{12}) +bobs`).FindStringSubmatch(list)[1]
	must("token", "revoke", tokenID)
	if status, _, err := s.do("GET", "/me", token, ""); status != 401 {
		t.Errorf("a revoked token is answered with %d, %v", status, err)
	}

	made := must("app", "create", "--name", "Sync", "--redirect-url", "https://sync.test/a", "--redirect-url", "http://localhost:1/b",
		"--scope", "read_tags", "--scope", "manage_apps")
	shows(made, `^ID +1$`, `^NAME +Sync$`, `^CLIENT ID +[0-9a-f-]{36}$`, `^CLIENT SECRET +[0-9a-f-]{36}$`, `^SCOPES +manage_apps read_tags$`,
		`^REDIRECT URL +https://sync\.test/a$`, `^REDIRECT URL +http://localhost:1/b$`)
	if got := must("app", "show", "1"); got != made {
		t.Errorf("the app is shown as\n%s", got)
	}
	refused(`"root" is not a scope`, "app", "create", "--name", "x", "--scope", "root")
	secret := must("app", "rotate-secret", "1")
	if strings.Contains(made, secret) || !strings.Contains(must("app", "show", "1"), secret) {
		t.Error("the secret is not another")
	}
	if list := must("app", "list"); strings.Contains(list, secret) {
		t.Error("the list of apps shows a secret")
	} else {
		shows(list, `^1 +Sync +[0-9a-f-]{36} +2 +2`)
	}
	must("app", "delete", "1")
	refused("App not found", "app", "delete", "1")

	if got := must("admin", "password", "BOB@acme.test"); len(got) < 20 {
		t.Errorf("the password is %q", got)
	}
	refused("A password has 12 characters at least", "admin", "password", "bob@acme.test", "--stdin")
	refused("there is no admin with the e-mail address eve@acme.test; parley admin list names those there are", "admin", "password", "eve@acme.test")
	refused("admins turn two-factor authentication on at /account/two-factor: say --disable to turn it off here", "admin", "totp", "bob@acme.test")
	must("admin", "totp", "bob@acme.test", "--disable")

	seed := filepath.Join(t.TempDir(), "seed.yaml")
	if err := os.WriteFile(seed, []byte("tags: [a, b]\ncontacts: [{email: c@a.test, tags: [a]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shows(must("seed", seed), `^WORKSPACE `+id, `^tags +2 +0 +0$`, `^contacts +1 +0 +0$`)
	shows(must("seed", seed), `^tags +0 +0 +2$`, `^contacts +0 +0 +1$`)

	second := must("workspace", "create", "Second")
	refused("there are 2 workspaces: choose one with --workspace", "admin", "list")
	shows(must("admin", "list", "--workspace", second), `^1 +owner@parley\.example +Owner`)
	refused("this deletes the workspace "+second+" (Second) and all that is in it, for good: say --yes if you mean it", "workspace", "delete", second)
	must("workspace", "delete", second, "--yes")
	refused(`there is no workspace "`+second+`"; parley workspace list names those there are`, "admin", "list", "--workspace", second)
}

// TestOutbox lists what a server has put into the outbox, beside it.
func TestOutbox(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data)
	var c struct{ ID string }
	if err := json.Unmarshal([]byte(s.ask("POST", "/contacts", s.token, `{"external_id":"1","email":"joe@a.test"}`)), &c); err != nil {
		t.Fatal(err)
	}
	s.ask("POST", "/messages", s.token, `{"to":{"id":"`+c.ID+`"},"message_type":"email","subject":"Hello","body":"Hi"}`)
	s.ask("POST", "/phone_call_redirects", s.token, `{"phone":"+353832345678"}`)
	outbox := func(args ...string) string {
		t.Helper()
		stdout, stderr, code := run(t, nil, append([]string{"outbox", "--data", data}, args...)...)
		if code != 0 {
			t.Fatal(stderr)
		}
		return stdout
	}
	// The server finds that there is no gateway.
	for deadline := time.Now().Add(patience); outbox("--state", "kept") == "" && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
	}
	lines := strings.Split(outbox(), "\n")
	for i, want := range []string{`^KIND +CREATED +TO +STATE +REASON +SUBJECT OR TEXT$`, `^email +\S+ \S+ +joe@a\.test +queued +Hello$`,
		`^sms +\S+ \S+ +\+353832345678 +kept +Continue your conversation with .+ here: http://\S+$`, `^$`} {
		if len(lines) != 4 || !regexp.MustCompile(want).MatchString(lines[i]) {
			t.Fatalf("the outbox has %q", lines)
		}
	}
	var line struct{ Kind, To, State, Text string }
	if err := json.Unmarshal([]byte(outbox("--json", "--state", "kept")), &line); err != nil || line.Kind != "sms" ||
		line.To != "+353832345678" || line.State != "kept" || !strings.Contains(line.Text, s.url+"/msgr/") {
		t.Errorf("%+v, %v", line, err)
	}
	if got := outbox("--state", "sent"); got != "" {
		t.Errorf("what was sent:\n%s", got)
	}
	_, stderr, code := run(t, nil, "outbox", "--data", data, "--state", "lost")
	if want := `parley: "lost" is no state of a message: queued, sending, sent, failed, kept, suppressed` + "\n"; code == 0 || stderr != want {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"version"}, "API 2.9"},
		{[]string{"--version"}, "parley version "},
		{[]string{"--version"}, "API 2.9"},
		{[]string{"--help"}, "parley [command]"},
		{[]string{"token"}, "revoke"},
		{[]string{"completion", "bash"}, "__start_parley"},
		{[]string{"completion", "zsh"}, "#compdef parley"},
		{[]string{"__complete", "serve", "--log-format", ""}, "json"},
	} {
		stdout, stderr, code := run(t, nil, c.args...)
		if code != 0 || !strings.Contains(stdout, c.want) {
			t.Errorf("parley %s ends with %d and lacks %q: %s%s", strings.Join(c.args, " "), code, c.want, stdout, stderr)
		}
	}
	if _, stderr, code := run(t, nil, "serv"); code == 0 || !strings.Contains(stderr, "Did you mean this?\n\tserve") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

// TestEachCommandByItsName makes each command by itself, as the program does when it is named, and has it tell the same help.
func TestEachCommandByItsName(t *testing.T) {
	t.Parallel()
	p := program{stdout: io.Discard, stderr: io.Discard, env: func(string) (string, bool) { return "", false }}
	for _, want := range p.root(nil).Commands() {
		alone := p.root([]string{want.Name()}).Commands()
		if len(alone) != 1 || alone[0].Name() != want.Name() || alone[0].UsageString() != want.UsageString() {
			t.Errorf("%s is not made by its name", want.Name())
		}
	}
	if all := p.root([]string{"nothing"}).Commands(); len(all) < 23 {
		t.Errorf("a mistake is told %d commands", len(all))
	}
}

// No command that shows settings, or looks at what they lead to, shows a secret among them, be they right or wrong.
func TestSecretsAreNotShown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("marked-in-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	right := []string{"PARLEY_DATA=" + dir, "PARLEY_TOKEN=marked-token-of-the-owner", "PARLEY_DEV=true", "PARLEY_DEV_TOKEN=marked-token-of-the-server",
		"PARLEY_DATABASE=postgres://joe:marked-password@127.0.0.1:1/parley", "PARLEY_DATABASE_LISTEN=postgres://joe:marked-other-password@127.0.0.1:1/parley",
		"PARLEY_FILES=s3://bucket", "PARLEY_S3_ENDPOINT=http://127.0.0.1:1", "PARLEY_S3_ACCESS_KEY=parley", "PARLEY_S3_SECRET_KEY=marked-key",
		"PARLEY_SMS_GATEWAY=twilio", "PARLEY_TWILIO_URL=http://127.0.0.1:1", "PARLEY_TWILIO_ACCOUNT_SID=AC0", "PARLEY_TWILIO_FROM=+15005550006", "PARLEY_TWILIO_AUTH_TOKEN_FILE=" + secret,
		"PARLEY_OIDC_ISSUER=http://127.0.0.1:1", "PARLEY_OIDC_CLIENT_ID=parley", "PARLEY_OIDC_CLIENT_SECRET=marked-client-secret", "PARLEY_PUBLIC_URL=https://parley.test"}
	for _, c := range []struct {
		name string
		env  []string // beside those
		args []string
		says string
		code int
	}{
		{"settings", nil, []string{"config", "print"}, "oidc_client_secret: ********", 0},
		{"doctor", nil, []string{"doctor"}, "problem", 1},
		{"doctor in JSON", nil, []string{"doctor", "--json", "--full", "--write"}, `"problem"`, 1},
		{"a server", nil, []string{"serve"}, "127.0.0.1:1", 1},
		{"a backup", nil, []string{"backup", filepath.Join(dir, "archive")}, "127.0.0.1:1", 1},
		{"a wrong database", []string{"PARLEY_DATABASE=postgres://joe:marked-password@127.0.0.1:port/parley"}, []string{"doctor"}, "PARLEY_DATABASE", 1},
		{"a password in the wrong place", []string{"PARLEY_DATABASE=marked-password"}, []string{"config", "print"}, "PARLEY_DATABASE", 1},
		{"a store without one of its keys", []string{"PARLEY_S3_ACCESS_KEY="}, []string{"doctor"}, "s3_access_key", 1},
		{"a token that is none", []string{"PARLEY_TOKEN=marked token"}, []string{"serve"}, "PARLEY_TOKEN", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, code := run(t, append(right, c.env...), c.args...)
			if said := stdout + stderr; strings.Contains(said, "marked") || !strings.Contains(said, c.says) || code != c.code {
				t.Errorf("exit code %d, want %d, and %q:\n%s", code, c.code, c.says, said)
			}
		})
	}
}
