package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/model/event"
)

// TestReceiverIsDownForADay holds that nothing is lost to a receiver that is away
// for a day, and that each object is told in its order.
func TestReceiverIsDownForADay(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		to := newReceiver(t)
		to.answers(503)
		path := subscribe(t, r, to, "contact.user.created", "contact.user.updated")
		one, other := contact(t, r, "one@x.test"), contact(t, r, "other@x.test")
		r.RunJobs()
		for hour := range 24 {
			r.Put(t, "/contacts/"+one, object{"name": fmt.Sprint("one ", hour)}).OK()
			if hour%6 == 0 {
				r.Put(t, "/contacts/"+other, object{"name": fmt.Sprint("other ", hour)}).OK()
			}
			r.RunJobs()
			r.Clock.Pass(time.Hour)
			r.RunJobs()
		}
		w := r.Get(t, path).OK()
		if w.At("state") != "live" || w.At("failing_since") != float64(apptest.Start.Unix()) || len(to.taken()) != 0 {
			t.Errorf("%s", w.Pretty())
		}
		if n := to.requests(); n > 200 {
			t.Errorf("%d requests in a day", n)
		}
		to.answers(0)
		r.Clock.Pass(2 * time.Hour)
		r.RunJobs()
		var ones, others []string
		for _, n := range to.taken() {
			name := fmt.Sprint(n.Data.Item["name"])
			if n.Data.Item["id"] == one {
				ones = append(ones, name)
			} else {
				others = append(others, name)
			}
			if n.DeliveryAttempts > 1 && n.DeliveryStatus != "retry" || n.DeliveryAttempts == 1 && n.DeliveryStatus != "pending" {
				t.Errorf("attempt %d has the status %q", n.DeliveryAttempts, n.DeliveryStatus)
			}
		}
		if len(ones) != 25 || len(others) != 5 {
			t.Fatalf("told %d and %d, want 25 and 5", len(ones), len(others))
		}
		for i, name := range ones[1:] {
			if want := fmt.Sprint("one ", i); name != want {
				t.Errorf("told of %q in place of %q", name, want)
			}
		}
		if first := to.taken()[0]; first.FirstSentAt != apptest.Start.Unix() || first.DeliveryAttempts < 15 {
			t.Errorf("%+v", first)
		}
		if w := r.Get(t, path).OK(); w.At("failing_since") != nil {
			t.Errorf("%s", w.Pretty())
		}
		if log := r.Get(t, path+"/deliveries?state=delivered&per_page=150").OK(); len(log.At("data").([]any)) != 30 {
			t.Errorf("%s", log.Pretty())
		}
		if s := r.Webhooks.Stats(); s.Delivered != 30 || s.Retrying != int64(to.requests())-30 || s.Dropped != 0 {
			t.Errorf("%+v of %d requests", s, to.requests())
		}
	})
}

// TestFailureBlocksItsObjectAlone has one object fail and others pass it.
func TestFailureBlocksItsObjectAlone(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		to := newReceiver(t)
		bad := contact(t, r, "bad@x.test")
		to.fails(bad)
		path := subscribe(t, r, to, "*")
		for i := range 20 { // more than a pump holds of one object
			r.Put(t, "/contacts/"+bad, object{"name": fmt.Sprint(i)}).OK()
		}
		good := contact(t, r, "good@x.test")
		r.Put(t, "/contacts/"+good, object{"name": "Good"}).OK()
		r.RunJobs()
		if got := topics(to.taken()); got != "contact.user.created contact.user.updated" || to.requests() != 3 {
			t.Errorf("%d requests, told %q", to.requests(), got)
		}
		log := r.Get(t, path+"/deliveries?per_page=150&state=held").OK()
		if len(log.At("data").([]any)) != 19 {
			t.Errorf("%s", log.Pretty())
		}
		to.answers(0)
		r.RunJobs()
		if to.requests() != 3 {
			t.Error("sent again too early")
		}
		r.Clock.Pass(10 * time.Second)
		r.RunJobs()
		notes := to.taken()[2:]
		if len(notes) != 20 {
			t.Fatalf("told %d times, want 20", len(notes))
		}
		for i, n := range notes {
			if n.Data.Item["name"] != fmt.Sprint(i) {
				t.Errorf("told of %v in place of %d", n.Data.Item["name"], i)
			}
		}
	})
}

