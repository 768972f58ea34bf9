package config_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"

	"parley/internal/config"
)

// sources are what a case gives to Load.
type sources struct {
	args []string
	env  map[string]string
	file string // content; none if empty
}

// load writes the file, if any, to a folder of the test's own. "DIR" in a value
// stands for that folder, there and in what comes back.
func load(t *testing.T, from sources) (*config.Config, error) {
	t.Helper()
	dir := t.TempDir()
	place := func(s string) string { return strings.ReplaceAll(s, "DIR", dir) }
	write(t, filepath.Join(dir, "secret"), "from-a-file\n")
	args := []string{}
	if from.file != "" {
		write(t, filepath.Join(dir, "my.yaml"), place(from.file))
		args = append(args, "--config", filepath.Join(dir, "my.yaml"))
	}
	for _, a := range from.args {
		args = append(args, place(a))
	}
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	config.AddFlags(flags, config.Names()...)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(flags, func(name string) (string, bool) {
		v, ok := from.env[name]
		return place(v), ok
	})
	if err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), dir, "DIR"))
	}
	for i := range c.Values {
		c.Values[i].Origin = strings.ReplaceAll(c.Values[i].Origin, dir, "DIR")
	}
	return c, nil
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	type shown struct{ Text, Origin string }
	for _, c := range []struct {
		name    string
		from    sources
		setting string
		want    shown
	}{
		{"default", sources{}, "addr", shown{"127.0.0.1:8080", "default"}},
		{"file over default", sources{file: "addr: localhost:1"}, "addr", shown{"localhost:1", "file DIR/my.yaml: addr"}},
		{"environment over file", sources{file: "addr: localhost:1", env: map[string]string{"PARLEY_ADDR": "localhost:2"}},
			"addr", shown{"localhost:2", "environment PARLEY_ADDR"}},
		{"flag over environment", sources{args: []string{"--addr", "localhost:3"}, env: map[string]string{"PARLEY_ADDR": "localhost:2"}},
			"addr", shown{"localhost:3", "flag --addr"}},
		{"flag over all", sources{args: []string{"--log-format=json"}, file: "log_format: text", env: map[string]string{"PARLEY_LOG_FORMAT": "text"}},
			"log_format", shown{"json", "flag --log-format"}},
		{"a flag may empty what the file gives", sources{args: []string{"--public-url="}, file: "public_url: http://a.test"},
			"public_url", shown{"", "flag --public-url"}},
		{"an empty variable is none", sources{file: "data: d", env: map[string]string{"PARLEY_DATA": ""}},
			"data", shown{"d", "file DIR/my.yaml: data"}},
		{"null in the file is none", sources{file: "data:\naddr: :1"}, "data", shown{"./parley-data", "default"}},
		{"a number in the file", sources{file: "rate_limit: 5"}, "rate_limit", shown{"5", "file DIR/my.yaml: rate_limit"}},
		{"a truth value in the file", sources{file: "demo: true"}, "demo", shown{"true", "file DIR/my.yaml: demo"}},
		{"a switch needs no value", sources{args: []string{"--demo"}}, "demo", shown{"true", "flag --demo"}},
		{"a switch turned off", sources{args: []string{"--demo=false"}, file: "demo: true"}, "demo", shown{"false", "flag --demo"}},
		{"a file of comments", sources{file: "# nothing\n"}, "addr", shown{"127.0.0.1:8080", "default"}},
		{"a secret is masked", sources{env: map[string]string{"PARLEY_TOKEN": "hush"}}, "token", shown{"********", "environment PARLEY_TOKEN"}},
		{"no secret, no mask", sources{}, "token", shown{"", "default"}},
		{"a password is masked", sources{args: []string{"--database", "postgres://joe:hush@db.test:5432/parley?sslmode=require"}},
			"database", shown{"postgres://joe:xxxxx@db.test:5432/parley?sslmode=require", "flag --database"}},
		{"a password in the query is masked", sources{file: "database: postgres://db.test/parley?password=hush"},
			"database", shown{"postgres://db.test/parley?password=%2A%2A%2A%2A%2A%2A%2A%2A", "file DIR/my.yaml: database"}},
		{"where others are heard is masked", sources{env: map[string]string{"PARLEY_DATABASE": "postgres://db.test/parley", "PARLEY_DATABASE_LISTEN": "postgres://joe:hush@db.test/parley"}},
			"database_listen", shown{"postgres://joe:xxxxx@db.test/parley", "environment PARLEY_DATABASE_LISTEN"}},
		{"not hearing others", sources{file: "database_listen: off"}, "database_listen", shown{"off", "file DIR/my.yaml: database_listen"}},
		{"a secret in a file, by the environment", sources{env: map[string]string{"PARLEY_TOKEN_FILE": "DIR/secret"}},
			"token", shown{"********", "environment PARLEY_TOKEN_FILE"}},
		{"a secret in a file, by flag, over the environment", sources{args: []string{"--token-file", "DIR/secret"}, env: map[string]string{"PARLEY_TOKEN": "x"}},
			"token", shown{"********", "flag --token-file"}},
		{"the keys of S3 are masked", sources{env: map[string]string{"PARLEY_S3_SECRET_KEY": "hush"}},
			"s3_secret_key", shown{"********", "environment PARLEY_S3_SECRET_KEY"}},
		{"a gateway's secret is masked", sources{file: "twilio_auth_token: hush"}, "twilio_auth_token", shown{"********", "file DIR/my.yaml: twilio_auth_token"}},
		{"a switch needs no value, of two words", sources{args: []string{"--allow-private-addresses"}},
			"allow_private_addresses", shown{"true", "flag --allow-private-addresses"}},
		{"a secret in a file, by the file", sources{file: "token_file: DIR/secret"}, "token", shown{"********", "file DIR/my.yaml: token_file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := load(t, c.from)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range got.Values {
				if v.Name == c.setting {
					if diff := cmp.Diff(c.want, shown{v.Text, v.Origin}); diff != "" {
						t.Error(diff)
					}
				}
			}
		})
	}
}

