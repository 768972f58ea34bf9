package webhook_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
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

// BenchmarkChange measures POST /contacts with nobody who wants to know, and with a
// webhook that does: by turns of a hundred in one workspace, so that what else the
// machine does slows both, and both write to the same pages. An operation is two
// turns.
func BenchmarkChange(b *testing.B) {
	for _, clients := range []int{1, 16} {
		b.Run(fmt.Sprint("clients=", clients), func(b *testing.B) {
			onEachBench(b, func(b *testing.B, r *apptest.Rig) { benchmarkChange(b, r.Elsewhere(b), clients) })
		})
	}
}

func benchmarkChange(b *testing.B, r *apptest.Rig, clients int) {
	const turn = 100
	var made atomic.Int64
	var wall, used [2][]float64 // microseconds of a request
	for i := 0; b.Loop(); i++ {
		for j := range 2 {
			j = (i + j) % 2
			path := ""
			if j == 1 {
				path = "/_parley/webhooks/" + r.Post(b, "/_parley/webhooks", object{"url": "http://localhost:1/", "topics": []string{"*"}}).OK().ID()
			}
			began, cpu := time.Now(), cpuTime()
			var left atomic.Int64
			left.Store(turn)
			var all sync.WaitGroup
			for range clients {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						r.Post(b, "/contacts", object{"role": "user", "external_id": fmt.Sprint(made.Add(1))}).OK()
					}
				})
			}
			all.Wait()
			wall[j] = append(wall[j], float64(time.Since(began).Microseconds())/turn)
			used[j] = append(used[j], float64((cpuTime()-cpu).Microseconds())/turn)
			if path != "" {
				r.Delete(b, path, nil).OK()
			}
		}
	}
	report := func(name string, of [2][]float64) {
		none, one := undisturbed(of[0]), undisturbed(of[1])
		b.ReportMetric(none, "µs-"+name+"/none")
		b.ReportMetric(one, "µs-"+name+"/one")
		b.ReportMetric(100*(one/none-1), "%more-"+name)
	}
	report("wall", wall)
	report("cpu", used)
}

// undisturbed is what turns took that other work on the machine slowed least: the
// tenth percentile.
func undisturbed(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/10]
}

// cpuTime is what this process has worked so far. A PostgreSQL works in others.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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

// BenchmarkDeliverOne is BenchmarkDeliver for changes of one contact, which are sent one
// after the other: an operation is a delivery.
func BenchmarkDeliverOne(b *testing.B) {
	onEachBench(b, func(b *testing.B, r *apptest.Rig) {
		to := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { io.Copy(io.Discard, q.Body) }))
		defer to.Close()
		id := r.Post(b, "/contacts", object{"role": "user", "external_id": "one"}).OK().ID()
		r.Post(b, "/_parley/webhooks", object{"url": to.URL, "topics": []string{"*"}}).OK()
		for i := range b.N {
			r.Put(b, "/contacts/"+id, object{"name": fmt.Sprint(i)}).OK()
		}
		b.ResetTimer()
		r.RunJobs()
	})
}
