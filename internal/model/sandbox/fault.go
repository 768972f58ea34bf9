package sandbox

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
)

// The bounds of faults.
const (
	MaxFaults  = 100       // of a workspace
	MaxLatency = 30_000    // milliseconds
	MaxDelay   = 86_400    // seconds
	maxCount   = 1_000_000 // of calls and of bytes
	maxText    = 255       // characters
	maxMessage = 2_048
	searched   = 64 << 10 // bytes of a body in which a contact is looked for
)

// A Fault is what goes wrong on purpose, with which calls of a workspace or with which
// deliveries to its webhooks.
type Fault struct {
	ID        int64 `json:"id"`
	CreatedAt int64 `json:"created_at"`

	// What it is for. What is empty is no condition.
	Operation string `json:"operation,omitzero"`
	Method    string `json:"method,omitzero"`
	Path      string `json:"path,omitzero"`    // a pattern as path.Match has it
	Contact   string `json:"contact,omitzero"` // an id, an e-mail address or an external id
	Topic     string `json:"topic,omitzero"`   // of a delivery
	Webhook   int64  `json:"webhook,omitzero"` // of a delivery

	Turns

	// What it does to a call.
	Latency    int64  `json:"latency,omitzero"` // milliseconds
	Status     int    `json:"status,omitzero"`
	Code       string `json:"code,omitzero"`        // in the body, in place of the status's own
	Message    string `json:"message,omitzero"`     // likewise
	RetryAfter int64  `json:"retry_after,omitzero"` // seconds, in a header
	RateLimit  bool   `json:"rate_limit,omitzero"`
	Drop       bool   `json:"drop,omitzero"`     // there is no answer
	After      bool   `json:"after,omitzero"`    // … although the operation was done
	Truncate   int64  `json:"truncate,omitzero"` // bytes of the body that are sent
	Drip       int64  `json:"drip,omitzero"`     // bytes of the body a second

	// What it does to a delivery.
	Delivery DeliveryFault `json:"delivery,omitzero"`
	Delay    int64         `json:"delay,omitzero"`  // seconds by which it comes too late
	Behind   int64         `json:"behind,omitzero"` // only deliveries with higher numbers
}

// A DeliveryFault is what can go wrong with a delivery.
type DeliveryFault string

const (
	Lose      DeliveryFault = "lose"      // it is never sent
	Duplicate DeliveryFault = "duplicate" // it is sent twice
	Reorder   DeliveryFault = "reorder"   // later ones overtake it
)

// Turns say at which of what a fault is for it acts, counted from 1.
type Turns struct {
	From        int64   `json:"from,omitzero"`        // the first; 0: as Every has it
	Times       int64   `json:"times,omitzero"`       // at how many of them; 0: at all
	Every       int64   `json:"every,omitzero"`       // each so manieth; 0: each
	Probability float64 `json:"probability,omitzero"` // at so many of them, by chance; 0: at all
	Seed        int64   `json:"seed,omitzero"`        // the same chances for the same seed
}

// Has reports whether it is the turn of the n-th.
func (t Turns) Has(n int64) bool {
	every := max(t.Every, 1)
	from := t.From
	if from == 0 {
		from = every
	}
	if n < from || (n-from)%every != 0 || t.Times > 0 && (n-from)/every >= t.Times {
		return false
	}
	return t.Probability == 0 || chance(t.Seed, n) < t.Probability
}

