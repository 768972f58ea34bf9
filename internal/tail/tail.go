// Package tail writes what a server is asked, and what it tells webhooks, to a terminal
// as it happens: a line each.
// It must not hold anything up: what cannot be written in time is left out, and counted.
package tail

import (
	"bufio"
	"io"
	"sync/atomic"
	"time"

	"parley/internal/requestlog"
)

// Options are how lines are written.
type Options struct {
	To       io.Writer
	Color    bool           // by the escape sequences of ANSI
	Location *time.Location // of the times
}

// A Delivery is an attempt to tell a webhook something.
type Delivery struct {
	At        time.Time // when it had ended
	Took      time.Duration
	Workspace string
	Topic     string
	URL       string
	Attempt   int64  // from 1
	Status    int    // of the answer; 0 for none
	State     string // what has become of the delivery: delivered, retrying, dropped
	Error     string // why it has not arrived, if that is known
}

// waiting is how many deliveries wait to be written.
const waiting = 256

// A Tail writes lines.
type Tail struct {
	options    Options
	to         *bufio.Writer
	workspace  string // whose lines do not say that they are of it
	deliveries chan Delivery
	unsaid     atomic.Int64 // deliveries for which there was no room
	last       uint64       // the call that was written last, or left out
}

// New makes a tail, which writes nothing before it runs.
func New(o Options) *Tail {
	return &Tail{options: o, to: bufio.NewWriter(o.To), deliveries: make(chan Delivery, waiting)}
}

// Delivered has a delivery be written. It does not wait.
func (t *Tail) Delivered(d Delivery) {
	select {
	case t.deliveries <- d:
	default:
		t.unsaid.Add(1)
	}
}

// Run writes the calls of a log that it is told from the first one on, and deliveries,
// until there are no more calls. Lines of that workspace do not say that they are of it.
// Its error is one of writing.
func (t *Tail) Run(workspace string, log *requestlog.Log, calls <-chan *requestlog.Entry) error {
	t.workspace = workspace
	for {
		told := log.Last() // all of these are in the channel, or there was no room for them
		e, d, ok := t.next(calls, false)
		if !ok {
			break
		}
		if e == nil && d == nil {
			t.leaveOut(told)
			if err := t.to.Flush(); err != nil {
				return err
			}
			if e, d, ok = t.next(calls, true); !ok {
				break
			}
		}
		if e != nil {
			t.leaveOut(e.ID - 1)
			t.last = e.ID
			t.to.Write(t.callLine(e)) // what goes wrong is told by Flush
		} else {
			t.to.Write(t.deliveryLine(d))
		}
	}
	for len(t.deliveries) > 0 {
		d := <-t.deliveries
		t.to.Write(t.deliveryLine(&d))
	}
	t.leaveOut(log.Last())
	return t.to.Flush()
}

// next is what is to be written next, or neither where there is nothing and it is not to
// be waited for. It is not ok once there are no more calls.
func (t *Tail) next(calls <-chan *requestlog.Entry, wait bool) (e *requestlog.Entry, d *Delivery, ok bool) {
	if wait {
		select {
		case e, ok = <-calls:
			return e, nil, ok
		case d := <-t.deliveries:
			return nil, &d, true
		}
	}
	select {
	case e, ok = <-calls:
		return e, nil, ok
	case d := <-t.deliveries:
		return nil, &d, true
	default:
		return nil, nil, true
	}
}

// leaveOut says how many calls, up to one, and deliveries were not written.
func (t *Tail) leaveOut(to uint64) {
	n := t.unsaid.Swap(0)
	if to > t.last {
		n += int64(to - t.last)
		t.last = to
	}
	if n > 0 {
		t.to.Write(t.leftOutLine(n))
	}
}
