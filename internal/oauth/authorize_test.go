package oauth_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/apptest"
	"parley/internal/model/identity"
)

// TestAccess goes the whole way: an app asks, the admin signs in and allows it, and
// the app fetches its token, uses it and ends it.
func TestAccess(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		setPassword(t, r)
		a := register(t, r, identity.ReadTags)
		b := browse(t, r)
		state := `a b&c="<é>`
		signIn := b.get(ask(a, "redirect_uri", back, "response_type", "code", "state", state)).
			is(t, 200, "Sign in", "Sync &amp; &#34;Co&#34;")
		if strings.Contains(signIn.text, "Workspace id") {
			t.Error("the app's workspace has to be typed")
		}
		next := b.post("/sign-in", append(signIn.fields(), "email", " ANN@acme.test ", "password", password)...).leads(t, "/oauth?")
		consent := b.get(next).is(t, 200, "Give Sync &amp; &#34;Co&#34; access?", "ann@acme.test", "Acme", "List tags", "app.test")
		answer := answered(t, b.post("/oauth", append(consent.fields(), "answer", "allow")...))
		if answer.Get("state") != state || answer.Get("from") != "parley" || len(answer) != 3 {
			t.Errorf("the app is sent %v", answer)
		}

		got := exchange(t, r, a, answer.Get("code"), "redirect_uri", back, "grant_type", "authorization_code").OK()
		token, _ := got.At("token").(string)
		if !strings.HasPrefix(token, "dG9rO") || got.At("access_token") != token || got.At("token_type") != "Bearer" {
			t.Errorf("the token is %s", got.Body)
		}
		if got.Header.Get("Cache-Control") != "no-store" {
			t.Error("the token may be cached")
		}
		as := apptest.As(token)
		if me := r.Get(t, "/me", as).OK(); me.At("email") != "ann@acme.test" || me.At("app.id_code") != string(r.Workspace.ID) {
			t.Errorf("the token is of %s", me.Body)
		}
		r.Get(t, "/tags", as).OK()
		r.Get(t, "/contacts", as).Fails(403, "forbidden", "You do not have the required scope (read_users_companies) to access this resource")
		r.Get(t, "/_parley/apps", as).Fails(403, "forbidden", "You do not have the required scope (manage_apps) to access this resource")

		other := exchange(t, r, a, b.code(a)).OK().At("token").(string)
		r.Post(t, "/auth/uninstall", nil, as).OK()
		for _, ended := range []string{token, other} {
			r.Get(t, "/me", apptest.As(ended)).Fails(401, "unauthorized", "Access Token Invalid")
		}
		r.Post(t, "/auth/uninstall", nil, as).Fails(401, "unauthorized", "Access Token Invalid")
		r.Get(t, "/me").OK()

		log := r.Get(t, "/admins/activity_logs?created_at_after=0&per_page=50").OK().At("activity_logs").([]any)
		var seen []string
		for _, e := range log {
			seen = append(seen, e.(map[string]any)["activity_type"].(string))
		}
		for _, want := range []string{"admin_login_success", "app_package_installation", "app_package_uninstallation"} {
			if !slices.Contains(seen, want) {
				t.Errorf("the activity log has no %s: %v", want, seen)
			}
		}
	})
}

func TestDeny(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	a := register(t, r)
	b := signedIn(t, r)
	form := b.get(ask(a, "redirect_uri", back, "state", "s")).is(t, 200, "Nothing but learn who you are")
	if answer := answered(t, b.post("/oauth", append(form.fields(), "answer", "deny")...)); answer.Get("error") != "access_denied" || answer.Get("state") != "s" || answer.Has("code") {
		t.Errorf("the app is sent %v", answer)
	}
	b.post("/oauth", form.fields()...).is(t, 400, "Choose whether")
	if answer := answered(t, b.get(ask(a, "redirect_uri", back, "response_type", "token"))); answer.Get("error") != "unsupported_response_type" || answer.Has("state") {
		t.Errorf("the app is sent %v", answer)
	}
	// The first URL is meant where none is named.
	if got := b.post("/oauth", "client_id", a.ClientID, "answer", "deny").leads(t, back); got != back+"&error=access_denied" {
		t.Errorf("without a redirect_uri: %s", got)
	}
}

