package api_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/audit"
)

// A sandbox is a workspace that a developer had made: its client, and what is asked about it.
type sandbox struct {
	*apptest.Rig
	dev  *apptest.Rig
	path string
}

// newSandbox makes a workspace as the body says.
func newSandbox(t testing.TB, r *apptest.Rig, body object) sandbox {
	t.Helper()
	dev := r.AsDeveloper()
	made := dev.Post(t, "/_parley/workspaces", body).OK()
	inside := *r
	inside.Workspace, inside.Token = &model.Workspace{ID: model.WorkspaceID(made.ID())}, made.At("access_token").(string)
	return sandbox{&inside, dev, "/_parley/workspaces/" + made.ID()}
}

func (s sandbox) keep(t testing.TB, name string) {
	t.Helper()
	s.dev.Post(t, s.path+"/snapshots", object{"name": name}).OK()
}

func (s sandbox) restore(t testing.TB, name string) {
	t.Helper()
	s.dev.Post(t, s.path+"/snapshots/"+name+"/restore", nil).OK()
}

func (s sandbox) diff(t testing.TB, name string) *apptest.Answer {
	t.Helper()
	return s.dev.Get(t, s.path+"/snapshots/"+name+"/diff").OK()
}

// worldSeed is a seed with something of most sorts.
const worldSeed = `
workspace: {name: World, timezone: Europe/Berlin, office_hours: {monday: ["09:00-17:00"]}}
admins: [{email: ann@acme.test, name: Ann}, {email: ben@acme.test, name: Ben}]
teams: [{name: Support, members: [{admin: ben@acme.test, priority: primary}]}]
data_attributes: [{model: contact, name: plan, data_type: string}]
tags: [vip, lead]
companies: [{company_id: acme, name: Acme, plan: Gold}]
contacts:
  - {external_id: "1", email: joe@acme.test, name: Joe, tags: [vip], companies: [acme], custom_attributes: {plan: Pro}}
  - {external_id: "2", email: eve@acme.test, name: Eve}
conversations:
  - {from: "1", body: Hello there, at: -2d, parts: [{at: -1d, by: ann@acme.test, body: Good day}]}
help_centers: [{identifier: world, name: World}]
collections: [{name: Basics, articles: [{title: How to begin, author: ann@acme.test, body: "<p>Begin at the beginning</p>", state: published}]}]
`

// sights are what is asked of a workspace to know what is in it.
var sights = []string{"/me", "/admins", "/teams", "/contacts", "/companies?per_page=10", "/tags", "/segments", "/data_attributes?include_archived=true", "/conversations",
	"/articles", "/articles/search?phrase=begin", "/help_center/collections", "/help_center/help_centers", "/ticket_types", "/counts", "/counts?type=conversation&count=admin",
	"/subscription_types", "/_parley/webhooks", "/_parley/apps", "/news/news_items", "/admins/activity_logs?created_at_after=0"}

// seen is what a workspace answers, each thing that is its own apart: its id, and the address of its help center, which a copy has another
// of whenever the first is taken.
func (s sandbox) seen(t testing.TB) map[string]string {
	t.Helper()
	address := s.Get(t, "/help_center/help_centers").OK().At("data.0.identifier").(string)
	all := map[string]string{"address": address}
	own := strings.NewReplacer("/help/"+address, "/help/<address>", string(s.Workspace.ID), "<ws>")
	note := func(name string, a *apptest.Answer) { all[name] = own.Replace(string(a.OK().Body)) }
	for _, path := range sights {
		note(path, s.Get(t, path))
	}
	note("search", s.Post(t, "/contacts/search", `{"query":{"field":"custom_attributes.plan","operator":"=","value":"Pro"}}`))
	note("words", s.Post(t, "/conversations/search", `{"query":{"field":"source.body","operator":"~","value":"hello"}}`))
	for _, list := range []string{"/contacts", "/conversations"} {
		for i := range 3 {
			id, ok := s.Get(t, list).OK().At(fmt.Sprintf("%s.%d.id", map[string]string{"/contacts": "data", "/conversations": "conversations"}[list], i)).(string)
			if ok {
				note(fmt.Sprintf("%s %d", list, i), s.Get(t, list+"/"+id))
			}
		}
	}
	return all
}

