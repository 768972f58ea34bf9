package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"parley/internal/means"
)

// A page is one of a manual.
type page struct {
	file, title, body string
}

// TestManual moves a manual that others wrote, some two hundred pages of HTML, into
// a help center, and reads it back: no word of it is lost, and writing back what
// was read changes nothing.
func TestManual(t *testing.T) {
	t.Parallel()
	pages := readManual(t, means.HTMLManual(t))
	onEach(t, func(t *testing.T, url string) { moveManual(t, &world{url: url}, pages) })
}

// readManual reads the pages of a folder and of the folders in it.
func readManual(t *testing.T, folder string) []page {
	folder, err := filepath.EvalSymlinks(folder)
	if err != nil {
		t.Fatal(err)
	}
	var pages []page
	err = filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".html" || d.Type()&os.ModeSymlink != 0 {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		document, err := html.Parse(strings.NewReader(string(text)))
		if err != nil {
			return err
		}
		p := page{file: strings.TrimPrefix(path, folder+"/")}
		for n := range document.Descendants() {
			switch n.Data {
			case "title":
				p.title = strings.Join(strings.Fields(words(n)), " ")
			case "body":
				var body strings.Builder
				for c := range n.ChildNodes() {
					if err := html.Render(&body, c); err != nil {
						return err
					}
				}
				p.body = body.String()
			}
		}
		if p.title != "" && words(parse(t, p.body)) != "" {
			pages = append(pages, p)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(pages) < 100 {
		t.Fatalf("%s has %d pages, want a large manual", folder, len(pages))
	}
	return pages
}

func parse(t *testing.T, body string) *html.Node {
	n, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// words are the letters, digits and signs that a reader sees, without space: where
// a line ends is for the shape of a block to say.
func words(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type != html.TextNode || d.Parent.Data == "script" || d.Parent.Data == "style" {
			continue
		}
		for _, r := range d.Data {
			if !unicode.IsSpace(r) {
				out.WriteRune(r)
			}
		}
	}
	return out.String()
}

func moveManual(t *testing.T, w *world, pages []page) {
	admin := w.text(t, w.get(t, "/admins"), "admins", 0, "id")
	shelves := map[string]string{} // collections and sections, by folder
	shelf := func(folder string) string {
		if shelves["."] == "" {
			shelves["."] = w.must(t, "POST", "/help_center/collections", map[string]any{"name": "Manual"})["id"].(string)
		}
		if shelves[folder] == "" {
			shelves[folder] = w.must(t, "POST", "/help_center/sections", map[string]any{"name": folder, "parent_id": shelves["."]})["id"].(string)
		}
		return shelves[folder]
	}
	ids := map[string]page{}
	for _, p := range pages {
		made := w.must(t, "POST", "/articles", map[string]any{"title": p.title, "body": p.body, "author_id": admin, "state": "published",
			"parent_id": shelf(filepath.Dir(p.file))})
		ids[made["id"].(string)] = p
	}

	found := 0
	for next := w.url + "/articles?per_page=100"; next != ""; {
		at, err := url.Parse(next)
		if err != nil {
			t.Fatal(err)
		}
		list := w.get(t, at.RequestURI())
		for _, item := range list["data"].([]any) {
			article := item.(map[string]any)
			p, ours := ids[article["id"].(string)]
			if !ours {
				continue // of the demo
			}
			found++
			body := article["body"].(string)
			if got, want := words(parse(t, body)), words(parse(t, p.body)); got != want {
				t.Errorf("%s has lost or gained words: %s", p.file, firstDifference(want, got))
			}
			again := w.must(t, "PUT", "/articles/"+article["id"].(string), map[string]any{"body": body})
			if again["body"] != body || again["updated_at"] != article["updated_at"] {
				t.Errorf("%s: writing back what was read changes it: %s", p.file, firstDifference(body, again["body"].(string)))
			}
		}
		next, _ = list["pages"].(map[string]any)["next"].(string)
	}
	if found != len(pages) {
		t.Errorf("%d articles are listed of %d", found, len(pages))
	}
	for phrase, title := range map[string]string{"git-bisect": "git-bisect(1)", "git interpret trailers": "git-interpret-trailers(1)"} {
		answer := w.get(t, "/articles/search?per_page=1&phrase="+url.QueryEscape(phrase))
		if got := w.text(t, answer["data"].(map[string]any), "articles", 0, "title"); got != title {
			t.Errorf("the best article for %q is %q, want %q", phrase, got, title)
		}
	}
	t.Logf("%d pages, %d characters", len(pages), size(pages))
}

func size(pages []page) (n int) {
	for _, p := range pages {
		n += len(p.body)
	}
	return n
}

// firstDifference shows where two texts part.
func firstDifference(want, got string) string {
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	around := func(s string) string {
		text, _ := json.Marshal(strings.ToValidUTF8(s[max(0, i-30):min(len(s), i+50)], ""))
		return string(text)
	}
	return fmt.Sprintf("want %s, got %s", around(want), around(got))
}
