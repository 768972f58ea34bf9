package api

import (
	"net/url"
	"strconv"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/service/webhook"
	"parley/internal/wire"
)

// deliveryPaging is how deliveries are cut into pages.
var deliveryPaging = paging{usual: 50, most: 150}

func (r *request) webhookID() event.SubscriptionID {
	return model.Decimal[event.SubscriptionID](r.path("id"))
}

// GET /_parley/webhooks
func (a *API) listWebhooks(r *request, _ none) (wire.List[wire.Webhook], error) {
	all, err := a.Webhooks.List(r.Context(), r.actor)
	if err != nil {
		return wire.List[wire.Webhook]{}, err
	}
	return wire.NewList(all, wire.FromWebhook), nil
}

// POST /_parley/webhooks
func (a *API) createWebhook(r *request, in wire.WebhookRequest) (wire.Webhook, error) {
	w, err := a.Webhooks.Subscribe(r.Context(), r.actor, in.App(), in.URL, in.Topics)
	return one(w, err, wire.FromWebhook)
}

// GET /_parley/webhooks/{id}
func (a *API) retrieveWebhook(r *request, _ none) (wire.Webhook, error) {
	w, err := a.Webhooks.Find(r.Context(), r.actor, r.webhookID())
	return one(w, err, wire.FromWebhook)
}

// PUT /_parley/webhooks/{id}
func (a *API) updateWebhook(r *request, in wire.WebhookChange) (wire.Webhook, error) {
	w, err := a.Webhooks.Change(r.Context(), r.actor, r.webhookID(), webhook.Patch{URL: in.URL.Opt, Topics: in.Topics.Opt, State: in.State.Opt})
	return one(w, err, wire.FromWebhook)
}

// DELETE /_parley/webhooks/{id}
func (a *API) deleteWebhook(r *request, _ none) (wire.Deleted, error) {
	w, err := a.Webhooks.Remove(r.Context(), r.actor, r.webhookID())
	return one(w, err, func(w *event.Subscription) wire.Deleted {
		return wire.Deleted{ID: w.ID.String(), Object: "webhook", Deleted: true}
	})
}

// POST /_parley/webhooks/{id}/ping
func (a *API) pingWebhook(r *request, _ none) (wire.Triggered, error) {
	n, err := a.Webhooks.Ping(r.Context(), r.actor, r.webhookID())
	return one(n, err, wire.FromNotification)
}

// POST /_parley/webhooks/{id}/trigger
func (a *API) triggerWebhook(r *request, in wire.TriggerRequest) (wire.Triggered, error) {
	n, err := a.Webhooks.Trigger(r.Context(), r.actor, r.webhookID(), in.Topic, string(in.Object))
	return one(n, err, wire.FromNotification)
}

// GET /_parley/webhooks/{id}/deliveries
func (a *API) listDeliveries(r *request, _ none) (wire.DeliveryList, error) {
	perPage, err := deliveryPaging.perPage(r.query("per_page"))
	if err != nil {
		return wire.DeliveryList{}, err
	}
	before := int64(0)
	if text := r.query("before"); text != "" {
		if before = model.Decimal[int64](text); before == 0 {
			return wire.DeliveryList{}, model.ParameterInvalid("before must be the id of a delivery")
		}
	}
	f := webhook.Filter{State: event.DeliveryState(r.query("state")), Topic: event.Topic(r.query("topic"))}
	list, err := a.Webhooks.ListDeliveries(r.Context(), r.actor, r.webhookID(), f, before, perPage+1)
	if err != nil {
		return wire.DeliveryList{}, err
	}
	next := ""
	if len(list) > perPage { // another page follows
		list = list[:perPage]
		next = deliveriesLink(r, list[perPage-1].Number)
	}
	return wire.NewDeliveryList(list, perPage, next), nil
}

// deliveriesLink is the URL of the page of deliveries before one.
func deliveriesLink(r *request, before int64) string {
	q := url.Values{}
	for name, values := range r.http.URL.Query() {
		q[name] = values
	}
	q.Set("before", strconv.FormatInt(before, 10))
	return r.base + r.http.URL.Path + "?" + q.Encode()
}

// POST /_parley/webhooks/{id}/replay
func (a *API) replayDeliveries(r *request, in wire.ReplayRequest) (wire.Replayed, error) {
	f := webhook.Filter{State: event.DeliveryState(in.State.Value), Topic: event.Topic(in.Topic.Value),
		After: int64(in.CreatedAfter.Value), Till: int64(in.CreatedBefore.Value)}
	for _, end := range []struct {
		text wire.Opt[wire.Text]
		to   *int64
	}{{in.From, &f.From}, {in.To, &f.To}} {
		if !end.text.Has() {
			continue
		}
		if *end.to = model.Decimal[int64](string(end.text.Value)); *end.to == 0 {
			return wire.Replayed{}, model.ParameterInvalid("from and to must be ids of deliveries")
		}
	}
	n, err := a.Webhooks.ReplayAll(r.Context(), r.actor, r.webhookID(), f)
	return one(n, err, func(n int) wire.Replayed { return wire.Replayed{Type: "replay", Count: n} })
}

// GET /_parley/deliveries/{number}
func (a *API) retrieveDelivery(r *request, _ none) (wire.FullDelivery, error) {
	found, err := a.Webhooks.FindDelivery(r.Context(), r.actor, r.deliveryNumber())
	return one(found, err, fromRecord)
}

func fromRecord(r *webhook.Record) wire.FullDelivery {
	attempts := make([]wire.DeliveryAttempt, len(r.Sent))
	for i, sent := range r.Sent {
		attempts[i] = wire.FromAttempt(sent.Attempt, sent.Body, sent.Signature)
	}
	return wire.NewFullDelivery(r.Delivery, r.URL, attempts)
}

// POST /_parley/deliveries/{number}/replay
func (a *API) replayDelivery(r *request, _ none) (wire.Delivery, error) {
	d, err := a.Webhooks.Replay(r.Context(), r.actor, r.deliveryNumber())
	return one(d, err, wire.FromDelivery)
}

func (r *request) deliveryNumber() int64 { return model.Decimal[int64](r.path("number")) }