// alike holds two sights against each other, but for some.
func alike(t *testing.T, what string, got, want map[string]string, but ...string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] && !slices.Contains(but, name) {
			t.Errorf("%s: %s is\n%s\nand was\n%s", what, name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d things are seen, and %d were", what, len(got), len(want))
	}
}

// change does something of most sorts.
func (s sandbox) change(t testing.TB) {
	t.Helper()
	joe := s.Post(t, "/contacts/search", `{"query":{"field":"email","operator":"=","value":"joe@acme.test"}}`).OK().At("data.0.id").(string)
	eve := s.Post(t, "/contacts/search", `{"query":{"field":"email","operator":"=","value":"eve@acme.test"}}`).OK().At("data.0.id").(string)
	new := s.Post(t, "/contacts", object{"email": "new@acme.test", "role": "user"}).OK().ID()
	s.Put(t, "/contacts/"+joe, object{"name": "Joseph", "custom_attributes": object{"plan": "Free"}}).OK()
	s.Delete(t, "/contacts/"+eve, nil).OK()
	tag := s.Post(t, "/tags", object{"name": "fresh"}).OK().ID()
	s.Post(t, "/contacts/"+new+"/tags", object{"id": tag}).OK()
	s.Post(t, "/contacts/"+new+"/notes", object{"body": "seen"}).OK()
	s.Post(t, "/data_attributes", object{"name": "age", "model": "contact", "data_type": "integer"}).OK()
	s.Post(t, "/companies", object{"company_id": "beta", "name": "Beta", "plan": "Silver"}).OK()
	talk := s.Post(t, "/conversations", object{"from": object{"type": "user", "id": new}, "body": "Hello again"}).OK().At("conversation_id").(string)
	admin := s.Get(t, "/me").OK().ID()
	s.Post(t, "/conversations/"+talk+"/reply", object{"type": "admin", "admin_id": admin, "message_type": "comment", "body": "Hi"}).OK()
	s.Post(t, "/conversations/"+talk+"/parts", object{"type": "admin", "admin_id": admin, "message_type": "close"}).OK()
	s.Post(t, "/articles", object{"title": "Where to begin anew", "author_id": model.Decimal[int64](admin), "body": "<p>Begin</p>", "state": "published"}).OK()
	s.Post(t, "/ticket_types", object{"name": "Bug"}).OK()
	s.Put(t, "/admins/"+admin+"/away", object{"away_mode_enabled": true, "away_mode_reassign": false}).OK()
	s.Post(t, "/_parley/webhooks", object{"url": "http://localhost:1/x", "topics": []string{"*"}}).OK()
	s.Post(t, "/contacts", object{"email": "told@acme.test"}).OK()
}

