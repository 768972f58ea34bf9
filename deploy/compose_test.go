package deploy

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

type composeFile struct {
	Services map[string]composeService
	Volumes  map[string]any
	Secrets  map[string]struct{ File string }
}

type composeService struct {
	Image           string
	Build           map[string]any
	Command         any
	Environment     map[string]string
	Secrets         []string
	Volumes         []string
	DependsOn       any      `yaml:"depends_on"`
	StopGracePeriod string   `yaml:"stop_grace_period"`
	ReadOnly        bool     `yaml:"read_only"`
	CapDrop         []string `yaml:"cap_drop"`
}

var (
	variable  = regexp.MustCompile(`\$\{([A-Z_]+)(?::?[-?]([^}]*))?\}`)
	runSecret = regexp.MustCompile(`/run/secrets/([a-z0-9_]+)`)
)

func TestCompose(t *testing.T) {
	t.Parallel()
	example := assignments(regexp.MustCompile(`(?m)^[A-Z_]+=.*$`).FindAllString(read(t, "compose/.env.example"), -1))
	used := map[string]bool{}
	made := makeSecrets(t)
	for _, name := range []string{"single.yaml", "three.yaml"} {
		text := read(t, "compose", name)
		for _, m := range variable.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
			if usual, ok := example[m[1]]; !ok || usual != m[2] {
				t.Errorf("%s: %s: .env.example has %q", name, m[0], usual)
			}
		}
		text = variable.ReplaceAllString(text, "$2")
		c := parse[composeFile](t, text)
		for service, s := range c.Services {
			t.Run(name+"/"+service, func(t *testing.T) {
				t.Parallel()
				checkService(t, c, s)
			})
		}
		for secret, from := range c.Secrets {
			if from.File != "./secrets/"+secret || made[secret] == "" {
				t.Errorf("%s: nothing makes the secret %s in %s", name, secret, from.File)
			}
		}
	}
	for name := range example {
		if !used[name] {
			t.Errorf(".env.example has %s, which nothing uses", name)
		}
	}
}

func checkService(t *testing.T, c composeFile, s composeService) {
	if len(s.Build) == 0 && !pinned.MatchString(s.Image) {
		t.Errorf("the version of %s can change", s.Image)
	}
	for _, m := range runSecret.FindAllStringSubmatch(fmt.Sprint(s.Environment, s.Command), -1) {
		if !slices.Contains(s.Secrets, m[1]) {
			t.Errorf("%s is not among its secrets", m[0])
		}
	}
	for _, secret := range s.Secrets {
		if _, ok := c.Secrets[secret]; !ok {
			t.Errorf("there is no secret %s", secret)
		}
	}
	for _, volume := range s.Volumes {
		from, _, _ := strings.Cut(volume, ":")
		if _, err := os.Stat(filepath.Join("compose", from)); strings.HasPrefix(from, ".") && err != nil {
			t.Error(err)
		} else if _, ok := c.Volumes[from]; !strings.HasPrefix(from, ".") && !ok {
			t.Errorf("there is no volume %s", from)
		}
	}
	var before []string
	switch on := s.DependsOn.(type) {
	case map[string]any:
		before = slices.Collect(maps.Keys(on))
	case []any:
		for _, service := range on {
			before = append(before, fmt.Sprint(service))
		}
	}
	for _, service := range before {
		if _, ok := c.Services[service]; !ok {
			t.Errorf("there is no service %s", service)
		}
	}
	if len(s.Build) == 0 {
		return
	}
	if s.Build["context"] != "../.." || s.Build["dockerfile"] != "deploy/Containerfile" {
		t.Errorf("it is built from %v", s.Build)
	}
	settings, files := load(t, s.Environment)
	for secret, path := range files {
		if path != "/run/secrets/"+secret {
			t.Errorf("%s is read from %s", secret, path)
		}
	}
	if grace, err := time.ParseDuration(s.StopGracePeriod); err != nil || grace < settings.DrainDelay+stopTime {
		t.Errorf("it is killed after %s; to stop takes %s (%v)", s.StopGracePeriod, settings.DrainDelay+stopTime, err)
	}
	if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") {
		t.Error("it may do more than it needs")
	}
	if several := settings.Database != ""; several && (settings.S3.Bucket == "" || settings.DrainDelay == 0) {
		t.Errorf("a node among several needs a bucket and a time to leave: %+v", settings)
	} else if !several && !slices.Contains(s.Volumes, "data:/data") {
		t.Error("it keeps nothing")
	}
}

// makeSecrets runs the script that makes them, twice, and returns them by name.
func makeSecrets(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	script := filepath.Join(dir, "make-secrets")
	if err := os.WriteFile(script, []byte(read(t, "compose/make-secrets")), 0o700); err != nil {
		t.Fatal(err)
	}
	var before map[string]string
	for range 2 {
		if out, err := exec.Command("sh", script).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		made := map[string]string{}
		entries, err := os.ReadDir(filepath.Join(dir, "secrets"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			made[e.Name()] = strings.TrimSpace(read(t, dir, "secrets", e.Name()))
		}
		if before != nil && !maps.Equal(before, made) {
			t.Error("a second run changes secrets")
		}
		before = made
	}
	if want := "postgres://parley:" + before["postgres_password"] + "@postgres:5432/parley?sslmode=disable"; before["database"] != want {
		t.Errorf("the database is %s, want %s", before["database"], want)
	}
	return before
}

// TestBalancerKnowsTheNodes holds the configuration of HAProxy against the compose
// file; a test of the program runs it.
func TestBalancerKnowsTheNodes(t *testing.T) {
	t.Parallel()
	c := parse[composeFile](t, read(t, "compose/three.yaml"))
	image, _ := load(t, containerEnv(t))
	var want []string
	for name, s := range c.Services {
		if len(s.Build) > 0 {
			want = append(want, "\tserver "+name+" "+name+image.Addr)
		}
	}
	slices.Sort(want)
	got := regexp.MustCompile(`(?m)^\tserver \S+ \S+$`).FindAllString(read(t, "compose/haproxy.cfg"), -1)
	if !slices.Equal(got, want) {
		t.Errorf("HAProxy has %q, want %q", got, want)
	}
}

// containerEnv is the environment of the image.
func containerEnv(t *testing.T) map[string]string {
	t.Helper()
	for _, words := range instructions(read(t, "Containerfile")) {
		if words[0] == "ENV" {
			return assignments(words[1:])
		}
	}
	t.Fatal("the Containerfile has no ENV")
	return nil
}
