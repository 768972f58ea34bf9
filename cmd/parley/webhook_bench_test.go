package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hook starts a receiver that takes so long, and subscribes it to contacts.
func hook(b *testing.B, s *server, topic string, took time.Duration, hear func()) {
	to := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		hear()
		io.Copy(io.Discard, r.Body)
		time.Sleep(took)
	}))
	b.Cleanup(to.Close)
	s.ask("POST", "/_parley/webhooks", s.token, fmt.Sprintf(`{"url":%q,"topics":[%q]}`, to.URL, topic))
}

func newContact(s *server, name string) string {
	var made struct{ ID string }
	_ = json.Unmarshal([]byte(s.ask("POST", "/contacts", s.token, fmt.Sprintf(`{"role":"user","external_id":%q}`, name))), &made)
	return made.ID
}

// BenchmarkWebhookLatency measures from a request that changes something, of an idle
// server, to the first byte at the receiver. With a slow receiver beside it, that
// takes five seconds for each request, nothing is to change.
func BenchmarkWebhookLatency(b *testing.B) {
	for _, slow := range []bool{false, true} {
		b.Run(map[bool]string{false: "alone", true: "beside a slow one"}[slow], func(b *testing.B) {
			s := start(b, nil, "--data", b.TempDir(), "--log-level", "error")
			heard := make(chan time.Time, 1)
			hook(b, s, "contact.user.updated", 0, func() { heard <- time.Now() })
			id := newContact(s, "one")
			if slow {
				hook(b, s, "*", 5*time.Second, func() {})
				for i := range 200 {
					newContact(s, fmt.Sprint("slow", i))
				}
			}
			var took []time.Duration
			i := 0
			for b.Loop() {
				i++
				began := time.Now()
				s.ask("PUT", "/contacts/"+id, s.token, fmt.Sprintf(`{"name":"%d"}`, i))
				took = append(took, (<-heard).Sub(began))
				if i%10 == 0 {
					time.Sleep(1200 * time.Millisecond) // whoever sends has gone to sleep
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "ms/p99")
		})
	}
}

// BenchmarkWebhookFlow changes contacts by 16 clients and measures how many changes a
// second have been told of when the last one has.
func BenchmarkWebhookFlow(b *testing.B) {
	s := start(b, nil, "--data", b.TempDir(), "--log-level", "error")
	var heard atomic.Int64
	hook(b, s, "contact.user.updated", 0, func() { heard.Add(1) })
	ids := make([]string, 64)
	for i := range ids {
		ids[i] = newContact(s, fmt.Sprint("c", i))
	}
	b.ResetTimer()
	var turn atomic.Int64
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for n := turn.Add(1); n <= int64(b.N); n = turn.Add(1) {
				s.ask("PUT", "/contacts/"+ids[n%64], s.token, fmt.Sprintf(`{"name":"%d"}`, n))
			}
		})
	}
	all.Wait()
	written := b.Elapsed()
	for heard.Load() < int64(b.N) {
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(b.N)/written.Seconds(), "changes/s")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "told/s")
}
