package api_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

// ago is the Unix time so many seconds before a rig's clock began.
func ago(seconds int64) int64 { return apptest.Start.Unix() - seconds }

// event is the body of an event of the contact with external id "u".
func event(name string, at int64) string {
	return fmt.Sprintf(`{"user_id":"u","event_name":%q,"created_at":%d}`, name, at)
}

type eventList struct {
	Type   string
	Events []struct {
		Type, ID, Email, UserID string
		EventName               string `json:"event_name"`
		CreatedAt               int64  `json:"created_at"`
	}
	Pages struct{ Next, Since string }
}

// names are the events of a list: name and seconds before the start.
func (l eventList) names() []string {
	var names []string
	for _, e := range l.Events {
		names = append(names, fmt.Sprint(e.EventName, " ", apptest.Start.Unix()-e.CreatedAt))
	}
	return names
}

func events(t *testing.T, r *apptest.Rig, link string, edits ...apptest.Edit) eventList {
	t.Helper()
	var l eventList
	r.Get(t, strings.TrimPrefix(link, "http://parley.test"), edits...).OK().Decode(&l)
	if l.Type != "event.list" {
		t.Fatalf("%s is %q", link, l.Type)
	}
	return l
}

func TestEventIsTakenIn(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"u","email":"U@Acme.test"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead","name":"Lea"}`).OK()
		for i, who := range []string{`"user_id":"u"`, `"email":"u@ACME.test"`, `"id":"` + user + `"`, `"intercom_user_id":"` + user + `"`,
			`"user_id":"u","email":"nobody@acme.test"`} {
			answer := r.Post(t, "/events", fmt.Sprintf(`{%s,"event_name":"was","created_at":%d}`, who, ago(int64(i)))).Is(202)
			if len(answer.Body) != 0 {
				t.Errorf("%s: the body is %s", who, answer.Body)
			}
		}
		r.Post(t, "/events", fmt.Sprintf(`{"id":%q,"event_name":"seen","created_at":"%d"}`, lead.ID(), ago(0))).Is(202)

		for _, who := range []string{"user_id=u", "email=u%40acme.test", "intercom_user_id=" + user} {
			if diff := cmp.Diff([]string{"was 0", "was 1", "was 2", "was 3", "was 4"}, events(t, r, "/events?type=user&"+who).names()); diff != "" {
				t.Errorf("%s: %s", who, diff)
			}
		}
		answer := r.Get(t, "/events?type=user&summary=false&user_id=u").OK()
		var got struct {
			Type   string
			Events []map[string]any
		}
		answer.Decode(&got)
		id, _ := got.Events[0]["id"].(string)
		want := map[string]any{"type": "event", "event_name": "was", "created_at": float64(ago(0)), "user_id": "u", "id": id,
			"intercom_user_id": user, "email": "u@acme.test", "metadata": map[string]any{}}
		if diff := cmp.Diff(want, got.Events[0]); diff != "" || len(id) != 36 {
			t.Error(diff, id)
		}
		seen := r.Get(t, "/events?type=user&intercom_user_id="+lead.ID()).OK()
		if seen.At("events.0.event_name") != "seen" || seen.At("events.0.email") != nil ||
			seen.At("events.0.user_id") != lead.At("external_id") {
			t.Error(seen.Pretty())
		}
	})
}

