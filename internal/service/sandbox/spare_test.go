package sandbox_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/store/audit"
)

// withSpares has two workspaces be made ready of each copy.
var withSpares = app.Options{AllowPrivateAddresses: true, Spares: 2}

// smallSeed is what spares are made of where it is all the same.
const smallSeed = `
admins: [{email: ann@acme.test, name: Ann}]
tags: [vip]
contacts: [{external_id: "1", email: joe@acme.test, name: Joe, tags: [vip]}]
conversations: [{from: "1", body: Hello there}]
help_centers: [{identifier: acme, name: Acme}]
collections: [{name: Basics, articles: [{title: How to begin, author: ann@acme.test, body: "<p>Begin</p>", state: published}]}]
`

// ready makes spares and checks how many there are then.
func ready(t *testing.T, r *apptest.Rig, want int) {
	t.Helper()
	must(t, r.Sandbox.MakeSpares(t.Context()))
	if n := r.Sandbox.Spares(); n != want {
		t.Fatalf("%d spares are ready, want %d", n, want)
	}
}

// spares are the ids of all spares in the database, whoever made them.
func spares(t *testing.T, r *apptest.Rig) (ids []string) {
	t.Helper()
	err := r.Database.View(t.Context(), func(tx *db.Tx) error {
		text, err := texts(tx, "SELECT id FROM workspaces WHERE id < '~' AND secret >= '~' AND $1 = ''", "", 1)
		ids = strings.Fields(strings.NewReplacer("[{", " ", "true}]", " ").Replace(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// held is whatever the tables have of a workspace; own stands for what is its alone.
func (b *bench) held() map[string]string {
	b.t.Helper()
	all := b.rows()
	id, sum := b.path[len(path):], sha256.Sum256([]byte(b.Token))
	own := []string{id, "<workspace>", hex.EncodeToString(sum[:])[:12], "<token>"}
	for i := range 5 { // an address that was another's is not given out again
		if a, ok := b.Get(b.t, "/help_center/help_centers").OK().At(fmt.Sprintf("data.%d.identifier", i)).(string); ok {
			own = append(own, a, strings.TrimSuffix(a, "-"+id))
		}
	}
	for i := range 5 {
		if a, ok := b.Get(b.t, "/_parley/apps").OK().At(fmt.Sprintf("data.%d.client_id", i)).(string); ok {
			own = append(own, a, fmt.Sprintf("<client %d>", i))
		}
	}
	err := b.Database.View(b.t.Context(), func(tx *db.Tx) (err error) {
		all["workspaces"], err = texts(tx, "SELECT name, timezone, region, office_hours, webhook_routes, sandbox, created_at, length(secret), app_rate_limit FROM workspaces WHERE id = $1", id, 9)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	for table, text := range all {
		lines := strings.Split(strings.NewReplacer(own...).Replace(text), "\n")
		slices.Sort(lines)
		all[table] = strings.Join(lines, "\n")
	}
	return all
}

// TestSpares makes workspaces of copies as they are made without spares, and of spares: they have the same rows, value by value, and go on alike.
func TestSpares(t *testing.T) {
	apptest.OnEachWith(t, withSpares, func(t *testing.T, r *apptest.Rig) {
		r.Unjudged()
		// A workspace with one of each, a job, a webhook and an app.
		of := newBench(t, r, object{"frozen": true})
		of.Workspace = &model.Workspace{ID: model.WorkspaceID(of.path[len(path):])}
		of.Furnish(t, "each")
		of.Post(t, "/_parley/webhooks", object{"url": "http://localhost:1/x", "topics": []string{"conversation.admin.replied"}}).OK()
		of.Post(t, "/_parley/apps", object{"name": "App", "redirect_urls": []string{"https://app.test/back"}}).OK()
		talk := of.talk(of.lead())
		of.snooze(talk, now+day).OK()
		dev := r.AsDeveloper()
		dev.Post(t, of.path+"/snapshots", object{"name": "a"}).OK()
		snapshot := object{"workspace_id": of.path[len(path):], "name": "a"}

		for name, body := range map[string]object{
			"a snapshot":             {"snapshot": snapshot},
			"a snapshot, later":      {"snapshot": snapshot, "now": now + hour, "frozen": true},
			"a seed":                 {"seed": smallSeed},
			"nothing":                {},
			"a seed with ids":        {"seed": smallSeed, "ids": "a", "now": now - day, "frozen": true},
			"a seed, by other names": {"seed": smallSeed, "name": "Mine", "timezone": "Asia/Tokyo", "region": "EU"},
		} {
			t.Run(name, func(t *testing.T) {
				newBench(t, r, body) // by the rules
				direct := newBench(t, r, body)
				must(t, r.Sandbox.MakeSpares(t.Context()))
				before := r.Sandbox.Spares()
				spare := newBench(t, r, body)
				if n := r.Sandbox.Spares(); n != before-1 {
					t.Fatalf("%d spares are left of %d", n, before)
				}
				alike := func(when string) {
					t.Helper()
					want, got := direct.held(), spare.held()
					ids := [2]string{}
					for i, rows := range []map[string]string{want, got} { // what nobody set is random
						ids[i] = rows["activity_logs"]
						if body["ids"] == nil {
							delete(rows, "activity_logs")
						}
					}
					if strings.Count(ids[0], "\n") != strings.Count(ids[1], "\n") {
						t.Errorf("%s, there are other activity logs", when)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s, it differs from one that was made at once: %s", when, diff)
					}
				}
				alike("made")
				for _, b := range []*bench{direct, spare} {
					b.Post(t, "/tags", object{"name": "more"}).OK()
					b.Post(t, "/contacts", object{"role": "lead", "name": "Lea"}).OK()
					if name == "a seed with ids" {
						continue
					}
					b.AsDeveloper().Post(t, b.path+"/reset", nil).OK()
				}
				alike("used")
				if body["snapshot"] == nil {
					return
				}
				for _, b := range []*bench{direct, spare} {
					b.advance(object{"seconds": 2 * day}, now+2*day+int64(max(0, len(name)-len("a snapshot"))/len(", later"))*hour)
					if at := b.lastPart(talk, "created_at"); at != float64(now+day) {
						t.Errorf("it woke at %v", at)
					}
				}
			})
		}
	})
}

// stopping ends after it was asked so many times whether it has: whoever makes spares asks it often.
type stopping struct {
	context.Context
	left *int
}

func (s stopping) Err() error {
	if *s.left--; *s.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestNobodySeesSpares looks for spares, whole and half made, wherever workspaces are found.
func TestNobodySeesSpares(t *testing.T) {
	apptest.OnEachAlone(t, func(t *testing.T, r *apptest.Rig) {
		r = r.Restarted(t, withSpares)
		r.Unjudged()
		dev, ctx := r.AsDeveloper(), t.Context()
		of := newBench(t, r, object{"seed": smallSeed})
		of.Post(t, "/_parley/webhooks", object{"url": "http://localhost:1/x", "topics": []string{"*"}}).OK()
		of.snooze(of.talk(of.lead()), now+day).OK()
		dev.Post(t, of.path+"/snapshots", object{"name": "a"}).OK()
		made := newBench(t, r, object{"snapshot": object{"workspace_id": of.path[len(path):], "name": "a"}})
		known := []string{string(r.Workspace.ID), of.path[len(path):], made.path[len(path):]}
		slices.Sort(known)
		webhooks, jobs := r.Metric(t, `parley_webhooks{state="live"}`), r.Metric(t, `parley_jobs{kind="unsnooze",state="waiting"}`)

		look := func(t *testing.T, id string) {
			t.Helper()
			var listed []string
			a := dev.Get(t, "/_parley/workspaces").OK()
			for i := range 10 {
				if id, ok := a.At(fmt.Sprintf("data.%d.id", i)).(string); ok {
					listed = append(listed, id)
				}
			}
			all, err := r.App.Workspace.List(ctx)
			if err != nil || len(all) != len(known) || !slices.Equal(listed, known) {
				t.Errorf("listed are %v and %d (%v), want %v", listed, len(all), err, known)
			}
			for _, call := range [][2]string{{http.MethodGet, ""}, {http.MethodDelete, ""}, {http.MethodPost, "/reset"}, {http.MethodPost, "/tokens"}, {http.MethodGet, "/snapshots"}, {http.MethodGet, "/clock"}} {
				dev.Do(t, call[0], path+id+call[1], nil).Is(404)
			}
			dev.Post(t, "/_parley/workspaces", object{"snapshot": object{"workspace_id": id, "name": "a"}}).Is(404)
			_, err = r.App.Workspace.Create(ctx, model.Workspace{ID: model.WorkspaceID(id), Name: "Mine", Timezone: "UTC"})
			if e, told := model.AsError(err); !told || e.Kind != model.Conflict {
				t.Errorf("its id is given out: %v", err)
			}
			if w, j := r.Metric(t, `parley_webhooks{state="live"}`), r.Metric(t, `parley_jobs{kind="unsnooze",state="waiting"}`); w != webhooks || j != jobs {
				t.Errorf("%v webhooks and %v jobs are counted, were %v and %v", w, j, webhooks, jobs)
			}
			err = r.Database.View(ctx, func(tx *db.Tx) error {
				if wrong, _, err := audit.Recount(tx, 5); err != nil || len(wrong) > 0 {
					t.Errorf("counted anew: %v %v", wrong, err)
				}
				for _, table := range []string{"access_tokens", "jobs", "webhooks", "help_center_identifiers", "app_client_ids", "events", "deliveries"} {
					if rows, err := texts(tx, "SELECT workspace_id FROM "+table+" WHERE workspace_id = $1", id, 1); err != nil || rows != "" {
						t.Errorf("%s has rows of it: %s %v", table, rows, err)
					}
				}
				listed, err := texts(tx, "SELECT id FROM ("+audit.Workspaces+") AS all_workspaces WHERE id = $1", id, 1)
				if listed != "" {
					t.Errorf("a backup lists %s", listed)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
		// More is done each time, until all is.
		halves := map[string]bool{}
		for steps := 4; ; steps += 1 + steps/4 {
			left := steps
			if r.Sandbox.MakeSpares(stopping{ctx, &left}) == nil {
				break
			}
			for _, id := range spares(t, r) {
				if !halves[id] {
					look(t, id)
					halves[id] = true
				}
			}
		}
		if len(halves) < 2 || r.Sandbox.Spares() != 2 {
			t.Fatalf("%d were seen half made, and %d are ready", len(halves), r.Sandbox.Spares())
		}
		for _, id := range spares(t, r) {
			if !halves[id] {
				look(t, id)
			}
		}
		// A server that starts takes away those that another left behind, all of each.
		left := spares(t, r)
		r.Clock.Pass(time.Hour)
		next := r.Restarted(t, withSpares)
		next.Start()
		t.Cleanup(func() { next.StopJobs(context.Background()) })
		await(t, func() bool { return len(spares(t, next)) == 0 })
		err := r.Database.View(ctx, func(tx *db.Tx) error {
			tables, err := tx.Tables()
			for _, table := range tables {
				if !strings.Contains(table.ColumnNames(), `"workspace_id"`) {
					continue
				}
				for _, id := range left {
					if rows, err := texts(tx, "SELECT workspace_id FROM "+table.Name+" WHERE workspace_id = $1", id, 1); err != nil || rows != "" {
						t.Errorf("%s still has rows of a spare: %s %v", table.Name, rows, err)
					}
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		// The old one has lost them, and makes workspaces all the same.
		newBench(t, r, object{"snapshot": object{"workspace_id": of.path[len(path):], "name": "a"}})
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// await waits until something is so.
func await(t *testing.T, is func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !is(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("it does not come to be so")
		}
	}
}

// TestSparesByThemselves has a server make them between requests, and twenty ask at once.
func TestSparesByThemselves(t *testing.T) {
	apptest.OnEachAlone(t, func(t *testing.T, r *apptest.Rig) {
		r = r.Restarted(t, withSpares)
		r.Unjudged().Start()
		defer r.StopJobs(context.Background())
		for range 2 {
			newBench(t, r, object{"seed": smallSeed})
		}
		atLeastTwo := func(n float64) bool { return n >= 2 }
		r.Await(t, "parley_dev_spares", atLeastTwo)
		var under sync.WaitGroup
		ids := make([]string, 20)
		for i := range ids {
			under.Go(func() {
				b := newBench(t, r, object{"seed": smallSeed})
				b.Post(t, "/tags", object{"name": "more"}).OK()
				if a := b.Get(t, "/tags").OK(); a.At("data.1.name") == nil || a.At("data.2.name") != nil {
					t.Errorf("it has %s", a.Body)
				}
				ids[i] = b.path
			})
		}
		under.Wait()
		slices.Sort(ids)
		if n := len(slices.Compact(ids)); n != 20 {
			t.Errorf("%d workspaces were made", n)
		}
		r.Await(t, "parley_dev_spares", atLeastTwo)
		r.StopJobs(context.Background())
		if ids, most := spares(t, r), 4*2+1; len(ids) < 2 || len(ids) > most { // one may be half made
			t.Errorf("there are the spares %v, want no more than %d", ids, most)
		}
	})
}

// TestSparesThatAreNotUsed has spares be there for nobody, or for what is not there any more.
func TestSparesThatAreNotUsed(t *testing.T) {
	apptest.OnEachAlone(t, func(t *testing.T, r *apptest.Rig) {
		r = r.Restarted(t, withSpares)
		r.Unjudged()
		dev := r.AsDeveloper()
		tagged := func(i int) object { return object{"seed": fmt.Sprintf("tags: [tag-%d]", i)} }
		gone := func(want int) {
			t.Helper()
			ready(t, r, want)
			if ids := spares(t, r); len(ids) != want {
				t.Errorf("there are the spares %v, want %d", ids, want)
			}
		}
		newBench(t, r, tagged(0))
		gone(0) // by the rules: who makes one may want no other
		newBench(t, r, tagged(0))
		gone(2)

		t.Log("nobody asks")
		r.Clock.Pass(4 * time.Minute)
		gone(2)
		r.Clock.Pass(2 * time.Minute)
		gone(0)

		t.Log("the token is taken")
		b := newBench(t, r, tagged(0))
		gone(2)
		refused := tagged(0)
		refused["token"] = b.Token
		dev.Post(t, "/_parley/workspaces", refused).Is(409)
		gone(2)

		t.Log("a snapshot is replaced, and deleted")
		dev.Post(t, b.path+"/snapshots", object{"name": "a"}).OK()
		of := object{"snapshot": object{"workspace_id": b.path[len(path):], "name": "a"}}
		newBench(t, r, of)
		gone(4)
		b.Post(t, "/tags", object{"name": "more"}).OK()
		dev.Post(t, b.path+"/snapshots", object{"name": "a", "replace": true}).OK()
		if a := newBench(t, r, of).Get(t, "/tags").OK(); a.At("data.1") == nil {
			t.Errorf("it was made of what the snapshot was: %s", a.Body)
		}
		gone(4)
		dev.Delete(t, b.path+"/snapshots/a", nil).OK()
		dev.Post(t, "/_parley/workspaces", of).Is(404)
		gone(2)

		t.Log("a seed is read anew, since others were kept")
		before := []*bench{newBench(t, r, tagged(1)), newBench(t, r, tagged(1))}
		gone(4)
		for _, b := range before {
			dev.Delete(t, b.path, nil).OK()
		}
		for i := range sandbox.MaxTemplates {
			r.Clock.Pass(time.Second)
			newBench(t, r, tagged(i+2))
		}
		first := newBench(t, r, tagged(1)) // by the rules once more
		if n := r.Sandbox.Spares(); n != 4 {
			t.Fatalf("%d spares are left", n)
		}
		second := newBench(t, r, tagged(1))
		if one, two := first.Get(t, "/tags").OK(), second.Get(t, "/tags").OK(); one.At("data.0.id") != two.At("data.0.id") || first.admin != second.admin {
			t.Errorf("it was made of what the seed became before: %s %s", one.Body, two.Body)
		}
		second.AsDeveloper().Post(t, second.path+"/reset", nil).OK()
		gone(4)

		t.Log("after a burst there are as many as were asked for, to a bound, until less is asked for")
		burst := func(n int) {
			for range n {
				newBench(t, r, tagged(1))
			}
		}
		dev.Delete(t, before[0].path, nil)
		burst(3)
		gone(3 + 2)
		burst(20)
		gone(4*2 + 2)
		burst(1)
		gone(4*2 + 2 - 1)
		burst(7)
		gone(7 + 2)

		t.Log("more seeds than there are spares of")
		for i := range 9 {
			newBench(t, r, tagged(100+i))
			newBench(t, r, tagged(100+i))
		}
		gone(16)
	})
}
