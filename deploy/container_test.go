package deploy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instructions are those of a Containerfile, each a line, in their order.
func instructions(text string) (list [][]string) {
	text = regexp.MustCompile(`(?m)^#.*\n`).ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, "\\\n", " ")
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 {
			list = append(list, words)
		}
	}
	return list
}

func TestContainerfile(t *testing.T) {
	t.Parallel()
	goVersion := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, "../go.mod"))[1]
	ignored := strings.Fields(read(t, "Containerfile.dockerignore"))
	var copied []string
	last := map[string][]string{} // of the last stage
	for _, words := range instructions(read(t, "Containerfile")) {
		last[words[0]] = words[1:]
		switch words[0] {
		case "FROM":
			last = map[string][]string{}
			from := words[1:]
			if strings.HasPrefix(from[0], "--platform=") {
				from = from[1:]
			}
			if from[0] != "scratch" && !pinned.MatchString(from[0]) {
				t.Errorf("the version of %s can change", from[0])
			}
			if strings.HasPrefix(from[0], "golang:") && !strings.HasPrefix(from[0], "golang:"+goVersion+"-") {
				t.Errorf("%s is not the Go of go.mod, %s", from[0], goVersion)
			}
		case "COPY":
			if strings.HasPrefix(words[1], "--from") {
				continue
			}
			for _, path := range words[1 : len(words)-1] {
				copied = append(copied, path)
				if _, err := os.Stat(filepath.Join("..", path)); err != nil {
					t.Error(err)
				}
				if !slices.Contains(ignored, "!"+path) {
					t.Errorf("Containerfile.dockerignore leaves %s out", path)
				}
			}
		}
	}
	s, _ := load(t, assignments(last["ENV"]))
	if s.Addr != ":"+strings.Join(last["EXPOSE"], "") || s.Data != strings.Join(last["VOLUME"], "") {
		t.Errorf("the server listens on %s and writes to %s; the image exposes %v and has the volume %v", s.Addr, s.Data, last["EXPOSE"], last["VOLUME"])
	}
	if user := strings.Join(last["USER"], ""); !regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`).MatchString(user) {
		t.Errorf("the user is %q: Kubernetes cannot tell that it is not root", user)
	}
	for name, want := range map[string]string{"ENTRYPOINT": `["/parley"]`, "CMD": `["serve"]`, "STOPSIGNAL": "SIGTERM"} {
		if got := strings.Join(last[name], " "); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}

	// What is built has to be there to be built.
	out, err := exec.Command("go", "list", "-deps", "-json=Dir,Module,EmbedFiles", "../cmd/parley").Output()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p struct {
			Dir    string
			Module *struct{ Main bool }
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		path, err := filepath.Rel(root, p.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if top, _, _ := strings.Cut(filepath.ToSlash(path), "/"); !slices.Contains(copied, top) {
			t.Errorf("the Containerfile does not copy %s", path)
		}
	}
}