// TestRestore changes a workspace in every way and goes back.
func TestRestore(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := newSandbox(t, r, object{"seed": worldSeed})
		asMade := s.seen(t)
		if asMade["/me"] == "" || !strings.Contains(asMade["/articles/search?phrase=begin"], "How to begin") {
			t.Fatalf("the seed is not there: %v", asMade)
		}
		s.Post(t, "/_parley/webhooks", object{"url": "http://localhost:1/kept", "topics": []string{"contact.user.created"}}).OK()
		s.Post(t, "/contacts", object{"email": "kept@acme.test"}).OK()
		s.keep(t, "a")
		before := s.seen(t)
		listening := s.Listen(t, "")
		defer listening.Close()
		for range 2 { // as good the second time
			s.change(t)
			s.restore(t, "a")
			alike(t, "restored", s.seen(t), before)
			is(t, s.diff(t, "a"), `{"type":"diff","total_count":0,"data":[]}`)
		}
		for listening.Next("parley.changed").Object() != string(s.Workspace.ID) {
			continue // what else was changed
		}
		// What the restored workspace gives out next is what it would have.
		s.change(t)
		s.keep(t, "b")

		// A workspace that is made of it answers alike, but for what is its own.
		copied := newSandbox(t, r, object{"snapshot": object{"workspace_id": string(s.Workspace.ID), "name": "a"}})
		own := []string{"address", "/help_center/help_centers", "/me", "/_parley/apps", "/admins/activity_logs?created_at_after=0"}
		alike(t, "copied", copied.seen(t), before, own...)
		if copied.Get(t, "/me").OK().At("app.timezone") != "Europe/Berlin" {
			t.Error("the time zone is not that of the original")
		}
		// They share nothing.
		apart := s.seen(t)
		copied.change(t)
		alike(t, "the original", s.seen(t), apart)
		// Each goes back to what it was made as, also when the snapshot and the original are gone.
		s.dev.Delete(t, s.path+"/snapshots/a", nil).OK()
		s.dev.Post(t, s.path+"/reset", nil).OK()
		alike(t, "reset", s.seen(t), asMade, "/admins/activity_logs?created_at_after=0")
		s.dev.Delete(t, s.path, nil).OK()
		copied.dev.Post(t, copied.path+"/reset", nil).OK()
		alike(t, "the reset copy", copied.seen(t), before, own...)
		// What is kept beside is what a recount gives, and of what is gone nothing is left.
		err := r.Database.View(t.Context(), func(tx *db.Tx) error {
			wrong, _, err := audit.Recount(tx, 10)
			for _, m := range wrong {
				t.Error(m)
			}
			return err
		})
		must(t, err)
		copied.dev.Delete(t, copied.path, nil).OK()
	})
}

// TestDiff tells what one change is.
func TestDiff(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := newSandbox(t, r, object{"seed": worldSeed})
		s.Post(t, "/_parley/apps", object{"name": "App", "redirect_urls": []string{"https://app.test/back"}}).OK()
		s.keep(t, "a")
		app := s.Get(t, "/_parley/apps").OK().At("data.0.id").(string)
		secret := s.Post(t, "/_parley/apps/"+app+"/secret", nil).OK().At("client_secret").(string)
		d := s.diff(t, "a")
		is(t, d, `{"type":"diff","total_count":1,"data":[{"type":"app","id":"`+app+`","change":"updated",
			"fields":{"client_secret":{"before":"(secret)","after":"(secret)"}}}]}`)
		if strings.Contains(string(d.Body), secret) {
			t.Error("the secret is shown")
		}
		s.restore(t, "a")
		s.Post(t, "/tags", object{"name": "fresh"}).OK()
		is(t, s.diff(t, "a"), `{"type":"diff","total_count":1,"data":[{"type":"tag","id":"3","change":"created","fields":{
			"name":{"before":null,"after":"fresh"},"created_by":{"before":null,"after":1},"created_at":{"before":null,"after":1768478400}}}]}`)
		s.keep(t, "b")
		back := s.dev.Get(t, s.path+"/snapshots/b/diff?to=a").OK()
		if !strings.Contains(string(back.Body), `"change":"deleted"`) || strings.Contains(string(back.Body), `"change":"created"`) {
			t.Errorf("the diff of what was before is %s", back.Body)
		}
	})
}

