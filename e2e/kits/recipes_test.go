package kits

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/goccy/go-yaml"

	"parley/internal/means"
)

// TestShell runs the recipe for a shell as it is written, and once more with an
// assertion that does not hold. Neither leaves anything.
func TestShell(t *testing.T) {
	t.Parallel()
	means.Curl(t)
	recipe := documented(t, "sh", "#!/bin/sh")
	for _, c := range []struct{ name, was, is, says string }{
		{"as it is", "", "", ""},
		{"what was sent is another", `["/email=rosa@`, `["/email=rosie@`, `/email in the body is \"rosa@example.test\", not \"rosie@example.test\"`},
		{"no server", "parley serve", "parley serve --nope", "unknown flag: --nope"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir, tmp := folder(t, map[string]string{"recipe": strings.Replace(recipe, c.was, c.is, 1)}), t.TempDir()
			cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "recipe"))
			cmd.Env = append(environment(t), "TMPDIR="+tmp)
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.says == "") || !strings.Contains(string(out), c.says) {
				t.Errorf("the recipe ends with %v, and does not say %q:\n%s", err, c.says, out)
			}
			if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
				t.Errorf("it leaves %v, %v", left, err)
			}
		})
	}
}

// An action is as much of one of GitHub's as the tests act upon.
type action struct {
	Inputs map[string]struct {
		Default string
	}
	Runs struct {
		Using string
		Steps []struct {
			Shell, Run string
			Env        map[string]string
		}
	}
}

var input = regexp.MustCompile(`^\${{ inputs\.([\w-]+) }}$`)

// TestAction runs the steps of the action as GitHub's runner does, by the same shell
// with the same flags.
func TestAction(t *testing.T) {
	t.Parallel()
	means.Curl(t)
	text, err := os.ReadFile(absolute(t, root, "kits", "action", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(text, &a); err != nil {
		t.Fatal(err)
	}
	if a.Runs.Using != "composite" || len(a.Runs.Steps) == 0 || strings.Contains(a.Runs.Steps[0].Run, "${{") {
		t.Fatalf("the action is %+v", a)
	}
	steps := func(t *testing.T, inputs map[string]string) (out string, files map[string]string, err error) {
		t.Helper()
		dir := t.TempDir()
		env := append(environment(t), "RUNNER_TEMP="+dir, "GITHUB_ENV="+filepath.Join(dir, "env"), "GITHUB_OUTPUT="+filepath.Join(dir, "output"))
		t.Cleanup(func() { endServers(t, dir) })
		for i, s := range a.Runs.Steps {
			script := filepath.Join(dir, "step"+strconv.Itoa(i)+".sh")
			if err := os.WriteFile(script, []byte(s.Run), 0o600); err != nil {
				t.Fatal(err)
			}
			if s.Shell != "bash" {
				t.Fatalf("step %d is for %q", i, s.Shell)
			}
			cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
			cmd.Env = env
			for name, value := range s.Env {
				if m := input.FindStringSubmatch(value); m != nil {
					given, ok := inputs[m[1]]
					if value = given; !ok {
						value = a.Inputs[m[1]].Default
					}
				}
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			said, err := cmd.CombinedOutput()
			out += string(said)
			if err != nil {
				return out, nil, err
			}
		}
		files = map[string]string{}
		for _, name := range []string{"env", "output"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(text)
		}
		return out, files, nil
	}
	t.Run("as it is", func(t *testing.T) {
		t.Parallel()
		out, files, err := steps(t, map[string]string{"args": "--rate-limit 7 --log-format json"})
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		m := regexp.MustCompile(`^PARLEY_URL=(http://127\.0\.0\.1:\d+)\nPARLEY_DEV_TOKEN=([0-9a-f]{32})\n$`).FindStringSubmatch(files["env"])
		if m == nil {
			t.Fatalf("the environment is %q", files["env"])
		}
		if want := "url=" + m[1] + "\ndev-token=" + m[2] + "\n"; files["output"] != want {
			t.Errorf("the outputs are %q, want %q", files["output"], want)
		}
		if !strings.Contains(out, "::add-mask::"+m[2]+"\n") || strings.Count(out, m[2]) != 1 {
			t.Errorf("the token is not masked: %s", out)
		}
		if status := makeWorkspace(t, m[1], m[2]); status != http.StatusOK {
			t.Errorf("a workspace is answered %d", status)
		}
	})
	t.Run("what does not start", func(t *testing.T) {
		t.Parallel()
		out, _, err := steps(t, map[string]string{"args": "--rate-limit none"})
		if err == nil || !strings.Contains(out, "::error::Parley did not start\n") || !strings.Contains(out, `"none" is not a whole number`) {
			t.Errorf("it ends with %v and says\n%s", err, out)
		}
	})
}

// TestTestcontainers starts the program with the variables of the image and those
// that the documentation adds. The image itself is tried elsewhere.
func TestTestcontainers(t *testing.T) {
	t.Parallel()
	containerfile, err := os.ReadFile(absolute(t, root, "deploy", "Containerfile"))
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^ENV (.*)$`).FindSubmatch(containerfile)
	if line == nil {
		t.Fatal("the Containerfile has no ENV")
	}
	env := append(environment(t), strings.Fields(string(line[1]))...)
	added := regexp.MustCompile(`"(PARLEY_\w+)": "(\w+)"`).FindAllStringSubmatch(documented(t, "go", "testcontainers"), -1)
	if len(added) != 2 {
		t.Fatalf("the documentation adds %q", added)
	}
	for _, v := range added {
		env = append(env, v[1]+"="+v[2])
	}
	// All addresses, as there, and a port that is free here.
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "serve")
	cmd.Env = append(env, "PARLEY_ADDR=:0", "PARLEY_DATA="+t.TempDir())
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	first, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the program ends early: %v", err)
	}
	_, port, found := strings.Cut(strings.TrimSpace(strings.TrimPrefix(first, "Listening on:  http://")), ":")
	if !found {
		t.Fatalf("the program says %q", first)
	}
	for token, want := range map[string]int{added[1][2]: http.StatusOK, "parley-dev": http.StatusUnauthorized} {
		if status := makeWorkspace(t, "http://127.0.0.1:"+port, token); status != want {
			t.Errorf("with the token %q a workspace is answered %d, want %d", token, status, want)
		}
	}
}

// makeWorkspace asks a server for a workspace, and returns the status.
func makeWorkspace(t *testing.T, url, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/_parley/workspaces", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// endServers ends what steps left running, as the runner does at the end of a job: the
// processes that have the folder of the job in their environment.
func endServers(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(env), "TMPDIR="+dir+"\x00") {
			continue // it has ended, or is another's
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			t.Errorf("the server, %d: %v", pid, err)
		}
	}
}
