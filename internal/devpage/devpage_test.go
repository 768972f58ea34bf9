package devpage_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parley/internal/devpage"
)

// ask sends a request without a token.
func ask(h http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, "http://parley.test"+path, nil))
	return w
}

// refers matches what the page has the browser load or go to, and what a script imports.
var refers = regexp.MustCompile(`(?:src|href|action)="([^"]*)"|from '([^']*)'`)

// TestPage follows all that the page and its scripts refer to.
func TestPage(t *testing.T) {
	t.Parallel()
	door := devpage.New(slog.New(slog.DiscardHandler))
	seen := map[string]bool{}
	var follow func(at string)
	follow = func(at string) {
		if !strings.HasPrefix(at, devpage.Path) {
			return // another's
		}
		u := &url.URL{Scheme: "http", Host: "parley.test", Path: at}
		w := ask(door, http.MethodGet, at)
		if w.Code != http.StatusOK {
			t.Errorf("%s answers %d", at, w.Code)
		}
		h := w.Header()
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(h.Get("Content-Security-Policy"), want) {
				t.Errorf("the policy of %s is %s", at, h.Get("Content-Security-Policy"))
			}
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s has the header %v", at, h)
		}
		for _, m := range refers.FindAllStringSubmatch(w.Body.String(), -1) {
			to, err := u.Parse(m[1] + m[2])
			if err != nil || to.Host != u.Host || strings.HasPrefix(m[1], "/") {
				t.Errorf("%s refers to %s: %v", at, m[1], err)
			} else if !seen[to.Path] {
				seen[to.Path] = true
				follow(to.Path)
			}
		}
	}
	for _, at := range []string{devpage.Path, devpage.Path + "/"} {
		if page := ask(door, http.MethodGet, at).Body.String(); !strings.Contains(page, "<title>Parley dev</title>") {
			t.Fatalf("%s is %s", at, page)
		}
		follow(at)
	}
	if len(seen) < 10 {
		t.Errorf("the page refers to %v only", seen)
	}
}

// Nothing needs what the policy forbids, and nothing makes HTML of a text.
func TestNothingThatThePolicyForbids(t *testing.T) {
	t.Parallel()
	door := devpage.New(slog.New(slog.DiscardHandler))
	for _, name := range []string{"", "/dev.js", "/dom.js", "/client.js", "/requests.js", "/outbox.js", "/clock.js", "/faults.js", "/dev.css", "/icon.svg"} {
		w := ask(door, http.MethodGet, devpage.Path+name)
		if w.Code != http.StatusOK {
			t.Fatalf("%s answers %d", name, w.Code)
		}
		body := strings.ReplaceAll(w.Body.String(), `xmlns="http://www.w3.org/2000/svg"`, "")
		for _, bad := range []string{`<script>`, `<style`, ` style=`, `javascript:`, ` on\w+="`, `<base`, `https?:`, `//[a-z]+\.`, `url\(`, `@import`,
			`innerHTML`, `outerHTML`, `insertAdjacentHTML`, `document\.write`, `\beval\(`, `new Function`, `DOMParser`, `srcdoc`, `localStorage`} {
			if found := regexp.MustCompile(bad).FindString(body); found != "" {
				t.Errorf("%s has %q in it", name, found)
			}
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	if got, want := devpage.Link("a/b%#"), "/_parley/dev#token=a%2Fb%25%23"; got != want {
		t.Errorf("the link is %s, want %s", got, want)
	}
}
