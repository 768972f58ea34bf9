package api_test

import (
	"strings"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
)

func TestOutbox(t *testing.T) {
	apptest.OnEachWith(t, app.Options{PublicURL: "http://localhost"}, func(t *testing.T, r *apptest.Rig) {
		dev, path := r.AsDeveloper(), "/_parley/workspaces/"+string(r.Workspace.ID)+"/outbox"
		start := dev.Get(t, path).OK()
		is(t, start, `{"type":"list","data":[],"next":"__0"}`)
		answers := make(chan *apptest.Answer, 2)
		for _, kind := range []string{"email", "webhook"} {
			go func() { answers <- dev.Get(t, path+"?kind="+kind+"&wait=25") }()
		}
		contact := r.Post(t, "/contacts", object{"email": "joe@b.test"}).OK().ID()
		r.Post(t, "/messages", email(contact, "from", object{"type": "admin", "id": r.Admin.ID.String()})).OK()
		r.Post(t, "/_parley/webhooks", object{"url": "https://hook.test/", "topics": []string{"contact.archive"}}).OK()
		r.Post(t, "/_parley/webhooks", object{"url": "https://other.test/", "topics": []string{"contact.archive"}}).OK()
		r.Post(t, "/contacts/"+contact+"/archive", nil).OK()
		r.Post(t, "/phone_call_redirects", object{"phone": irish}).OK()
		for range 2 {
			if a := (<-answers).OK(); a.At("data.0.kind") == nil {
				t.Errorf("nothing came: %s", a.Body)
			}
		}

		all := dev.Get(t, path).OK()
		for at, want := range (object{
			"data.0.kind": "email", "data.0.to": "joe@b.test", "data.0.state": "queued", "data.0.subject": "Thanks & <all>", "data.0.contact_id": contact,
			"data.0.topic": nil, "data.0.notification": nil,
			"data.1.kind": "sms", "data.1.to": irish, "data.1.subject": nil,
			"data.2.kind": "webhook", "data.2.to": "https://hook.test/", "data.2.topic": "contact.archived", "data.2.webhook_id": "1", "data.2.state": "pending",
			"data.2.notification.topic": "contact.archived", "data.2.notification.data.item.id": contact, "data.2.notification.delivery_attempts": 1.0,
			"data.3.to": "https://other.test/", "data.4": nil,
		}) {
			if got := all.At(at); got != want {
				t.Errorf("%s is %v, want %v", at, got, want)
			}
		}
		// One at a time, what is looked for or not, from where the last answer ended.
		for _, filter := range []string{"", "kind=sms", "to=JOE@b.test", "to=https://other.test/", "to=nobody"} {
			var kinds []string
			for after := ""; ; {
				a := dev.Get(t, path+"?per_page=1&"+filter+"&after="+after).OK()
				kind, ok := a.At("data.0.to").(string)
				if !ok {
					break
				}
				kinds, after = append(kinds, kind), a.At("next").(string)
			}
			want := "joe@b.test " + irish + " https://hook.test/ https://other.test/"
			if filter != "" {
				want = map[string]string{"kind=sms": irish, "to=JOE@b.test": "joe@b.test", "to=https://other.test/": "https://other.test/"}[filter]
			}
			if got := strings.Join(kinds, " "); got != want {
				t.Errorf("%s: found %s, want %s", filter, got, want)
			}
		}
		is(t, dev.Get(t, path+"?wait=0.01&after="+all.At("next").(string)), `{"type":"list","data":[],"next":"`+all.At("next").(string)+`"}`)
		for _, query := range []string{"kind=fax", "after=x", "after=a_b", "after=__-1", "after=__x", "per_page=0", "wait=x", "count=0"} {
			dev.Get(t, path+"?"+query).Is(400)
		}
		r.Get(t, path).Is(401)
	})
}
