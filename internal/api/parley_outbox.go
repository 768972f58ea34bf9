package api

import (
	"context"

	"parley/internal/service/sandbox"
	"parley/internal/wire"
)

// outboxPaging is how an outbox is cut into pages.
var outboxPaging = paging{usual: 50, most: 150}

// GET /_parley/workspaces/{workspace_id}/outbox
func (a *API) listOutbox(r *request, _ none) (wire.OutboxPage, error) {
	perPage, err := outboxPaging.perPage(r.query("per_page"))
	if err != nil {
		return wire.OutboxPage{}, err
	}
	after, err := sandbox.ParsePosition(r.query("after"))
	if err != nil {
		return wire.OutboxPage{}, err
	}
	wait, count, err := r.waiting()
	if err != nil {
		return wire.OutboxPage{}, err
	}
	want := sandbox.Want{Kind: sandbox.Kind(r.query("kind")), To: r.query("to")}
	if wait == 0 {
		found, at, err := a.Sandbox.Outbox(r.Context(), r.actor, want, after, perPage)
		return outboxPage(found, at, err)
	}
	over, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	go func() { // the server may stop before
		select {
		case <-a.Requests.Closed():
			cancel()
		case <-over.Done():
		}
	}()
	found, at, err := a.Sandbox.AwaitOutbox(r.Context(), r.actor, want, after, count, perPage, over.Done())
	return outboxPage(found, at, err)
}

func outboxPage(found []*sandbox.Outgoing, at sandbox.Position, err error) (wire.OutboxPage, error) {
	data := make([]wire.Outgoing, len(found))
	for i, o := range found {
		data[i] = fromOutgoing(o)
	}
	return wire.NewOutboxPage(data, at.String()), err
}

func fromOutgoing(o *sandbox.Outgoing) wire.Outgoing {
	out := wire.Outgoing{Type: "outgoing", Kind: string(o.Kind), ID: o.ID, At: o.At, To: o.To, State: o.State, ContactID: wire.NullText(o.Contact),
		Subject: wire.NullText(o.Subject), Body: wire.NullText(o.Text), HTML: wire.NullText(o.HTML), Topic: wire.NullText(o.Topic)}
	if o.Kind == sandbox.Webhook {
		item := wire.Item(o.Notification)
		out.WebhookID, out.Notification = wire.NullText(o.Webhook.String()), &item
	}
	return out
}
