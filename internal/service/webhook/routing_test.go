package webhook_test

import (
	"testing"

	"parley/internal/apptest"
)

// TestAnotherServerSubscribes has one server change contacts and another one change
// who is to be told of it. What the first has seen of that is never what counts.
func TestAnotherServerSubscribes(t *testing.T) {
	apptest.OnEachWith(t, loopback, func(t *testing.T, r *apptest.Rig) {
		other := r.Restarted(t, loopback)
		to := newReceiver(t)
		seen := 0
		told := func(after string, want string) {
			t.Helper()
			r.RunJobs()
			all := to.taken()
			if got := topics(all[seen:]); got != want {
				t.Errorf("after %s the receiver was told %q, want %q", after, got, want)
			}
			seen = len(all)
		}
		contact(t, r, "a@x.test")
		path := subscribe(t, other, to, "contact.user.created")
		id := contact(t, r, "b@x.test")
		told("it was subscribed", "contact.user.created")
		contact(t, r, "c@x.test")
		told("that was known", "contact.user.created")
		other.Put(t, path, object{"topics": []string{"contact.user.updated"}}).OK()
		contact(t, r, "d@x.test")
		r.Put(t, "/contacts/"+id, object{"name": "B"}).OK()
		told("it chose another topic", "contact.user.updated")
		second := subscribe(t, other, to, "*")
		contact(t, r, "e@x.test")
		told("there was a second one", "contact.user.created")
		r.Put(t, "/contacts/"+id, object{"name": "C"}).OK()
		told("both were known", "contact.user.updated contact.user.updated")
		other.Delete(t, path, nil).OK()
		other.Delete(t, second, nil).OK()
		contact(t, r, "f@x.test")
		told("both were removed", "")
	})
}
