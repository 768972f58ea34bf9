package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
)

// TestWhatGoesByTheClock looks at all that changes with time, whatever a job does to it.
func TestWhatGoesByTheClock(t *testing.T) {
	const ofASegment = `
segments:
  - {name: New, person_type: user, filter: {field: created_at, operator: ">", value: {days_ago: 7}}}
`
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for name, test := range map[string]func(t *testing.T, b *bench){
			"a scroll of companies expires": func(t *testing.T, b *bench) {
				b.Post(t, "/companies", object{"company_id": "1", "name": "Acme"}).OK()
				scroll := "/companies/scroll?scroll_param=" + b.Get(t, "/companies/scroll").OK().At("scroll_param").(string)
				b.advance(object{"seconds": 50}, now+50)
				b.Get(t, scroll).OK()
				b.advance(object{"seconds": 61}, now+111)
				b.Get(t, scroll).Is(404)
			},
			"an export is made, and expires": func(t *testing.T, b *bench) {
				b.Post(t, "/messages", object{"message_type": "inapp", "body": "News", "from": object{"type": "admin", "id": b.admin},
					"to": object{"type": "contact", "id": b.lead()}}).OK()
				made := b.Post(t, "/export/content/data", object{"created_at_after": now - day, "created_at_before": now + day}).OK()
				path := "/export/content/data/" + made.At("job_identifier").(string)
				b.advance(object{"seconds": 1}, now+1)
				if a := b.Get(t, path).OK(); a.At("status") != "completed" || a.At("download_expires_at") != fmt.Sprint(now+2*day) {
					t.Fatalf("%s", a.Body)
				}
				b.advance(object{"seconds": 2*day - 2}, now+2*day-1)
				b.Get(t, path).OK()
				b.advance(object{"seconds": 1}, now+2*day)
				b.Get(t, path).Is(404)
			},
			"a contact leaves a segment": func(t *testing.T, b *bench) {
				user := b.Post(t, "/contacts", object{"role": "user", "email": "ann@x.test"}).OK().ID()
				in := func(want any) {
					t.Helper()
					if a := b.Get(t, "/contacts/"+user+"/segments").OK(); a.At("data.0.name") != want {
						t.Errorf("want %v: %s", want, a.Body)
					}
				}
				in("New")
				b.advance(object{"seconds": 6 * day}, now+6*day)
				in("New")
				b.advance(object{"seconds": 2 * day}, now+8*day)
				in(nil)
				b.Post(t, "/contacts/search", object{"query": object{"field": "created_at", "operator": "<", "value": now + day}}).OK()
			},
			"an answer takes its time": func(t *testing.T, b *bench) {
				c := b.talk(b.lead())
				b.advance(object{"seconds": hour}, now+hour)
				b.Post(t, c+"/reply", object{"type": "admin", "admin_id": b.admin, "message_type": "comment", "body": "Hi"}).OK()
				a := b.Get(t, c).OK()
				if a.At("statistics.time_to_admin_reply") != float64(hour) || a.At("statistics.first_admin_reply_at") != float64(now+hour) ||
					a.At("updated_at") != float64(now+hour) {
					t.Errorf("%s", a.Pretty())
				}
			},
			"a snooze ends by then": func(t *testing.T, b *bench) {
				c := b.talk(b.lead())
				b.advance(object{"seconds": day}, now+day)
				b.snooze(c, now+day-1).Is(400)
				b.snooze(c, now+day+1).OK()
			},
		} {
			t.Run(name, func(t *testing.T) {
				test(t, newBench(t, r, object{"now": now, "frozen": true, "seed": ofASegment}))
			})
		}
	})
}

// TestSnapshotsKeepTheClock goes back to one, and makes another workspace of it.
func TestSnapshotsKeepTheClock(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		b, dev := newBench(t, r, object{"frozen": true, "ids": "a"}), r.AsDeveloper()
		c := b.talk(b.lead())
		b.snooze(c, now+day).OK()
		dev.Post(t, b.path+"/snapshots", object{"name": "one"}).OK()
		other := newBench(t, r, object{"snapshot": object{"workspace_id": b.path[len("/_parley/workspaces/"):], "name": "one"}})
		later := newBench(t, r, object{"now": now + hour, "snapshot": object{"workspace_id": b.path[len("/_parley/workspaces/"):], "name": "one"}})
		for _, b := range []*bench{b, other} {
			b.shows(now, true)
			b.advance(object{"seconds": 2 * day}, now+2*day)
			if at := b.lastPart(c, "created_at"); at != float64(now+day) {
				t.Errorf("it woke at %v", at)
			}
		}
		if one, two := b.lead(), other.lead(); one != two {
			t.Errorf("the next ids are %s and %s", one, two)
		}
		later.shows(now+hour, true)
		dev.Post(t, b.path+"/snapshots/one/restore", nil).OK()
		b.shows(now, true)
		b.advance(object{"seconds": day}, now+day)
		if state := b.Get(t, c).OK().At("state"); state != "open" {
			t.Errorf("it is %v", state)
		}
		dev.Post(t, b.path+"/reset", nil).OK()
		b.shows(now, true)
		dev.Post(t, "/_parley/workspaces", object{"now": now - 1, "snapshot": object{"workspace_id": other.path[len("/_parley/workspaces/"):], "name": "x"}}).Is(404)
	})
}

