package openid_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"parley/internal/openid"
)

// Whatever documents a provider has, the browser is sent to where they say or nowhere, and nobody
// is signed in by a token that no key of the provider has signed.
func FuzzDocuments(f *testing.F) {
	for _, document := range []string{`{"issuer":"{self}","authorization_endpoint":"{self}/auth","token_endpoint":"{self}/token","jwks_uri":"{self}/keys"}`, `{"issuer":"https://other.test"}`, `{}`, `[]`, "",
		`{"issuer":"{self}","authorization_endpoint":"javascript:alert(1)","token_endpoint":"{self}/token","jwks_uri":"{self}/keys","id_token_signing_alg_values_supported":["none"]}`} {
		for _, token := range []string{`{"access_token":"a","id_token":"eyJhbGciOiJub25lIn0.eyJpc3MiOiJ4In0."}`, `{"access_token":"a","id_token":"a.b.c"}`, `{"error":"invalid_grant"}`, "access_token=a&id_token=b", ""} {
			f.Add([]byte(document), []byte(token), []byte(`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`))
		}
	}
	var document, token, keys []byte
	server := httptest.NewServer(nil)
	f.Cleanup(server.Close)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/token":
			_, _ = w.Write(token)
		case "/keys":
			_, _ = w.Write(keys)
		default:
			_, _ = w.Write([]byte(strings.ReplaceAll(string(document), "{self}", server.URL)))
		}
	})
	f.Fuzz(func(t *testing.T, d, answer, k []byte) {
		if strings.Contains(string(d), "://") && !strings.Contains(string(d), "other.test") {
			t.Skip("it would ask servers that are not the test's")
		}
		document, token, keys = d, answer, k
		provider := openid.New(openid.Options{Issuer: server.URL, ClientID: "parley", ClientSecret: "s3cret", Clock: time.Now})
		to, trip, err := provider.Begin(t.Context(), "https://parley.test/back")
		if err != nil {
			return
		}
		if u, err := url.Parse(to); err != nil || u.Query().Get("state") != trip.State || trip.State == "" || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			t.Fatalf("the browser is sent to %q", to)
		}
		if email, err := provider.End(t.Context(), "https://parley.test/back", trip, trip.State, "code"); err == nil {
			t.Fatalf("%s is signed in by %q", email, answer)
		}
		if _, err := provider.End(t.Context(), "https://parley.test/back", trip, "", "code"); err == nil {
			t.Fatal("somebody is signed in without a state")
		}
	})
}
