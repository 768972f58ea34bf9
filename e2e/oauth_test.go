package e2e

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"parley/internal/means"
)

const ownersPassword = "a password of the owner"

// TestPassport signs the owner in by passport-intercom, unmodified but for hosts.
func TestPassport(t *testing.T) {
	t.Parallel()
	needNode(t, means.SDK)
	p := boot(t, "")
	runSuite(t, "passport", p.url, "PARLEY_EMAIL="+p.givePassword(t), "PARLEY_PASSWORD="+ownersPassword)
}

// givePassword has the owner sign in by ownersPassword, and returns the owner's
// e-mail address.
func (p *parley) givePassword(t *testing.T) string {
	t.Helper()
	var me struct{ Email string }
	p.call(t, "GET", "/me", token, "", &me)
	p.run(t, ownersPassword+"\n", "admin", "password", me.Email, "--stdin")
	return me.Email
}

// call makes a call of the API that succeeds.
func (p *parley) call(t *testing.T, method, path, token, body string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, into)
	}
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s, %v: %s", method, path, answer.Status, err, text)
	}
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// TestOAuthClient gets a token the way a program does that uses Go's own client of
// OAuth and knows no more of Parley than two URLs.
func TestOAuthClient(t *testing.T) {
	t.Parallel()
	onEachBooted(t, func(t *testing.T, p *parley) {
		email := p.givePassword(t)
		var app struct {
			ClientID     string `json:"client_id"`
			ClientSecret string `json:"client_secret"`
		}
		const back = "http://localhost:7070/back"
		p.call(t, "POST", "/_parley/apps", token, `{"name":"Go","redirect_urls":["`+back+`"],"scopes":["read_tags"]}`, &app)
		for name, style := range map[string]oauth2.AuthStyle{"found out": oauth2.AuthStyleAutoDetect, "in the body": oauth2.AuthStyleInParams, "in a header": oauth2.AuthStyleInHeader} {
			config := oauth2.Config{ClientID: app.ClientID, ClientSecret: app.ClientSecret, RedirectURL: back,
				Endpoint: oauth2.Endpoint{AuthURL: p.url + "/oauth", TokenURL: p.url + "/auth/eagle/token", AuthStyle: style}}
			got, err := config.Exchange(t.Context(), p.allow(t, config.AuthCodeURL("the state"), email).Get("code"))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !strings.HasPrefix(got.AccessToken, "dG9rO") || got.Type() != "Bearer" || !got.Expiry.IsZero() || got.Extra("token") != got.AccessToken {
				t.Errorf("%s: the token is %+v", name, got)
			}
			for path, want := range map[string]int{"/me": 200, "/tags": 200, "/contacts": 403} {
				answer, err := config.Client(t.Context(), got).Get(p.url + path)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if answer.StatusCode != want {
					t.Errorf("%s: GET %s answers %s", name, path, answer.Status)
				}
			}
		}
	})
}

// allow goes with a new browser where an app sends it, signs in, allows what the
// app asks for, and returns what the app is sent.
func (p *parley) allow(t *testing.T, at, email string) url.Values {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Port() == "7070" {
			return http.ErrUseLastResponse // the app, where nobody is listening
		}
		return nil
	}}
	read := func(answer *http.Response, err error) (*http.Response, url.Values) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{}
		for _, m := range hidden.FindAllStringSubmatch(string(text), -1) {
			form.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
		}
		return answer, form
	}
	_, form := read(browser.Get(at))
	form.Set("email", email)
	form.Set("password", ownersPassword)
	_, form = read(browser.PostForm(p.url+"/sign-in", form))
	form.Set("answer", "allow")
	answer, _ := read(browser.PostForm(p.url+"/oauth", form))
	to, err := answer.Location()
	if err != nil {
		t.Fatalf("the browser is not sent to the app: %s, %v", answer.Status, err)
	}
	if got := to.Query().Get("state"); got != "the state" {
		t.Errorf("the state is %q", got)
	}
	return to.Query()
}
