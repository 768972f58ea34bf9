package api_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parley/internal/apptest"
	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/seed"
)

// office are the people that the tests of assignment assign to: admins 2 to 5,
// beside Ann, who is 1, and teams 1 to 3.
const office = `
admins:
  - {email: bea@acme.test, name: Bea}
  - {email: cal@acme.test, name: Cal}
  - {email: dan@acme.test, name: Dan}
  - {email: eve@acme.test, name: Eve, away: {reassign: true}}
teams:
  - {name: Support, members: [{admin: bea@acme.test}, {admin: cal@acme.test}, {admin: dan@acme.test}]}
  - {name: Sales, members: [{admin: bea@acme.test, priority: secondary}, {admin: cal@acme.test, priority: primary}, {admin: dan@acme.test, priority: primary}]}
  - {name: Nights, members: [{admin: eve@acme.test}]}
data_attributes:
  - {model: contact, name: seats, data_type: integer}
  - {model: conversation, name: topic, data_type: string}
tags: [VIP]
`

// plant applies a seed to the rig's workspace.
func plant(t testing.TB, r *apptest.Rig, texts ...string) *seed.Report {
	t.Helper()
	f, err := seed.Parse("test.yaml", []byte(strings.Join(texts, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Seeds.Apply(context.Background(), f, r.Workspace.ID)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// officeOf makes another workspace with the office and some rules.
func officeOf(t testing.TB, r *apptest.Rig, rules ...string) *apptest.Rig {
	t.Helper()
	r = r.Elsewhere(t)
	text := ""
	if len(rules) > 0 {
		text = "assignment_rules:\n  - " + strings.Join(rules, "\n  - ")
	}
	plant(t, r, office, text)
	return r
}

// assigned tells who has a conversation and how that came: "team 1, admin 2".
func assigned(t testing.TB, a *apptest.Answer) string {
	t.Helper()
	var c struct {
		Admin *int64 `json:"admin_assignee_id"`
		Team  *int64 `json:"team_assignee_id"`
		Parts struct {
			List []struct {
				Type   string                     `json:"part_type"`
				To     *struct{ Type, ID string } `json:"assigned_to"`
				Author struct{ Type string }
			} `json:"conversation_parts"`
		} `json:"conversation_parts"`
	}
	a.Decode(&c)
	var has, steps []string
	if c.Team != nil {
		has = append(has, fmt.Sprint("team ", *c.Team))
	}
	if c.Admin != nil {
		has = append(has, fmt.Sprint("admin ", *c.Admin))
	}
	for _, p := range c.Parts.List {
		if p.Type == "default_assignment" && p.Author.Type == "bot" && p.To != nil {
			steps = append(steps, strings.TrimSpace(p.To.Type+" "+p.To.ID))
		}
	}
	if got, want := strings.Join(has, ", "), strings.Join(steps, ", "); got != want && !strings.Contains(want, "nobody") {
		t.Errorf("%s: %s has it, and the parts assign it to %s", a.Call, got, want)
	}
	if len(has) == 0 {
		return "nobody"
	}
	return strings.Join(has, ", ")
}

// asks makes a contact, has it begin a conversation and reads that.
func asks(t testing.TB, r *apptest.Rig, contact object) *apptest.Answer {
	t.Helper()
	id := r.Post(t, "/contacts", contact).OK().ID()
	return begun(t, r, id)
}

func begun(t testing.TB, r *apptest.Rig, contact string) *apptest.Answer {
	t.Helper()
	a := r.Post(t, "/conversations", object{"from": object{"type": "user", "id": contact}, "body": "Please refund me"}).OK()
	return r.Get(t, "/conversations/"+a.At("conversation_id").(string)).OK()
}

func TestAssignmentRules(t *testing.T) {
	joe := object{"email": "joe@bolt.test", "name": "Joe", "custom_attributes": object{"seats": 7}}
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name  string
			rules []string
			want  string
		}{
			{"no rules", nil, "nobody"},
			{"all, to an admin", []string{"{name: a, assign: {admin: cal@acme.test}}"}, "admin 3"},
			{"an admin who is away", []string{"{name: a, assign: {admin: eve@acme.test}}"}, "admin 5"},
			{"all, to a team", []string{"{name: a, assign: {team: Sales}}"}, "team 2"},
			{"manual", []string{"{name: a, assign: {team: Support, method: manual}}"}, "team 1"},
			{"round robin", []string{"{name: a, assign: {team: Support, method: round_robin}}"}, "team 1, admin 2"},
			{"round robin among those who answer first", []string{"{name: a, assign: {team: Sales, method: round_robin}}"}, "team 2, admin 3"},
			{"round robin, all away", []string{"{name: a, assign: {team: Nights, method: round_robin}}"}, "team 3"},
			{"balanced", []string{"{name: a, assign: {team: Support, method: balanced}}"}, "team 1, admin 2"},
			{"balanced, all away", []string{"{name: a, assign: {team: Nights, method: balanced}}"}, "team 3"},
			{"an attribute of the contact", []string{
				`{name: a, when: {contact: {field: custom_attributes.seats, operator: ">", value: 5}}, assign: {team: Sales}}`}, "team 2"},
			{"an attribute of the contact that does not match", []string{
				`{name: a, when: {contact: {field: custom_attributes.seats, operator: ">", value: 7}}, assign: {team: Sales}}`}, "nobody"},
			{"a field of the contact", []string{
				`{name: a, when: {contact: {field: email_domain, operator: =, value: bolt.test}}, assign: {team: Sales}}`}, "team 2"},
			{"a time of the conversation", []string{
				`{name: a, when: {conversation: {field: created_at, operator: ">", value: 1700000000}}, assign: {team: Sales}}`}, "team 2"},
			{"a word of the message", []string{
				`{name: a, when: {conversation: {field: source.body, operator: =, value: refund}}, assign: {team: Sales}}`}, "team 2"},
			{"a word that it lacks", []string{
				`{name: a, when: {conversation: {field: source.body, operator: =, value: invoice}}, assign: {team: Sales}}`}, "nobody"},
			{"who wrote it", []string{
				`{name: a, when: {conversation: {field: source.author.type, operator: =, value: user}}, assign: {team: Sales}}`}, "team 2"},
			{"both", []string{
				`{name: a, when: {conversation: {field: created_at, operator: ">", value: 1700000000}, contact: {field: name, operator: "~", value: jo}}, assign: {team: Sales}}`}, "team 2"},
			{"one of both", []string{
				`{name: a, when: {conversation: {field: created_at, operator: ">", value: 1700000000}, contact: {field: name, operator: "~", value: bo}}, assign: {team: Sales}}`}, "nobody"},
			{"the other of both", []string{
				`{name: a, when: {conversation: {field: created_at, operator: "<", value: 1700000000}, contact: {field: name, operator: "~", value: jo}}, assign: {team: Sales}}`}, "nobody"},
			{"a group", []string{
				`{name: a, when: {contact: {operator: or, value: [{field: tag_id, operator: =, value: {tag: VIP}}, {field: role, operator: =, value: user}]}}, assign: {team: Sales}}`}, "team 2"},
			{"the first that matches", []string{
				"{name: z, when: {contact: {field: role, operator: =, value: lead}}, assign: {team: Nights}}",
				"{name: b, when: {contact: {field: role, operator: =, value: user}}, assign: {team: Sales}}",
				"{name: a, assign: {admin: bea@acme.test}}"}, "team 2"},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := officeOf(t, r, c.rules...)
				began := asks(t, r, joe)
				if got := assigned(t, began); got != c.want {
					t.Errorf("%s has it, want %s: %s", got, c.want, began.Pretty())
				}
				parts := 0 // one for the team and one for the admin
				if c.want != "nobody" {
					parts = 1 + strings.Count(c.want, ",")
				}
				shows(t, began, "open", true, "read", false, "waiting_since", r.Clock.Now().Unix(),
					"statistics.count_assignments", parts, "conversation_parts.total_count", parts)
				if parts > 0 {
					shows(t, began, "statistics.time_to_assignment", 0, "statistics.first_assignment_at", r.Clock.Now().Unix())
				}
			})
		}
	})
}

