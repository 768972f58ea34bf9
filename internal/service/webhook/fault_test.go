package webhook_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parley/internal/app"
	"parley/internal/apptest"
)

// TestDeliveriesGoWrong has changes of contacts lost, told twice and overtaken.
func TestDeliveriesGoWrong(t *testing.T) {
	one := app.Options{AllowPrivateAddresses: true, Webhooks: app.WebhookOptions{Parallel: 1}}
	apptest.OnEachWith(t, one, func(t *testing.T, shared *apptest.Rig) {
		for _, c := range []struct {
			name  string
			fault object
			told  string // of contacts a to d, and then of a change of a
			later string // after five seconds more
			log   string // states and attempts, oldest first
			why   string // of what went wrong first
		}{
			{"lost", object{"deliveries": "lose", "every": 2}, "a c a", "", "delivered/1 dropped/1 delivered/1 dropped/1 delivered/1", "Lost by fault 1: nothing was sent"},
			{"told twice", object{"deliveries": "duplicate", "from": 2, "times": 1}, "a b b:2 c d a", "", "delivered/1 delivered/2 delivered/1 delivered/1 delivered/1", "Sent twice by fault 1"},
			{"overtaken", object{"deliveries": "reorder", "times": 1}, "b c d a", "a", "delivered/1 delivered/1 delivered/1 delivered/1 delivered/1", "Held back by fault 1"},
			{"of a topic", object{"deliveries": "lose", "topic": "contact.user.updated"}, "a b c d", "", "delivered/1 delivered/1 delivered/1 delivered/1 dropped/1", "Lost by fault 1: nothing was sent"},
			{"of this webhook", object{"deliveries": "lose", "webhook_id": "1", "from": 2}, "a", "", "delivered/1 dropped/1 dropped/1 dropped/1 dropped/1", "Lost by fault 1: nothing was sent"},
			{"by chance", object{"deliveries": "lose", "probability": 0.5, "seed": 7}, "c d", "", "dropped/1 dropped/1 delivered/1 delivered/1 dropped/1", "Lost by fault 1: nothing was sent"},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := shared.Elsewhere(t)
				to := newReceiver(t)
				path := subscribe(t, r, to, "contact.user.created", "contact.user.updated")
				contact(t, r, "before@x.test") // which no fault counts
				r.RunJobs()
				r.AsDeveloper().Post(t, "/_parley/workspaces/"+string(r.Workspace.ID)+"/faults", c.fault).OK()
				var first string
				for _, name := range []string{"a", "b", "c", "d"} {
					id := contact(t, r, name+"@x.test")
					if first == "" {
						first = id
					}
					if name == "b" { // where one ends does not matter
						r.RunJobs()
					}
				}
				r.Put(t, "/contacts/"+first, object{"name": "A"}).OK()
				r.RunJobs()
				if got := names(to.taken()[1:]); got != c.told {
					t.Errorf("told %s, want %s", got, c.told)
				}
				n := len(to.taken())
				shared.Clock.Pass(5 * time.Second)
				r.RunJobs()
				if got := names(to.taken()[n:]); got != c.later {
					t.Errorf("told later %s, want %s", got, c.later)
				}
				var log struct {
					Data []struct {
						ID, State string
						Attempts  int
					}
				}
				r.Get(t, path+"/deliveries").OK().Decode(&log)
				var states []string
				why := ""
				for i := len(log.Data) - 2; i >= 0; i-- { // the oldest is from before
					d := log.Data[i]
					states = append(states, fmt.Sprintf("%s/%d", d.State, d.Attempts))
					if one := r.Get(t, "/_parley/deliveries/"+d.ID).OK(); why == "" {
						why, _ = one.At(fmt.Sprintf("attempt_list.%d.error", d.Attempts-1)).(string)
					}
				}
				if got := strings.Join(states, " "); got != c.log || why != c.why {
					t.Errorf("the log has %s and %q, want %s and %q", got, why, c.log, c.why)
				}
				if w := r.Get(t, path).OK(); w.At("failing_since") != nil || w.At("state") != "live" {
					t.Errorf("the receiver is blamed: %s", w.Body)
				}
			})
		}
	})
}

// names are the contacts that notifications are about, and of attempts after the first
// their number.
func names(notes []note) string {
	var all []string
	for _, n := range notes {
		name, _, _ := strings.Cut(fmt.Sprint(n.Data.Item["email"]), "@")
		if n.DeliveryAttempts > 1 {
			name = fmt.Sprintf("%s:%d", name, n.DeliveryAttempts)
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}
