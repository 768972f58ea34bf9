package oauth_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/openid"
)

// A provider speaks as much of OpenID Connect as it takes to sign in at it.
type provider struct {
	*httptest.Server
	t      *testing.T
	key    *rsa.PrivateKey
	codes  map[string]url.Values // code to what the browser brought
	claims map[string]any        // of the next id_token, over the usual ones
	clock  func() time.Time

	padded  string // the path whose answer has so many spaces before it
	padding int
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		p.say(w, map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token",
			"jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.say(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256",
			"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		asked, ok := p.codes[r.FormValue("code")]
		delete(p.codes, r.FormValue("code"))
		challenge := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		id, secret, _ := r.BasicAuth()
		if !ok || id != "parley" || secret != "hush" || asked.Get("code_challenge_method") != "S256" ||
			asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(challenge[:]) || asked.Get("redirect_uri") != r.FormValue("redirect_uri") {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		p.say(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.token(asked.Get("nonce"))})
	})
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// All is done before the client has anything of the answer, which it may not read to its end.
		padding := 0
		if r.URL.Path == p.padded {
			padding = p.padding
		}
		answer := httptest.NewRecorder()
		mux.ServeHTTP(answer, r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(answer.Code)
		io.WriteString(w, strings.Repeat(" ", padding))
		w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *provider) say(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

// token is a signed id_token of the account.
func (p *provider) token(nonce string) string {
	claims := map[string]any{"iss": p.URL, "aud": "parley", "sub": "1", "nonce": nonce, "email": "Ann@acme.test", "email_verified": true,
		"iat": p.clock().Unix(), "exp": p.clock().Add(time.Minute).Unix()}
	for name, value := range p.claims {
		claims[name] = value
	}
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// visit is what a browser does at the provider: it is sent back at once.
func (p *provider) visit(at string) string {
	u, err := url.Parse(at)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	code := rand.Text()
	p.codes[code] = q
	return q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}}.Encode()
}

func TestProvider(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	r := apptest.With(t, app.Options{OpenID: &openid.Options{Issuer: p.URL, ClientID: "parley", ClientSecret: "hush"}})
	p.clock = r.Clock.Now
	r.Elsewhere(t) // so that the workspace has to be named
	a := register(t, r)

	b := browse(t, r)
	b.get(ask(a, "state", "s")).is(t, 200, "Sign in by your provider")
	away := b.get("/sign-in/provider?"+url.Values{"next": {ask(a, "state", "s")[len("/oauth?"):]}}.Encode()).leads(t, p.URL+"/authorize?")
	at := b.get(p.visit(away)).leads(t, "/oauth?")
	b.get(at).is(t, 200, "Give Sync", "ann@acme.test")
	if u, err := url.Parse(at); err != nil || u.Query().Get("state") != "s" {
		t.Errorf("the browser goes on to %s", at)
	}

	start := "/sign-in/provider?workspace=" + string(r.Workspace.ID)
	b = browse(t, r)
	b.get(p.visit(b.get(start).leads(t, p.URL))).leads(t, "/account")
	b.get("/account").is(t, 200, "Ann Owner")
	b.get("/sign-in/provider").is(t, 401)
	b.get("/sign-in/provider/return").is(t, 401)

	for name, c := range map[string]struct {
		claims map[string]any
		status int
		says   string
	}{
		"unverified":       {map[string]any{"email_verified": false}, 403, "has verified no e-mail address"},
		"no address":       {map[string]any{"email": ""}, 403, "has verified no e-mail address"},
		"unsaid":           {map[string]any{"email_verified": nil}, 403, "has verified no e-mail address"},
		"nobody here":      {map[string]any{"email": "eve@acme.test"}, 403, "No admin of the workspace"},
		"no text":          {map[string]any{"email": "\x00"}, 403, "No admin of the workspace"},
		"another nonce":    {map[string]any{"nonce": "x"}, 401, "did not say who you are"},
		"another audience": {map[string]any{"aud": "other"}, 401, "did not say who you are"},
		"another issuer":   {map[string]any{"iss": "https://evil.test"}, 401, "did not say who you are"},
		"too old":          {map[string]any{"exp": r.Clock.Now().Add(-time.Minute).Unix()}, 401, "did not say who you are"},
	} {
		p.claims = c.claims
		b := browse(t, r)
		if got := b.get(p.visit(b.get(start).leads(t, p.URL))); got.StatusCode != c.status {
			t.Errorf("%s: %d %s", name, got.StatusCode, got.text)
		} else {
			got.is(t, c.status, c.says)
		}
		b.get("/account").leads(t, "/sign-in")
	}
	p.claims = nil
	// The trip is that of the browser which began it, and ends once.
	one, two := browse(t, r), browse(t, r)
	here := p.visit(one.get(start).leads(t, p.URL))
	two.get(here).is(t, 401)
	two.get(start).leads(t, p.URL)
	two.get(here).is(t, 401)
	one.get(here).leads(t, "/account")
	one.get(here).is(t, 401)

	plain := apptest.New(t)
	browse(t, plain).get("/sign-in/provider").is(t, 404)
	browse(t, plain).get("/sign-in/provider/return").is(t, 404)
}

// TestProviderSaysTooMuch has a provider begin each of its answers with spaces, which are part of no document: with some
// of them somebody is signed in, with more than an answer may have nobody is.
func TestProviderSaysTooMuch(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	p.clock = time.Now
	for _, path := range []string{"/.well-known/openid-configuration", "/token", "/keys"} {
		for padding, good := range map[int]bool{100_000: true, 1 << 20: false, 8 << 20: false} {
			p.padded, p.padding = path, padding
			client := openid.New(openid.Options{Issuer: p.URL, ClientID: "parley", ClientSecret: "hush", Clock: p.clock})
			to, trip, err := client.Begin(t.Context(), "https://parley.test/back")
			email := ""
			if err == nil {
				var back *url.URL
				if back, err = url.Parse(p.visit(to)); err != nil {
					t.Fatal(err)
				}
				email, err = client.End(t.Context(), "https://parley.test/back", trip, back.Query().Get("state"), back.Query().Get("code"))
			}
			if (err == nil) != good || (email != "") != good {
				t.Errorf("with %d spaces before %s: %q (%v)", padding, path, email, err)
			}
		}
	}
}
