package app_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pquerna/otp/totp"

	"parley/internal/app"
	"parley/internal/model/identity"
	rules "parley/internal/service/identity"
)

// A notebook is a log that several write to.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notebook) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// TestSecretsStaySecret uses each secret there is, rightly and wrongly, with a log that tells
// everything: none is in the log, in an answer that is not where it is shown, in the metrics or in
// an archive, where what the archive must have for the server to go on is excepted by name.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	log := &notebook{}
	o := at(t, "")
	o.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.DevToken = "marked-server-token"
	a := opened(t, o)
	ctx := t.Context()
	by, err := a.CreateWorkspace(ctx, workspace, app.Owner())
	must(t, err)
	const token, pass = "marked-access-token-of-the-owner", "marked password of the owner"
	_, err = a.Workspace.CreateToken(ctx, by, by.Admin, "marked", token)
	must(t, err)
	must(t, a.Identity.SetPassword(ctx, by, by.Admin, pass))
	owner := app.Owner()
	entry, err := a.Identity.SignIn(ctx, rules.Attempt{Workspace: workspace.ID, Email: owner.Email, Password: pass})
	must(t, err)
	_, err = a.Identity.SignIn(ctx, rules.Attempt{Workspace: workspace.ID, Email: owner.Email, Password: "marked wrong password"})
	if err == nil {
		t.Fatal("a wrong password is right")
	}
	registered, err := a.Identity.RegisterApp(ctx, by, "Sync", []string{"https://sync.test/back"}, []identity.Scope{identity.ReadTags})
	must(t, err)
	code, err := a.Identity.Authorize(ctx, by, registered.ID, "https://sync.test/back")
	must(t, err)
	must(t, a.Identity.BeginTwoFactor(ctx, by))
	_, begun, err := a.Identity.TwoFactor(ctx, by)
	must(t, err)
	shown, err := totp.GenerateCode(begun.Secret, o.Clock())
	must(t, err)
	recovery, err := a.Identity.ConfirmTwoFactor(ctx, by, shown)
	must(t, err)

	// The day of a server: by the door, as clients ask.
	do := func(method, path, authorization, kind, body string) *httptest.ResponseRecorder {
		hr := httptest.NewRequest(method, path, strings.NewReader(body))
		hr.Header.Set("Authorization", authorization)
		hr.Header.Set("Cookie", "parley_session="+string(workspace.ID)+"."+entry.Token)
		if kind != "" {
			hr.Header.Set("Content-Type", kind)
		}
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, hr)
		return w
	}
	const form, asJSON = "application/x-www-form-urlencoded", "application/json"
	exchange := func(code, secret string) *httptest.ResponseRecorder {
		return do(http.MethodPost, "/auth/eagle/token", "", form,
			url.Values{"client_id": {registered.ClientID}, "client_secret": {secret}, "code": {code}}.Encode())
	}
	var told strings.Builder // by answers that show no secret
	answers := map[int]int{} // by status
	say := func(w *httptest.ResponseRecorder) {
		told.WriteString(w.Body.String() + "\n")
		answers[w.Code]++
	}
	say(exchange(code, "marked-wrong-client-secret"))
	given := exchange(code, registered.ClientSecret)
	if given.Code != http.StatusOK {
		t.Fatalf("no token is given: %d %s", given.Code, given.Body)
	}
	_, appToken, _ := strings.Cut(given.Body.String(), `"token":"`)
	appToken, _, _ = strings.Cut(appToken, `"`)
	say(exchange(code, registered.ClientSecret)) // once too often, which ends the token
	bearer := "Bearer " + token
	var rotated struct {
		Secret string `json:"client_secret"`
	}
	must(t, json.Unmarshal(do(http.MethodPost, "/_parley/apps/"+registered.ID.String()+"/secret", bearer, "", "").Body.Bytes(), &rotated))
	say(do(http.MethodPost, "/_parley/webhooks", bearer, asJSON, `{"url":"https://hook.test/marked-path-of-a-hook","topics":["*"]}`))
	for _, path := range []string{"/me", "/_parley/apps", "/admins", "/admins/activity_logs?created_at_after=1", "/_parley/webhooks", "/nothing", "/contacts?per_page=x"} {
		say(do(http.MethodGet, path, bearer, "", ""))
		say(do(http.MethodGet, path, "Bearer marked-token-of-nobody", "", ""))
		say(do(http.MethodGet, path, "Basic "+base64.StdEncoding.EncodeToString([]byte(token+":")), "", ""))
	}
	say(do(http.MethodGet, "/contacts?access_token=marked-token-in-a-query", "", "", ""))
	say(do(http.MethodPost, "/contacts", bearer, asJSON, `{"email":"joe@acme.test","name":"marked-name`))
	say(do(http.MethodPost, "/sign-in", "", form, url.Values{"workspace": {string(workspace.ID)}, "email": {owner.Email}, "password": {"marked wrong password"}}.Encode()))
	say(do(http.MethodGet, "/account", "", "", ""))
	say(do(http.MethodGet, "/_parley/workspaces", "Bearer "+o.DevToken, "", ""))
	say(do(http.MethodGet, "/_parley/workspaces/"+string(workspace.ID)+"/requests", "Bearer "+o.DevToken, "", ""))
	// A second factor, wrong and right, where it is asked for and where it is turned off.
	for _, second := range []string{"000000", recovery[0], recovery[0]} {
		between, err := a.Identity.SignIn(ctx, rules.Attempt{Workspace: workspace.ID, Email: owner.Email, Password: pass})
		must(t, err)
		if between.Complete {
			t.Fatal("a second factor is not asked for")
		}
		hr := httptest.NewRequest(http.MethodPost, "/sign-in/code", strings.NewReader(url.Values{"code": {second}}.Encode()))
		hr.Header.Set("Content-Type", form)
		hr.Header.Set("Cookie", "parley_session="+string(workspace.ID)+"."+between.Token)
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, hr)
		say(w)
	}
	say(do(http.MethodGet, "/account/two-factor", "", "", ""))
	say(do(http.MethodPost, "/account/two-factor", "", form, url.Values{"do": {"off"}, "code": {"000001"}}.Encode()))
	// What is signed: deliveries, cursors and links; what is copied: snapshots, and what differs from them; what is exported.
	say(do(http.MethodPost, "/contacts", bearer, asJSON, `{"email":"joe@acme.test"}`))
	say(do(http.MethodPost, "/contacts", bearer, asJSON, `{"email":"eve@acme.test"}`))
	say(do(http.MethodPost, "/_parley/webhooks/1/ping", bearer, asJSON, ""))
	dev := "/_parley/workspaces/" + string(workspace.ID)
	say(do(http.MethodPost, dev+"/snapshots", "Bearer "+o.DevToken, asJSON, `{"name":"before"}`))
	must(t, a.Identity.SetPassword(ctx, by, by.Admin, pass+" anew"))
	newest, err := a.Identity.RotateSecret(ctx, by, registered.ID)
	must(t, err)
	say(do(http.MethodPost, "/export/content/data", bearer, asJSON, `{"created_at_after":1,"created_at_before":1999999999}`))
	_, err = a.RunJobs(ctx, workspace.ID)
	must(t, err)
	for _, path := range []string{"/contacts?per_page=1", "/_parley/webhooks", "/_parley/webhooks/1/deliveries", "/_parley/deliveries/1", "/_parley/apps", "/admins", "/admins/activity_logs?created_at_after=1"} {
		say(do(http.MethodGet, path, bearer, "", ""))
	}
	for _, path := range []string{"", "/snapshots", "/snapshots/before/diff", "/requests", "/outbox", "/faults"} {
		say(do(http.MethodGet, dev+path, "Bearer "+o.DevToken, "", ""))
	}
	say(do(http.MethodGet, "/metrics", "", "", ""))

	secrets := map[string]string{
		"access token": token, "app's token": appToken, "server's token": o.DevToken, "password": pass, "wrong password": "marked wrong password",
		"session": entry.Token, "client secret": registered.ClientSecret, "wrong client secret": "marked-wrong-client-secret", "code": code,
		"token of nobody": "marked-token-of-nobody", "token in a query": "marked-token-in-a-query",
		"seed of codes": begun.Secret, "recovery code": recovery[0], "unused recovery code": recovery[1],
		"rotated client secret": rotated.Secret, "newest client secret": newest.ClientSecret, "workspace's signing secret": string(by.Workspace.Secret),
	}
	kept := string(unzipped(t, backedUp(t, o)))
	// With these the server computes: what clients and codes are compared with, and what it signs with.
	// The rotated one is in the snapshot.
	inArchive := map[string]bool{"rotated client secret": true, "newest client secret": true, "seed of codes": true, "workspace's signing secret": true}
	for name, secret := range secrets {
		if secret == "" {
			t.Errorf("there is no %s", name)
			continue
		}
		for _, spelled := range []string{secret, url.QueryEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret))} {
			if strings.Contains(log.String(), spelled) {
				t.Errorf("the log has the %s", name)
			}
			if strings.Contains(told.String(), spelled) && name != "token in a query" {
				t.Errorf("an answer has the %s", name)
			}
			if has := strings.Contains(kept, spelled); has && !inArchive[name] {
				t.Errorf("an archive has the %s", name)
			} else if spelled == secret && !has && inArchive[name] {
				t.Errorf("an archive lacks the %s: it is no exception", name)
			}
		}
	}
	if strings.Count(log.String(), "\n") < 20 || len(kept) < 1000 || answers[200] < 30 || answers[404] != 3 || answers[500] > 0 {
		t.Errorf("too little was looked at, %v:\n%s", answers, log)
	}
}

