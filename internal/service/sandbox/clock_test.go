package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/model"
)

func TestMain(m *testing.M) { apptest.Main(m) }

type object = map[string]any

// loopback lets a rig tell receivers of the test.
var loopback = app.Options{AllowPrivateAddresses: true}

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// now is the time on the clock of every rig.
var now = apptest.Start.Unix()

// A bench is a workspace to test with.
type bench struct {
	*apptest.Rig
	t     *testing.T
	path  string // of the workspace
	admin string
}

// newBench makes a workspace as a developer does.
func newBench(t *testing.T, r *apptest.Rig, body object) *bench {
	t.Helper()
	made := r.AsDeveloper().Post(t, "/_parley/workspaces", body).OK()
	other := *r
	other.Token = made.At("access_token").(string)
	b := &bench{Rig: &other, t: t, path: "/_parley/workspaces/" + made.ID()}
	b.admin = b.Get(t, "/me").OK().ID()
	return b
}

// advance moves the clock and checks to where.
func (b *bench) advance(body object, to int64) *apptest.Answer {
	b.t.Helper()
	a := b.AsDeveloper().Post(b.t, b.path+"/clock/advance", body).OK()
	if a.At("now") != float64(to) || a.At("finished") != true {
		b.t.Fatalf("advanced to %v, want %d: %s", a.At("now"), to, a.Body)
	}
	return a
}

// freeze has the clock stand.
func (b *bench) freeze() *apptest.Answer {
	b.t.Helper()
	return b.AsDeveloper().Put(b.t, b.path+"/clock", object{"frozen": true}).OK()
}

// shows is what the clock shows, standing or not.
func (b *bench) shows(now int64, frozen bool) {
	b.t.Helper()
	a := b.AsDeveloper().Get(b.t, b.path+"/clock").OK()
	if a.At("now") != float64(now) || a.At("frozen") != frozen {
		b.t.Errorf("the clock is %s, want %d, %v", a.Body, now, frozen)
	}
}

func (b *bench) lead() string {
	b.t.Helper()
	return b.Post(b.t, "/contacts", object{"role": "lead", "name": "Lea"}).OK().ID()
}

// talk has a contact begin a conversation, and returns its path.
func (b *bench) talk(contact string) string {
	b.t.Helper()
	m := b.Post(b.t, "/conversations", object{"from": object{"type": "contact", "id": contact}, "body": "Hello"}).OK()
	return "/conversations/" + m.At("conversation_id").(string)
}

func (b *bench) snooze(path string, until int64) *apptest.Answer {
	b.t.Helper()
	return b.Post(b.t, path+"/parts", object{"message_type": "snoozed", "admin_id": b.admin, "snoozed_until": until})
}

// lastPart is a value of a conversation's last part.
func (b *bench) lastPart(path, field string) any {
	b.t.Helper()
	a := b.Get(b.t, path).OK()
	n := int(a.At("conversation_parts.total_count").(float64))
	return a.At(fmt.Sprintf("conversation_parts.conversation_parts.%d.%s", n-1, field))
}

