package wire

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/model/identity"
)

// A Webhook is a webhook as Parley's own operations show it.
type Webhook struct {
	Type         string   `json:"type" enum:"webhook"`
	ID           string   `json:"id"`
	AppID        string   `json:"app_id" doc:"The app whose client_secret signs what is sent."`
	URL          string   `json:"url"`
	Topics       []string `json:"topics"`
	State        string   `json:"state" enum:"live,paused,suspended,removed"`
	Reason       NullText `json:"reason" doc:"Why failures suspended it."`
	FailingSince NullInt  `json:"failing_since" doc:"When it began that no delivery arrives."`
	WaitingUntil NullInt  `json:"waiting_until" doc:"Nothing is sent before, since the receiver answered 429, or failed too often."`
	CreatedAt    int64    `json:"created_at"`
}

// FromWebhook translates a subscription.
func FromWebhook(s *event.Subscription) Webhook {
	return Webhook{Type: "webhook", ID: s.ID.String(), AppID: strconv.FormatInt(s.App, 10), URL: s.URL,
		Topics: each(s.Topics, func(t event.Topic) string { return string(t) }), State: string(s.State), Reason: NullText(s.Reason),
		FailingSince: NullInt(s.FailingSince), WaitingUntil: NullInt(s.WaitUntil), CreatedAt: s.CreatedAt}
}

// A WebhookRequest subscribes a URL.
type WebhookRequest struct {
	URL    string   `json:"url" doc:"https, or http on localhost or at a host that webhook_allow names."`
	Topics []string `json:"topics" doc:"* stands for all."`
	AppID  Text     `json:"app_id,omitzero" doc:"By default the workspace's own app."`
}

// App is the app that is named; 0 for none, and -1 for what cannot be one.
func (r WebhookRequest) App() identity.AppID {
	if r.AppID == "" {
		return 0
	}
	if id := model.Decimal[identity.AppID](string(r.AppID)); id != 0 {
		return id
	}
	return -1
}

// A WebhookChange changes a webhook. What is absent stays as it is.
type WebhookChange struct {
	URL    Opt[string]   `json:"url,omitzero"`
	Topics Opt[[]string] `json:"topics,omitzero"`
	State  Opt[string]   `json:"state,omitzero" doc:"live or paused. What happens while it is paused is sent afterwards."`
}

// A Delivery is a notification on its way to a webhook.
type Delivery struct {
	Type           string  `json:"type" enum:"delivery"`
	ID             string  `json:"id" doc:"Deliveries of one object have ascending numbers in the order of what happened."`
	WebhookID      string  `json:"webhook_id"`
	NotificationID string  `json:"notification_id" doc:"The id of what is sent, which stays the same when it is sent again."`
	Topic          string  `json:"topic"`
	Object         string  `json:"object"`
	State          string  `json:"state" enum:"pending,retrying,held,delivered,dropped"`
	Test           bool    `json:"test" doc:"A person asked for it; nothing happened."`
	Attempts       int64   `json:"attempts"`
	NextAttemptAt  NullInt `json:"next_attempt_at"`
	FirstSentAt    NullInt `json:"first_sent_at"`
	DeliveredAt    NullInt `json:"delivered_at"`
	CreatedAt      int64   `json:"created_at"`
}

// FromDelivery translates a delivery.
func FromDelivery(d *event.Delivery) Delivery {
	next := d.DueAt
	if d.State != event.Retrying {
		next = 0
	}
	return Delivery{Type: "delivery", ID: strconv.FormatInt(d.Number, 10), WebhookID: d.Subscription.String(),
		NotificationID: notificationID(d.Notification.ID), Topic: string(d.Notification.Topic), Object: d.Notification.Object, State: string(d.State),
		Test: d.Notification.Test, Attempts: d.Attempts, NextAttemptAt: NullInt(next), FirstSentAt: NullInt(d.FirstSentAt),
		DeliveredAt: NullInt(d.DeliveredAt), CreatedAt: d.CreatedAt}
}

func notificationID(id string) string { return "notif_" + id }

