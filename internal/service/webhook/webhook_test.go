package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
)

func TestMain(m *testing.M) { apptest.Main(m) }

type object = map[string]any

// loopback lets a rig tell receivers of the test.
var loopback = app.Options{AllowPrivateAddresses: true}

// A note is a notification as the public documentation describes it.
type note struct {
	Type  string `json:"type"`
	AppID string `json:"app_id"`
	ID    string `json:"id"`
	Topic string `json:"topic"`
	Data  struct {
		Type string         `json:"type"`
		Item map[string]any `json:"item"`
	} `json:"data"`
	Links            map[string]any `json:"links"`
	Self             *string        `json:"self"`
	DeliveryStatus   string         `json:"delivery_status"`
	DeliveryAttempts int            `json:"delivery_attempts"`
	DeliveredAt      int64          `json:"delivered_at"`
	FirstSentAt      int64          `json:"first_sent_at"`
	CreatedAt        int64          `json:"created_at"`
}

// A receiver is a server that is told what happens, written from the public
// documentation.
type receiver struct {
	*httptest.Server
	t *testing.T

	mu     sync.Mutex
	secret string
	notes  []note // that it has taken, in order
	asked  int
	// answer decides what to answer; nil takes everything.
	answer func(n note) int
	// handle answers in place of all that, if it is set.
	handle http.HandlerFunc
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	r.asked++
	handle := r.handle
	r.mu.Unlock()
	if handle != nil {
		handle(w, q)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	mac := hmac.New(sha1.New, []byte(r.secret))
	mac.Write(body)
	if want := "sha1=" + hex.EncodeToString(mac.Sum(nil)); !hmac.Equal([]byte(want), []byte(q.Header.Get("X-Hub-Signature"))) {
		r.t.Errorf("the signature is %q, want %q", q.Header.Get("X-Hub-Signature"), want)
	}
	if q.Method != "POST" || q.Header.Get("Content-Type") != "application/json" || q.Header.Get("Accept") != "application/json" ||
		q.UserAgent() != "intercom-parrot-service-client/1.0" {
		r.t.Errorf("%s with %v", q.Method, q.Header)
	}
	var n note
	if err := json.Unmarshal(body, &n); err != nil {
		r.t.Errorf("%v in %s", err, body)
	}
	status := 200
	if r.answer != nil {
		status = r.answer(n)
	}
	if status < 300 {
		r.notes = append(r.notes, n)
	}
	w.WriteHeader(status)
}

// taken are the notifications that the receiver has taken.
func (r *receiver) taken() []note {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.notes)
}

func (r *receiver) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// answers has the receiver answer with a status, from now on; 0 for 200.
func (r *receiver) answers(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = nil
	if status != 0 {
		r.answer = func(note) int { return status }
	}
}

// fails has the receiver answer 500 to what it is told of these objects, from now on,
// and take all else.
func (r *receiver) fails(ids ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = func(n note) int {
		if slices.Contains(ids, fmt.Sprint(n.Data.Item["id"])) {
			return 500
		}
		return 200
	}
}

// subscribe has a receiver told of topics, and returns the webhook's path.
func subscribe(t *testing.T, r *apptest.Rig, to *receiver, topics ...string) string {
	t.Helper()
	w := r.Post(t, "/_parley/webhooks", object{"url": to.URL + "/hook", "topics": topics}).OK()
	to.mu.Lock()
	to.secret = r.Get(t, "/_parley/apps/"+w.At("app_id").(string)).OK().At("client_secret").(string)
	to.mu.Unlock()
	return "/_parley/webhooks/" + w.ID()
}

func contact(t *testing.T, r *apptest.Rig, email string) string {
	t.Helper()
	return r.Post(t, "/contacts", object{"role": "user", "email": email}).OK().ID()
}

func topics(notes []note) string {
	var all []string
	for _, n := range notes {
		all = append(all, n.Topic)
	}
	return strings.Join(all, " ")
}

func TestDelivery(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		to := newReceiver(t)
		path := subscribe(t, r, to, "contact.user.created", "contact.deleted", "contact.archive")
		id := contact(t, r, "joe@x.test")
		r.Put(t, "/contacts/"+id, object{"name": "Joe"}).OK() // nobody asked for that
		r.Post(t, "/contacts/"+id+"/archive", nil).OK()
		r.Delete(t, "/contacts/"+id, nil).OK()
		r.RunJobs()
		notes := to.taken()
		if got, want := topics(notes), "contact.user.created contact.archived contact.deleted"; got != want {
			t.Fatalf("told %q, want %q", got, want)
		}
		n, now := notes[0], apptest.Start.Unix()
		if n.Type != "notification_event" || n.AppID != string(r.Workspace.ID) || !strings.HasPrefix(n.ID, "notif_") ||
			n.Data.Type != "notification_event_data" || n.Data.Item["type"] != "contact" || n.Data.Item["id"] != id ||
			n.Data.Item["email"] != "joe@x.test" || n.DeliveryStatus != "pending" || n.DeliveryAttempts != 1 || n.FirstSentAt != now ||
			n.CreatedAt != now || n.DeliveredAt != 0 || n.Self != nil || n.Links == nil {
			t.Errorf("%+v", n)
		}
		if item := notes[2].Data.Item; len(item) != 2 || item["id"] != id {
			t.Errorf("what is deleted shows %v", item)
		}
		r.RunJobs()
		if to.requests() != 3 {
			t.Errorf("%d requests", to.requests())
		}

		log := r.Get(t, path+"/deliveries?per_page=2").OK()
		if log.At("data.0.state") != "delivered" || log.At("data.0.topic") != "contact.deleted" || log.At("data.0.attempts") != 1.0 {
			t.Errorf("%s", log.Pretty())
		}
		next := strings.TrimPrefix(log.At("pages.next").(string), "http://parley.test")
		if older := r.Get(t, next).OK(); older.At("data.0.topic") != "contact.user.created" || older.At("pages.next") != nil {
			t.Errorf("%s", older.Pretty())
		}
		one := r.Get(t, "/_parley/deliveries/"+log.At("data.1.id").(string)).OK()
		if one.At("attempt_list.0.status") != 200.0 || one.At("attempt_list.1") != nil || one.At("item.id") != id ||
			!strings.Contains(one.At("attempt_list.0.request").(string), `"topic":"contact.archived"`) {
			t.Errorf("%s", one.Pretty())
		}
		r.Delete(t, path, nil).OK()
		contact(t, r, "ann@x.test")
		r.RunJobs()
		if to.requests() != 3 {
			t.Errorf("%d requests after the webhook was removed", to.requests())
		}
		if err := r.Webhooks.SweepWorkspace(context.Background(), r.Workspace.ID); err != nil {
			t.Fatal(err)
		}
	})
}