// TestAssignmentRulesOfAllContacts holds that a rule looks at whoever takes part,
// be it a visitor that became a lead, an archived contact or the second of two.
func TestAssignmentRulesOfAllContacts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r = officeOf(t, r, "{name: a, when: {contact: {field: name, operator: =, value: Joe}}, assign: {team: Sales}}")
		visitor, err := r.People.PutVisitor(context.Background(), r.Actor(), model.VisitorDraft{UserID: "v1", Name: "Joe", Email: "joe@visitors.test"})
		if err != nil {
			t.Fatal(err)
		}
		if got := assigned(t, begun(t, r, string(visitor.ID))); got != "team 2" {
			t.Errorf("a visitor's: %s", got)
		}
		joe := r.Post(t, "/contacts", object{"email": "joe@bolt.test", "name": "Joe"}).OK().ID()
		r.Post(t, "/contacts/"+joe+"/archive", nil).OK()
		if got := assigned(t, begun(t, r, joe)); got != "team 2" {
			t.Errorf("an archived contact's: %s", got)
		}
		r.Post(t, "/contacts/"+joe+"/unarchive", nil).OK()
		other := asks(t, r, object{"email": "kim@bolt.test", "name": "Kim"})
		if got := assigned(t, other); got != "nobody" {
			t.Errorf("another's: %s", got)
		}
		path := "/conversations/" + other.ID()
		r.Post(t, path+"/customers", object{"admin_id": "1", "customer": object{"intercom_user_id": joe}}).OK()
		if got := assigned(t, r.Post(t, path+"/run_assignment_rules", nil).OK()); got != "team 2" {
			t.Errorf("with a second who matches: %s", got)
		}
	})
}

