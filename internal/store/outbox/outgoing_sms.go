package outbox

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// SMS are the text messages of the outbox.
type SMS struct{ *record.Scope }

const smsColumns = `id, switch_id, contact_id, phone, body, state, attempts, tried_at, gateway_id, failure, created_at, sent_at`

func scanSMS(row record.Scanner) (*model.OutgoingSMS, error) {
	var m model.OutgoingSMS
	err := row.Scan(&m.ID, &m.Switch, &m.Contact, &m.To, &m.Body, &m.State, &m.Attempts, record.OrZero(&m.TriedAt),
		record.OrEmpty(&m.GatewayID), record.OrEmpty(&m.Failure), &m.CreatedAt, record.OrZero(&m.SentAt))
	return &m, err
}

// Insert puts a text message into the outbox.
func (s SMS) Insert(m *model.OutgoingSMS) error {
	err := s.Write(`INSERT INTO outgoing_sms (workspace_id, `+smsColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		s.Workspace, m.ID, m.Switch, m.Contact, m.To, m.Body, m.State, m.Attempts, record.Number(m.TriedAt),
		record.Text(m.GatewayID), record.Text(m.Failure), m.CreatedAt, record.Number(m.SentAt))
	if err != nil {
		return fmt.Errorf("store: insert text message: %w", err)
	}
	return nil
}

// Find reads a text message of the outbox.
func (s SMS) Find(id string) (*model.OutgoingSMS, error) { return s.find(id, "") }

// FindForUpdate is Find and holds the message until the transaction ends, where
// the database can.
func (s SMS) FindForUpdate(id string) (*model.OutgoingSMS, error) {
	return s.find(id, s.Dialect().ForUpdate())
}

func (s SMS) find(id, lock string) (*model.OutgoingSMS, error) {
	m, err := scanSMS(s.QueryRow(`SELECT `+smsColumns+` FROM outgoing_sms WHERE workspace_id = $1 AND id = $2`+lock, s.Workspace, id))
	return m, record.OrNotFound(err, model.ResourceNotFound())
}

// Update writes what has become of a text message.
func (s SMS) Update(m *model.OutgoingSMS) error {
	err := s.Write(`UPDATE outgoing_sms SET state = $3, attempts = $4, tried_at = $5, gateway_id = $6, failure = $7, sent_at = $8
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, m.ID, m.State, m.Attempts, record.Number(m.TriedAt),
		record.Text(m.GatewayID), record.Text(m.Failure), record.Number(m.SentAt))
	if err != nil {
		return fmt.Errorf("store: update text message: %w", err)
	}
	return nil
}

// List reads the text messages of the outbox in a state, or in any where it is
// empty, oldest first: the first few after that with the given id, or of all.
func (s SMS) List(state model.SMSState, after string, most int) ([]*model.OutgoingSMS, error) {
	var found []*model.OutgoingSMS
	condition, args := inState(state, after, most)
	err := s.Rows(`SELECT `+smsColumns+` FROM outgoing_sms WHERE workspace_id = $1 AND `+condition,
		append([]any{s.Workspace}, args...), func(r *db.Rows) error {
			m, err := scanSMS(r)
			found = append(found, m)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("store: list text messages: %w", err)
	}
	return found, nil
}

// inState is the rest of a statement that lists the outbox from an id on, in a
// state or in any. Its placeholders begin with $2.
func inState[S ~string](state S, after string, most int) (string, []any) {
	if state == "" {
		return `id > $2 ORDER BY id LIMIT $3`, []any{after, most}
	}
	return `id > $2 AND state = $4 ORDER BY id LIMIT $3`, []any{after, most, state}
}