// A FullDelivery is a delivery with its attempts.
type FullDelivery struct {
	Delivery
	URL         string            `json:"url"`
	Item        Item              `json:"item" doc:"What data.item shows."`
	AttemptList []DeliveryAttempt `json:"attempt_list" doc:"The newest 150, oldest first."`
}

// An Item is an object as it was told, whatever it is.
type Item jsontext.Value

func (i Item) MarshalJSONTo(e *jsontext.Encoder) error { return e.WriteValue(jsontext.Value(i)) }

// Schema describes the type in the contract.
func (Item) Schema() map[string]any { return map[string]any{"type": "object"} }

// A DeliveryAttempt is a request and what came of it.
type DeliveryAttempt struct {
	Attempt   int64               `json:"attempt"`
	At        int64               `json:"at"`
	TookMS    int64               `json:"took_ms"`
	Request   string              `json:"request" doc:"The body that was sent."`
	Signature string              `json:"signature" doc:"Of the body, by the secret that the app has now."`
	Status    *int                `json:"status" doc:"null if there was no answer."`
	Error     NullText            `json:"error"`
	Headers   map[string][]string `json:"response_headers"`
	Body      string              `json:"response_body" doc:"Its beginning."`
}

// FromAttempt translates an attempt, its request and that request's signature.
func FromAttempt(a *event.Attempt, request []byte, signature string) DeliveryAttempt {
	out := DeliveryAttempt{Attempt: a.Number, At: a.At, TookMS: a.Took.Milliseconds(), Request: string(request), Signature: signature,
		Error: NullText(a.Error), Headers: map[string][]string(a.Header), Body: string(a.Body)}
	if a.Status != 0 {
		out.Status = &a.Status
	}
	if out.Headers == nil {
		out.Headers = map[string][]string{}
	}
	return out
}

// NewFullDelivery makes a delivery with its attempts.
func NewFullDelivery(d *event.Delivery, url string, attempts []DeliveryAttempt) FullDelivery {
	return FullDelivery{FromDelivery(d), url, Item(d.Notification.Item), attempts}
}

// A DeliveryList is a page of deliveries, newest first.
type DeliveryList struct {
	Type  string        `json:"type" enum:"list"`
	Data  []Delivery    `json:"data"`
	Pages DeliveryPages `json:"pages"`
}

// DeliveryPages names the next page, if there is one.
type DeliveryPages struct {
	Type    string   `json:"type" enum:"pages"`
	Next    NullText `json:"next" doc:"The URL of the next page."`
	PerPage int      `json:"per_page"`
}

// NewDeliveryList makes a page of deliveries; next is the next page's URL, or empty.
func NewDeliveryList(list []*event.Delivery, perPage int, next string) DeliveryList {
	return DeliveryList{"list", each(list, FromDelivery), DeliveryPages{"pages", NullText(next), perPage}}
}

// A ReplayRequest says which deliveries of a webhook are to be sent again. What is
// absent is no condition.
type ReplayRequest struct {
	State         Opt[string]  `json:"state,omitzero" doc:"dropped for all failures."`
	Topic         Opt[string]  `json:"topic,omitzero"`
	From          Opt[Text]    `json:"from,omitzero" doc:"The first delivery's id."`
	To            Opt[Text]    `json:"to,omitzero" doc:"The last delivery's id."`
	CreatedAfter  Opt[Seconds] `json:"created_after,omitzero"`
	CreatedBefore Opt[Seconds] `json:"created_before,omitzero"`
}

// A Replayed tells how many deliveries are on their way again.
type Replayed struct {
	Type  string `json:"type" enum:"replay"`
	Count int    `json:"count"`
}

// A TriggerRequest has a webhook told of a topic.
type TriggerRequest struct {
	Topic  string `json:"topic"`
	Object Text   `json:"object_id,omitzero" doc:"Which object it is about; ping is about none."`
}

// A Triggered tells what was put on its way.
type Triggered struct {
	Type           string `json:"type" enum:"notification"`
	NotificationID string `json:"notification_id"`
	Topic          string `json:"topic"`
}

// FromNotification translates a notification that somebody asked for.
func FromNotification(n *event.Notification) Triggered {
	return Triggered{"notification", notificationID(n.ID), string(n.Topic)}
}
