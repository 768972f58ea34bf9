package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/outbound"
)

func TestWebhooks(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		made := r.Post(t, "/_parley/webhooks", object{"url": "https://hook.test/x?a=1", "topics": []string{"ping", "contact.archive", "ping"}}).OK()
		const shown = `{"type":"webhook","id":"1","app_id":"1","url":"https://hook.test/x?a=1","topics":["contact.archived","ping"],"state":"live",
			"reason":null,"failing_since":null,"waiting_until":null,"created_at":1768478400}`
		is(t, made, shown)
		is(t, r.Get(t, "/_parley/webhooks/1"), shown)
		is(t, r.Get(t, "/_parley/webhooks"), `{"type":"list","data":[`+shown+`]}`)
		is(t, r.Put(t, "/_parley/webhooks/1", object{"topics": []string{"*"}, "state": "paused"}),
			strings.NewReplacer(`"contact.archived","ping"`, `"*"`, "live", "paused").Replace(shown))

		id := r.Post(t, "/contacts", object{"role": "user", "email": "joe@x.test"}).OK().ID()
		trigger := func(topic, object string) *apptest.Answer {
			return r.Post(t, "/_parley/webhooks/1/trigger", map[string]any{"topic": topic, "object_id": object})
		}
		trigger("contact.user.updated", id).OK()
		log := r.Get(t, "/_parley/webhooks/1/deliveries").OK()
		if log.At("data.0.test") != true || log.At("data.1.test") != false || log.At("data.1.topic") != "contact.user.created" || log.At("pages.next") != nil {
			t.Errorf("%s", log.Pretty())
		}
		if a := r.Get(t, "/_parley/webhooks/1/deliveries?topic=ping").OK(); len(a.At("data").([]any)) != 0 {
			t.Errorf("%s", a.Pretty())
		}
		trigger("contact.user.updated", "nobody").Fails(404, "not_found", "User Not Found")
		trigger("contact.user.updated", "").Fails(400, "parameter_not_found", "Say which object contact.user.updated is about")
		trigger("content_stat.tour", id).Fails(400, "parameter_invalid", "Nothing here causes content_stat.tour: there are no tours")
		trigger("contact.user.tag.created", id).Fails(400, "parameter_invalid", "contact.user.tag.created shows a tag, and the object has none")
		trigger("nothing", id).Fails(400, "parameter_invalid", `"nothing" is not a topic`)

		trigger("event.created", id).Fails(400, "parameter_invalid", "event.created shows an event, and the object has none")
		r.Post(t, "/events", object{"event_name": "invited", "created_at": 1768478400, "id": id}).Is(202)
		chat := r.Post(t, "/messages", object{"message_type": "inapp", "body": "Hello", "from": object{"type": "admin", "id": "1"},
			"to": object{"type": "user", "id": id}}).OK().ID()
		for topic, about := range map[string]string{"event.created": id, "content_stat.chat": chat} {
			trigger(topic, about).OK()
			log := r.Get(t, "/_parley/webhooks/1/deliveries?per_page=150&topic="+topic).OK()
			triggered := r.Get(t, "/_parley/deliveries/"+log.At("data.0.id").(string)).OK()
			happened := r.Get(t, "/_parley/deliveries/"+log.At("data.1.id").(string)).OK()
			if diff := cmp.Diff(happened.At("item"), triggered.At("item")); diff != "" || triggered.At("test") != true || happened.At("test") != false {
				t.Errorf("%s by hand differs (-happened +triggered):\n%s", topic, diff)
			}
		}
		trigger("content_stat.email", chat).Fails(400, "parameter_invalid", "content_stat.email is not about messages of the type inapp")
		trigger("content_stat.chat", "0").Fails(404, "not_found", "Resource Not Found")

		number := log.At("data.0.id").(string)
		for path, method := range map[string]string{"/_parley/webhooks/1": "GET", "/_parley/webhooks/01": "DELETE", "/_parley/webhooks/2/ping": "POST",
			"/_parley/webhooks/x/deliveries": "GET"} {
			r.Elsewhere(t).Do(t, method, path, nil).Fails(404, "not_found", "Webhook not found")
		}
		for path, method := range map[string]string{"": "GET", "/replay": "POST"} {
			r.Elsewhere(t).Do(t, method, "/_parley/deliveries/"+number+path, nil).Fails(404, "not_found", "Delivery not found")
		}
		r.Get(t, "/_parley/webhooks/1/deliveries?before=x").Fails(400, "parameter_invalid", "before must be the id of a delivery")
		r.Get(t, "/_parley/webhooks/1/deliveries?state=lost").Fails(400, "parameter_invalid", `"lost" is not a state of a delivery`)
		r.Post(t, "/_parley/webhooks/1/replay", object{"from": "x"}).Fails(400, "parameter_invalid", "from and to must be ids of deliveries")
		is(t, r.Delete(t, "/_parley/webhooks/1", nil), `{"id":"1","object":"webhook","deleted":true}`)
		r.Get(t, "/_parley/deliveries/"+number).Fails(404, "not_found", "Delivery not found")
	})
}

