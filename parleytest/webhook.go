package parleytest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what the live service signs with
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"
)

// A secret is that of the app of a workspace in whose name webhooks are told, once there is one.
type secret struct {
	mu      sync.Mutex
	app, is string
	unsure  bool // the workspace has gone back to what it was, perhaps to before there was the app
}

// doubt has it be looked whether the app is still there.
func (s *secret) doubt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unsure = true
}

// ClientSecret signs what webhooks are told, for the code under test to verify. It is the secret of an app that is
// registered when it is first asked for.
func (p *Parley) ClientSecret() string {
	p.t.Helper()
	_, is := p.app()
	return is
}

func (p *Parley) app() (id, clientSecret string) {
	p.t.Helper()
	s := p.secret
	s.mu.Lock()
	defer s.mu.Unlock()
	type answer struct {
		ID           string `json:"id"`
		ClientSecret string `json:"client_secret"`
	}
	if s.app != "" && s.unsure {
		var there answer
		err := p.server.call(p.server.control, p.Token, http.MethodGet, "/_parley/apps/"+s.app, nil, &there)
		if err != nil || there.ClientSecret != s.is { // it is not there, or another has its id
			s.app = ""
		}
	}
	if s.app == "" {
		var made answer
		p.asOwner(http.MethodPost, "/_parley/apps", map[string]any{"name": "Test", "redirect_urls": []string{"https://app.example.test/back"}}, &made)
		s.app, s.is = made.ID, made.ClientSecret
	}
	s.unsure = false
	return s.app, s.is
}

// asOwner makes a call of Parley's own in the name of the workspace's owner.
func (p *Parley) asOwner(method, path string, in, out any) {
	p.t.Helper()
	if err := p.server.call(p.server.control, p.Token, method, path, in, out); err != nil {
		p.t.Fatalf("parleytest: %v", err)
	}
}

// A Webhook is a receiver that is told of topics, and what it was told. It may be used by several goroutines.
type Webhook struct {
	ID  string
	URL string

	next  http.Handler // nil: what comes is only kept
	is    string       // the secret
	t     TB           // of whoever made it
	mu    sync.Mutex
	all   []Delivery
	taken int
	more  chan struct{} // is closed when something comes
}

// A Delivery is a request that a webhook was sent, with a signature that is right.
type Delivery struct {
	ID       string // of the notification: the same whenever it is sent again
	Topic    string
	Attempts int             // how often it was sent, this time included
	Item     json.RawMessage // what it is about, as it was when it happened
	Body     []byte          // all of it
	Header   http.Header
	Status   int // what it was answered
}

// Webhook tells a handler of the code under test of topics, of all if none is named, as the live service does: by signed
// requests to a path over HTTP, which come to a port of 127.0.0.1 until the test ends. What has another signature than
// ClientSecret's fails the test. The handler is called in a goroutine of its own; nil answers 200.
func (p *Parley) Webhook(path string, h http.Handler, topics ...string) *Webhook {
	p.t.Helper()
	if len(topics) == 0 {
		topics = []string{"*"}
	}
	app, is := p.app()
	w := &Webhook{next: h, is: is, t: p.t, more: make(chan struct{})}
	receiver := httptest.NewServer(http.HandlerFunc(w.receive))
	p.t.Cleanup(receiver.Close)
	w.URL = receiver.URL + path
	var made struct {
		ID string `json:"id"`
	}
	p.asOwner(http.MethodPost, "/_parley/webhooks", map[string]any{"url": w.URL, "topics": topics, "app_id": app}, &made)
	w.ID = made.ID
	p.t.Cleanup(func() {
		// Nothing comes to the receiver any more, which is closed next. A reset may have taken the webhook.
		_ = p.server.call(p.server.control, p.Token, http.MethodDelete, "/_parley/webhooks/"+w.ID, nil, nil)
	})
	return w
}

// WebhookTo is Webhook for a receiver that listens by itself, at a URL. What it is told comes by way of the test.
func (p *Parley) WebhookTo(to string, topics ...string) *Webhook {
	p.t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		p.t.Fatalf("parleytest: %v", err)
	}
	return p.Webhook("/", &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL, r.Out.Host = target, ""
	}}, topics...)
}

// receive takes what the webhook is told.
func (w *Webhook) receive(out http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // whoever sent it has gone, and sends it again
	}
	if r.Method == http.MethodHead { // the server asks whether somebody is there
		return
	}
	mac := hmac.New(sha1.New, []byte(w.is))
	mac.Write(body)
	want := "sha1=" + hex.EncodeToString(mac.Sum(nil))
	if got := r.Header.Get("X-Hub-Signature"); !hmac.Equal([]byte(got), []byte(want)) {
		w.t.Errorf("parleytest: the webhook was told with the signature %q, not %q: %.500s", got, want, body)
		http.Error(out, "wrong signature", http.StatusUnauthorized)
		return
	}
	var n struct {
		ID       string `json:"id"`
		Topic    string `json:"topic"`
		Attempts int    `json:"delivery_attempts"`
		Data     struct {
			Item json.RawMessage `json:"item"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &n); err != nil {
		w.t.Errorf("parleytest: the webhook was told what is no notification: %v in %.500s", err, body)
		return
	}
	answer := &statusKeeper{ResponseWriter: out, status: http.StatusOK}
	defer func() { // also where the handler panics
		w.keep(Delivery{ID: n.ID, Topic: n.Topic, Attempts: n.Attempts, Item: n.Data.Item, Body: body, Header: r.Header.Clone(), Status: answer.status})
	}()
	if w.next != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.next.ServeHTTP(answer, r)
	}
}

func (w *Webhook) keep(d Delivery) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, d)
	close(w.more)
	w.more = make(chan struct{})
}

// Deliveries is all that the receiver was told, in the order in which it came. Advance(0) before has it told all that is due.
func (w *Webhook) Deliveries() []Delivery {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Delivery(nil), w.all...)
}

// Next waits for what the receiver is told next, and returns it: the first time the first, then the second and so on. If
// it has not come after 20 seconds, the test ends.
func (w *Webhook) Next() Delivery {
	w.t.Helper()
	over := time.NewTimer(await)
	defer over.Stop()
	for {
		w.mu.Lock()
		more := w.more
		if w.taken < len(w.all) {
			w.taken++
			d := w.all[w.taken-1]
			w.mu.Unlock()
			return d
		}
		w.mu.Unlock()
		select {
		case <-more:
		case <-over.C:
			w.t.Fatalf("parleytest: after the first %d, the webhook was told nothing more for %v", len(w.Deliveries()), await)
		}
	}
}

// A statusKeeper sees how a handler answers.
type statusKeeper struct {
	http.ResponseWriter
	status int
	wrote  bool
}

// Unwrap is for http.ResponseController.
func (k *statusKeeper) Unwrap() http.ResponseWriter { return k.ResponseWriter }

func (k *statusKeeper) WriteHeader(status int) {
	if !k.wrote && status >= http.StatusOK {
		k.status, k.wrote = status, true
	}
	k.ResponseWriter.WriteHeader(status)
}

func (k *statusKeeper) Write(p []byte) (int, error) {
	k.wrote = true
	return k.ResponseWriter.Write(p)
}