func TestRunAssignmentRules(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		nobody := "conversation_parts.conversation_parts.%d.assigned_to.type"
		t.Run("none matches", func(t *testing.T) {
			r := officeOf(t, r)
			c := newTalk(t, r)
			ran := r.Post(t, c.path+"/run_assignment_rules", nil).OK()
			shows(t, ran, "conversation_parts.total_count", 1, fmt.Sprintf(nobody, 0), "nobody_admin",
				"conversation_parts.conversation_parts.0.part_type", "default_assignment",
				"conversation_parts.conversation_parts.0.assigned_to.id", nil,
				"conversation_parts.conversation_parts.0.author.type", "bot", "conversation_parts.conversation_parts.0.author.name", "Operator",
				"admin_assignee_id", nil, "team_assignee_id", nil, "statistics.count_assignments", 0)
			c.does(t, "assignment", "assignee_id", "3").OK()
			c.does(t, "assignment", "assignee_id", "2", "type", "team").OK()
			ran = r.Post(t, c.path+"/run_assignment_rules/parts", nil).OK()
			shows(t, ran, "conversation_parts.total_count", 4, fmt.Sprintf(nobody, 3), "nobody_admin",
				"admin_assignee_id", nil, "team_assignee_id", 2)
		})
		t.Run("a team alone takes it off the admin", func(t *testing.T) {
			r := officeOf(t, r, "{name: a, assign: {team: Support}}")
			c := newTalk(t, r)
			c.does(t, "assignment", "assignee_id", "3").OK()
			c.does(t, "close").OK()
			ran := r.Post(t, c.path+"/run_assignment_rules", nil).OK()
			shows(t, ran, "admin_assignee_id", nil, "team_assignee_id", 1, "state", "closed", "open", false)
			if got, want := partTypes(t, ran), "default_assignment assignment close default_assignment default_assignment"; got != want {
				t.Errorf("parts are %s, want %s", got, want)
			}
		})
		t.Run("an attribute of the conversation", func(t *testing.T) {
			r := officeOf(t, r, "{name: a, when: {conversation: {field: custom_attributes.topic, operator: =, value: Money}}, assign: {team: Sales}}",
				"{name: b, assign: {team: Support}}")
			c := newTalk(t, r)
			shows(t, r.Get(t, c.path).OK(), "team_assignee_id", 1)
			r.Put(t, c.path, object{"custom_attributes": object{"topic": "money"}}).OK()
			shows(t, r.Post(t, c.path+"/run_assignment_rules", nil).OK(), "team_assignee_id", 2)
		})
		t.Run("an admin leaves the team", func(t *testing.T) {
			r := officeOf(t, r, "{name: a, assign: {admin: bea@acme.test}}")
			c := newTalk(t, r)
			c.does(t, "assignment", "assignee_id", "2", "type", "team").OK()
			shows(t, r.Post(t, c.path+"/run_assignment_rules", nil).OK(), "admin_assignee_id", 2, "team_assignee_id", 2)
		})
		t.Run("balanced does not move it without need", func(t *testing.T) {
			r := officeOf(t, r, "{name: a, assign: {team: Support, method: balanced}}")
			c := newTalk(t, r)
			for range 2 {
				shows(t, r.Post(t, c.path+"/run_assignment_rules", nil).OK(), "admin_assignee_id", 2)
			}
		})
		t.Run("no such conversation", func(t *testing.T) {
			for _, id := range []string{"999", "x"} {
				r.Post(t, "/conversations/"+id+"/run_assignment_rules", nil).Fails(404, "not_found", "Resource Not Found")
			}
		})
	})
}

