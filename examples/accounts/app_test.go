package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/parleytest"
)

func TestMain(m *testing.M) { parleytest.Main(m) }

// seed is what the application relies on: an attribute of contacts, which somebody has made in Intercom.
const seed = "data_attributes: [{model: contact, name: plan, data_type: string}]"

// A world is the application with an Intercom of its own.
type world struct {
	*parleytest.Parley
	t     *testing.T
	app   *App
	waits []time.Duration // for which the application has waited, by a clock on which that takes no time
}

func newWorld(t *testing.T, o parleytest.Options) *world {
	t.Helper()
	o.Seed, o.Frozen = seed, true
	w := &world{Parley: parleytest.StartWith(t, o), t: t}
	w.app = NewApp(&Intercom{URL: "https://api.intercom.io", Token: w.Token, Client: w.Client(), Now: w.Now,
		Wait: func(ctx context.Context, d time.Duration) error {
			w.waits = append(w.waits, d)
			return ctx.Err()
		}}, w.ClientSecret())
	w.app.Log = t.Logf
	return w
}

// fill fills a form of the application: "/signup email=a@b.test". It returns the status and the text of the answer.
func (w *world) fill(form string) (int, string) {
	path, fields, _ := strings.Cut(form, " ")
	values := url.Values{}
	for _, field := range strings.Split(fields, "; ") {
		name, value, _ := strings.Cut(field, "=")
		values.Set(name, value)
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := httptest.NewRecorder()
	w.app.ServeHTTP(answer, r)
	return answer.Code, strings.TrimSpace(answer.Body.String())
}

// does fills forms that must be accepted.
func (w *world) does(forms ...string) {
	w.t.Helper()
	for _, form := range forms {
		if status, text := w.fill(form); status != http.StatusOK {
			w.t.Fatalf("%s is answered %d %s", form, status, text)
		}
	}
}

// support is what the account sees of its question.
func (w *world) support(email string) string {
	account, _ := w.app.find(email)
	return account.Support
}

type object = map[string]any

// contacts are those that Intercom has, as "email name plan".
func (w *world) contacts() string {
	w.t.Helper()
	var list struct{ Data []Contact }
	w.Call(http.MethodGet, "/contacts", nil, &list)
	var all []string
	for _, c := range list.Data {
		all = append(all, fmt.Sprintf("%s %s %v", c.Email, c.Name, c.Attributes["plan"]))
	}
	return strings.Join(all, ", ")
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		known object        // whom Intercom has already
		lag   time.Duration // of its search
		forms []string
		want  string
	}{
		{"somebody new", nil, 0, []string{"/signup email=rosa@b.test; name=Rosa"}, "rosa@b.test Rosa free"},
		{"twice", nil, 0, []string{"/signup email=rosa@b.test; name=Rosa", "/signup email=rosa@b.test; name=Rosa Luz"}, "rosa@b.test Rosa Luz free"},
		{"two people", nil, 0, []string{"/signup email=rosa@b.test; name=Rosa", "/signup email=joe@b.test; name=Joe"},
			"joe@b.test Joe free, rosa@b.test Rosa free"},
		{"a user of before", object{"role": "user", "email": "rosa@b.test", "name": "R."}, 0, []string{"/signup email=rosa@b.test; name=Rosa"},
			"rosa@b.test Rosa free"},
		{"one that the search does not find yet", object{"role": "user", "email": "rosa@b.test", "name": "R."}, time.Minute,
			[]string{"/signup email=rosa@b.test; name=Rosa"}, "rosa@b.test Rosa free"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parleytest.Options{})
			w.SearchLag(c.lag)
			if c.known != nil {
				w.Call(http.MethodPost, "/contacts", c.known, nil)
			}
			for _, form := range c.forms {
				w.does(form)
				w.Advance(time.Second)
			}
			if got := w.contacts(); got != c.want {
				t.Errorf("Intercom has %s, want %s", got, c.want)
			}
			w.AssertMatched()
		})
	}
}

func TestRefusedForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, parleytest.Options{})
	w.does("/signup email=rosa@b.test; name=Rosa")
	w.ForgetRequests()
	for form, want := range map[string]string{
		"/signup email=rosa":                      "422 this is no e-mail address",
		"/plan email=rosa@b.test; plan=gold":      "422 the plans are free and pro",
		"/plan email=joe@b.test; plan=pro":        "404 there is no such account",
		"/support email=rosa@b.test":              "422 there is no message",
		"/support email=joe@b.test; message=Help": "404 there is no such account",
	} {
		status, text := w.fill(form)
		if got := fmt.Sprint(status, " ", text); got != want {
			t.Errorf("%s is answered %s, want %s", form, got, want)
		}
	}
	w.AssertRequests(parleytest.RequestFilter{}, 0) // nobody is bothered with them
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		fault  parleytest.Fault
		form   string
		status int
		calls  int // of what the fault is for
		waits  string
	}{
		{"too many calls", parleytest.Fault{Operation: "createContact", RateLimit: true, Times: 2}, "/signup email=joe@b.test", 200, 3, "some"},
		{"two failures", parleytest.Fault{Operation: "createContact", Status: 503, Times: 2}, "/signup email=joe@b.test", 200, 3, "[1s 2s]"},
		{"failures without an end", parleytest.Fault{Operation: "createContact", Status: 500}, "/signup email=joe@b.test", 502, 4, "[1s 2s 4s]"},
		{"no answer", parleytest.Fault{Operation: "createContact", Drop: true, Times: 1}, "/signup email=joe@b.test", 200, 2, "[1s]"},
		{"no answer, but done", parleytest.Fault{Operation: "createContact", Drop: true, After: true, Times: 1}, "/signup email=joe@b.test", 200, 2, "[1s]"},
		{"half an answer", parleytest.Fault{Operation: "createContact", Truncate: 20, Times: 1}, "/signup email=joe@b.test", 200, 2, "[1s]"},
		{"a token that is not good any more", parleytest.Fault{Operation: "createContact", Status: 401}, "/signup email=joe@b.test", 502, 1, "[]"},
		// A question that may have been asked is not asked again.
		{"a question without an answer", parleytest.Fault{Operation: "createConversation", Drop: true, After: true}, "/support email=rosa@b.test; message=Help", 502, 1, "[]"},
		{"a question too many", parleytest.Fault{Operation: "createConversation", RateLimit: true, Times: 1}, "/support email=rosa@b.test; message=Help", 200, 2, "some"},
		// What is only told does not keep anybody from what they want.
		{"an event that is lost", parleytest.Fault{Operation: "createDataEvent", Status: 500}, "/plan email=rosa@b.test; plan=pro", 200, 1, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parleytest.Options{})
			w.does("/signup email=rosa@b.test; name=Rosa")
			id := w.Fault(c.fault)
			status, text := w.fill(c.form)
			if got := w.FaultCounts()[id].Calls; status != c.status || got != c.calls {
				t.Errorf("answered %d %s after %d calls, want %d after %d", status, text, got, c.status, c.calls)
			}
			if got := fmt.Sprint(w.waits); got != c.waits && !(c.waits == "some" && len(w.waits) == c.calls-1) {
				t.Errorf("waited %s, want %s", got, c.waits)
			}
			w.ClearFaults()
			if all := w.contacts(); strings.Count(all, "joe@b.test") > 1 || strings.Count(all, "rosa@b.test") != 1 {
				t.Errorf("Intercom has %s", all)
			}
		})
	}
}

func TestPlan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, parleytest.Options{})
	w.does("/signup email=rosa@b.test; name=Rosa", "/plan email=rosa@b.test; plan=pro")
	before := w.Snapshot("paying")
	w.does("/plan email=rosa@b.test; plan=free")
	if got := w.contacts(); got != "rosa@b.test Rosa free" {
		t.Errorf("Intercom has %s", got)
	}
	w.AssertRequests(parleytest.RequestFilter{Operation: "createDataEvent", Body: []string{"/metadata/to=pro"}}, 1)
	w.AssertRequests(parleytest.RequestFilter{Operation: "createDataEvent", Body: []string{"/metadata/from=pro"}}, 1)
	w.Restore(before)
	var tags struct{ Data []struct{ Name string } }
	w.Call(http.MethodGet, "/contacts/"+w.app.accounts["rosa@b.test"].contact+"/tags", nil, &tags)
	if got := w.contacts(); got != "rosa@b.test Rosa pro" || len(tags.Data) != 1 || tags.Data[0].Name != "Paying" {
		t.Errorf("when she paid, Intercom had %s with the tags %v", got, tags.Data)
	}
	w.AssertMatched()
}

// asks has Rosa ask, and returns the path of her conversation.
func (w *world) asks() string {
	w.t.Helper()
	w.does("/signup email=rosa@b.test; name=Rosa", "/support email=rosa@b.test; message=Where is my invoice?")
	return "/conversations/" + w.app.accounts["rosa@b.test"].conversation
}

