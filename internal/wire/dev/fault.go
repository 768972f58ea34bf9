// Package dev has the shapes of what a developer asks of a server besides the API: faults, and the log of calls.
// It must not decide anything.
package dev

import (
	"strconv"

	"parley/internal/model"
	"parley/internal/model/sandbox"
	"parley/internal/wire"
)

// A FaultRequest says what is to go wrong, with which calls or deliveries.
type FaultRequest struct {
	Operation   string      `json:"operation,omitzero" doc:"The id of an operation of the REST API."`
	Method      string      `json:"method,omitzero"`
	Path        string      `json:"path,omitzero" doc:"A pattern like /contacts/*; * stands for one step of the path."`
	Contact     wire.Text   `json:"contact,omitzero" doc:"An id, e-mail address or external id that is in the path, the query or the first 64 KB of the body."`
	From        wire.Int    `json:"from,omitzero" doc:"The first call that it acts at, of those that it is for: 1 if absent, or what every says."`
	Times       wire.Int    `json:"times,omitzero" doc:"At how many it acts; at all if absent."`
	Every       wire.Int    `json:"every,omitzero" doc:"At each so manieth; at each if absent."`
	Probability wire.Number `json:"probability,omitzero" doc:"At so many of those by chance, from 0 to 1."`
	Seed        wire.Int    `json:"seed,omitzero" doc:"The same chances for the same seed."`
	Latency     wire.Int    `json:"latency,omitzero" doc:"Milliseconds before the call is looked at, 30,000 at most; also beside something else that it does."`
	Status      wire.Int    `json:"status,omitzero" doc:"The call is not done, and answered with this status, from 400 to 599."`
	Code        string      `json:"code,omitzero" doc:"In the body; the status's own if absent."`
	Message     string      `json:"message,omitzero" doc:"Likewise."`
	RetryAfter  wire.Int    `json:"retry_after,omitzero" doc:"Seconds, in the header Retry-After, which the live API does not send."`
	RateLimit   bool        `json:"rate_limit,omitzero" doc:"The call is answered as one too many."`
	Drop        bool        `json:"drop,omitzero" doc:"The connection is closed without an answer."`
	After       bool        `json:"after,omitzero" doc:"It is dropped once the call is done, and not before."`
	Truncate    wire.Int    `json:"truncate,omitzero" doc:"The connection is closed after so many bytes of the body."`
	Drip        wire.Int    `json:"drip,omitzero" doc:"The body comes with so many bytes a second."`
	Deliveries  string      `json:"deliveries,omitzero" doc:"lose, duplicate or reorder deliveries to webhooks, and nothing to calls."`
	Topic       string      `json:"topic,omitzero" doc:"Only deliveries of this topic."`
	WebhookID   wire.Text   `json:"webhook_id,omitzero" doc:"Only deliveries to this webhook; each webhook counts its own if absent."`
	Delay       wire.Int    `json:"delay,omitzero" doc:"Seconds by which reorder has a delivery come too late: 5 if absent."`
}

// defaultDelay is by how many seconds a delivery is overtaken if nobody says.
const defaultDelay = 5

// Fault is the fault that is asked for.
func (r FaultRequest) Fault() (sandbox.Fault, error) {
	f := sandbox.Fault{Operation: r.Operation, Method: r.Method, Path: r.Path, Contact: string(r.Contact), Topic: r.Topic,
		Turns:   sandbox.Turns{From: int64(r.From), Times: int64(r.Times), Every: int64(r.Every), Probability: float64(r.Probability), Seed: int64(r.Seed)},
		Latency: int64(r.Latency), Status: int(r.Status), Code: r.Code, Message: r.Message, RetryAfter: int64(r.RetryAfter), RateLimit: r.RateLimit,
		Drop: r.Drop, After: r.After, Truncate: int64(r.Truncate), Drip: int64(r.Drip),
		Delivery: sandbox.DeliveryFault(r.Deliveries), Delay: int64(r.Delay)}
	if r.WebhookID != "" {
		if f.Webhook = model.Decimal[int64](string(r.WebhookID)); f.Webhook == 0 {
			return f, model.ParameterInvalid("webhook_id is not the id of a webhook")
		}
	}
	if f.Delivery == sandbox.Reorder && f.Delay == 0 {
		f.Delay = defaultDelay
	}
	return f, nil
}

// A Fault is what goes wrong on purpose. What was not asked for is absent.
type Fault struct {
	Type        string  `json:"type" enum:"fault"`
	ID          string  `json:"id"`
	CreatedAt   int64   `json:"created_at"`
	Operation   string  `json:"operation,omitzero"`
	Method      string  `json:"method,omitzero"`
	Path        string  `json:"path,omitzero"`
	Contact     string  `json:"contact,omitzero"`
	From        int64   `json:"from,omitzero"`
	Times       int64   `json:"times,omitzero"`
	Every       int64   `json:"every,omitzero"`
	Probability float64 `json:"probability,omitzero"`
	Seed        int64   `json:"seed,omitzero"`
	Latency     int64   `json:"latency,omitzero"`
	Status      int     `json:"status,omitzero"`
	Code        string  `json:"code,omitzero"`
	Message     string  `json:"message,omitzero"`
	RetryAfter  int64   `json:"retry_after,omitzero"`
	RateLimit   bool    `json:"rate_limit,omitzero"`
	Drop        bool    `json:"drop,omitzero"`
	After       bool    `json:"after,omitzero"`
	Truncate    int64   `json:"truncate,omitzero"`
	Drip        int64   `json:"drip,omitzero"`
	Deliveries  string  `json:"deliveries,omitzero" enum:"lose,duplicate,reorder"`
	Topic       string  `json:"topic,omitzero"`
	WebhookID   string  `json:"webhook_id,omitzero"`
	Delay       int64   `json:"delay,omitzero"`
	Calls       int64   `json:"calls" doc:"How many calls it was for. Deliveries are not counted."`
	Acted       int64   `json:"acted" doc:"At how many of them it acted."`
}

// FromFault translates a fault with what it has met.
func FromFault(f *sandbox.Fault, calls, acted int64) Fault {
	out := Fault{Type: "fault", ID: strconv.FormatInt(f.ID, 10), CreatedAt: f.CreatedAt, Operation: f.Operation, Method: f.Method, Path: f.Path,
		Contact: f.Contact, From: f.From, Times: f.Times, Every: f.Every, Probability: f.Probability, Seed: f.Seed, Latency: f.Latency,
		Status: f.Status, Code: f.Code, Message: f.Message, RetryAfter: f.RetryAfter, RateLimit: f.RateLimit, Drop: f.Drop, After: f.After,
		Truncate: f.Truncate, Drip: f.Drip, Deliveries: string(f.Delivery), Topic: f.Topic, Delay: f.Delay, Calls: calls, Acted: acted}
	if f.Webhook != 0 {
		out.WebhookID = strconv.FormatInt(f.Webhook, 10)
	}
	return out
}

// A WorkspaceChange changes what is set for a workspace. What is absent stays as it is.
type WorkspaceChange struct {
	SearchLag wire.Opt[wire.Int] `json:"search_lag,omitzero" doc:"Seconds for which searches do not find new contacts and conversations; null or 0 for none."`
}
