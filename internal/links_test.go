package internal

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	docLink    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	docHeading = regexp.MustCompile(`(?m)^#+ +(.+?) *$`)
	docCode    = regexp.MustCompile("(?ms)^ *```.*?^ *```|`[^`\n]*`")
)

// TestLinks holds that a link of a page to a file of the repository leads to one that is there, and to a heading that it has.
func TestLinks(t *testing.T) {
	t.Parallel()
	links := 0
	err := filepath.WalkDir("..", func(page string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(page, ".md"):
			return nil
		}
		text, err := os.ReadFile(page)
		if err != nil {
			return err
		}
		for _, found := range docLink.FindAllStringSubmatch(docCode.ReplaceAllString(string(text), ""), -1) {
			to, err := url.Parse(found[1])
			if err != nil {
				t.Errorf("%s: %s: %v", page, found[1], err)
				continue
			}
			if to.Scheme != "" || strings.HasPrefix(to.Path, "/") {
				continue
			}
			links++
			target := page
			if to.Path != "" {
				target = filepath.Join(filepath.Dir(page), filepath.FromSlash(to.Path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", page, found[1], err)
			} else if to.Fragment != "" && !hasHeading(t, target, to.Fragment) {
				t.Errorf("%s links to %s, which has no such heading", page, found[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if links < 200 {
		t.Errorf("there are %d links", links)
	}
}

// hasHeading reports whether a page has a heading under that name, as forges make one of its text.
func hasHeading(t *testing.T, page, name string) bool {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range docHeading.FindAllStringSubmatch(string(text), -1) {
		of := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, found[1])
		if of == name {
			return true
		}
	}
	return false
}
