package webhook

import (
	"cmp"
	"fmt"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/webhook"
)

// Body is what the latest attempt at a delivery sent, or the first will send.
func (s *Service) Body(ws model.WorkspaceID, d *event.Delivery) ([]byte, error) {
	return s.request(ws, d, max(d.Attempts, 1), d.CreatedAt).Body()
}

// request is what an attempt at a delivery sends, or sent.
func (s *Service) request(ws model.WorkspaceID, d *event.Delivery, attempt, at int64) *webhook.Notification {
	n := &webhook.Notification{App: string(ws), ID: d.Notification.ID, Topic: string(d.Notification.Topic), Item: d.Notification.Item,
		Attempt: attempt, FirstSentAt: cmp.Or(d.FirstSentAt, at), CreatedAt: d.Notification.CreatedAt}
	if s.options.PublicURL != "" {
		n.Self = fmt.Sprintf("%s/_parley/deliveries/%d", s.options.PublicURL, d.Number)
	}
	return n
}
