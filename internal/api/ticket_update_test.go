package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

// The published example sends undeclared fields too, one of them a time that is
// long over.
func TestTicketIsUpdatedAsPublished(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		second := newAdmin(t, r, model.Admin{Name: "Ciaran Lee", Email: "ciaran@acme.test"}).ID.String()
		path := w.ticket(t, nil)
		r.Clock.Pass(time.Second)
		a := r.Put(t, path, fill(`{"ticket_attributes":{"_default_title_":"example","_default_description_":"there is a problem"},
			"state":"in_progress","assignment":{"admin_id":"<admin>","assignee_id":"<second>"},"open":true,"snoozed_until":1673609604}`,
			"<admin>", w.admin, "<second>", second))
		holds(t, a, nil, object{"ticket_state": "in_progress", "ticket_state_internal_label": "In progress", "ticket_state_external_label": "In progress",
			"admin_assignee_id": second, "team_assignee_id": "0", "created_at": 1768478400.0, "updated_at": 1768478401.0, "is_shared": false,
			"ticket_attributes": object{"_default_title_": "example", "_default_description_": "there is a problem"}})
		bot := object{"id": "900000001", "type": "bot", "name": "Operator", "email": "operator+" + string(r.Workspace.ID) + "@intercom.io"}
		part := func(id, kind string, at float64, author object, more object) object {
			p := object{"type": "ticket_part", "id": id, "part_type": kind, "created_at": at, "updated_at": at, "author": author,
				"attachments": []any{}, "redacted": false}
			for k, v := range more {
				p[k] = v
			}
			return p
		}
		want := []any{
			part("1", "ticket_state_updated_by_admin", 1768478400, bot, object{"ticket_state": "submitted", "previous_ticket_state": "submitted"}),
			part("2", "ticket_attribute_updated_by_admin", 1768478401, bot, nil),
			part("3", "ticket_attribute_updated_by_admin", 1768478401, bot, nil),
			part("4", "ticket_state_updated_by_admin", 1768478401, bot, object{"ticket_state": "in_progress", "previous_ticket_state": "submitted"}),
			part("5", "assignment", 1768478401, object{"id": w.admin, "type": "admin", "name": "Ann Owner", "email": "ann@acme.test"},
				object{"assigned_to": object{"type": "admin", "id": second}}),
		}
		if diff := cmp.Diff(want, a.At("ticket_parts.ticket_parts")); diff != "" {
			t.Errorf("parts (-want +got):\n%s", diff)
		}
		if got := r.Get(t, path).OK(); string(got.Body) != string(a.Body) {
			t.Errorf("what is read is not what was answered: %s", got.Pretty())
		}
	})
}