// TestSnapshotsAreRefused asks for what cannot be.
func TestSnapshotsAreRefused(t *testing.T) {
	t.Parallel()
	r := apptest.New(t)
	s := newSandbox(t, r, object{"token": "my-own-token"})
	r.Get(t, "/me", apptest.As("my-own-token")).OK()
	s.keep(t, "a")
	for name, body := range map[string]object{
		"no name": {}, "empty name": {"name": ""}, "slash": {"name": "a/b"}, "long": {"name": strings.Repeat("x", 65)}, "dots": {"name": ".."},
	} {
		t.Run(name, func(t *testing.T) { s.dev.Post(t, s.path+"/snapshots", body).Is(400) })
	}
	s.dev.Post(t, s.path+"/snapshots", object{"name": "a"}).Fails(409, "conflict", "There is a snapshot a already")
	s.dev.Post(t, s.path+"/snapshots", object{"name": "a", "replace": true}).OK()
	for _, name := range []string{"b", "x%20y", "~"} {
		s.dev.Post(t, s.path+"/snapshots/"+name+"/restore", nil).Fails(404, "snapshot_not_found", "Snapshot not found")
		s.dev.Get(t, s.path+"/snapshots/"+name+"/diff").Is(404)
		s.dev.Get(t, s.path+"/snapshots/a/diff?to="+name).Is(404)
		s.dev.Delete(t, s.path+"/snapshots/"+name, nil).Is(404)
	}
	of := object{"workspace_id": string(s.Workspace.ID), "name": "a"}
	for _, c := range []struct {
		name   string
		body   object
		status int
		says   string
	}{
		{"both", object{"seed": "demo", "snapshot": of}, 400, "not of both"},
		{"no such snapshot", object{"snapshot": object{"workspace_id": string(s.Workspace.ID), "name": "b"}}, 404, "Snapshot not found"},
		{"no such workspace", object{"snapshot": object{"workspace_id": "nobodyis", "name": "a"}}, 404, "Snapshot not found"},
		{"what a reset goes back to", object{"snapshot": object{"workspace_id": string(s.Workspace.ID), "name": ""}}, 404, "Snapshot not found"},
		{"no YAML", object{"seed": "tags: [a\ncontacts: {"}, 400, "seed, line"},
		{"an unknown member", object{"seed": "tags: [a]\nfoo: 1"}, 400, "seed, line 2"},
		{"an unknown tag", object{"seed": "contacts: [{external_id: \"1\", companies: [none]}]"}, 400, "contacts, number 1"},
		{"a wrong e-mail address", object{"seed": "admins: [{email: x, name: X}]"}, 400, "admins, number 1"},
		{"a wrong zone", object{"seed": "workspace: {timezone: Mars/Base}"}, 400, "Mars/Base"},
		{"a token that is taken", object{"token": "my-own-token"}, 409, "That access token is in use"},
		{"a token that cannot be", object{"token": "a b"}, 400, "visible ASCII"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := s.dev.Post(t, "/_parley/workspaces", c.body).Is(c.status)
			if !strings.Contains(string(a.Body), c.says) {
				t.Errorf("it says %s", a.Body)
			}
		})
	}
	for _, query := range []string{"starting_after=x", "starting_after=%00", "per_page=0", "per_page=151", "name=%00", "name=%ff"} {
		s.dev.Get(t, "/_parley/workspaces?"+query).Is(400)
	}
	for i := range 49 {
		s.keep(t, fmt.Sprint(i))
	}
	s.dev.Post(t, s.path+"/snapshots", object{"name": "more"}).Fails(400, "parameter_invalid", "A workspace has 50 snapshots at most")
	s.dev.Post(t, s.path+"/snapshots", object{"name": "a", "replace": true}).OK()
	// Nobody acts in a copy, and a workspace that was made otherwise has nothing to go back to.
	s.dev.Get(t, "/_parley/workspaces/~"+string(s.Workspace.ID)).Is(404)
	r.AsDeveloper().Post(t, "/_parley/workspaces/"+string(r.Workspace.ID)+"/reset", nil).Is(409)
}

// TestResetUnderWrites resets a workspace, twice at once, while others write to it. What they are told is so before or after.
func TestResetUnderWrites(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := newSandbox(t, r, object{"seed": worldSeed})
		s.Unjudged()
		joe := s.Post(t, "/contacts/search", `{"query":{"field":"email","operator":"=","value":"joe@acme.test"}}`).OK().At("data.0.id").(string)
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				for n := range 6 {
					// Joe is there before and after.
					s.Post(t, "/contacts/"+joe+"/notes", object{"body": "a note"}).OK()
					s.Put(t, "/contacts/"+joe, object{"name": fmt.Sprint(i, n)}).OK()
					s.Post(t, "/conversations", object{"from": object{"type": "user", "id": joe}, "body": "Hello"}).OK()
				}
			})
		}
		for range 2 {
			wg.Go(func() {
				for range 4 {
					s.dev.Post(t, s.path+"/reset", nil).OK()
				}
			})
		}
		wg.Go(func() {
			for range 3 {
				s.dev.Post(t, s.path+"/snapshots", object{"name": "mid", "replace": true}).OK()
			}
		})
		wg.Wait()
		// A moment that was kept in between is whole: so many conversations as are counted.
		s.restore(t, "mid")
		must(t, r.Database.View(t.Context(), func(tx *db.Tx) error {
			wrong, _, err := audit.Recount(tx, 10)
			for _, m := range wrong {
				t.Error(m)
			}
			return err
		}))
		s.dev.Post(t, s.path+"/reset", nil).OK()
		if notes := s.Get(t, "/contacts/"+joe+"/notes").OK(); len(notes.At("data").([]any)) != 0 {
			t.Errorf("something is left: %s", notes.Body)
		}
	})
}

