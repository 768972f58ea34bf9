// Package deploy holds no code: only the tests that hold what an operator is given
// against the program, so that it does not rot.
package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"parley/internal/apptest"
	"parley/internal/config"
)

func TestMain(m *testing.M) { apptest.Main(m) }

// stopTime is how long a server takes to stop at most, once it has let others go
// elsewhere.
const stopTime = 10 * time.Second

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parse[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return v
}

// secretValues are secrets that pass the checks of their settings.
var secretValues = map[string]string{"database": "postgres://parley:x@db.test/parley"}

// load reads the settings that an environment gives. Each variable of ours must
// stand for a setting, a secret must come from a file, and all of them together must
// be settings that a server takes. It returns which files are named, by secret.
func load(t *testing.T, env map[string]string) (config.Settings, map[string]string) {
	t.Helper()
	flags := pflag.NewFlagSet("deploy", pflag.ContinueOnError)
	config.AddFlags(flags, config.Names()...)
	files := map[string]string{}
	given := map[string]string{}
	for name, value := range env {
		setting, ours := strings.CutPrefix(name, "PARLEY_")
		if !ours {
			continue
		}
		setting = strings.ToLower(setting)
		flag := config.FlagName(setting)
		if flags.Lookup(flag) == nil {
			t.Errorf("%s stands for no setting", name)
			continue
		}
		if flags.Lookup(flag+"-file") != nil {
			t.Errorf("%s is a secret: name a file that holds it", name)
		}
		if secret, isFile := strings.CutSuffix(setting, "_file"); isFile && flags.Lookup(config.FlagName(secret)) != nil {
			files[secret] = value
			held, ok := secretValues[secret]
			if !ok {
				held = "x"
			}
			value = filepath.Join(t.TempDir(), secret)
			if err := os.WriteFile(value, []byte(held), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		given[name] = value
	}
	c, err := config.Load(flags, func(name string) (string, bool) {
		value, ok := given[name]
		return value, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.Settings, files
}

// pinned is the name of an image with a version that does not move, or only within
// fixes of one version.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:v?[0-9]+\.[0-9]+(\.[0-9]+)?(-[a-z0-9.]+)?$|@sha256:[0-9a-f]{64}$`)

// assignments reads NAME=VALUE of a line.
func assignments(words []string) map[string]string {
	env := map[string]string{}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		env[name] = value
	}
	return env
}
