// Package internal holds no code: only the test of the house's floor plan.
package internal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// floors lists every package, lowest floor first. A line may import only lines
// above it.
var floors = []string{
	"lazy sqlite turn",
	"db/dialect db/statement db/pool",
	"db/revision",
	"blob bus cassette config contract datafolder db metric openapi openid outbound page phone rate realtime requestlog richtext",
	"backup bench bench/bare conformance jobs node proxy replay sms tail webhook",
	"model/emoji model/sandbox",
	"model",
	"model/content model/event model/identity model/words",
	"store/query",
	"store/keep store/record",
	"store/activity store/audit store/content store/event store/fault store/identity store/outbox store/parts store/sandbox store/team",
	"store wire",
	"service/workspace wire/dev",
	"service/identity",
	"service/webhook",
	"service/people",
	"service/content",
	"service/inbox",
	"service/live",
	"service/sandbox",
	"api devpage explorer files oauth peer seed stream worker",
	"app",
	"bench/fill doctor",
	"means twiliotest",
	"apptest",
}

// The bounds of a room, in lines. Tests count for files, not for packages.
const (
	maxPackage = 5000
	maxFile    = 600
)

func TestFloors(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	const root = "parley/internal/"
	floor := map[string]int{}
	for i, line := range floors {
		for _, name := range strings.Fields(line) {
			floor[name] = i
		}
	}
	seen := map[string]bool{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name, ok := strings.CutPrefix(p.ImportPath, root)
		if !ok {
			continue // this package itself
		}
		at, placed := floor[name]
		if !placed {
			t.Errorf("%s has no floor: add it to the plan", name)
		}
		seen[name] = true
		for _, path := range p.Imports {
			imported, ours := strings.CutPrefix(path, root)
			if ours && floor[imported] >= at {
				t.Errorf("%s imports %s, which is not below it", name, imported)
			}
			if name == "conformance" && (ours && imported != "contract" || strings.Contains(path, ".")) {
				t.Errorf("conformance imports %s: it judges servers from outside, ours like any other", path)
			}
			if (name == "model" || name == "model/identity") && strings.Contains(path, ".") {
				t.Errorf("model imports %s: nouns need the standard library alone", path)
			}
		}
	}
	for name := range floor {
		if !seen[name] {
			t.Errorf("the plan has %s, which is not there", name)
		}
	}
}

// TestTestSupportStaysOut keeps what exists for tests out of the program.
func TestTestSupportStaysOut(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "parley/cmd/parley").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	for _, name := range []string{"parley/internal/apptest", "parley/internal/means", "parley/internal/twiliotest", "parley/parleytest", "testing"} {
		if slices.Contains(deps, name) {
			t.Errorf("the program contains %s", name)
		}
	}
	for _, judge := range []string{"github.com/prometheus/", "google.golang.org/protobuf/", "github.com/minio/", "github.com/nyaruka/phonenumbers"} {
		if i := slices.IndexFunc(deps, func(name string) bool { return strings.HasPrefix(name, judge) }); i >= 0 {
			t.Errorf("the program contains %s, which judges it in tests, and is large", deps[i])
		}
	}
}

// TestKitIsForOthers holds that the kit needs of the house only what it starts, and that whoever tests with it needs nothing
// but it.
func TestKitIsForOthers(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "parley/parleytest", "parley/examples/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath                         string
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath == "parley/parleytest" {
			for _, path := range p.Imports {
				if strings.Contains(path, ".") || strings.HasPrefix(path, "parley/") && !slices.Contains(kitNeeds, path) {
					t.Errorf("the kit imports %s", path)
				}
			}
			continue
		}
		examples++
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if strings.Contains(path, ".") || strings.HasPrefix(path, "parley/") && path != "parley/parleytest" && !strings.HasPrefix(path, p.ImportPath) {
				t.Errorf("%s imports %s: it is to show that the kit is enough", p.ImportPath, path)
			}
		}
		if slices.Contains(p.Imports, "parley/parleytest") {
			t.Errorf("%s contains the kit, which is for its tests", p.ImportPath)
		}
	}
	if examples == 0 {
		t.Error("there are no examples")
	}
}

// kitNeeds is what the kit may import of the house.
var kitNeeds = []string{"parley/internal/app", "parley/internal/datafolder", "parley/internal/outbound"}

func TestRoomSizes(t *testing.T) {
	t.Parallel()
	packages := map[string]int{}
	for _, top := range []string{".", "../cmd", "../deploy", "../e2e", "../examples", "../parleytest"} {
		err := filepath.WalkDir(top, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
				if d != nil && d.Name() == "node_modules" {
					return filepath.SkipDir
				}
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			lines := bytes.Count(text, []byte("\n"))
			if lines > maxFile {
				t.Errorf("%s has %d lines; a file has %d at most", path, lines, maxFile)
			}
			if !strings.HasSuffix(path, "_test.go") {
				packages[filepath.Dir(path)] += lines
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for dir, lines := range packages {
		if lines > maxPackage {
			t.Errorf("%s has %d lines; a package has %d at most", dir, lines, maxPackage)
		}
	}
}