// unzipped is what an archive has, out of its compression.
func unzipped(t *testing.T, archive []byte) []byte {
	t.Helper()
	r, err := zstd.NewReader(bytes.NewReader(archive))
	must(t, err)
	defer r.Close()
	text, err := io.ReadAll(r)
	must(t, err)
	return text
}

// TestForgedLines sends what would be a line of the log, or a header more, of its own: in the path,
// headers and bodies, and in what is fetched later. Each line of the log begins as lines do, and no
// answer has a header that was written by who asked.
func TestForgedLines(t *testing.T) {
	t.Parallel()
	const forged = "x\r\ntime=2026-01-15T12:00:00Z level=ERROR msg=forged\r\nForged: yes"
	for format, handler := range map[string]func(io.Writer, *slog.HandlerOptions) slog.Handler{
		`time=`:    func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) },
		`{"time":`: func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(w, o) },
	} {
		log := &notebook{}
		o := at(t, "")
		o.Logger = slog.New(handler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		a := opened(t, o)
		by, err := a.CreateWorkspace(t.Context(), workspace, app.Owner())
		must(t, err)
		token, err := a.Workspace.CreateToken(t.Context(), by, by.Admin, "test", "")
		must(t, err)
		mustAsk(t, a, token, "POST", "/contacts", `{"external_id":"joe"}`)
		text := strings.NewReplacer("\r", `\r`, "\n", `\n`).Replace(forged)
		written := mustAsk(t, a, token, "POST", "/conversations", `{"from":{"type":"user","user_id":"joe"},"body":"`+text+`"}`)
		for _, c := range []struct{ method, path, body string }{
			{"GET", "/contacts/" + url.PathEscape(forged), ""}, {"GET", "/" + url.PathEscape(forged), ""}, {"GET", "/contacts?starting_after=" + url.QueryEscape(forged), ""},
			{"POST", "/contacts", `{"email":"` + text + `"}`}, {"POST", "/contacts", `{"` + text + `":1}`}, {"POST", "/tags", `{"name":"` + text + `"}`},
			{"POST", "/conversations/1/reply", `{"message_type":"comment","type":"admin","admin_id":1,"body":"x","attachment_urls":["https://192.0.2.1/` + text + `"]}`},
			{"POST", "/conversations/1/reply", `{"message_type":"comment","type":"admin","admin_id":1,"body":"x","attachment_files":[{"content_type":"text/plain","name":"` + text + `","data":"aGVsbG8="}]}`},
			{"POST", "/_parley/webhooks", `{"url":"https://192.0.2.1/` + text + `","topics":["*"]}`},
			{"GET", "/oauth?client_id=" + url.QueryEscape(forged) + "&state=" + url.QueryEscape(forged), ""}, {"GET", "/files/" + url.PathEscape(forged), ""},
			{"GET", "/conversations/1", ""},
		} {
			hr := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			hr.Header.Set("Authorization", "Bearer "+token)
			for _, name := range []string{"X-Request-Id", "User-Agent", "Origin", "Referer", "Intercom-Version", "X-Forwarded-For", "Idempotency-Key"} {
				if strings.HasPrefix(c.path, "/conv") && name == "Intercom-Version" {
					continue // or nothing else is looked at
				}
				hr.Header[name] = []string{forged}
			}
			w := httptest.NewRecorder()
			a.Handler().ServeHTTP(w, hr)
			written += w.Body.String()
			for name, values := range w.Header() {
				if all := name + ": " + strings.Join(values, ", "); strings.ContainsAny(all, "\r\n") || strings.Contains(all, "Forged") {
					t.Errorf("%s %s is answered with the header %q", c.method, c.path, all)
				}
			}
		}
		_, err = a.RunJobs(t.Context(), workspace.ID)
		must(t, err)
		// A file is got by the link that an answer has, and is named as its sender wrote.
		_, link, found := strings.Cut(written, `"url":"https://parley.test/files/`)
		if link, _, _ = strings.Cut(link, `"`); !found {
			t.Fatalf("no answer has a file: %s", written)
		}
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/files/"+link, nil))
		if as := w.Header().Get("Content-Disposition"); w.Code != http.StatusOK || as == "" || strings.ContainsAny(as, "\r\n") || w.Header().Get("Forged") != "" {
			t.Errorf("the file is answered %d %v", w.Code, w.Header())
		}
		lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
		for _, line := range lines {
			if !strings.HasPrefix(line, format) || strings.Contains(line, "\r") || strings.Contains(line, " msg=forged") && !strings.Contains(line, `"`) {
				t.Errorf("a line of the log is %q", line)
			}
		}
		if len(lines) < 10 {
			t.Errorf("the log has %d lines", len(lines))
		}
	}
}
