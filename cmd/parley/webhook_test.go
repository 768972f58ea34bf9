package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestWebhookCommands uses the command beside a running server, which sends what the
// command asks for.
func TestWebhookCommands(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, nil, "--data", data, "--log-level", "error")
	heard := make(chan string, 10)
	var status atomic.Int64
	status.Store(200)
	to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n struct{ Topic string }
		_ = json.NewDecoder(r.Body).Decode(&n)
		w.WriteHeader(int(status.Load()))
		heard <- n.Topic
	}))
	defer to.Close()
	do := func(args ...string) string {
		t.Helper()
		stdout, stderr, code := run(t, nil, append(append([]string{"webhook"}, args...), "--data", data)...)
		if code != 0 {
			t.Fatalf("webhook %s: %s", strings.Join(args, " "), stderr)
		}
		return stdout
	}
	hears := func(topic string) {
		t.Helper()
		select {
		case got := <-heard:
			if got != topic {
				t.Errorf("heard %q, want %q", got, topic)
			}
		case <-time.After(patience):
			t.Fatalf("%s was not heard", topic)
		}
	}
	if out := do("create", to.URL, "--topic", "contact.user.created", "--topic", "ping"); !strings.Contains(out, "CLIENT SECRET") || !strings.Contains(out, to.URL) {
		t.Errorf("%s", out)
	}
	if out := do("list", "--json"); !strings.HasPrefix(out, `{"type":"webhook","id":"1"`) {
		t.Errorf("%s", out)
	}
	do("ping", "1")
	hears("ping")
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(s.ask("POST", "/contacts", s.token, `{"role":"user","email":"joe@x.test"}`)), &made); err != nil {
		t.Fatal(err)
	}
	hears("contact.user.created")
	status.Store(500)
	if out := do("trigger", "1", "contact.user.created", made.ID); !strings.HasPrefix(out, "notif_") {
		t.Errorf("%s", out)
	}
	hears("contact.user.created")
	status.Store(200)
	do("pause", "1")
	do("resume", "1")
	if out := do("replay", "1", "--topic", "contact.user.created"); out != "2\n" {
		t.Errorf("replayed %s", out)
	}
	hears("contact.user.created")
	hears("contact.user.created")
	for end := time.Now().Add(patience); strings.Count(do("deliveries", "1", "--state", "delivered", "--json"), "\n") != 3; {
		if time.Now().After(end) {
			t.Fatalf("%s", do("deliveries", "1"))
		}
	}
	if out := do("deliveries", "1", "--most", "2"); strings.Count(out, "\n") != 3 || !strings.Contains(out, "contact.user.created (test)") {
		t.Errorf("%s", out)
	}
	if out := do("show", "1"); !strings.Contains(out, "live") {
		t.Errorf("%s", out)
	}
	if _, stderr, code := run(t, nil, "webhook", "replay", "1", "--data", data); code == 0 || !strings.Contains(stderr, "say which deliveries") {
		t.Errorf("replay of nothing: %d %s", code, stderr)
	}
	do("remove", "1")
	if out := do("list"); strings.Contains(out, to.URL) {
		t.Errorf("%s", out)
	}
	s.ask("POST", "/contacts", s.token, `{"role":"user","email":"ann@x.test"}`)
	select {
	case topic := <-heard:
		t.Errorf("a webhook that was removed heard %s", topic)
	case <-time.After(1500 * time.Millisecond):
	}
	s.stop()
}
