package files_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/http/httpguts"

	"parley/internal/apptest"
	"parley/internal/files"
	"parley/internal/model"
)

// No link but a signed one leads to a file, whatever is made of it; and the name at its end is for
// people only.
func FuzzLink(f *testing.F) {
	r := apptest.New(f)
	c, err := r.People.CreateContact(f.Context(), r.Actor(), model.ContactPatch{ExternalID: model.Some("1")})
	if err != nil {
		f.Fatal(err)
	}
	talk := r.Post(f, "/conversations", map[string]any{"from": map[string]any{"type": "user", "id": c.ID}, "body": "See",
		"attachment_files": []map[string]any{{"name": "a.txt", "content_type": "text/plain", "data": "aHVzaA=="}}}).OK().At("conversation_id").(string)
	at, err := url.Parse(r.Get(f, "/conversations/"+talk).OK().At("source.attachments.0.url").(string))
	if err != nil {
		f.Fatal(err)
	}
	good := strings.TrimPrefix(at.EscapedPath(), files.Prefix)
	signed := good[:strings.LastIndex(good, "/")+1]
	for _, link := range []string{good, signed, signed + "b.html", good + "/", "/" + good, strings.ToUpper(good), "", "a/b/c/d/e", "%2e%2e/%2e%2e/etc/passwd/x", good + "%00", strings.ReplaceAll(good, "/", "%2f"), "../" + good} {
		f.Add(link, "bytes=0-1", `"x"`)
	}
	f.Fuzz(func(t *testing.T, link, part, tag string) {
		u, err := url.ParseRequestURI(files.Prefix + link)
		if err != nil || strings.ContainsAny(link, " #?") || !httpguts.ValidHeaderFieldValue(link) || !httpguts.ValidHeaderFieldValue(part) || !httpguts.ValidHeaderFieldValue(tag) {
			t.Skip("no request has it")
		}
		w := ask(r, http.MethodGet, files.Prefix+link, "Range", part, "If-None-Match", tag)
		name, is := strings.CutPrefix(strings.TrimPrefix(u.Path, files.Prefix), signed)
		if w.Code < 400 && (!is || strings.Contains(name, "/")) || w.Code >= 500 {
			t.Errorf("%q is answered %d %s", link, w.Code, w.Body)
		}
		if w.Code < 300 && (w.Header().Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "sandbox")) {
			t.Errorf("%q is answered with %v", link, w.Header())
		}
	})
}
