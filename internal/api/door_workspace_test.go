package api_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
)

// secret is in every text of the workspace that must not be looked into.
const secret = "s3cret"

// furnish puts one of everything into a workspace and returns the ids, by the
// step of a path that comes before one.
func furnish(t *testing.T, r *apptest.Rig) map[string]string {
	t.Helper()
	ctx, actor := context.Background(), r.Actor()
	fail := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	admin, err := r.App.Workspace.CreateAdmin(ctx, actor, model.Admin{Name: secret, Email: secret + "@acme.test"})
	fail(err)
	team, err := r.App.Workspace.CreateTeam(ctx, actor, model.Team{Name: secret})
	fail(err)
	segment, err := r.People.PutSegment(ctx, actor, model.Segment{Name: secret, PersonType: model.PersonUser,
		Filter: model.Filter{Field: "name", Operator: model.Contains, Value: secret}})
	fail(err)
	subscription, err := r.People.CreateSubscriptionType(ctx, actor, model.SubscriptionType{State: model.SubscriptionLive, ConsentType: model.OptOut,
		DefaultLocale: "en", Translations: []model.Translation{{Locale: "en", Name: secret, Description: secret}}, ContentTypes: []model.ContentType{model.ContentEmail}})
	fail(err)
	visitor := putVisitor(t, r, visitorDraft{UserID: secret + "-visitor", Name: secret}).ID()

	ids := map[string]string{"admins": admin.ID.String(), "teams": team.ID.String(), "segments": string(segment.ID),
		"subscriptions": subscription.ID.String(), "visitors": visitor}
	ids["data_attributes"] = fmt.Sprint(r.Post(t, "/data_attributes", `{"name":"`+secret+`","model":"contact","data_type":"string"}`).OK().At("id"))
	ids["contacts"] = r.Post(t, "/contacts", `{"external_id":"`+secret+`","email":"`+secret+`@x.test","name":"`+secret+`","custom_attributes":{"`+secret+`":"`+secret+`"}}`).OK().ID()
	ids["companies"] = r.Post(t, "/companies", `{"company_id":"`+secret+`","name":"`+secret+`"}`).OK().ID()
	ids["tags"] = r.Post(t, "/tags", `{"name":"`+secret+`","users":[{"id":"`+ids["contacts"]+`"}],"id":null}`).OK().ID()
	ids["notes"] = r.Post(t, "/contacts/"+ids["contacts"]+"/notes", `{"body":"`+secret+`"}`).OK().ID()
	r.Post(t, "/contacts/"+ids["contacts"]+"/companies", object{"id": ids["companies"]}).OK()
	r.Post(t, "/contacts/"+ids["contacts"]+"/subscriptions", object{"id": ids["subscriptions"], "consent_type": "opt_out"}).OK()
	ids["conversations"] = r.Post(t, "/conversations", object{"from": object{"type": "user", "id": ids["contacts"]}, "body": secret,
		"attachment_urls": []string{"https://files.test/" + secret + ".png"}}).OK().At("conversation_id").(string)
	ids["customers"] = ids["contacts"]
	ids["ticket_types"] = r.Post(t, "/ticket_types", `{"name":"`+secret+`"}`).OK().ID()
	ids["attributes"] = r.Post(t, "/ticket_types/"+ids["ticket_types"]+"/attributes",
		`{"name":"`+secret+`","description":"`+secret+`","data_type":"string"}`).OK().ID()
	ids["tickets"] = r.Post(t, "/tickets", object{"ticket_type_id": ids["ticket_types"], "contacts": []object{{"id": ids["contacts"]}},
		"ticket_attributes": object{"_default_title_": secret}}).OK().ID()
	ids["subscription_types"] = ids["subscriptions"]
	ids["collections"] = r.Post(t, "/help_center/collections", `{"name":"`+secret+`"}`).OK().ID()
	ids["sections"] = r.Post(t, "/help_center/sections", object{"name": secret, "parent_id": ids["collections"]}).OK().ID()
	ids["articles"] = r.Post(t, "/articles", object{"title": secret, "body": secret, "author_id": ids["admins"], "state": "published",
		"parent_id": ids["sections"]}).OK().ID()
	ids["help_centers"] = "1"
	ids["newsfeeds"] = newsfeed(t, r, secret, segment.ID)
	ids["news_items"] = r.Post(t, "/news/news_items", object{"title": secret, "body": secret, "sender_id": ids["admins"], "state": "live",
		"labels": []string{secret}, "newsfeed_assignments": in(ids["newsfeeds"])}).OK().ID()
	r.Post(t, "/conversations/"+ids["conversations"]+"/tags", object{"id": ids["tags"]}).OK()
	r.Post(t, "/conversations/"+ids["conversations"]+"/reply",
		object{"message_type": "note", "type": "admin", "admin_id": ids["admins"], "body": secret}).OK()
	r.Post(t, "/messages", object{"from": object{"type": "admin", "id": ids["admins"]}, "to": object{"type": "user", "id": ids["contacts"]},
		"message_type": "in_app", "body": secret}).OK()
	r.Post(t, "/events", `{"event_name":"`+secret+`","created_at":1768478000,"user_id":"`+secret+`"}`).Is(202)
	ids["data"] = r.Post(t, "/export/content/data", `{"created_at_after":0,"created_at_before":1768478400}`).OK().At("job_identifier").(string)
	ids["cancel"] = ids["data"]
	return ids
}

