package explorer_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/explorer"
	"parley/internal/page"
)

func TestMain(m *testing.M) { apptest.Main(m) }

func open() *page.Door { return explorer.New(slog.New(slog.DiscardHandler)) }

// ask sends a request without a token.
func ask(h http.Handler, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://parley.test"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// source matches what an attribute of the page has the browser load or go to.
var source = regexp.MustCompile(`(?:src|href|action)="([^"]*)"`)

// links are what the page refers to, as paths.
func links(t *testing.T, at, html string) []string {
	t.Helper()
	base := &url.URL{Scheme: "http", Host: "parley.test", Path: at}
	var paths []string
	for _, m := range source.FindAllStringSubmatch(html, -1) {
		u, err := base.Parse(m[1])
		if err != nil {
			t.Fatal(err)
		}
		if u.Host != base.Host || strings.HasPrefix(m[1], "/") {
			t.Errorf("%s refers to %s, which is not relative", at, m[1])
		}
		paths = append(paths, u.RequestURI())
	}
	return paths
}

func TestPage(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	var first []string
	for _, at := range []string{"/docs", "/docs/"} {
		w := ask(r.Handler(), http.MethodGet, at)
		html := w.Body.String()
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(html, "<title>Parley") {
			t.Fatalf("%s answers %d %v: %s", at, w.Code, w.Header(), html)
		}
		if w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s may be kept: %s", at, w.Header().Get("Cache-Control"))
		}
		paths := links(t, at, html)
		if len(paths) < 8 {
			t.Errorf("%s refers to %q only", at, paths)
		}
		if first != nil && strings.Join(first, " ") != strings.Join(paths, " ") {
			t.Errorf("%s refers to %q, and to %q with a slash behind it", "/docs", first, paths)
		}
		first = paths
		for _, p := range paths {
			w := ask(r.Handler(), http.MethodGet, p)
			if w.Code != http.StatusOK {
				t.Errorf("%s, which %s refers to, answers %d", p, at, w.Code)
			}
			if strings.HasPrefix(p, "/docs/") && w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
				t.Errorf("%s has Cache-Control %q", p, w.Header().Get("Cache-Control"))
			}
		}
	}
}

