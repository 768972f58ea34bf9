package api_test

import (
	"fmt"
	"testing"

	"parley/internal/apptest"
)

// TestSettingsCountAtOnce changes which custom attributes there are and who is told of new contacts, each time after contacts were made,
// and has the next contact go by that; another workspace, which has neither, by its own.
func TestSettingsCountAtOnce(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		elsewhere := r.Elsewhere(t)
		made := 0
		// contact makes one, and reports whether its attribute was accepted.
		contact := func(r *apptest.Rig) bool {
			t.Helper()
			made++
			a := r.Post(t, "/contacts", object{"role": "user", "external_id": fmt.Sprint("n-", made), "custom_attributes": object{"shoe size": 44}})
			if a.Status != 200 && a.Status != 400 {
				t.Fatalf("%d %s", a.Status, a.Body)
			}
			return a.Status == 200
		}
		told := func() int {
			return len(r.Get(t, "/_parley/webhooks/1/deliveries?per_page=150").OK().At("data").([]any))
		}
		for _, step := range []struct {
			name     string
			do       func()
			accepted bool
			told     int // of the two contacts that are made after it
		}{
			{"nothing", func() {}, false, 0},
			{"declared", func() {
				r.Post(t, "/data_attributes", object{"name": "shoe size", "model": "contact", "data_type": "integer"}).OK()
				r.Post(t, "/_parley/webhooks", object{"url": "https://hook.test/", "topics": []string{"contact.archived"}}).OK()
			}, true, 0},
			{"a topic more", func() {
				r.Put(t, "/_parley/webhooks/1", object{"topics": []string{"contact.archived", "contact.user.created"}}).OK()
			}, true, 2},
			{"archived and paused", func() {
				r.Put(t, "/data_attributes/1", object{"archived": true}).OK()
				r.Put(t, "/_parley/webhooks/1", object{"state": "paused"}).OK()
			}, false, 0},
			{"and back", func() {
				r.Put(t, "/data_attributes/1", object{"archived": false}).OK()
				r.Put(t, "/_parley/webhooks/1", object{"state": "live"}).OK()
			}, true, 2},
			{"without the topic", func() { r.Put(t, "/_parley/webhooks/1", object{"topics": []string{"ping"}}).OK() }, true, 0},
		} {
			step.do()
			before := 0
			if step.name != "nothing" {
				before = told()
			}
			if first, second := contact(r), contact(r); first != step.accepted || second != step.accepted {
				t.Errorf("%s: the attribute was accepted %t and %t", step.name, first, second)
			}
			if step.name != "nothing" && told() != before+step.told {
				t.Errorf("%s: %d were told, want %d", step.name, told()-before, step.told)
			}
			if contact(elsewhere) {
				t.Errorf("%s: another workspace has the attribute", step.name)
			}
		}
	})
}