func TestTicketIsUpdated(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		second := newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"}).ID.String()
		var team string
		for range 3 { // so that the last one has an id that no admin has
			made, err := r.App.Workspace.CreateTeam(t.Context(), r.Actor(), model.Team{Name: "Team " + model.NewUUID(), Members: []model.TeamMember{{Admin: r.Admin.ID}}})
			if err != nil {
				t.Fatal(err)
			}
			team = made.ID.String()
		}
		path := w.ticket(t, nil)
		unknown := &refusal{404, "assignee_not_found", "Assignee not found"}
		badState := invalid("state must be in_progress, waiting_on_customer or resolved")
		for _, c := range []struct {
			name    string
			body    string
			want    object
			parts   []string // that it adds
			refused *refusal
		}{
			{"nothing", ``, object{"ticket_state": "submitted", "updated_at": 1768478401.0}, nil, nil},
			{"null for all", `{"ticket_attributes":null,"state":null,"is_shared":null,"assignment":null,"open":null,"snoozed_until":null}`,
				object{"ticket_state": "submitted"}, nil, nil},
			{"keys that nobody knows", `{"id":"7","ticket_type_id":"9","ticket_state":"resolved"}`, object{"ticket_state": "submitted"}, nil, nil},

			{"one attribute", `{"ticket_attributes":{"_default_title_":"a"}}`, object{"ticket_attributes._default_title_": "a"}, []string{ticketSet}, nil},
			{"the same again", `{"ticket_attributes":{"_default_title_":"a"}}`, object{"ticket_attributes._default_title_": "a"}, nil, nil},
			{"no attributes", `{"ticket_attributes":{}}`, object{"ticket_attributes._default_title_": "a"}, nil, nil},
			{"two, of which one changes", `{"ticket_attributes":{"_default_title_":"a","_default_description_":"b"}}`,
				object{"ticket_attributes._default_description_": "b"}, []string{ticketSet}, nil},
			{"clear one", `{"ticket_attributes":{"_default_title_":null}}`, object{"ticket_attributes._default_title_": nil}, []string{ticketSet}, nil},
			{"clear it again", `{"ticket_attributes":{"_default_title_":""}}`, object{"ticket_attributes._default_title_": nil}, nil, nil},

			{"waiting", `{"state":"waiting_on_customer"}`, object{"ticket_state": "waiting_on_customer",
				"ticket_state_internal_label": "Waiting on customer", "ticket_state_external_label": "Waiting on you"},
				[]string{"bot ticket_state_updated submitted>waiting_on_customer"}, nil},
			{"the same state", `{"state":"waiting_on_customer"}`, object{"ticket_state": "waiting_on_customer"}, nil, nil},
			{"resolved", `{"state":"resolved"}`, object{"ticket_state_internal_label": "Resolved", "ticket_state_external_label": "Resolved"},
				[]string{"bot ticket_state_updated waiting_on_customer>resolved"}, nil},
			{"back to work", `{"state":"in_progress"}`, object{"ticket_state": "in_progress"}, []string{"bot ticket_state_updated resolved>in_progress"}, nil},
			{"back to the beginning", `{"state":"submitted"}`, nil, nil, badState},
			{"another state", `{"state":"done"}`, nil, nil, badState},
			{"no state", `{"state":""}`, nil, nil, badState},
			{"a state in capitals", `{"state":"RESOLVED"}`, nil, nil, badState},

			{"shared", `{"is_shared":true}`, object{"is_shared": true}, nil, nil},
			{"shared, as text", `{"is_shared":"true"}`, object{"is_shared": true}, nil, nil},
			{"not shared", `{"is_shared":false}`, object{"is_shared": false}, nil, nil},
			{"shared perhaps", `{"is_shared":"perhaps"}`, nil, nil, invalid("is_shared is invalid")},

			{"to an admin", `{"assignment":{"admin_id":"<admin>","assignee_id":"<second>"}}`, object{"admin_assignee_id": second, "team_assignee_id": "0"},
				[]string{"admin assignment admin " + second}, nil},
			{"by number", `{"assignment":{"admin_id":<second>,"assignee_id":<admin>}}`, object{"admin_assignee_id": w.admin}, []string{"admin assignment admin " + w.admin}, nil},
			{"to a team", `{"assignment":{"admin_id":"<admin>","assignee_id":"<team>"}}`, object{"admin_assignee_id": w.admin, "team_assignee_id": team},
				[]string{"admin assignment team " + team}, nil},
			{"by the token's admin", `{"assignment":{"assignee_id":"<second>"}}`, object{"admin_assignee_id": second}, []string{"admin assignment admin " + second}, nil},
			{"to nobody", `{"assignment":{"admin_id":"<admin>","assignee_id":"0"}}`, object{"admin_assignee_id": "0", "team_assignee_id": "0"},
				[]string{"admin assignment nobody_admin", "admin assignment nobody_team"}, nil},
			{"to nobody again", `{"assignment":{"admin_id":"<admin>","assignee_id":0}}`, object{"admin_assignee_id": "0", "team_assignee_id": "0"}, nil, nil},
			{"to a team that goes by its type", `{"assignment":{"admin_id":"<admin>","assignee_id":"1","type":"team"}}`,
				object{"admin_assignee_id": "0", "team_assignee_id": "1"}, []string{"admin assignment team 1"}, nil},
			{"to no team", `{"assignment":{"admin_id":"<admin>","assignee_id":"0","type":"team"}}`, object{"team_assignee_id": "0"},
				[]string{"admin assignment nobody_team"}, nil},
			{"by an unknown admin", `{"state":"resolved","assignment":{"admin_id":"123","assignee_id":"<second>"}}`, nil, nil, unknown},
			{"by no admin at all", `{"assignment":{"admin_id":"x","assignee_id":"<second>"}}`, nil, nil, unknown},
			{"by nobody, to nobody", `{"assignment":{"admin_id":"123","assignee_id":"0"}}`, nil, nil, unknown},
			{"to an unknown admin", `{"ticket_attributes":{"_default_title_":"lost"},"state":"resolved","is_shared":true,"assignment":{"admin_id":"<admin>","assignee_id":"456"}}`,
				nil, nil, unknown},
			{"to what is no id", `{"assignment":{"admin_id":"<admin>","assignee_id":"Bob"}}`, nil, nil, unknown},
			{"to an admin where a team is meant", `{"assignment":{"admin_id":"<admin>","assignee_id":"<team>","type":"admin"}}`, nil, nil, unknown},
			{"without an assignee", `{"assignment":{"admin_id":"<admin>"}}`, nil, nil, missing("assignee_id is required")},
			{"without anything", `{"assignment":{}}`, nil, nil, missing("assignee_id is required")},
			{"to a bot", `{"assignment":{"assignee_id":"1","type":"bot"}}`, nil, nil, invalid("type is admin or team")},
			{"an assignment that is none", `{"assignment":"2"}`, nil, nil, invalid("assignment is invalid")},
			{"what was refused is not kept", ``, object{"ticket_state": "in_progress", "is_shared": false, "ticket_attributes._default_title_": nil}, nil, nil},

			{"close", `{"open":false}`, object{"ticket_state": "in_progress"}, []string{"admin close"}, nil},
			{"close again", `{"open":false}`, nil, nil, nil},
			{"open", `{"open":true}`, nil, []string{"admin open"}, nil},
			{"open again", `{"open":"true"}`, nil, nil, nil},
			{"snooze", `{"snoozed_until":1768482000}`, nil, []string{"admin snoozed"}, nil},
			{"snooze again", `{"snoozed_until":"1768482000"}`, nil, nil, nil},
			{"snooze longer", `{"snoozed_until":1768485600,"open":true}`, nil, []string{"admin snoozed"}, nil},
			{"a time that is over", `{"snoozed_until":1673609604}`, nil, nil, nil},
			{"now", `{"snoozed_until":1768478401}`, nil, nil, nil},
			{"assigned, it wakes", `{"assignment":{"assignee_id":"<second>"}}`, nil, []string{"admin assign_and_unsnooze admin " + second}, nil},
			{"close, though it be snoozed", `{"open":false,"snoozed_until":1768485600}`, nil, []string{"admin close"}, nil},
			{"assigned and yet closed", `{"open":false,"assignment":{"assignee_id":"<admin>"}}`, nil,
				[]string{"admin assign_and_reopen admin " + w.admin, "admin close"}, nil},
			{"snooze what is closed", `{"snoozed_until":1768485600}`, nil, []string{"admin snoozed"}, nil},
			{"never", `{"snoozed_until":999999999999999}`, nil, nil, invalid("snoozed_until must be a time in the future, in Unix seconds")},
			{"some time", `{"snoozed_until":"tomorrow"}`, nil, nil, invalid("snoozed_until is invalid")},
			{"perhaps open", `{"open":"perhaps"}`, nil, nil, invalid("open is invalid")},

			{"an unknown attribute", `{"ticket_attributes":{"x":1},"state":"resolved"}`, nil, nil, invalid("Ticket attribute 'x' does not exist")},
			{"a list for a body", `[]`, nil, nil, invalid("The request body must be a JSON object")},
			{"broken", `{"state":`, nil, nil, invalid("The request body is not valid JSON")},
			{"too long a text", `{"ticket_attributes":{"_default_title_":"` + strings.Repeat("x", 2049) + `"}}`, nil, nil,
				invalid("Ticket attribute '_default_title_' is too long (maximum is 2048 characters)")},
		} {
			if c.name == "nothing" {
				r.Clock.Pass(time.Second)
			}
			t.Run(c.name, func(t *testing.T) {
				before := r.Get(t, path).OK()
				a := r.Put(t, path, fill(c.body, "<admin>", w.admin, "<second>", second, "<team>", team))
				holds(t, a, c.refused, c.want)
				after := r.Get(t, path).OK()
				if c.refused != nil {
					if string(before.Body) != string(after.Body) {
						t.Errorf("it changed:\n%s", cmp.Diff(before.Pretty(), after.Pretty()))
					}
					return
				}
				if string(a.Body) != string(after.Body) {
					t.Errorf("what is read is not what was answered:\n%s", cmp.Diff(a.Pretty(), after.Pretty()))
				}
				if diff := cmp.Diff(c.parts, ticketParts(t, a)[len(ticketParts(t, before)):]); diff != "" && len(c.parts) > 0 {
					t.Errorf("parts (-want +got):\n%s", diff)
				} else if n := len(ticketParts(t, a)) - len(ticketParts(t, before)); n != len(c.parts) {
					t.Errorf("%d parts, want %d", n, len(c.parts))
				}
			})
		}
	})
}

