// Package parleytest gives a test of an Intercom integration a workspace of its own, in a Parley that runs within the
// process of the test.
// It must not be part of a program, nor decide anything: all that it does it asks the server for, as any client could.
//
// A test starts a workspace, and hands its client and its token to the code under test, which goes on believing that
// it speaks with https://api.intercom.io:
//
//	func TestSignUp(t *testing.T) {
//		p := parleytest.Start(t)
//		app := signups.New(p.Client(), p.Token)
//		app.SignUp("rosa@example.test")
//		p.AssertRequests(parleytest.RequestFilter{Operation: "createContact", Body: []string{"/email=rosa@example.test"}}, 1)
//	}
//
// Nothing is listened on and nothing leaves the process, unless Serve is called or a webhook is told. All tests of a
// process share one server, which is there from the first Start to the end of the last test that uses it, and each has
// a workspace that shares nothing with others, however many run at once. A package with many tests that do not run at
// once keeps the server from one to the next by calling Main from its TestMain.
//
// A *Parley belongs to a test. What it cannot do ends that test by Fatalf, so that its methods, but for URL, Client and
// Transport, are for the goroutine of the test; In gives the same workspace to a subtest.
package parleytest

import (
	"net/http"
	"net/url"
	"time"
)

// A TB is a test: a *testing.T, B or F, or what another framework has in its place.
type TB interface {
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Helper()
	Name() string
}

// Demo is the seed that is the example company: people, what they talk about, a help center and news.
const Demo = "demo"

// Options say what a workspace is to be like. The zero value is an empty one, with an admin who owns it.
type Options struct {
	// Seed fills the workspace: Demo, or the YAML text of a seed.
	Seed string
	// Snapshot fills the workspace with what another one was. That must still be there: a subtest may begin with a
	// snapshot of the test that it belongs to.
	Snapshot *Snapshot
	// IDs is what ids are made of: the same calls give the same ids in each workspace that has the same. Random if
	// empty.
	IDs string
	// Now is what the clock of the workspace shows at the beginning, in whole seconds; the zero value is the time of
	// the machine, or of the snapshot.
	Now time.Time
	// Frozen has the clock stand from the beginning.
	Frozen bool
	// Name, Timezone (of the IANA database) and Region (US, EU or AU) are the workspace's; if empty those of the seed
	// or the snapshot, or the test's name, UTC and US.
	Name, Timezone, Region string
}

// A Parley is a workspace of a test. Its client acts in the name of whoever's token it sends.
type Parley struct {
	// URL is where the code under test finds the API, without a slash at its end: through Client, or from anywhere on
	// the machine once Serve was called. Client finds it at https://api.intercom.io as well.
	URL string
	// Token is an access token of the admin who owns the workspace.
	Token string
	// AppID is the id of the workspace, which the API calls app_id, id_code and workspace_id.
	AppID string

	t      TB
	server *server
	line   *line
	secret *secret
}

// Start makes an empty workspace for a test. It is deleted when the test ends, and what is open of its client closed.
func Start(t TB) *Parley {
	t.Helper()
	return StartWith(t, Options{})
}

// StartWith is Start with options.
func StartWith(t TB, o Options) *Parley {
	t.Helper()
	s, err := shared.enter()
	if err != nil {
		t.Fatalf("parleytest: %v", err)
	}
	p := &Parley{URL: usualURL, t: t, server: s, line: s.newLine(), secret: &secret{}}
	t.Cleanup(func() {
		if p.AppID != "" {
			p.try(http.MethodDelete, p.path(), nil, nil)
		}
		p.line.close()
		if err := shared.leave(); err != nil {
			t.Errorf("parleytest: %v", err)
		}
	})
	var made struct {
		ID          string `json:"id"`
		AccessToken string `json:"access_token"`
	}
	p.do(http.MethodPost, workspaces, o.request(t.Name()), &made)
	p.AppID, p.Token = made.ID, made.AccessToken
	return p
}

// maxName is the length of a workspace's name, in bytes to be sure.
const maxName = 255

