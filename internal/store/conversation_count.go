package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/query"
)

// Conversations counts the conversations by their state. Those that are not
// closed are also counted by whether they have an admin.
func (s Counts) Conversations() (*model.ConversationTotals, error) {
	var t model.ConversationTotals
	err := s.Rows(`SELECT state, admin_assignee_id IS NOT NULL, count(*) FROM conversations
		WHERE workspace_id = $1 AND `+query.ListedConversations+` GROUP BY 1, 2`, []any{s.Workspace}, func(r *db.Rows) error {
		var state model.ConversationState
		var assigned bool
		var n int
		if err := r.Scan(&state, &assigned, &n); err != nil {
			return err
		}
		switch {
		case state == model.Closed:
			t.Closed += n
			return nil
		case assigned:
			t.Assigned += n
		default:
			t.Unassigned += n
		}
		t.Open += n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("store: count conversations: %w", err)
	}
	return &t, nil
}

// ConversationsByAdmin counts the conversations of each admin.
func (s Counts) ConversationsByAdmin() ([]model.AdminTotals, error) {
	var counts []model.AdminTotals
	err := s.Rows(`SELECT a.id, a.name, count(CASE WHEN c.state <> 'closed' THEN 1 END), count(CASE WHEN c.state = 'closed' THEN 1 END)
		FROM admins a LEFT JOIN conversations c
			ON c.workspace_id = a.workspace_id AND c.admin_assignee_id = a.id AND c.`+query.ListedConversations+`
		WHERE a.workspace_id = $1 GROUP BY a.id, a.name ORDER BY a.id`, []any{s.Workspace}, func(r *db.Rows) error {
		var t model.AdminTotals
		err := r.Scan(&t.Admin, &t.Name, &t.Open, &t.Closed)
		counts = append(counts, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: count conversations of admins: %w", err)
	}
	return counts, nil
}
