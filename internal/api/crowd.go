package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"parley/internal/metric"
	"parley/internal/model"
	"parley/internal/turn"
)

// The bounds of what bodies of requests are in memory at once. What is taken in of one counts, until it is answered, but
// for its beginning, which every request may have.
const (
	lightBody   = 16 << 10
	heavyBodies = 96 << 20
)

// A Crowd is all that a server does at once, whoever asks: so many requests are answered, some wait for a short while, and
// the others are told to come back. It is for one server; the zero value bounds bodies alone.
type Crowd struct {
	places  *turn.Turns[struct{}]
	wait    time.Duration
	heavy   atomic.Int64 // bytes
	refused *metric.Vec[metric.Counter]
}

// queuePerPlace is how many requests may wait for each that is answered.
const queuePerPlace = 4

// NewCrowd makes one of so many requests at once, others of which wait for so long; 0 is any number.
func NewCrowd(most int, wait time.Duration, to *metric.Registry) *Crowd {
	c := &Crowd{places: turn.NewWithQueue[struct{}](most, most*queuePerPlace), wait: wait,
		refused: to.Counters("parley_http_requests_refused_total",
			"Requests that were told to come back, by why: too many waited already (queue), for too long (wait), or their bodies were too much together (bodies).",
			"why")}
	for _, why := range []string{"queue", "wait", "bodies"} {
		c.refused.With(why) // is told before there is any
	}
	to.Gauge("parley_http_requests_queued", "Requests that wait for any other to be answered.", func() float64 { return float64(c.places.Waiting()) })
	return c
}

// take waits for a place. It is given back by calling done, once.
func (c *Crowd) take(w http.ResponseWriter, r *request) (done func(), err error) {
	if c == nil {
		return func() {}, nil
	}
	if done, ok := c.places.Try(struct{}{}); ok { // most often; and for that alone no clock is set
		return done, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), c.wait)
	defer cancel()
	done, err = c.places.Take(ctx, struct{}{})
	switch {
	case errors.Is(err, turn.ErrFull):
		return nil, c.refuse(w, "queue")
	case err != nil && r.Context().Err() == nil:
		return nil, c.refuse(w, "wait")
	}
	return done, err
}

// refuse tells a client to come back.
func (c *Crowd) refuse(w http.ResponseWriter, why string) error {
	c.refused.With(why).Inc()
	w.Header().Set("Retry-After", retryAfter)
	return &model.Error{Kind: model.Unavailable, Code: "service_unavailable", Message: "The server has too much to do at the moment. Please try again"}
}

// errHeavy ends the reading of a body for which there is no room.
var errHeavy = errors.New("there is no room for the body")

// weigh counts a body as it comes. What came of it counts until forget.
func (c *Crowd) weigh(r *request, body io.Reader) io.Reader {
	if c == nil {
		return body
	}
	return &weighed{crowd: c, request: r, from: body}
}

// forget gives back what a request weighed.
func (c *Crowd) forget(r *request) {
	if c != nil {
		c.heavy.Add(-r.weight)
		r.weight = 0
	}
}

type weighed struct {
	crowd   *Crowd
	request *request
	from    io.Reader
	read    int64
}

func (b *weighed) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.read += int64(n)
	if more := b.read - lightBody - b.request.weight; more > 0 {
		b.request.weight += more
		if b.crowd.heavy.Add(more) > heavyBodies {
			return n, errHeavy
		}
	}
	return n, err
}
