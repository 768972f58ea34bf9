package api_test

import (
	"testing"

	"parley/internal/app"
	"parley/internal/apptest"
)

// BenchmarkRequestLog reads contacts on a server that keeps its calls, and on one that
// does not.
func BenchmarkRequestLog(b *testing.B) {
	for _, c := range []struct{ name, token string }{{"off", apptest.NoDevToken}, {"on", apptest.DevToken}} {
		b.Run(c.name, func(b *testing.B) {
			r, ids := filled(b, 1000)
			r = r.Restarted(b, app.Options{DevToken: c.token}).Unjudged()
			each(b, func(i int64) { r.Get(b, "/contacts/"+ids[i%int64(len(ids))]).OK() })
		})
	}
}
