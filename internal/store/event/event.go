// Package event is what happened in SQL: events in their order, and the
// notifications that webhooks are told.
// It must not decide who is told what, nor read the nouns that things happen to.
package event

import (
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"

	"parley/internal/model/event"
	"parley/internal/store/query"
	"parley/internal/store/record"
)

// Events are what happened in a workspace.
type Events struct{ *record.Scope }

// most is how many rows one statement inserts: PostgreSQL takes 65,535 parameters.
const most = 5000

// Insert writes events in their order, and reads who is to be told of them, unless the
// guess is sure. What is to be told is written along with them where the guess, by which
// it was made, is what it reads: whoever gets another routing writes that by
// Deliveries.Insert.
func (s Events) Insert(events []*event.Event, told []*event.Notification, guess Routing, sure bool) (Routing, error) {
	var r Routing
	for len(events) > 0 {
		n := min(len(events), most)
		b := &query.Builder{}
		if sure {
			s.insert(b, events[:n])
			if err := s.Write(b.SQL(), b.Args()...); err != nil {
				return r, fmt.Errorf("store: insert events: %w", err)
			}
			r, events = guess, events[n:]
			continue
		}
		if len(told) > 0 {
			s.insertTold(b, events[:n], told, guess)
		} else {
			s.insert(b, events[:n])
			// The same statement tells who wants to know: most changes need no other.
			b.Text(" RETURNING (SELECT webhook_routes FROM workspaces WHERE id = $1)")
		}
		if err := s.readRouting(b, guess, &r); err != nil {
			return r, fmt.Errorf("store: insert events: %w", err)
		}
		events = events[n:]
	}
	return r, nil
}

func (s Events) insert(b *query.Builder, events []*event.Event) {
	ws := b.Arg(s.Workspace)
	b.Text("INSERT INTO events (workspace_id, id, topic, object_type, object_id, created_at) VALUES ")
	for i, e := range events {
		if i > 0 {
			b.Text(", ")
		}
		b.Text("(", ws, ", ", b.Arg(e.ID), ", ", b.Arg(e.Topic), ", ", b.Arg(e.Object.Type), ", ", b.Arg(e.Object.ID),
			", ", b.Arg(e.CreatedAt), ")")
	}
}

// insertTold is a statement that writes events and, if the guess is right, what is told
// of them. Numbers are given out in the order of the rows.
func (s Events) insertTold(b *query.Builder, events []*event.Event, told []*event.Notification, guess Routing) {
	b.Text("WITH written AS (")
	s.insert(b, events)
	b.Text("), found AS (SELECT webhook_routes FROM workspaces WHERE id = $1), sent AS (INSERT INTO deliveries (", insertedColumns,
		") SELECT $1, subscription, id, topic, object, test, 'pending', 0, 0, created_at, item FROM (VALUES ")
	row := 0
	for _, n := range told {
		values := ""
		for _, v := range []struct {
			value any
			as    string
		}{{n.ID, "TEXT"}, {n.Topic, "TEXT"}, {n.Object, "TEXT"}, {n.Test, "BOOLEAN"}, {n.CreatedAt, "BIGINT"}, {string(n.Item), "TEXT"}} {
			values += ", CAST(" + b.Arg(v.value) + " AS " + v.as + ")"
		}
		for _, subscription := range guess.To(n.Topic) {
			if row++; row > 1 {
				b.Text(", ")
			}
			b.Text("(", strconv.Itoa(row), ", CAST(", b.Arg(subscription), " AS BIGINT)", values, ")")
		}
	}
	b.Text(") AS d (row, subscription, id, topic, object, test, created_at, item) WHERE (SELECT webhook_routes FROM found) = CAST(",
		b.Arg(guess.text), " AS JSONB) ORDER BY row) SELECT webhook_routes FROM found")
}

func (s Events) readRouting(b *query.Builder, guess Routing, r *Routing) error {
	rows, err := s.Query(b.SQL(), b.Args()...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for first := true; rows.Next(); first = false {
		if !first {
			continue // a row for each event says the same
		}
		if err := rows.Scan(&r.text); err != nil {
			return err
		}
		if r.Is(guess) {
			*r = guess
		} else if err := json.Unmarshal([]byte(r.text), &r.Routes); err != nil {
			return err
		}
	}
	return rows.Err()
}
