package event

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model/event"
)

const eventColumns = `transaction_id, number, id, topic, object_type, object_id, created_at`

// After reads what happened after a position, in order, as far as nothing can come
// in between any more.
func (s Events) After(p event.Position, most int) ([]*event.Event, error) {
	list, err := s.list(`(transaction_id, number) > ($2, $3)`, p.Transaction, p.Number, most)
	if err != nil {
		return nil, fmt.Errorf("store: read events: %w", err)
	}
	return list, nil
}

// Newest reads the position of the last event that nothing can come before any
// more; zero where there is none.
func (s Events) Newest() (event.Position, error) {
	var p event.Position
	err := s.QueryRow(`SELECT transaction_id, number FROM events WHERE workspace_id = $1`+s.Dialect().Settled("transaction_id")+`
		ORDER BY transaction_id DESC, number DESC LIMIT 1`, s.Workspace).Scan(&p.Transaction, &p.Number)
	if err != nil && !db.IsNoRows(err) {
		return p, fmt.Errorf("store: newest event: %w", err)
	}
	return p, nil
}

// Continues reports whether a stream that was told everything up to a position can
// be told the rest: there is such a position, and what came right after it did so
// since a time and has not been swept.
func (s Events) Continues(p event.Position, since int64) (bool, error) {
	list, err := s.list(`(transaction_id, number) >= ($2, $3)`, p.Transaction, p.Number, 2)
	if err != nil {
		return false, fmt.Errorf("store: find position: %w", err)
	}
	if p != (event.Position{}) { // before anything happened
		if len(list) == 0 || list[0].Position != p {
			return false, nil
		}
		list = list[1:]
	}
	return len(list) == 0 || list[0].CreatedAt >= since, nil
}

func (s Events) list(condition string, transaction, number int64, most int) ([]*event.Event, error) {
	var list []*event.Event
	err := s.Rows(`SELECT `+eventColumns+` FROM events WHERE workspace_id = $1 AND `+condition+s.Dialect().Settled("transaction_id")+`
		ORDER BY transaction_id, number LIMIT $4`, []any{s.Workspace, transaction, number, most}, func(r *db.Rows) error {
		e := &event.Event{}
		list = append(list, e)
		return r.Scan(&e.Position.Transaction, &e.Position.Number, &e.ID, &e.Topic, &e.Object.Type, &e.Object.ID, &e.CreatedAt)
	})
	return list, err
}
