package parleytest

import (
	"net/http"
	"time"
)

// A Fault has something go wrong, in one of the ways of its third part. What is zero of the first two is no condition.
type Fault struct {
	// Which calls it is for: an operation of the API by its id (createContact), a method, a pattern of the path
	// (/contacts/*, where * is one step), a contact by an id, e-mail address or external id that is in the path, the query
	// or the body.
	Operation, Method, Path, Contact string

	// At which of those it acts: from the how-manieth on, at how many, at one in so many, at so many by chance
	// (from 0 to 1; the same ones for the same Seed).
	From, Times, Every int
	Probability        float64
	Seed               int64

	// Status has the call not be done, and answered with this, from 400 to 599, with the API's own body for it or with
	// Code and Message. RetryAfter, in whole seconds, adds a header that the live API does not send.
	Status        int
	Code, Message string
	RetryAfter    time.Duration
	// RateLimit has the call be answered as one too many.
	RateLimit bool
	// Drop closes the connection without an answer, before the call is done or, with After, once it was done.
	Drop, After bool
	// Truncate closes the connection after so many bytes of the answer's body.
	Truncate int
	// Drip has the answer's body come at so many bytes a second.
	Drip int
	// Latency passes before the call is looked at, in whole milliseconds, 30 seconds at most; alone, or beside one of the
	// others.
	Latency time.Duration

	// Deliveries is for what is sent to webhooks, in the place of calls: lose, duplicate or reorder. Topic and
	// WebhookID say which; Delay, in whole seconds, by how much reorder has one come too late, 5 if it is zero.
	Deliveries, Topic, WebhookID string
	Delay                        time.Duration
}

// fault is a Fault in the contract's words.
type fault struct {
	Operation   string  `json:"operation,omitempty"`
	Method      string  `json:"method,omitempty"`
	Path        string  `json:"path,omitempty"`
	Contact     string  `json:"contact,omitempty"`
	From        int     `json:"from,omitempty"`
	Times       int     `json:"times,omitempty"`
	Every       int     `json:"every,omitempty"`
	Probability float64 `json:"probability,omitempty"`
	Seed        int64   `json:"seed,omitempty"`
	Status      int     `json:"status,omitempty"`
	Code        string  `json:"code,omitempty"`
	Message     string  `json:"message,omitempty"`
	RetryAfter  int64   `json:"retry_after,omitempty"`
	RateLimit   bool    `json:"rate_limit,omitempty"`
	Drop        bool    `json:"drop,omitempty"`
	After       bool    `json:"after,omitempty"`
	Truncate    int     `json:"truncate,omitempty"`
	Drip        int     `json:"drip,omitempty"`
	Latency     int64   `json:"latency,omitempty"`
	Deliveries  string  `json:"deliveries,omitempty"`
	Topic       string  `json:"topic,omitempty"`
	WebhookID   string  `json:"webhook_id,omitempty"`
	Delay       int64   `json:"delay,omitempty"`
}

// A FaultCount is what a fault has met.
type FaultCount struct {
	Calls int // that it was for; deliveries are not counted
	Acted int // of those, at how many it acted
}

// Fault has something go wrong from the next call on, and returns the fault's id.
func (p *Parley) Fault(f Fault) (id string) {
	p.t.Helper()
	var made struct {
		ID string `json:"id"`
	}
	p.do(http.MethodPost, p.path("faults"), p.fault(f), &made)
	return made.ID
}

// fault is a fault in the contract's words.
func (p *Parley) fault(f Fault) fault {
	p.t.Helper()
	if f.Latency%time.Millisecond != 0 {
		p.t.Fatalf("parleytest: a latency is of whole milliseconds, not %v", f.Latency)
	}
	return fault{Operation: f.Operation, Method: f.Method, Path: f.Path, Contact: f.Contact, From: f.From, Times: f.Times, Every: f.Every,
		Probability: f.Probability, Seed: f.Seed, Status: f.Status, Code: f.Code, Message: f.Message, RetryAfter: p.seconds("RetryAfter", f.RetryAfter),
		RateLimit: f.RateLimit, Drop: f.Drop, After: f.After, Truncate: f.Truncate, Drip: f.Drip, Latency: f.Latency.Milliseconds(),
		Deliveries: f.Deliveries, Topic: f.Topic, WebhookID: f.WebhookID, Delay: p.seconds("Delay", f.Delay)}
}

// FaultCounts is what each fault of the workspace has met, by its id.
func (p *Parley) FaultCounts() map[string]FaultCount {
	p.t.Helper()
	var list struct {
		Data []struct {
			ID    string `json:"id"`
			Calls int    `json:"calls"`
			Acted int    `json:"acted"`
		} `json:"data"`
	}
	p.do(http.MethodGet, p.path("faults"), nil, &list)
	all := make(map[string]FaultCount, len(list.Data))
	for _, f := range list.Data {
		all[f.ID] = FaultCount{f.Calls, f.Acted}
	}
	return all
}

// ClearFault ends a fault.
func (p *Parley) ClearFault(id string) {
	p.t.Helper()
	p.do(http.MethodDelete, p.path("faults", id), nil, nil)
}

// ClearFaults ends all faults of the workspace.
func (p *Parley) ClearFaults() {
	p.t.Helper()
	p.do(http.MethodDelete, p.path("faults"), nil, nil)
}
