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