// TestCodes holds that a code is worth one token, to the app it was given to, for
// ten minutes.
func TestCodes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a, other, elsewhere := register(t, r), register(t, r), register(t, r.Elsewhere(t))
		b := signedIn(t, r)
		wrong := func(a *apptest.Answer) { t.Helper(); a.Fails(400, "bad_request", "Unauthorized Code") }
		stranger := func(a *apptest.Answer) {
			t.Helper()
			a.Fails(401, "unauthorized", "Client authentication failed")
		}

		code := b.code(a)
		stranger(exchange(t, r, a, code, "client_secret", other.ClientSecret))
		stranger(exchange(t, r, a, code, "client_secret", ""))
		stranger(exchange(t, r, a, code, "client_id", "00000000-0000-4000-8000-000000000000"))
		stranger(exchange(t, r, a, code, "client_id", "x\x00\xff"))
		wrong(exchange(t, r, other, code))
		wrong(exchange(t, r, elsewhere, code))
		wrong(exchange(t, r, a, code, "redirect_uri", "http://localhost:7/x"))
		wrong(exchange(t, r, a, ""))
		wrong(exchange(t, r, a, "x\x00\xff"))
		exchange(t, r, a, code, "grant_type", "password").Fails(400, "parameter_invalid", "grant_type must be authorization_code")
		token := exchange(t, r, a, code).OK().At("token").(string)
		wrong(exchange(t, r, other, code))
		r.Get(t, "/me", apptest.As(token)).OK()
		wrong(exchange(t, r, a, code))
		r.Get(t, "/me", apptest.As(token)).Is(401)

		code = b.code(a)
		r.Clock.Pass(10*time.Minute - time.Second)
		exchange(t, r, a, code).OK()
		code = b.code(a)
		r.Clock.Pass(10 * time.Minute)
		wrong(exchange(t, r, a, code))

		// Of ten tokens of one admin the eleventh ends the oldest.
		var tokens []string
		for range identity.MaxTokens + 1 {
			r.Clock.Pass(time.Second)
			tokens = append(tokens, exchange(t, r, a, b.code(a)).OK().At("token").(string))
		}
		r.Get(t, "/me", apptest.As(tokens[0])).Is(401)
		r.Get(t, "/me", apptest.As(tokens[1])).OK()

		code = b.code(a)
		r.Delete(t, "/_parley/apps/"+a.ID.String(), nil).OK()
		r.Get(t, "/me", apptest.As(tokens[1])).Is(401)
		stranger(exchange(t, r, a, code))
		b.get(ask(a)).is(t, 404, "App not found")
	})
}

// TestOneTokenOfACode has many bring a code at once.
func TestOneTokenOfACode(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a := register(t, r)
		code := signedIn(t, r).code(a)
		answers := make(chan *apptest.Answer, 8)
		for range cap(answers) {
			go func() { answers <- exchange(t, r, a, code) }()
		}
		made := 0
		for range cap(answers) {
			if answer := <-answers; answer.Status == 200 {
				made++
			} else if answer.Status != 400 {
				t.Errorf("%d %s", answer.Status, answer.Body)
			}
		}
		if made != 1 {
			t.Errorf("%d tokens were made of one code", made)
		}
	})
}

// TestWorkspaceGoes holds that apps, codes and sessions are no hindrance to deleting
// a workspace, and are gone with it.
func TestWorkspaceGoes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		a := register(t, r)
		b := signedIn(t, r)
		token, code := exchange(t, r, a, b.code(a)).OK().At("token").(string), b.code(a)
		if err := r.App.Sandbox.Delete(t.Context(), r.Workspace.ID); err != nil {
			t.Fatal(err)
		}
		exchange(t, r, a, code).Is(401)
		r.Get(t, "/me", apptest.As(token)).Is(401)
		b.get("/account").leads(t, "/sign-in")
		b.get(ask(a)).is(t, 404)
	})
}

