package store

import (
	"database/sql"
	"fmt"

	"parley/internal/model"
)

// MoveContact gives the conversations, tickets and messages of one contact to
// another, as a merge does: what the one wrote, the other has written. Where the
// one took part is forgotten with it.
func (s Conversations) MoveContact(from, into model.ContactID) error {
	for _, statement := range []string{
		`INSERT INTO conversation_contacts (workspace_id, conversation_id, contact_id)
			SELECT workspace_id, conversation_id, $3 FROM conversation_contacts WHERE workspace_id = $1 AND contact_id = $2
			ON CONFLICT DO NOTHING`,
		`UPDATE conversation_parts SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2`,
		`UPDATE conversation_sources SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2`,
		`UPDATE conversations SET rating_contact_id = $3 WHERE workspace_id = $1 AND rating_contact_id = $2
			AND id IN (SELECT conversation_id FROM conversation_contacts WHERE workspace_id = $1 AND contact_id = $3)`,
		`UPDATE messages SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2`,
		`UPDATE outgoing_emails SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2`,
	} {
		if _, err := s.Exec(statement, s.workspace, from, into); err != nil {
			return fmt.Errorf("store: move conversations of a contact: %w", err)
		}
	}
	return nil
}

// WithOnly reads the ids of the conversations and tickets that nobody but one
// contact takes part in.
func (s Conversations) WithOnly(id model.ContactID) ([]model.ConversationID, error) {
	return s.ids(`SELECT p.conversation_id FROM conversation_contacts p WHERE p.workspace_id = $1 AND p.contact_id = $2
		AND NOT EXISTS (SELECT 1 FROM conversation_contacts o WHERE o.workspace_id = p.workspace_id
			AND o.conversation_id = p.conversation_id AND o.contact_id <> p.contact_id)
		ORDER BY p.conversation_id`, id)
}

// WrittenBy reads the ids of the conversations and tickets that a contact wrote a
// part of, or began.
func (s Conversations) WrittenBy(id model.ContactID) ([]model.ConversationID, error) {
	return s.ids(`SELECT conversation_id FROM conversation_parts WHERE workspace_id = $1 AND contact_id = $2
		UNION SELECT conversation_id FROM conversation_sources WHERE workspace_id = $1 AND contact_id = $2
		ORDER BY conversation_id`, id)
}

func (s Conversations) ids(statement string, contact model.ContactID) ([]model.ConversationID, error) {
	var ids []model.ConversationID
	err := s.rows(statement, []any{s.workspace, contact}, func(r *sql.Rows) error {
		var id model.ConversationID
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: conversations of a contact: %w", err)
	}
	return ids, nil
}

// Delete removes conversations and tickets with all that belongs to them; their
// files are the caller's to drop.
func (s Conversations) Delete(ids ...model.ConversationID) error {
	list := toJSON(ids)
	for _, id := range ids {
		var plain string
		err := s.QueryRow(`SELECT text_fold FROM conversation_sources WHERE workspace_id = $1 AND conversation_id = $2`,
			s.workspace, id).Scan(&plain)
		if err = orNotFound(err, model.ResourceNotFound()); err == nil {
			err = s.forgetWords(id, plain)
		} else if e, told := model.AsError(err); told && e.Kind == model.NotFound {
			err = nil // a ticket
		}
		if err != nil {
			return err
		}
	}
	var gone int
	err := s.QueryRow(`SELECT count(*) FROM conversations WHERE workspace_id = $1 AND kind = 'conversation'
		AND id IN `+s.Dialect().IntList("$2"), s.workspace, list).Scan(&gone)
	if err != nil {
		return fmt.Errorf("store: count conversations: %w", err)
	}
	if err := s.addTotal(totalConversations, -int64(gone)); err != nil {
		return err
	}
	_, err = s.Exec(`DELETE FROM conversations WHERE workspace_id = $1 AND id IN `+s.Dialect().IntList("$2"), s.workspace, list)
	if err != nil {
		return fmt.Errorf("store: delete conversations: %w", err)
	}
	return nil
}

// RedactContact takes the text out of all that a contact wrote in conversations,
// and forgets who it was.
func (s Conversations) RedactContact(id model.ContactID) error {
	for _, statement := range []string{
		`UPDATE conversation_parts SET body = CASE WHEN body IS NULL THEN NULL ELSE $3 END, redacted = $4, details = '{}'
			WHERE workspace_id = $1 AND contact_id = $2`,
		`UPDATE conversation_sources SET subject = '', subject_fold = '', body = $3, text_fold = '', url = NULL, redacted = $4
			WHERE workspace_id = $1 AND contact_id = $2`,
	} {
		if _, err := s.Exec(statement, s.workspace, id, model.RedactedBody, true); err != nil {
			return fmt.Errorf("store: redact contact: %w", err)
		}
	}
	return nil
}
