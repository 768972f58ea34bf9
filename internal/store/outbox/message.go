// Package outbox is what is sent to contacts in SQL, and what they chose to be sent: messages, e-mails, text
// messages and the links of phone switches.
// It must not send anything, nor decide who gets it.
package outbox

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// Messages are what admins sent to contacts, and the e-mails that are to be sent
// for them.
type Messages struct{ *record.Scope }

const messageColumns = `id, type, subject, body, template, admin_id, contact_id, created_at`

func scanMessage(row record.Scanner) (*model.Message, error) {
	m := &model.Message{From: &model.Admin{}}
	err := row.Scan(&m.ID, &m.Type, &m.Subject, &m.Body, &m.Template, &m.From.ID, &m.To, &m.CreatedAt)
	return m, err
}

// Insert writes a new message.
func (s Messages) Insert(m *model.Message) error {
	err := s.Write(`INSERT INTO messages (workspace_id, `+messageColumns+`, conversation_id, sent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, s.Workspace, m.ID, m.Type, m.Subject, m.Body, m.Template,
		m.From.ID, m.To, m.CreatedAt, record.Number(m.Conversation), m.Sent)
	if err != nil {
		return fmt.Errorf("store: insert message: %w", err)
	}
	return nil
}

// LatestUnanswered reads the newest message to a contact that has begun no
// conversation yet, and holds it until the transaction ends, where the database
// can.
func (s Messages) LatestUnanswered(to model.ContactID) (*model.Message, error) {
	m, err := scanMessage(s.QueryRow(`SELECT `+messageColumns+` FROM messages
		WHERE workspace_id = $1 AND contact_id = $2 AND conversation_id IS NULL
		ORDER BY id DESC LIMIT 1`+s.Dialect().ForUpdate(), s.Workspace, to))
	return m, record.OrNotFound(err, model.ResourceNotFound())
}

// Find reads a message.
func (s Messages) Find(id model.MessageID) (*model.Message, error) {
	m, err := scanMessage(s.QueryRow(`SELECT `+messageColumns+` FROM messages WHERE workspace_id = $1 AND id = $2`, s.Workspace, id))
	return m, record.OrNotFound(err, model.ResourceNotFound())
}

// SetConversation notes which conversation a message has begun.
func (s Messages) SetConversation(id model.MessageID, begun model.ConversationID) error {
	err := s.Write(`UPDATE messages SET conversation_id = $3 WHERE workspace_id = $1 AND id = $2`, s.Workspace, id, begun)
	if err != nil {
		return fmt.Errorf("store: set conversation of message: %w", err)
	}
	return nil
}

// Engage keeps when an engagement of the message's contact was first.
func (s Messages) Engage(id model.MessageID, of model.ContactID, e model.Engagement, at int64) error {
	column := engagementColumn(e)
	err := s.Write(`UPDATE messages SET `+column+` = $4 WHERE workspace_id = $1 AND id = $2 AND contact_id = $3
		AND (`+column+` IS NULL OR `+column+` > $4)`, s.Workspace, id, of, at)
	if err != nil {
		return fmt.Errorf("store: note an engagement: %w", err)
	}
	return nil
}

func engagementColumn(e model.Engagement) string {
	switch e {
	case model.EngagementReply, model.EngagementOpen, model.EngagementClick, model.EngagementDismissal,
		model.EngagementUnsubscribe, model.EngagementHardBounce:
		return "first_" + string(e) + "_at"
	}
	panic("store: the engagement " + string(e) + " has no column") // a rule has let it pass
}

const emailColumns = `id, message_id, contact_id, admin_id, address, subject, html, text, state, suppressed, created_at`

// InsertEmail puts an e-mail into the outbox.
func (s Messages) InsertEmail(e *model.OutgoingEmail) error {
	err := s.Write(`INSERT INTO outgoing_emails (workspace_id, `+emailColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		s.Workspace, e.ID, e.Message, e.Contact, e.From, e.To, e.Subject, e.HTML, e.Text, e.State, e.Suppressed, e.CreatedAt)
	if err != nil {
		return fmt.Errorf("store: insert e-mail: %w", err)
	}
	return nil
}

// ListEmails reads the e-mails of the outbox in a state, or in any where it is
// empty, oldest first: the first few after that with the given id, or of all.
func (s Messages) ListEmails(state model.EmailState, after string, most int) ([]*model.OutgoingEmail, error) {
	var found []*model.OutgoingEmail
	condition, args := inState(state, after, most)
	err := s.Rows(`SELECT `+emailColumns+` FROM outgoing_emails WHERE workspace_id = $1 AND `+condition,
		append([]any{s.Workspace}, args...), func(r *db.Rows) error {
			var e model.OutgoingEmail
			err := r.Scan(&e.ID, &e.Message, &e.Contact, &e.From, &e.To, &e.Subject, &e.HTML, &e.Text, &e.State, &e.Suppressed, &e.CreatedAt)
			found = append(found, &e)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list e-mails: %w", err)
	}
	return found, nil
}
