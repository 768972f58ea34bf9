// Package kits runs what tests in other languages than Go are given, as their users do.
// It must not import the packages of the program.
package kits

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"parley/internal/means"
)

const root = "../.."

// TestNode runs the tests of the kit for Node.
func TestNode(t *testing.T) {
	t.Parallel()
	kit := needNode(t)
	tests, err := filepath.Glob(filepath.Join(kit, "test", "*.test.js"))
	if err != nil || len(tests) == 0 {
		t.Fatalf("there are no tests: %v", err)
	}
	succeed(t, kit, "node", append([]string{"--test", "--test-reporter=spec"}, tests...)...)
}

// TestTypes holds that the types of the kit for Node are what its users rely on.
func TestTypes(t *testing.T) {
	t.Parallel()
	kit := needNode(t)
	succeed(t, kit, installed(kit, "tsc"), "--project", ".")
}

// TestVitest runs the example together with what the documentation shows, and with a
// test that fails, of which the calls are to be seen.
func TestVitest(t *testing.T) {
	t.Parallel()
	kit := needNode(t)
	project := install(t, kit, "vitest", map[string]string{
		"vitest.config.js":    documented(t, "js", "defineConfig"),
		"test/signup.test.js": documented(t, "js", "testWith"),
		"test/failing.test.js": `import { test } from 'parley-test/vitest';
			test('fails', async ({ parley }) => {
				await fetch(parley.url + '/me', { headers: { Authorization: 'Bearer ' + parley.token } });
				await parley.assertRequests({ operation: 'createContact' });
			});`,
	})
	out, err := run(t, project, installed(kit, "vitest"), "run")
	for _, want := range []string{"2 passed", "1 failed", "6 passed", "Found 0 matching calls, and not at least 1", "GET /me 200"} {
		if !strings.Contains(out, want) {
			t.Errorf("vitest does not say %q (%v):\n%s", want, err, out)
		}
	}
}

// TestJest runs the example together with what the documentation shows.
func TestJest(t *testing.T) {
	t.Parallel()
	kit := needNode(t)
	succeed(t, install(t, kit, "jest", map[string]string{
		"package.json":       documented(t, "json", "globalSetup"),
		"test/rates.test.js": documented(t, "js", "withWorkspace"),
	}), installed(kit, "jest"))
}

// TestPython runs the tests of the kit for Python and its example, and what the
// documentation shows.
func TestPython(t *testing.T) {
	t.Parallel()
	python := means.Pytest(t)
	kit := absolute(t, root, "kits", "python")
	succeed(t, kit, python, "-m", "pytest", "-q")

	docs := folder(t, map[string]string{
		"test_docs.py": documented(t, "python", "from shop import"),
		"program.py":   documented(t, "python", "from parley_test import start"),
		"shop.py": `
import json, urllib.error, urllib.request
def sign_up(email, url, token, tries=2):
    headers = {"Authorization": "Bearer " + token, "Content-Type": "application/json"}
    body = json.dumps({"role": "user", "email": email}).encode()
    for left in reversed(range(tries)):
        try:
            return urllib.request.urlopen(urllib.request.Request(url + "/contacts", body, headers)).close()
        except urllib.error.HTTPError:
            if not left:
                raise
`,
	})
	succeed(t, docs, python, "-m", "pytest", "-q", "-p", "parley_test.plugin", "-p", "no:cacheprovider")
	succeed(t, docs, python, "program.py")
}

// needNode is the folder of the kit for Node. It skips a test for want of Node or the
// kit's packages.
func needNode(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		means.Missing(t, means.SDK, "node is not on PATH")
	}
	kit := absolute(t, root, "kits", "node")
	// npm writes this file last, so a broken install does not count as one.
	if _, err := os.Stat(filepath.Join(kit, "node_modules", ".package-lock.json")); err != nil {
		means.Missing(t, means.SDK, "the packages are not installed: run npm ci in kits/node")
	}
	return kit
}

// installed is the path of a program among the kit's packages.
func installed(kit, name string) string { return filepath.Join(kit, "node_modules", ".bin", name) }

// install is a folder with an example and these files besides, or in the place of its
// own, where the kit and its packages are installed.
func install(t *testing.T, kit, example string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, part := range []string{"src", "test"} {
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(kit, "examples", example, part))); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, files)
	if err := os.Symlink(filepath.Join(kit, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// folder is a folder with these files, which lasts as long as the test.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	return dir
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

var blocks = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")

// documented is the one example of the documentation that is in that language and has
// that word.
func documented(t *testing.T, language, word string) string {
	t.Helper()
	page, err := os.ReadFile(absolute(t, root, "docs", "kits.md"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, b := range blocks.FindAllStringSubmatch(string(page), -1) {
		if b[1] == language && strings.Contains(b[2], word) {
			found = append(found, b[2])
		}
	}
	if len(found) != 1 {
		t.Fatalf("docs/kits.md has %d examples in %s with %q", len(found), language, word)
	}
	return found[0]
}

// succeed runs a program that is to end well, with a Parley to start.
func succeed(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	if out, err := run(t, dir, name, args...); err != nil {
		t.Errorf("%s %q: %v\n%s", filepath.Base(name), args, err, out)
	}
}

// run runs a program that finds a Parley to start, and nothing else of the settings
// of the tests around it, and returns what it says.
func run(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = environment(t)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// environment is one in which parley is on the PATH, and the kit for Python is
// installed.
func environment(t *testing.T) []string {
	t.Helper()
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "PARLEY_") {
			env = append(env, e)
		}
	}
	return append(env, "PATH="+filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"PYTHONPATH="+absolute(t, root, "kits", "python"), "PYTHONDONTWRITEBYTECODE=1", "NO_COLOR=1", "CI=1")
}

func absolute(t *testing.T, parts ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// built is the program, which all tests share.
var built = sync.OnceValues(func() (string, error) {
	if err := lookAtSources(); err != nil {
		return "", err
	}
	program := filepath.Join(place, "parley")
	build := exec.Command("go", "build", "-o", program, "./cmd/parley")
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is released, and as other tests build it
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, nil
})

// place is where the program is built, for as long as the tests run.
var place string

func TestMain(m *testing.M) {
	var err error
	if place, err = os.MkdirTemp("", "parley-kits-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(place)
	os.Exit(code)
}

// lookAtSources opens what the program is built from, and the kits. A test's cached
// result is good as long as the files that the test itself opened are the same, and
// what others open is not the test's own.
func lookAtSources() error {
	for _, top := range []string{"cmd", "internal", "kits"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				if d.Name() == "node_modules" || d.Name() == "__pycache__" {
					return filepath.SkipDir
				}
				return nil
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