// TestClockOfAWorkspace moves one in every way.
func TestClockOfAWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		b := newBench(t, r, object{})
		clock, dev := b.path+"/clock", r.AsDeveloper()
		refused := func(a *apptest.Answer, status int, code string) {
			t.Helper()
			if a.Is(status).At("errors.0.code") != code {
				t.Errorf("%s answered %s, want %s", a.Call, a.Body, code)
			}
		}
		b.shows(now, false)
		b.freeze()
		r.Clock.Pass(time.Hour)
		b.shows(now, true)
		if at := b.Get(t, "/contacts/"+b.lead()).At("created_at"); at != float64(now) {
			t.Errorf("created at %v, want %d", at, now)
		}
		dev.Put(t, clock, object{"now": now + day}).OK()
		b.shows(now+day, true)
		refused(dev.Put(t, clock, object{"now": now + day - 1}), 422, "clock_set_back")
		refused(dev.Delete(t, clock, nil), 422, "clock_set_back")
		refused(dev.Post(t, clock+"/advance", object{"to": now}), 422, "clock_set_back")
		refused(dev.Post(t, clock+"/advance", object{"seconds": -1}), 422, "clock_set_back")
		b.shows(now+day, true)
		dev.Put(t, clock, object{"frozen": false}).OK()
		r.Clock.Pass(time.Minute)
		b.shows(now+day+minute, false)
		b.advance(object{"seconds": hour}, now+day+minute+hour)
		b.advance(object{"to": now + 2*day}, now+2*day)
		b.advance(object{"seconds": 0}, now+2*day)
		r.Clock.Pass(time.Second)
		b.shows(now+2*day+1, false)
		// When the machine's clock has caught up, it may be that one again.
		r.Clock.Pass(49 * time.Hour)
		dev.Put(t, clock, object{"frozen": true}).OK()
		r.Clock.Pass(72 * time.Hour)
		dev.Delete(t, clock, nil).OK()
		b.shows(r.Clock.Now().Unix(), false)

		// The past is there to begin in.
		old := newBench(t, r, object{"now": 86400, "frozen": true})
		old.shows(86400, true)
		if a := dev.Get(t, old.path).OK(); a.At("created_at") != 86400.0 {
			t.Errorf("made at %s", a.Body)
		}
		dev.Delete(t, old.path+"/clock", nil).OK()
		old.shows(r.Clock.Now().Unix(), false)
	})
}

func TestClocksAreRefused(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	b, dev := newBench(t, r, object{"frozen": true}), r.AsDeveloper()
	huge := "1e300"
	for name, c := range map[string]struct {
		method, path, body string
		status             int
	}{
		"text":                {"PUT", "", `{"now": "soon"}`, 400},
		"fraction":            {"PUT", "", `{"now": 1.5}`, 400},
		"beyond numbers":      {"PUT", "", `{"now": ` + huge + `}`, 400},
		"too late":            {"PUT", "", `{"now": 4294967296}`, 422},
		"negative":            {"PUT", "", `{"now": -1}`, 422},
		"list":                {"PUT", "", `{"now": []}`, 400},
		"neither true nor":    {"PUT", "", `{"frozen": 2}`, 400},
		"no object":           {"PUT", "", `[]`, 400},
		"advance by nothing":  {"POST", "/advance", `{}`, 400},
		"advance by both":     {"POST", "/advance", `{"seconds": 1, "to": 4000000000}`, 400},
		"advance too far":     {"POST", "/advance", `{"seconds": 9007199254740991}`, 422},
		"advance to too late": {"POST", "/advance", `{"to": 9007199254740991}`, 422},
		"advance far back":    {"POST", "/advance", `{"seconds": -9007199254740991}`, 422},
		"advance by part":     {"POST", "/advance", `{"seconds": 0.5}`, 400},
		"advance by text":     {"POST", "/advance", `{"seconds": "a day"}`, 400},
		"advance huge":        {"POST", "/advance", `{"seconds": ` + huge + `}`, 400},
	} {
		t.Run(name, func(t *testing.T) {
			dev.Do(t, c.method, b.path+"/clock"+c.path, c.body).Is(c.status)
			b.shows(now, true)
		})
	}
	for name, body := range map[string]object{"too late": {"now": 1 << 33}, "zero": {"now": 0}, "long seed": {"ids": string(make([]byte, 256))}} {
		t.Run("made "+name, func(t *testing.T) {
			if a := dev.Post(t, "/_parley/workspaces", body); a.Status != 400 && a.Status != 422 {
				t.Errorf("answered %d", a.Status)
			}
		})
	}
	dev.Get(t, "/_parley/workspaces/nobodyha/clock").Is(404)
	r.Put(t, b.path+"/clock", object{"frozen": true}).Is(401)
}

