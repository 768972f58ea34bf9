package sandbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/means"
	"parley/internal/model"
)

// elsewhere are the tables that going back leaves alone, ends, or fills anew.
var elsewhere = []string{"access_tokens", "admin_sessions", "authorization_codes", "company_scrolls", "data_export_parts", "data_exports", "deliveries",
	"delivery_attempts", "events", "rate_windows", "sign_in_attempts", "snapshot_files", "snapshot_jobs", "snapshot_uses", "snapshot_words", "snapshots", "workspaces"}

// rows are all that a workspace has in each table, text by text.
func (b *bench) rows() map[string]string {
	b.t.Helper()
	all := map[string]string{}
	err := b.Database.View(b.t.Context(), func(tx *db.Tx) error {
		tables, err := tx.Tables()
		if err != nil {
			return err
		}
		for _, table := range tables {
			var columns []string
			for _, c := range table.Columns {
				if table.Name != "jobs" || c.Name != "id" && c.Name != "leased_until" {
					columns = append(columns, db.Quoted(c.Name))
				}
			}
			if slices.Contains(elsewhere, table.Name) || !slices.Contains(columns, `"workspace_id"`) {
				continue
			}
			texts, err := texts(tx, "SELECT "+strings.Join(columns, ", ")+" FROM "+table.Name+" WHERE workspace_id = $1", b.path[len(path):], len(columns))
			if err != nil {
				return fmt.Errorf("%s: %w", table.Name, err)
			}
			all[table.Name] = texts
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// path is where workspaces are.
const path = "/_parley/workspaces/"

// texts is what a statement reads, in an order of its own.
func texts(tx *db.Tx, statement, arg string, columns int) (string, error) {
	rows, err := tx.Query(statement, arg)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		values, into := make([]sql.NullString, columns), make([]any, columns)
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		lines = append(lines, fmt.Sprint(values))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n"), rows.Err()
}

// same holds that a workspace has the rows that it had.
func (b *bench) same(what string, before map[string]string) {
	b.t.Helper()
	for name, now := range b.rows() {
		if now != before[name] {
			b.t.Errorf("%s: %s has\n%s\nand had\n%s", what, name, now, before[name])
		}
	}
}

// ofEverySort is a seed with rows in most tables that calls change.
const ofEverySort = `
admins: [{email: ann@acme.test, name: Ann}, {email: ben@acme.test, name: Ben}]
teams: [{name: Support, members: [{admin: ben@acme.test, priority: primary}]}]
tags: [vip, lead]
companies: [{company_id: acme, name: Acme, plan: Gold}, {company_id: beta, name: Beta, plan: Silver}]
segments: [{name: New, person_type: user, filter: {field: created_at, operator: ">", value: {days_ago: 7}}}]
contacts:
  - {external_id: "1", email: joe@acme.test, name: Joe, tags: [vip], companies: [acme]}
  - {external_id: "2", email: eve@acme.test, name: Eve, tags: [lead], companies: [beta]}
conversations:
  - {from: "1", body: Hello there, at: -2d, parts: [{at: -1d, by: ann@acme.test, body: Good day}]}
  - {from: "2", body: Hello again, at: -2d}
help_centers: [{identifier: acme, name: Acme}]
collections: [{name: Basics, articles: [{title: How to begin, author: ann@acme.test, body: "<p>Begin at the beginning</p>", state: published}]}]
`

// TestChancesGoBack makes changes by chance and goes back, to what the workspace was made as and to a snapshot of later: every row is as it was.
func TestChancesGoBack(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		b := newBench(t, r, object{"seed": ofEverySort})
		b.Unjudged()
		dev := b.AsDeveloper()
		made := b.rows()
		dev.Post(t, b.path+"/reset", nil).OK()
		asMade := b.rows()
		made["activity_logs"] = asMade["activity_logs"] // which told of the token besides
		b.same("reset of what has not changed", made)
		find := func(path, at string) string {
			id, _ := b.Get(t, path).OK().At(at).(string)
			return id
		}
		joe, eve := find("/contacts", "data.1.id"), find("/contacts", "data.0.id")
		article, collection := find("/articles", "data.0.id"), find("/help_center/collections", "data.0.id")
		talk, tag := "/conversations/"+find("/conversations", "conversations.0.id"), find("/tags", "data.0.id")
		ben := find("/admins", "admins.1.id")
		n := 0
		name := func() string { n++; return fmt.Sprintf("new-%d", n) }
		// Some of these fail where another was first.
		changes := []func(){
			func() { b.Post(t, "/contacts", object{"email": name() + "@acme.test"}) },
			func() { b.Put(t, "/contacts/"+joe, object{"name": name(), "email": "eve@acme.test"}) },
			func() { b.Delete(t, "/contacts/"+eve, nil) },
			func() { b.Put(t, "/contacts/"+eve, object{"external_id": "1"}) },
			func() { b.Put(t, "/contacts/"+joe, object{"external_id": name()}) },
			func() { b.Post(t, "/contacts/"+joe+"/notes", object{"body": "seen", "admin_id": ben}) },
			func() { b.Post(t, "/contacts/"+joe+"/tags", object{"id": tag}) },
			func() { b.Delete(t, "/contacts/"+joe+"/tags/"+tag, nil) },
			func() { b.Post(t, "/tags", object{"name": name()}) },
			func() { b.Delete(t, "/tags/"+tag, nil) },
			func() { b.Post(t, "/companies", object{"company_id": "acme", "name": name(), "plan": name()}) },
			func() {
				b.Put(t, "/admins/"+ben+"/away", object{"away_mode_enabled": n%2 == 0, "away_mode_reassign": true})
			},
			func() { b.talk(b.lead()) },
			func() {
				b.Post(t, talk+"/reply", object{"type": "admin", "admin_id": b.admin, "message_type": "comment", "body": name()})
			},
			func() {
				b.Post(t, talk+"/parts", object{"type": "admin", "admin_id": b.admin, "message_type": "close"})
			},
			func() { b.snooze(talk, now+day) },
			func() {
				b.Post(t, "/articles", object{"title": name(), "author_id": b.admin, "body": "<p>Anew</p>", "state": "published", "parent_id": collection})
			},
			func() { b.Put(t, "/articles/"+article, object{"title": name(), "body": "<p>Otherwise</p>"}) },
			func() { b.Put(t, "/articles/"+article, object{"state": "draft"}) },
			func() { b.Delete(t, "/articles/"+article, nil) },
			func() { b.Put(t, "/help_center/collections/"+collection, object{"name": name()}) },
			func() { b.Delete(t, "/help_center/collections/"+collection, nil) },
			func() {
				b.Post(t, "/data_attributes", object{"name": name(), "model": "contact", "data_type": "integer"})
			},
			func() {
				b.Post(t, "/events", object{"event_name": name(), "user_id": "2", "created_at": now})
			},
			func() { b.Post(t, "/ticket_types", object{"name": name()}) },
			func() { b.Post(t, "/_parley/webhooks", object{"url": "http://localhost:1/x", "topics": []string{"*"}}) },
			func() { dev.Post(t, b.path+"/faults", object{"operation": "listTags", "status": 503}) },
			func() { b.RunJobs() },
		}
		seed := rand.Uint64()
		chance := rand.New(rand.NewPCG(seed, 0))
		some := func() {
			for range 8 {
				changes[chance.IntN(len(changes))]()
			}
		}
		for range 3 {
			some()
			dev.Post(t, b.path+"/reset", nil).OK()
			b.same(fmt.Sprintf("reset, seed %d", seed), asMade)
		}
		some()
		dev.Delete(t, b.path+"/faults", nil)
		dev.Post(t, b.path+"/snapshots", object{"name": "later"}).OK()
		later := b.rows()
		for range 2 {
			some()
			dev.Post(t, b.path+"/snapshots/later/restore", nil).OK()
			b.same(fmt.Sprintf("restored, seed %d", seed), later)
		}
		dev.Post(t, b.path+"/reset", nil).OK()
		b.same(fmt.Sprintf("reset after that, seed %d", seed), asMade)
	})
}

// TestAdvanceOverAYear has snoozes end, exports expire and a receiver told over a year, in four calls: each once, at its time.
func TestAdvanceOverAYear(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		const snoozes, year = 52, 364 * day
		var mu sync.Mutex
		told := map[string]int{}
		to := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, after, _ := strings.Cut(string(body), `"topic":"conversation.admin.unsnoozed"`)
			_, id, _ := strings.Cut(after, `"id":"`)
			id, _, _ = strings.Cut(id, `"`)
			mu.Lock()
			defer mu.Unlock()
			told[id]++
		}))
		defer to.Close()
		b := newBench(t, r, object{"frozen": true})
		b.Unjudged()
		b.Post(t, "/_parley/webhooks", object{"url": to.URL, "topics": []string{"conversation.admin.unsnoozed"}}).OK()
		lead, until := b.lead(), map[string]int64{}
		for i := range int64(snoozes) {
			path := b.talk(lead)
			until[path] = now + (i+1)*year/snoozes
			b.snooze(path, until[path]).OK()
		}
		jobs := 0.0
		for quarter := range int64(4) {
			export := b.Post(t, "/export/content/data", object{"created_at_after": now - day, "created_at_before": now + year}).OK()
			a := b.advance(object{"to": now + (quarter+1)*year/4}, now+(quarter+1)*year/4)
			jobs += a.At("jobs").(float64)
			b.Get(t, "/export/content/data/"+export.At("job_identifier").(string)).Is(404) // it was written, and has expired
		}
		if jobs < 2*snoozes {
			t.Errorf("%v jobs were run for %d snoozes", jobs, snoozes)
		}
		for path, at := range until {
			if woke := b.lastPart(path, "created_at"); woke != float64(at) {
				t.Errorf("%s woke at %v, want %d", path, woke, at)
			}
			if n := b.Get(t, path).OK().At("conversation_parts.total_count"); n != 2.0 { // snoozed, and woken once
				t.Errorf("%s has %v parts", path, n)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		if len(told) != snoozes {
			t.Errorf("%d things were told, want %d", len(told), snoozes)
		}
		for id, n := range told {
			if n != 1 {
				t.Errorf("%s was told %d times", id, n)
			}
		}
	})
}

// TestCommandsWaitForWhoGoesBack has a process that is no server for tests, as a command is, write while another brings the workspace back: it waits.
// On SQLite there is one writer anyway.
func TestCommandsWaitForWhoGoesBack(t *testing.T) {
	t.Parallel()
	d, err := app.OpenDatabase(t.Context(), app.Options{Database: means.Postgres(t)})
	must(t, err)
	defer d.Close()
	r := apptest.On(t, d)
	command := r.Restarted(t, app.Options{DevToken: apptest.NoDevToken, BesideDev: true})
	done := make(chan error, 1)
	must(t, d.Update(t.Context(), func(tx *db.Tx) error {
		if err := tx.Lock("rows of " + string(r.Workspace.ID)); err != nil { // as Alone does
			return err
		}
		go func() {
			_, err := command.App.Workspace.CreateAdmin(context.Background(), r.Actor(), model.Admin{Name: "Ben", Email: "ben@acme.test"})
			done <- err
		}()
		for waits := false; !waits; {
			select {
			case err := <-done:
				t.Errorf("it did not wait, and ended with %v", err)
				done <- err
				return nil
			default:
			}
			err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`).Scan(&waits)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, <-done)
}