// chance is a number from 0 to 1 for the n-th turn of a seed: the same one always, on
// every machine. It mixes the bits as SplitMix64 does.
func chance(seed, n int64) float64 {
	x := uint64(seed) + uint64(n)*0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// A Call is a call that may meet a fault.
type Call struct {
	Operation, Method string
	Path, Query       string // as they were sent
	Body              []byte
}

// IsFor reports whether the fault is for a call.
func (f *Fault) IsFor(c *Call) bool {
	if f.Delivery != "" || f.Operation != "" && f.Operation != c.Operation || f.Method != "" && f.Method != c.Method {
		return false
	}
	if f.Path != "" {
		if ok, err := path.Match(f.Path, c.Path); !ok || err != nil {
			return false
		}
	}
	return f.Contact == "" || c.names(f.Contact)
}

// names reports whether a text is a step of the path, a value of the query, or a whole
// string near the beginning of the body.
func (c *Call) names(text string) bool {
	for step := range strings.SplitSeq(c.Path, "/") {
		if step == text || strings.Contains(step, "%") && unescaped(step) == text {
			return true
		}
	}
	if c.Query != "" {
		values, err := url.ParseQuery(c.Query)
		for _, list := range values {
			for _, v := range list {
				if err == nil && v == text {
					return true
				}
			}
		}
	}
	return bytes.Contains(c.Body[:min(len(c.Body), searched)], []byte(`"`+text+`"`))
}

func unescaped(step string) string {
	text, err := url.PathUnescape(step)
	if err != nil {
		return step
	}
	return text
}

// IsForWebhook reports whether the fault is for deliveries to a webhook.
func (f *Fault) IsForWebhook(id int64) bool {
	return f.Delivery != "" && (f.Webhook == 0 || f.Webhook == id)
}

// Validate tells, for a person, what is wrong with a new fault.
func (f *Fault) Validate() error {
	for _, n := range []struct {
		name     string
		value    int64
		from, to int64
	}{
		{"from", f.From, 1, maxCount}, {"times", f.Times, 1, maxCount}, {"every", f.Every, 1, maxCount},
		{"latency", f.Latency, 1, MaxLatency}, {"status", int64(f.Status), 400, 599}, {"retry_after", f.RetryAfter, 1, MaxDelay},
		{"truncate", f.Truncate, 1, maxCount}, {"drip", f.Drip, 1, maxCount}, {"delay", f.Delay, 1, MaxDelay},
	} {
		if n.value != 0 && (n.value < n.from || n.value > n.to) {
			return fmt.Errorf("%s must be from %d to %d", n.name, n.from, n.to)
		}
	}
	for _, t := range []struct{ name, value string }{{"operation", f.Operation}, {"method", f.Method}, {"path", f.Path}, {"contact", f.Contact}, {"code", f.Code}} {
		if len(t.value) > maxText {
			return fmt.Errorf("%s is longer than %d bytes", t.name, maxText)
		}
	}
	if len(f.Message) > maxMessage {
		return fmt.Errorf("message is longer than %d bytes", maxMessage)
	}
	if !(f.Probability >= 0 && f.Probability <= 1) {
		return errors.New("probability must be more than 0, and 1 at most")
	}
	if _, err := path.Match(f.Path, ""); err != nil || f.Path != "" && f.Path[0] != '/' {
		return fmt.Errorf("path must be a path like /contacts/*, not %q", f.Path)
	}
	if f.Delivery != "" {
		return f.validateDelivery()
	}
	return f.validateCall()
}

func (f *Fault) validateCall() error {
	if f.Topic != "" || f.Webhook != 0 || f.Delay != 0 {
		return errors.New("topic, webhook_id and delay are for a fault with deliveries")
	}
	does := 0
	for _, it := range []bool{f.Status != 0, f.RateLimit, f.Drop, f.Truncate != 0, f.Drip != 0} {
		if it {
			does++
		}
	}
	switch {
	case does == 0 && f.Latency == 0:
		return errors.New("a fault needs something that it does: latency, status, rate_limit, drop, truncate, drip or deliveries")
	case does > 1:
		return errors.New("a fault does one of status, rate_limit, drop, truncate and drip")
	case f.After && !f.Drop:
		return errors.New("after says when to drop")
	case f.Status == 0 && !f.RateLimit && (f.Code != "" || f.Message != "" || f.RetryAfter != 0):
		return errors.New("code, message and retry_after are of a status")
	}
	return nil
}

func (f *Fault) validateDelivery() error {
	if f.Operation != "" || f.Method != "" || f.Path != "" || f.Contact != "" {
		return errors.New("operation, method, path and contact are for a fault of calls, which has no deliveries")
	}
	if f.Latency != 0 || f.Status != 0 || f.Code != "" || f.Message != "" || f.RetryAfter != 0 || f.RateLimit || f.Drop || f.After || f.Truncate != 0 || f.Drip != 0 {
		return errors.New("a fault with deliveries does nothing to calls")
	}
	switch f.Delivery {
	case Lose, Duplicate:
		if f.Delay != 0 {
			return errors.New("delay says how late reorder has a delivery come")
		}
	case Reorder:
	default:
		return fmt.Errorf("deliveries must be lose, duplicate or reorder, not %.80q", string(f.Delivery))
	}
	return nil
}