func TestEventIsRefused(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/contacts", `{"external_id":"u","email":"u@acme.test"}`).OK()
		r.Post(t, "/contacts", `{"external_id":"v","email":"twins@acme.test"}`).OK()
		r.Post(t, "/contacts", `{"external_id":"w","email":"twins@acme.test"}`).OK()
		visitor, err := r.People.PutVisitor(t.Context(), r.Actor(), model.VisitorDraft{UserID: "bfcbc05d-0000-4000-8000-000000000000"})
		if err != nil {
			t.Fatal(err)
		}
		_, _, stranger := r.NewWorkspace(t)
		foreign := r.Post(t, "/contacts", `{"external_id":"foreign"}`, apptest.As(stranger)).OK().ID()

		const at = `,"created_at":1768000000`
		for _, c := range []struct {
			name, body    string
			status        int
			code, message string
		}{
			{"nobody", `{"event_name":"x"` + at + `}`, 400, "parameter_not_found", "user_id, email or id is required"},
			{"no body", ``, 400, "parameter_not_found", "event_name is required"},
			{"unknown user", `{"event_name":"x","user_id":"nobody"` + at + `}`, 404, "not_found", "User Not Found"},
			{"unknown email", `{"event_name":"x","email":"nobody@acme.test"` + at + `}`, 404, "not_found", "User Not Found"},
			{"unknown id", `{"event_name":"x","id":"nobody"` + at + `}`, 404, "not_found", "User Not Found"},
			{"another workspace's contact", `{"event_name":"x","id":"` + foreign + `"` + at + `}`, 404, "not_found", "User Not Found"},
			{"a visitor", `{"event_name":"x","id":"` + string(visitor.ID) + `"` + at + `}`, 404, "not_found", "User Not Found"},
			{"a visitor by user id", `{"event_name":"x","user_id":"` + visitor.ExternalID + `"` + at + `}`, 404, "not_found", "User Not Found"},
			{"an email of two", `{"event_name":"x","email":"twins@acme.test"` + at + `}`, 409, "conflict",
				"Multiple existing users match this email address - must be more specific using user_id"},
			{"no name", `{"user_id":"u"` + at + `}`, 400, "parameter_not_found", "event_name is required"},
			{"blank name", `{"user_id":"u","event_name":" "` + at + `}`, 400, "parameter_not_found", "event_name is required"},
			{"a dot in the name", `{"user_id":"u","event_name":"a.b"` + at + `}`, 400, "parameter_invalid", "event_name cannot contain '.' or '$'"},
			{"a dollar in the name", `{"user_id":"u","event_name":"$a"` + at + `}`, 400, "parameter_invalid", "event_name cannot contain '.' or '$'"},
			{"long name", `{"user_id":"u","event_name":"` + strings.Repeat("x", 256) + `"` + at + `}`, 400, "parameter_invalid",
				"Event name is too long (maximum is 255 characters)"},
			{"no time", `{"user_id":"u","event_name":"x"}`, 400, "parameter_not_found", "created_at is required"},
			{"null time", `{"user_id":"u","event_name":"x","created_at":null}`, 400, "parameter_not_found", "created_at is required"},
			{"a time that is none", `{"user_id":"u","event_name":"x","created_at":"yesterday"}`, 400, "parameter_invalid", "created_at is invalid"},
			{"a time before 1970", `{"user_id":"u","event_name":"x","created_at":-1}`, 400, "parameter_invalid", "created_at is invalid"},
			{"milliseconds", `{"user_id":"u","event_name":"x","created_at":1768000000000}`, 400, "parameter_invalid", "created_at must be a time in Unix seconds"},
			{"metadata that is a list", `{"user_id":"u","event_name":"x","metadata":[]` + at + `}`, 400, "parameter_invalid", "metadata is invalid"},
			{"a list in metadata", `{"user_id":"u","event_name":"x","metadata":{"k":["v"]}` + at + `}`, 400, "parameter_invalid", nested("k")},
			{"an object in metadata", `{"user_id":"u","event_name":"x","metadata":{"k":{"v":1}}` + at + `}`, 400, "parameter_invalid", nested("k")},
			{"a link with more in it", `{"user_id":"u","event_name":"x","metadata":{"k":{"url":"u","value":"v","more":1}}` + at + `}`, 400, "parameter_invalid", nested("k")},
			{"a nested link", `{"user_id":"u","event_name":"x","metadata":{"k":{"url":"u","value":{"v":1}}}` + at + `}`, 400, "parameter_invalid", nested("k")},
			{"an amount in parts of cents", `{"user_id":"u","event_name":"x","metadata":{"k":{"amount":1.5,"currency":"eur"}}` + at + `}`, 400, "parameter_invalid", nested("k")},
			{"a negative amount", `{"user_id":"u","event_name":"x","metadata":{"k":{"amount":-1,"currency":"eur"}}` + at + `}`, 400, "parameter_invalid",
				"The amount of metadata 'k' must be a positive number of cents"},
			{"a long text", `{"user_id":"u","event_name":"x","metadata":{"k":"` + strings.Repeat("x", 2049) + `"}` + at + `}`, 400, "parameter_invalid",
				"Metadata 'k' is too long (maximum is 2048 characters)"},
			{"no key", `{"user_id":"u","event_name":"x","metadata":{"":1}` + at + `}`, 400, "parameter_invalid", "A metadata key must have between 1 and 255 characters"},
			{"a number nobody can read", `{"user_id":"u","event_name":"x","metadata":{"k":9007199254740993}` + at + `}`, 400, "parameter_invalid", "metadata is invalid"},
		} {
			t.Run(c.name, func(t *testing.T) { r.Post(t, "/events", c.body).Fails(c.status, c.code, c.message) })
		}
		for _, who := range []string{"u", "v", "w"} {
			if l := events(t, r, "/events?type=user&user_id="+who); len(l.Events) > 0 {
				t.Error(l)
			}
		}
	})
}

