package wire

import (
	"reflect"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
)

// A DataEvent as the API shows it. What the contact lacks is left out.
type DataEvent struct {
	Type           string         `json:"type" enum:"event"`
	EventName      string         `json:"event_name"`
	CreatedAt      int64          `json:"created_at"`
	UserID         string         `json:"user_id,omitzero" doc:"The contact's external id."`
	ID             string         `json:"id"`
	IntercomUserID string         `json:"intercom_user_id" doc:"The contact's id."`
	Email          string         `json:"email,omitzero"`
	Metadata       AnswerMetadata `json:"metadata"`
}

// A DataEventList is a page of what a contact did lately, newest first.
type DataEventList struct {
	Type   string      `json:"type" enum:"event.list"`
	Events []DataEvent `json:"events"`
	Pages  EventPages  `json:"pages"`
}

// EventPages lead on: next to what happened before this page, since to what has
// happened after it. Next is absent on the last page.
type EventPages struct {
	Next  string `json:"next,omitzero"`
	Since string `json:"since,omitzero"`
}

// NewDataEventList makes a page of what a contact did.
func NewDataEventList(c *model.Contact, events []*model.DataEvent, pages EventPages) DataEventList {
	return DataEventList{"event.list", each(events, func(e *model.DataEvent) DataEvent { return fromDataEvent(c, e) }), pages}
}

func fromDataEvent(c *model.Contact, e *model.DataEvent) DataEvent {
	return DataEvent{"event", e.Name, e.CreatedAt, c.ExternalID, e.ID, string(c.ID), c.Email, AnswerMetadata(e.Metadata)}
}

// A DataEventSummary is how often a contact did what. What the contact lacks is
// left out.
type DataEventSummary struct {
	Type           string                 `json:"type" enum:"event.summary"`
	Email          string                 `json:"email,omitzero"`
	IntercomUserID string                 `json:"intercom_user_id"`
	UserID         string                 `json:"user_id,omitzero"`
	Events         []DataEventSummaryItem `json:"events"`
	Pages          EventPages             `json:"pages"`
}

// A DataEventSummaryItem is how often a contact did something, and when first and
// last. Nobody describes events, so the description is empty.
type DataEventSummaryItem struct {
	Name        string  `json:"name"`
	First       ISOTime `json:"first"`
	Last        ISOTime `json:"last"`
	Count       int64   `json:"count"`
	Description string  `json:"description"`
}

// NewDataEventSummary makes a page of how often a contact did what.
func NewDataEventSummary(c *model.Contact, summaries []*model.EventSummary, pages EventPages) DataEventSummary {
	return DataEventSummary{"event.summary", c.Email, string(c.ID), c.ExternalID,
		each(summaries, func(s *model.EventSummary) DataEventSummaryItem {
			return DataEventSummaryItem{s.Name, ISOTime(s.First), ISOTime(s.Last), s.Count, ""}
		}), pages}
}

// An ISOTime is a time in Unix seconds that is written as a date: the only ones
// of the API that are.
type ISOTime int64

// MarshalText writes the date in UTC, to the millisecond.
func (t ISOTime) MarshalText() ([]byte, error) {
	return time.Unix(int64(t), 0).UTC().AppendFormat(nil, "2006-01-02T15:04:05.000-07:00"), nil
}

// EventsOrSummary is what GET /events answers: one of the two.
type EventsOrSummary struct {
	Events  *DataEventList
	Summary *DataEventSummary
}

func (e EventsOrSummary) MarshalJSONTo(enc *jsontext.Encoder) error {
	if e.Summary != nil {
		return json.MarshalEncode(enc, e.Summary)
	}
	return json.MarshalEncode(enc, e.Events)
}

// Schema describes the type in the contract.
func (EventsOrSummary) Schema() map[string]any {
	return map[string]any{"anyOf": []any{reflect.TypeFor[DataEventList](), reflect.TypeFor[DataEventSummary]()}}
}

// An EventContact names the contact of an event. IntercomUserID is another name
// for ID.
type EventContact struct {
	UserID         Text `json:"user_id,omitzero" doc:"The contact's external id."`
	ID             Text `json:"id,omitzero" doc:"The contact's id; the only way to name a lead."`
	IntercomUserID Text `json:"intercom_user_id,omitzero" doc:"The same as id."`
	Email          Text `json:"email,omitzero"`
}

// Ref is the contact that is meant.
func (c EventContact) Ref() model.ContactRef {
	id := c.ID
	if id == "" {
		id = c.IntercomUserID
	}
	return model.ContactRef{ID: model.ContactID(id), ExternalID: string(c.UserID), Email: string(c.Email)}
}

// A DataEventRequest is something a contact did.
type DataEventRequest struct {
	EventContact `json:",inline"`
	EventName    Text         `json:"event_name,omitzero"`
	CreatedAt    Opt[Seconds] `json:"created_at,omitzero" doc:"When it happened. Required."`
	Metadata     Metadata     `json:"metadata,omitzero"`
}

// Event is the event as the rules take it.
func (r DataEventRequest) Event() (*model.DataEvent, error) {
	return model.NewDataEvent(string(r.EventName), int64(r.CreatedAt.Value), model.Metadata(r.Metadata))
}

// A DataEventSummariesRequest is what was counted elsewhere.
type DataEventSummariesRequest struct {
	EventContact   `json:",inline"`
	EventSummaries EventCount `json:"event_summaries,omitzero"`
}

// An EventCount is how often something was done, and when first and last.
type EventCount struct {
	EventName Text         `json:"event_name,omitzero"`
	Count     Opt[Int]     `json:"count,omitzero"`
	First     Opt[Seconds] `json:"first,omitzero"`
	Last      Opt[Seconds] `json:"last,omitzero"`
}

// Summary is the count as the rules take it.
func (c EventCount) Summary() (*model.EventSummary, error) {
	return model.NewEventSummary(string(c.EventName), int64(c.Count.Value), int64(c.First.Value), int64(c.Last.Value))
}
