package outbox

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/model"
	"parley/internal/store/record"
)

// SubscriptionTypes are the kinds of messages of a workspace, and what contacts
// chose about them.
type SubscriptionTypes struct{ *record.Scope }

const subscriptionTypeColumns = `id, state, consent_type, default_locale, translations, content_types, created_at`

func scanSubscriptionType(row record.Scanner) (*model.SubscriptionType, error) {
	var t model.SubscriptionType
	err := row.Scan(&t.ID, &t.State, &t.ConsentType, &t.DefaultLocale, record.JSONColumn(&t.Translations),
		record.JSONColumn(&t.ContentTypes), &t.CreatedAt)
	return &t, err
}

// NewID gives out an id for a subscription type that is about to be inserted.
func (s SubscriptionTypes) NewID() (model.SubscriptionTypeID, error) {
	id, err := s.NextID("subscription_type")
	return model.SubscriptionTypeID(id), err
}

// Insert writes a new subscription type.
func (s SubscriptionTypes) Insert(t *model.SubscriptionType) error {
	err := s.Write(`INSERT INTO subscription_types (workspace_id, `+subscriptionTypeColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, s.Workspace, t.ID, t.State, t.ConsentType, t.DefaultLocale,
		record.ToJSON(t.Translations), record.ToJSON(t.ContentTypes), t.CreatedAt)
	if err != nil {
		return fmt.Errorf("store: insert subscription type: %w", err)
	}
	return nil
}

// Find reads a subscription type.
func (s SubscriptionTypes) Find(id model.SubscriptionTypeID) (*model.SubscriptionType, error) {
	t, err := scanSubscriptionType(s.QueryRow(`SELECT `+subscriptionTypeColumns+` FROM subscription_types
		WHERE workspace_id = $1 AND id = $2`, s.Workspace, id))
	return t, record.OrNotFound(err, model.ResourceNotFound())
}

// List reads all subscription types, by id.
func (s SubscriptionTypes) List() ([]*model.SubscriptionType, error) {
	return s.list(`SELECT `+subscriptionTypeColumns+` FROM subscription_types WHERE workspace_id = $1 ORDER BY id`, s.Workspace)
}

// OfContact reads, by id, the subscription types that a contact chose about.
func (s SubscriptionTypes) OfContact(id model.ContactID) ([]*model.SubscriptionType, error) {
	return s.list(`SELECT `+subscriptionTypeColumns+` FROM subscription_types WHERE workspace_id = $1 AND id IN
		(SELECT subscription_type_id FROM contact_subscriptions WHERE workspace_id = $1 AND contact_id = $2)
		ORDER BY id`, s.Workspace, id)
}

func (s SubscriptionTypes) list(statement string, args ...any) ([]*model.SubscriptionType, error) {
	var types []*model.SubscriptionType
	err := s.Rows(statement, args, func(r *db.Rows) error {
		t, err := scanSubscriptionType(r)
		types = append(types, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store: list subscription types: %w", err)
	}
	return types, nil
}

// Attach records that a contact chose what the type records. A choice that is
// there already stays as it is.
func (s SubscriptionTypes) Attach(t *model.SubscriptionType, id model.ContactID) (isNew bool, err error) {
	n, err := s.Exec(`INSERT INTO contact_subscriptions (workspace_id, contact_id, subscription_type_id, consent_type, created_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`, s.Workspace, id, t.ID, t.ConsentType, s.Now())
	if err != nil {
		return false, fmt.Errorf("store: attach subscription type: %w", err)
	}
	return n == 1, nil
}

// Detach forgets a contact's choice, and reports whether there was one.
func (s SubscriptionTypes) Detach(kind model.SubscriptionTypeID, id model.ContactID) (was bool, err error) {
	n, err := s.Exec(`DELETE FROM contact_subscriptions
		WHERE workspace_id = $1 AND contact_id = $2 AND subscription_type_id = $3`, s.Workspace, id, kind)
	if err != nil {
		return false, fmt.Errorf("store: detach subscription type: %w", err)
	}
	return n == 1, nil
}
