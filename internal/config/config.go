// Package config knows every setting of Parley and where its value comes from:
// a flag, the environment, a file or the default, the first that gives one.
// It must not act on a setting beyond checking it.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Settings are what a Parley can be told. Every value has been checked.
type Settings struct {
	Addr     string // host:port to listen on; port 0 picks a free one
	Data     string // folder of the embedded database
	Database string // postgres://…; empty for the embedded database
	// DatabaseListen is where other servers are heard: postgres://…, empty for the URL of
	// the database, or NotListening.
	DatabaseListen string
	Pool           Pool // of its connections

	Demo       bool   // fill an empty database with an example company
	Dev        bool   // open what tests of an integration need
	DevToken   string // opens it; not empty where Dev is set
	CacheMB    int    // memory for contacts that were read, and as much for conversations
	CachePages bool   // pages of lists are kept, too
	DevSpares  int    // workspaces that are made ready of each seed or snapshot in use; 0: none
	Token      string // access token of the first workspace; empty: a random one
	LogLevel   slog.Level
	LogFormat  LogFormat
	// How many requests in ten seconds: of an app, and of a workspace.
	AppRateLimit, RateLimit int
	// How many requests of a workspace are answered at once; 0 is any number.
	WorkspaceParallel int

	Connections  int           // of clients; 0 is any number
	Parallel     int           // requests that are answered at once; 0 is any number
	ParallelWait time.Duration // of those beyond them

	PublicURL string // where clients reach the server, without a slash at the end; empty: wherever they sent the request
	Files     string // folder of the attachments; empty: "files" in the data folder
	// FilesShared says that the folder is one that all servers on the database see.
	FilesShared bool

	OpenID OpenID // where admins may sign in beside here, if it has an issuer
	S3     S3     // where attachments are kept instead of in a folder, if it has a bucket

	AllowPrivateAddresses bool // outgoing requests may go to addresses that are not public

	DrainDelay time.Duration // from the order to stop until no more requests are taken

	SMS SMS // who takes text messages

	Webhooks Webhooks
}

// A Pool is the connections of a server to a PostgreSQL database.
type Pool struct {
	Connections int           // at most
	Wait        time.Duration // how long a request waits for one
}

// NotListening is the DatabaseListen of a server that does not hear others.
const NotListening = "off"

// SMS is a gateway of text messages.
type SMS struct {
	Gateway        SMSGateway
	URL            string // http or https URL without a path
	Account, Token string // set if there is a gateway, as is From
	From           string // a phone number, a short code, a name, or the SID of a messaging service
}

// An SMSGateway is whom text messages are handed to.
type SMSGateway string

const (
	NoGateway SMSGateway = "none"
	Twilio    SMSGateway = "twilio"
)

// OpenID is a provider at which admins may sign in.
type OpenID struct {
	Issuer       string
	ClientID     string
	ClientSecret string
}

// S3 is a place in a store that speaks S3's protocol.
type S3 struct {
	Bucket, Prefix       string
	Endpoint             string // http or https URL without a path
	Region               string
	AccessKey, SecretKey string // set if there is a bucket
}

// A LogFormat is how a line of the log is written.
type LogFormat string

const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)

// A Config is the settings and how they came to be.
type Config struct {
	Settings
	Values []Value // in the order of the documentation
}

// A Value is a setting as it was given.
type Value struct {
	Name   string // as in the file: log_format
	Text   string // as it was spelled, secrets masked
	Origin string // "flag --addr", "environment PARLEY_ADDR", "file parley.yaml: addr", "default"
}

// DefaultFile is the file that is read, if it is there, when none is named.
const DefaultFile = "parley.yaml"

// AddFlags gives a command the flag --config and a flag for each of the named
// settings. A secret has a second flag, which names a file that holds it.
func AddFlags(to *pflag.FlagSet, names ...string) {
	to.String("config", "", fmt.Sprintf("read settings from this `file` (PARLEY_CONFIG; default: %s if it is there)", DefaultFile))
	for _, name := range names {
		s := find(name)
		doc := fmt.Sprintf("%s (%s)", s.doc, envName(name))
		if s.isSwitch {
			to.Bool(FlagName(name), s.usual == "true", doc)
		} else {
			to.String(FlagName(name), s.usual, doc)
		}
		if s.mask != nil {
			to.String(FlagName(name+fileSuffix), "", fmt.Sprintf("read --%s from this `file` (%s)", FlagName(name), envName(name+fileSuffix)))
		}
	}
}

