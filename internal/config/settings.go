package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parley/internal/lazy"
)

// A setting is one field of Settings: what it is called, what it means and how
// a text becomes its value.
type setting struct {
	name     string // in the file; flags and the environment spell it their way
	usual    string // the default
	doc      string
	isSwitch bool                // its flag needs no value
	mask     func(string) string // of a secret: what may be shown of it
	words    []string            // every value there is, if they are few
	set      func(*Settings, string) error
}

// settings are all there are. Errors must not repeat a secret.
var settings = append([]*setting{
	{name: "addr", usual: "127.0.0.1:8080", doc: "listen on this `host:port`; port 0 picks a free one",
		set: func(s *Settings, text string) error {
			_, port, err := net.SplitHostPort(text)
			if err != nil {
				return fmt.Errorf("%q is not host:port", text)
			}
			if _, err := strconv.ParseUint(port, 10, 16); err != nil {
				return fmt.Errorf("%q has no port from 0 to 65535", text)
			}
			s.Addr = text
			return nil
		}},
	{name: "data", usual: "./parley-data", doc: "keep the embedded database in this `folder`",
		set: func(s *Settings, text string) error {
			if text == "" {
				return errors.New("the data folder has no name")
			}
			s.Data = text
			return nil
		}},
	{name: "database", doc: "use the PostgreSQL database of this `URL` instead of the embedded one", mask: maskURL,
		set: func(s *Settings, text string) error {
			s.Database = text
			return checkDatabase(text)
		}},
	{name: "database_listen", doc: "hear other servers at this `URL` of the PostgreSQL database, where the one of database goes through a pooler of transactions; off: do not hear them",
		mask: maskURL,
		set: func(s *Settings, text string) error {
			if s.DatabaseListen = text; text == NotListening {
				return nil
			}
			return checkDatabase(text)
		}},
	{name: "database_connections", usual: "16", doc: "`connections` to a PostgreSQL database at most",
		set: number(1, 1000, func(s *Settings) *int { return &s.Pool.Connections })},
	{name: "database_wait", usual: "5s", doc: "how `long` a request waits for one of them before it is answered 503",
		set: duration(10*time.Millisecond, time.Minute, func(s *Settings) *time.Duration { return &s.Pool.Wait })},
	{name: "cache_mb", usual: "16", doc: "`MB` of memory for contacts that were read, and as much for conversations; 0 keeps nothing",
		set: number(0, 4096, func(s *Settings) *int { return &s.CacheMB })},
	{name: "cache_pages", usual: "true", doc: "keep pages of lists and searches, too, in a quarter of that", isSwitch: true, words: []string{"true", "false"},
		set: truth(func(s *Settings) *bool { return &s.CachePages })},
	{name: "demo", usual: "false", doc: "fill an empty database with an example company", isSwitch: true, words: []string{"true", "false"},
		set: truth(func(s *Settings) *bool { return &s.Demo })},
	{name: "dev_token", doc: "`token` that opens what dev does, of the server's own: " + UsualDevToken + " if none is given and addr is of this machine", mask: mask,
		set: func(s *Settings, text string) error {
			s.DevToken = text
			return checkToken(text)
		}},
	{name: "dev", usual: devWithDemo, doc: "open what tests of an integration need under /_parley/: workspaces, clocks, faults; demo: where demo is set and addr is of this machine",
		isSwitch: true, words: []string{"true", "false", devWithDemo}, set: setDev}, // after what it depends on
	{name: "dev_spares", usual: "2", doc: "with dev, `workspaces` made ready of each seed or snapshot in use, before they are asked for; 0 is none",
		set: number(0, 100, func(s *Settings) *int { return &s.DevSpares })},
	{name: "token", doc: "access `token` of the first workspace, used at the first start; a random one if none is given", mask: mask,
		set: func(s *Settings, text string) error {
			s.Token = text
			return checkToken(text)
		}},
	{name: "log_level", usual: "info", doc: "least `level` that is logged: debug, info, warn or error", words: []string{"debug", "info", "warn", "error"},
		set: func(s *Settings, text string) error {
			levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
			level, ok := levels[text]
			if !ok {
				return fmt.Errorf("%q is none of debug, info, warn and error", text)
			}
			s.LogLevel = level
			return nil
		}},
	{name: "log_format", usual: string(LogText), doc: "`format` of the log: text or json", words: []string{string(LogText), string(LogJSON)},
		set: func(s *Settings, text string) error {
			s.LogFormat = LogFormat(text)
			if s.LogFormat != LogText && s.LogFormat != LogJSON {
				return fmt.Errorf("%q is neither text nor json", text)
			}
			return nil
		}},
	{name: "rate_limit", usual: "1000000", doc: "`requests` that a workspace may make in ten seconds",
		set: func(s *Settings, text string) (err error) {
			s.RateLimit, err = positive(text)
			return err
		}},
	{name: "app_rate_limit", usual: "1000000", doc: "`requests` that an app may make in ten seconds",
		set: func(s *Settings, text string) (err error) {
			s.AppRateLimit, err = positive(text)
			return err
		}},
	{name: "server_connections", usual: "4096", doc: "`connections` of clients at most; 0 is any number",
		set: number(0, 1_000_000, func(s *Settings) *int { return &s.Connections })},
	{name: "server_parallel", usual: "256", doc: "`requests` that are answered at once, others wait; 0 is any number",
		set: number(0, 1_000_000, func(s *Settings) *int { return &s.Parallel })},
	{name: "server_wait", usual: "5s", doc: "a request waits so long to be one of them, and is then refused",
		set: duration(10*time.Millisecond, time.Minute, func(s *Settings) *time.Duration { return &s.ParallelWait })},
	{name: "workspace_parallel", usual: "0", doc: "`requests` of a workspace that are answered at once, others of it wait; 0 is any number",
		set: number(0, 1_000_000, func(s *Settings) *int { return &s.WorkspaceParallel })},
	{name: "public_url", doc: "`URL` by which clients reach the server, for links in answers; by default the one each request was sent to",
		set: func(s *Settings, text string) error {
			u, err := url.Parse(text)
			if text != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
				return fmt.Errorf("%q is not a URL like https://parley.example", text)
			}
			s.PublicURL = strings.TrimRight(text, "/")
			return nil
		}},
	{name: "files", doc: "keep attachments in this `place`: a folder, or s3://bucket/prefix; by default the folder files in the data folder",
		set: func(s *Settings, text string) error {
			place, isBucket := strings.CutPrefix(text, "s3://")
			if !isBucket {
				s.Files = text
				return nil
			}
			bucket, prefix, _ := strings.Cut(place, "/")
			prefix = strings.TrimSuffix(prefix, "/")
			if len(bucket) > 63 || !bucketName().MatchString(bucket) || prefix != "" && !prefixName().MatchString(prefix) {
				return fmt.Errorf("%q is not a place like s3://bucket/prefix", text)
			}
			s.S3.Bucket, s.S3.Prefix = bucket, prefix
			return nil
		}},
	{name: "files_shared", usual: "false", doc: "the folder of files is one that all servers on the PostgreSQL database see",
		isSwitch: true, words: []string{"true", "false"},
		set: truth(func(s *Settings) *bool { return &s.FilesShared })},
	{name: "s3_endpoint", usual: "https://s3.amazonaws.com", doc: "`URL` of the S3-compatible store",
		set: func(s *Settings, text string) (err error) {
			s.S3.Endpoint, err = plainURL(text, "https://s3.example")
			return err
		}},
	{name: "s3_region", usual: "us-east-1", doc: "`region` of the bucket",
		set: func(s *Settings, text string) error {
			if text == "" {
				return errors.New("the region has no name")
			}
			s.S3.Region = text
			return nil
		}},
	{name: "s3_access_key", doc: "access `key` of the S3-compatible store", mask: mask,
		set: func(s *Settings, text string) error { s.S3.AccessKey = text; return nil }},
	{name: "s3_secret_key", doc: "secret `key` of the S3-compatible store", mask: mask,
		set: func(s *Settings, text string) error { s.S3.SecretKey = text; return nil }},
	{name: "allow_private_addresses", usual: "false", doc: "let requests to URLs that people gave go to addresses that are not public",
		isSwitch: true, words: []string{"true", "false"},
		set: truth(func(s *Settings) *bool { return &s.AllowPrivateAddresses })},
	{name: "drain_delay", usual: "0s", doc: "how `long` a server that was told to stop goes on taking requests, so that a balancer that watches /readyz turns to others first",
		set: duration(0, 5*time.Minute, func(s *Settings) *time.Duration { return &s.DrainDelay })},
	{name: "sms_gateway", usual: string(NoGateway), doc: "`gateway` that sends text messages: none or twilio; with none they stay in the outbox",
		words: []string{string(NoGateway), string(Twilio)},
		set: func(s *Settings, text string) error {
			s.SMS.Gateway = SMSGateway(text)
			if s.SMS.Gateway != NoGateway && s.SMS.Gateway != Twilio {
				return fmt.Errorf("%q is neither none nor twilio", text)
			}
			return nil
		}},
	{name: "twilio_url", usual: "https://api.twilio.com", doc: "`URL` of Twilio's REST API, or of a gateway that speaks it",
		set: func(s *Settings, text string) (err error) {
			s.SMS.URL, err = plainURL(text, "https://api.twilio.com")
			return err
		}},
	{name: "twilio_account_sid", doc: "`SID` of the account at Twilio",
		set: func(s *Settings, text string) error {
			if text != "" && (len(text) > 64 || !twilioSID().MatchString(text)) {
				return fmt.Errorf("%q is not a SID: letters and digits", text)
			}
			s.SMS.Account = text
			return nil
		}},
	{name: "twilio_auth_token", doc: "secret `token` of the account at Twilio", mask: mask,
		set: func(s *Settings, text string) error { s.SMS.Token = text; return nil }},
	{name: "twilio_from", doc: "`sender` of text messages: a phone number in E.164 form, a short code, a name, or the SID of a messaging service",
		set: func(s *Settings, text string) error {
			if text != "" && !twilioFrom().MatchString(text) {
				return fmt.Errorf("%q is neither a number like +15005550006, a short code, a name of 11 characters at most, nor the SID of a messaging service", text)
			}
			s.SMS.From = text
			return nil
		}},
	{name: "oidc_issuer", doc: "`URL` of an OpenID Connect provider at which admins may sign in, as the provider spells it",
		set: func(s *Settings, text string) error {
			u, err := url.Parse(text)
			if text != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
				return fmt.Errorf("%q is not a URL like https://accounts.example", text)
			}
			s.OpenID.Issuer = text
			return nil
		}},
	{name: "oidc_client_id", doc: "`id` of Parley at the provider",
		set: func(s *Settings, text string) error { s.OpenID.ClientID = text; return nil }},
	{name: "oidc_client_secret", doc: "`secret` of Parley at the provider", mask: mask,
		set: func(s *Settings, text string) error { s.OpenID.ClientSecret = text; return nil }},
}, webhookSettings...)

