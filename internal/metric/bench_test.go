package metric_test

import (
	"testing"

	"parley/internal/metric"
)

// counting makes what counts a request as the API does.
func counting() (count func(operation string, seconds float64)) {
	var r metric.Registry
	requests := r.Counters("requests_total", "", "operation", "status")
	durations := r.Histograms("seconds", "", []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}, "operation")
	return func(operation string, seconds float64) {
		requests.With(operation, "200").Inc()
		durations.With(operation).Observe(seconds)
	}
}

// TestAllocations is not parallel: it counts what the process allocates.
func TestAllocations(t *testing.T) {
	count := counting()
	if n := testing.AllocsPerRun(100, func() { count("show", .02) }); n != 0 {
		t.Errorf("a request allocates %v times", n)
	}
}

// BenchmarkRequest counts requests from many goroutines.
func BenchmarkRequest(b *testing.B) {
	count := counting()
	operations := []string{"createContact", "showContact", "listTags", "replyConversation"}
	b.ReportAllocs()
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			count(operations[i%len(operations)], float64(i%1000)/1000)
		}
	})
}
