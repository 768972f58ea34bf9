package store

import (
	"fmt"

	"parley/internal/model"
	"parley/internal/store/record"
)

// AttachToConversation puts a tag on a conversation, and reports whether it was not
// there. Where it is already, it stays as it is.
func (s Tags) AttachToConversation(tag model.TagID, by model.AdminID, id model.ConversationID) (isNew bool, err error) {
	n, err := s.Exec(`INSERT INTO conversation_tags (workspace_id, conversation_id, tag_id, applied_at, applied_by)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, s.Workspace, id, tag, s.Now(), by)
	if err != nil {
		return false, fmt.Errorf("store: attach tag: %w", err)
	}
	return n == 1, nil
}

// FindOnConversation reads one tag of a conversation: how it was put there.
func (s Tags) FindOnConversation(id model.ConversationID, tag model.TagID) (*model.AppliedTag, error) {
	t, err := scanAppliedTag(s.QueryRow(`SELECT `+appliedTagColumns+` FROM conversation_tags a
		JOIN tags t ON t.workspace_id = a.workspace_id AND t.id = a.tag_id
		WHERE a.workspace_id = $1 AND a.conversation_id = $2 AND a.tag_id = $3`, s.Workspace, id, tag))
	return t, record.OrNotFound(err, model.TagNotOnConversation())
}

// DetachFromConversation takes a tag off a conversation, where it is.
func (s Tags) DetachFromConversation(tag model.TagID, id model.ConversationID) error {
	err := s.Write(`DELETE FROM conversation_tags WHERE workspace_id = $1 AND conversation_id = $2 AND tag_id = $3`,
		s.Workspace, id, tag)
	if err != nil {
		return fmt.Errorf("store: detach tag: %w", err)
	}
	return nil
}