// live is the policy of the live service.
var live = app.Options{AllowPrivateAddresses: true, Webhooks: app.WebhookOptions{Policy: event.Policy{Retries: 1, RetryDelay: 60, MaxDelay: 60,
	PauseAfter: 5, PauseWindow: 900, PauseFor: 900, SuspendAfter: 7 * 24 * 3600, ThrottleMin: 60, ThrottleMax: 7200}}}

func TestDropReplayPauseSuspend(t *testing.T) {
	apptest.OnEachWith(t, live, func(t *testing.T, r *apptest.Rig) {
		to := newReceiver(t)
		to.answers(500)
		path := subscribe(t, r, to, "*")
		id := contact(t, r, "joe@x.test")
		r.Put(t, "/contacts/"+id, object{"name": "Joe"}).OK()
		r.RunJobs()
		r.Clock.Pass(90 * time.Second)
		r.RunJobs() // the first is dropped, the second fails
		states := func() string {
			var all []string
			for _, d := range r.Get(t, path+"/deliveries").OK().At("data").([]any) {
				all = append(all, d.(map[string]any)["state"].(string))
			}
			return strings.Join(all, " ")
		}
		if got := states(); got != "retrying dropped" || to.requests() != 3 {
			t.Errorf("%q after %d requests", got, to.requests())
		}
		for i := range 6 {
			contact(t, r, fmt.Sprint("n", i, "@x.test"))
			r.RunJobs()
		}
		w := r.Get(t, path).OK()
		if w.At("waiting_until") != float64(r.Clock.Now().Unix()+900) || to.requests() != 6 {
			t.Errorf("after %d failures: %s", to.requests(), w.Pretty())
		}
		r.Clock.Pass(8 * 24 * time.Hour)
		r.RunJobs()
		if w = r.Get(t, path).OK(); w.At("state") != "suspended" || w.At("reason") == nil {
			t.Errorf("after eight days: %s", w.Pretty())
		}
		asked := to.requests()
		to.answers(0)
		contact(t, r, "unheard@x.test")
		r.Put(t, path, object{"state": "paused"}).Fails(422, "action_forbidden", "A suspended webhook cannot be paused")
		r.RunJobs()
		if to.requests() != asked {
			t.Error("a suspended webhook was told")
		}
		if w = r.Put(t, path, object{"state": "live"}).OK(); w.At("reason") != nil || w.At("waiting_until") != nil {
			t.Errorf("%s", w.Pretty())
		}
		r.Clock.Pass(time.Hour)
		r.RunJobs()
		for _, n := range to.taken() {
			if n.Data.Item["email"] == "unheard@x.test" {
				t.Error("what happened while the webhook was suspended was told")
			}
		}
		seen := len(to.taken())
		count := r.Post(t, path+"/replay", object{"state": "dropped"}).OK().At("count").(float64)
		if count < 1 {
			t.Errorf("%v were dropped", count)
		}
		r.RunJobs()
		if len(to.taken()) != seen+int(count) || strings.Contains(states(), "dropped") {
			t.Errorf("told %d times, want %d: %s", len(to.taken()), seen+int(count), states())
		}
		replayed := slices.ContainsFunc(to.taken()[seen:], func(n note) bool {
			return n.DeliveryStatus == "retry" && n.Data.Item["id"] == id && n.Data.Item["name"] == nil
		})
		if !replayed {
			t.Errorf("what was told first of %s was not replayed as it was", id)
		}

		r.Put(t, path, object{"state": "paused"}).OK()
		contact(t, r, "kept@x.test")
		seen = len(to.taken())
		r.RunJobs()
		if len(to.taken()) != seen {
			t.Error("a paused webhook was told")
		}
		r.Put(t, path, object{"state": "live"}).OK()
		r.RunJobs()
		if len(to.taken()) != seen+1 {
			t.Error("what happened while the webhook was paused was lost")
		}
	})
}

