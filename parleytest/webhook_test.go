package parleytest_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/parleytest"
)

func TestWebhooks(t *testing.T) {
	t.Parallel()
	p := parleytest.StartWith(t, parleytest.Options{Frozen: true})
	secret := p.ClientSecret()
	var good, away atomic.Int64
	away.Store(1)
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mac := hmac.New(sha1.New, []byte(secret))
		mac.Write(body)
		if err == nil && r.Header.Get("X-Hub-Signature") == "sha1="+hex.EncodeToString(mac.Sum(nil)) {
			good.Add(1)
		}
		if away.Load() > 0 {
			http.Error(w, "away", http.StatusBadGateway)
		}
	})
	w := p.Webhook("/hook", receiver, "contact.user.created")
	all := p.Webhook("/", nil)
	p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test"}, nil)
	first := w.Next()
	var item struct{ Email string }
	if err := json.Unmarshal(first.Item, &item); err != nil || item.Email != "a@b.test" || first.Topic != "contact.user.created" || first.Status != http.StatusBadGateway ||
		first.Attempts != 1 || len(first.Body) == 0 || first.Header.Get("X-Hub-Signature") == "" {
		t.Errorf("told %+v", first)
	}
	away.Store(0)
	p.Advance(time.Hour)
	if told := w.Deliveries(); len(told) != 2 || told[1].ID != first.ID || told[1].Status != http.StatusOK || good.Load() != 2 {
		t.Errorf("told %d times, %d of them with a good signature: %+v", len(told), good.Load(), told)
	}
	if told := all.Next(); told.ID == "" || told.Topic != "contact.user.created" || told.Status != http.StatusOK {
		t.Errorf("the other was told %+v", told)
	}
	// What is due is told when an advance by nothing is over.
	for range 5 {
		p.Call(http.MethodPost, "/tags", object{"name": "t"}, nil)
		p.Call(http.MethodPost, "/contacts", object{"role": "lead"}, nil)
	}
	before := len(all.Deliveries())
	p.Advance(0)
	if told := all.Deliveries(); len(told) < 6 {
		t.Errorf("%d were told, and before that %d", len(told), before)
	}
	p.Reset()
	p.Call(http.MethodPost, "/contacts", object{"email": "c@b.test"}, nil)
	p.Advance(0)
	if n := len(w.Deliveries()); n != 2 {
		t.Errorf("after a reset it was told %d times", n)
	}
	if p.ClientSecret() == secret {
		t.Error("after a reset the secret is the same")
	}
}

// TestRestoredWebhook goes back to when there was a webhook, and then to before.
func TestRestoredWebhook(t *testing.T) {
	t.Parallel()
	p := parleytest.StartWith(t, parleytest.Options{Frozen: true})
	empty := p.Snapshot("empty")
	w := p.Webhook("/", nil, "contact.user.created")
	secret := p.ClientSecret()
	ready := p.Snapshot("ready")
	p.Restore(ready)
	p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test"}, nil)
	p.Advance(0)
	if n := len(w.Deliveries()); n != 1 || p.ClientSecret() != secret {
		t.Errorf("told %d times, with the secret %q, want once with %q", n, p.ClientSecret(), secret)
	}
	p.Restore(empty)
	if p.ClientSecret() == secret {
		t.Error("the secret is that of an app which is not there")
	}
}

func TestWebhookFaults(t *testing.T) {
	t.Parallel()
	p := parleytest.StartWith(t, parleytest.Options{Frozen: true})
	w := p.Webhook("/", nil, "contact.user.created")
	p.Fault(parleytest.Fault{Deliveries: "lose", Topic: "contact.user.created", WebhookID: w.ID, Times: 1})
	for _, email := range []string{"lost@b.test", "told@b.test"} {
		p.Call(http.MethodPost, "/contacts", object{"email": email}, nil)
	}
	p.Advance(0)
	if told := w.Deliveries(); len(told) != 1 || !strings.Contains(string(told[0].Body), "told@b.test") {
		t.Errorf("told %+v", told)
	}
	states := ""
	for _, o := range p.Outbox(parleytest.OutboxFilter{Kind: "webhook", To: w.URL}) {
		states += o.State + " "
	}
	if states != "dropped delivered " {
		t.Errorf("the outbox has %s", states)
	}
}

func TestWebhookTo(t *testing.T) {
	t.Parallel()
	p := parleytest.Start(t)
	secret := p.ClientSecret()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mac := hmac.New(sha1.New, []byte(secret))
		mac.Write(body)
		if err != nil || r.URL.Path != "/hook" || r.Header.Get("X-Hub-Signature") != "sha1="+hex.EncodeToString(mac.Sum(nil)) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	t.Cleanup(receiver.Close)
	w := p.WebhookTo(receiver.URL+"/hook", "contact.user.created")
	p.Call(http.MethodPost, "/contacts", object{"email": "a@b.test"}, nil)
	if told := w.Next(); told.Status != http.StatusOK {
		t.Errorf("told %+v", told)
	}
}

// TestWebhookIsVerified sends what the server did not sign.
func TestWebhookIsVerified(t *testing.T) {
	t.Parallel()
	p := parleytest.Start(t)
	inner := &ended{TB: t}
	w := p.In(inner).Webhook("/", nil, "contact.user.created")
	answer, err := http.Post(w.URL, "application/json", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusUnauthorized || len(w.Deliveries()) != 0 || !strings.Contains(inner.said(), "was told with the signature") {
		t.Errorf("answered %d, and said %q", answer.StatusCode, inner.said())
	}
}
