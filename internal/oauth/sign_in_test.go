package oauth_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"parley/internal/app"
	"parley/internal/apptest"
)

func TestSignIn(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		other := r.Elsewhere(t) // so that the workspace has to be named
		b := browse(t, r)
		b.get("/account").leads(t, "/sign-in")
		b.get("/sign-in").is(t, 200, "Workspace id")
		const wrong = "That e-mail address and password do not belong together."
		b.signIn(r, password).is(t, 401, wrong) // there is no password yet
		setPassword(t, r)
		b.signIn(r, "incorrect horse battery").is(t, 401, wrong, `value="ann@acme.test"`)
		for name, fields := range map[string][]string{
			"another admin": {"workspace", string(r.Workspace.ID), "email", "eve@acme.test"}, "no workspace": {"email", r.Admin.Email},
			"unknown workspace": {"workspace", "00000000", "email", r.Admin.Email}, "no workspace at all": {"workspace", "<script>", "email", r.Admin.Email},
			"another workspace": {"workspace", string(other.Workspace.ID), "email", r.Admin.Email},
			"no text":           {"workspace", string(r.Workspace.ID), "email", "\xff\x00"}, "nobody": {"workspace", string(r.Workspace.ID)},
			"a very long address": {"workspace", string(r.Workspace.ID), "email", strings.Repeat("a", 10000)},
		} {
			if p := b.post("/sign-in", append(fields, "password", password)...); p.StatusCode != 401 || !strings.Contains(p.text, wrong) || len(p.Cookies()) > 0 {
				t.Errorf("%s: %d %s", name, p.StatusCode, p.text)
			}
		}
		in := b.signIn(r, password)
		in.leads(t, "/account")
		c := in.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.Secure || c.Name != "parley_session" {
			t.Errorf("the cookie is %v", c)
		}
		b.get("/account").is(t, 200, "Ann Owner", "ann@acme.test", "is off")
		b.get("/sign-in").leads(t, "/account")

		// It lasts while there are visits, and not for ever.
		r.Clock.Pass(23 * time.Hour)
		b.get("/account").is(t, 200)
		r.Clock.Pass(23 * time.Hour)
		b.get("/account").is(t, 200)
		r.Clock.Pass(24 * time.Hour)
		b.get("/account").leads(t, "/sign-in")
		b.signIn(r, password).leads(t, "/account")
		for range 14 {
			b.get("/account").is(t, 200)
			r.Clock.Pass(23*time.Hour + 59*time.Minute)
		}
		b.get("/account").is(t, 200)
		r.Clock.Pass(time.Hour)
		b.get("/account").leads(t, "/sign-in")

		second := browse(t, r)
		second.signIn(r, password).leads(t, "/account")
		b.signIn(r, password).leads(t, "/account")
		b.post("/sign-out").leads(t, "/sign-in")
		b.get("/account").leads(t, "/sign-in")
		second.get("/account").is(t, 200)
		setPassword(t, r)
		second.get("/account").leads(t, "/sign-in")

		entries := r.Get(t, "/admins/activity_logs?created_at_after=0&per_page=100").OK().At("activity_logs").([]any)
		counts := map[any]int{}
		for _, e := range entries {
			counts[e.(map[string]any)["activity_type"]]++
		}
		if counts["admin_login_failure"] != 2 || counts["admin_login_success"] != 4 || counts["admin_logout"] != 1 || counts["admin_password_reset_success"] != 2 {
			t.Errorf("the activity log has %v", counts)
		}
	})
}