func nested(key string) string {
	return "Metadata '" + key + "' must be a string, a number, an object of url and value, or an object of amount and currency"
}

func TestEventKeepsItsMetadata(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/contacts", `{"external_id":"u"}`).OK()
		for i, c := range []struct{ name, sent, kept string }{
			{"every type, in order", `{"zulu":"desktop","load":3.67,"contact_date":1392036272,"article":"https://example.org/ab1de.html",
				"stripe_invoice":"inv_3434343434","paid":true,"order":{"value":"3434","url":"https://example.org/3434"},
				"price":{"amount":34999,"currency":"eur"},"alpha":""}`,
				`{"zulu":"desktop","load":3.67,"contact_date":1392036272,"article":"https://example.org/ab1de.html",` +
					`"stripe_invoice":"inv_3434343434","paid":true,"order":{"url":"https://example.org/3434","value":"3434"},` +
					`"price":{"amount":34999,"currency":"eur"},"alpha":""}`},
			{"null says nothing", `{"a":null,"b":1}`, `{"b":1}`},
			{"no metadata", `null`, `{}`},
			{"ten at most, in the order they came", `{"k9":1,"k8":1,"k7":1,"k6":1,"k5":1,"k4":1,"k3":1,"k2":1,"k1":1,"k0":1,"k":{"too":{"deep":[1]}},"j":1}`,
				`{"k9":1,"k8":1,"k7":1,"k6":1,"k5":1,"k4":1,"k3":1,"k2":1,"k1":1,"k0":1}`},
			{"dots and dollars in keys", `{"a.b":1,"$c":"d","é/~":2}`, `{"a.b":1,"$c":"d","é/~":2}`},
			{"numbers as they are", `{"max":9007199254740991,"min":-9007199254740991,"whole":5.0,"small":0.000001,"cents":0}`,
				`{"max":9007199254740991,"min":-9007199254740991,"whole":5,"small":0.000001,"cents":0}`},
			{"an amount whose words look like another's", `{"price":{"currency":"usd","amount":"0"},"link":{"url":7,"value":8}}`,
				`{"price":{"amount":0,"currency":"usd"},"link":{"url":"7","value":"8"}}`},
		} {
			t.Run(c.name, func(t *testing.T) {
				r.Post(t, "/events", fmt.Sprintf(`{"user_id":"u","event_name":"e","created_at":%d,"metadata":%s}`, ago(int64(100-i)), c.sent)).Is(202)
				answer := r.Get(t, "/events?type=user&user_id=u&per_page=1").OK()
				if !strings.Contains(string(answer.Body), `"metadata":`+c.kept) {
					t.Errorf("want %s in %s", c.kept, answer.Body)
				}
			})
		}
	})
}

