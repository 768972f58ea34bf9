package sandbox

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store"
)

// A Kind is how something leaves a workspace.
type Kind string

const (
	Email   Kind = "email"
	SMS     Kind = "sms"
	Webhook Kind = "webhook"
)

// An Outgoing is something that has left the workspace, or would leave it.
type Outgoing struct {
	Kind    Kind
	ID      string
	At      int64 // when it came to be
	To      string
	State   string
	Contact model.ContactID // of e-mails and text messages
	Subject string          // of an e-mail
	Text    string          // of both
	HTML    string          // of an e-mail

	Webhook      event.SubscriptionID
	Topic        event.Topic
	Notification []byte // JSON, as it is sent
}

// A Position is how far somebody has read in an outbox: the last of each kind.
type Position struct {
	Email, SMS string
	Delivery   int64
}

// String is the position as ParsePosition reads it.
func (p Position) String() string {
	return p.Email + "_" + p.SMS + "_" + strconv.FormatInt(p.Delivery, 10)
}

// ParsePosition reads a position; empty is the beginning.
func ParsePosition(s string) (Position, error) {
	if s == "" {
		return Position{}, nil
	}
	parts := strings.Split(s, "_")
	if len(parts) == 3 && len(parts[0]) <= model.MaxText && len(parts[1]) <= model.MaxText {
		n, err := strconv.ParseInt(parts[2], 10, 64)
		if p := (Position{parts[0], parts[1], n}); err == nil && n >= 0 && p.String() == s {
			return p, nil
		}
	}
	return Position{}, model.ParameterInvalid("after is not a place in the outbox")
}

// A Want says what of an outbox is meant. What is empty is no condition.
type Want struct {
	Kind Kind
	To   string
}

// outboxBatch is how many of each kind are read at a time.
const outboxBatch = 200

// Outbox reads so much of what leaves a workspace behind a position, oldest first, and
// the position of the last that it looked at.
func (s *Service) Outbox(ctx context.Context, by *model.Actor, w Want, from Position, most int) (found []*Outgoing, to Position, err error) {
	switch w.Kind {
	case "", Email, SMS, Webhook:
	default:
		return nil, from, model.ParameterInvalid("kind must be email, sms or webhook, not %.80q", string(w.Kind))
	}
	err = s.store.View(ctx, by.Workspace.ID, func(tx *store.Tx) error {
		found, to = nil, from
		for {
			batch, err := s.outgoing(tx, by.Workspace.ID, w.Kind, to, min(most+1, outboxBatch))
			if err != nil || len(batch) == 0 {
				return err
			}
			for _, o := range batch {
				if w.To == "" || strings.EqualFold(w.To, o.To) {
					if len(found) == most {
						return nil
					}
					found = append(found, o)
				}
				to.pass(o)
			}
		}
	})
	return found, to, err
}

// pass is that something was read.
func (p *Position) pass(o *Outgoing) {
	switch o.Kind {
	case Email:
		p.Email = o.ID
	case SMS:
		p.SMS = o.ID
	case Webhook:
		p.Delivery = model.Decimal[int64](o.ID)
	}
}

// outgoing reads the next few of what leaves a workspace. Of the kinds, which are in
// their own order each, what came to be first comes first.
func (s *Service) outgoing(tx *store.Tx, ws model.WorkspaceID, kind Kind, from Position, most int) ([]*Outgoing, error) {
	var kinds [3][]*Outgoing
	if kind == "" || kind == Email {
		list, err := tx.Messages.ListEmails("", from.Email, most)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			kinds[0] = append(kinds[0], &Outgoing{Kind: Email, ID: e.ID, At: e.CreatedAt, To: e.To, State: string(e.State), Contact: e.Contact,
				Subject: e.Subject, Text: e.Text, HTML: e.HTML})
		}
	}
	if kind == "" || kind == SMS {
		list, err := tx.SMS.List("", from.SMS, most)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			kinds[1] = append(kinds[1], &Outgoing{Kind: SMS, ID: m.ID, At: m.CreatedAt, To: m.To, State: string(m.State), Contact: m.Contact, Text: m.Body})
		}
	}
	if kind == "" || kind == Webhook {
		list, err := s.deliveries(tx, ws, from.Delivery, most)
		if err != nil {
			return nil, err
		}
		kinds[2] = list
	}
	var all []*Outgoing
	for len(all) < most {
		first := -1
		for i, list := range kinds {
			if len(list) > 0 && (first < 0 || list[0].At < kinds[first][0].At) {
				first = i
			}
		}
		if first < 0 {
			break
		}
		all = append(all, kinds[first][0])
		kinds[first] = kinds[first][1:]
	}
	return all, nil
}

func (s *Service) deliveries(tx *store.Tx, ws model.WorkspaceID, behind int64, most int) ([]*Outgoing, error) {
	webhooks, err := tx.Webhooks.List()
	if err != nil {
		return nil, err
	}
	urls := map[event.SubscriptionID]string{}
	for _, w := range webhooks {
		urls[w.ID] = w.URL
	}
	list, err := tx.Deliveries.Told(webhooks, behind, most)
	if err != nil {
		return nil, err
	}
	all := make([]*Outgoing, len(list))
	for i, d := range list {
		body, err := s.webhooks.Body(ws, d)
		if err != nil {
			return nil, err
		}
		all[i] = &Outgoing{Kind: Webhook, ID: strconv.FormatInt(d.Number, 10), At: d.CreatedAt, To: urls[d.Subscription], State: string(d.State),
			Webhook: d.Subscription, Topic: d.Notification.Topic, Notification: body}
	}
	return all, nil
}

// outboxLook is how long an outbox is not looked at, at most, while somebody waits: that
// something was written elsewhere may not be told.
const outboxLook = time.Second

// AwaitOutbox is Outbox once there are so many, or what there is when the time is over.
func (s *Service) AwaitOutbox(ctx context.Context, by *model.Actor, w Want, from Position, count, most int, over <-chan struct{}) (found []*Outgoing, to Position, err error) {
	ws := by.Workspace.ID
	b := s.listen(ws)
	defer s.leave(ws, b)
	tick := time.NewTicker(outboxLook)
	defer tick.Stop()
	for {
		if found, to, err = s.Outbox(ctx, by, w, from, most); err != nil || len(found) >= min(count, most) {
			return found, to, err
		}
		select {
		case <-b:
		case <-tick.C:
		case <-over:
			return found, to, nil
		case <-ctx.Done():
			return found, to, ctx.Err()
		}
	}
}

// A bell rings for somebody who waits for something to leave a workspace. It holds one
// stroke until that is heard.
type bell chan struct{}

// listen has a bell ring when something happens in a workspace.
func (s *Service) listen(ws model.WorkspaceID) bell {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := make(bell, 1)
	s.bells[ws] = append(s.bells[ws], b)
	return b
}

func (s *Service) leave(ws model.WorkspaceID, b bell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bells[ws] = slices.DeleteFunc(s.bells[ws], func(other bell) bool { return other == b })
	if len(s.bells[ws]) == 0 {
		delete(s.bells, ws)
	}
}

// Told says that something happened in a workspace. It does not wait.
func (s *Service) Told(ws model.WorkspaceID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bells[ws] {
		select {
		case b <- struct{}{}:
		default: // it rings already
		}
	}
}
