package stream_test

import (
	"strings"
	"testing"

	"parley/internal/apptest"
	"parley/internal/model"
)

// contact makes a contact and returns its id.
func contact(t testing.TB, r *apptest.Rig, externalID string) string {
	t.Helper()
	if externalID == "" {
		externalID = model.NewUUID()
	}
	return r.Post(t, "/contacts", object{"role": "user", "external_id": externalID}).OK().ID()
}

func TestStreamTellsAChange(t *testing.T) {
	apptest.OnEach(t, func(t *testing.T, r *apptest.Rig) {
		before := contact(t, r, "before")
		s := r.Listen(t, "")
		if s.First.Event != "ready" || s.First.ID == "" || !strings.Contains(s.First.Data, `"position":"`+s.First.ID+`"`) {
			t.Errorf("the first frame is %+v", s.First)
		}
		id := contact(t, r, "after")
		f := s.Next("contact.user.created")
		for f.Object() == before { // on PostgreSQL it may not be settled yet
			f = s.Next("contact.user.created")
		}
		for _, part := range []string{`{"type":"event","id":"notif_`, `"topic":"contact.user.created"`, `"object":{"type":"contact","id":"` + id + `"}`, `"created_at":1768478400`} {
			if !strings.Contains(f.Data, part) {
				t.Errorf("the event has no %s: %s", part, f.Data)
			}
		}
		if f.ID == "" || f.ID == s.First.ID {
			t.Errorf("the event has the position %q", f.ID)
		}
	})
}
