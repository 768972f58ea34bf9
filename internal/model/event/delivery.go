package event

import (
	"fmt"
	"net/http"
	"time"

	"parley/internal/model"
)

// A DeliveryState says how far a delivery is.
type DeliveryState string

const (
	Pending   DeliveryState = "pending"   // is to be sent
	Retrying  DeliveryState = "retrying"  // is to be sent at a time; others of its object wait for it
	Held      DeliveryState = "held"      // waits for an earlier one of its object
	Delivered DeliveryState = "delivered" // has arrived
	Dropped   DeliveryState = "dropped"   // was given up
)

// DeliveryStates are all there are.
func DeliveryStates() []DeliveryState {
	return []DeliveryState{Pending, Retrying, Held, Delivered, Dropped}
}

// Ended reports that nothing more is sent by itself.
func (s DeliveryState) Ended() bool { return s == Delivered || s == Dropped }

// A Delivery is a notification on its way to one subscription.
type Delivery struct {
	Number       int64 // of one object in the order of what happened to it
	Subscription SubscriptionID
	Notification Notification
	State        DeliveryState
	Attempts     int64 // made in all
	Failures     int64 // since it was put on its way, by what happened or by a person
	DueAt        int64 // not to be sent before; 0 is at once
	FirstSentAt  int64
	DeliveredAt  int64
	CreatedAt    int64
}

// A Notification is an event as webhooks are told it.
type Notification struct {
	ID        string // a UUID; all that is sent of it carries the same
	Topic     Topic
	Object    string // an Object's key
	Item      []byte // JSON
	Test      bool   // a person asked for it; nothing happened
	CreatedAt int64
}

// The bounds of what is kept of an answer.
const (
	MaxAnswerBody   = 2 << 10
	MaxAnswerHeader = 4 << 10
)

// An Attempt is one request of a delivery and what came of it.
type Attempt struct {
	Delivery int64
	Number   int64 // from 1
	At       int64
	Took     time.Duration
	Status   int // 0 for no answer
	Error    string
	Header   http.Header // of the answer
	Body     []byte      // of the answer; its beginning
	// RetryAfter is what the answer asks for, in seconds; it is not kept.
	RetryAfter int64
}

// Arrived reports whether the receiver took it.
func (a *Attempt) Arrived() bool { return a.Status >= 200 && a.Status < 300 }

// A Policy is what failures of a subscription lead to. Times are in seconds.
type Policy struct {
	Retries     int64 // of a delivery, after which it is dropped
	RetryDelay  int64 // before the first retry; twice as long before each further one
	MaxDelay    int64
	PauseAfter  int64 // failures one after another; 0 for never
	PauseWindow int64 // in which those are counted
	PauseFor    int64
	// SuspendAfter is how long a subscription may fail; 0 for ever.
	SuspendAfter int64
	ThrottleMin  int64 // after the first 429; twice as long after each further one
	ThrottleMax  int64
}

// Why a subscription waits.
const (
	throttled = "throttled"
	failing   = "failing"
)

// Conclude is what an attempt means for its delivery and its subscription. jitter is
// a random number from 0 to 1.
func (p *Policy) Conclude(s *Subscription, d *Delivery, a *Attempt, jitter float64) {
	d.Attempts = a.Number
	if d.FirstSentAt == 0 {
		d.FirstSentAt = a.At
	}
	if a.Arrived() {
		d.State, d.DeliveredAt, d.DueAt = Delivered, a.At, 0
		s.Failures, s.FailuresSince, s.FailingSince, s.Delay = 0, 0, 0, 0
		return
	}
	d.Failures++
	switch a.Status {
	case http.StatusGone:
		d.State, d.DueAt = Dropped, 0
		s.State, s.Reason = Removed, "The receiver answered 410 Gone"
	case http.StatusTooManyRequests:
		delay := p.throttle(s, a)
		p.retry(d, a.At, delay, max(p.Retries, p.throttles()))
	default:
		p.retry(d, a.At, p.pause(d.Failures, jitter), p.Retries)
		p.fail(s, a.At)
	}
}

// retry puts a delivery off, or drops it after so many failures.
func (p *Policy) retry(d *Delivery, now, delay, most int64) {
	if d.Failures > most {
		d.State, d.DueAt = Dropped, 0
		return
	}
	d.State, d.DueAt = Retrying, now+max(delay, 1)
}

// pause is how long to wait after so many failures: up to half as long again by
// chance, so that what failed together is not tried together.
func (p *Policy) pause(failures int64, jitter float64) int64 {
	delay := p.MaxDelay
	if shift := failures - 1; shift < 30 && p.RetryDelay < p.MaxDelay>>shift {
		delay = p.RetryDelay << shift
	}
	return delay + int64(float64(delay)/2*jitter)
}

// throttle has a subscription wait that answers 429.
func (p *Policy) throttle(s *Subscription, a *Attempt) int64 {
	if s.WaitUntil > a.At && s.Waiting == throttled {
		return s.WaitUntil - a.At // sent before the first answer came
	}
	s.Delay = min(max(2*s.Delay, p.ThrottleMin), p.ThrottleMax)
	if a.RetryAfter > 0 {
		s.Delay = min(max(a.RetryAfter, p.ThrottleMin), p.ThrottleMax)
	}
	s.WaitUntil, s.Waiting = a.At+s.Delay, throttled
	return s.Delay
}

// throttles is how often the delay after a 429 can grow.
func (p *Policy) throttles() int64 {
	n := int64(1)
	for delay := max(p.ThrottleMin, 1); delay < p.ThrottleMax; delay *= 2 {
		n++
	}
	return n
}

// fail counts a failure of a subscription.
func (p *Policy) fail(s *Subscription, now int64) {
	if s.FailingSince == 0 {
		s.FailingSince = now
	}
	if s.Failures == 0 || now-s.FailuresSince > p.PauseWindow {
		s.Failures, s.FailuresSince = 0, now
	}
	s.Failures++
	if p.PauseAfter > 0 && s.Failures > p.PauseAfter && s.State == Live {
		s.Failures, s.WaitUntil, s.Waiting = 0, max(s.WaitUntil, now+p.PauseFor), failing
	}
	if p.SuspendAfter > 0 && now-s.FailingSince > p.SuspendAfter && s.State == Live {
		s.State = Suspended
		s.Reason = fmt.Sprintf("No delivery has arrived since %s", time.Unix(s.FailingSince, 0).UTC().Format(time.DateTime))
	}
}

// Replay puts a delivery on its way again, whatever became of it. It reports whether
// anything is to be changed.
func (d *Delivery) Replay(now int64) bool {
	switch d.State {
	case Delivered, Dropped:
		d.State, d.DueAt = Pending, 0
	case Retrying:
		d.DueAt = now // at once
	default:
		return false // it is on its way
	}
	d.Failures = 0
	return true
}

// DeliveryNotFound is the answer to an unknown delivery.
func DeliveryNotFound() *model.Error {
	return &model.Error{Kind: model.NotFound, Code: "not_found", Message: "Delivery not found"}
}