// Nothing of one workspace can be reached from another, by whatever operation
// and in whatever place its ids are put.
func TestWorkspacesAreApart(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		theirs := r
		ids := furnish(t, theirs)
		state := func() map[string]string {
			all := map[string]string{}
			for _, path := range []string{"/contacts", "/contacts/" + ids["contacts"], "/contacts/" + ids["contacts"] + "/tags", "/contacts/" + ids["contacts"] + "/notes",
				"/contacts/" + ids["contacts"] + "/subscriptions", "/companies/" + ids["companies"], "/tags", "/segments", "/data_attributes", "/admins", "/teams",
				"/visitors/" + ids["visitors"], "/conversations", "/conversations/" + ids["conversations"], "/ticket_types", "/tickets/" + ids["tickets"],
				"/articles", "/articles/" + ids["articles"], "/articles/search?phrase=" + secret, "/help_center/collections", "/help_center/sections",
				"/help_center/help_centers", "/news/news_items", "/news/newsfeeds", "/news/newsfeeds/" + ids["newsfeeds"] + "/items", "/export/content/data/" + ids["data"], "/events?type=user&user_id=" + secret, "/counts"} {
				all[path] = string(theirs.Get(t, path).OK().Body)
			}
			return all
		}
		before := state()
		ours := r.Elsewhere(t)
		own := ours.Post(t, "/contacts", `{"external_id":"own"}`).OK().ID()
		check := func(a *apptest.Answer, statuses ...int) {
			t.Helper()
			if !slices.Contains(statuses, a.Status) || strings.Contains(string(a.Body), secret) {
				t.Errorf("%s from elsewhere answers %d %s", a.Call, a.Status, a.Body)
			}
		}

		for _, op := range operations(t, r) {
			if !strings.Contains(op.path, "{") {
				continue
			}
			// Each id of the path in turn with a contact of our own before it, and
			// all of them together.
			paths := map[string]bool{}
			for _, first := range []string{ids["contacts"], own} {
				steps := strings.Split(op.path, "/")
				for i, step := range steps {
					if !strings.HasPrefix(step, "{") {
						continue
					}
					id, known := ids[steps[i-1]]
					if !known {
						t.Fatalf("%s %s: there is no %s in the other workspace", op.method, op.path, steps[i-1])
					}
					if steps[i-1] == "contacts" && i+2 < len(steps) {
						id = first
					}
					steps[i] = id
				}
				paths[strings.Join(steps, "/")] = true
			}
			for path := range paths {
				for _, body := range []string{`{}`, `{"name":"mine","role":"user","email":"mine@x.test","body":"mine","consent_type":"opt_out",
					"id":"` + ids["tags"] + `","away_mode_enabled":true,"away_mode_reassign":true,"archived":true}`, `{"message_type":"comment","type":"user","body":"mine",
					"intercom_user_id":"` + ids["contacts"] + `","read":true,"state":"resolved"}`, `{"message_type":"note","type":"admin","body":"mine",
					"admin_id":"1","id":"` + ids["tags"] + `","customer":{"intercom_user_id":"` + own + `"}}`} {
					check(ours.Do(t, op.method, path, body), 404, 400)
				}
			}
		}

		// Ids in bodies and in query strings.
		for _, call := range []struct{ method, path, body string }{
			{"POST", "/contacts/merge", `{"from":"<contacts>","into":"<own>"}`},
			{"POST", "/contacts/merge", `{"from":"<own>","into":"<contacts>"}`},
			{"POST", "/contacts/<own>/tags", `{"id":"<tags>"}`},
			{"POST", "/conversations", `{"from":{"type":"user","id":"<contacts>"},"body":"mine"}`},
			{"POST", "/conversations/last/reply", `{"message_type":"comment","type":"user","intercom_user_id":"<contacts>","body":"mine"}`},
			{"POST", "/conversations/redact", `{"type":"conversation_part","conversation_id":"<conversations>","conversation_part_id":1}`},
			{"POST", "/conversations/redact", `{"type":"source","conversation_id":"<conversations>","source_id":1}`},
			{"POST", "/messages", `{"from":{"type":"user","id":"<contacts>"},"body":"mine"}`},
			{"POST", "/messages", `{"from":{"type":"admin","id":"1"},"to":{"type":"user","id":"<contacts>"},"message_type":"in_app","body":"mine"}`},
			{"POST", "/contacts/<own>/companies", `{"id":"<companies>"}`},
			{"POST", "/contacts/<own>/subscriptions", `{"id":"<subscriptions>","consent_type":"opt_out"}`},
			{"POST", "/contacts/<own>/notes", `{"body":"hello","admin_id":"<admins>"}`},
			{"PUT", "/contacts/<own>", `{"owner_id":"<admins>"}`},
			{"PUT", "/contacts/<own>", `{"custom_attributes":{"` + secret[1:] + `":"x"}}`},
			{"POST", "/news/news_items", `{"title":"mine","sender_id":"<admins>"}`},
			{"POST", "/news/news_items", `{"title":"mine","sender_id":1,"newsfeed_assignments":[{"newsfeed_id":"<newsfeeds>"}]}`},
			{"POST", "/tags", `{"name":"mine","users":[{"id":"<contacts>"}]}`},
			{"POST", "/tags", `{"name":"mine","users":[{"user_id":"` + secret + `"}]}`},
			{"POST", "/tags", `{"name":"mine","users":[{"email":"` + secret + `@x.test"}]}`},
			{"POST", "/tags", `{"name":"mine","companies":[{"id":"<companies>"}]}`},
			{"POST", "/tags", `{"name":"mine","companies":[{"company_id":"` + secret + `"}]}`},
			{"POST", "/tags", `{"id":"<tags>","name":"mine"}`},
			{"PUT", "/visitors", `{"id":"<visitors>","name":"mine"}`},
			{"PUT", "/visitors", `{"user_id":"` + secret + `-visitor","name":"mine"}`},
			{"POST", "/visitors/convert", `{"type":"lead","visitor":{"id":"<visitors>"}}`},
			{"POST", "/visitors/convert", `{"type":"lead","visitor":{"user_id":"` + secret + `-visitor"}}`},
			{"GET", "/visitors?user_id=" + secret + "-visitor", ``},
			{"POST", "/events", `{"event_name":"mine","created_at":1768478000,"id":"<contacts>"}`},
			{"POST", "/events", `{"event_name":"mine","created_at":1768478000,"user_id":"` + secret + `"}`},
			{"GET", "/events?type=user&intercom_user_id=<contacts>", ``},
			{"GET", "/events?type=user&user_id=" + secret, ``},
			{"GET", "/companies?name=" + secret, ``},
			{"GET", "/companies?company_id=" + secret, ``},
		} {
			values := []string{"<own>", own}
			for noun, id := range ids {
				values = append(values, "<"+noun+">", id)
			}
			a := ours.Do(t, call.method, fill(call.path, values...), fill(call.body, values...))
			if a.Status != 404 && a.Status != 400 {
				t.Errorf("%s %s from elsewhere answers %d %s", a.Call, call.body, a.Status, a.Body)
			}
		}
		for _, query := range []object{filter("id", "=", ids["contacts"]), filter("external_id", "=", secret), filter("name", "~", secret),
			filter("tag_id", "=", ids["tags"]), filter("segment_id", "=", ids["segments"])} {
			check(search(t, ours, query), 200)
		}
		for _, path := range []string{"/contacts", "/tags", "/segments", "/data_attributes", "/admins", "/teams", "/subscription_types", "/counts",
			"/companies", "/companies/scroll", "/news/news_items", "/news/newsfeeds", "/admins/activity_logs?created_at_after=0", "/companies?tag_id=" + ids["tags"], "/companies?segment_id=" + ids["segments"]} {
			check(ours.Get(t, path), 200, 404)
		}
		if after := state(); !maps.Equal(before, after) {
			for path := range before {
				if before[path] != after[path] {
					t.Errorf("%s was changed from elsewhere:\n%s\n%s", path, before[path], after[path])
				}
			}
		}
	})
}

// The same identifiers can be in both.
func TestIdentifiersAreTheWorkspacesOwn(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for range 2 {
			furnish(t, r)
			r = r.Elsewhere(t)
		}
	})
}
