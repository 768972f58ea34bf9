package sandbox_test

import (
	"testing"

	"parley/internal/apptest"
)

// BenchmarkAdvance advances over snoozes an hour apart: an operation is one that ends.
func BenchmarkAdvance(b *testing.B) {
	r := apptest.New(b).Unjudged()
	made := r.AsDeveloper().Post(b, "/_parley/workspaces", object{"now": now, "frozen": true}).OK()
	token := apptest.As(made.At("access_token").(string))
	admin := r.Get(b, "/me", token).OK().ID()
	lead := r.Post(b, "/contacts", object{"role": "lead"}, token).OK().ID()
	for i := range b.N {
		m := r.Post(b, "/conversations", object{"from": object{"type": "contact", "id": lead}, "body": "Hello"}, token).OK()
		r.Post(b, "/conversations/"+m.At("conversation_id").(string)+"/parts",
			object{"message_type": "snoozed", "admin_id": admin, "snoozed_until": now + int64(i+1)*hour}, token).OK()
	}
	b.ResetTimer()
	a := r.AsDeveloper().Post(b, "/_parley/workspaces/"+made.ID()+"/clock/advance", object{"seconds": int64(b.N+1) * hour}).OK()
	if a.At("jobs") != float64(b.N) {
		b.Fatalf("%s", a.Body)
	}
}
