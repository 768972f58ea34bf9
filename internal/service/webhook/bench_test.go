package webhook_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"parley/internal/apptest"
	"parley/internal/means"
)

func onEachBench(b *testing.B, bench func(b *testing.B, r *apptest.Rig)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, apptest.With(b, loopback).Unjudged()) })
	b.Run("postgres", func(b *testing.B) {
		means.NeedPostgres(b)
		bench(b, apptest.WithPostgres(b, loopback).Unjudged())
	})
}

// BenchmarkChange measures POST /contacts by one client with nobody who wants to
// know, and with a webhook that does: by turns, so that what else the machine does
// slows both.
func BenchmarkChange(b *testing.B) {
	onEachBench(b, func(b *testing.B, r *apptest.Rig) {
		rigs := []*apptest.Rig{r.Elsewhere(b), r.Elsewhere(b)}
		rigs[1].Post(b, "/_parley/webhooks", object{"url": "http://localhost:1/", "topics": []string{"*"}}).OK()
		took := [2][]time.Duration{}
		for i := 0; b.Loop(); i++ {
			for j := range rigs {
				j = (i + j) % 2
				began := time.Now()
				rigs[j].Post(b, "/contacts", object{"role": "user", "external_id": fmt.Sprint(i)}).OK()
				took[j] = append(took[j], time.Since(began))
			}
		}
		for j := range took {
			slices.Sort(took[j])
		}
		median := func(j int) float64 { return float64(took[j][len(took[j])/2].Microseconds()) }
		b.ReportMetric(median(0), "µs/none")
		b.ReportMetric(median(1), "µs/one")
		b.ReportMetric(100*(median(1)/median(0)-1), "%more")
	})
}

// BenchmarkDeliver measures how long it takes to send what waits for a webhook, to a
// receiver on the same machine: an operation is a delivery.
func BenchmarkDeliver(b *testing.B) {
	onEachBench(b, func(b *testing.B, r *apptest.Rig) {
		to := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { io.Copy(io.Discard, q.Body) }))
		defer to.Close()
		r.Post(b, "/_parley/webhooks", object{"url": to.URL, "topics": []string{"*"}}).OK()
		for i := range b.N {
			r.Post(b, "/contacts", object{"role": "user", "external_id": fmt.Sprint(i)}).OK()
		}
		b.ResetTimer()
		r.RunJobs()
	})
}