// TestSnoozedInSnapshot has a conversation open again that was snoozed when it was kept, in each workspace where it is now, and in no
// snapshot.
func TestSnoozedInSnapshot(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		s := newSandbox(t, r, object{"seed": worldSeed})
		talk := s.Get(t, "/conversations").OK().At("conversations.0.id").(string)
		state := func(s sandbox) any { return s.Get(t, "/conversations/"+talk).OK().At("state") }
		admin := s.Get(t, "/me").OK().ID()
		s.Post(t, "/conversations/"+talk+"/parts", object{"message_type": "snoozed", "admin_id": admin, "snoozed_until": r.Clock.Now().Unix() + 3600}).OK()
		s.keep(t, "snoozed")
		copied := newSandbox(t, r, object{"snapshot": object{"workspace_id": string(s.Workspace.ID), "name": "snoozed"}})
		s.Post(t, "/conversations/"+talk+"/parts", object{"message_type": "open", "admin_id": admin}).OK()
		r.Clock.Pass(2 * time.Hour)
		if n := s.RunJobs(); n != 0 || state(s) != "open" {
			t.Errorf("the snapshot of a conversation that is %v had %d jobs", state(s), n)
		}
		for range 2 {
			s.restore(t, "snoozed")
			if state(s) != "snoozed" {
				t.Errorf("restored it is %v", state(s))
			}
			if n := s.RunJobs(); n != 1 || state(s) != "open" {
				t.Errorf("after %d jobs it is %v", n, state(s))
			}
		}
		if n := copied.RunJobs(); n != 1 || state(copied) != "open" {
			t.Errorf("after %d jobs the copy is %v", n, state(copied))
		}
	})
}

// TestWorkspacesInParallel runs two hundred tests at once, each in a workspace of its own.
func TestWorkspacesInParallel(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r.Unjudged()
		const seed = `contacts: [{external_id: "1", name: Joe}]`
		var wg sync.WaitGroup
		atOnce := make(chan struct{}, 8) // so that none waits too long for a connection
		for i := range 200 {
			wg.Go(func() {
				atOnce <- struct{}{}
				defer func() { <-atOnce }()
				s := newSandbox(t, r, object{"seed": seed, "name": "parallel"})
				s.Post(t, "/contacts", object{"external_id": "2", "name": fmt.Sprint(i)}).OK()
				if got := s.Get(t, "/contacts").OK(); got.At("total_count") != 2.0 || !strings.Contains(string(got.Body), fmt.Sprintf(`"name":"%d"`, i)) {
					t.Errorf("the workspace of test %d has %s", i, got.Body)
				}
				s.dev.Post(t, s.path+"/reset", nil).OK()
				if n := s.Get(t, "/contacts").OK().At("total_count"); n != 1.0 {
					t.Errorf("after a reset the workspace of test %d has %v contacts", i, n)
				}
			})
		}
		wg.Wait()
		// The list goes on page by page.
		seen, after := map[string]bool{}, ""
		for more := true; more; {
			page := r.AsDeveloper().Get(t, "/_parley/workspaces?per_page=60&name=parallel&starting_after="+after).OK()
			for _, w := range page.At("data").([]any) {
				after = w.(map[string]any)["id"].(string)
				seen[after] = true
			}
			more = page.At("has_more").(bool)
		}
		if len(seen) < 200 {
			t.Errorf("the list has %d workspaces", len(seen))
		}
	})
}