// TestSoleWorkspace holds that the only workspace of a server need not be named.
func TestSoleWorkspace(t *testing.T) {
	t.Parallel()
	d, err := app.OpenDatabase(t.Context(), app.Options{Data: t.TempDir(), Clock: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	r := apptest.On(t, d)
	setPassword(t, r)
	b := browse(t, r)
	if text := b.get("/sign-in").is(t, 200).text; strings.Contains(text, "Workspace id") {
		t.Errorf("the page asks for the workspace: %s", text)
	}
	b.post("/sign-in", "email", r.Admin.Email, "password", password).leads(t, "/account")
}

// TestSecureCookie holds that browsers which come by TLS keep the cookie to it.
func TestSecureCookie(t *testing.T) {
	t.Parallel()
	r := apptest.With(t, app.Options{PublicURL: "https://parley.test"})
	setPassword(t, r)
	b := browse(t, r)
	b.base = "https://parley.test"
	in := b.signIn(r, password)
	in.leads(t, "/account")
	if c := in.Cookies()[0]; c.Name != "__Host-parley_session" || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie is %v", c)
	}
	b.get("/account").is(t, 200)
}

// TestAttempts holds that passwords cannot be tried without end: neither of one
// account, nor of many from one address, nor of one from many.
func TestAttempts(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	setPassword(t, r)
	const often = "That was tried too often."
	b := browse(t, r)
	from := func(address string) *browser { b.headers.Set("Test-Address", address); return b }
	for range 10 {
		from("192.0.2.1").signIn(r, "wrong").is(t, 401)
	}
	from("192.0.2.1").signIn(r, password).is(t, 429, often)
	// Whoever does not exist is refused alike.
	for range 10 {
		from("192.0.2.1").post("/sign-in", "workspace", string(r.Workspace.ID), "email", "eve@acme.test", "password", "wrong").is(t, 401)
	}
	from("192.0.2.1").post("/sign-in", "workspace", string(r.Workspace.ID), "email", "EVE@acme.test ", "password", "wrong").is(t, 429, often)
	// The account is not shut to others, and who gets in is not counted.
	for range 12 {
		from("192.0.2.2").signIn(r, password).leads(t, "/account")
	}
	// The first half of an IPv6 address is one.
	for range 10 {
		from("[2001:db8::1]").signIn(r, "wrong").is(t, 401)
	}
	from("[2001:db8::ffff:1]").signIn(r, password).is(t, 429, often)
	from("[2001:db8:0:1::1]").signIn(r, password).leads(t, "/account")
	r.Clock.Pass(15 * time.Minute)
	from("192.0.2.1").signIn(r, password).leads(t, "/account")
}

// TestForeignForms holds that no other site can send a form, or show a page within
// its own.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	a := register(t, r)
	b := signedIn(t, r)
	for _, h := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}}, {"Origin": {"https://evil.test"}}, {"Origin": {"null"}}} {
		b.headers = h
		for _, path := range []string{"/oauth", "/sign-in", "/sign-in/code", "/sign-out", "/account/two-factor"} {
			b.post(path, "client_id", a.ClientID, "answer", "allow", "do", "begin").is(t, 403, "another site")
		}
	}
	b.headers = http.Header{"Origin": {"http://parley.test"}}
	answered(t, b.post("/oauth", "client_id", a.ClientID, "answer", "allow"))
	for _, path := range []string{"/sign-in", "/account", "/account/two-factor", ask(a), "/oauth"} {
		h := b.get(path).Header
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
			h.Get("X-Frame-Options") != "DENY" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, h)
		}
		if p := b.get(path); strings.Contains(p.text, "<script") || strings.Contains(p.text, "style=") {
			t.Errorf("%s has a script or a style", path)
		}
	}
	b.post("/oauth", "client_id", a.ClientID, "state", strings.Repeat("a", 70000)).is(t, 400, "could not be read")
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		if p := b.do(method, "/oauth", nil); p.StatusCode != 405 {
			t.Errorf("%s: %d", method, p.StatusCode)
		}
	}
}

var keyOf = regexp.MustCompile(`Key: <code>([A-Z2-7]{32})</code>`)