// A command's own default goes before the usual one, and behind everything else.
func TestUsual(t *testing.T) {
	t.Parallel()
	usual := config.Usual{"data": "./mine", "demo": "true"}
	for _, c := range []struct {
		name string
		args []string
		env  string // PARLEY_DATA
		data string
		demo bool
	}{
		{"the command's", nil, "", "./mine", true},
		{"the environment's", nil, "./env", "./env", true},
		{"a flag's", []string{"--data", "./flag", "--demo=false"}, "./env", "./flag", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
			config.AddFlags(flags, "data", "demo")
			usual.Describe(flags)
			if help := flags.FlagUsages(); !strings.Contains(help, `(default "./mine")`) || !strings.Contains(help, "(default true)") {
				t.Errorf("the help is\n%s", help)
			}
			if err := flags.Parse(c.args); err != nil {
				t.Fatal(err)
			}
			got, err := usual.Load(flags, func(name string) (string, bool) { return map[string]string{"PARLEY_DATA": c.env}[name], true })
			if err != nil {
				t.Fatal(err)
			}
			if got.Data != c.data || got.Demo != c.demo || !got.Dev && c.demo {
				t.Errorf("data is %s, demo %v, dev %v", got.Data, got.Demo, got.Dev)
			}
		})
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	got, err := load(t, sources{
		file: "addr: :0\ndata: /srv/parley\ndemo: true\ncache_mb: 5\ncache_pages: true\nlog_level: debug\nlog_format: json\ndev_spares: 3\nrate_limit: 7\napp_rate_limit: 6\nworkspace_parallel: 5\nserver_connections: 40\nserver_parallel: 20\nserver_wait: 3s\npublic_url: https://p.test/\n" +
			"files: s3://my.bucket/some/prefix/\ns3_endpoint: http://s3.test:9000/\ns3_region: eu-1\ns3_access_key: id\nallow_private_addresses: true\n" +
			"sms_gateway: twilio\ntwilio_url: http://sms.test:9000/\ntwilio_account_sid: AC1\ntwilio_from: +15005550006\n",
		env: map[string]string{"PARLEY_TOKEN_FILE": "DIR/secret", "PARLEY_DATABASE": "postgres:///parley?host=/run/postgresql",
			"PARLEY_S3_SECRET_KEY_FILE": "DIR/secret", "PARLEY_TWILIO_AUTH_TOKEN_FILE": "DIR/secret"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Settings{Addr: ":0", Data: "/srv/parley", Database: "postgres:///parley?host=/run/postgresql",
		Pool: config.Pool{Connections: 16, Wait: 5 * time.Second}, Demo: true,
		CacheMB: 5, CachePages: true, DevSpares: 3, Token: "from-a-file", LogLevel: slog.LevelDebug, LogFormat: config.LogJSON, RateLimit: 7, AppRateLimit: 6, WorkspaceParallel: 5, Connections: 40, Parallel: 20, ParallelWait: 3 * time.Second, PublicURL: "https://p.test",
		S3: config.S3{Bucket: "my.bucket", Prefix: "some/prefix", Endpoint: "http://s3.test:9000", Region: "eu-1",
			AccessKey: "id", SecretKey: "from-a-file"}, AllowPrivateAddresses: true,
		SMS: config.SMS{Gateway: config.Twilio, URL: "http://sms.test:9000", Account: "AC1", Token: "from-a-file", From: "+15005550006"}}
	got.Webhooks = config.Webhooks{} // TestWebhooks has them
	if diff := cmp.Diff(want, got.Settings); diff != "" {
		t.Error(diff)
	}
}

// TestUsualFile is not parallel: the usual file is looked for in the folder that
// the process is in.
func TestUsualFile(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, config.DefaultFile, "rate_limit: 12")
	got, err := load(t, sources{})
	if err != nil || got.RateLimit != 12 {
		t.Fatalf("got %+v, %v", got, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	env := func(name, value string) sources { return sources{env: map[string]string{name: value}} }
	for _, c := range []struct {
		name string
		from sources
		want string // all of it, with DIR for the folder
	}{
		{"unknown key", sources{file: "addr: :1\nlog_fromat: json"},
			`file DIR/my.yaml, line 2: there is no setting "log_fromat"; parley config print lists them`},
		{"list", sources{file: "addr: [1]"}, "file DIR/my.yaml, line 1: addr takes a single value"},
		{"not a mapping", sources{file: "- addr"}, `file DIR/my.yaml, line 1: settings are written as "name: value", one a line`},
		{"not YAML", sources{file: "addr: \"x\nb: {"}, "file DIR/my.yaml, line 1: could not find end character of double-quoted text"},
		{"twice in the file", sources{file: "addr: :1\naddr: :2"}, `file DIR/my.yaml, line 2: mapping key "addr" already defined at [1:1]`},
		{"bad value in the file", sources{file: "rate_limit: many"}, `file DIR/my.yaml: rate_limit: "many" is not a whole number above 0`},
		{"bad value in the environment", env("PARLEY_LOG_LEVEL", "loud"), `environment PARLEY_LOG_LEVEL: "loud" is none of debug, info, warn and error`},
		{"bad value of a flag", sources{args: []string{"--log-format", "xml"}}, `flag --log-format: "xml" is neither text nor json`},
		{"rate of zero", env("PARLEY_RATE_LIMIT", "0"), `environment PARLEY_RATE_LIMIT: "0" is not a whole number above 0`},
		{"rate below zero", env("PARLEY_APP_RATE_LIMIT", "-1"), `environment PARLEY_APP_RATE_LIMIT: "-1" is not a whole number above 0`},
		{"switch", env("PARLEY_DEMO", "maybe"), `environment PARLEY_DEMO: "maybe" is neither true nor false`},
		{"dev", env("PARLEY_DEV", "maybe"), `environment PARLEY_DEV: "maybe" is none of true, false and demo`},
		{"dev for other machines", sources{env: map[string]string{"PARLEY_DEV": "true", "PARLEY_ADDR": ":8080"}},
			"environment PARLEY_DEV: whoever has the token rules all workspaces, and addr is reached from other machines: dev_token is needed too"},
		{"the token of dev is not repeated", env("PARLEY_DEV_TOKEN", "hush hush"), "environment PARLEY_DEV_TOKEN: a token has neither spaces nor characters beyond ASCII"},
		{"address without port", env("PARLEY_ADDR", "localhost"), `environment PARLEY_ADDR: "localhost" is not host:port`},
		{"address with a wrong port", env("PARLEY_ADDR", ":99999"), `environment PARLEY_ADDR: ":99999" has no port from 0 to 65535`},
		{"public URL", env("PARLEY_PUBLIC_URL", "parley.test"), `environment PARLEY_PUBLIC_URL: "parley.test" is not a URL like https://parley.example`},
		{"others without a database", env("PARLEY_DATABASE_LISTEN", "postgres://db.test/parley"),
			"database_listen is where servers on one PostgreSQL database hear each other: database is needed with it"},
		{"others by another database", env("PARLEY_DATABASE_LISTEN", "redis://joe:hush@db.test"),
			"environment PARLEY_DATABASE_LISTEN: a database is named like postgres://user:password@host:5432/name"},
		{"the password is not repeated", env("PARLEY_DATABASE", "mysql://joe:hush@db.test"),
			"environment PARLEY_DATABASE: a database is named like postgres://user:password@host:5432/name"},
		{"the token is not repeated", env("PARLEY_TOKEN", "hush hush"), "environment PARLEY_TOKEN: a token has neither spaces nor characters beyond ASCII"},
		{"a secret twice in one source", sources{env: map[string]string{"PARLEY_TOKEN": "a", "PARLEY_TOKEN_FILE": "b"}},
			"environment PARLEY_TOKEN and PARLEY_TOKEN_FILE are both given: one is enough"},
		{"a bucket without a name", env("PARLEY_FILES", "s3:///prefix"), `environment PARLEY_FILES: "s3:///prefix" is not a place like s3://bucket/prefix`},
		{"a prefix that leads out", env("PARLEY_FILES", "s3://bucket/a/../b"), `environment PARLEY_FILES: "s3://bucket/a/../b" is not a place like s3://bucket/prefix`},
		{"a bucket without keys", env("PARLEY_FILES", "s3://bucket"), "files names a bucket of S3: s3_access_key and s3_secret_key are needed with it"},
		{"S3 endpoint", env("PARLEY_S3_ENDPOINT", "s3.test:9000"), `environment PARLEY_S3_ENDPOINT: "s3.test:9000" is not a URL like https://s3.example`},
		{"S3 endpoint with a path", env("PARLEY_S3_ENDPOINT", "https://s3.test/x"), `environment PARLEY_S3_ENDPOINT: "https://s3.test/x" is not a URL like https://s3.example`},
		{"private addresses", env("PARLEY_ALLOW_PRIVATE_ADDRESSES", "some"), `environment PARLEY_ALLOW_PRIVATE_ADDRESSES: "some" is neither true nor false`},
		{"a provider without an id", env("PARLEY_OIDC_ISSUER", "https://accounts.test"), "oidc_issuer and oidc_client_id are needed together"},
		{"an id without a provider", env("PARLEY_OIDC_CLIENT_ID", "x"), "oidc_issuer and oidc_client_id are needed together"},
		{"a provider without a scheme", env("PARLEY_OIDC_ISSUER", "accounts.test"), `environment PARLEY_OIDC_ISSUER: "accounts.test" is not a URL like https://accounts.example`},
		{"another gateway", env("PARLEY_SMS_GATEWAY", "pigeon"), `environment PARLEY_SMS_GATEWAY: "pigeon" is neither none nor twilio`},
		{"a gateway without an account", env("PARLEY_SMS_GATEWAY", "twilio"),
			"sms_gateway is twilio: twilio_account_sid, twilio_auth_token and twilio_from are needed with it"},
		{"a gateway's URL with a password", env("PARLEY_TWILIO_URL", "https://joe:hush@sms.test"),
			"environment PARLEY_TWILIO_URL: a URL like https://api.twilio.com has no password"},
		{"a gateway's URL with a path", env("PARLEY_TWILIO_URL", "https://sms.test/x"), `environment PARLEY_TWILIO_URL: "https://sms.test/x" is not a URL like https://api.twilio.com`},
		{"an account that leads elsewhere", env("PARLEY_TWILIO_ACCOUNT_SID", "AC1/../AC2"),
			`environment PARLEY_TWILIO_ACCOUNT_SID: "AC1/../AC2" is not a SID: letters and digits`},
		{"a sender of 12 letters", env("PARLEY_TWILIO_FROM", "Parley Parley"), `environment PARLEY_TWILIO_FROM: "Parley Parley" is neither a number like ` +
			"+15005550006, a short code, a name of 11 characters at most, nor the SID of a messaging service"},
		{"no such secret file", env("PARLEY_TOKEN_FILE", "DIR/none"), "environment PARLEY_TOKEN_FILE: open DIR/none: no such file or directory"},
		{"no such settings file", env("PARLEY_CONFIG", "DIR/none"), "the settings file cannot be read: open DIR/none: no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.from)
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestDocumented holds that the table of the documentation has every setting and
// its default.
func TestDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	defaults, err := load(t, sources{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range defaults.Values {
		row := "| `" + v.Name + "` | "
		if v.Text != "" {
			row += "`" + v.Text + "` |"
		}
		if !strings.Contains(string(page), "\n"+row) {
			t.Errorf("docs/operations.md has no row %q", row)
		}
	}
}

func TestPool(t *testing.T) {
	t.Parallel()
	got, err := load(t, sources{file: "database_connections: 40\ndatabase_wait: 250ms\n"})
	if err != nil {
		t.Fatal(err)
	}
	if want := (config.Pool{Connections: 40, Wait: 250 * time.Millisecond}); got.Pool != want {
		t.Errorf("%+v, want %+v", got.Pool, want)
	}
	for _, bad := range []string{"database_connections: 0", "database_connections: many", "database_connections: 1001",
		"database_wait: 0s", "database_wait: 5", "database_wait: 2m"} {
		if _, err := load(t, sources{file: bad}); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