func TestTicketWakes(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		until := apptest.Start.Add(time.Hour).Unix()
		snoozed, closed, assigned := w.ticket(t, nil), w.ticket(t, nil), w.ticket(t, nil)
		r.Put(t, snoozed, object{"snoozed_until": until}).OK()
		r.Put(t, closed, object{"snoozed_until": until}).OK()
		r.Put(t, closed, object{"open": false}).OK()
		// A snoozed ticket that is assigned and snoozed at once sleeps on.
		r.Put(t, assigned, object{"snoozed_until": until}).OK()
		r.Put(t, assigned, object{"snoozed_until": until + 3600, "assignment": object{"assignee_id": w.admin}}).OK()

		r.Clock.Pass(time.Hour)
		r.RunJobs()
		for path, want := range map[string][]string{
			snoozed:  {begunTicket, "admin snoozed", "bot timer_unsnooze"},
			closed:   {begunTicket, "admin snoozed", "admin close"},
			assigned: {begunTicket, "admin snoozed", "admin assign_and_unsnooze admin " + w.admin, "admin snoozed"},
		} {
			if diff := cmp.Diff(want, ticketParts(t, r.Get(t, path))); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
		holds(t, r.Get(t, snoozed), nil, object{"updated_at": float64(until)})
		r.Clock.Pass(time.Hour)
		r.RunJobs()
		if got := ticketParts(t, r.Get(t, assigned)); got[len(got)-1] != "bot timer_unsnooze" {
			t.Error(got)
		}
	})
}