func TestEventsArePaged(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/contacts", `{"external_id":"u"}`).OK()
		for _, e := range []string{event("a", ago(30)), event("b", ago(30)), event("c", ago(30)), event("a", ago(20)), event("A", ago(10))} {
			r.Post(t, "/events", e).Is(202)
		}
		first := events(t, r, "/events?type=user&user_id=u&per_page=2")
		if diff := cmp.Diff([]string{"A 10", "a 20"}, first.names()); diff != "" {
			t.Fatal(diff)
		}
		for _, link := range []string{first.Pages.Next, first.Pages.Since} {
			if u, err := url.Parse(link); err != nil || u.Host != "parley.test" || u.Query().Get("type") != "user" || u.Query().Get("user_id") != "u" {
				t.Errorf("%s leads nowhere", link)
			}
		}
		r.Post(t, "/events", event("new", ago(5))).Is(202)
		r.Post(t, "/events", event("newer", ago(0))).Is(202)
		second := events(t, r, first.Pages.Next)
		third := events(t, r, second.Pages.Next)
		if diff := cmp.Diff([]string{"c 30", "b 30", "a 30"}, append(second.names(), third.names()...)); diff != "" {
			t.Error(diff)
		}
		if third.Pages.Next != "" {
			t.Error("the last page leads on to", third.Pages.Next)
		}

		since := events(t, r, first.Pages.Since)
		if diff := cmp.Diff([]string{"newer 0", "new 5"}, since.names()); diff != "" {
			t.Error(diff)
		}
		nothing := events(t, r, since.Pages.Since)
		if len(nothing.Events) != 0 || nothing.Pages.Next != "" {
			t.Error(nothing)
		}
		r.Post(t, "/events", event("newest", ago(0)-1)).Is(202) // 1 s before the start: older than what was seen
		r.Clock.Pass(time.Minute)
		r.Post(t, "/events", event("newest", ago(-60))).Is(202)
		if diff := cmp.Diff([]string{"newest -60"}, events(t, r, nothing.Pages.Since).names()); diff != "" {
			t.Error(diff)
		}
		walked := events(t, r, strings.Replace(first.Pages.Since, "per_page=2", "per_page=1", 1))
		var seen []string
		for range 10 {
			seen = append(seen, walked.names()...)
			if walked.Pages.Next == "" {
				break
			}
			walked = events(t, r, walked.Pages.Next)
		}
		if diff := cmp.Diff([]string{"newest -60", "newer 0", "newest 1", "new 5"}, seen); diff != "" {
			t.Error(diff)
		}

		const bad = "Invalid starting_after param. Please try again using a starting_after value from a paginated response"
		for path, message := range map[string]string{
			"&before=1389913941064": bad, "&since=1389913941065": bad,
			"&summary=true&before=" + cursor(t, first.Pages.Next, "before"): bad,
		} {
			r.Get(t, "/events?type=user&user_id=u"+path).Fails(400, "client_error", message)
		}
		r.Get(t, "/events?type=user&user_id=u&per_page=151").Fails(400, "parameter_invalid", "Per Page is too big")
		r.Get(t, "/events?type=user&user_id=u&per_page=0").Fails(400, "parameter_invalid", "Per Page is invalid")
		r.Get(t, "/events?type=lead&user_id=u").Fails(400, "parameter_invalid", "type must be user")
		r.Get(t, "/events?user_id=u").Fails(400, "parameter_invalid", "type must be user")
		r.Get(t, "/events?type=user").Fails(400, "parameter_not_found", "user_id, email or id is required")
		r.Get(t, "/events?type=user&user_id=x").Fails(404, "not_found", "User Not Found")
		r.Get(t, "/events?type=user&user_id=u&summary=perhaps").Fails(400, "parameter_invalid", "summary must be true or false")
		_, _, stranger := r.NewWorkspace(t)
		r.Get(t, "/events?type=user&user_id=u", apptest.As(stranger)).Fails(404, "not_found", "User Not Found")
	})
}