// TestOneAdvanceAtATime has a receiver hold one up, and then end it.
func TestOneAdvanceAtATime(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		asked, answer := make(chan bool), make(chan bool)
		to := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			asked <- true
			<-answer
		}))
		defer to.Close()
		b, dev := newBench(t, r, object{}), r.AsDeveloper()
		b.Post(t, "/_parley/webhooks", object{"url": to.URL, "topics": []string{"conversation.admin.unsnoozed"}}).OK()
		c := b.talk(b.lead())
		b.snooze(c, now+day).OK()
		advance := b.path + "/clock/advance"
		body := object{"seconds": 30 * day}
		ctx, cancel := context.WithCancel(context.Background())
		var under sync.WaitGroup
		under.Go(func() {
			r.AsDeveloper().Unjudged().Post(t, advance, body, func(q *http.Request) { *q = *q.WithContext(ctx) })
		})
		<-asked
		b.shows(now+day, true)
		for _, refused := range []*apptest.Answer{dev.Post(t, advance, body), dev.Put(t, b.path+"/clock", object{"now": now + 90*day}), dev.Delete(t, b.path+"/clock", nil)} {
			refused.Fails(409, "conflict", "The clock of this workspace is being advanced")
		}
		// What is asked for meanwhile waits for its time.
		second := b.talk(b.lead())
		b.snooze(second, now+3*day).OK()
		cancel() // whoever asked has gone
		close(answer)
		under.Wait()
		b.shows(now+day, false)
		go func() {
			for range asked {
			}
		}()
		defer close(asked)
		b.advance(object{"to": now + 4*day}, now+4*day)
		for path, want := range map[string]int64{c: now + day, second: now + 3*day} {
			if at := b.lastPart(path, "created_at"); at != float64(want) {
				t.Errorf("it woke at %v, want %d", at, want)
			}
		}
		b.shows(now+4*day, false)
	})
}

// TestAdvanceBesideTheWorker has a server run jobs by itself meanwhile.
func TestAdvanceBesideTheWorker(t *testing.T) {
	apptest.OnEachAlone(t, func(t *testing.T, r *apptest.Rig) {
		r.Start()
		defer r.StopJobs(context.Background())
		b := newBench(t, r, object{"frozen": true})
		var paths []string
		for i := range 20 {
			paths = append(paths, b.talk(b.lead()))
			b.snooze(paths[i], now+int64(i+1)*hour).OK()
		}
		b.advance(object{"seconds": 3660 * day}, now+3660*day)
		for i, path := range paths {
			if at := b.lastPart(path, "created_at"); at != float64(now+int64(i+1)*hour) {
				t.Errorf("number %d woke at %v", i, at)
			}
		}
	})
}

// TestClockOnAnotherNode sets it through one and asks another.
func TestClockOnAnotherNode(t *testing.T) {
	t.Parallel()
	nodes, _ := apptest.Nodes(t, 2, app.Options{})
	b := newBench(t, nodes[0], object{})
	there := *nodes[1]
	there.Token = b.Token
	for i := range int64(3) {
		nodes[0].AsDeveloper().Put(t, b.path+"/clock", object{"now": now + (i+1)*day, "frozen": true}).OK()
		lead := there.Post(t, "/contacts", object{"role": "lead"}).OK()
		if at := lead.At("created_at"); at != float64(now+(i+1)*day) {
			t.Errorf("it is %v there", at)
		}
	}
	// A job that one is asked for, the other's advance does.
	m := there.Post(t, "/conversations", object{"from": object{"type": "contact", "id": b.lead()}, "body": "Hello"}).OK()
	path := "/conversations/" + m.At("conversation_id").(string)
	b.snooze(path, now+5*day).OK()
	there.AsDeveloper().Post(t, b.path+"/clock/advance", object{"seconds": 3 * day}).OK()
	if at := b.lastPart(path, "created_at"); at != float64(now+5*day) {
		t.Errorf("it woke at %v", at)
	}
}

// TestAdvanceThatIsLost has one give no sign for so long that another server goes on.
func TestAdvanceThatIsLost(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		asked, answer := make(chan bool), make(chan bool)
		to := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			asked <- true
			<-answer
		}))
		defer to.Close()
		b, dev := newBench(t, r, object{}), r.AsDeveloper()
		b.Post(t, "/_parley/webhooks", object{"url": to.URL, "topics": []string{"conversation.admin.unsnoozed"}}).OK()
		c, later := b.talk(b.lead()), b.talk(b.lead())
		b.snooze(c, now+day).OK()
		b.snooze(later, now+2*day).OK()
		var lost *apptest.Answer
		var under sync.WaitGroup
		under.Go(func() { lost = dev.Post(t, b.path+"/clock/advance", object{"seconds": 9 * day}) })
		<-asked
		next := r.Restarted(t, loopback).AsDeveloper()
		clock := b.path + "/clock"
		next.Put(t, clock, object{"frozen": false}).Is(409)
		r.Clock.Pass(time.Minute)
		b.shows(now+day, true) // where it had come to
		next.Put(t, clock, object{"now": now + day + hour, "frozen": true}).OK()
		close(answer)
		under.Wait()
		lost.Fails(409, "conflict", "The clock of this workspace is being advanced")
		b.shows(now+day+hour, true)
		if b.Get(t, later).OK().At("state") != "snoozed" {
			t.Error("whoever lost the clock has moved it")
		}
	})
}
