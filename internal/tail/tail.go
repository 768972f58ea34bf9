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
		told := log.Last() // all that are told of these are in the channel
		select {
		case e, ok := <-calls:
			if !ok {
				return t.to.Flush()
			}
			t.call(e)
			continue
		case d := <-t.deliveries:
			t.delivery(&d)
			continue
		default:
		}
		t.leaveOut(told)
		if err := t.to.Flush(); err != nil {
			return err
		}
		select {
		case e, ok := <-calls:
			if !ok {
				return nil
			}
			t.call(e)
		case d := <-t.deliveries:
			t.delivery(&d)
		}
	}
}

// call writes a call, behind the number of those before it that nobody told.
func (t *Tail) call(e *requestlog.Entry) {
	t.leaveOut(e.ID - 1)
	t.last = e.ID
	t.to.Write(t.callLine(e)) // what goes wrong is told by Flush
}

func (t *Tail) delivery(d *Delivery) { t.to.Write(t.deliveryLine(d)) }

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
