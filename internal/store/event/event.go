// Package event is what happened in SQL: events in their order, and the
// notifications that webhooks are told.
// It must not decide who is told what, nor read the nouns that things happen to.
package event

import (
	"fmt"

	"parley/internal/model/event"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Events are what happened in a workspace.
type Events struct{ *record.Scope }

// most is how many rows one statement inserts: PostgreSQL takes 65,535 parameters.
const most = 5000

// Insert writes events in their order, and reads who is to be told of them.
func (s Events) Insert(events []*event.Event) (event.Routes, error) {
	var routes event.Routes
	for len(events) > 0 {
		n := min(len(events), most)
		if err := s.insert(events[:n], &routes); err != nil {
			return nil, fmt.Errorf("store: insert events: %w", err)
		}
		events = events[n:]
	}
	return routes, nil
}

func (s Events) insert(events []*event.Event, routes *event.Routes) error {
	b := &query.Builder{}
	b.Text("INSERT INTO events (workspace_id, id, topic, object_type, object_id, created_at) VALUES ")
	ws := b.Arg(s.Workspace)
	for i, e := range events {
		if i > 0 {
			b.Text(", ")
		}
		b.Text("(", ws, ", ", b.Arg(e.ID), ", ", b.Arg(e.Topic), ", ", b.Arg(e.Object.Type), ", ", b.Arg(e.Object.ID),
			", ", b.Arg(e.CreatedAt), ")")
	}
	// The same statement tells who wants to know: most changes need no other.
	b.Text(" RETURNING (SELECT webhook_routes FROM workspaces WHERE id = ", ws, ")")
	rows, err := s.Query(b.SQL(), b.Args()...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for first := true; rows.Next(); first = false {
		if first {
			if err := rows.Scan(record.JSONColumn(routes)); err != nil {
				return err
			}
		}
	}
	return rows.Err()
}

// A Notification is an event as webhooks are told it.
type Notification struct {
	*event.Event
	Item []byte // JSON
}

// Deliveries are notifications on their way to webhooks.
type Deliveries struct{ *record.Scope }

// Insert writes notifications, and that each is to go to the subscriptions that
// want it, in their order.
func (s Deliveries) Insert(notifications []Notification, routes event.Routes) error {
	for len(notifications) > 0 {
		n := min(len(notifications), most)
		var told, deliveries [][]any
		for _, e := range notifications[:n] {
			told = append(told, []any{e.ID, e.Topic, e.Object.Key(), string(e.Item), e.CreatedAt})
			for _, subscription := range routes.To(e.Topic) {
				deliveries = append(deliveries, []any{subscription, e.ID, e.Object.Key(), 0, 0, e.CreatedAt, "pending"})
			}
		}
		if err := s.InsertAll("notifications", "id, topic, object, item, created_at", told); err != nil {
			return err
		}
		for len(deliveries) > 0 {
			n := min(len(deliveries), most)
			err := s.InsertAll("deliveries", "subscription_id, notification_id, object, attempts, due_at, created_at, state", deliveries[:n])
			if err != nil {
				return err
			}
			deliveries = deliveries[n:]
		}
		notifications = notifications[n:]
	}
	return nil
}