func TestTicketIsUpdatedByMany(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		var attributes []string
		const many = 8
		for i := range many {
			attributes = append(attributes, fmt.Sprintf(`"name":"a%d","data_type":"integer"`, i))
		}
		w := newWork(t, r, attributes...)
		path := w.ticket(t, nil)
		answers := atOnce(2*many, func(i int) *apptest.Answer {
			if i < many {
				return r.Put(t, path, object{"ticket_attributes": object{fmt.Sprintf("a%d", i): i}})
			}
			return r.Post(t, path+"/reply", object{"message_type": "note", "type": "admin", "admin_id": w.admin, "body": "x"})
		})
		if got := statuses(answers); got[200] != 2*many {
			t.Fatal(got)
		}
		final := r.Get(t, path)
		for i := range many {
			holds(t, final, nil, object{fmt.Sprintf("ticket_attributes.a%d", i): float64(i)})
		}
		all := partIDs(final)
		if len(all) != 1+2*many || !slices.IsSortedFunc(all, func(a, b string) int { return cmpNumbers(a, b) }) {
			t.Errorf("parts %v", all)
		}
		for _, a := range answers[:many] { // each saw the beginning of the one order there is
			if seen := partIDs(a); !slices.Equal(seen, all[:len(seen)]) {
				t.Errorf("%v is not how %v begins", seen, all)
			}
		}
	})
}

// Of two who say how far the work has come, each part says what was before it.
func TestTicketStatesAreOneChain(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		path := w.ticket(t, nil)
		states := []string{"in_progress", "waiting_on_customer", "resolved"}
		for _, a := range atOnce(12, func(i int) *apptest.Answer { return r.Put(t, path, object{"state": states[i%3]}) }) {
			a.OK()
		}
		at := "submitted"
		for _, p := range ticketParts(t, r.Get(t, path))[1:] {
			before, after, _ := strings.Cut(strings.TrimPrefix(p, "bot ticket_state_updated "), ">")
			if before != at || after == at {
				t.Errorf("%s follows %s", p, at)
			}
			at = after
		}
		holds(t, r.Get(t, path), nil, object{"ticket_state": at})
	})
}

func TestTicketShowsItsNewestParts(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		w := newWork(t, r)
		path := w.ticket(t, nil)
		r.Put(t, path, object{"state": "in_progress"}).OK()
		copyPart(t, r, strings.TrimPrefix(path, "/tickets/"), 498) // answers with all there is are long
		if all := partIDs(r.Get(t, path)); len(all) != 500 || all[0] != "1" {
			t.Fatalf("%d parts from %s", len(all), all[0])
		}
		r.Post(t, path+"/reply", object{"message_type": "note", "admin_id": w.admin, "body": "the last"}).OK()
		a := r.Get(t, path)
		if all := partIDs(a); len(all) != 500 || all[0] != "2" || all[499] != "501" {
			t.Fatalf("%d parts from %s to %s", len(all), all[0], all[len(all)-1])
		}
		holds(t, a, nil, object{"ticket_parts.total_count": 500.0, "ticket_parts.ticket_parts.499.body": "<p>the last</p>"})
	})
}

// partIDs are the ids of a ticket's parts, in order.
func partIDs(a *apptest.Answer) []string {
	list, _ := a.OK().At("ticket_parts.ticket_parts").([]any)
	all := make([]string, len(list))
	for i, p := range list {
		all[i] = p.(object)["id"].(string)
	}
	return all
}

// cmpNumbers orders ids as the numbers that they are.
func cmpNumbers(a, b string) int {
	return int(model.Decimal[model.PartID](a) - model.Decimal[model.PartID](b))
}
