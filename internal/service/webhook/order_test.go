package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
)

// mostChecks is how many sequences TestOrder tries on each database.
const mostChecks = 5

// TestOrder changes contacts, has deliveries of some fail at times, lets time pass,
// pauses, resumes and sends again, and holds that in the end each change was told,
// and each contact's in their order.
func TestOrder(t *testing.T) {
	o := app.Options{AllowPrivateAddresses: true, Webhooks: app.WebhookOptions{Parallel: 3}}
	apptest.OnEachWith(t, o, func(t *testing.T, rig *apptest.Rig) {
		var checks atomic.Int64
		var broken atomic.Bool
		rapid.Check(t, func(rt *rapid.T) {
			// All of rapid's hundred would take minutes. One that failed is made smaller.
			if checks.Add(1) > mostChecks && !t.Failed() && !broken.Load() {
				return
			}
			defer func() {
				if p := recover(); p != nil {
					broken.Store(true)
					panic(p)
				}
			}()
			r := rig.Elsewhere(t)
			to := newReceiver(t)
			defer to.Close()
			path := subscribe(t, r, to, "contact.user.updated")
			ids := make([]string, rapid.IntRange(1, 4).Draw(rt, "contacts"))
			made := map[string]int{}
			for i := range ids {
				ids[i] = contact(t, r, fmt.Sprintf("c%d@x.test", i))
			}
			bad := map[string]int{} // what deliveries of a contact are answered
			to.answer = func(n note) int { return bad[fmt.Sprint(n.Data.Item["id"])] + 200 }
			rt.Repeat(map[string]func(*rapid.T){
				"change": func(rt *rapid.T) {
					id := rapid.SampledFrom(ids).Draw(rt, "contact")
					for range rapid.SampledFrom([]int{1, 1, 2, 25}).Draw(rt, "times") {
						made[id]++
						r.Put(t, "/contacts/"+id, object{"name": fmt.Sprint(made[id])}).OK()
					}
				},
				"break or mend": func(rt *rapid.T) {
					to.mu.Lock()
					bad[rapid.SampledFrom(ids).Draw(rt, "contact")] = rapid.SampledFrom([]int{0, 0, 103, 229, 300}).Draw(rt, "with")
					to.mu.Unlock()
				},
				"send": func(*rapid.T) { r.RunJobs() },
				"wait": func(rt *rapid.T) {
					r.Clock.Pass(time.Duration(rapid.SampledFrom([]int{1, 7, 60, 4000}).Draw(rt, "s")) * time.Second)
				},
				"pause":  func(*rapid.T) { r.Put(t, path, object{"state": "paused"}).OK() },
				"resume": func(*rapid.T) { r.Put(t, path, object{"state": "live"}).OK() },
				"replay": func(*rapid.T) { r.Post(t, path+"/replay", object{"state": "retrying"}).OK() },
			})
			to.mu.Lock()
			clear(bad)
			to.mu.Unlock()
			r.Put(t, path, object{"state": "live"}).OK()
			for range 3 {
				r.Clock.Pass(4 * time.Hour)
				r.RunJobs()
			}
			told := map[string]int{}
			for _, n := range to.taken() {
				id := fmt.Sprint(n.Data.Item["id"])
				told[id]++
				if n.Data.Item["name"] != fmt.Sprint(told[id]) {
					rt.Fatalf("change %v of %s was told as number %d", n.Data.Item["name"], id, told[id])
				}
			}
			for _, id := range ids {
				if told[id] != made[id] {
					rt.Fatalf("%d changes of %s were told, want %d", told[id], id, made[id])
				}
			}
			if open := r.Get(t, path+"/deliveries?state=held").OK(); len(open.At("data").([]any)) != 0 {
				rt.Fatalf("still held: %s", open.Pretty())
			}
		})
	})
}

// TestRemovedWhileItIsSent removes a webhook, or all of its workspace, while
// something is on its way to it.
func TestRemovedWhileItIsSent(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		for name, remove := range map[string]func(r *apptest.Rig, path string){
			"webhook": func(r *apptest.Rig, path string) { r.Delete(t, path, nil).OK() },
			"workspace": func(r *apptest.Rig, _ string) {
				must(t, r.App.Sandbox.Delete(context.Background(), r.Workspace.ID))
			},
			"paused": func(r *apptest.Rig, path string) { r.Put(t, path, object{"state": "paused"}).OK() },
		} {
			t.Run(name, func(t *testing.T) {
				r := r.Elsewhere(t)
				to := newReceiver(t)
				arrived, leave := make(chan struct{}), make(chan struct{})
				var once sync.Once
				to.handle = func(http.ResponseWriter, *http.Request) {
					once.Do(func() { close(arrived); <-leave })
				}
				path := subscribe(t, r, to, "*")
				id := contact(t, r, "joe@x.test")
				for i := range 5 {
					r.Put(t, "/contacts/"+id, object{"name": fmt.Sprint(i)}).OK()
				}
				done := make(chan struct{})
				go func() { defer close(done); r.RunJobs() }()
				<-arrived
				remove(r, path)
				close(leave)
				<-done
				if n := to.requests(); n > 2 {
					t.Errorf("%d requests", n)
				}
				r.RunJobs()
				if n := to.requests(); n > 2 {
					t.Errorf("later %d requests", n)
				}
			})
		}
	})
}

// TestSweep drops what is old, in parts, and nothing that is on its way.
func TestSweep(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		to := newReceiver(t)
		bad := contact(t, r, "bad@x.test")
		to.fails(bad)
		path := subscribe(t, r, to, "*")
		second := subscribe(t, r, to, "*")
		r.Put(t, "/contacts/"+bad, object{"name": "Bad"}).OK()
		for i := range 20 {
			contact(t, r, fmt.Sprint(i, "@x.test"))
		}
		r.RunJobs()
		sweep := func() { must(t, r.Webhooks.SweepWorkspace(context.Background(), r.Workspace.ID)) }
		rows := func(table string) int {
			n := 0
			must(t, r.Database.View(context.Background(), func(tx *db.Tx) error {
				return tx.QueryRow(`SELECT count(*) FROM `+table+` WHERE workspace_id = $1`, r.Workspace.ID).Scan(&n)
			}))
			return n
		}
		sweep()
		if n := rows("deliveries"); n != 42 || rows("events") == 0 {
			t.Errorf("%d deliveries after a sweep that was too early", n)
		}
		r.Clock.Pass(31 * 24 * time.Hour)
		sweep()
		for table, want := range map[string]int{"deliveries": 2, "delivery_attempts": 2, "events": 1} {
			if n := rows(table); n != want {
				t.Errorf("%d %s are left, want %d", n, table, want)
			}
		}
		r.Delete(t, path, nil).OK()
		sweep()
		for table, want := range map[string]int{"deliveries": 1, "webhooks": 1} {
			if n := rows(table); n != want {
				t.Errorf("after the removal %d %s are left, want %d", n, table, want)
			}
		}
		r.Delete(t, second, nil).OK()
		sweep()
		if n := rows("deliveries") + rows("delivery_attempts") + rows("webhooks"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}
