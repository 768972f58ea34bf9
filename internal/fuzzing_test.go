package internal

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFuzzersAreListed holds docs/fuzzing.md against the fuzzers that there are, by package and name.
func TestFuzzersAreListed(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/fuzzing.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	word := regexp.MustCompile("`([^`]+)`")
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			continue
		}
		for _, in := range word.FindAllStringSubmatch(cells[2], -1) {
			for _, name := range word.FindAllStringSubmatch(cells[3], -1) {
				listed[in[1]+" "+name[1]] = true
			}
		}
	}
	fuzzer := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	there := 0
	err = filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range fuzzer.FindAllSubmatch(text, -1) {
			there++
			if of := filepath.ToSlash(filepath.Dir(path)); !listed[of+" "+string(found[1])] {
				t.Errorf("docs/fuzzing.md does not list %s of %s", found[1], of)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if there < 40 {
		t.Errorf("there are %d fuzzers", there)
	}
}