func cursor(t *testing.T, link, name string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get(name)
}

func TestEventsAreListedForNinetyDays(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		const days = 24 * 60 * 60
		r.Post(t, "/contacts", `{"external_id":"u"}`).OK()
		for i := range int64(60) {
			r.Post(t, "/events", event("e", ago(90*days-30+i))).Is(202)
		}
		if l := events(t, r, "/events?type=user&user_id=u&per_page=150"); len(l.Events) != 30 {
			t.Errorf("%d events are listed", len(l.Events))
		}
		if l := events(t, r, "/events?type=user&user_id=u"); len(l.Events) != 30 || l.Pages.Next != "" {
			t.Errorf("%d events are listed", len(l.Events))
		}
		r.Clock.Pass(20 * time.Second)
		if l := events(t, r, "/events?type=user&user_id=u"); len(l.Events) != 10 {
			t.Errorf("%d events are listed", len(l.Events))
		}
		if got := r.Get(t, "/events?type=user&user_id=u&summary=true").OK().At("events.0.count"); got != 60.0 {
			t.Errorf("%v events are counted", got)
		}
	})
}

func TestEventsAreSummedUp(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"u","email":"u@acme.test"}`).OK().ID()
		empty := r.Get(t, "/events?type=user&user_id=u&summary=true").OK()
		if diff := cmp.Diff(`{"type":"event.summary","email":"u@acme.test","intercom_user_id":"`+user+`","user_id":"u","events":[],"pages":{}}`,
			string(empty.Body)); diff != "" {
			t.Error(diff)
		}
		at := time.Date(2014, 1, 16, 23, 12, 21, 0, time.UTC).Unix()
		for _, e := range []string{event("invited-friend", at), event("invited-friend", at), event("Invited-friend", at), event("invited-friend", at-10),
			event("invited-friend", at+10)} {
			r.Post(t, "/events", e).Is(202) // the second one says nothing new
		}
		add := func(body string) *apptest.Answer {
			return r.Post(t, "/events/summaries", `{"user_id":"u","event_summaries":`+body+`}`)
		}
		if a := add(fmt.Sprintf(`{"event_name":"invited-friend","count":7,"first":%d,"last":%d}`, at-3600, at)).OK(); len(a.Body) != 0 {
			t.Errorf("the body is %s", a.Body)
		}
		add(`{"event_name":"no-time","count":"2"}`).OK()
		add(`{"event_name":"one-time","count":1,"last":1389913941}`).OK()

		var got struct{ Events []map[string]any }
		r.Get(t, "/events?type=user&summary=true&email=u%40acme.test").OK().Decode(&got)
		item := func(name, first, last string, count float64) map[string]any {
			return map[string]any{"name": name, "first": first, "last": last, "count": count, "description": ""}
		}
		want := []map[string]any{
			item("no-time", "2026-01-15T12:00:00.000+00:00", "2026-01-15T12:00:00.000+00:00", 2),
			item("one-time", "2014-01-16T23:12:21.000+00:00", "2014-01-16T23:12:21.000+00:00", 1),
			item("Invited-friend", "2014-01-16T23:12:21.000+00:00", "2014-01-16T23:12:21.000+00:00", 1),
			item("invited-friend", "2014-01-16T22:12:21.000+00:00", "2014-01-16T23:12:31.000+00:00", 10),
		}
		if diff := cmp.Diff(want, got.Events); diff != "" {
			t.Error(diff)
		}

		page := r.Get(t, "/events?type=user&summary=true&user_id=u&per_page=3").OK()
		next, _ := page.At("pages.next").(string)
		last := r.Get(t, strings.TrimPrefix(next, "http://parley.test")).OK()
		if last.At("events.0.name") != "invited-friend" || last.At("events.1") != nil || last.At("pages.next") != nil {
			t.Error(last.Pretty())
		}
	})
}

func TestEventSummaryIsRefused(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/contacts", `{"external_id":"u"}`).OK()
		for _, c := range []struct {
			name, body    string
			status        int
			code, message string
		}{
			{"no body", ``, 400, "parameter_not_found", "event_name is required"},
			{"nobody", `{"event_summaries":{"event_name":"x","count":1}}`, 400, "parameter_not_found", "user_id, email or id is required"},
			{"unknown", `{"user_id":"x","event_summaries":{"event_name":"x","count":1}}`, 404, "not_found", "User Not Found"},
			{"no name", `{"user_id":"u","event_summaries":{"count":1}}`, 400, "parameter_not_found", "event_name is required"},
			{"a dot in the name", `{"user_id":"u","event_summaries":{"event_name":"a.b","count":1}}`, 400, "parameter_invalid", "event_name cannot contain '.' or '$'"},
			{"no count", `{"user_id":"u","event_summaries":{"event_name":"x"}}`, 400, "parameter_invalid", "count must be a positive number"},
			{"none", `{"user_id":"u","event_summaries":{"event_name":"x","count":0}}`, 400, "parameter_invalid", "count must be a positive number"},
			{"less than none", `{"user_id":"u","event_summaries":{"event_name":"x","count":-1}}`, 400, "parameter_invalid", "count must be a positive number"},
			{"more than can be read", `{"user_id":"u","event_summaries":{"event_name":"x","count":9007199254740993}}`, 400, "parameter_invalid", "event_summaries.count is invalid"},
			{"last before first", `{"user_id":"u","event_summaries":{"event_name":"x","count":1,"first":2,"last":1}}`, 400, "parameter_invalid", "first must not be after last"},
			{"milliseconds", `{"user_id":"u","event_summaries":{"event_name":"x","count":1,"first":1768000000000}}`, 400, "parameter_invalid", "first must be a time in Unix seconds"},
			{"a list", `{"user_id":"u","event_summaries":[{"event_name":"x","count":1}]}`, 400, "parameter_invalid", "event_summaries is invalid"},
		} {
			t.Run(c.name, func(t *testing.T) { r.Post(t, "/events/summaries", c.body).Fails(c.status, c.code, c.message) })
		}
		count := func(n int64) *apptest.Answer {
			return r.Post(t, "/events/summaries", fmt.Sprintf(`{"user_id":"u","event_summaries":{"event_name":"x","count":%d}}`, n))
		}
		const most = 9007199254740991
		count(most - 1).OK()
		count(2).Fails(400, "parameter_invalid", "count is more than can be added to this summary")
		count(1).OK()
		count(1).Fails(400, "parameter_invalid", "count is more than can be added to this summary")
		if got := string(r.Get(t, "/events?type=user&user_id=u&summary=true").OK().Body); !strings.Contains(got, `"count":9007199254740991,`) {
			t.Error(got)
		}
	})
}

func TestEventsAreCountedOnceEach(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Post(t, "/contacts", `{"external_id":"u"}`).OK()
		const writers, each = 8, 25
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				report := func(path, body string) {
					if a := r.Post(t, path, body); a.Status >= 300 {
						t.Errorf("%s %s: %s", path, body, a.Body)
					}
				}
				for i := range each {
					report("/events", event("same", ago(int64(i)))) // all writers report these
					report("/events", event("own", ago(int64(w*each+i))))
				}
				report("/events/summaries", `{"user_id":"u","event_summaries":{"event_name":"own","count":1000}}`)
			})
		}
		wg.Wait()
		summary := r.Get(t, "/events?type=user&user_id=u&summary=true").OK()
		got := map[any]any{}
		for i := range 2 {
			got[summary.At(fmt.Sprintf("events.%d.name", i))] = summary.At(fmt.Sprintf("events.%d.count", i))
		}
		if diff := cmp.Diff(map[any]any{"same": float64(each), "own": float64(writers * (each + 1000))}, got); diff != "" {
			t.Error(diff)
		}
		if l := events(t, r, "/events?type=user&user_id=u&per_page=150"); len(l.Events) != 150 || l.Pages.Next == "" {
			t.Errorf("%d events are listed", len(l.Events))
		}
	})
}

func TestMergeMovesEvents(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		user := r.Post(t, "/contacts", `{"external_id":"u"}`).OK().ID()
		lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
		byLead := func(name string, at int64) {
			r.Post(t, "/events", fmt.Sprintf(`{"id":%q,"event_name":%q,"created_at":%d}`, lead, name, at)).Is(202)
		}
		r.Post(t, "/events", event("both", ago(1))).Is(202)
		r.Post(t, "/events", event("both", ago(2))).Is(202)
		r.Post(t, "/events", event("user", ago(3))).Is(202)
		byLead("both", ago(2))
		byLead("both", ago(4))
		byLead("lead", ago(5))
		r.Post(t, "/events/summaries", fmt.Sprintf(`{"id":%q,"event_summaries":{"event_name":"both","count":10,"first":1000,"last":1000}}`, lead)).OK()
		r.Post(t, "/contacts/merge", map[string]string{"from": lead, "into": user}).OK()

		if diff := cmp.Diff([]string{"both 1", "both 2", "user 3", "both 4", "lead 5"}, events(t, r, "/events?type=user&user_id=u").names()); diff != "" {
			t.Error(diff)
		}
		summary := r.Get(t, "/events?type=user&user_id=u&summary=true").OK()
		got := map[any]any{}
		for i := range 3 {
			got[summary.At(fmt.Sprintf("events.%d.name", i))] = summary.At(fmt.Sprintf("events.%d.count", i))
		}
		if diff := cmp.Diff(map[any]any{"both": 13.0, "user": 1.0, "lead": 1.0}, got); diff != "" {
			t.Error(diff)
		}
		if got := summary.At("events.2.first"); got != "1970-01-01T00:16:40.000+00:00" {
			t.Error(got)
		}
		r.Post(t, "/events", fmt.Sprintf(`{"id":%q,"event_name":"late","created_at":%d}`, lead, ago(0))).Fails(404, "not_found", "User Not Found")
	})
}

// TestEventsDuringAMerge reports events of a lead while it is merged away: each is
// either counted with the user or refused, and none is lost.
func TestEventsDuringAMerge(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for round := range 5 {
			external := fmt.Sprint("u", round)
			user := r.Post(t, "/contacts", map[string]string{"external_id": external}).OK().ID()
			lead := r.Post(t, "/contacts", `{"role":"lead"}`).OK().ID()
			taken := make([]int, 4)
			var wg sync.WaitGroup
			for w := range taken {
				wg.Go(func() {
					for i := range 10 {
						body := fmt.Sprintf(`{"id":%q,"event_name":"e","created_at":%d}`, lead, ago(int64(w*10+i)))
						switch a := r.Post(t, "/events", body); a.Status {
						case 202:
							taken[w]++
						case 404:
						default:
							t.Errorf("%s: %s", body, a.Body)
						}
					}
				})
			}
			r.Post(t, "/contacts/merge", map[string]string{"from": lead, "into": user}).OK()
			wg.Wait()
			want := 0
			for _, n := range taken {
				want += n
			}
			summary := r.Get(t, "/events?type=user&summary=true&user_id="+external).OK()
			got, _ := summary.At("events.0.count").(float64)
			if l := events(t, r, "/events?type=user&user_id="+external); int(got) != want || len(l.Events) != want {
				t.Errorf("%d events were taken, %v are counted, %d are listed", want, got, len(l.Events))
			}
		}
	})
}