// Usual are defaults of a command's own, by the names of the settings.
type Usual map[string]string

// Describe has the help of flags tell these defaults.
func (u Usual) Describe(flags *pflag.FlagSet) {
	for name, text := range u {
		if f := flags.Lookup(FlagName(name)); f != nil {
			f.DefValue = text
		}
	}
}

// Load finds the value of every setting. A setting that the flags lack is taken
// from the other sources. An empty variable of the environment counts as unset.
func Load(flags *pflag.FlagSet, env func(string) (string, bool)) (*Config, error) {
	return Usual{}.Load(flags, env)
}

// Load is Load for a command with these defaults.
func (u Usual) Load(flags *pflag.FlagSet, env func(string) (string, bool)) (*Config, error) {
	file, err := loadFile(flags, env)
	if err != nil {
		return nil, err
	}
	// The strongest source comes first.
	sources := []source{
		{"flag --", FlagName, func(name string) (string, bool) {
			f := flags.Lookup(name)
			if f == nil || !f.Changed {
				return "", false
			}
			return f.Value.String(), true
		}},
		{"environment ", envName, func(name string) (string, bool) {
			v, _ := env(name)
			return v, v != ""
		}},
		file,
	}
	c := new(Config)
	for _, s := range settings {
		v := Value{Name: s.name, Text: s.usual, Origin: "default"}
		if text, ok := u[s.name]; ok {
			v.Text = text
		}
		for _, from := range sources {
			if found, err := from.read(s, &v); err != nil {
				return nil, err
			} else if found {
				break
			}
		}
		if err := s.set(&c.Settings, v.Text); err != nil {
			return nil, fmt.Errorf("%s: %w", v.Origin, err)
		}
		if s.mask != nil {
			v.Text = s.mask(v.Text)
		}
		c.Values = append(c.Values, v)
	}
	if c.S3.Bucket != "" && (c.S3.AccessKey == "" || c.S3.SecretKey == "") {
		return nil, errors.New("files names a bucket of S3: s3_access_key and s3_secret_key are needed with it")
	}
	if c.Database == "" && c.DatabaseListen != "" && c.DatabaseListen != NotListening {
		return nil, errors.New("database_listen is where servers on one PostgreSQL database hear each other: database is needed with it")
	}
	if (c.OpenID.Issuer == "") != (c.OpenID.ClientID == "") {
		return nil, errors.New("oidc_issuer and oidc_client_id are needed together")
	}
	if c.SMS.Gateway == Twilio && (c.SMS.Account == "" || c.SMS.Token == "" || c.SMS.From == "") {
		return nil, errors.New("sms_gateway is twilio: twilio_account_sid, twilio_auth_token and twilio_from are needed with it")
	}
	return c, checkWebhooks(c.Webhooks)
}

// A source gives settings by names of its own.
type source struct {
	label  string
	spell  func(name string) string
	lookUp func(spelled string) (string, bool)
}

// fileSuffix makes, of a secret's name, the name of the setting that says which
// file holds it.
const fileSuffix = "_file"

// read takes a setting from the source, or from the file that the source names
// for it, and reports whether there was one.
func (from source) read(s *setting, v *Value) (bool, error) {
	name := from.spell(s.name)
	text, given := from.lookUp(name)
	if s.mask != nil {
		pathName := from.spell(s.name + fileSuffix)
		if path, named := from.lookUp(pathName); named {
			if given {
				return false, fmt.Errorf("%s%s and %s are both given: one is enough", from.label, name, pathName)
			}
			held, err := os.ReadFile(path)
			if err != nil {
				return false, fmt.Errorf("%s%s: %w", from.label, pathName, err)
			}
			name, text, given = pathName, strings.TrimSpace(string(held)), true
		}
	}
	if given {
		v.Text, v.Origin = text, from.label+name
	}
	return given, nil
}

// FlagName is a setting's name as a flag spells it, without the dashes.
func FlagName(name string) string { return strings.ReplaceAll(name, "_", "-") }

func envName(name string) string { return "PARLEY_" + strings.ToUpper(name) }
