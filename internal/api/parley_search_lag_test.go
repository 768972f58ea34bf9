package api_test

import (
	"testing"
	"time"

	"parley/internal/apptest"
)

func TestSearchLag(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		workspace := "/_parley/workspaces/" + string(r.Workspace.ID)
		dev := r.AsDeveloper()
		if a := dev.Put(t, workspace, object{"search_lag": "10"}).OK(); a.At("search_lag") != 10.0 {
			t.Fatalf("it is not set: %s", a.Body)
		}
		contact := r.Post(t, "/contacts", object{"email": "a@b.test"}).OK().ID()
		conversation := r.Post(t, "/conversations", object{"from": object{"type": "user", "id": contact}, "body": "b"}).OK().At("conversation_id").(string)
		found := func(when string, want float64) {
			t.Helper()
			for path, query := range map[string]object{
				"/contacts/search":      {"field": "email", "operator": "=", "value": "a@b.test"},
				"/conversations/search": {"field": "id", "operator": "=", "value": conversation},
			} {
				if a := r.Post(t, path, object{"query": query}).OK(); a.At("total_count") != want {
					t.Errorf("%s %s found %v, want %v", when, path, a.At("total_count"), want)
				}
			}
		}
		found("at once", 0)
		r.Get(t, "/contacts/"+contact).OK()
		r.Get(t, "/conversations/"+conversation).OK()
		for _, list := range []string{"/contacts", "/conversations"} {
			if a := r.Get(t, list).OK(); a.At("total_count") != 1.0 {
				t.Errorf("%s has %v", list, a.At("total_count"))
			}
		}
		r.Clock.Pass(9 * time.Second)
		found("after 9 seconds", 0)
		r.Clock.Pass(time.Second)
		found("after 10", 1)
		dev.Put(t, workspace, object{"search_lag": 20}).OK()
		found("after 10 of 20", 0)
		dev.Put(t, workspace, object{}).OK()
		found("after 10 of 20", 0)
		for _, lag := range []any{-1, 86_401, 1.5, "x"} {
			dev.Put(t, workspace, object{"search_lag": lag}).Is(400)
		}
		dev.Put(t, workspace, object{"search_lga": 1}).Fails(400, "parameter_invalid", `There is no member "/search_lga"`)
		dev.Put(t, workspace, object{"search_lag": nil}).OK()
		found("without a lag", 1)
	})
}
