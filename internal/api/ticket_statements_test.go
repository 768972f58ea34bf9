package api_test

import (
	"fmt"
	"testing"

	"parley/internal/apptest"
)

// How many statements a ticket takes does not depend on what it has; and SQLite
// reads the few rows that are the ticket's.
func TestTicketStatementsDoNotGrow(t *testing.T) {
	onEachTraced(t, func(t *testing.T, r *apptest.Rig, tr *apptest.Trace) {
		var attributes []string
		values := object{}
		for i := range several {
			attributes = append(attributes, fmt.Sprintf(`"name":"a%d","data_type":"string"`, i))
			values[fmt.Sprintf("a%d", i)] = "x"
		}
		attributes = append(attributes, `"name":"files","data_type":"files","allow_multiple_values":true`)
		values["files"] = []string{"https://files.test/a", "https://files.test/b"}
		few, many := newWork(t, r), newWork(t, r.Elsewhere(t), attributes...)
		short, long := few.ticket(t, nil), many.ticket(t, values)
		few.r.Post(t, short+"/reply", object{"admin_id": few.admin, "body": "x"}).OK()
		for range several {
			many.r.Post(t, long+"/reply", object{"admin_id": many.admin, "body": "x", "attachment_urls": []string{"https://files.test/c"}}).OK()
		}
		for _, tt := range []struct {
			name       string
			call       func(w *work, path string)
			statements int // at most, those of who asks apart
		}{
			{"create", func(w *work, _ string) { w.ticket(t, nil) }, 12 + told},
			{"retrieve", func(w *work, path string) { w.r.Get(t, path).OK() }, 7},
			{"update", func(w *work, path string) {
				w.r.Put(t, path, object{"ticket_attributes": object{"_default_title_": "x"}, "state": "resolved", "is_shared": true,
					"assignment": object{"assignee_id": w.admin}, "open": false}).OK()
			}, 23 + told},
			{"reply", func(w *work, path string) { w.r.Post(t, path+"/reply", object{"admin_id": w.admin, "body": "x"}).OK() }, 9 + told},
		} {
			little, much := tr.Of(func() { tt.call(few, short) }), tr.Of(func() { tt.call(many, long) })
			if len(little) != len(much) || len(much) > tt.statements {
				t.Errorf("%s takes %d statements of little and %d of much, want the same, and %d at most:\n%s",
					tt.name, len(little), len(much), tt.statements, texts(much))
			}
			holdPlans(t, r, much)
		}
	})
}