// Nothing that the door sends has the browser ask another server, and the page
// has nothing that its policy would have to allow inline.
func TestNothingFromOutside(t *testing.T) {
	t.Parallel()
	d := open()
	html := ask(d, http.MethodGet, "/docs").Body.String()
	for _, inline := range []string{`<script>`, `<style`, ` style=`, `javascript:`, ` on\w+=`, `<base`} {
		if found := regexp.MustCompile(inline).FindString(html); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
	address := regexp.MustCompile(`https?:|//[a-z]+\.`)
	for _, at := range []string{"/docs", "/docs/explorer.js", "/docs/explorer.css", "/docs/icon.svg"} {
		body := strings.ReplaceAll(ask(d, http.MethodGet, at).Body.String(), `xmlns="http://www.w3.org/2000/svg"`, "")
		if found := address.FindString(body); found != "" {
			t.Errorf("%s has %q in it", at, found)
		}
	}
	css := ask(d, http.MethodGet, "/docs/swagger-ui.css").Body.String()
	for _, m := range regexp.MustCompile(`(?:url\(|@import)\s*["']?(.{5})`).FindAllStringSubmatch(css, -1) {
		if m[1] != "data:" {
			t.Errorf("the viewer's styles ask for %q", m[0])
		}
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	d := open()
	for _, c := range []struct {
		method, path string
		status       int
		contentType  string
	}{
		{"GET", "/docs", 200, "text/html; charset=utf-8"},
		{"HEAD", "/docs", 200, "text/html; charset=utf-8"},
		{"GET", "/docs/", 200, "text/html; charset=utf-8"},
		{"GET", "/docs/explorer.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/docs/explorer.css", 200, "text/css; charset=utf-8"},
		{"GET", "/docs/icon.svg", 200, "image/svg+xml"},
		{"GET", "/docs/swagger-ui-bundle.js", 200, "text/javascript; charset=utf-8"},
		{"HEAD", "/docs/swagger-ui-bundle.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/docs/swagger-ui.css", 200, "text/css; charset=utf-8"},
		{"GET", "/docs/LICENSE", 200, "text/plain; charset=utf-8"},
		{"GET", "/docs/NOTICE", 200, "text/plain; charset=utf-8"},
		{"GET", "/docs/swagger-ui-bundle.js.LICENSE.txt", 200, "text/plain; charset=utf-8"},
		{"GET", "/docs/nothing.js", 404, "text/plain; charset=utf-8"},
		{"HEAD", "/docs/nothing.js", 404, "text/plain; charset=utf-8"},
		{"GET", "/docs/swagger-ui-bundle.js.gz", 404, "text/plain; charset=utf-8"},
		{"GET", "/docs/index.html", 404, "text/plain; charset=utf-8"},
		{"POST", "/docs", 405, "text/plain; charset=utf-8"},
		{"DELETE", "/docs/explorer.js", 405, "text/plain; charset=utf-8"},
		{"OPTIONS", "/docs", 405, "text/plain; charset=utf-8"},
	} {
		w := ask(d, c.method, c.path)
		if w.Code != c.status {
			t.Errorf("%s %s answers %d, want %d", c.method, c.path, w.Code, c.status)
		}
		want := map[string]string{
			"Content-Type":           c.contentType,
			"X-Content-Type-Options": "nosniff",
			"Referrer-Policy":        "no-referrer",
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
				"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		}
		switch c.status {
		case 200:
			want["Vary"], want["Cache-Control"], want["Allow"] = "Accept-Encoding", "no-cache", ""
		case 404:
			want["Cache-Control"], want["ETag"], want["Allow"] = "no-store", "", ""
		case 405:
			want["Cache-Control"], want["ETag"], want["Allow"] = "no-store", "", "GET, HEAD"
		}
		for name, value := range want {
			if got := w.Header().Get(name); got != value {
				t.Errorf("%s %s has %s %q, want %q", c.method, c.path, name, got, value)
			}
		}
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	d := open()
	for _, encoding := range []string{"identity", "gzip"} {
		for _, at := range []string{"/docs", "/docs/swagger-ui-bundle.js"} {
			get := ask(d, http.MethodGet, at, "Accept-Encoding", encoding)
			head := ask(d, http.MethodHead, at, "Accept-Encoding", encoding)
			if head.Code != http.StatusOK || head.Body.Len() != 0 {
				t.Errorf("HEAD %s as %s answers %d and %d bytes", at, encoding, head.Code, head.Body.Len())
			}
			if got, want := head.Header().Get("Content-Length"), strconv.Itoa(get.Body.Len()); got != want {
				t.Errorf("HEAD %s as %s says %q bytes, want %s", at, encoding, got, want)
			}
			if got, want := head.Header().Get("ETag"), get.Header().Get("ETag"); got != want || got == "" {
				t.Errorf("HEAD %s as %s has the ETag %q, want %q", at, encoding, got, want)
			}
		}
	}
}

func TestWhoIsSentGzip(t *testing.T) {
	t.Parallel()
	d := open()
	plain := ask(d, http.MethodGet, "/docs/explorer.js").Body.Bytes()
	for _, c := range []struct {
		accepts []string
		gzip    bool
	}{
		{nil, false},
		{[]string{""}, false},
		{[]string{"gzip"}, true},
		{[]string{"GZip"}, true},
		{[]string{"x-gzip"}, true},
		{[]string{"gzip, deflate, br, zstd"}, true},
		{[]string{"br", "gzip;q=0.5"}, true},
		{[]string{"br;q=1.0 , gzip ; q=0.001"}, true},
		{[]string{"*"}, true},
		{[]string{"*;q=0"}, false},
		{[]string{"*, gzip;q=0"}, false},
		{[]string{"gzip;q=0"}, false},
		{[]string{"gzip; Q=0.000"}, false},
		{[]string{"gzip;q=much"}, false},
		{[]string{"gzip;level=9"}, false},
		{[]string{"br"}, false},
		{[]string{"gzipped"}, false},
		{[]string{",;,;q="}, false},
	} {
		var headers []string
		for _, value := range c.accepts {
			headers = append(headers, "Accept-Encoding", value)
		}
		w := ask(d, http.MethodGet, "/docs/explorer.js", headers...)
		body := w.Body.Bytes()
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != c.gzip {
			t.Errorf("%q: gzip is %v, want %v", c.accepts, got, c.gzip)
			continue
		}
		if c.gzip {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if w.Code != http.StatusOK || !bytes.Equal(body, plain) {
			t.Errorf("%q: status %d, %d bytes, want %d", c.accepts, w.Code, len(body), len(plain))
		}
	}
}

func TestCaching(t *testing.T) {
	t.Parallel()
	d := open()
	const at = "/docs/swagger-ui.css"
	plain := ask(d, http.MethodGet, at).Header().Get("ETag")
	packed := ask(d, http.MethodGet, at, "Accept-Encoding", "gzip").Header().Get("ETag")
	if plain == packed {
		t.Errorf("gzip and plain text have the same ETag %s", plain)
	}
	for _, c := range []struct {
		name, encoding, etag string
		status               int
	}{
		{"the same", "identity", plain, 304},
		{"the same as gzip", "gzip", packed, 304},
		{"gzip, now plain", "identity", packed, 200},
		{"plain, now gzip", "gzip", plain, 200},
		{"another", "gzip", `"0123456789abcdef"`, 200},
		{"any", "gzip", "*", 304},
	} {
		w := ask(d, http.MethodGet, at, "Accept-Encoding", c.encoding, "If-None-Match", c.etag)
		if w.Code != c.status || (w.Body.Len() == 0) != (c.status == 304) {
			t.Errorf("%s: status %d with %d bytes, want %d", c.name, w.Code, w.Body.Len(), c.status)
		}
	}
	version := strings.Trim(plain, `"`)
	for query, want := range map[string]string{
		"?v=" + version:              "public, max-age=31536000, immutable",
		"?v=0123456789abcdef":        "no-cache", // of an older server
		"?v=":                        "no-cache",
		"?v=" + version[:8]:          "no-cache",
		"?w=" + version:              "no-cache",
		"?v=" + version + "&v=other": "public, max-age=31536000, immutable",
	} {
		if got := ask(d, http.MethodGet, at+query).Header().Get("Cache-Control"); got != want {
			t.Errorf("%s has Cache-Control %q, want %q", query, got, want)
		}
	}
}

// Paths that lead elsewhere lead nowhere, and what is not below /docs stays the
// API's.
func TestPaths(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	for _, at := range []string{"/docs/../livez", "/docs/../../etc/passwd", "/docs/..", "/docs/.", "/docs//", "/docs/page/index.html",
		"/docs/..%2f..%2fgo.mod", "/docs/%2e%2e/livez", "/docs/swagger-ui/", "/docs/explorer.js/", "/docs/explorer.js%00", "/docs/%ff"} {
		w := ask(r.Handler(), http.MethodGet, at)
		if w.Code != http.StatusNotFound || w.Body.String() != "Not Found\n" {
			t.Errorf("%s answers %d %q", at, w.Code, w.Body)
		}
	}
	for _, at := range []string{"/docsx", "/docs.html", "/Docs", "/v2/docs", "//docs"} {
		if w := ask(r.Handler(), http.MethodGet, at); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), `"error.list"`) {
			t.Errorf("%s answers %d %s, which is not the API's answer", at, w.Code, w.Body)
		}
	}
}

// The page is there for those whom the API would send away, and counts for nobody.
func TestWithoutTokenAndRate(t *testing.T) {
	t.Parallel()
	r := apptest.With(t, app.Options{RateLimit: 2})
	r.Get(t, "/me").OK()
	for range 5 {
		if w := ask(r.Handler(), http.MethodGet, "/docs", "Authorization", "Bearer "+r.Token); w.Code != http.StatusOK {
			t.Errorf("/docs answers %d", w.Code)
		}
	}
	r.Get(t, "/me").OK()
	r.Get(t, "/me").Is(429)
	for _, authorization := range []string{"Bearer " + r.Token, "Bearer nope", ""} {
		w := ask(r.Handler(), http.MethodGet, "/docs", "Authorization", authorization, "Accept", "application/xml", "Intercom-Version", "x")
		if w.Code != http.StatusOK || len(w.Header()["Intercom-Version"]) != 0 {
			t.Errorf("with %q /docs answers %d %v", authorization, w.Code, w.Header())
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{
		"plain":        "/docs#token=plain",
		"dG9r+/OjE=":   "/docs#token=dG9r+%2FOjE=",
		`50%#a?b&c="d`: "/docs#token=50%25%23a%3Fb&c=%22d",
	} {
		if got := explorer.Link(token); got != want {
			t.Errorf("%s has the link %s, want %s", token, got, want)
		}
	}
}

// What is embedded from others comes with what its licence asks for.
func TestLicences(t *testing.T) {
	t.Parallel()
	d := open()
	for name, want := range map[string]string{
		"LICENSE": "Apache License", "NOTICE": "SmartBear", "swagger-ui-bundle.js.LICENSE.txt": "The MIT License",
	} {
		if body := ask(d, http.MethodGet, "/docs/"+name).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", name, want)
		}
	}
	// The bundle's first line names the file.
	bundle := ask(d, http.MethodGet, "/docs/swagger-ui-bundle.js").Body.String()
	first, _, _ := strings.Cut(bundle, "\n")
	if !strings.Contains(first, "swagger-ui-bundle.js.LICENSE.txt") {
		t.Errorf("the bundle begins with %q", first)
	}
	entries, err := os.ReadDir("swagger-ui")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		at := path.Join("/docs", strings.TrimSuffix(entry.Name(), ".gz"))
		if w := ask(d, http.MethodGet, at); w.Code != http.StatusOK {
			t.Errorf("%s answers %d", at, w.Code)
		}
	}
}