func TestThrottle(t *testing.T) {
	apptest.OnEachWith(t, live, func(t *testing.T, r *apptest.Rig) {
		to := newReceiver(t)
		to.answers(429)
		path := subscribe(t, r, to, "*")
		contact(t, r, "joe@x.test")
		r.RunJobs()
		contact(t, r, "ann@x.test")
		delay := time.Minute
		for i := range 7 {
			w := r.Get(t, path).OK()
			if want := r.Clock.Now().Add(delay).Unix(); w.At("waiting_until") != float64(want) {
				t.Errorf("after %d: %s", i+1, w.Pretty())
			}
			r.Clock.Pass(delay - time.Second)
			r.RunJobs()
			asked := to.requests()
			r.Clock.Pass(time.Second)
			if i == 6 {
				break
			}
			// One at a time would do, and two are asked at once: both answers are one wait.
			r.RunJobs()
			if n := to.requests() - asked; n < 1 || n > 2 {
				t.Errorf("%d requests after %s", n, delay)
			}
			delay = min(2*delay, 2*time.Hour)
		}
		to.mu.Lock()
		to.handle = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "300")
			w.WriteHeader(429)
		}
		to.mu.Unlock()
		r.RunJobs()
		if w := r.Get(t, path).OK(); w.At("waiting_until") != float64(r.Clock.Now().Unix()+300) {
			t.Errorf("with Retry-After: %s", w.Pretty())
		}
		if log := r.Get(t, path+"/deliveries").OK(); log.At("data.0.state") == "dropped" && log.At("data.1.state") == "dropped" {
			t.Errorf("%s", log.Pretty())
		}
	})
}

func TestAnswers(t *testing.T) {
	o := live
	o.Webhooks.Timeout = 300 * time.Millisecond
	apptest.OnEachWith(t, o, func(t *testing.T, r *apptest.Rig) {
		elsewhere := newReceiver(t)
		for _, c := range []struct {
			name   string
			handle http.HandlerFunc
			status any
			state  string
			body   string
			fault  string
		}{
			{"created", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); fmt.Fprint(w, "thanks\x00\xff") }, 201.0, "delivered", "thanks\uFFFD\uFFFD", ""},
			{"redirect", func(w http.ResponseWriter, q *http.Request) {
				http.Redirect(w, q, elsewhere.URL, http.StatusTemporaryRedirect)
			}, 307.0, "retrying", "", ""},
			{"huge", func(w http.ResponseWriter, _ *http.Request) {
				for range 1000 {
					fmt.Fprint(w, strings.Repeat("x", 1000))
				}
			}, 200.0, "delivered", strings.Repeat("x", 2048), ""},
			{"slow drip", func(w http.ResponseWriter, q *http.Request) {
				for q.Context().Err() == nil {
					fmt.Fprint(w, "x")
					w.(http.Flusher).Flush()
					time.Sleep(30 * time.Millisecond)
				}
			}, 200.0, "delivered", "", ""},
			{"never", func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }, nil, "retrying", "", "No answer within 300ms"},
			{"cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, "retrying", "", "EOF"},
			{"huge header", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Huge", strings.Repeat("x", 30_000))
				w.Header().Set("X-Small", "1")
			}, 200.0, "delivered", "", ""},
		} {
			t.Run(c.name, func(t *testing.T) {
				to := newReceiver(t)
				to.handle = c.handle
				path := subscribe(t, r, to, "ping")
				r.Post(t, path+"/ping", nil).OK()
				r.RunJobs()
				number := r.Get(t, path+"/deliveries").OK().At("data.0.id").(string)
				d := r.Get(t, "/_parley/deliveries/"+number).OK()
				body, _ := d.At("attempt_list.0.response_body").(string)
				fault, _ := d.At("attempt_list.0.error").(string)
				if d.At("state") != c.state || d.At("attempt_list.0.status") != c.status || !strings.Contains(fault, c.fault) || d.At("test") != true ||
					c.body != "" && body != c.body || len(d.Body) > 16_000 {
					t.Errorf("%s", d.Pretty())
				}
				r.Delete(t, path, nil).OK()
			})
		}
		if elsewhere.requests() != 0 {
			t.Error("a redirect was followed")
		}
	})
}

func TestGone(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		to := newReceiver(t)
		to.answers(410)
		path := subscribe(t, r, to, "*")
		contact(t, r, "joe@x.test")
		contact(t, r, "ann@x.test")
		r.RunJobs()
		r.Get(t, path).Fails(404, "not_found", "Webhook not found")
		asked := to.requests()
		contact(t, r, "bob@x.test")
		r.Clock.Pass(3 * time.Hour)
		r.RunJobs()
		if to.requests() != asked || asked > 2 {
			t.Errorf("%d requests, then %d", asked, to.requests())
		}
		must(t, r.Webhooks.SweepWorkspace(context.Background(), r.Workspace.ID))
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