// TestBalancedAssignment holds that balanced counts what is open, and only that.
func TestBalancedAssignment(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r = officeOf(t, r)
		give := func(admin string, does ...string) {
			t.Helper()
			c := newTalk(t, r)
			c.does(t, "assignment", "assignee_id", admin).OK()
			for _, what := range does {
				c.does(t, what, "snoozed_until", fmt.Sprint(r.Clock.Now().Add(time.Hour).Unix())).OK()
			}
		}
		give("2")
		give("2")
		give("3", "close")
		give("3", "snoozed")
		give("3")
		give("4")
		plant(t, r, "assignment_rules: [{name: a, assign: {team: Support, method: balanced}}]")
		for i, want := range []string{"team 1, admin 3", "team 1, admin 4", "team 1, admin 2", "team 1, admin 3", "team 1, admin 4"} {
			if got := assigned(t, r.Get(t, newTalk(t, r).path).OK()); got != want {
				t.Errorf("conversation %d: %s has it, want %s", i, got, want)
			}
		}
	})
}

// TestRoundRobin holds that nobody who is away gets a conversation, and that the
// others take turns, whatever comes and goes between.
func TestRoundRobin(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		r = officeOf(t, r, "{name: a, assign: {team: Support, method: round_robin}}")
		joe := r.Post(t, "/contacts", object{"email": "joe@bolt.test"}).OK().ID()
		team := []int64{2, 3, 4}
		last := int64(0)
		rapid.Check(t, func(rt *rapid.T) {
			away := rapid.SliceOfNDistinct(rapid.SampledFrom(team), 0, 3, rapid.ID[int64]).Draw(rt, "away")
			for _, id := range team {
				r.Put(t, fmt.Sprintf("/admins/%d/away", id), object{"away_mode_enabled": slices.Contains(away, id), "away_mode_reassign": false}).OK()
			}
			var present []int64
			for _, id := range team {
				if !slices.Contains(away, id) {
					present = append(present, id)
				}
			}
			got := map[int64]int{}
			rounds := rapid.IntRange(1, 3).Draw(rt, "rounds")
			for range rounds * max(1, len(present)) {
				began := begun(t, r, joe)
				if len(present) == 0 {
					shows(t, began, "admin_assignee_id", nil, "team_assignee_id", 1)
					continue
				}
				next := present[0]
				for _, id := range present {
					if id > last {
						next = id
						break
					}
				}
				last = next
				got[next]++
				shows(t, began, "admin_assignee_id", next, "team_assignee_id", 1)
			}
			for _, id := range present {
				if got[id] != rounds {
					rt.Errorf("admin %d got %d of %d rounds", id, got[id], rounds)
				}
			}
		})
	})
}

// TestAssignmentAtOnce holds that of many conversations at once each admin gets as
// many as the others.
func TestAssignmentAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, method := range []string{"round_robin", "balanced"} {
			t.Run(method, func(t *testing.T) {
				r := officeOf(t, r, "{name: a, assign: {team: Support, method: "+method+"}}")
				contacts := make([]string, 12)
				for i := range contacts {
					contacts[i] = r.Post(t, "/contacts", object{"email": fmt.Sprintf("c%d@bolt.test", i)}).OK().ID()
				}
				got := map[any]int{}
				for _, a := range together(len(contacts), func(i int) *apptest.Answer { return begun(t, r, contacts[i]) }) {
					got[a.At("admin_assignee_id")]++
				}
				for _, admin := range []any{2.0, 3.0, 4.0} {
					if got[admin] != 4 {
						t.Errorf("admin %v got %d of 12", admin, got[admin])
					}
				}
			})
		}
	})
}

