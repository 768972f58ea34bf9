package webhook

import (
	"sync/atomic"

	"parley/internal/model/event"
)

// Stats are what came of the requests that this process sent, since its start.
type Stats struct {
	Delivered int64 // arrived
	Retrying  int64 // did not, and the delivery will be tried again
	Dropped   int64 // did not, and the delivery was given up
}

// Stats are the counts of this process.
func (s *Service) Stats() Stats {
	return Stats{Delivered: s.sent.delivered.Load(), Retrying: s.sent.retrying.Load(), Dropped: s.sent.dropped.Load()}
}

// sentCounts count outcomes that have been written.
type sentCounts struct{ delivered, retrying, dropped atomic.Int64 }

func (c *sentCounts) count(written []verdict) {
	for i := range written {
		switch written[i].delivery.State {
		case event.Delivered:
			c.delivered.Add(1)
		case event.Dropped:
			c.dropped.Add(1)
		default:
			c.retrying.Add(1)
		}
	}
}