// request is the body by which the workspace is asked for.
func (o Options) request(test string) map[string]any {
	in := map[string]any{"name": test[:min(len(test), maxName)]}
	for name, value := range map[string]string{"name": o.Name, "timezone": o.Timezone, "region": o.Region, "seed": o.Seed, "ids": o.IDs} {
		if value != "" {
			in[name] = value
		}
	}
	if o.Snapshot != nil {
		in["snapshot"] = map[string]string{"workspace_id": o.Snapshot.workspace, "name": o.Snapshot.Name}
	}
	if !o.Now.IsZero() {
		in["now"] = o.Now.Unix()
	}
	if o.Frozen {
		in["frozen"] = true
	}
	return in
}

// In is the same workspace for a subtest, which it ends when something cannot be done.
func (p *Parley) In(t TB) *Parley {
	other := *p
	other.t = t
	return &other
}

// Client is an HTTP client for the code under test: what it sends to https://api.intercom.io, to the hosts of the
// other regions or to URL is answered by this server. It adds no token. Requests to any other host fail, and go
// nowhere.
func (p *Parley) Client() *http.Client { return &http.Client{Transport: p.line} }

// Transport is the way that Client takes, for a client of the test's own. Requests to other hosts go to other.
func (p *Parley) Transport(other http.RoundTripper) http.RoundTripper { return &detour{p.line, other} }

// Serve has the server listen on a free port of 127.0.0.1, for code that cannot be given a client, another process say,
// until the last test that uses the server ends. It sets URL and returns it. The client works as before.
func (p *Parley) Serve() string {
	p.t.Helper()
	at, err := p.server.serve()
	if err != nil {
		p.t.Fatalf("parleytest: %v", err)
	}
	p.URL = at
	return at
}

// Reset brings the workspace back to what it was made as, at once. Its token stays good; apps and webhooks that were
// made since are gone, and ClientSecret is another.
func (p *Parley) Reset() {
	p.t.Helper()
	p.do(http.MethodPost, p.path("reset"), nil, nil)
	p.secret.doubt()
}

// SearchLag has searches not find contacts and conversations that are younger than d, in whole seconds, by the
// workspace's clock, as the live service's do not at once. 0 ends it.
func (p *Parley) SearchLag(d time.Duration) {
	p.t.Helper()
	p.do(http.MethodPut, p.path(), map[string]any{"search_lag": p.seconds("a search lag", d)}, nil)
}

// Call makes a call of the API in the name of the workspace's owner, and ends the test unless it succeeds: a teammate
// replies, say. The body is in as JSON, or absent if in is nil; the answer is read into out, unless that is nil. It is in
// the request log like any call; ForgetRequests forgets what there is.
func (p *Parley) Call(method, path string, in, out any) {
	p.t.Helper()
	if err := p.server.call(p.line, p.Token, method, path, in, out); err != nil {
		p.t.Fatalf("parleytest: %v", err)
	}
}

// workspaces is the path of what a developer asks the server for.
const workspaces = "/_parley/workspaces"

// path is that of the workspace, or of something in it.
func (p *Parley) path(steps ...string) string {
	path := workspaces + "/" + p.AppID
	for _, step := range steps {
		path += "/" + url.PathEscape(step)
	}
	return path
}

// do makes a call of Parley's own, in the name of whoever rules the server, and ends the test unless it succeeds.
func (p *Parley) do(method, path string, in, out any) {
	p.t.Helper()
	if err := p.server.call(p.server.control, p.server.token, method, path, in, out); err != nil {
		p.t.Fatalf("parleytest: %v", err)
	}
}

// try is do where the test is at its end.
func (p *Parley) try(method, path string, in, out any) {
	p.t.Helper()
	if err := p.server.call(p.server.control, p.server.token, method, path, in, out); err != nil {
		p.t.Errorf("parleytest: %v", err)
	}
}

// seconds is a duration in the whole seconds that the server counts in.
func (p *Parley) seconds(what string, d time.Duration) int64 {
	p.t.Helper()
	if d%time.Second != 0 {
		p.t.Fatalf("parleytest: %s is of whole seconds, not %v", what, d)
	}
	return int64(d / time.Second)
}
