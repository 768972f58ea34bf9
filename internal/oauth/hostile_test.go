package oauth_test

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"parley/internal/apptest"
	"parley/internal/model/identity"
)

// TestHostileTexts puts texts that would run a script where somebody who is not the admin chooses
// what the pages show: the app's name, and all that a link or a form of another site brings. The
// pages have the elements of their templates then, and nothing that runs or leads elsewhere.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	b, stranger := signedIn(t, r), browse(t, r)
	for i, text := range []string{
		`<script>__xss()</script>`, `"><img src=x onerror=__xss()>`, `' onfocus=__xss() autofocus x='`, `</title><svg onload=__xss()>`, `</textarea><script>__xss()</script>`,
		`<!--<img src=x onerror=__xss()>`, `javascript:__xss()`, `{{.}}__xss`, `&lt;script&gt;__xss()&lt;/script&gt;`, "`-__xss()-`", "\u2028__xss()", `</form><form action=//evil.test/__xss>`,
		`<base href=//evil.test/__xss>`, `<meta http-equiv=refresh content=0;url=//evil.test/__xss>`,
	} {
		a, err := r.Identity.RegisterApp(t.Context(), r.Actor(), "App "+text, []string{back}, []identity.Scope{identity.ReadTags})
		if err != nil {
			t.Fatal(err)
		}
		look := func(p *page) *page {
			t.Helper()
			if why := harm(t, p.text); why != "" {
				t.Errorf("%s has %s: %s", p.Request.URL, why, p.text)
			}
			if p.StatusCode >= 500 || !strings.Contains(p.Header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%s is answered %d %v", p.Request.URL, p.StatusCode, p.Header)
			}
			return p
		}
		for _, b := range []*browser{b, stranger} {
			for _, q := range []url.Values{
				{"client_id": {text}}, {"client_id": {a.ClientID}, "redirect_uri": {text}}, {"client_id": {a.ClientID}, "state": {text}},
				{"client_id": {a.ClientID}, "response_type": {text}}, {text: {text}},
			} {
				look(b.get("/oauth?" + q.Encode()))
			}
			for _, path := range []string{"/sign-in?workspace=", "/sign-in?next=", "/sign-in?error=", "/account?"} {
				look(b.get(path + url.QueryEscape(text)))
			}
		}
		if i == 1 { // a password takes a while to be found wrong
			look(stranger.post("/sign-in", "workspace", text, "email", text, "password", text)).is(t, 401, "onerror=__xss")
			look(stranger.post("/sign-in", "workspace", text, "email", text, "password", text, "client_id", text, "redirect_uri", text, "state", text))
		}
		consent := look(b.get(ask(a, "redirect_uri", back, "state", text)).is(t, 200))
		if !strings.Contains(consent.text, "__xss") {
			t.Errorf("the page of consent does not show the text: %s", consent.text)
		}
	}
}

// pageElements are those of the templates.
var pageElements = strings.Fields("html head meta title link body main h1 h2 p ul ol li form label input button strong b em small code pre a div section header footer dl dt dd details summary br span img svg path hr table tbody tr td th")

// harm is what a page has that its templates have not.
func harm(t *testing.T, text string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.CommentNode {
			return "a comment"
		}
		if n.Type != html.ElementNode {
			continue
		}
		known := false
		for _, name := range pageElements {
			known = known || name == n.Data
		}
		if !known {
			return "the element " + n.Data
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "http-equiv", a.Key == "formaction", a.Key == "srcdoc":
				return "the attribute " + a.Key
			case a.Key == "href" || a.Key == "src" || a.Key == "action":
				u, err := url.Parse(a.Val)
				if err != nil || u.Host != "" || u.Scheme != "" && u.Scheme != "data" {
					return "the URL " + a.Val
				}
			}
		}
	}
	return ""
}
