package api_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"parley/internal/apptest"
)

// The benchmarks go through the door without a network: go test -bench . ./internal/api

func BenchmarkFindContact(b *testing.B) {
	r, ids := filled(b, 1000)
	each(b, func(i int64) { r.Get(b, "/contacts/"+ids[i%int64(len(ids))]).OK() })
}

func BenchmarkCreateContact(b *testing.B) {
	r, _ := filled(b, 1000)
	each(b, func(i int64) { r.Post(b, "/contacts", benchPerson(1_000_000+i)).OK() })
}

func BenchmarkListContacts(b *testing.B) {
	r, _ := filled(b, 1000)
	each(b, func(int64) { r.Get(b, "/contacts?per_page=50").OK() })
}

func BenchmarkSearchContacts(b *testing.B) {
	r, _ := filled(b, 1000)
	const body = `{"query":{"operator":"AND","value":[{"field":"role","operator":"=","value":"user"},
		{"field":"email","operator":"~","value":"7@"}]},"pagination":{"per_page":50}}`
	each(b, func(int64) { r.Post(b, "/contacts/search", body).OK() })
}

func BenchmarkSearchContactsByEmail(b *testing.B) {
	r, _ := filled(b, 1000)
	each(b, func(i int64) {
		r.Post(b, "/contacts/search", fmt.Sprintf(`{"query":{"field":"email","operator":"=","value":"p%d@acme.test"}}`, i%1000)).OK()
	})
}

func BenchmarkTrackEvent(b *testing.B) {
	r, ids := filled(b, 1000)
	each(b, func(i int64) {
		r.Post(b, "/events", map[string]any{"event_name": "opened", "created_at": apptest.Start.Unix() - i, "id": ids[i%1000]}).Is(202)
	})
}

// each runs one of 16 clients' calls per iteration, numbered.
func each(b *testing.B, call func(i int64)) {
	var n atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			call(n.Add(1))
		}
	})
}

// filled is a rig whose workspace has n users. Its answers are not judged: the
// time to measure is the server's.
func filled(b *testing.B, n int64) (*apptest.Rig, []string) {
	b.Helper()
	r := apptest.New(b).Unjudged()
	ids := make([]string, n)
	for i := range n {
		ids[i] = r.Post(b, "/contacts", benchPerson(i)).OK().ID()
	}
	return r, ids
}

func benchPerson(i int64) map[string]any {
	return map[string]any{"role": "user", "external_id": fmt.Sprint("p-", i), "email": fmt.Sprintf("p%d@acme.test", i),
		"name": fmt.Sprint("Person ", i), "phone": "+353 1 555 0100"}
}
