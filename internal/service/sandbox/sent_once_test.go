package sandbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/model"
	"parley/internal/twiliotest"
)

// TestWhatWaitsIsSentOnce takes a snapshot while a text message, an e-mail and a delivery to a webhook wait, sends them, and goes back, makes a workspace of
// the snapshot, at once and of a spare, and does what is due everywhere: nobody is sent anything a second time.
func TestWhatWaitsIsSentOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		gateway := twiliotest.New(t)
		var told atomic.Int64
		to := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told.Add(1) }))
		defer to.Close()
		r = r.Restarted(t, app.Options{SMS: gateway.Options(), AllowPrivateAddresses: true, Spares: 1}).Unjudged()
		b, dev := newBench(t, r, object{"seed": "tags: [waiting]"}), r.AsDeveloper() // a seed that no other test has
		all := []model.WorkspaceID{model.WorkspaceID(b.path[len(path):])}
		run := func() {
			t.Helper()
			for range 4 { // times at which it would be tried again
				_, err := r.App.RunJobs(context.Background(), all...)
				must(t, err)
				r.Clock.Pass(time.Minute)
			}
		}
		states := func(path string) (list []string) {
			t.Helper()
			for _, o := range dev.Get(t, path+"/outbox").OK().At("data").([]any) {
				list = append(list, o.(object)["kind"].(string)+" "+o.(object)["state"].(string))
			}
			slices.Sort(list)
			return list
		}
		has := func(when, path string, want ...string) {
			t.Helper()
			if got := states(path); !slices.Equal(got, want) {
				t.Errorf("%s, the outbox has %q, want %q", when, got, want)
			}
			if n, m := len(gateway.Taken()), told.Load(); n > 1 || m > 1 {
				t.Errorf("%s, %d text messages and %d notifications have been sent", when, n, m)
			}
		}
		user := b.Post(t, "/contacts", object{"role": "user", "email": "joe@acme.test"}).OK().ID()
		b.Post(t, "/_parley/webhooks", object{"url": to.URL, "topics": []string{"contact.user.tag.created"}}).OK()
		tag := b.Post(t, "/tags", object{"name": "vip"}).OK().ID()
		b.Post(t, "/phone_call_redirects", object{"phone": "+353871234567"}).OK()
		b.Post(t, "/messages", object{"message_type": "email", "subject": "News", "body": "Hello", "template": "plain",
			"from": object{"type": "admin", "id": b.admin}, "to": object{"type": "user", "id": user}}).OK()
		b.Post(t, "/contacts/"+user+"/tags", object{"id": tag}).OK()
		has("before", b.path, "email queued", "sms queued", "webhook pending")
		dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
		run()
		has("when it was sent", b.path, "email queued", "sms sent", "webhook delivered")
		if n, m := len(gateway.Taken()), told.Load(); n != 1 || m != 1 {
			t.Fatalf("%d text messages and %d notifications were sent, want one of each", n, m)
		}
		dev.Post(t, b.path+"/snapshots/a/restore", nil).OK()
		run()
		has("restored", b.path, "email queued", "sms kept")
		of := object{"snapshot": object{"workspace_id": b.path[len(path):], "name": "a"}}
		for _, when := range []string{"made at once", "made of a spare"} {
			made := newBench(t, r, of)
			all = append(all, model.WorkspaceID(made.path[len(path):]))
			run()
			has(when, made.path, "email queued", "sms kept")
			ready(t, r, 1)
		}
		// What waits when a workspace goes back is not sent at all.
		b.Post(t, "/phone_call_redirects", object{"phone": "+353871234568"}).OK()
		b.Delete(t, "/contacts/"+user+"/tags/"+tag, nil)
		b.Post(t, "/contacts/"+user+"/tags", object{"id": tag}).OK()
		dev.Post(t, b.path+"/reset", nil).OK()
		run()
		has("reset", b.path)
	})
}
