package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/model/event"
	"parley/internal/store/record"
)

// Audiences reads which contacts may see each of these conversations and tickets:
// those who take part, in a ticket only where it is shared with them.
func (s Conversations) Audiences(ids []model.ConversationID) (map[model.ConversationID][]model.ContactID, error) {
	seen := map[model.ConversationID][]model.ContactID{}
	err := s.Rows(`SELECT p.conversation_id, p.contact_id FROM conversation_contacts p
			LEFT JOIN tickets t ON t.workspace_id = p.workspace_id AND t.id = p.conversation_id
		WHERE p.workspace_id = $1 AND p.conversation_id `+s.Dialect().InInts("$2")+` AND (t.id IS NULL OR t.shared)`,
		[]any{s.Workspace, record.ToJSON(ids)}, func(r *db.Rows) error {
			var id model.ConversationID
			var contact model.ContactID
			err := r.Scan(&id, &contact)
			seen[id] = append(seen[id], contact)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: who may see conversations: %w", err)
	}
	return seen, nil
}

// Object is a conversation or ticket as events name it.
func (s Conversations) Object(id model.ConversationID) (event.Object, error) {
	o := event.Object{ID: id.String()}
	err := s.QueryRow(`SELECT kind FROM conversations WHERE workspace_id = $1 AND id = $2`, s.Workspace, id).Scan(&o.Type)
	if err != nil && !db.IsNoRows(err) {
		return o, fmt.Errorf("store: kind of a conversation: %w", err)
	}
	return o, record.OrNotFound(err, model.ResourceNotFound())
}