func TestNothingIsSentToStrangers(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	a := register(t, r)
	b := signedIn(t, r)
	for name, path := range map[string]string{
		"no client": "/oauth", "unknown client": "/oauth?client_id=00000000-0000-4000-8000-000000000000&redirect_uri=" + url.QueryEscape(back),
		"no UUID": "/oauth?client_id=%00%ff", "two clients": ask(a, "client_id", a.ClientID), "two URLs": ask(a, "redirect_uri", back, "redirect_uri", "https://evil.test/"),
		"two states": ask(a, "state", "a", "state", "b"), "long state": ask(a, "state", strings.Repeat("a", 4097)),
	} {
		p := b.get(path)
		if p.StatusCode < 400 || p.StatusCode >= 500 || p.Header.Get("Location") != "" {
			t.Errorf("%s: %d, %s", name, p.StatusCode, p.Header.Get("Location"))
		}
	}
	for _, to := range []string{"https://evil.test/", back + "x", back + "&a=b", strings.ToUpper(back), "https://app.test/back", "https://app.test:443/back?from=parley",
		"https://app.test/./back?from=parley", "https://app.test/back?from=parley#x", " " + back, back + "\x00", "http://app.test/back?from=parley",
		"http://localhost:8/x", "//app.test/back?from=parley", `https://evil.test\@app.test/back?from=parley`} {
		for _, p := range []*page{b.get(ask(a, "redirect_uri", to)), b.post("/oauth", "client_id", a.ClientID, "redirect_uri", to, "answer", "allow"),
			b.get(ask(a, "redirect_uri", to, "response_type", "token"))} {
			p.is(t, 400, "has registered")
			if at := p.Header.Get("Location"); at != "" {
				t.Errorf("%q leads to %s", to, at)
			}
		}
	}
	// An app without a URL can be given nothing.
	bare, err := r.Identity.RegisterApp(t.Context(), r.Actor(), "Bare", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.get(ask(bare)).is(t, 400, "has registered")
	// The app is of another workspace than the one that is signed in to.
	b.get(ask(register(t, r.Elsewhere(t)))).is(t, 200, "Sign in")
}

// TestRedirectsStayWithinTheList tries what comes to mind: wherever the browser is
// sent, it is a registered URL or a page of ours.
func TestRedirectsStayWithinTheList(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	a := register(t, r)
	b := signedIn(t, r)
	rapid.Check(t, func(rt *rapid.T) {
		part := rapid.OneOf(rapid.SampledFrom([]string{back, "https://app.test", "https://evil.test", "/", "//", "?", "#", "@", `\`, "code", a.ClientID, "\r\n", "%0a", "javascript:"}), rapid.String())
		words := func(name string) string { return strings.Join(rapid.SliceOfN(part, 0, 4).Draw(rt, name), "") }
		params := url.Values{}
		for _, name := range []string{"client_id", "redirect_uri", "state", "response_type", "answer", "next", "workspace"} {
			switch rapid.IntRange(0, 3).Draw(rt, name) {
			case 0:
			case 1, 2:
				params.Set(name, map[string]string{"client_id": a.ClientID, "redirect_uri": back, "answer": "allow", "response_type": "code"}[name])
			default:
				params.Set(name, words(name))
			}
		}
		path := rapid.SampledFrom([]string{"/oauth", "/sign-in", "/sign-in/code", "/account/two-factor"}).Draw(rt, "path")
		p := b.do(http.MethodGet, path+"?"+params.Encode(), nil)
		if rapid.Bool().Draw(rt, "post") {
			p = b.do(http.MethodPost, path, params)
		}
		at := p.Header.Get("Location")
		if p.StatusCode >= 500 || at != "" && !strings.HasPrefix(at, back+"&") && !slices.Contains([]string{"/sign-in", "/account", "/account/two-factor"}, at) {
			rt.Fatal(fmt.Sprintf("%s %v: %d, to %q", path, params, p.StatusCode, at))
		}
	})
}
