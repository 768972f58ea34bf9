package api_test

import (
	"context"
	"fmt"
	"testing"

	"parley/internal/apptest"
	"parley/internal/db"
)

// BenchmarkSearchConversations searches among few and among many of which one in
// a hundred has the word, one in fifty the assignee, and one in twenty is open.
func BenchmarkSearchConversations(b *testing.B) {
	onEachDatabase(b, func(b *testing.B, r *apptest.Rig) {
		for _, n := range listSizes(b) {
			r := r.Elsewhere(b)
			c := newTalk(b, r)
			multiply(b, r, c.id, n-1)
			execute(b, r, `UPDATE conversations SET admin_assignee_id = 1 + id % 50, state = CASE WHEN id % 20 = 0 THEN 'open' ELSE 'closed' END,
				waiting_since = CASE WHEN id % 20 = 0 THEN created_at END WHERE workspace_id = $1`)
			execute(b, r, `INSERT INTO conversation_words (workspace_id, conversation_id, word) SELECT workspace_id, id, 'rare' FROM conversations
				WHERE workspace_id = $1 AND id % 100 = 0`)
			execute(b, r, `INSERT INTO conversation_words (workspace_id, conversation_id, word) SELECT workspace_id, id, 'unique' FROM conversations
				WHERE workspace_id = $1 AND id = 50`)
			analyze(b, r)
			r.Unjudged()
			last := r.Get(b, "/conversations?per_page=1").OK().At("conversations.0.updated_at").(float64)
			for _, tt := range []struct{ name, body string }{
				{"word of one", `{"query":{"field":"source.body","operator":"=","value":"unique"}}`},
				{"word of 1%", `{"query":{"field":"source.body","operator":"=","value":"rare"}}`},
				{"source", `{"query":{"field":"source.id","operator":"=","value":"50"}}`},
				{"assignee and state", `{"query":{"operator":"AND","value":[{"field":"admin_assignee_id","operator":"=","value":11},
					{"field":"state","operator":"=","value":"open"}]}}`},
				{"changed of late", fmt.Sprintf(`{"query":{"field":"updated_at","operator":">","value":%.0f},"sort":{"field":"updated_at","order":"ascending"}}`, last-100)},
				{"open, who waits longest", `{"query":{"field":"open","operator":"=","value":true},"sort":{"field":"waiting_since","order":"ascending"}}`},
				{"closed", `{"query":{"field":"state","operator":"=","value":"closed"}}`},
				{"part of a text", `{"query":{"field":"source.body","operator":"~","value":"no such"}}`},
			} {
				b.Run(fmt.Sprint(n, " ", tt.name), func(b *testing.B) {
					for b.Loop() {
						r.Post(b, "/conversations/search", tt.body).OK()
					}
				})
			}
		}
	})
}

// analyze has PostgreSQL take notice of what was written in bulk.
func analyze(b *testing.B, r *apptest.Rig) {
	b.Helper()
	if r.Database.Dialect().Name() == "postgres" {
		noError(b, r.Database.Update(context.Background(), func(tx *db.Tx) error { _, err := tx.Exec(`ANALYZE`); return err }))
	}
}