var (
	twilioSID  = lazy.Regexp(`^[A-Za-z0-9-]+$`)
	twilioFrom = lazy.Regexp(`^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11}|MG[0-9a-fA-F]{32})$`)
)

// checkDatabase checks the URL of a PostgreSQL database, if there is one.
func checkDatabase(text string) error {
	u, err := url.Parse(text)
	if text != "" && (err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Host == "" && u.Query().Get("host") == "") {
		return errors.New("a database is named like postgres://user:password@host:5432/name")
	}
	return nil
}

func positive(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a whole number above 0", text)
	}
	return n, nil
}

// plainURL reads a URL that has a host and nothing after it.
func plainURL(text, example string) (string, error) {
	u, err := url.Parse(text)
	switch {
	case err == nil && u.User != nil:
		return "", fmt.Errorf("a URL like %s has no password", example)
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "", strings.Trim(u.Path, "/") != "", u.RawQuery != "", u.Fragment != "":
		return "", fmt.Errorf("%q is not a URL like %s", text, example)
	}
	return strings.TrimRight(text, "/"), nil
}

var (
	bucketName = lazy.Regexp(`^[a-z0-9][a-z0-9.-]+[a-z0-9]$`)
	prefixName = lazy.Regexp(`^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$`)
)

// Names lists the settings in the order of the documentation.
func Names() []string {
	names := make([]string, len(settings))
	for i, s := range settings {
		names[i] = s.name
	}
	return names
}

// Words lists the values that a setting can have, for completion; none if they
// cannot be listed.
func Words(name string) []string { return find(name).words }

// find panics on an unknown name: names are written in the code.
func find(name string) *setting {
	for _, s := range settings {
		if s.name == name {
			return s
		}
	}
	panic("config: there is no setting " + name)
}

func mask(secret string) string {
	if secret == "" {
		return ""
	}
	return "********"
}

// maskURL hides the password of a URL and leaves the rest, which tells an
// operator which database it is.
func maskURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return mask(text)
	}
	if q := u.Query(); q.Has("password") {
		q.Set("password", mask("password"))
		u.RawQuery = q.Encode()
	}
	return u.Redacted()
}