func TestTwoFactor(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		b := signedIn(t, r)
		b.get("/account/two-factor").is(t, 200, "It is off")
		b.post("/account/two-factor", "do", "begin").leads(t, "/account/two-factor")
		shown := b.get("/account/two-factor").is(t, 200, "otpauth://totp/Acme:ann@acme.test?", "data:image/png;base64,")
		secret := keyOf.FindStringSubmatch(shown.text)[1]
		code := func() string {
			c, err := totp.GenerateCode(secret, r.Clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		// It is not asked for before it has been shown to work.
		browse(t, r).signIn(r, password).leads(t, "/account")
		b.post("/account/two-factor", "do", "confirm", "code", "000000").is(t, 401, "That code is wrong")
		first := code()
		recovery := regexp.MustCompile(`<code>([a-z2-7]{16})</code>`).FindAllStringSubmatch(b.post("/account/two-factor", "do", "confirm", "code", first).is(t, 200).text, -1)
		if len(recovery) != 10 {
			t.Fatalf("there are %d recovery codes", len(recovery))
		}
		b.get("/account").is(t, 200, "is on")
		if strings.Contains(b.get("/account/two-factor").text, secret) {
			t.Error("the key is shown again")
		}

		a := register(t, r)
		c := browse(t, r)
		form := c.get(ask(a, "state", "s"))
		next := c.post("/sign-in", append(form.fields(), "email", r.Admin.Email, "password", password)...).leads(t, "/sign-in/code?next=")
		asked := c.get(next).is(t, 200, "Second factor")
		c.get("/account").leads(t, "/sign-in")
		c.get(ask(a)).is(t, 200, "Sign in")
		c.post("/oauth", "client_id", a.ClientID, "answer", "allow").leads(t, "/oauth?")
		c.post("/sign-in/code", append(asked.fields(), "code", first)...).is(t, 401, "used before")
		r.Clock.Pass(30 * time.Second)
		second := code()
		at := c.post("/sign-in/code", append(asked.fields(), "code", second[:3]+" "+second[3:])...).leads(t, "/oauth?")
		if u, err := url.Parse(at); err != nil || u.Query().Get("state") != "s" {
			t.Errorf("after the code: %s", at)
		}
		c.get(at).is(t, 200, "Give Sync")

		enter := func() *browser {
			b := browse(t, r)
			b.signIn(r, password).leads(t, "/sign-in/code")
			return b
		}
		d := enter()
		d.post("/sign-in/code", "code", second).is(t, 401, "used before")
		d.post("/sign-in/code", "code", strings.ToUpper(recovery[0][1][:8]+"-"+recovery[0][1][8:])).leads(t, "/account")
		d = enter()
		d.post("/sign-in/code", "code", recovery[0][1]).is(t, 401)
		r.Clock.Pass(10 * time.Minute)
		d.post("/sign-in/code", "code", code()).leads(t, "/sign-in") // it took too long
		r.Clock.Pass(15 * time.Minute)
		d = enter()
		for range 10 {
			d.post("/sign-in/code", "code", "000000").is(t, 401)
		}
		d.post("/sign-in/code", "code", code()).is(t, 429, "tried too often")
		r.Clock.Pass(15 * time.Minute)
		d = enter()
		d.post("/sign-in/code", "code", code()).leads(t, "/account")
		d.post("/account/two-factor", "do", "begin").is(t, 400, "on already")
		d.post("/account/two-factor", "do", "drop", "code", code()).is(t, 401)
		d.post("/account/two-factor", "do", "drop", "code", recovery[1][1]).leads(t, "/account/two-factor")
		browse(t, r).signIn(r, password).leads(t, "/account")

		if err := r.Identity.DisableTwoFactor(context.Background(), r.Actor(), r.Admin.ID); err != nil {
			t.Error(err)
		}
		changes := 0
		for _, e := range r.Get(t, "/admins/activity_logs?created_at_after=0&per_page=100").OK().At("activity_logs").([]any) {
			if e.(map[string]any)["activity_type"] == "admin_two_factor_auth_change" {
				changes++
			}
		}
		if changes != 2 {
			t.Errorf("the activity log has %d changes of two-factor authentication", changes)
		}
	})
}
