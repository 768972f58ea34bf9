package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/apptest"
	"parley/internal/model"
)

// TestTicketChangesAnswerWithWhatThereIs has a ticket that has everything be changed in each way, until it has more parts than are read while others wait.
func TestTicketChangesAnswerWithWhatThereIs(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		team, err := r.App.Workspace.CreateTeam(t.Context(), r.Actor(), model.Team{Name: "Support"})
		noError(t, err)
		second := newAdmin(t, r, model.Admin{Name: "Bob", Email: "bob@acme.test"}).ID.String()
		w := newWork(t, r, `"name":"count","data_type":"decimal"`, `"name":"due","data_type":"datetime"`, `"name":"one","data_type":"list","list_items":"Low,High"`,
			`"name":"log","data_type":"files"`, `"name":"pictures","data_type":"files","allow_multiple_values":true`)
		link := func(name string) string { return "https://files.test/" + name }
		made := w.open(t, object{"_default_title_": "It burns", "count": 2.50, "one": "Low", "log": link("z.txt"), "pictures": []string{link("c.gif"), link("a.gif"), link("b.gif")}}).OK()
		path := "/tickets/" + made.ID()
		asRead := func(name string, changed *apptest.Answer) {
			t.Helper()
			if diff := cmp.Diff(r.Get(t, "/tickets/"+changed.OK().ID()).OK().Pretty(), changed.Pretty()); diff != "" {
				t.Errorf("%s: the answer is not what is read after it (-read +answered):\n%s", name, diff)
			}
		}
		asRead("made", made)
		asRead("made of nothing", w.open(t, nil))
		changes := []struct {
			name string
			body object
		}{
			{"nothing", object{}},
			{"a number", object{"ticket_attributes": object{"count": 3.0}}},
			{"another number", object{"ticket_attributes": object{"count": 0.25, "one": "High"}}},
			{"a time", object{"ticket_attributes": object{"due": r.Clock.Now().Unix()}}},
			{"other files", object{"ticket_attributes": object{"log": link("y.txt"), "pictures": []string{link("e.gif"), link("d.gif")}}}},
			{"no files", object{"ticket_attributes": object{"log": nil, "pictures": nil, "due": nil}}},
			{"files again", object{"ticket_attributes": object{"log": link("x.txt"), "pictures": link("f.gif")}}},
			{"work on it", object{"state": "in_progress", "is_shared": true}},
			{"to a team", object{"assignment": object{"admin_id": second, "assignee_id": team.ID.String()}}},
			{"to an admin", object{"assignment": object{"assignee_id": second}}},
			{"put aside", object{"open": true, "snoozed_until": r.Clock.Now().Add(24 * time.Hour).Unix()}},
			{"opened", object{"open": true}},
			{"closed, and more", object{"open": false, "state": "resolved", "is_shared": false, "assignment": object{"assignee_id": r.Admin.ID.String()}}},
			{"opened again", object{"open": true, "state": "waiting_on_customer"}},
			{"to nobody", object{"assignment": object{"assignee_id": "0"}}},
		}
		most := 0
		for round := range 3 {
			for _, c := range changes {
				r.Clock.Pass(time.Minute)
				changed := r.Put(t, path, c.body)
				asRead(fmt.Sprintf("%s, the %d. time", c.name, round+1), changed)
				most = len(changed.At("ticket_parts.ticket_parts").([]any))
			}
			r.Post(t, path+"/reply", object{"admin_id": second, "body": "Look", "attachment_urls": []string{link("g.gif"), link("h.gif")}}).OK()
			r.RunJobs()
		}
		if most < 35 {
			t.Errorf("there are %d parts, not more than are read at once", most)
		}
		r.Put(t, path, object{"state": "done"}).Fails(400, "parameter_invalid", "state must be in_progress, waiting_on_customer or resolved")
	})
}
