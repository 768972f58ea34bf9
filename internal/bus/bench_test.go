package bus_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/internal/bus"
	"parley/internal/means"
)

// BenchmarkTell is the time from telling to hearing, one message after another, and
// how many pass when many are told at once.
func BenchmarkTell(b *testing.B) {
	at := means.Postgres(b)
	heard := make(chan struct{}, 1<<20)
	var nodes []*bus.Bus
	for range 2 {
		ready := make(chan struct{}, 100)
		n := bus.New(bus.Options{URL: at, Logger: slog.New(slog.DiscardHandler), Missed: func() { ready <- struct{}{} },
			Hear: func(bus.Message) bool { heard <- struct{}{}; return true }})
		n.Start()
		b.Cleanup(n.Stop)
		<-ready
		nodes = append(nodes, n)
	}
	hear := func(b *testing.B) {
		b.Helper()
		select {
		case <-heard:
		case <-time.After(patience):
			b.Fatalf("a message is lost: %+v and %+v", nodes[0].Stats(), nodes[1].Stats())
		}
	}
	body := strings.Repeat("x", 200)
	b.Run("one", func(b *testing.B) {
		for b.Loop() {
			nodes[0].Tell("number", "", body)
			hear(b)
		}
	})
	b.Run("many", func(b *testing.B) {
		const many = 5_000 // of which all may wait
		for b.Loop() {
			for i := range many {
				nodes[0].Tell("number", fmt.Sprint(i), fmt.Sprint(i, body))
			}
			for range many {
				hear(b)
			}
		}
		b.ReportMetric(float64(many*b.N)/b.Elapsed().Seconds(), "messages/s")
	})
}
