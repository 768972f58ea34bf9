package oauth_test

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/model/identity"
)

func TestMain(m *testing.M) { apptest.Main(m) }

const (
	password = "correct horse battery"
	back     = "https://app.test/back?from=parley"
)

// A browser keeps cookies, follows nothing by itself, and reads forms.
type browser struct {
	t       *testing.T
	client  *http.Client
	base    string
	headers http.Header
}

// A page is what a browser was shown.
type page struct {
	*http.Response
	text string
}

// direct hands requests to a handler, without a network.
type direct struct{ handler http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	body := r.Body
	if body == nil {
		body = http.NoBody
	}
	hr := httptest.NewRequest(r.Method, r.URL.String(), body)
	hr.Header = r.Header
	if from := r.Header.Get("Test-Address"); from != "" {
		hr.RemoteAddr = from + ":1234"
	}
	d.handler.ServeHTTP(w, hr)
	answer := w.Result()
	answer.Request = r
	return answer, nil
}

func browse(t *testing.T, r *apptest.Rig) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, base: "http://parley.test", headers: http.Header{}, client: &http.Client{Jar: jar, Transport: direct{r.Handler()},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) get(path string) *page {
	b.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

func (b *browser) post(path string, fields ...string) *page {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

func (b *browser) do(method, path string, form url.Values) *page {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.base + path
	}
	hr, err := http.NewRequest(method, path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		hr.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range b.headers {
		hr.Header[name] = values
	}
	answer, err := b.client.Do(hr)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return &page{answer, string(text)}
}

// is checks the status of a page, and that it says something.
func (p *page) is(t *testing.T, status int, says ...string) *page {
	t.Helper()
	if p.StatusCode != status {
		t.Fatalf("%s %s answered %d, want %d: %s", p.Request.Method, p.Request.URL.Path, p.StatusCode, status, p.text)
	}
	for _, text := range says {
		if !strings.Contains(p.text, text) {
			t.Errorf("%s does not say %q: %s", p.Request.URL.Path, text, p.text)
		}
	}
	return p
}

// leads checks that a page sends the browser to a path, and returns where.
func (p *page) leads(t *testing.T, to string) string {
	t.Helper()
	at := p.is(t, http.StatusSeeOther).Header.Get("Location")
	if !strings.HasPrefix(at, to) {
		t.Fatalf("%s leads to %s, want %s", p.Request.URL.Path, at, to)
	}
	return at
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// fields are the hidden ones of a page's forms.
func (p *page) fields() []string {
	var all []string
	for _, m := range hidden.FindAllStringSubmatch(p.text, -1) {
		all = append(all, html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return all
}

// answered is what a page sends to the app.
func answered(t *testing.T, p *page) url.Values {
	t.Helper()
	u, err := url.Parse(p.leads(t, back+"&"))
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// setPassword has the rig's admin sign in by a password.
func setPassword(t *testing.T, r *apptest.Rig) {
	t.Helper()
	if err := r.Identity.SetPassword(context.Background(), r.Actor(), r.Admin.ID, password); err != nil {
		t.Fatal(err)
	}
}

// signedIn is a browser in which the rig's admin has signed in.
func signedIn(t *testing.T, r *apptest.Rig) *browser {
	t.Helper()
	setPassword(t, r)
	b := browse(t, r)
	b.signIn(r, password).leads(t, "/account")
	return b
}

func (b *browser) signIn(r *apptest.Rig, password string) *page {
	b.t.Helper()
	return b.post("/sign-in", "workspace", string(r.Workspace.ID), "email", r.Admin.Email, "password", password)
}

// register makes an app of the rig's workspace.
func register(t *testing.T, r *apptest.Rig, scopes ...identity.Scope) *identity.App {
	t.Helper()
	a, err := r.Identity.RegisterApp(context.Background(), r.Actor(), `Sync & "Co"`, []string{back, "http://localhost:7/x"}, scopes)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// ask is the path by which an app asks for access.
func ask(a *identity.App, params ...string) string {
	q := url.Values{"client_id": {a.ClientID}}
	for i := 0; i < len(params); i += 2 {
		q.Add(params[i], params[i+1])
	}
	return "/oauth?" + q.Encode()
}

// code is what an app gets that the browser's admin allows.
func (b *browser) code(a *identity.App) string {
	b.t.Helper()
	form := b.get(ask(a, "redirect_uri", back)).is(b.t, http.StatusOK)
	return answered(b.t, b.post("/oauth", append(form.fields(), "answer", "allow")...)).Get("code")
}

// exchange brings a code to the server.
func exchange(t *testing.T, r *apptest.Rig, a *identity.App, code string, edits ...string) *apptest.Answer {
	t.Helper()
	form := url.Values{"client_id": {a.ClientID}, "client_secret": {a.ClientSecret}, "code": {code}}
	for i := 0; i < len(edits); i += 2 {
		form.Set(edits[i], edits[i+1])
	}
	return r.Post(t, "/auth/eagle/token", form.Encode(), apptest.Header("Authorization", ""),
		apptest.Header("Content-Type", "application/x-www-form-urlencoded"))
}
