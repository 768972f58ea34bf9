package app_test

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"parley/internal/app"
	"parley/internal/blob"
	"parley/internal/means"
	"parley/internal/openid"
	"parley/internal/sms"
)

// TestSecretsOfSettingsStaySecret has a server shown out by all whose secrets are among its settings: a store of files, a
// gateway for text messages, a provider at which admins sign in, a database. None of those secrets is in the log, in an answer
// or in an error.
func TestSecretsOfSettingsStaySecret(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{"key of the store": "marked-key-of-the-store", "token of the gateway": "marked-token-of-the-gateway",
		"secret at the provider": "marked-secret-at-the-provider", "password of the database": "marked-password"}
	shown := &notebook{} // what the server has said, to anybody
	var mu sync.Mutex
	asked := map[string]int{} // by the first step of the path
	var outside *httptest.Server
	outside = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[strings.Split(r.URL.Path, "/")[1]]++
		mu.Unlock()
		if r.URL.Path == "/.well-known/openid-configuration" {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"issuer":%[1]q,"authorization_endpoint":%[2]q,"token_endpoint":%[3]q,"jwks_uri":%[1]q}`, outside.URL, outside.URL+"/authorize", outside.URL+"/token")
			return
		}
		http.Error(w, `{"error":"refused"}`, http.StatusForbidden)
	}))
	t.Cleanup(outside.Close)

	o := at(t, "")
	if means.HasPostgres() {
		u, err := url.Parse(means.Postgres(t))
		must(t, err)
		u.User = url.UserPassword(u.User.Username(), secrets["password of the database"]) // which tests' servers do not ask for
		o.Database = u.String()
	}
	o.Logger = slog.New(slog.NewTextHandler(shown, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.S3 = &blob.S3Options{Bucket: "bucket", Endpoint: outside.URL, Region: "eu", AccessKey: "parley", SecretKey: secrets["key of the store"]}
	o.SMS = &sms.Options{URL: outside.URL, Account: "AC0", Token: secrets["token of the gateway"], From: "+15005550006"}
	o.OpenID = &openid.Options{Issuer: outside.URL, ClientID: "parley", ClientSecret: secrets["secret at the provider"]}
	a := opened(t, o)
	by, err := a.CreateWorkspace(t.Context(), workspace, app.Owner())
	must(t, err)
	token, err := a.Workspace.CreateToken(t.Context(), by, by.Admin, "test", "")
	must(t, err)
	say := func(method, path, cookie, body string) *httptest.ResponseRecorder {
		hr := httptest.NewRequest(method, path, strings.NewReader(body))
		hr.Header.Set("Authorization", "Bearer "+token)
		hr.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, hr)
		fmt.Fprintln(shown, w.Code, w.Header(), w.Body)
		return w
	}
	say("POST", "/contacts", "", `{"external_id":"joe"}`)
	say("POST", "/conversations", "", `{"from":{"type":"user","user_id":"joe"},"body":"x"}`)
	if w := say("POST", "/conversations/1/reply", "", `{"message_type":"comment","type":"admin","admin_id":1,"body":"x","attachment_files":[{"content_type":"text/plain","name":"a","data":"aGVsbG8="}]}`); w.Code < 500 {
		t.Errorf("a file that the store does not take is answered %d %s", w.Code, w.Body)
	}
	say("POST", "/phone_call_redirects", "", `{"phone":"+353832345678"}`)
	away := say("GET", "/sign-in/provider?workspace="+string(workspace.ID), "", "")
	trip, _, _ := strings.Cut(away.Header().Get("Set-Cookie"), ";")
	to, err := url.Parse(away.Header().Get("Location"))
	must(t, err)
	if w := say("GET", "/sign-in/provider/return?code=x&state="+url.QueryEscape(to.Query().Get("state")), trip, ""); w.Code != http.StatusUnauthorized {
		t.Errorf("whom the provider does not know is answered %d %s", w.Code, w.Body)
	}
	_, err = a.RunJobs(t.Context(), workspace.ID)
	must(t, err)
	for _, path := range []string{"/readyz", "/metrics", "/conversations/1"} {
		say("GET", path, "", "")
	}
	// A database that is not there, and names of one that are wrong.
	for _, name := range []string{"postgres://joe:marked-password@127.0.0.1:1/parley", "postgres://joe:marked-password@127.0.0.1:port/parley", "postgres://joe:marked-password@/parley?sslmode=never",
		"host=127.0.0.1 port=1 user=joe password=marked-password"} {
		gone := at(t, name)
		gone.Logger = o.Logger
		_, err := app.Open(t.Context(), gone)
		if err == nil {
			t.Fatalf("there is a database %s", name)
		}
		fmt.Fprintln(shown, err)
	}

	for _, place := range []string{"bucket", "2010-04-01", "token"} {
		if asked[place] == 0 {
			t.Errorf("nothing was asked of /%s: %v", place, asked)
		}
	}
	for name, secret := range secrets {
		for _, spelled := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte("parley:" + secret)),
			base64.StdEncoding.EncodeToString([]byte("AC0:" + secret))} {
			if at := strings.Index(shown.String(), spelled); at >= 0 {
				t.Errorf("the server has said the %s: …%s", name, shown.String()[max(0, at-300):at+len(spelled)])
			}
		}
	}
}
