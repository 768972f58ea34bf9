package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
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
		`UPDATE phone_switches SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2`,
		`UPDATE outgoing_sms SET contact_id = $3 WHERE workspace_id = $1 AND contact_id = $2`,
	} {
		if err := s.Write(statement, s.Workspace, from, into); err != nil {
			return fmt.Errorf("store: move conversations of a contact: %w", err)
		}
	}
	return nil
}

// WithOnly reads the ids of the conversations and tickets that nobody but one
// contact takes part in.
func (s Conversations) WithOnly(id model.ContactID) ([]model.ConversationID, error) {
	var ids []model.ConversationID
	err := s.Rows(`SELECT p.conversation_id FROM conversation_contacts p WHERE p.workspace_id = $1 AND p.contact_id = $2
		AND NOT EXISTS (SELECT 1 FROM conversation_contacts o WHERE o.workspace_id = p.workspace_id
			AND o.conversation_id = p.conversation_id AND o.contact_id <> p.contact_id)
		ORDER BY p.conversation_id`, []any{s.Workspace, id}, func(r *db.Rows) error {
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

// Delete removes conversations and tickets with all that belongs to them. Their
// attachments have been removed before.
func (s Conversations) Delete(ids ...model.ConversationID) error {
	if len(ids) == 0 {
		return nil
	}
	condition := `conversation_id ` + s.Dialect().InInts("$2")
	began, err := s.forgetSources(condition, record.ToJSON(ids))
	if err != nil {
		return err
	}
	if err := s.countBegun(-int64(began)); err != nil {
		return err
	}
	err = s.Write(`DELETE FROM conversations WHERE workspace_id = $1 AND id `+s.Dialect().InInts("$2"),
		s.Workspace, record.ToJSON(ids))
	if err != nil {
		return fmt.Errorf("store: delete conversations: %w", err)
	}
	return nil
}

// forgetSources removes the words of sources that a condition on $2 names, and
// returns how many sources that were.
func (s Conversations) forgetSources(condition string, arg any) (int, error) {
	plain := map[model.ConversationID]string{}
	err := s.Rows(`SELECT conversation_id, text_fold FROM conversation_sources WHERE workspace_id = $1 AND `+condition,
		[]any{s.Workspace, arg}, func(r *db.Rows) error {
			var id model.ConversationID
			var text string
			err := r.Scan(&id, &text)
			plain[id] = text
			return err
		})
	if err != nil {
		return 0, fmt.Errorf("store: read sources: %w", err)
	}
	for id, text := range plain {
		if err := s.forgetWords(id, text); err != nil {
			return 0, err
		}
	}
	return len(plain), nil
}

// RedactContact takes the text out of all that a contact wrote in conversations
// and said of them. Its attachments have been removed before.
func (s Conversations) RedactContact(id model.ContactID) error {
	if _, err := s.forgetSources(`contact_id = $2`, id); err != nil {
		return err
	}
	for _, statement := range []string{
		`UPDATE conversation_parts SET body = CASE WHEN body IS NULL THEN NULL ELSE CAST($3 AS TEXT) END, redacted = $4, details = '{}'
			WHERE workspace_id = $1 AND contact_id = $2`,
		`UPDATE conversation_sources SET subject = '', subject_fold = '', body = $3, text_fold = '', url = NULL, url_fold = NULL,
			redacted = $4
			WHERE workspace_id = $1 AND contact_id = $2`,
	} {
		if err := s.Write(statement, s.Workspace, id, model.RedactedBody, true); err != nil {
			return fmt.Errorf("store: redact contact: %w", err)
		}
	}
	err := s.Write(`UPDATE conversations SET rating_remark = NULL, rating_remark_fold = NULL
		WHERE workspace_id = $1 AND rating_contact_id = $2
			AND id IN (SELECT conversation_id FROM conversation_contacts WHERE workspace_id = $1 AND contact_id = $2)`,
		s.Workspace, id)
	if err != nil {
		return fmt.Errorf("store: redact ratings: %w", err)
	}
	return nil
}