func TestWebhooksAreRefused(t *testing.T) {
	t.Parallel()
	r := apptest.With(t, app.Options{Webhooks: app.WebhookOptions{Allow: outbound.Allowed{Hosts: []string{"receiver"}}}})
	hook := func(url string) object { return object{"url": url, "topics": []string{"*"}} }
	for name, body := range map[string]object{
		"nothing": {}, "no topics": {"url": "https://x.test"}, "an unknown topic": {"url": "https://x.test", "topics": []string{"x"}},
		"http": hook("http://x.test/"), "no host": hook("https:///x"), "relative": hook("/x"), "script": hook("javascript:x"), "account": hook("https://a:b@x.test/"),
		"fragment": hook("https://x.test/#x"), "space": hook("https://x.test/ x"), "backslash": hook(`https://x.test\@y.test/`), "port 0": hook("https://x.test:0/"),
		"too long": hook("https://x.test/" + strings.Repeat("x", 2048)), "loopback in a name": hook("http://localhost.evil.test/"),
		"a large port": hook("https://x.test:99999/"), "beyond ASCII": hook("https://x.test/ü"),
	} {
		if a := r.Post(t, "/_parley/webhooks", body); a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	r.Post(t, "/_parley/webhooks", object{"url": "https://x.test", "topics": []string{"*"}, "app_id": "9"}).Fails(404, "not_found", "App not found")
	for i, url := range []string{"https://x.test", "http://localhost:1/x", "http://127.0.0.1/", "http://[::1]:8/", "http://receiver:3000/hook"} {
		if got := r.Post(t, "/_parley/webhooks", hook(url)).OK().ID(); got != fmt.Sprint(i+1) {
			t.Errorf("%s has the id %s", url, got)
		}
	}
	for i := 5; i < 100; i++ {
		r.Post(t, "/_parley/webhooks", hook("https://x.test")).OK()
	}
	r.Post(t, "/_parley/webhooks", hook("https://x.test")).Fails(400, "parameter_invalid", "A workspace can have 100 webhooks at most")
}

// TestWebhooksOfAnApp end with it.
func TestWebhooksOfAnApp(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		id := r.Post(t, "/_parley/apps", object{"name": "Sync"}).OK().ID()
		r.Post(t, "/_parley/webhooks", object{"url": "https://x.test", "topics": []string{"*"}, "app_id": id}).OK()
		r.Delete(t, "/_parley/apps/"+id, nil).OK()
		is(t, r.Get(t, "/_parley/webhooks"), `{"type":"list","data":[]}`)
		r.Post(t, "/contacts", object{"role": "user", "email": "joe@x.test"}).OK()
	})
}