// TestAdvanceOverASnooze has a conversation open at the time at which its snooze ends.
func TestAdvanceOverASnooze(t *testing.T) {
	for _, frozen := range []bool{true, false} {
		t.Run(fmt.Sprint("frozen ", frozen), func(t *testing.T) {
			apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
				b := newBench(t, r, object{"frozen": frozen})
				untouched := newBench(t, r, object{})
				var paths []string
				for i, until := range []int64{3 * day, 2 * day, 2*day + 1, 9 * day} {
					paths = append(paths, b.talk(b.lead()))
					b.snooze(paths[i], now+until).OK()
				}
				elsewhere := untouched.talk(untouched.lead())
				untouched.snooze(elsewhere, now+day).OK()
				if next := b.AsDeveloper().Get(t, b.path+"/clock").At("next_due_at"); next != float64(now+2*day) {
					t.Errorf("next at %v, want %d", next, now+2*day)
				}
				if a := b.advance(object{"seconds": 7 * day}, now+7*day); a.At("jobs") != 3.0 || a.At("next_due_at") != float64(now+9*day) {
					t.Errorf("%s", a.Body)
				}
				for i, want := range []int64{3 * day, 2 * day, 2*day + 1} {
					if at := b.lastPart(paths[i], "created_at"); at != float64(now+want) || b.Get(t, paths[i]).At("state") != "open" {
						t.Errorf("number %d woke at %v, want %d", i, at, now+want)
					}
				}
				if state := b.Get(t, paths[3]).At("state"); state != "snoozed" {
					t.Errorf("one that snoozes on is %v", state)
				}
				// Nobody else's jobs run early, or late.
				if state := untouched.Get(t, elsewhere).At("state"); state != "snoozed" {
					t.Errorf("one elsewhere is %v", state)
				}
				r.Clock.Pass(24 * time.Hour)
				untouched.due()
				b.due()
				if state := untouched.Get(t, elsewhere).At("state"); state != "open" {
					t.Errorf("one elsewhere is %v", state)
				}
				// The last one wakes by the clock that runs, and not by one that stands.
				r.Clock.Pass(24 * time.Hour)
				b.due()
				want := map[bool]string{true: "snoozed", false: "open"}[frozen]
				if state := b.Get(t, paths[3]).At("state"); state != want {
					t.Errorf("one that snoozes is %v after two days, want %s", state, want)
				}
			})
		})
	}
}

// due runs what is due by the machine's clock, as a server does by itself.
func (b *bench) due() {
	b.t.Helper()
	if _, err := b.App.RunJobs(context.Background(), model.WorkspaceID(strings.TrimPrefix(b.path, "/_parley/workspaces/"))); err != nil {
		b.t.Error(err)
	}
}

// TestWebhooksAreTriedAgain has a receiver fail, and then not.
func TestWebhooksAreTriedAgain(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		var mu sync.Mutex
		failures := 5
		var created []int64
		to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			body, _ := io.ReadAll(q.Body)
			var n struct {
				CreatedAt int64 `json:"created_at"`
			}
			if err := json.Unmarshal(body, &n); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			created = append(created, n.CreatedAt)
			if failures--; failures >= 0 {
				w.WriteHeader(500)
			}
		}))
		defer to.Close()
		b := newBench(t, r, object{"now": now - 400*day, "frozen": true})
		start := now - 400*day
		hook := b.Post(t, "/_parley/webhooks", object{"url": to.URL, "topics": []string{"contact.lead.created"}}).OK().ID()
		b.lead()
		b.advance(object{"seconds": 0}, start)
		if len(created) != 1 || created[0] != start {
			t.Fatalf("told of %v at first, want %d", created, start)
		}
		for range 3 { // nothing is due by the machine's clock
			r.Clock.Pass(24 * time.Hour)
			b.due()
		}
		if len(created) != 1 {
			t.Fatalf("%d requests while the clock stood", len(created))
		}
		b.advance(object{"seconds": day}, start+day)
		if len(created) != 6 {
			t.Fatalf("%d requests in a day, want 6", len(created))
		}
		list := b.Get(t, "/_parley/webhooks/"+hook+"/deliveries").OK()
		number := list.At("data.0.id")
		d := b.Get(t, fmt.Sprint("/_parley/deliveries/", number)).OK()
		last := int64(0)
		for i := range 6 {
			at, _ := d.At(fmt.Sprintf("attempt_list.%d.at", i)).(float64)
			if int64(at) < start || int64(at) >= start+day || i > 0 && int64(at) <= last {
				t.Errorf("attempt %d was at %v, after %d", i+1, int64(at)-start, last-start)
			}
			last = int64(at)
		}
	})
}