// TestAssignmentToWhoIsGone holds that a rule whose team or admin is there no more
// is passed over.
func TestAssignmentToWhoIsGone(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ctx := context.Background()
		r = officeOf(t, r,
			"{name: a, assign: {team: Support, method: round_robin}}", "{name: b, assign: {team: Sales}}",
			"{name: c, assign: {admin: dan@acme.test}}", "{name: d, assign: {admin: bea@acme.test}}")
		joe := r.Post(t, "/contacts", object{"email": "joe@bolt.test"}).OK().ID()
		for _, c := range []struct {
			goes func() error
			want string
		}{
			{func() error { return r.App.Workspace.DeleteTeam(ctx, r.Actor(), 1) }, "team 2"},
			{func() error { return r.App.Workspace.DeleteTeam(ctx, r.Actor(), 2) }, "admin 4"},
			{func() error {
				return r.Database.Update(ctx, func(tx *db.Tx) error {
					_, err := tx.Exec(`DELETE FROM admins WHERE workspace_id = $1 AND id = 4`, r.Workspace.ID)
					return err
				})
			}, "admin 2"},
		} {
			if err := c.goes(); err != nil {
				t.Fatal(err)
			}
			if got := assigned(t, begun(t, r, joe)); got != c.want {
				t.Errorf("%s has it, want %s", got, c.want)
			}
		}
		// What it would have asked for is gone: the rest of the rules still stand.
		other := officeOf(t, r, "{name: a, when: {contact: {field: tag_id, operator: =, value: {tag: VIP}}}, assign: {team: Sales}}",
			"{name: b, assign: {team: Nights}}")
		other.Delete(t, "/tags/1", nil).OK()
		if got := assigned(t, asks(t, other, object{"email": "joe@bolt.test"})); got != "team 3" {
			t.Errorf("without the tag that the first rule asks for, %s has it", got)
		}
	})
}

// TestAssignmentRulesKeepToTheirWorkspace begins a conversation beside a workspace
// whose rules would match, in one with the same ids.
func TestAssignmentRulesKeepToTheirWorkspace(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		ruled := officeOf(t, r, "{name: a, assign: {team: Support, method: balanced}}")
		free := officeOf(t, r)
		for range 3 { // which must not count against the other's admins
			c := newTalk(t, free)
			c.does(t, "assignment", "assignee_id", "2").OK()
		}
		if got := assigned(t, asks(t, free, object{"email": "joe@bolt.test"})); got != "nobody" {
			t.Errorf("another workspace's rule gave it to %s", got)
		}
		if got := assigned(t, asks(t, ruled, object{"email": "joe@bolt.test"})); got != "team 1, admin 2" {
			t.Errorf("%s has it", got)
		}
	})
}

// TestAwayAssignee holds that a conversation leaves an admin who is away and hands
// over when its contact writes, and only then.
func TestAwayAssignee(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		for _, c := range []struct {
			name           string
			away, reassign bool
			keeps          bool
		}{
			{"there", false, false, true},
			{"there, with the wish to hand over", false, true, true},
			{"away, and keeps", true, false, true},
			{"away, and hands over", true, true, false},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := officeOf(t, r)
				talk := newTalk(t, r)
				talk.does(t, "assignment", "assignee_id", "3").OK()
				talk.does(t, "assignment", "type", "team", "assignee_id", "1").OK()
				r.Put(t, "/admins/3/away", object{"away_mode_enabled": c.away, "away_mode_reassign": c.reassign}).OK()
				talk.does(t, "note", "body", "still his").OK()
				shows(t, r.Get(t, talk.path).OK(), "admin_assignee_id", 3)
				said := talk.says(t, "Hello?")
				if c.keeps {
					shows(t, said, "admin_assignee_id", 3, "team_assignee_id", 1, "conversation_parts.total_count", 4)
					return
				}
				shows(t, said, "admin_assignee_id", nil, "team_assignee_id", 1, "conversation_parts.total_count", 5,
					"conversation_parts.conversation_parts.3.part_type", "comment",
					"conversation_parts.conversation_parts.4.part_type", "away_mode_assignment",
					"conversation_parts.conversation_parts.4.author.type", "bot",
					"conversation_parts.conversation_parts.4.assigned_to.type", "nobody_admin")
				shows(t, talk.says(t, "Anybody?"), "conversation_parts.total_count", 6)
			})
		}
	})
}