// replies has a teammate reply.
func (w *world) replies(path string) {
	w.t.Helper()
	w.Call(http.MethodPost, path+"/reply", object{"message_type": "comment", "type": "admin", "admin_id": "1", "body": "Here it is."}, nil)
}

// sees checks what Rosa sees once all webhooks that are due were told.
func (w *world) sees(when, want string) {
	w.t.Helper()
	w.Advance(0)
	if got := w.support("rosa@b.test"); got != want {
		w.t.Errorf("%s the question is %s, want %s", when, got, want)
	}
}

func TestSupport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, parleytest.Options{})
	w.Webhook("/intercom", w.app)
	path := w.asks()
	w.sees("before anybody replies", asked)
	w.replies(path)
	w.sees("after a reply", answered)
	until := w.Now().Add(72 * time.Hour).Unix()
	w.Call(http.MethodPost, path+"/parts", object{"message_type": "snoozed", "admin_id": "1", "snoozed_until": until}, nil)
	w.Advance(71 * time.Hour)
	w.sees("while it is put off", answered)
	w.Advance(2 * time.Hour)
	w.sees("when it is not put off any more", asked)
	w.Call(http.MethodPost, path+"/parts", object{"message_type": "close", "type": "admin", "admin_id": "1"}, nil)
	w.sees("at the end", closed)
}

func TestLostWebhooks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		fault          parleytest.Fault
		told, caughtUp string // what Rosa sees after a reply, and after the application has caught up
	}{
		{"lost", parleytest.Fault{Deliveries: "lose", Topic: "conversation.admin.replied"}, asked, answered},
		{"twice", parleytest.Fault{Deliveries: "duplicate"}, answered, answered},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, parleytest.Options{})
			w.Webhook("/intercom", w.app, "conversation.admin.replied")
			path := w.asks()
			w.Fault(c.fault)
			w.replies(path)
			w.sees("by the webhook", c.told)
			if err := w.app.CatchUp(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.sees("having caught up", c.caughtUp)
		})
	}
	t.Run("an application that is away", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, parleytest.Options{})
		away := true
		hook := w.Webhook("/intercom", http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
			if away {
				http.Error(out, "away", http.StatusServiceUnavailable)
				return
			}
			w.app.ServeHTTP(out, r)
		}), "conversation.admin.replied")
		w.replies(w.asks())
		w.sees("while it is away", asked)
		away = false
		w.Advance(time.Hour) // Intercom tries again
		w.sees("after an hour", answered)
		if n := len(hook.Deliveries()); n < 2 {
			t.Errorf("told %d times", n)
		}
	})
}

func TestForgedWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, parleytest.Options{})
	w.asks()
	id := w.app.accounts["rosa@b.test"].conversation
	r := httptest.NewRequest(http.MethodPost, "/intercom", strings.NewReader(`{"id":"x","topic":"conversation.admin.closed","data":{"item":{"id":"`+id+`"}}}`))
	r.Header.Set("X-Hub-Signature", "sha1=0000000000000000000000000000000000000000")
	answer := httptest.NewRecorder()
	w.app.ServeHTTP(answer, r)
	if got := w.support("rosa@b.test"); answer.Code != http.StatusUnauthorized || got != asked {
		t.Errorf("answered %d, and the question is %s", answer.Code, got)
	}
}

// update has the file of TestJourney be written anew.
var update = flag.Bool("update", false, "write testdata/journey.json anew")

// TestJourney compares all that is sent and answered with a file: ids and times are the same each time.
func TestJourney(t *testing.T) {
	t.Parallel()
	w := newWorld(t, parleytest.Options{IDs: "journey", Now: time.Date(2027, 1, 15, 8, 0, 0, 0, time.UTC)})
	w.does("/signup email=rosa@b.test; name=Rosa", "/plan email=rosa@b.test; plan=pro", "/support email=rosa@b.test; message=Where is my invoice?")
	type exchange struct {
		Call              string
		Request, Response json.RawMessage
	}
	var all []exchange
	for _, r := range w.Requests(parleytest.RequestFilter{}) {
		e := exchange{Call: fmt.Sprintf("%s %s: %d", r.Method, r.Path, r.Status), Request: json.RawMessage(r.RequestBody)}
		if r.ResponseBody != "" {
			e.Response = json.RawMessage(strings.ReplaceAll(r.ResponseBody, w.AppID, "APP")) // each workspace has its own
		}
		all = append(all, e)
	}
	got, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("testdata", "journey.json")
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got)+"\n" {
		t.Errorf("what is sent and answered is not what %s has (go test -update writes it anew):\n%s", file, got)
	}
}
